package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
	"github.com/voldaan/voldaan/sdk/examples/acmebooks"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// open plays an Acme Books with demonstration books, and connects to it.
func open(t *testing.T) (*sdk.Session, *acmebooks.Server, string) {
	t.Helper()
	books, err := acmebooks.New(acmebooks.Config{Page: 4})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(books)
	t.Cleanup(func() { server.Close(); books.Close() })
	company, err := books.SeedAdministration(ledger.AdministrationSeed{Name: "De Korenaar"})
	if err != nil {
		t.Fatal(err)
	}
	if err := books.Demonstrate(company); err != nil {
		t.Fatal(err)
	}
	return sdktest.NewSession(t, sdktest.Options{
		Hosts:     map[string]string{acmebooks.Host: server.URL},
		Authorize: func(r *http.Request) { r.Header.Set("X-Api-Key", acmebooks.Key) },
	}), books, company
}

func pull(t *testing.T, s *sdk.Session, r sdk.PullRequest) sdktest.Recording {
	t.Helper()
	var got sdktest.Recorder
	if err := (Connector{}).Pull(t.Context(), s, r, &got); err != nil {
		t.Fatal(err)
	}
	return got.Got
}

// unpaid returns an invoice that nothing was paid on.
func unpaid(t *testing.T, r sdktest.Recording) sdk.Invoice {
	t.Helper()
	for _, v := range r.Invoices {
		if v.Open == money.EUR(9680) {
			return v
		}
	}
	t.Fatal("the demonstration has no invoice of EUR 96.80")
	return sdk.Invoice{}
}

func TestReadsTheBooksAndThenOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	s, books, company := open(t)
	all := pull(t, s, sdk.PullRequest{Administration: company})
	if len(all.Parties) != 5 || len(all.Invoices) != 12 || len(all.Payments) != 6 || len(all.Complete) != 3 || len(all.Unreadable) != 0 {
		t.Errorf("%d parties, %d invoices, %d payments, %d complete, unreadable %v", len(all.Parties), len(all.Invoices), len(all.Payments), len(all.Complete), all.Unreadable)
	}
	v, deleted := all.Invoices[0], unpaid(t, all)
	if err := books.SetDue(company, v.Number, v.Due.AddDays(7)); err != nil {
		t.Fatal(err)
	}
	if err := books.DeleteInvoice(company, deleted.Number); err != nil {
		t.Fatal(err)
	}
	next := pull(t, s, sdk.PullRequest{Administration: company, Cursor: all.Cursor()})
	if len(next.Invoices) != 1 || next.Invoices[0].ID != v.ID || next.Invoices[0].Due != v.Due.AddDays(7) || len(next.Gone) != 1 || next.Gone[0].ID != deleted.ID {
		t.Errorf("then %+v, gone %v", next.Invoices, next.Gone)
	}
	one := pull(t, s, sdk.PullRequest{Administration: company, Invoices: []string{v.ID, "inv_0"}})
	if len(one.Invoices) != 1 || len(one.Gone) != 1 {
		t.Errorf("asked for two, got %+v and %+v", one.Invoices, one.Gone)
	}
}

func TestBooksAPaymentOnce(t *testing.T) {
	t.Parallel()
	s, books, company := open(t)
	open := unpaid(t, pull(t, s, sdk.PullRequest{Administration: company}))
	w := sdk.Write{Key: "k1", Administration: company, Payment: &sdk.PaymentWrite{Invoice: open.ID, Amount: open.Open, ValueDate: date.MustParse("2026-03-02"), Reference: "tr_1"}}
	for range 2 {
		if o, err := (Connector{}).Push(t.Context(), s, w); err != nil || o.State != sdk.Applied || o.ExternalID == "" {
			t.Fatalf("%+v, %v", o, err)
		}
	}
	list, err := books.Summaries(company)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		if v.Number == open.Number && v.Open != "0.00" {
			t.Errorf("booked twice: %+v", v)
		}
	}
}

func TestSettingsFitTheForm(t *testing.T) {
	t.Parallel()
	sdktest.CheckConfig(t, ".", Config{})
}
