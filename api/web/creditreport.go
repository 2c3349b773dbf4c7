package web

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/credit"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// fillReports shows the reports that there are, and how another is asked for.
// Nothing is asked of an agency by looking.
func (v *visit) fillReports(ctx context.Context, tx store.Tx, m *view.Model, d db.Debtor) error {
	rows, err := tx.CreditReportsOf(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("load credit reports: %w", err)
	}
	for _, r := range rows {
		m.Reports = append(m.Reports, creditReportOn(m.Frame, r))
	}
	tasks, err := tx.TasksOn(ctx, []uuid.UUID{d.ID})
	if err != nil {
		return fmt.Errorf("load what changed: %w", err)
	}
	for _, t := range tasks {
		if t.Kind == credit.ChangeTask {
			m.Changed = append(m.Changed, t.Detail)
		}
	}
	questions, err := tx.CreditRequestsOf(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("load what was asked: %w", err)
	}
	for _, q := range questions {
		when := m.Frame.Moment(q.AskedAt)
		switch q.State {
		case credit.Asked:
			m.Questions = append(m.Questions, view.Question{Title: "A report was asked for and is not in", Text: q.Source + ", " + when + ", by " + q.AskedBy + ". Look in your account there whether it was charged before you ask again."})
		case credit.Unclear:
			m.Questions = append(m.Questions, view.Question{Title: "An answer was lost", Text: q.Source + ", " + when + ". It is not known whether it was charged: look in your account there before you ask again."})
		case credit.Refused:
			m.Questions = append(m.Questions, view.Question{Title: "There was no report", Text: q.Source + ", " + when + ": " + q.Reason + " Nothing was charged."})
		case credit.Withheld:
			m.Questions = append(m.Questions, view.Question{Title: "A report was charged and not kept", Text: q.Source + ", " + when + ": " + charged(q) + " " + q.Reason})
		}
	}
	return v.fillAsking(ctx, tx, m, d)
}

// charged says what a report cost that is not kept.
func charged(q db.CreditRequest) string {
	if p := credit.PriceOf(q.PriceMinor, q.PriceCurrency); p != nil {
		return "The agency charged " + p.String() + "."
	}
	return "The agency charged it, at a price that it did not tell."
}

// fillAsking shows as which company the agency has a debtor, and what a report costs.
func (v *visit) fillAsking(ctx context.Context, tx store.Tx, m *view.Model, d db.Debtor) error {
	switch {
	case d.Kind == string(sdk.Consumer):
		m.NoReport = "Reports are about companies; this debtor is a consumer."
	case d.Kind != string(sdk.Business):
		m.NoReport = "Reports are about companies, and it is not known whether this debtor is one."
	case v.Credit == nil || v.Credit.Agency == nil:
		m.NoReport = "No agency is connected."
	}
	if e, err := tx.Erasure(ctx, d.ID); err == nil && e.State != erasure.Withdrawn {
		m.NoReport = "This debtor asked to be erased; no reports about them are asked for or kept."
	} else if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("look for a request of erasure: %w", err)
	}
	if m.NoReport != "" {
		return nil
	}
	_, title, ok, err := v.Credit.Agency.Connection(ctx, v.member.Tenant)
	if err != nil {
		return err
	}
	if m.Agency, m.Key = title, uuid.NewString(); !ok {
		m.NoReport = "No agency is connected. Connect one in the marketplace."
		return nil
	}
	settings, err := credit.LoadSettings(ctx, tx)
	if err != nil {
		return err
	}
	companies, err := tx.CreditCompanies(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("load what was found: %w", err)
	}
	for _, c := range companies {
		one := view.Company{ID: c.CompanyID, Name: c.Name, Cost: title + " does not say what a report costs; it goes by your contract there."}
		var detail []string
		for _, text := range []string{c.Registration, c.City, c.Status, map[string]string{"registration": "found by its number", "vat_number": "found by its VAT number", "name": "found by its name: look whether it is the one"}[c.FoundBy]} {
			if text != "" {
				detail = append(detail, text)
			}
		}
		one.Detail = strings.Join(detail, ", ")
		if p := credit.PriceOf(c.PriceMinor, c.PriceCurrency); p != nil {
			one.Price, one.Cost = string(p.Currency)+" "+p.Decimal(), "A report costs "+m.Frame.Amount(*p)+"; "+title+" charges it to you."
		}
		if c.NaturalPerson && !settings.NaturalPersons {
			one.Refused = "This business is a person. Reports on persons are off; an owner can allow them under Credit, Rules."
		}
		m.Companies = append(m.Companies, one)
	}
	return nil
}

