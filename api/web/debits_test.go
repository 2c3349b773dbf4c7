package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/store"
)

// TestDirectDebit plays it by the pages: a creditor sets it up, a debtor gives a
// mandate with a payment, an invoice is planned, and the mandate is withdrawn.
func TestDirectDebit(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	token := portalToken(t, ten)
	c := enter(t, ten, token)
	owner := ten.SignIn(ten.Email)

	owner.Get("/debits").Has(t, 200, "Direct debit is off", "/settings/debit")
	c.Get("/p/"+token+"/pay").Lacks(t, "Collect the next invoices")
	form := url.Values{
		"creditor": {"NL08ZZZ502057730001"}, "offered": {"yes"}, "enabled": {"yes"}, "retry": {"yes"}, "lead": {"14"}, "fresh": {"14"}, "payday": {"26"}, "after": {"5"}, "retrylead": {"3"}, "limit": {"2500,00"}, "month": {""},
	}
	to := "/settings/debit/" + ten.Administration.String()
	owner.Post(to, form).Has(t, 422, "check digits are wrong")
	form.Set("creditor", "")
	owner.Post(to, form).Has(t, 422, "creditor id first")
	form.Set("creditor", "NL08 ZZZ 5020 5773 0000")
	owner.Post(to, form).Has(t, 200, "Saved", "NL08ZZZ502057730000", "2500.00")

	page := c.Get("/p/" + token + "/pay")
	page.Has(t, 200, "Collect the next invoices by direct debit", "NL08ZZZ502057730000", "eight weeks")
	reference := regexp.MustCompile(`name="mandate" value="(VD[A-Z0-9-]+)"`).FindStringSubmatch(page.Body)
	if reference == nil {
		t.Fatal("the page offers no mandate")
	}
	first := url.Values{"invoice": {ten.Invoice("1").String()}, "mandate": {reference[1]}}
	first.Set("method", "paypal")
	c.Post("/p/"+token+"/pay", first).Has(t, 422, "Choose iDEAL")
	first.Set("method", "ideal")
	first.Set("mandate", "VDOTHER-01")
	c.Post("/p/"+token+"/pay", first).Has(t, http.StatusConflict, "read it again")
	first.Set("mandate", reference[1])
	a := c.Post("/p/"+token+"/pay", first)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d:\n%s", a.Status, a.Text())
	}
	pay(t, a.Header.Get("Location"))
	var provider, mandate string
	ten.In(ten.ID, func(tx store.Tx) error {
		return tx.QueryRow(t.Context(), "select c.provider_id, m.id::text from mandate m join checkout c on c.id = m.checkout_id where m.state = 'pending' order by c.created_at desc limit 1").Scan(&provider, &mandate)
	})
	ten.Client().Post("/webhooks/mollie", url.Values{"id": {provider}}).Has(t, 200)
	if err := (debit.Mandates{Service: ten.Services.Debits}).Wake(t.Context(), ten.ID, id(t, mandate)); err != nil {
		t.Fatal(err)
	}

	mine := c.Get("/p/" + token + "/mandate")
	mine.Has(t, 200, "The mandate is active", "What will be collected", "2026-0430")
	c.Get("/p/"+token).Has(t, 200, "Will be collected on", "Pay it yourself now")
	owner.Get("/debits").Has(t, 200, "Noor Yilmaz", "2026-0430", "Planned", "Cancel")
	debtor := "/debtors/" + ten.DebtorID("noor").String() + "/debit"
	owner.Get(debtor).Has(t, 200, "In force", reference[1], "Withdraw the mandate")

	t.Run("R112 looking changes nothing", func(t *testing.T) {
		before := ten.Dump()
		for _, path := range []string{"/p/" + token + "/mandate", "/p/" + token + "/pay"} {
			c.Get(path)
		}
		for _, path := range []string{"/debits", "/debits?tab=failed", debtor, "/settings/debit"} {
			owner.Get(path).Has(t, 200)
		}
		same(t, before, ten.Dump())
		ten.Client().Get("/p/"+token+"/mandate").Lacks(t, reference[1], "2026-0430")
	})
	t.Run("R90 the debtor withdraws it in the portal", func(t *testing.T) {
		c.Post("/p/"+token+"/mandate/revoke", nil).Has(t, 200, "has been withdrawn")
		c.Get("/p/"+token).Lacks(t, "Will be collected on")
		owner.Get("/debits?tab=cancelled").Has(t, 200, "2026-0430", "Withdrawn by the debtor")
		ten.Advance(time.Hour)
		if err := (debit.Ends{Service: ten.Services.Debits}).Wake(t.Context(), ten.ID, id(t, mandate)); err != nil {
			t.Fatal(err)
		}
		if sent := ten.Sent(); !strings.Contains(unfold(ten.Mail(sent[0])), "your mandate has ended") {
			t.Error("the debtor was not told")
		}
	})
	t.Run("one without an invoice to pay", func(t *testing.T) {
		page := c.Get("/p/" + token + "/mandate")
		page.Has(t, 200, "Give a mandate", "€0.01")
		c.Post("/p/"+token+"/mandate", nil).Has(t, 422, "First tick")
		next := regexp.MustCompile(`name="mandate" value="(VD[A-Z0-9-]+)"`).FindStringSubmatch(page.Body)
		if next == nil || next[1] == reference[1] {
			t.Fatalf("offered %v", next)
		}
		if a := c.Post("/p/"+token+"/mandate", url.Values{"mandate": {next[1]}}); a.Status != http.StatusSeeOther {
			t.Errorf("status %d:\n%s", a.Status, a.Text())
		}
	})
	t.Run("R124 a viewer changes nothing", func(t *testing.T) {
		ten.Member("viewer@example.test", "viewer")
		viewer := ten.SignIn("viewer@example.test")
		viewer.Get("/debits").Has(t, 200)
		for _, path := range []string{"/debits", debtor, "/mandates/" + mandate + "/revoke", to} {
			viewer.Post(path, url.Values{"invoice": {ten.Invoice("2").String()}}).Has(t, 403)
		}
	})
}

func id(t *testing.T, text string) uuid.UUID {
	t.Helper()
	out, err := uuid.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
