package web_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestAgreements(t *testing.T) {
	t.Parallel()
	uuidIn := func(prefix, body string) string {
		return regexp.MustCompile(prefix + `[0-9a-f-]{36}`).FindString(body)
	}
	t.Run("R67 a collector notes a promise and takes it back", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		c := ten.SignIn(ten.Email)
		debtor := "/debtors/" + ten.DebtorID("noor").String()
		c.Get(debtor).Has(t, 200, "Noor Yilmaz", "2026-0412", "Note the promise", "Make a payment plan")
		c.Post(debtor+"/promise", url.Values{"invoice": {ten.Invoice("1").String()}, "day": {"2026-06-01"}}).Has(t, 422, "at most 14 days")
		c.Post(debtor+"/promise", url.Values{"invoice": {ten.Invoice("1").String()}, "day": {"2026-03-20"}, "amount": {"500"}, "call": {"yes"}, "note": {"Said so."}}).Has(t, 200, "The promise is noted", "€500.00")
		list := c.Get("/promises")
		list.Has(t, 200, "Noor Yilmaz", "€500.00", "Promised")
		c.Post(uuidIn("/promises/", list.Body)+"/withdraw", nil).Has(t, 200, "withdrawn")
	})
	t.Run("R77 a plan is made, shown and cancelled", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		c := ten.SignIn(ten.Email)
		debtor := "/debtors/" + ten.DebtorID("noor").String()
		page := c.Post(debtor+"/plan", url.Values{"invoice": {ten.Invoice("1").String()}, "n": {"3"}, "every": {"month"}, "first": {"2026-03-20"}, "reduce": {"last"}})
		page.Has(t, 200, "The plan has started", "€403.34", "Under way", "7 days")
		c.Get("/plans?tab=active").Has(t, 200, "Noor Yilmaz", "€1,210.00", "3 instalments")
		plan := page.URL.Path
		c.Post(plan+"/cancel", url.Values{"text": {""}}).Has(t, 422, "Write why")
		c.Post(plan+"/cancel", url.Values{"text": {"Paid otherwise."}}).Has(t, 200, "Cancelled", "Paid otherwise.")
		c.Post(plan+"/break", nil).Has(t, 409, "decided or ended already")
	})
	t.Run("R81 a proposal is accepted", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		ten.In(ten.ID, func(tx store.Tx) error {
			_, _, err := ten.Services.Desk.Propose(t.Context(), tx, arrangement.NewPlan{
				Debtor: ten.DebtorID("noor"), Invoices: []uuid.UUID{ten.Invoice("1")}, Number: 8, First: date.MustParse("2026-03-20"), Every: arrangement.Monthly, By: "debtor", ByDebtor: true, Note: "Too much at once",
			})
			return err
		})
		c := ten.SignIn(ten.Email)
		c.Get("/").Has(t, 200, "debtor proposes a payment plan")
		list := c.Get("/plans?tab=proposed")
		list.Has(t, 200, "Waits for you")
		plan := uuidIn("/plans/", list.Body)
		c.Get(plan).Has(t, 200, "Accept the plan", "Too much at once")
		c.Post(plan+"/accept", nil).Has(t, 200, "The plan has started", "Under way")
	})
	t.Run("R71 R73 a dispute has an owner and a deadline, and is accepted in part", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := ten.Services.Desk.Dispute(t.Context(), tx, arrangement.NewDispute{Invoice: ten.Invoice("1"), Amount: money.EUR(50_000), Reason: "price", Lines: "line 2", Note: "Too dear", By: "debtor"})
			return err
		})
		c := ten.SignIn(ten.Email)
		list := c.Get("/disputes")
		list.Has(t, 200, "Noor Yilmaz", "€500.00", "20 Mar")
		path := uuidIn("/disputes/", list.Body)
		page := c.Get(path)
		page.Has(t, 200, "Too dear", "line 2", "Sanne van Dijk")
		owner := regexp.MustCompile(`<option value="([0-9a-f-]{36})"[^>]*>Sanne van Dijk`).FindStringSubmatch(page.Body)
		c.Post(path+"/assign", url.Values{"owner": {owner[1]}, "deadline": {"2026-03-27"}}).Has(t, 200, "Saved")
		c.Get("/disputes").Has(t, 200, "27 Mar")
		c.Post(path+"/decide", url.Values{"decision": {"accept"}, "credit": {"900"}, "text": {"Right."}}).Has(t, 422, "at most what is in dispute")
		c.Post(path+"/decide", url.Values{"decision": {"accept"}, "credit": {"300"}, "text": {"Partly right."}}).Has(t, 200, "To be credited: €300.00", "Partly right.", "The credit note is booked")
		c.Get("/disputes?tab=credit").Has(t, 200, "Credit note to come")
		c.Post(path+"/credited", nil).Has(t, 200, "The rest of the invoice goes on")
	})
	t.Run("R97 a legal stop is recorded by a collector and lifted by an owner only", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		ten.Member("collector@vandijk.example", tenant.Collector)
		owner, collector := ten.SignIn(ten.Email), ten.SignIn("collector@vandijk.example")
		debtor := "/debtors/" + ten.DebtorID("noor").String()
		collector.Post(debtor+"/stop", url.Values{"kind": {"bankruptcy"}, "on": {"2026-03-09"}}).Has(t, 422, "where this is known from")
		page := collector.Post(debtor+"/stop", url.Values{"kind": {"bankruptcy"}, "on": {"2026-03-09"}, "source": {"insolventies.rechtspraak.nl"}, "reference": {"F.13/26/101"}})
		page.Has(t, 200, "All pressure on this debtor has stopped", "Legal stop", "F.13/26/101", "curator", "Only an owner lifts")
		page.Lacks(t, "Note the promise")
		owner.Get("/invoices/"+ten.Invoice("1").String()).Has(t, 200, "Stopped by law", "R97")
		owner.Get("/").Has(t, 200, "legal stop asks something of you")
		lift := uuidIn("/legal-stops/", owner.Get(debtor).Body) + "/lift"
		collector.Post(lift, url.Values{"why": {"x"}}).Has(t, 403, "")
		owner.Post(lift, url.Values{"why": {"Annulled by the court."}}).Has(t, 200, "The legal stop is lifted", "Annulled by the court.")
	})
	t.Run("R63 R64 a debtor is paused with a scope, a reason and an end", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Take("1")
		c := ten.SignIn(ten.Email)
		debtor := "/debtors/" + ten.DebtorID("noor").String()
		c.Post(debtor+"/pause", url.Values{"scope": {"debtor"}, "what": {"reminders_paused"}, "note": {""}}).Has(t, 422, "say why")
		page := c.Post(debtor+"/pause", url.Values{"scope": {"debtor"}, "what": {"reminders_paused"}, "note": {"Talks"}, "until": {"2026-03-20"}})
		page.Has(t, 200, "Reminders paused, the whole debtor", "Talks")
		c.Get("/invoices/"+ten.Invoice("1").String()).Has(t, 200, "Reminders paused, the whole debtor")
		c.Post(regexp.MustCompile(`/debtors/[0-9a-f-]{36}/resume/[0-9a-f-]{36}`).FindString(page.Body), nil).Has(t, 200, "Resumed")
	})
}
