package web_test

import (
	"net/url"
	"testing"
)

// TestInsightAndCredit reads the pages of a small ledger, sets a limit that is
// passed, and takes the files.
func TestInsightAndCredit(t *testing.T) {
	t.Parallel()
	ten := open(t)
	owner := ten.SignIn(ten.Email)
	owner.Get("/").Has(t, 200, "Reminders to a payer")
	owner.Get("/insight").Has(t, 200, "Reminders to a payer", "Open by days late", "Not applied yet", "DSO by countback", "Expected in the next four weeks")
	owner.Get("/insight?on=2020-01-01").Has(t, 200, "1 Jan 2020")
	owner.Get("/insight?on=2099-01-01").Has(t, 422, "Choose a day that has been")
	owner.Get("/insight.csv").Has(t, 200, "wrong_reminder_rate", "ar_net", "dso_countback", "not_applied")
	owner.Get("/credit").Has(t, 200, "Nobody is above a limit")
	page := "/debtors/" + ten.DebtorID("noor").String() + "/credit"
	owner.Get(page).Has(t, 200, "Score", "At stake", "There is no limit")
	owner.Post(page, url.Values{"kind": {"own"}, "amount": {"lots"}}).Has(t, 422, "Write an amount")
	owner.Post(page, url.Values{"kind": {"own"}, "amount": {"0,01"}}).Has(t, 200, "Saved", "Above the limit")
	owner.Post(page+"/report", nil).Has(t, 409, "No agency is connected")
	owner.Get("/credit").Has(t, 200, "Above the limit", "own limit")
	owner.Get("/").Has(t, 200, "above the credit limit")
	owner.Get("/credit?tab=late").Has(t, 200, "hronic late payers")
	owner.Get("/credit.csv").Has(t, 200, "days_late")
	t.Run("looking changes nothing", func(t *testing.T) {
		before := ten.Dump()
		for _, path := range []string{"/insight", "/insight.csv", "/credit", "/credit?tab=late", page} {
			owner.Get(path).Has(t, 200)
		}
		same(t, before, ten.Dump())
	})
}