func creditReportOn(f component.Frame, r db.CreditReport) view.Report {
	one := view.Report{Source: r.Source, Grade: r.Grade, Advice: r.Advice, Insolvent: r.Insolvent, On: r.ReportedOn, Fetched: f.Moment(r.FetchedAt) + " by " + r.FetchedBy}
	if r.Score != nil && r.ScoreMax != nil {
		one.Score = fmt.Sprintf("%d of %d", *r.Score, *r.ScoreMax)
	} else {
		one.Score = "not rated"
	}
	if r.LimitMinor != nil {
		one.Limit = "Limit " + f.Amount(money.Of(*r.LimitMinor, r.Currency)) + "."
	}
	if r.Status != "" && !r.Insolvent {
		one.Status = "The company is " + r.Status + "."
	}
	if r.Probability != nil {
		one.Facts = append(one.Facts, "Chance of failure within twelve months: "+credit.Percent(*r.Probability))
	}
	for _, fact := range credit.FactsOf(r) {
		one.Facts = append(one.Facts, fact.Name+": "+fact.Text)
	}
	if p := credit.PriceOf(r.PriceMinor, r.PriceCurrency); p != nil {
		one.Facts = append(one.Facts, "Cost "+f.Amount(*p)+". Reference "+r.ExternalID)
	}
	return one
}

// fillRisk shows the risk as flows read it, and why.
func (v *visit) fillRisk(ctx context.Context, tx store.Tx, m *view.Model, debtor uuid.UUID) error {
	rows, err := tx.RisksOf(ctx, []uuid.UUID{debtor})
	if err != nil {
		return fmt.Errorf("load the risk: %w", err)
	}
	by, now := "", ""
	m.RiskWhy = "Nothing is known yet, which flows take for a medium risk."
	for _, r := range rows {
		if now = r.Risk; !r.Computed {
			by = r.Risk
			m.RiskWhy = "Set by " + r.SetBy + "; it counts above what the score says."
		} else {
			m.RiskWhy = r.Why + "."
		}
	}
	automatic := "By the score"
	if by == "" && now != "" {
		automatic += ": " + now
	}
	m.Risks = []component.Option{{Value: "automatic", Label: automatic, Selected: by == ""}}
	for _, r := range policy.Risks() {
		m.Risks = append(m.Risks, component.Option{Value: string(r), Label: strings.ToUpper(string(r)[:1]) + string(r)[1:], Selected: by == string(r)})
	}
	return nil
}

func (v *visit) lookUpCompany() error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	found, err := v.Credit.Look(v.r.Context(), v.member.Tenant, id, v.member.Name)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return v.done(creditPath(id), component.Flash{Tone: component.Amber, Text: "The agency does not know this company, by its number, its VAT number or its name."})
	}
	return v.done(creditPath(id), component.Flash{Tone: component.Green, Text: "Found. Nothing was charged."})
}

func (v *visit) askReport() error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	key, err := uuid.Parse(v.r.FormValue("key"))
	if err != nil {
		return fault.New(fault.Invalid, "credit_key", "Look the company up first, then ask for the report.")
	}
	q := credit.Question{Key: key, Debtor: id, Company: v.r.FormValue("company"), By: v.member.Name}
	if currency, amount, ok := strings.Cut(v.r.FormValue("price"), " "); ok {
		c, err := money.ParseCurrency(currency)
		if err != nil {
			return fault.New(fault.Invalid, "price", "The price cannot be read. Look the company up again.").Because(err)
		}
		price, err := money.Parse(amount, c)
		if err != nil {
			return fault.New(fault.Invalid, "price", "The price cannot be read. Look the company up again.").Because(err)
		}
		q.Price = &price
	}
	row, err := v.Credit.Ask(v.r.Context(), v.member.Tenant, q)
	if err != nil && row.State == "" {
		return err
	}
	switch row.State {
	case credit.Kept:
		return v.done(creditPath(id), component.Flash{Tone: component.Green, Text: "The report is in."})
	case credit.Refused:
		return v.done(creditPath(id), component.Flash{Tone: component.Amber, Text: "There is no report: " + row.Reason})
	case credit.Withheld:
		return v.done(creditPath(id), component.Flash{Tone: component.Amber, Text: "The report is not kept. " + charged(row) + " " + row.Reason})
	}
	return v.done(creditPath(id), component.Flash{Tone: component.Amber, Text: "No answer came. Look in your account at " + row.Source + " before you ask again."})
}

