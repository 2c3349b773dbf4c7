package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api/web/view/cases"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) caseRoutes() {
	s.look("GET /cases", (*visit).cases)
	s.look("GET /cases.csv", (*visit).casesCSV)
	s.look("GET /cases/{id}", (*visit).theCase)
	s.look("GET /cases/{id}/dossier", (*visit).caseDossier)
	s.look("GET /cases/{id}/files/{file}", (*visit).caseFile)
	s.caseDeskRoutes()
	s.archiveRoutes()
}

// caseRows are the cases that the address asks for, open or closed, of a stage or
// all of them.
func caseRows(ctx context.Context, tx store.Tx, a *asking, most int32) ([]db.CaseListRow, error) {
	p := db.CaseListParams{States: []string{}, Closed: a.tab == "closed", Search: a.search, Back: a.back, Most: most}
	if !p.Closed {
		pairs := []string{"", "Any stage"}
		for _, state := range []string{"open", "ready", "bailiff", "monitored"} {
			pairs = append(pairs, state, caseStages[state].words)
		}
		if stage := a.choose("stage", "Stage", pairs...); stage != "" {
			p.States = []string{stage}
		}
	}
	p.FromAt, p.FromID = a.start()
	rows, err := tx.CaseList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	return rows, nil
}

func (v *visit) cases() error {
	var m cases.ListModel
	a := v.asking("/cases")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Cases, "Cases"); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "Open"}, [2]string{"closed", "Closed"})
		rows, err := caseRows(ctx, tx, a, pageSize+1)
		if err != nil {
			return err
		}
		m.Find = a.finder("cases", "Debtor, or number of a case or an invoice")
		counts, err := tx.CaseCounts(ctx)
		if err != nil {
			return fmt.Errorf("count cases: %w", err)
		}
		m.Tabs[0].Count = int(counts.Open)
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.CaseListRow) place { return place{At: r.OpenedAt, ID: r.ID} })
		total := int(counts.Open)
		switch {
		case m.Find.Filtered():
			total = len(rows)
		case a.tab == "closed":
			total = int(counts.Closed)
		}
		m.Pager.Shown = shownOf(m.Frame, len(rows), total, "case", "cases")
		names, err := namesOf(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			m.Rows = append(m.Rows, caseRow(m.Frame, r, names))
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(cases.List(m))
}

func (v *visit) casesCSV() error {
	return v.listFile("cases", []string{"id", "number", "debtor", "kind", "stage", "principal", "charges", "claim", "currency", "next_step", "next_on", "opened_on"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			names, err := namesOf(ctx, tx)
			if err != nil {
				return err
			}
			rows, err := caseRows(ctx, tx, v.asking("/cases"), mostExported)
			for _, r := range rows {
				part := func(minor int64) string { return money.Of(minor, r.Currency).Decimal() }
				line := caseRow(f, r, names)
				add(r.ID.String(), r.Number, r.Debtor, r.Kind, r.State, part(r.Principal), part(r.Charges), part(r.Principal+r.Charges), string(r.Currency), line.Next, line.NextOn.String(), line.Opened.String())
			}
			return err
		})
}

var caseStages = map[string]struct {
	words string
	tone  component.Tone
}{"open": {"Open", component.Red}, "ready": {"Ready for a bailiff", component.Amber}, "bailiff": {"With a bailiff", component.Amber}, "monitored": {"Watched", ""}, "closed": {"Closed", ""}}

func caseRow(f component.Frame, r db.CaseListRow, names stepNames) cases.Row {
	row := cases.Row{
		ID: r.ID.String(), Number: r.Number, Debtor: r.Debtor, Kind: kindOf(db.Debtor{Kind: r.Kind}), Opened: date.Of(r.OpenedAt.In(f.Now.Location())),
		Total: money.Of(r.Principal+r.Charges, r.Currency), Stage: caseStages[r.State].words, Tone: caseStages[r.State].tone,
	}
	if r.NextStep != "" && r.NextAt != nil {
		row.Next, row.NextOn = names.title(r.Flow, r.NextStep), date.Of(r.NextAt.In(f.Now.Location()))
	}
	return row
}

