package wire_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

var (
	text      = rapid.Custom(func(t *rapid.T) string { return strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "") })
	id        = text.Filter(func(s string) bool { return s != "" })
	day       = rapid.Custom(drawDay)
	moment    = rapid.Custom(drawMoment)
	currency  = rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD", "USD"})
	minor     = rapid.Int64()
	exactDate = cmp.Comparer(func(a, b date.Date) bool { return a == b })
)

func drawDay(t *rapid.T) date.Date {
	if rapid.Bool().Draw(t, "none") {
		return date.Date{}
	}
	return date.New(2024, 2, 29).AddDays(rapid.IntRange(-300_000, 300_000).Draw(t, "days"))
}

func drawMoment(t *rapid.T) time.Time {
	if rapid.Bool().Draw(t, "none") {
		return time.Time{}
	}
	return time.UnixMilli(rapid.Int64Range(1, 4e12).Draw(t, "ms")).UTC()
}

// onWire sends a message through its bytes.
func onWire[T any, M interface {
	*T
	proto.Message
}](t *rapid.T, m M) M {
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out := M(new(T))
	if err := proto.Unmarshal(b, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRecordsSurviveTheWire(t *testing.T) {
	t.Parallel()
	// The sender writes every record over the one before it.
	var party pb.Party
	var invoice pb.Invoice
	var payment pb.Payment
	rapid.Check(t, func(t *rapid.T) {
		p := sdk.Party{
			ID: id.Draw(t, "id"), Revision: text.Draw(t, "rev"), Name: text.Draw(t, "name"),
			Kind:      rapid.SampledFrom([]sdk.PartyKind{sdk.Business, sdk.Consumer, sdk.Unknown}).Draw(t, "kind"),
			Attention: text.Draw(t, "attention"), Email: text.Draw(t, "email"), Phone: text.Draw(t, "phone"),
			Language: text.Draw(t, "language"), IBAN: text.Draw(t, "iban"), VATNumber: text.Draw(t, "vat"),
			Registration: text.Draw(t, "reg"), URL: text.Draw(t, "url"),
		}
		if rapid.Bool().Draw(t, "address") {
			p.Address = sdk.Address{Line1: text.Draw(t, "l1"), Line2: text.Draw(t, "l2"), PostalCode: text.Draw(t, "pc"), City: text.Draw(t, "city"), Country: text.Draw(t, "cc")}
		}
		if err := wire.PutParty(&party, &p); err != nil {
			t.Fatal(err)
		}
		same(t, p)(wire.FromParty(onWire(t, &party)))

		c := currency.Draw(t, "currency")
		v := sdk.Invoice{
			ID: id.Draw(t, "id"), Revision: text.Draw(t, "rev"), PartyID: text.Draw(t, "party"), Number: text.Draw(t, "number"),
			Kind:   rapid.SampledFrom([]sdk.InvoiceKind{sdk.SalesInvoice, sdk.CreditNote}).Draw(t, "kind"),
			Status: rapid.SampledFrom([]sdk.InvoiceStatus{sdk.Draft, sdk.Open, sdk.Paid, sdk.Void, sdk.Uncollectible}).Draw(t, "status"),
			Issued: day.Draw(t, "issued"), Due: day.Draw(t, "due"), Sent: moment.Draw(t, "sent"),
			Total: money.Of(minor.Draw(t, "total"), c), Open: money.Of(minor.Draw(t, "open"), c),
			Reference: text.Draw(t, "ref"), PaymentReference: text.Draw(t, "pref"), Credits: text.Draw(t, "credits"),
			Document: rapid.Bool().Draw(t, "document"), URL: text.Draw(t, "url"),
		}
		if err := wire.PutInvoice(&invoice, &v); err != nil {
			t.Fatal(err)
		}
		same(t, v)(wire.FromInvoice(onWire(t, &invoice)))

		y := sdk.Payment{
			ID: id.Draw(t, "id"), Revision: text.Draw(t, "rev"), PartyID: text.Draw(t, "party"), InvoiceID: text.Draw(t, "invoice"),
			Amount: money.Of(minor.Draw(t, "amount"), c), ValueDate: day.Draw(t, "value"),
			Reference: text.Draw(t, "ref"), CreditNote: text.Draw(t, "credit"),
		}
		if err := wire.PutPayment(&payment, &y); err != nil {
			t.Fatal(err)
		}
		same(t, y)(wire.FromPayment(onWire(t, &payment)))
	})
}

func same[T any](t *rapid.T, want T) func(T, error) {
	return func(got T, err error) {
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, exactDate); d != "" {
			t.Fatal(d)
		}
	}
}

func TestBadRecordsAreRefusedInWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*pb.Invoice)
		want   string
	}{
		"unknown currency":  {func(m *pb.Invoice) { m.Currency = "XYZ" }, "unknown currency"},
		"no kind":           {func(m *pb.Invoice) { m.Kind = 0 }, "neither an invoice nor a credit note"},
		"status of later":   {func(m *pb.Invoice) { m.Status = 99 }, "no status"},
		"30 February":       {func(m *pb.Invoice) { m.Issued = 20260230 }, "invoice date 20260230"},
		"negative due date": {func(m *pb.Invoice) { m.Due = -20260228 }, "due date -20260228"},
		"no id":             {func(m *pb.Invoice) { m.Id = "" }, "without an id"},
	} {
		m := &pb.Invoice{Id: "1", Kind: pb.InvoiceKind_INVOICE_KIND_INVOICE, Status: pb.InvoiceStatus_INVOICE_STATUS_OPEN, Currency: "EUR"}
		c.change(m)
		if _, err := wire.FromInvoice(m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	mixed := sdk.Invoice{ID: "1", Total: money.EUR(100), Open: money.Of(100, "USD")}
	if err := wire.PutInvoice(&pb.Invoice{}, &mixed); !errors.Is(err, money.ErrMixed) {
		t.Errorf("mixed currencies: %v", err)
	}
}

func TestTextBecomesStorable(t *testing.T) {
	t.Parallel()
	p := sdk.Party{ID: "a\x00b", Name: "Caf\xe9"}
	var m pb.Party
	if err := wire.PutParty(&m, &p); err != nil {
		t.Fatal(err)
	}
	if m.Id != "ab" || m.Name != "Caf\uFFFD" {
		t.Errorf("id %q, name %q", m.Id, m.Name)
	}
}

func TestFaultsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	for _, want := range []error{sdk.ErrAuth, sdk.ErrInvalid, sdk.ErrGone, sdk.ErrResync, wire.ErrDenied, context.Canceled} {
		md, st := wire.ToStatus(errors.Join(errors.New("the invoice of Café Noir"), want))
		got := wire.FromStatus(st, md)
		if !errors.Is(got, want) || !strings.Contains(got.Error(), "Café Noir") {
			t.Errorf("%v became %v", want, got)
		}
	}
	md, st := wire.ToStatus(&sdk.RetryAfter{Wait: 90 * time.Second, Why: "quota spent"})
	if r, ok := errors.AsType[*sdk.RetryAfter](wire.FromStatus(st, md)); !ok || r.Wait != 90*time.Second {
		t.Errorf("retry after became %v", wire.FromStatus(st, md))
	}
	if _, st := wire.ToStatus(errors.New(strings.Repeat("x", 100_000))); len(st.Error()) > 3000 {
		t.Errorf("an error of %d bytes crosses the boundary", len(st.Error()))
	}
}

