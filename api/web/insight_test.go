package web_test

import (
	"context"
	"net/url"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestInsightAndCredit reads the pages of a small ledger, sets a limit that is
// passed, and takes the files.
func TestInsightAndCredit(t *testing.T) {
	t.Parallel()
	ten := open(t)
	owner := ten.SignIn(ten.Email)
	owner.Get("/").Has(t, 200, "Reminders to a payer")
	owner.Post("/insight/trial", url.Values{"share": {"50"}, "days": {"5"}}).Has(t, 422, "0 to 20 percent")
	owner.Post("/insight/trial", url.Values{"share": {"5"}, "days": {"4"}}).Has(t, 200, "Saved", `value="5"`, `value="4"`)
	owner.Get("/insight").Has(t, 200, "Reminders to a payer", "Open by days late", "Not applied yet", "DSO by countback", "Expected in the next four weeks")
	owner.Get("/insight?on=2020-01-01").Has(t, 200, "1 Jan 2020")
	owner.Get("/insight?on=2099-01-01").Has(t, 422, "Choose a day that has been")
	owner.Get("/insight.csv").Has(t, 200, "wrong_reminder_rate", "ar_net", "dso_countback", "not_applied")
	owner.Get("/credit").Has(t, 200, "Nobody is above a limit")
	page := "/debtors/" + ten.DebtorID("noor").String() + "/credit"
	owner.Get(page).Has(t, 200, "Score", "At stake", "There is no limit")
	owner.Post(page, url.Values{"kind": {"own"}, "amount": {"lots"}}).Has(t, 422, "Write an amount")
	owner.Post(page, url.Values{"kind": {"own"}, "amount": {"0,01"}}).Has(t, 200, "Saved", "Above the limit")
	owner.Post(page+"/company", nil).Has(t, 409, "No agency is connected")
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

// bureau is an agency that knows one company.
type bureau struct{ asked int }

var bureauID = uuid.New()

func (*bureau) Connection(context.Context, uuid.UUID) (uuid.UUID, string, bool, error) {
	return bureauID, "Handelsbureau", true, nil
}

func (*bureau) Companies(_ context.Context, _, _ uuid.UUID, q sdk.CompanyQuery) ([]sdk.Company, error) {
	price := money.EUR(450)
	return []sdk.Company{{ID: "NL-1", Name: q.Name + " B.V.", Registration: "30123456", Status: sdk.CompanyActive, Price: &price}}, nil
}

func (b *bureau) CreditReport(context.Context, uuid.UUID, uuid.UUID, sdk.CreditRequest) (sdk.CreditReport, bool, error) {
	b.asked++
	limit, chance := money.EUR(250000), 125
	return sdk.CreditReport{
		ID: "R-7", Name: "Noor B.V.", On: date.MustParse("2026-01-02"), Score: 61, ScoreMax: 100, Grade: "B", Limit: &limit, Probability: &chance, Advice: "To be trusted with care",
		Status: sdk.CompanyActive, Facts: []sdk.CreditFact{{Name: "Payment remarks", Text: "2"}},
	}, true, nil
}

// TestCreditReport looks a company up, is told the price, and asks for the report
// once; looking at the page asks nothing.
func TestCreditReport(t *testing.T) {
	t.Parallel()
	ten := open(t)
	agency := &bureau{}
	ten.Services.Credit.Agency = agency
	owner := ten.SignIn(ten.Email)
	page := "/debtors/" + ten.DebtorID("koster").String() + "/credit"
	owner.Get("/debtors/"+ten.DebtorID("noor").String()+"/credit").Has(t, 200, "this debtor is a consumer")
	owner.Get(page).Has(t, 200, "Look up at Handelsbureau", "There is no report")
	shown := owner.Post(page+"/company", nil)
	shown.Has(t, 200, "Nothing was charged", "A report costs", "4.50")
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(shown.Body)
	if key == nil || agency.asked != 0 {
		t.Fatalf("no key, or asked %d times", agency.asked)
	}
	form := url.Values{"key": {key[1]}, "company": {"NL-1"}, "price": {"EUR 9.99"}}
	owner.Post(page+"/report", form).Has(t, 409, "The price of the report is not the one")
	form.Set("price", "EUR 4.50")
	for range 2 {
		owner.Post(page+"/report", form).Has(t, 200, "The report is in", "61 of 100", "To be trusted with care", "Payment remarks: 2", "1.25%", "R-7")
	}
	owner.Get(page).Has(t, 200, "limit of the report")
	if agency.asked != 1 {
		t.Errorf("asked %d times", agency.asked)
	}
	owner.Post(page+"/risk", url.Values{"risk": {"high"}}).Has(t, 200, "it counts above what the score says")
	owner.Post(page+"/risk", url.Values{"risk": {"automatic"}}).Has(t, 200, "By the score")
	owner.Get("/credit?tab=rules").Has(t, 200, "High risk below", "Allow reports on businesses")
	owner.Post("/credit/rules", url.Values{"high": {"90"}, "low": {"10"}}).Has(t, 422, "below the one for a low risk")
	owner.Post("/credit/rules", url.Values{"high": {"40"}, "low": {"80"}, "risk": {"yes"}}).Has(t, 200, "judged anew", `value="40"`)
}