func (v *visit) setRisk() error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	risk := policy.Risk(v.r.FormValue("risk"))
	if risk == "automatic" {
		risk = ""
	} else if risk != policy.LowRisk && risk != policy.MediumRisk && risk != policy.HighRisk {
		return fault.New(fault.Invalid, "risk", "Choose a risk.")
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Now(ctx, v.Real)
		if err != nil {
			return err
		}
		if err := flow.SetRisk(ctx, tx, id, risk, flow.Act{By: v.member.Name, At: now}); err != nil || risk != "" {
			return err
		}
		return v.Credit.Rerisk(ctx, tx, id)
	}); err != nil {
		return err
	}
	return v.done(creditPath(id), component.Flash{Tone: component.Green, Text: "Saved. The open invoices are planned by it."})
}

func (v *visit) creditRules(ctx context.Context, tx store.Tx) (*view.Rules, error) {
	s, err := credit.LoadSettings(ctx, tx)
	input := func(id, label, hint string, value int) component.TextInput {
		return component.TextInput{ID: id, Name: id, Label: label, Hint: hint, Value: strconv.Itoa(value), InputMode: "numeric"}
	}
	return &view.Rules{
		Look: v.member.Role != "owner", Persons: s.NaturalPersons, Risk: s.RiskFromScore,
		High: input("high", "High risk below", "A score of 0 to 100. Insolvency is always a high risk.", s.HighBelow),
		Low:  input("low", "Low risk from", "101 for never. The agency's word alone makes no risk low.", s.LowFrom),
	}, err
}

func (v *visit) setCreditRules() error {
	s := credit.Settings{NaturalPersons: v.r.FormValue("persons") != "", RiskFromScore: v.r.FormValue("risk") != ""}
	var errHigh, errLow error
	s.HighBelow, errHigh = strconv.Atoi(strings.TrimSpace(v.r.FormValue("high")))
	s.LowFrom, errLow = strconv.Atoi(strings.TrimSpace(v.r.FormValue("low")))
	if errHigh != nil || errLow != nil {
		return fault.New(fault.Invalid, "risk_scores", "Give two scores from 0 to 100.")
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error { return v.Credit.SetSettings(ctx, tx, s, v.member.Name) }); err != nil {
		return err
	}
	return v.done("/credit?tab=rules", component.Flash{Tone: component.Green, Text: "Saved. All debtors were judged anew."})
}

// changesModel lists the reports that changed and that nobody has seen yet.
func changesModel(ctx context.Context, tx store.Tx, f component.Frame) (out []view.Change, err error) {
	rows, err := tx.CreditChanges(ctx)
	if err != nil {
		return nil, fmt.Errorf("list reports that changed: %w", err)
	}
	for _, r := range rows {
		out = append(out, view.Change{DebtorID: r.SubjectID.String(), Debtor: r.Debtor, Text: r.Detail, When: f.Moment(r.CreatedAt)})
	}
	return out, nil
}

// seenChange takes a report that changed off the list.
func (v *visit) seenChange() error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Now(ctx, v.Real)
		if err != nil {
			return err
		}
		return tx.FinishTasks(ctx, db.FinishTasksParams{Kind: credit.ChangeTask, SubjectID: id, At: now, ByWhom: v.member.Name})
	}); err != nil {
		return err
	}
	return v.done(creditPath(id), component.Flash{Tone: component.Green, Text: "Taken off the list."})
}
