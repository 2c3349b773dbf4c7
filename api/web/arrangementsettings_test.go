package web_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/money"
)

func arrangementForm() url.Values {
	return url.Values{
		"promise_days": {"7"}, "promise_grace": {"1"}, "promise_most": {"1"}, "plan_auto": {"250,00"}, "plan_auto_months": {"3"}, "plan_min": {"50"}, "plan_most_months": {"9"},
		"plan_hold": {"4"}, "plan_remind": {"2"}, "plan_grace": {"6"}, "plan_cure": {"8"}, "plan_approval": {"yes"}, "dispute_days": {"21"}, "dispute_term": {"14"}, "paid_hold": {"3"}, "waive_owners": {"yes"},
	}
}

func TestSettingsArrangements(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	ten.Member("collector@vandijk.example", tenant.Collector)
	c, other := ten.SignIn(ten.Email), ten.SignIn("collector@vandijk.example")
	page := c.Get("/settings/arrangements")
	page.Has(t, 200, "Promises", "“I paid already”", "Only owners waive", `value="1000.00"`)
	to := "/settings/arrangements/" + ten.Administration.String()
	bad := arrangementForm()
	bad.Set("plan_cure", "1")
	c.Post(to, bad).Has(t, 422, "term of a warning is between 3 and 30", `value="250,00"`)
	bad.Set("plan_cure", "soon")
	c.Post(to, bad).Has(t, 422, "whole numbers")
	other.Post(to, arrangementForm()).Has(t, 403)
	form := arrangementForm()
	sanne := regexp.MustCompile(`<option value="([0-9a-f-]{36})"[^>]*>Sanne van Dijk`).FindStringSubmatch(page.Body)
	form.Set("dispute_owner", sanne[1])
	c.Post(to, form).Has(t, 200, "Saved", `value="250.00"`, `value="21"`)

	t.Run("R71 a new dispute gets the owner and the deadline of the rules", func(t *testing.T) {
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := ten.Services.Desk.Dispute(t.Context(), tx, arrangement.NewDispute{Invoice: ten.Invoice("1"), Amount: money.EUR(50_000), Reason: "price", By: "debtor"})
			return err
		})
		c.Get("/disputes").Has(t, 200, "Sanne van Dijk", "31 Mar")
	})
	t.Run("R67 a promise goes no further than the rules", func(t *testing.T) {
		debtor := "/debtors/" + ten.DebtorID("noor").String()
		c.Post(debtor+"/promise", url.Values{"invoice": {ten.Invoice("1").String()}, "day": {"2026-03-20"}}).Has(t, 422, "at most 7 days")
	})
	t.Run("a collector waives only where the rules let", func(t *testing.T) {
		debtor := "/debtors/" + ten.DebtorID("noor").String()
		plan := url.Values{"invoice": {ten.Invoice("1").String()}, "n": {"3"}, "every": {"month"}, "first": {"2026-03-20"}, "reduce": {"last"}, "waive": {"yes"}}
		other.Post(debtor+"/plan", plan).Has(t, 403, "Only an owner of your organisation waives")
		free := arrangementForm()
		free.Del("waive_owners")
		c.Post(to, free).Has(t, 200, "Saved")
		other.Post(debtor+"/plan", plan).Has(t, 200, "The plan has started")
	})
}
