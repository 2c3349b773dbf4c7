package web

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/credit"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) creditRoutes() {
	s.look("GET /credit", (*visit).credit)
	s.look("GET /credit.csv", (*visit).creditCSV)
	s.look("GET /debtors/{debtor}/credit", (*visit).debtorCredit)
	s.act("POST /debtors/{debtor}/credit", (*visit).setCredit)
	s.act("POST /debtors/{debtor}/credit/company", (*visit).lookUpCompany)
	s.act("POST /debtors/{debtor}/credit/report", (*visit).askReport)
	s.act("POST /debtors/{debtor}/credit/seen", (*visit).seenChange)
	s.act("POST /debtors/{debtor}/credit/risk", (*visit).setRisk)
	s.own("POST /credit/rules", (*visit).setCreditRules)
}

var limitWords = map[credit.LimitKind]string{credit.Own: "own limit", credit.External: "limit of the report", credit.Manual: "manual limit"}

var bandLooks = map[credit.Band]struct {
	word string
	tone component.Tone
}{credit.Good: {"Good", component.Green}, credit.Fair: {"Fair", component.Amber}, credit.Poor: {"Poor", component.Red}, credit.Unknown: {"Not known", component.Plain}}

func (v *visit) credit() error {
	m := view.ListModel{Late: v.r.URL.Query().Get("tab") == "late", CSV: "/credit.csv"}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Credit, "Credit"); err != nil {
			return err
		}
		rows, err := tx.CreditAlerts(ctx)
		if err != nil {
			return fmt.Errorf("list credit alerts: %w", err)
		}
		m.Tabs = []component.Tab{{Label: "Above a limit", Href: "/credit", Tone: component.Amber, Active: !m.Late}, {Label: "Chronic late payers", Href: "/credit?tab=late", Active: m.Late}}
		m.Tabs = append(m.Tabs, component.Tab{Label: "Rules", Href: "/credit?tab=rules", Active: v.r.URL.Query().Get("tab") == "rules"})
		if v.r.URL.Query().Get("tab") == "rules" {
			m.Tabs[0].Active = false
			m.Rules, err = v.creditRules(ctx, tx)
		}
		if err != nil {
			return err
		}
		if m.Changes, err = changesModel(ctx, tx, m.Frame); err != nil {
			return err
		}
		zone := m.Frame.Now.Location()
		for _, r := range rows {
			a := view.Alert{
				DebtorID: r.DebtorID.String(), Debtor: r.Name, Exposure: money.Of(r.ExposureMinor, r.Currency), Limit: money.Of(r.LimitMinor, r.Currency),
				Kind: limitWords[credit.LimitKind(r.LimitKind)], Raised: date.Of(r.RaisedAt.In(zone)),
			}
			if r.EndedAt != nil {
				a.Ended = date.Of(r.EndedAt.In(zone))
			} else {
				m.Tabs[0].Count++
			}
			m.Alerts = append(m.Alerts, a)
		}
		if !m.Late {
			return nil
		}
		payers, err := credit.Payers(ctx, tx, m.Frame.Now, zone)
		if err != nil {
			return err
		}
		for _, p := range payers {
			if !p.Chronic() {
				break
			}
			m.Payers = append(m.Payers, view.Payer{
				DebtorID: p.Debtor.String(), Debtor: p.Name, City: p.City, Days: p.Habit.DaysLate.Decimal(0), Score: pointsText(p.Score), Tone: bandLooks[p.Score.Band].tone,
				Open: p.Habit.Open, Overdue: p.Habit.Overdue, Invoices: p.Habit.Invoices, Oldest: p.Habit.OldestLate,
			})
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(view.List(m))
}

func pointsText(s credit.Score) string {
	if !s.Known {
		return "–"
	}
	return strconv.Itoa(s.Value)
}

// creditCSV is the chronic late payers as a file.
func (v *visit) creditCSV() error {
	rows := [][]string{{"debtor", "city", "days_late", "score", "open", "overdue", "currency", "overdue_invoices", "oldest_days"}}
	var on string
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.frame(tx, component.Credit, "Credit")
		if err != nil {
			return err
		}
		on = f.Today().String()
		payers, err := credit.Payers(ctx, tx, f.Now, f.Now.Location())
		for _, p := range payers {
			if p.Chronic() {
				h := p.Habit
				rows = append(rows, []string{p.Name, p.City, h.DaysLate.Decimal(1), pointsText(p.Score), h.Open.Decimal(), h.Overdue.Decimal(), string(h.Open.Currency), strconv.Itoa(h.Invoices), strconv.Itoa(h.OldestLate)})
			}
		}
		return err
	}); err != nil {
		return err
	}
	return sendCSV(v.w, "voldaan-late-payers-"+on+".csv", rows)
}

