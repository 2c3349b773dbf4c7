package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api/web/locale"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// file is all that the page of one invoice is made of.
type file struct {
	invoice   db.Invoice
	debtor    db.Debtor
	adm       db.Administration
	source    string
	state     *db.Collection // nil before it was planned
	received  int64
	decisions []db.Decision
	messages  []db.Message
	asked     map[uuid.UUID]money.Amount // by message
	payments  []db.PaymentsOfInvoiceRow
	talk      []db.CorrespondenceOfRow
	disputes  []db.Dispute
	holds     []db.Hold
	tasks     []db.Task
	claim     *db.CollectionCase
	claimSums []db.CaseSumsRow
	ahead     []dunning.Ahead
	why       *invoice.Why
	follows   policy.Flow // as it is for this debtor
	names     stepNames
	figures   []policy.Figure // that the next step waits for
	rate      exchange.Rate   // by which it is converted, where needsRate
	needsRate bool
	others    int64
	fees      fee.Account // of reminders, with its entries
	feeLines  []fee.Entry
	hasPDF    bool
	now       time.Time
	frame     component.Frame
}

func (v *visit) invoice() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.invoiceModel(id)
	if err != nil {
		return err
	}
	return v.show(invoice.Show(m))
}

func (v *visit) invoiceModel(id uuid.UUID) (m invoice.Model, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.load(ctx, tx, id)
		if err != nil {
			return err
		}
		m = f.model()
		if f.state != nil && f.state.Workflow != "none" && v.WorkflowURL != nil {
			m.Links.Workflow = v.WorkflowURL(f.state.WorkflowID)
		}
		if !v.member.Role.May() {
			m.Actions = invoice.Actions{StepName: m.Actions.StepName, StepWhyNot: "Your role looks only"}
			if m.Fees != nil {
				m.Fees.Waive, m.Fees.Restore = false, false
			}
		}
		m.Actions.Approve = v.owner()
		return nil
	})
	return m, err
}

