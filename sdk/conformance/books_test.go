package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func good() *conformance.Books {
	b := conformance.NewBooks()
	b.Parties["p"] = sdk.Party{ID: "p", Name: "Ada", Kind: sdk.Unknown, Address: sdk.Address{Country: "NL"}}
	b.Invoices["i"] = sdk.Invoice{
		ID: "i", PartyID: "p", Number: "1", Kind: sdk.SalesInvoice, Status: sdk.Open, Issued: date.MustParse("2026-03-01"), Due: date.MustParse("2026-03-15"),
		Total: money.EUR(1000), Open: money.EUR(900),
	}
	b.Payments["y"] = sdk.Payment{ID: "y", InvoiceID: "i", Amount: money.EUR(100), ValueDate: date.MustParse("2026-03-02")}
	return b
}

func TestRulesOfRecords(t *testing.T) {
	t.Parallel()
	if p := good().Problems(); len(p) != 0 {
		t.Fatalf("good books: %v", p)
	}
	invoice := func(do func(*sdk.Invoice)) func(*conformance.Books) {
		return func(b *conformance.Books) { v := b.Invoices["i"]; do(&v); b.Invoices["i"] = v }
	}
	for want, spoil := range map[string]func(*conformance.Books){
		"has no name":            func(b *conformance.Books) { b.Parties["p"] = sdk.Party{ID: "p", Kind: sdk.Business} },
		"is no kind of party":    func(b *conformance.Books) { b.Parties["p"] = sdk.Party{ID: "p", Name: "x", Kind: "firm"} },
		"is no country code":     func(b *conformance.Books) { p := b.Parties["p"]; p.Address.Country = "Nederland"; b.Parties["p"] = p },
		"its debtor":             invoice(func(v *sdk.Invoice) { v.PartyID = "q" }),
		"the currencies are":     invoice(func(v *sdk.Invoice) { v.Open.Currency = "USD" }),
		"is no status":           invoice(func(v *sdk.Invoice) { v.Status = "late" }),
		"it has no number":       invoice(func(v *sdk.Invoice) { v.Number = "" }),
		"before it was issued":   invoice(func(v *sdk.Invoice) { v.Due = date.MustParse("2026-02-01") }),
		"is open of":             invoice(func(v *sdk.Invoice) { v.Open = money.EUR(2000) }),
		"is paid and has":        invoice(func(v *sdk.Invoice) { v.Status = sdk.Paid }),
		"has nothing open":       invoice(func(v *sdk.Invoice) { v.Open = money.EUR(0) }),
		"by its kind":            invoice(func(v *sdk.Invoice) { v.Kind, v.Total, v.Open = sdk.CreditNote, money.EUR(-5), money.EUR(-5) }),
		"its invoice z is not":   func(b *conformance.Books) { p := b.Payments["y"]; p.InvoiceID = "z"; b.Payments["y"] = p },
		"is paid and EUR 9.00":   func(b *conformance.Books) { p := b.Payments["y"]; p.Amount = money.EUR(500); b.Payments["y"] = p },
		"the amount is EUR 0.00": func(b *conformance.Books) { p := b.Payments["y"]; p.Amount = money.EUR(0); b.Payments["y"] = p },
	} {
		b := good()
		spoil(b)
		if p := strings.Join(b.Problems(), "; "); !strings.Contains(p, want) {
			t.Errorf("%q is not among %q", want, p)
		}
	}
}

// Books do with records what the hub does.
func TestBooksMirrorAsTheHubDoes(t *testing.T) {
	t.Parallel()
	b := good()
	b.Invoices["j"] = sdk.Invoice{ID: "j", Revision: "1"}
	b.Invoices["k"] = sdk.Invoice{ID: "k", Revision: "1"}
	s := b.Clone()
	wanted, err := s.Sink().Compare(sdk.Invoices, []sdk.Revision{{ID: "i"}, {ID: "j", Revision: "2"}, {ID: "n"}})
	if err != nil || !slices.Equal(wanted, []string{"j", "n"}) || len(s.Invoices) != 2 {
		t.Errorf("wanted %v, %d left", wanted, len(s.Invoices))
	}
	s = b.Clone()
	if err := errors.Join(s.Sink().Invoice(sdk.Invoice{ID: "j"}), s.Sink().Complete(sdk.Invoices)); err != nil || len(s.Invoices) != 1 || len(s.Payments) != 0 {
		t.Errorf("after a complete pull of one: %d invoices, %d payments", len(s.Invoices), len(s.Payments))
	}
	s = b.Clone()
	if err := s.Sink().Gone(sdk.Invoices, "k"); err != nil || len(s.Invoices) != 2 {
		t.Errorf("after one is gone: %d", len(s.Invoices))
	}
	if len(b.Invoices) != 3 {
		t.Error("a clone changes what it was cloned from")
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	for want, err := range map[conformance.Class]error{
		"":                  nil,
		conformance.Auth:    fmt.Errorf("x: %w", sdk.ErrAuth),
		conformance.Wait:    fmt.Errorf("x: %w", &sdk.RetryAfter{Wait: time.Minute}),
		conformance.Resync:  fmt.Errorf("x: %w", sdk.ErrResync),
		conformance.Gone:    sdk.ErrGone,
		conformance.Invalid: sdk.ErrInvalid,
		conformance.Hang:    context.DeadlineExceeded,
		conformance.Crash:   &conformance.Failure{Class: conformance.Crash, Err: sdk.ErrAuth},
		conformance.Passing: errors.New("whatever"),
	} {
		if got := conformance.ClassOf(err); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}

func TestMutationsAreTold(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range conformance.Mutations() {
		seen[m.Name] = true
		if m.Name == "" || !strings.HasSuffix(m.Sentence, ".") || m.Times == 0 {
			t.Errorf("%+v", m)
		}
	}
	for _, name := range []string{
		"page dropped", "page twice", "429 with Retry-After", "429 without Retry-After", "429 for good", "token expired", "5xx once", "5xx for good", "answer cut off",
		"answer shortened", "records twice and out of order", "clock ahead", "unknown fields", "null", "huge text", "wrong content type", "empty body",
		"error page with 200", "redirect away", "slow answer",
	} {
		if !seen[name] {
			t.Errorf("there is no mutation %q", name)
		}
	}
}
