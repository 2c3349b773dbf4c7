package web_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// TestLawSettings changes by the pages by which law an administration claims, and
// what its terms say.
func TestLawSettings(t *testing.T) {
	t.Parallel()
	ten := open(t)
	owner := ten.SignIn(ten.Email)
	to := "/settings/law/" + ten.Administration.String()

	p := owner.Get("/settings/law")
	p.Has(t, 200, "art. 6:83", "unless you say that it is not", "now 10.15% a year")
	p.Lacks(t, "costs_clause", "What you sell", "Put the sentences")
	owner.Post(to, url.Values{"agreed_rate_business": {"12 of 13"}}).Has(t, 422, "Write a yearly percentage from 0 to 100", "12 of 13")
	owner.Post(to, url.Values{"agreed_rate_business": {"12,5 %"}, "due_agreed": {"no"}}).Has(t, 200, "Saved", `value="12.5"`)

	owner.Post(to+"/country", url.Values{"country": {"GB"}}).Has(t, 200, "counts in GBP, and these books are in EUR", "load one under")
	owner.Post(to+"/country", url.Values{"country": {"XX"}}).Has(t, 422, "is not known here")
	owner.Post(to+"/country", url.Values{"country": {"BE"}}).Has(t, 200, "Changed", "art. XIX.4 WER", "Your terms claim collection costs", "What you sell")
	form := url.Values{"agreed_rate_business": {"12.5"}, "agreed_rate_consumer": {"30"}, "costs_clause": {"yes"}, "supplies": {" repairs  and parts "}}
	owner.Post(to, form).Has(t, 422, "above it the clause is void", `value="30"`)
	form.Set("agreed_rate_consumer", "8")
	form.Set("supplies", strings.Repeat("x", 81))
	owner.Post(to, form).Has(t, 422, "at most 80 characters")
	form.Set("supplies", " repairs  and parts ")
	owner.Post(to, form).Has(t, 200, "Saved", `value="repairs and parts"`)

	ten.In(ten.ID, func(tx store.Tx) error {
		a, err := tx.Administration(t.Context(), ten.Administration)
		if err != nil {
			return err
		}
		if a.LawCountry != "BE" || a.AgreedRateBusiness != "12.5" || a.AgreedRateConsumer != "8" || !a.CostsClause || a.Supplies != "repairs and parts" {
			t.Errorf("%+v", a)
		}
		// The law of Belgium makes nothing of it: it stays for when another law holds.
		if a.DueAgreed == nil || *a.DueAgreed {
			t.Error("what the page did not show was changed")
		}
		var n int
		var last []byte
		if err := tx.QueryRow(t.Context(), "select count(*)::int, (array_agg(detail order by id desc))[1] from audit where action = 'law_set'").Scan(&n, &last); err != nil {
			return err
		}
		var detail map[string]map[string]any
		if err := json.Unmarshal(last, &detail); err != nil {
			return err
		}
		if n != 4 || detail["from"]["country"] != "BE" {
			t.Errorf("%d entries in the log, the last %s", n, last)
		}
		return nil
	})

	t.Run("saving the same is no change", func(t *testing.T) {
		before := ten.Dump()
		owner.Post(to, form).Has(t, 200)
		same(t, before, ten.Dump())
	})
	t.Run("R112 looking changes nothing", func(t *testing.T) {
		before := ten.Dump()
		owner.Get("/settings/law?administration="+ten.Administration.String()).Has(t, 200)
		same(t, before, ten.Dump())
	})
	t.Run("R124 only an owner edits the law and the terms", func(t *testing.T) {
		for _, role := range []tenant.Role{tenant.Viewer, tenant.Collector} {
			ten.Member(string(role)+"-law@example.test", role)
			c := ten.SignIn(string(role) + "-law@example.test")
			page := c.Get("/settings/law")
			page.Has(t, 200, "An owner of your organisation changes this")
			page.Lacks(t, ">Save<")
			before := owner.Get("/settings/law").Text()
			c.Post(to, form).Has(t, 403)
			c.Post(to+"/country", url.Values{"country": {"DE"}}).Has(t, 403)
			if after := owner.Get("/settings/law").Text(); after != before {
				t.Errorf("a %s changed it:\n%s", role, after)
			}
		}
	})
}