// claimFile is all that the page of a case is made of.
type claimFile struct {
	row      db.CollectionCase
	debtor   db.Debtor
	invoices []db.CaseInvoicesRow
	ids      []uuid.UUID
	entries  []db.ClaimEntry
	payments []db.PaymentsOfInvoicesRow
	messages []db.Message
	notice   *db.Notice
	docs     []db.DocumentsOfRow
	ahead    []dunning.Ahead
	frame    component.Frame
	names    stepNames
}

func (v *visit) theCase() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var m cases.Model
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.loadCase(ctx, tx, id)
		if err != nil {
			return err
		}
		m = f.model()
		m.Desk, err = f.desk(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	return v.show(cases.Show(m))
}

func (v *visit) loadCase(ctx context.Context, tx store.Tx, id uuid.UUID) (f *claimFile, err error) {
	f = &claimFile{}
	if f.row, err = tx.CaseByID(ctx, id); err != nil {
		return nil, err
	}
	if f.frame, err = v.frame(tx, component.Cases, f.row.Number); err != nil {
		return nil, err
	}
	if f.names, err = namesOf(ctx, tx); err != nil {
		return nil, err
	}
	if f.debtor, err = tx.Debtor(ctx, f.row.DebtorID); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	if f.invoices, err = tx.CaseInvoices(ctx, id); err != nil {
		return nil, err
	}
	for _, i := range f.invoices {
		f.ids = append(f.ids, i.InvoiceID)
	}
	if f.entries, err = tx.ClaimEntries(ctx, id); err != nil {
		return nil, err
	}
	if f.payments, err = tx.PaymentsOfInvoices(ctx, f.ids); err != nil {
		return nil, err
	}
	if f.messages, err = tx.MessagesOfInvoices(ctx, f.ids); err != nil {
		return nil, err
	}
	notices, err := tx.NoticesOfInvoices(ctx, f.ids)
	if err != nil {
		return nil, err
	}
	if len(notices) > 0 {
		f.notice = &notices[0]
	}
	subjects := append([]uuid.UUID{id}, f.ids...)
	for _, m := range f.messages {
		subjects = append(subjects, m.ID)
	}
	if f.docs, err = tx.DocumentsOf(ctx, subjects); err != nil {
		return nil, err
	}
	if len(f.ids) > 0 && f.row.State != "closed" {
		f.ahead, err = v.Planner.Ahead(ctx, tx, f.ids[0])
	}
	return f, err
}

func (f *claimFile) model() cases.Model {
	stage := caseStages[f.row.State]
	m := cases.Model{
		Frame: f.frame, ID: f.row.ID.String(), Number: f.row.Number, Debtor: f.debtor.Name, Kind: kindOf(f.debtor), Opened: date.Of(f.row.OpenedAt.In(f.frame.Now.Location())),
		Stage: stage.words, Tone: stage.tone, Claim: f.claim(), Steps: f.steps(), NoNotice: "A company owes costs without a letter of this kind.",
	}
	if f.notice != nil {
		m.Notice = f.noticeCard()
	} else if f.debtor.Kind != string(sdk.Business) {
		m.NoNotice = "No 14-day letter is on record, so no costs are asked."
	}
	m.Dossier = f.dossier()
	for _, d := range m.Dossier {
		if !d.Present {
			m.Missing++
		}
	}
	if _, ok := f.document(f.row.ID, "dossier"); ok {
		m.DossierHref = "/cases/" + f.row.ID.String() + "/dossier"
	}
	return m
}

