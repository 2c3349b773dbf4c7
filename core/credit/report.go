package credit

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// columns is a report as it is kept.
func columns(row db.CreditRequest, d db.Debtor, r sdk.CreditReport) (db.AddCreditReportParams, error) {
	facts := r.Facts
	if facts == nil {
		facts = []sdk.CreditFact{}
	}
	text, err := json.Marshal(facts)
	if err != nil {
		return db.AddCreditReportParams{}, fmt.Errorf("write down the facts: %w", err)
	}
	p := db.AddCreditReportParams{
		ID: uuid.New(), TenantID: row.TenantID, DebtorID: d.ID, ConnectionID: uuid.NullUUID{UUID: row.ConnectionID, Valid: true}, Source: row.Source, ExternalID: r.ID, ReportedOn: r.On,
		Grade: r.Grade, Advice: r.Advice, Status: string(r.Status), Company: r.Name, Registration: or(r.Registration, d.Registration), Country: or(r.Country, d.Country), Currency: "EUR", FetchedBy: row.AskedBy,
		CompanyID: r.Company, Insolvent: r.Insolvent, NaturalPerson: r.NaturalPerson, Facts: text, PriceMinor: row.PriceMinor, PriceCurrency: row.PriceCurrency,
		Probability: narrow(r.Probability), DaysLate: narrow(r.DaysLate),
	}
	if r.ScoreMax > 0 {
		p.Score, p.ScoreMax = narrow(&r.Score), narrow(&r.ScoreMax)
	}
	if r.Limit != nil {
		p.LimitMinor, p.Currency = &r.Limit.Minor, r.Limit.Currency
	}
	if r.Price != nil {
		p.PriceMinor, p.PriceCurrency = priceColumns(r.Price)
	}
	return p, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func narrow(n *int) *int32 {
	if n == nil {
		return nil
	}
	m := int32(*n)
	return &m
}

// said is what a report that was kept says, as far as changes go.
func said(r db.CreditReport) sdk.CreditReport {
	out := sdk.CreditReport{Name: r.Company, Grade: r.Grade, Status: sdk.CompanyStatus(r.Status), Insolvent: r.Insolvent, On: r.ReportedOn}
	if r.Score != nil && r.ScoreMax != nil {
		out.Score, out.ScoreMax = int(*r.Score), int(*r.ScoreMax)
	}
	if r.LimitMinor != nil {
		limit := money.Of(*r.LimitMinor, r.Currency)
		out.Limit = &limit
	}
	return out
}

// FactsOf are what an agency told of how they pay.
func FactsOf(r db.CreditReport) (out []sdk.CreditFact) {
	if err := json.Unmarshal(r.Facts, &out); err != nil {
		return nil
	}
	return out
}

// Noticeable is how many hundredths of its scale a score must move to be told.
const Noticeable = 10

// Changes lists in words what a report says that a person should know of: that the
// company is insolvent, and what is different from the report before. Without one
// before, was is nil.
func Changes(was *sdk.CreditReport, now sdk.CreditReport) (out []string) {
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if now.Insolvent && (was == nil || !was.Insolvent) {
		add("The company is insolvent; think of stopping the collection and filing a claim")
	}
	if was == nil {
		return out
	}
	if was.Insolvent && !now.Insolvent {
		add("The company is not insolvent any more")
	}
	if was.Status != now.Status && now.Status != "" && !now.Insolvent && !was.Insolvent {
		add("The company is %s; it was %s", now.Status, or(string(was.Status), "not known to be"))
	}
	if was.Grade != now.Grade {
		add("The class is %s; it was %s", or(now.Grade, "none"), or(was.Grade, "none"))
	}
	if was.ScoreMax > 0 && now.ScoreMax > 0 {
		before, after := was.Score*100/was.ScoreMax, now.Score*100/now.ScoreMax
		if after-before >= Noticeable || before-after >= Noticeable {
			add("The score is %d of %d; it was %d of %d", now.Score, now.ScoreMax, was.Score, was.ScoreMax)
		}
	}
	switch {
	case was.Limit != nil && now.Limit == nil:
		add("There is no advised limit any more; it was %s", was.Limit)
	case was.Limit != nil && *was.Limit != *now.Limit:
		add("The advised limit is %s; it was %s", now.Limit, was.Limit)
	}
	return out
}
