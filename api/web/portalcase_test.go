package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/bailiff/emulator"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

// aCase is an organisation with one case of EUR 1,000.00, and the portal of its
// debtor.
func aCase(t *testing.T) (ten *apitest.Tenant, id, invoice uuid.UUID, c *apitest.Client, page string) {
	t.Helper()
	ten = open(t)
	ten.PayToday()
	id, invoice = ten.Case(apitest.Claim("Jansen Bouw", "A-1", 100_000))
	token := portalToken(t, ten)
	return ten, id, invoice, enter(t, ten, token), "/p/" + token
}

// owes is what a case comes to today.
func owes(t *testing.T, ten *apitest.Tenant, id uuid.UUID) (s claim.State) {
	t.Helper()
	ten.In(ten.ID, func(tx store.Tx) error {
		f, err := claim.Load(t.Context(), tx, id)
		if err == nil {
			s, err = f.Today(date.Of(ten.Now()))
		}
		return err
	})
	return s
}

// atBailiff hands a case to an emulated bailiff.
func atBailiff(t *testing.T, ten *apitest.Tenant, id uuid.UUID, paysTo string) *emulator.Bailiff {
	t.Helper()
	b := &emulator.Bailiff{Token: "key", Now: ten.Now}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	ten.Hand(id, ten.Bailiff(server.URL, paysTo))
	return b
}

// checkout pays what was chosen in the portal.
func checkout(t *testing.T, c *apitest.Client, page string, chosen ...uuid.UUID) {
	t.Helper()
	form := url.Values{"method": {"ideal"}}
	for _, id := range chosen {
		form.Add("invoice", id.String())
	}
	a := c.Post(page+"/pay", form)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d:\n%s", a.Status, a.Text())
	}
	pay(t, a.Header.Get("Location"))
}

// settled sums what a kind of allocation settled.
func settled(t *testing.T, ten *apitest.Tenant, kind string) (n int64) {
	t.Helper()
	ten.In(ten.ID, func(tx store.Tx) error {
		return tx.QueryRow(t.Context(), "select coalesce(sum(a.amount_minor), 0)::bigint from allocation a join payment p on p.id = a.payment_id where a.kind = $1 and a.reversed_at is null and p.state = 'booked'", kind).Scan(&n)
	})
	return n
}