// claim is what is asked, with how each figure was computed.
func (f *claimFile) claim() cases.Claim {
	cur := f.row.Currency
	c := cases.Claim{AsOf: date.Of(f.row.OpenedAt.In(f.frame.Now.Location())), Costs: cases.Figure{Amount: money.Of(0, cur)}, InterestT: cases.Figure{Amount: money.Of(0, cur)}, PerDay: money.Of(0, cur)}
	total := int64(0)
	for _, i := range f.invoices {
		total += i.PrincipalMinor
		c.Principal = append(c.Principal, cases.Claimed{
			Label: "Invoice " + i.Number, Href: "/invoices/" + i.InvoiceID.String(), Note: "Due " + f.frame.Date(i.Due), Amount: money.Of(i.PrincipalMinor, i.Currency),
		})
	}
	for _, p := range f.payments {
		if p.SeenAt.Before(f.row.OpenedAt) {
			continue // the principal is what was left then
		}
		total -= p.AmountMinor
		on := p.ValueDate
		if on.IsZero() {
			on = date.Of(p.SeenAt)
		}
		c.Payments = append(c.Payments, cases.Claimed{Label: "Paid on " + f.frame.Date(on), Note: p.Number + ", " + receivedWords[p.Source], Amount: money.Of(-p.AmountMinor, p.Currency)})
	}
	perDay := 0.0
	for _, e := range f.entries {
		total += e.AmountMinor
		if !e.Through.IsZero() {
			c.AsOf = date.Later(c.AsOf, e.Through)
		}
		switch e.Kind {
		case "costs", "costs_vat", "fee", "waiver":
			c.Costs.Amount.Minor += e.AmountMinor
			costsFigure(&c.Costs, e)
		case "interest":
			c.InterestT.Amount.Minor += e.AmountMinor
			perDay += interestFigure(&c, e)
		case "payment":
			c.Payments = append(c.Payments, cases.Claimed{Label: "Paid on costs and interest", Amount: money.Of(e.AmountMinor, e.Currency)})
		}
	}
	if c.Costs.How == "" {
		c.Costs.How = "None are due"
	}
	c.Total, c.PerDay.Minor = money.Of(total, cur), int64(perDay+0.5)
	return c
}

func costsFigure(f *cases.Figure, e db.ClaimEntry) {
	var due law.CostsDue
	if json.Unmarshal(e.Calculation, &due) != nil {
		return
	}
	if e.Kind == "fee" && e.AmountMinor > 0 {
		var how struct{ Explanation string }
		if json.Unmarshal(e.Calculation, &how) == nil {
			f.How = joinNonEmpty(" ", f.How, money.Of(e.AmountMinor, e.Currency).String(), lowerFirst(how.Explanation))
		}
	}
	if e.Kind == "costs" {
		f.How = joinNonEmpty(" ", f.How, cmp.Or(due.Costs.Explanation, due.Explanation))
	}
	f.Source = cmp.Or(f.Source, cited(due.Costs.Citations), cited(due.Citations))
	provisional(f, due.Basis)
}

func cited(list []law.Citation) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].Article
}

func provisional(f *cases.Figure, b law.Basis) {
	if b.Provisional && len(b.Caveats) > 0 {
		f.Provisional = b.Caveats[0]
	}
}

// interestFigure adds the periods of an entry and returns what each further day
// adds, in minor units.
func interestFigure(c *cases.Claim, e db.ClaimEntry) float64 {
	var i law.Interest
	if json.Unmarshal(e.Calculation, &i) != nil {
		return 0
	}
	for _, s := range i.Segments {
		c.Interest = append(c.Interest, cases.Period{From: s.From, To: s.Through, Days: s.Days, Base: s.Base, Rate: s.Rate + "%", Amount: portion(i, s)})
	}
	c.InterestT.How = fmt.Sprintf("Over %d days, on what was open on each day", max(i.Days, 0))
	c.InterestT.Source = cmp.Or(c.InterestT.Source, cited(i.Citations))
	provisional(&c.InterestT, i.Basis)
	if len(i.Segments) == 0 {
		return 0
	}
	last := i.Segments[len(i.Segments)-1]
	return float64(portion(i, last).Minor) / float64(max(last.Days, 1))
}

// portion is a segment's share of the interest, for reading: the law rounds the
// sum, so that shares may differ from it by a cent.
func portion(i law.Interest, s law.Segment) money.Amount {
	none := money.Of(0, i.Amount.Currency)
	rate, ok := new(big.Rat).SetString(s.Rate)
	if !ok || s.YearDays == 0 {
		return none
	}
	minor := rate.Mul(rate, big.NewRat(int64(s.Days)*s.Base.Minor, int64(s.YearDays)*100))
	n := new(big.Int).Div(new(big.Int).Add(new(big.Int).Mul(minor.Num(), big.NewInt(2)), minor.Denom()), new(big.Int).Mul(minor.Denom(), big.NewInt(2)))
	return money.Of(n.Int64(), i.Amount.Currency)
}

