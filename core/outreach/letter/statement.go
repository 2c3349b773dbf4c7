package letter

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Statement is what is owed on a day and why: everything that made up the claim,
// in the order in which it happened.
type Statement struct {
	Language outreach.Language
	Number   string // of the case
	AsOf     date.Date
	Creditor outreach.Creditor
	Debtor   outreach.Debtor
	Rows     []StatementRow
	// Open is what is left of each part.
	Open   Sum
	PerDay money.Amount // what interest adds to it by the day
	Notes  []string
}

// StatementKind says what a line of a statement is.
type StatementKind string

// The kinds of lines.
const (
	ClaimedLine  StatementKind = "claimed"
	CostsLine    StatementKind = "costs"
	CostsLess    StatementKind = "costs_less"
	InterestLine StatementKind = "interest"
	PaidLine     StatementKind = "paid"
	WaivedLine   StatementKind = "waived"
	CreditedLine StatementKind = "credited"
)

// StatementRow is one line. Its amount is what it adds to the balance.
type StatementRow struct {
	On      date.Date
	Kind    StatementKind
	Invoice string    // number, where it is about one
	Due     date.Date // of a claimed invoice
	Runs    []InterestRun
	To      *Sum // where a payment went: Costs, Interest, Principal; Total is what is left as credit
	Detail  string
	Amount  money.Amount
	Balance money.Amount
}

// InterestRun is a period in which interest ran over one base at one rate.
type InterestRun struct {
	From, Through date.Date
	Days          int
	Rate          string // percent a year
	Base          money.Amount
}

// PrintStatement prints a statement; the same statement gives the same bytes.
func PrintStatement(m Statement) (PDF, error) {
	w, err := outreach.WordsOf(m.Language)
	if err != nil {
		return PDF{}, err
	}
	title := w.Label("statement_title") + " " + m.Number
	s := newSheet(title, m.Creditor.Name, string(m.Language), m.AsOf.At(12, 0, time.UTC))
	accent, _ := m.Creditor.Accent()
	s.fill(0, 0, pageWidth, 2.4, hex(accent))
	s.font(20, true, black)
	s.at(leftEdge, 32, w.Label("statement_title"), 0)
	s.font(12, false, soft)
	s.at(leftEdge, 40, strings.Join([]string{m.Number, fmt.Sprintf(w.Label("dossier_as_of"), w.Date(m.AsOf))}, " · "), rightEdge-leftEdge)
	s.y = 48
	s.parties(Case{Creditor: m.Creditor, Debtor: m.Debtor}, w)
	s.y += 4
	t := outreach.Table{Columns: []string{w.Label("statement_what"), w.Label("amount"), w.Label("statement_balance")}}
	for _, r := range m.Rows {
		t.Rows = append(t.Rows, outreach.Row{Label: r.Label(w), Detail: r.Details(w), Amounts: []string{w.Amount(r.Amount), w.Amount(r.Balance)}})
	}
	t.Totals = []outreach.Row{{Label: w.Label("dossier_total"), Amounts: []string{"", w.Amount(m.Open.Total)}}}
	s.table(t)
	s.openParts(m, w)
	for _, n := range m.Notes {
		s.paragraph([]outreach.Run{{Text: n}}, small, leftEdge, rightEdge-leftEdge)
	}
	s.feet(w, title+" · "+fmt.Sprintf(w.Label("dossier_as_of"), w.Date(m.AsOf)))
	out := PDF{Subject: title, Pages: s.pdf.PageCount()}
	out.Bytes, err = s.bytes()
	return out, err
}

func (s *sheet) openParts(m Statement, w *outreach.Words) {
	s.heading(w.Label("statement_open"))
	if !m.Open.Total.Positive() {
		s.paragraph([]outreach.Run{{Text: w.Label("statement_none")}}, body, leftEdge, rightEdge-leftEdge)
		return
	}
	t := outreach.Table{Columns: []string{fmt.Sprintf(w.Label("dossier_as_of"), w.Date(m.AsOf)), w.Label("amount")}}
	for _, r := range []struct {
		key string
		a   money.Amount
	}{{"dossier_principal", m.Open.Principal}, {"dossier_costs", m.Open.Costs}, {"dossier_interest", m.Open.Interest}} {
		t.Rows = append(t.Rows, outreach.Row{Label: w.Label(r.key), Amounts: []string{w.Amount(r.a)}})
	}
	t.Totals = []outreach.Row{{Label: w.Label("dossier_total"), Amounts: []string{w.Amount(m.Open.Total)}}}
	s.table(t)
	if m.PerDay.Positive() {
		s.paragraph([]outreach.Run{{Text: fmt.Sprintf(w.Label("statement_per_day"), w.Amount(m.PerDay))}}, style{9.5, 4.8, black, false}, leftEdge, rightEdge-leftEdge)
		s.y += 2
	}
}

// Label names the line in words of a language.
func (r StatementRow) Label(w *outreach.Words) string {
	what := ""
	switch r.Kind {
	case ClaimedLine:
		what = fmt.Sprintf(w.Label("statement_claimed"), r.Invoice, w.Date(r.Due))
	case InterestLine:
		what = fmt.Sprintf(w.Label("statement_interest"), r.Invoice)
	case CreditedLine:
		what = fmt.Sprintf(w.Label("statement_credited"), r.Invoice)
	default:
		what = w.Label("statement_" + string(r.Kind))
	}
	return strings.TrimSpace(w.Date(r.On) + " · " + what)
}

// Details say how its amount came about.
func (r StatementRow) Details(w *outreach.Words) string {
	var parts []string
	for _, i := range r.Runs {
		rate := strings.ReplaceAll(i.Rate, ".", cmp.Or(w.Decimal, "."))
		parts = append(parts, fmt.Sprintf(w.Label("statement_run"), w.Date(i.From), w.Date(i.Through), i.Days, rate, w.Amount(i.Base)))
	}
	if r.To != nil {
		parts = append(parts, fmt.Sprintf(w.Label("statement_to"), w.Amount(r.To.Costs), w.Amount(r.To.Interest), w.Amount(r.To.Principal)))
		if r.To.Total.Positive() {
			parts = append(parts, fmt.Sprintf(w.Label("statement_left"), w.Amount(r.To.Total)))
		}
	}
	if r.Detail != "" {
		parts = append(parts, r.Detail)
	}
	return strings.Join(parts, "; ")
}