func TestPortalOfACase(t *testing.T) {
	t.Parallel()
	t.Run("R30 R105 principal, interest and costs are paid as one sum, and booked apart", func(t *testing.T) {
		t.Parallel()
		ten, id, invoice, c, page := aCase(t)
		s := owes(t, ten, id)
		if s.Costs != 15_000 || s.Interest <= 0 {
			t.Fatalf("it owes %d and %d", s.Costs, s.Interest)
		}
		whole := "€" + amountText(s.Total())
		c.Get(page).Has(t, 200, "A-1", whole, "Collection costs", "Interest")
		c.Get(page+"/pay").Has(t, 200, whole)
		checkout(t, c, page, invoice, id)
		hook(t, ten)
		if p, i, k := settled(t, ten, "principal"), settled(t, ten, "interest"), settled(t, ten, "costs"); p != s.Principal || i != s.Interest || k != s.Costs {
			t.Errorf("booked %d, %d and %d of %d, %d and %d", p, i, k, s.Principal, s.Interest, s.Costs)
		}
		if after := owes(t, ten, id); after.Total() != 0 {
			t.Errorf("%d is open", after.Total())
		}
		c.Get(page).Lacks(t, "To pay now", "Collection costs")
		ten.SignIn(ten.Email).Get("/cases/"+id.String()).Has(t, 200, "Closed")
	})
	t.Run("R30 R36 R37 a part goes to costs and interest first, and the statement says what is left", func(t *testing.T) {
		t.Parallel()
		ten, id, invoice, c, page := aCase(t)
		s := owes(t, ten, id)
		checkout(t, c, page, invoice) // the invoice alone, EUR 1,000.00
		hook(t, ten)
		after := owes(t, ten, id)
		if settled(t, ten, "costs") != s.Costs || settled(t, ten, "interest") != s.Interest || after.Total() != s.Total()-100_000 || after.Costs != 0 {
			t.Errorf("it owed %d, and owes %d with %d of costs", s.Total(), after.Total(), after.Costs)
		}
		rest := "€" + amountText(after.Principal)
		c.Get(page).Has(t, 200, rest)
		ten.SignIn(ten.Email).Get("/cases/"+id.String()).Has(t, 200, rest)
		a := c.Get(page + "/statement/" + id.String())
		if a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") {
			t.Errorf("the statement: %d", a.Status)
		}
		// R37: from here interest runs on the rest alone.
		ten.Advance(30 * 24 * 60 * 60 * 1e9)
		if later := owes(t, ten, id); later.Interest <= 0 || later.Interest > after.Principal*12*30/36500+1 {
			t.Errorf("%d of interest on %d in 30 days", later.Interest, after.Principal)
		}
	})
	t.Run("R42 a corrected statement goes to the debtor, with the new total", func(t *testing.T) {
		t.Parallel()
		ten, id, _, _, _ := aCase(t)
		if err := ten.Services.Cases.Waive(t.Context(), ten.ID, id, claim.Waiver{Costs: 5_000, Scope: claim.Final, Reason: "A good customer", By: "anna"}); err != nil {
			t.Fatal(err)
		}
		ten.Wake(id)
		n := 0
		ten.In(ten.ID, func(tx store.Tx) error {
			return tx.QueryRow(t.Context(), "select count(*) from message where step = 'case_statement' and position($1 in body_text) > 0", amountText(owes(t, ten, id).Total())).Scan(&n)
		})
		if n == 0 {
			t.Error("no statement with the new total was made")
		}
	})
	t.Run("R109 paid to the bailiff: the page says who, and takes no money", func(t *testing.T) {
		t.Parallel()
		ten, id, invoice, c, page := aCase(t)
		atBailiff(t, ten, id, "bailiff")
		c.Get(page).Has(t, 200, "Deurwaarder De Wit handles case", "Pay Deurwaarder De Wit, and not us", "GDW-00001", "zaken@dewit.example", "Deurwaarder De Wit has this. Please pay there.")
		c.Get(page).Lacks(t, "Pay €")
		if a := c.Post(page+"/pay", url.Values{"method": {"ideal"}, "invoice": {invoice.String(), id.String()}}); a.Status == http.StatusSeeOther {
			t.Errorf("a checkout was opened: %s", a.Header.Get("Location"))
		}
		for lang, text := range map[string]string{"nl": "Betaal aan Deurwaarder De Wit", "de": "an Deurwaarder De Wit und nicht an uns", "fr": "Deurwaarder De Wit s’occupe du dossier"} {
			c.Post(page+"/language", url.Values{"lang": {lang}}).Has(t, 200, text)
		}
	})
	t.Run("R109 paid to the creditor: all of it at once, and the bailiff hears of it", func(t *testing.T) {
		t.Parallel()
		ten, id, invoice, c, page := aCase(t)
		b := atBailiff(t, ten, id, "creditor")
		s := owes(t, ten, id)
		c.Get(page).Has(t, 200, "You can still pay here", "Deurwaarder De Wit hears of it", "€"+amountText(s.Total()))
		checkout(t, c, page, invoice, id)
		hook(t, ten)
		ten.Wake(id)
		if after := owes(t, ten, id); after.Total() != 0 || settled(t, ten, "costs") != s.Costs {
			t.Errorf("%d is open", after.Total())
		}
		kinds := map[string]int64{}
		for _, n := range b.Told() {
			kinds[n.Kind] += n.Minor
		}
		if _, closed := kinds["closed"]; !closed || kinds["payment"] != s.Total() {
			t.Errorf("the bailiff was told %v", kinds)
		}
		c.Get(page).Lacks(t, "handles case")
	})
}

// hook lets the provider tell of every payment.
func hook(t *testing.T, ten *apitest.Tenant) {
	t.Helper()
	var ids []string
	ten.In(ten.ID, func(tx store.Tx) error {
		return tx.QueryRow(t.Context(), "select array_agg(provider_id) from checkout").Scan(&ids)
	})
	for _, id := range ids {
		ten.Client().Post("/webhooks/mollie", url.Values{"id": {id}}).Has(t, 200)
	}
}

// amountText is an amount below ten thousand as the pages show it: 1,234.56.
func amountText(minor int64) string {
	if minor < 100_000 {
		return fmt.Sprintf("%d.%02d", minor/100, minor%100)
	}
	return fmt.Sprintf("%d,%03d.%02d", minor/100_000, minor/100%1000, minor%100)
}
