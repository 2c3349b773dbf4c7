package recipe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestAdministrations(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	got, err := f.connector().Administrations(t.Context(), f.session())
	if err != nil {
		t.Fatal(err)
	}
	want := []sdk.Administration{{ID: "123", Name: "Parkietje B.V.", Country: "NL", Currency: "EUR",
		TimeZone: "Europe/Amsterdam", Language: "nl", ReadOnly: true}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if err := f.connector().Check(t.Context(), f.session()); err != nil {
		t.Error(err)
	}
	f.override["GET administrations"] = func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, []any{}) }
	if err := f.connector().Check(t.Context(), f.session()); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("a user without administrations: %v", err)
	}
}

func TestPull(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fill()
	b := newBooks()
	if err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b); err != nil {
		t.Fatal(err)
	}
	home := "https://moneybird.com/123/"
	d := date.MustParse
	invoices := map[string]sdk.Invoice{
		"801": {ID: "801", Revision: "1787320219", PartyID: "700", Number: "2026-0042", Kind: sdk.SalesInvoice,
			Status: sdk.Open, Issued: d("2026-03-02"), Due: d("2026-03-16"), Total: money.EUR(121000),
			Open: money.EUR(100000), Reference: "Project Zuid", PaymentReference: "RF6300000000000005KNGSXTR",
			Sent: time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC), Document: true, URL: home + "sales_invoices/801"},
		"802": {ID: "802", Revision: "1787320220", PartyID: "700", Number: "2026-0043", Kind: sdk.CreditNote,
			Status: sdk.Open, Issued: d("2026-03-03"), Due: d("2026-03-17"), Total: money.EUR(12100),
			Open: money.EUR(12100), Credits: "801", Document: true, URL: home + "sales_invoices/802"},
		"external-801": {ID: "external-801", Revision: "1787320166", PartyID: "700", Number: "Invoice 3",
			Kind: sdk.SalesInvoice, Status: sdk.Open, Issued: d("2025-12-30"), Total: money.Of(12100, "USD"),
			Open: money.Of(12100, "USD"), Document: true, URL: home + "external_sales_invoices/801"},
	}
	if diff := cmp.Diff(invoices, b.invoices, cmp.AllowUnexported(date.Date{})); diff != "" {
		t.Error(diff)
	}
	payment := sdk.Payment{ID: "901", Revision: "2026-03-20T10:00:00.000Z", PartyID: "700", InvoiceID: "801",
		Amount: money.EUR(21000), ValueDate: d("2026-03-20"), Reference: "tr_7UhSN1zuXS"}
	if diff := cmp.Diff(map[string]sdk.Payment{"901": payment}, b.payments, cmp.AllowUnexported(date.Date{})); diff != "" {
		t.Error(diff)
	}
	party := sdk.Party{ID: "700", Revision: "1787320116", Name: "Bakkerij Zoet B.V.", Kind: sdk.Business,
		Attention: "Crediteuren", Email: "administratie@zoet.example", IBAN: "NL91ABNA0417164300",
		Address:   sdk.Address{Line1: "Hoofdstraat 12", PostalCode: "1234AB", City: "Amsterdam", Country: "NL"},
		VATNumber: "NL001234567B01", Registration: "12345678", URL: home + "contacts/700"}
	if diff := cmp.Diff(map[string]sdk.Party{"700": party}, b.parties); diff != "" {
		t.Error(diff)
	}
	for _, r := range f.asked() {
		if strings.HasPrefix(r, "GET sales_invoices/synchronization") && !strings.Contains(r, "period%3A20000101..20991231") {
			t.Errorf("a list without an explicit period shows this year only: %s", r)
		}
		if strings.HasPrefix(r, "GET contacts") && !strings.Contains(r, "include_archived=true") {
			t.Errorf("archived contacts may still owe: %s", r)
		}
	}
	before := b.sent
	if err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123", Cursor: []byte(`{"v":1}`)}, b); err != nil {
		t.Fatal(err)
	}
	if b.sent != before {
		t.Errorf("an unchanged second pull sent %d records", b.sent-before)
	}
}

func TestPullStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]sdk.InvoiceStatus{
		"draft": sdk.Draft, "scheduled": sdk.Draft, "open": sdk.Open, "pending_payment": sdk.Open,
		"reminded": sdk.Open, "late": sdk.Open, "paid": sdk.Paid, "uncollectible": sdk.Uncollectible,
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.manyInvoices(1)
			f.records["sales_invoices"]["10000"]["state"] = state
			b := newBooks()
			if err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b); err != nil {
				t.Fatal(err)
			}
			if got := b.invoices["10000"].Status; got != want {
				t.Errorf("state %s became %s, want %s", state, got, want)
			}
		})
	}
}

