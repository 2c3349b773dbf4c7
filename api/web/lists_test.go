package web_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// table reads a file as RFC 4180 has it, its first line as the names of columns.
func table(t *testing.T, a apitest.Answer) (rows []map[string]string) {
	t.Helper()
	if a.Status != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.Contains(a.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%s: %d %s %s", a.URL, a.Status, a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"))
	}
	if strings.Count(a.Body, "\n") != strings.Count(a.Body, "\r\n") {
		t.Errorf("%s: a line that does not end with CR LF", a.URL)
	}
	list, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", a.URL, err)
	}
	for _, cells := range list[1:] {
		row := map[string]string{}
		for i, name := range list[0] {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// agreed is a tenant with an arrangement of each kind, on different debtors.
func agreed(t *testing.T) *apitest.Tenant {
	t.Helper()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	var parties []sdk.Party
	var invoices []sdk.Invoice
	for i, name := range []string{"Noor Yilmaz", "=cmd|' /C calc'!A1", "Koster & Zonen", "Drukkerij De Haas"} {
		id := fmt.Sprint(i + 1)
		parties, invoices = append(parties, apitest.Debtor("d"+id, name)), append(invoices, apitest.Invoice(id, "d"+id, "2026-040"+id, int64(i+1)*10_050, 5))
	}
	ten.Books(parties, invoices...)
	for i := range parties {
		ten.Take(fmt.Sprint(i + 1))
	}
	desk, ctx, day := ten.Services.Desk, t.Context(), date.MustParse
	ten.In(ten.ID, func(tx store.Tx) error {
		for id, on := range map[string]string{"1": "2026-03-12", "2": "2026-03-20"} {
			if _, err := desk.Promise(ctx, tx, arrangement.NewPromise{Invoice: ten.Invoice(id), PayOn: day(on), Channel: "person", Note: "By phone,\nhe \"said\"", By: "test"}); err != nil {
				return err
			}
		}
		if _, err := desk.Dispute(ctx, tx, arrangement.NewDispute{Invoice: ten.Invoice("3"), Amount: money.EUR(5000), Reason: "price", Note: "+31 20 is not a sum", By: "debtor"}); err != nil {
			return err
		}
		if _, err := desk.PaidAlready(ctx, tx, arrangement.NewPaidClaim{Invoice: ten.Invoice("4"), By: "debtor"}); err != nil {
			return err
		}
		if _, _, err := desk.Propose(ctx, tx, arrangement.NewPlan{Debtor: ten.DebtorID("d3"), Invoices: []uuid.UUID{ten.Invoice("3")}, Number: 3, First: day("2026-03-16"), Every: arrangement.Monthly, By: "Sanne"}); err != nil {
			return err
		}
		_, err := desk.Stop(ctx, tx, arrangement.NewStop{Debtor: ten.DebtorID("d4"), Kind: arrangement.Bankruptcy, EffectiveOn: day("2026-03-09"), Source: "a register", Reference: "F.13/26/101", By: "test"})
		return err
	})
	b.Serve(web.New)
	return ten
}

// Every list of agreements is searched, filtered and taken along by the same parts.
func TestListsAreSearched(t *testing.T) {
	t.Parallel()
	ten := agreed(t)
	c := ten.SignIn(ten.Email)
	for _, tc := range []struct {
		path, query string
		shown       []string
		lacks       []string
	}{
		{"/promises", "", []string{"Noor Yilmaz", "2026-0402", "2 promises", "Any day"}, nil},
		{"/promises", "q=noor", []string{"2026-0401", "1 promise"}, []string{"2026-0402"}},
		{"/promises", "q=0402", []string{"2026-0402"}, []string{"2026-0401"}},
		{"/promises", "q=100,50", []string{"2026-0401"}, []string{"2026-0402"}},
		{"/promises", "due=week", []string{"2026-0401"}, []string{"2026-0402"}},
		{"/promises", "due=late", []string{"Nothing matches these filters", "Clear the filters"}, []string{"2026-0401", "CSV"}},
		{"/promises", "tab=broken", []string{"Nothing under this tab", "See all"}, nil},
		{"/promises", "tab=nonsense&due=nonsense", []string{"2 promises"}, nil},
		{"/promises", "q=zwaluw", []string{"Nothing matches “zwaluw”"}, nil},
		{"/promises", "q=%25", []string{"Nothing matches “%”"}, nil},
		{"/disputes", "q=koster&reason=price&owner=nobody&due=", []string{"2026-0403", "€50.00"}, nil},
		{"/disputes", "reason=quality", []string{"Nothing matches these filters"}, []string{"2026-0403"}},
		{"/disputes", "owner=mine", []string{"2026-0403"}, nil}, // not an owner of the list
		{"/plans", "q=0403", []string{"Koster", "3 instalments", "2026-0403"}, nil},
		{"/plans", "q=0401", []string{"Nothing matches"}, []string{"Koster"}},
		{"/paid-claims", "q=haas", []string{"2026-0404", "Looked for"}, nil},
		{"/paid-claims", "tab=matched", []string{"Nothing under this tab"}, nil},
		{"/legal-stops", "q=F.13", []string{"Drukkerij De Haas", "Bankruptcy"}, nil},
		{"/legal-stops", "kind=death", []string{"Nothing matches these filters"}, []string{"Drukkerij"}},
		{"/legal-stops", "tab=lifted", []string{"Nothing under this tab"}, []string{"Drukkerij"}},
		{"/invoices", "risk=high", []string{"Nothing matches these filters"}, []string{"2026-0401"}},
		{"/invoices", "risk=medium&q=noor", []string{"2026-0401"}, []string{"2026-0402"}},
	} {
		t.Run(tc.path+"?"+tc.query, func(t *testing.T) {
			page := c.Get(tc.path + "?" + tc.query)
			page.Has(t, 200, tc.shown...)
			list := page.Body[strings.Index(page.Body, `id="list"`):]
			for _, text := range tc.lacks {
				if strings.Contains(list, text) {
					t.Errorf("shows %q", text)
				}
			}
		})
	}
	t.Run("a search with a filter keeps both on the next page and in the file", func(t *testing.T) {
		page := c.Get("/promises?tab=open&q=noor&due=week")
		page.Has(t, 200, "2026-0401")
		if !strings.Contains(page.Body, `href="/promises.csv?due=week&amp;q=noor&amp;tab=open"`) {
			t.Error("the file holds something else than the page")
		}
	})
	t.Run("invoices by segment, by hand and by rule", func(t *testing.T) {
		c.Post("/segments", url.Values{"name": {"vip"}, "title": {"Key accounts"}}).Has(t, 200)
		c.Post("/segments", url.Values{"name": {"small"}, "title": {"Small"}, "max": {"150"}, "debtors": {"consumer"}}).Has(t, 200)
		c.Post("/debtors/"+ten.DebtorID("d3").String()+"/profile", url.Values{"segment": {"vip"}, "risk": {"high"}}).Has(t, 200, "Saved")
		for query, want := range map[string]string{"segment=vip": "2026-0403", "segment=small": "2026-0401", "segment=vip&risk=high": "2026-0403", "risk=high": "2026-0403"} {
			var got []string
			for _, r := range table(t, c.Get("/invoices.csv?"+query)) {
				got = append(got, r["number"])
			}
			if !slices.Equal(got, []string{want}) {
				t.Errorf("%s: %v, want %s", query, got, want)
			}
		}
	})
}

// A list as a file is RFC 4180 with decimal amounts and their currency, and no
// cell of it is a formula.
func TestListsAsFiles(t *testing.T) {
	t.Parallel()
	ten := agreed(t)
	c := ten.SignIn(ten.Email)
	find := func(rows []map[string]string, name, value string) map[string]string {
		t.Helper()
		for _, r := range rows {
			if r[name] == value {
				return r
			}
		}
		t.Fatalf("no row with %s %q in %v", name, value, rows)
		return nil
	}
	promises := table(t, c.Get("/promises.csv"))
	if r := find(promises, "invoice", "2026-0401"); r["amount"] != "100.50" || r["currency"] != "EUR" || r["received"] != "0.00" || r["pay_on"] != "2026-03-12" || r["state"] != "open" || r["note"] != "By phone,\nhe \"said\"" {
		t.Errorf("promise %v", r)
	}
	if r := find(promises, "invoice", "2026-0402"); r["debtor"] != "'=cmd|' /C calc'!A1" {
		t.Errorf("a spreadsheet would compute %q", r["debtor"])
	}
	if rows := table(t, c.Get("/promises.csv?q=noor")); len(rows) != 1 {
		t.Errorf("%d rows of one", len(rows))
	}
	if r := find(table(t, c.Get("/disputes.csv")), "invoice", "2026-0403"); r["amount"] != "50.00" || r["to_credit"] != "0.00" || r["reason"] != "price" || r["note"] != "'+31 20 is not a sum" || r["deadline"] == "" || r["decided_on"] != "" {
		t.Errorf("dispute %v", r)
	}
	if r := find(table(t, c.Get("/plans.csv")), "debtor", "Koster & Zonen"); r["instalments"] != "3" || r["invoices"] != "2026-0403" || r["every"] != "month" || r["currency"] != "EUR" {
		t.Errorf("plan %v", r)
	}
	if r := find(table(t, c.Get("/paid-claims.csv")), "invoice", "2026-0404"); r["amount"] != "402.00" || r["files"] != "0" || r["looked_for_until"] == "" {
		t.Errorf("claim of payment %v", r)
	}
	if r := find(table(t, c.Get("/legal-stops.csv")), "debtor", "Drukkerij De Haas"); r["kind"] != "bankruptcy" || r["lifted_by"] != "" {
		t.Errorf("legal stop %v", r)
	}
	if r := find(table(t, c.Get("/invoices.csv?sort=-open")), "number", "2026-0404"); r["open"] != "402.00" || r["total"] != "402.00" || r["currency"] != "EUR" || r["days_late"] != "5" || r["held"] == "" {
		t.Errorf("invoice %v", r)
	}
	if rows := table(t, c.Get("/approvals.csv")); len(rows) != 0 {
		t.Errorf("%d approvals", len(rows))
	}
}

// What is late is late by the tenant's day, on the page and for a program: half an
// hour before midnight in Amsterdam the day that it was due is not over, and half
// an hour after midnight it is, although the clock of the world still names it.
func TestLateByTheTenantsDay(t *testing.T) {
	t.Parallel()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz")}, apitest.Invoice("1", "noor", "2026-0412", 10_000, 0))
	b.Serve(web.New)
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	midnight := date.Of(apitest.Start).AddDays(1).In(amsterdam)
	for _, tc := range []struct {
		name  string
		past  time.Duration
		late  string
		shown int // not due, as the list of invoices has it
	}{{"R12 before midnight", -30 * time.Minute, `"late_invoices":0`, 1}, {"R12 after midnight", 30 * time.Minute, `"late_invoices":1`, 0}} {
		t.Run(tc.name, func(t *testing.T) {
			ten.Advance(midnight.Add(tc.past).Sub(ten.Now()))
			c := ten.SignIn(ten.Email)
			if got := strings.Contains(c.Get("/debtors").Body, "1 late"); got == (tc.shown == 1) {
				t.Errorf("the page says late: %v", got)
			}
			c.Get(rest.Prefix+"/v1/debtors").Has(t, 200, tc.late)
			if got := strings.Count(c.Get(rest.Prefix+"/v1/invoices?state=not_due").Body, "2026-0412"); got != tc.shown {
				t.Errorf("%d invoices are not due", got)
			}
		})
	}
}