func (f *claimFile) noticeCard() *cases.Notice {
	n := f.notice
	card := &cases.Notice{
		Posted: n.PostedOn, Delivered: n.ReceivedOn, LastDay: n.TermLastDay, CostsFrom: n.CostsFrom, Valid: n.VoidAt == nil, Stated: money.Of(n.CostsMinor, n.Currency),
		Rule: "R94", RuleText: ruleText("R94"), Proof: "Receipt is presumed by the days that the law counts.", Why: "The letter named the exact costs and gave 14 full days.",
	}
	if n.VoidAt != nil {
		card.Why = n.VoidWhy
	}
	if n.MessageID.Valid {
		if d, ok := f.document(n.MessageID.UUID, "letter"); ok {
			card.Href = f.fileHref(d)
		}
	}
	return card
}

func (f *claimFile) document(subject uuid.UUID, kind string) (db.DocumentsOfRow, bool) {
	i := slices.IndexFunc(f.docs, func(d db.DocumentsOfRow) bool { return d.SubjectID == subject && d.Kind == kind })
	if i < 0 {
		return db.DocumentsOfRow{}, false
	}
	return f.docs[i], true
}

func (f *claimFile) fileHref(d db.DocumentsOfRow) string {
	return "/cases/" + f.row.ID.String() + "/files/" + d.ID.String()
}

func (f *claimFile) steps() (out []cases.Step) {
	for _, m := range f.messages {
		at := m.CreatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		}
		s := cases.Step{Title: f.names.title("", m.Step) + sentWords[m.Channel], At: at, Done: true, Legal: m.Step == "case_opened"}
		if d, ok := f.document(m.ID, "letter"); ok {
			s.Letter = f.fileHref(d)
		}
		out = append(out, s)
	}
	for _, a := range f.ahead {
		out = append(out, cases.Step{Title: a.Step.Title + channelWords(a.Step.Channels), At: a.At, Text: a.Why})
	}
	slices.SortStableFunc(out, func(a, b cases.Step) int { return a.At.Compare(b.At) })
	return out
}

// dossier lists what a bailiff needs and whether it is there (R107).
func (f *claimFile) dossier() []cases.DossierItem {
	item := func(title string, present bool, href string) cases.DossierItem {
		return cases.DossierItem{Title: title, Present: present, Href: href}
	}
	pdfs, href := 0, ""
	for _, i := range f.invoices {
		if _, ok := f.document(i.InvoiceID, "invoice"); ok {
			pdfs++
			href = "/invoices/" + i.InvoiceID.String() + "/pdf"
		}
	}
	sent := 0
	for _, m := range f.messages {
		if m.Delivery != "" {
			sent++
		}
	}
	costs := slices.ContainsFunc(f.entries, func(e db.ClaimEntry) bool { return e.Kind == "costs" || e.Kind == "interest" })
	list := []cases.DossierItem{
		item("Parties", f.debtor.Name != "" && f.debtor.Line1 != "", ""),
		item(fmt.Sprintf("Invoices (%d of %d)", pdfs, len(f.invoices)), pdfs == len(f.invoices), href),
		item(fmt.Sprintf("Messages with delivery data (%d)", sent), sent > 0, ""),
	}
	if f.debtor.Kind != string(sdk.Business) {
		letter := ""
		if f.notice != nil && f.notice.MessageID.Valid {
			if d, ok := f.document(f.notice.MessageID.UUID, "letter"); ok {
				letter = f.fileHref(d)
			}
		}
		list = append(list, item("14-day letter with proof of receipt", f.notice != nil && f.notice.VoidAt == nil, letter))
	}
	return append(list,
		item(fmt.Sprintf("Payments (%d)", len(f.payments)), true, ""),
		item("Costs and interest, computed", costs, ""))
}

func (v *visit) caseDossier() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var doc db.Document
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		doc, err = tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: id, Kind: "dossier"})
		return err
	}); err != nil {
		return err
	}
	serveDocument(v.w, doc, true)
	return nil
}

// caseFile is a file of a case: one of its messages or invoices.
func (v *visit) caseFile() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	file, err := v.id("file")
	if err != nil {
		return err
	}
	var doc db.Document
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.loadCase(ctx, tx, id)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(f.docs, func(d db.DocumentsOfRow) bool { return d.ID == file }) {
			return errNotHere
		}
		doc, err = tx.Document(ctx, file)
		return err
	}); err != nil {
		return err
	}
	serveDocument(v.w, doc, false)
	return nil
}
