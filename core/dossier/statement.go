package dossier

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Document is a file of a case.
type Document struct {
	Name  string
	Bytes []byte
}

// Statement prints what a case owes at the end of a day and why. Without a
// language it is in that of the debtor.
func Statement(ctx context.Context, tx store.Tx, id uuid.UUID, on date.Date, lang string) (Document, error) {
	m, err := statementOf(ctx, tx, id, on, lang)
	if err != nil {
		return Document{}, err
	}
	pdf, err := letter.PrintStatement(m)
	if err != nil {
		return Document{}, fmt.Errorf("print the statement: %w", err)
	}
	return Document{Name: fmt.Sprintf("%s %s %s.pdf", m.Number, m.Creditor.Name, on), Bytes: pdf.Bytes}, nil
}

func statementOf(ctx context.Context, tx store.Tx, id uuid.UUID, on date.Date, lang string) (m letter.Statement, err error) {
	f, err := claim.Load(ctx, tx, id)
	if err != nil {
		return m, err
	}
	adm, err := tx.Administration(ctx, f.Case.AdministrationID)
	if err != nil {
		return m, fmt.Errorf("load the administration: %w", err)
	}
	who, err := tx.Debtor(ctx, f.Case.DebtorID)
	if err != nil {
		return m, fmt.Errorf("load the debtor: %w", err)
	}
	state, err := f.Today(on)
	if err != nil {
		return m, err
	}
	return compose(f, state, adm, who, language(lang, who.Language, adm.Language)), nil
}

// compose writes the lines of a statement in the order in which they happened.
func compose(f *claim.File, state claim.State, adm db.Administration, who db.Debtor, lang outreach.Language) letter.Statement {
	cur := f.Case.Currency
	m := letter.Statement{Language: lang, Number: f.Case.Number, AsOf: state.Through, Creditor: creditor(adm), Debtor: debtor(who, adm.Country)}
	row := func(r letter.StatementRow, minor int64) {
		r.Amount = money.Of(minor, cur)
		m.Rows = append(m.Rows, r)
	}
	for _, l := range state.Lines {
		row(letter.StatementRow{On: l.From.AddDays(-1), Kind: letter.ClaimedLine, Invoice: l.Number, Due: l.Due}, l.Amount)
		row(letter.StatementRow{On: state.Through, Kind: letter.InterestLine, Invoice: l.Number, Runs: runs(l.Interest)}, l.Interest.Amount.Minor)
	}
	for _, e := range f.Entries {
		on := date.Of(e.At.In(f.Zone))
		if on.After(state.Through) || e.Kind != "costs" && e.Kind != "costs_vat" && e.Kind != "fee" {
			continue
		}
		kind := letter.CostsLine
		if e.AmountMinor < 0 {
			kind = letter.CostsLess
		}
		row(letter.StatementRow{On: on, Kind: kind}, e.AmountMinor)
	}
	for _, w := range f.Waivers() {
		if !w.On.After(state.Through) {
			row(letter.StatementRow{On: w.On, Kind: letter.WaivedLine}, -w.Costs-w.Interest)
		}
	}
	for _, t := range state.Taken {
		to := &letter.Sum{Costs: money.Of(t.Costs, cur), Interest: money.Of(t.InterestTotal(), cur), Principal: money.Of(t.PrincipalTotal(), cur), Total: money.Of(t.Left, cur)}
		row(letter.StatementRow{On: t.On, Kind: letter.PaidLine, To: to}, t.Left-t.Amount)
	}
	slices.SortStableFunc(m.Rows, func(a, b letter.StatementRow) int { return a.On.Compare(b.On) })
	balance := int64(0)
	for i := range m.Rows {
		balance += m.Rows[i].Amount.Minor
		m.Rows[i].Balance = money.Of(balance, cur)
	}
	m.Open = letter.Sum{
		Principal: money.Of(state.Principal, cur), Costs: money.Of(state.Costs, cur), Interest: money.Of(state.Interest, cur), Total: money.Of(state.Total(), cur),
	}
	m.PerDay = money.Of(perDay(f, state), cur)
	if w, err := outreach.WordsOf(lang); err == nil && !f.Rate.IsZero() {
		costs, interest := f.ChargesByLaw(state)
		r := f.Rate
		m.Notes = append(m.Notes, w.Exchange(outreach.Exchange{Base: r.Base, Quote: r.Quote, Units: r.Units, On: r.On, Source: r.Source})+
			" "+w.Label("dossier_costs")+": "+w.Amount(costs)+". "+w.Label("dossier_interest")+": "+w.Amount(interest)+".")
	}
	return m
}

func runs(i law.Interest) (out []letter.InterestRun) {
	for _, s := range i.Segments {
		if s.Base.Positive() {
			out = append(out, letter.InterestRun{From: s.From, Through: s.Through, Days: s.Days, Rate: s.Rate, Base: s.Base})
		}
	}
	return out
}

// perDay is what interest adds by the next day.
func perDay(f *claim.File, state claim.State) int64 {
	next, err := f.Today(state.Through.AddDays(1))
	if err != nil {
		return 0
	}
	return max(0, next.Accrued-state.Accrued)
}