func TestPullPagesAndResumes(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.manyInvoices(250)
	b := newBooks()
	b.breakAfter = 130
	err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b)
	if !errors.Is(err, errFull) {
		t.Fatalf("the sink's own error must come back, got %v", err)
	}
	b.breakAfter = 0
	if err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b); err != nil {
		t.Fatal(err)
	}
	if len(b.invoices) != 250 || b.sent != 250 {
		t.Errorf("%d invoices after %d records: a resumed pull must not start over", len(b.invoices), b.sent)
	}
	posts := 0
	for i, r := range f.asked() {
		if strings.HasPrefix(r, "POST sales_invoices/synchronization") {
			posts++
			var q struct{ IDs []string }
			if err := json.Unmarshal([]byte(f.bodies[i]), &q); err != nil || len(q.IDs) > 100 {
				t.Errorf("a page of %d ids (%v)", len(q.IDs), err)
			}
		}
	}
	if posts != 4 { // 100 and 100 before the break, then 100 and 20
		t.Errorf("%d pages", posts)
	}
	if b.checkpoints < 3 {
		t.Errorf("%d checkpoints", b.checkpoints)
	}
}

func TestPullOnlyInvoices(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fill()
	b := newBooks()
	req := sdk.PullRequest{Administration: "123", Invoices: []string{"801", "external-801", "999"}}
	if err := f.connector().Pull(t.Context(), f.session(), req, b); err != nil {
		t.Fatal(err)
	}
	if len(b.invoices) != 2 || len(b.payments) != 1 || len(b.parties) != 1 {
		t.Errorf("%d invoices, %d payments, %d parties", len(b.invoices), len(b.payments), len(b.parties))
	}
	if d := cmp.Diff([]string{"invoices/999"}, b.gone); d != "" {
		t.Error(d)
	}
	want := []string{"POST sales_invoices/synchronization?", "GET sales_invoices/999?", "POST external_sales_invoices/synchronization?"}
	if d := cmp.Diff(want, f.asked()); d != "" {
		t.Error(d)
	}
}

func TestPullDoesNotCallGoneWhatIsThere(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fill()
	f.override["POST sales_invoices/synchronization"] = func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, []any{}) }
	b := newBooks()
	err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123", Invoices: []string{"801"}}, b)
	if err == nil || len(b.gone) > 0 {
		t.Errorf("an invoice that exists was taken as deleted: %v %v", err, b.gone)
	}
}

func TestPullMovingVersion(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.manyInvoices(1)
	at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	f.records["sales_invoices"]["10000"]["version"] = at.Unix() // written in the second it is read
	b := newBooks()
	pull := func() {
		if err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b); err != nil {
			t.Fatal(err)
		}
	}
	pull()
	if got, want := b.invoices["10000"].Revision, fmt.Sprint(at.Unix(), "~"); got != want {
		t.Errorf("revision %s, want %s", got, want)
	}
}

func TestPullOddRecords(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.manyInvoices(6)
	recs := f.records["sales_invoices"]
	recs["10000"]["currency"] = "XQX"
	recs["10001"]["total_price_incl_tax"] = "12,345"
	recs["10002"]["state"] = "something_new"
	recs["10003"]["due_date"] = "soon"
	recs["10004"]["invoice_id"] = strings.Repeat("9", 5<<20)
	b := newBooks()
	if err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b); err != nil {
		t.Fatal(err)
	}
	if len(b.invoices) != 2 {
		t.Errorf("R7: %d of 6 records came, want the two good ones", len(b.invoices))
	}
	want := map[string]string{
		"10000": `total: "XQX": unknown currency`,
		"10001": `total: "12.345" EUR: more decimals than the currency has`,
		"10002": `the state "something_new" is not known`,
		"10003": `due date: "soon" is not a date of the form 2026-11-21`,
	}
	for id, part := range want {
		if !strings.Contains(b.unreadable[id], part) {
			t.Errorf("%s: %q does not say %q", id, b.unreadable[id], part)
		}
	}
	if n := len([]rune(b.invoices["10004"].Number)); n != 500 {
		t.Errorf("a number of 5 MB became %d characters", n)
	}
}
