package web_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
)

// english is a hub with two consumers who read English and whose next step is
// the statutory notice, the wording of which no source confirms.
func english(t *testing.T) *apitest.Tenant {
	t.Helper()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	ten.Member("collector@vandijk.example", tenant.Collector)
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz"), apitest.Debtor("sam", "Sam Smith")},
		apitest.Invoice("1", "noor", "2026-0412", 121000, 15), apitest.Invoice("2", "sam", "2026-0413", 50000, 15))
	for _, id := range []string{"1", "2"} {
		ten.Take(id) // the second reminder, so that the notice is next
	}
	b.Serve(web.New)
	return ten
}

func TestApproveAFigureOnThePage(t *testing.T) {
	t.Parallel()
	ten := english(t)
	c, page := ten.SignIn(ten.Email), "/invoices/"+ten.Invoice("1").String()
	c.Get("/").Has(t, 200, "2 invoices wait for your approval of a figure")
	shown := c.Get(page)
	shown.Has(t, 200, "figure to approve", "the en wording of the veertiendagenbrief", "general knowledge or wording of our own", "Approve and go on")
	form := url.Values{}
	for _, name := range []string{"figure", "value"} {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(shown.Body)
		if m == nil {
			t.Fatalf("no %s in the form", name)
		}
		form.Set(name, html.UnescapeString(m[1]))
	}
	t.Run("who is no owner reads that an owner approves it", func(t *testing.T) {
		other := ten.SignIn("collector@vandijk.example")
		a := other.Get(page)
		a.Has(t, 200, "An owner of your organisation approves this")
		a.Lacks(t, "Approve and go on")
		other.Post(page+"/approve", form).Has(t, 403)
	})
	t.Run("another value than was shown is refused", func(t *testing.T) {
		c.Post(page+"/approve", url.Values{"figure": form["figure"], "value": {"text 00000000"}}).Has(t, 409, "Look at the page again")
	})
	t.Run("the settings list it with what waits", func(t *testing.T) {
		c.Get("/settings/figures").Has(t, 200, "2 invoices wait for it", "Approve text")
	})
	c.Post(page+"/approve", form).Has(t, 200, "Approved. 2 invoices go on.", "A figure was approved", "Sanne van Dijk approved NL: the en wording of the veertiendagenbrief")
	c.Get("/settings/figures").Has(t, 200, "Nothing waits", "Approved by Sanne van Dijk")
	c.Get("/invoices/"+ten.Invoice("2").String()).Lacks(t, "figure to approve")
	if a := c.Get("/"); strings.Contains(a.Body, "approval of a figure") {
		t.Error("the dashboard still asks for it")
	}
}

func TestSentElsewhereOnThePage(t *testing.T) {
	t.Parallel()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	inv := apitest.Invoice("1", "noor", "2026-0412", 121000, -10)
	inv.Sent, inv.Document = time.Time{}, false
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz")}, inv)
	ten.Take("1")
	b.Serve(web.New)
	c, page := ten.SignIn(ten.Email), "/invoices/"+ten.Invoice("1").String()
	c.Get(page).Has(t, 200, "PDF missing", "if you sent the invoice yourself", "Yes, it was sent")
	c.Post(page+"/by-hand", url.Values{"step": {"invoice"}, "on": {"2026-04-01"}}).Has(t, 200, "cannot be in the future")
	c.Post(page+"/by-hand", url.Values{"step": {"invoice"}, "on": {"2026-03-06"}}).Has(t, 200, "Noted", "Sent elsewhere, says a person", "was sent on 2026-03-06", "Preview")
	c.Get(page).Lacks(t, "PDF missing")
}