// load reads everything about one invoice.
func (v *visit) load(ctx context.Context, tx store.Tx, id uuid.UUID) (f *file, err error) {
	f = &file{asked: map[uuid.UUID]money.Amount{}}
	if f.invoice, err = tx.Invoice(ctx, id); err != nil {
		return nil, err
	}
	if f.frame, err = v.frame(tx, component.Invoices, f.invoice.Number); err != nil {
		return nil, err
	}
	if f.adm, err = tx.Administration(ctx, f.invoice.AdministrationID); err != nil {
		return nil, fmt.Errorf("load the administration: %w", err)
	}
	zone, err := time.LoadLocation(f.adm.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", f.adm.TimeZone, err)
	}
	if f.names, err = namesOf(ctx, tx); err != nil {
		return nil, err
	}
	f.frame.Now = f.frame.Now.In(zone)
	f.now = f.frame.Now
	for _, part := range []func(context.Context, store.Tx) error{f.people, f.standing, f.happened, f.money} {
		if err := part(ctx, tx); err != nil {
			return nil, fmt.Errorf("load invoice %s: %w", id, err)
		}
	}
	if f.state != nil && f.state.HeldRule == policy.ProvisionalFigure {
		if f.figures, err = v.Planner.FiguresOf(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	if f.ahead, err = v.Planner.Ahead(ctx, tx, id); err != nil {
		return nil, err
	}
	if f.rate, _, f.needsRate, err = v.Planner.RateOf(ctx, tx, id); err != nil {
		return nil, err
	}
	return f, v.explains(ctx, tx, f)
}

func (f *file) people(ctx context.Context, tx store.Tx) (err error) {
	if f.debtor, err = tx.Debtor(ctx, f.invoice.DebtorID); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if f.source = "the books"; f.adm.ConnectionID.Valid {
		c, err := tx.Connection(ctx, f.adm.ConnectionID.UUID)
		if err != nil {
			return err
		}
		f.source = c.Title
	}
	if f.others, err = tx.OtherOpen(ctx, db.OtherOpenParams{DebtorID: f.invoice.DebtorID, ID: f.invoice.ID}); err != nil {
		return err
	}
	f.talk, err = tx.CorrespondenceOf(ctx, f.invoice.DebtorID)
	f.talk = slices.DeleteFunc(f.talk, func(c db.CorrespondenceOfRow) bool { return c.InvoiceID.Valid && c.InvoiceID.UUID != f.invoice.ID })
	return err
}

func (f *file) standing(ctx context.Context, tx store.Tx) error {
	c, err := tx.Collection(ctx, f.invoice.ID)
	if err == nil {
		f.state = &c
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	scopes := []uuid.UUID{f.invoice.ID, f.invoice.DebtorID, f.invoice.AdministrationID}
	if f.holds, err = tx.HoldsIn(ctx, scopes); err != nil {
		return err
	}
	if f.tasks, err = tx.TasksOn(ctx, scopes[:2]); err != nil {
		return err
	}
	claim, err := tx.CaseOfInvoice(ctx, f.invoice.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	f.claim = &claim
	f.claimSums, err = tx.CaseSums(ctx, claim.ID)
	return err
}

func (f *file) happened(ctx context.Context, tx store.Tx) (err error) {
	if f.decisions, err = tx.Decisions(ctx, f.invoice.ID); err != nil {
		return err
	}
	if f.messages, err = tx.MessagesOfInvoice(ctx, f.invoice.ID); err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(f.messages))
	for i, m := range f.messages {
		ids[i] = m.ID
	}
	amounts, err := tx.MessageAmounts(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range amounts {
		f.asked[a.MessageID] = money.Of(a.Asked, a.Currency)
	}
	f.disputes, err = tx.DisputesOf(ctx, f.invoice.ID)
	return err
}

func (f *file) money(ctx context.Context, tx store.Tx) (err error) {
	if f.payments, err = tx.PaymentsOfInvoice(ctx, f.invoice.ID); err != nil {
		return err
	}
	open, err := tx.OpenOf(ctx, f.invoice.ID)
	if err != nil {
		return err
	}
	f.received = f.invoice.OpenMinor - open
	if f.fees, err = fee.OfInvoice(ctx, tx, f.invoice.ID); err != nil {
		return err
	}
	if f.feeLines, err = fee.Entries(ctx, tx, f.invoice.ID); err != nil {
		return err
	}
	docs, err := tx.DocumentsOf(ctx, []uuid.UUID{f.invoice.ID})
	f.hasPDF = f.invoice.HasDocument || slices.ContainsFunc(docs, func(d db.DocumentsOfRow) bool { return d.Kind == "invoice" })
	return err
}

func (f *file) open() money.Amount {
	return money.Of(f.invoice.OpenMinor-f.received, f.invoice.Currency)
}

func (f *file) phase() component.Phase {
	phase := ""
	if f.state != nil {
		phase = f.state.Phase
	}
	return phaseOf(phase, f.invoice.Status, f.invoice.SentAt != nil)
}

func (f *file) model() invoice.Model {
	id := f.invoice.ID.String()
	m := invoice.Model{
		Frame: f.frame, ID: id, Number: f.invoice.Number, Administration: f.adm.Name, Source: f.source, Phase: f.phase(),
		Issued: f.invoice.Issued, Due: f.invoice.Due, Owed: f.owed(), Debtor: f.debtorCard(),
		Next: f.next(), Holds: f.holdCards(), Done: f.done(), Thread: f.thread(), Planned: f.planned(),
		Reply: component.TextInput{ID: "reply", Name: "text", Label: "Answer", Rows: 4, Required: true},
		Links: invoice.Links{Books: webLink(f.invoice.Url)},
	}
	if late := f.frame.Today().DaysSince(f.invoice.Due); late > 0 && m.Done == nil && f.invoice.Kind == string(sdk.SalesInvoice) {
		m.DaysLate = late
	}
	if f.hasPDF {
		m.Links.PDF = "/invoices/" + id + "/pdf"
	}
	if f.claim != nil {
		m.Links.Case = "/cases/" + f.claim.ID.String()
	}
	m.Fees = f.feeCard()
	m.Earlier, m.Recent = f.past()
	m.Actions = f.actions(m)
	if m.Done == nil {
		m.Why = f.why
	}
	return m
}

// webLink keeps what is no web address out of a page.
func webLink(u string) string {
	if strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
		return u
	}
	return ""
}

func (f *file) actions(m invoice.Model) invoice.Actions {
	a := invoice.Actions{Reply: f.debtor.Email != ""}
	if m.Done != nil || f.state == nil {
		if f.state == nil && m.Done == nil {
			a.StepWhyNot = "Nothing is planned before this administration goes live"
		}
		return a
	}
	a.Pause = true
	a.Resume = slices.ContainsFunc(m.Holds, func(h invoice.Hold) bool { return h.ID != "" })
	switch {
	case f.state.NextStep == "":
		a.StepWhyNot = "No further step"
	case len(m.Holds) > 0:
		a.StepWhyNot = "No step while it is held"
	default:
		a.Step, a.StepName = true, lowerFirst(f.stepTitle(f.state.NextStep))
	}
	return a
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	if second, _ := utf8.DecodeRuneInString(s[1:]); unicode.IsUpper(second) {
		return s // an abbreviation, as EUR
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func (f *file) owed() invoice.Owed {
	cur, l := f.invoice.Currency, locale.English
	o := invoice.Owed{Open: f.open(), AsOf: f.confirmed()}
	o.Lines = append(o.Lines, invoice.OwedLine{Label: "Invoice, incl. VAT", Amount: money.Of(f.invoice.TotalMinor, cur)})
	left := f.invoice.TotalMinor - f.open().Minor
	for _, p := range f.payments {
		if p.State != "booked" || p.Kind != "principal" {
			continue
		}
		left -= p.Allocated
		o.Lines = append(o.Lines, invoice.OwedLine{Label: "Paid on " + l.Date(paidOn(p)) + " " + sourceWords[p.Source], Amount: money.Of(-p.Allocated, cur), Paid: true})
	}
	if left > 0 {
		o.Lines = append(o.Lines, invoice.OwedLine{Label: "Paid or credited in the books", Amount: money.Of(-left, cur), Paid: true})
	}
	if f.invoice.Status != string(sdk.Open) {
		o.Open = money.Of(max(0, f.open().Minor), cur)
		return o
	}
	for _, s := range f.claimSums {
		label, ok := claimLabels[s.Kind]
		if !ok || s.Amount == 0 {
			continue
		}
		amount := money.Of(s.Amount, cur)
		o.Lines = append(o.Lines, invoice.OwedLine{Label: label, Amount: amount, Paid: s.Amount < 0})
		if sum, err := o.Open.Add(amount); err == nil {
			o.Open = sum
		}
		if s.Provisional {
			o.Provisional = "A figure rests on a rate or rule that is not confirmed yet."
		}
	}
	return o
}

var claimLabels = map[string]string{"costs": "Collection costs", "costs_vat": "VAT on the costs", "fee": "Fees for reminders", "interest": "Statutory interest", "waiver": "Waived", "payment": "Paid on costs and interest"}

var sourceWords = map[string]string{"books": "(in the books)", "bank": "(by bank)", "mollie": "(through the pay link)", "manual": "(entered by hand)", "bailiff": "(at the bailiff)"}

func paidOn(p db.PaymentsOfInvoiceRow) date.Date {
	if !p.ValueDate.IsZero() {
		return p.ValueDate
	}
	return date.Of(p.SeenAt)
}

// confirmed is when the books last said that this is what is owed.
func (f *file) confirmed() (at time.Time) {
	for _, t := range []*time.Time{f.adm.ConfirmedAt, f.invoice.ConfirmedAt} {
		if t != nil && t.After(at) {
			at = *t
		}
	}
	return at
}

func (f *file) debtorCard() invoice.Debtor {
	d := f.debtor
	form := "informal"
	if f.adm.Formal {
		form = "formal"
	}
	card := invoice.Debtor{
		ID:     debtorID(d),
		Debits: "/debtors/" + d.ID.String() + "/debit",
		Name:   cmp.Or(d.Name, "Debtor not read yet"), Kind: kindOf(d), Email: d.Email, OtherOpen: int(f.others),
		Language: languageNames[languageOf(d.Language, f.adm.Language)] + ", " + form,
		Address:  joinNonEmpty(", ", d.Line1, d.Line2, strings.TrimSpace(d.PostalCode+" "+d.City)),
	}
	if f.follows.ID != "" {
		card.Flow = fmt.Sprintf("%s, version %d", f.follows.Title, f.follows.Version)
	}
	return card
}

// debtorID is the debtor's id, "" when the books have not told of it yet.
func debtorID(d db.Debtor) string {
	if d.ID == uuid.Nil {
		return ""
	}
	return d.ID.String()
}

var languageNames = map[string]string{"nl": "Dutch", "en": "English", "de": "German", "fr": "French"}

func joinNonEmpty(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}

func (f *file) next() *invoice.Next {
	if f.state == nil || f.state.NextStep == "" || f.state.Phase == string(receivable.Closed) {
		return nil
	}
	step, _ := f.follows.Step(policy.StepID(f.state.NextStep))
	n := &invoice.Next{Step: step.Title + channelWords(step.Channels), Rule: ruleName(f.state.NextRule), RuleText: ruleText(f.state.NextRule), Why: f.state.NextWhy}
	if f.state.NextAt == nil {
		return nil // held without an end: the hold says what it waits for
	}
	n.At = *f.state.NextAt
	if !step.Bookkeeping() {
		n.To = cmp.Or(f.debtor.Email, joinNonEmpty(", ", f.debtor.Line1, f.debtor.City))
	}
	return n
}

func (f *file) done() *invoice.Done {
	switch {
	case f.state != nil && f.state.Phase == string(receivable.Closed):
		on := f.state.ClosedOn
		if on.IsZero() && f.state.ClosedAt != nil {
			on = date.Of(f.state.ClosedAt.In(f.now.Location()))
		}
		d := &invoice.Done{Title: "Closed", Text: f.state.ClosedWhy, On: on}
		if f.phase() == component.Paid {
			d.Title, d.Paid = "Paid in full", true
		}
		return d
	case f.invoice.Status == string(sdk.Paid):
		return &invoice.Done{Title: "Paid in full", Text: "The books say that it is paid.", On: date.Of(f.invoice.ChangedAt.In(f.now.Location())), Paid: true}
	case f.invoice.Status == string(sdk.Void):
		return &invoice.Done{Title: "Withdrawn", Text: "The books withdrew this invoice.", On: date.Of(f.invoice.ChangedAt.In(f.now.Location()))}
	}
	return nil
}

func (f *file) thread() (out []invoice.Message) {
	for _, c := range f.talk {
		out = append(out, invoice.Message{Who: c.Author, Ours: c.Direction == "out", At: c.At, Via: viaWords[c.Channel], Text: c.Body})
	}
	return out
}

var viaWords = map[string]string{"email": "e-mail", "portal": "portal", "phone": "phone"}