func TestWriteAndOutcome(t *testing.T) {
	t.Parallel()
	for _, w := range []sdk.Write{
		{Key: "k", Administration: "a", Payment: &sdk.PaymentWrite{
			Invoice: "i", Amount: money.EUR(-5), ValueDate: date.MustParse("2026-11-21"), Reference: "tr_1",
		}},
		{Key: "n", Note: &sdk.NoteWrite{Party: "p", Invoice: "i", Text: "Reminder 1 sent", Moment: time.UnixMilli(1_790_000_000_123).UTC()}},
	} {
		got, err := wire.FromWrite(wire.ToWrite(w))
		if err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("%+v became %+v, %v", w, got, err)
		}
	}
	if _, err := wire.FromWrite(&pb.Write{Key: "k"}); err == nil {
		t.Error("a write of nothing was taken")
	}
	for _, o := range []sdk.Outcome{{State: sdk.Applied, ExternalID: "9"}, {State: sdk.Rejected, Message: "closed"}, {State: sdk.Uncertain}} {
		if got := wire.FromOutcome(wire.ToOutcome(o)); got != o {
			t.Errorf("%+v became %+v", o, got)
		}
	}
	if got := wire.FromOutcome(nil); got.State != sdk.Uncertain {
		t.Errorf("no outcome was taken for %q", got.State)
	}
}
