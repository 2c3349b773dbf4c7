package web_test

import (
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/sdk"
)

// open starts a hub with one tenant that has an overdue invoice of a consumer
// and one of a business.
func open(t *testing.T) *apitest.Tenant {
	t.Helper()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	noor, koster := apitest.Debtor("noor", "Noor Yilmaz"), apitest.Debtor("koster", "Koster & Zonen")
	koster.Kind, koster.Language = sdk.Business, "nl"
	ten.Books([]sdk.Party{noor, koster},
		apitest.Invoice("1", "noor", "2026-0412", 121000, 5), apitest.Invoice("2", "noor", "2026-0430", 15125, -20), apitest.Invoice("3", "koster", "2026-0440", 1249350, 12))
	b.Serve(web.New)
	return ten
}

func TestPagesOfATenant(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	c.Get("/").Has(t, 200, "€13,855", "3 invoices", "€12,493.50", "Reminder 2 by e-mail")
	c.Get("/invoices").Has(t, 200, "2026-0412", "Noor Yilmaz", "€1,210.00")
	c.Get("/invoices?tab=sent").Has(t, 200, "2026-0430")
	page := c.Get("/invoices/" + ten.Invoice("1").String())
	page.Has(t, 200, "Reminder 1", "Noor Yilmaz", "Reminder 2", "14-day letter", "Case opened", "5 days late", "https://books.example/1")
}
