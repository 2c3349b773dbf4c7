package web_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// leaf follows the pages of a list to its end and back, and returns what was
// seen on the way there, in order.
func leaf(t *testing.T, c *apitest.Client, path string, row *regexp.Regexp) (seen []string) {
	t.Helper()
	link := func(body, rel string) string {
		m := regexp.MustCompile(`href="([^"]+)" rel="` + rel + `"`).FindStringSubmatch(body)
		if m == nil {
			return ""
		}
		return strings.ReplaceAll(m[1], "&amp;", "&")
	}
	var pages [][]string
	var last apitest.Answer
	for at := path; at != ""; at = link(last.Body, "next") {
		last = c.Get(at)
		last.Has(t, 200)
		rows := row.FindAllString(last.Body, -1)
		if pages = append(pages, slices.Compact(rows)); len(pages) > 20 {
			t.Fatal("the pages do not end")
		}
		seen = append(seen, pages[len(pages)-1]...)
	}
	for i := len(pages) - 2; i >= 0; i-- {
		if last = c.Get(link(last.Body, "prev")); !slices.Equal(slices.Compact(row.FindAllString(last.Body, -1)), pages[i]) {
			t.Errorf("%s: page %d is another one on the way back", path, i+1)
		}
	}
	if link(last.Body, "prev") != "" {
		t.Errorf("%s: there is a page before the first", path)
	}
	return seen
}

// Lists show everything, a page at a time, however much comes in meanwhile.
func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	const many = 230 // more than four pages, and than a list once showed
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	var parties []sdk.Party
	var invoices []sdk.Invoice
	for i := range many {
		id := fmt.Sprintf("d%03d", i)
		parties, invoices = append(parties, apitest.Debtor(id, "Debtor "+id)), append(invoices, apitest.Invoice(id, id, "F-"+id, 10_000, 5))
	}
	ten.Books(parties, invoices...)
	day := date.Of(apitest.Start)
	ten.In(ten.ID, func(tx store.Tx) error {
		ctx, statement := t.Context(), uuid.New()
		if _, err := tx.AddStatement(ctx, db.AddStatementParams{
			ID: statement, TenantID: ten.ID, AdministrationID: ten.Administration, Iban: "NL91ABNA0417164300", Reference: "1", Currency: "EUR", Day: day, ImportedAt: ten.Now(), StatementKey: "k",
		}); err != nil {
			return err
		}
		for i := range many {
			id := fmt.Sprintf("d%03d", i)
			if err := tx.AddCorrespondence(ctx, db.AddCorrespondenceParams{
				ID: uuid.New(), TenantID: ten.ID, DebtorID: ten.DebtorID(id), Direction: "in", Channel: "email", Author: id, Body: "When?", At: apitest.Start.Add(time.Duration(i%7) * time.Minute),
			}); err != nil {
				return err
			}
			if _, err := tx.AddBankLine(ctx, db.AddBankLineParams{
				ID: uuid.New(), TenantID: ten.ID, StatementID: statement, LineKey: id, ValueDate: day.AddDays(-i % 5), Currency: "EUR", AmountMinor: 100, CounterName: "Payer " + id, State: "unmatched", Proposal: []byte("{}"),
			}); err != nil {
				return err
			}
			if err := tx.AddCase(ctx, db.AddCaseParams{
				ID: uuid.New(), TenantID: ten.ID, AdministrationID: ten.Administration, DebtorID: ten.DebtorID(id), Number: "Z-" + id, Currency: "EUR", OpenedAt: apitest.Start.Add(time.Duration(i%7) * time.Hour),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	b.Serve(web.New)
	c := ten.SignIn(ten.Email)
	for path, row := range map[string]string{"/inbox": `/inbox/[0-9a-f-]{36}`, "/bank": `Payer d\d{3}<`, "/cases": `Z-d\d{3}`} {
		t.Run(path, func(t *testing.T) {
			seen := leaf(t, c, path, regexp.MustCompile(row))
			sorted := slices.Clone(seen)
			slices.Sort(sorted)
			if n := len(slices.Compact(sorted)); n != many || len(seen) != many {
				t.Errorf("%d rows, %d different ones, want %d", len(seen), n, many)
			}
		})
	}
	t.Run("cases are searched, filtered and taken along", func(t *testing.T) {
		c.Get("/cases?q=Z-d007").Has(t, 200, "Z-d007", "1 case")
		c.Get("/cases?stage=bailiff").Has(t, 200, "Nothing matches these filters")
		rows := table(t, c.Get("/cases.csv?q=debtor+d00&stage=open"))
		if len(rows) != 10 || rows[0]["currency"] != "EUR" || rows[0]["principal"] != "0.00" || rows[0]["stage"] != "open" {
			t.Errorf("%d rows, the first %v", len(rows), rows[0])
		}
	})
	t.Run("a cursor of no list begins anew", func(t *testing.T) {
		c.Get("/cases?after=bm9uc2Vuc2U").Has(t, 200, "50 of 230 cases")
	})
}