func (v *visit) debtorCredit() error { return v.showCredit("", nil, "") }

// showCredit shows a debtor; kind, typed and problem are of a refused form.
func (v *visit) showCredit(kind string, typed url.Values, problem string) error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	m := view.Model{Look: !v.member.Role.May(), ID: id.String()}
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		d, err := tx.Debtor(ctx, id)
		if err != nil {
			return err
		}
		m.Name = d.Name
		if m.Frame, err = v.frame(tx, component.Credit, d.Name); err != nil {
			return err
		}
		files, err := credit.Files(ctx, tx, id)
		if err != nil || len(files) == 0 {
			return err
		}
		fillStake(&m, files[0])
		payers, err := credit.Payers(ctx, tx, m.Frame.Now, m.Frame.Now.Location())
		if err != nil {
			return err
		}
		var s credit.Score
		if i := slices.IndexFunc(payers, func(p credit.Payer) bool { return p.Debtor == id }); i >= 0 {
			s = payers[i].Score
		}
		m.Score, m.Band, m.Tone = pointsText(s)+" of 100", bandLooks[cmp.Or(s.Band, credit.Unknown)].word, bandLooks[s.Band].tone
		for i, p := range s.Parts {
			points := strconv.Itoa(p.Points)
			if i > 0 {
				points = "−" + strconv.Itoa(-p.Points)
			}
			m.Parts = append(m.Parts, view.Part{Text: p.Text, Points: points})
		}
		if err := v.fillRisk(ctx, tx, &m, id); err != nil {
			return err
		}
		return v.fillReports(ctx, tx, &m, d)
	}); err != nil {
		return err
	}
	for name, input := range map[string]*component.TextInput{"own": &m.Own, "manual": &m.Manual, "unbilled": &m.NotBilled} {
		if name == kind {
			input.Value, input.Error = typed.Get("amount"), problem
		}
	}
	if problem != "" {
		v.w.WriteHeader(422)
	}
	return v.show(view.Show(m))
}

func fillStake(m *view.Model, f credit.File) {
	m.Total, m.Open, m.Unbilled, m.Unapplied, m.Over = f.Total, f.Exposure.Open, f.Exposure.Unbilled, f.Exposure.Unapplied, f.Over()
	m.Limit = "There is no limit."
	if f.Lowest != nil {
		m.Limit = "The " + limitWords[f.Lowest.Kind] + " of " + m.Frame.Amount(f.Lowest.Amount) + " counts: it is the lowest."
	}
	input := func(id, label, hint string) component.TextInput {
		return component.TextInput{ID: id, Name: "amount", Label: label, Hint: hint, InputMode: "decimal"}
	}
	m.Own = input("own", "Own limit", "By your own rules.")
	m.Manual = input("manual", "Manual limit", "For this debtor, for now.")
	m.NotBilled = input("unbilled", "Not billed yet", "Delivered or agreed, without an invoice.")
	m.NotBilled.Value = f.Exposure.Unbilled.Decimal()
	for _, l := range f.Limits {
		switch label := limitWords[l.Kind]; l.Kind {
		case credit.Own:
			m.Own.Value = l.Amount.Decimal()
			fallthrough
		default:
			if l.Kind == credit.Manual {
				m.Manual.Value = l.Amount.Decimal()
			}
			m.Limits = append(m.Limits, view.Limit{Label: strings.ToUpper(label[:1]) + label[1:], Amount: m.Frame.Amount(l.Amount)})
		}
	}
}

func (v *visit) setCredit() error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	kind, text := v.r.FormValue("kind"), strings.TrimSpace(v.r.FormValue("amount"))
	s := credit.Setting{By: v.member.Name, Kind: credit.LimitKind(kind)}
	if kind == "unbilled" {
		s.Kind = ""
		text = cmp.Or(text, "0")
	} else if s.Kind != credit.Own && s.Kind != credit.Manual {
		return fault.New(fault.Invalid, "credit_limit", "Say which limit it is.")
	}
	refused := ""
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		if text != "" {
			d, err := tx.Debtor(ctx, id)
			if err != nil {
				return err
			}
			adm, err := tx.Administration(ctx, d.AdministrationID)
			if err != nil {
				return err
			}
			if s.Amount, err = money.Parse(strings.ReplaceAll(text, ",", "."), adm.Currency); err != nil || s.Amount.Minor < 0 {
				refused = "Write an amount like 2500.00."
				return nil
			}
		}
		return v.Credit.Set(ctx, tx, id, s)
	}); err != nil {
		return err
	}
	if refused != "" {
		return v.showCredit(kind, v.r.PostForm, refused)
	}
	return v.done(creditPath(id), component.Flash{Tone: component.Green, Text: "Saved."})
}

func creditPath(debtor uuid.UUID) string { return "/debtors/" + debtor.String() + "/credit" }
