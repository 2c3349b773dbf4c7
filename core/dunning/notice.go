package dunning

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// statutory is a notice as the law of the creditor's country wants it.
type statutory struct {
	pack   *law.Country
	notice law.Notice
	text   law.NoticeText
	term   law.NoticeTerm
	sum    money.Amount // of the claims, in their currency
	rate   exchange.Rate
	doubts []law.Figure // on whose law it is
}

// noticeOf returns the kind of notice that a step is under the creditor's law,
// and whether it is one. What a flow calls statutory is always one.
func (l *ledger) noticeOf(pack *law.Country, step policy.Step) (string, bool) {
	for _, id := range []policy.StepID{step.ID, step.Kind()} {
		if kind, ok := pack.NoticeOf(string(id), l.debtorType()); ok {
			return kind, true
		}
	}
	return "", step.Statutory
}

// texts are the protected sentences that the law wants in the message of a step.
func (l *ledger) texts(pack *law.Country, step policy.Step, claims []*item, on date.Date) ([]law.ProtectedText, error) {
	q := law.TextQuery{Place: law.OnReminder, Step: string(step.Kind()), Debtor: l.debtorType(), Language: string(l.language()), Lenient: true, On: on}
	if step.Kind() == policy.SendInvoice {
		if !l.adm.InvoiceNotices {
			return nil, nil
		}
		q.Place = law.OnInvoice
	}
	rate, err := l.rate(pack, claims, on)
	if err != nil {
		return nil, nil //nolint:nilerr // its figures are in the currency of the law; the message says what it can
	}
	for _, it := range claims {
		a, err := inLaw(pack, rate, it.ask())
		if err != nil {
			return nil, err
		}
		q.Claims = append(q.Claims, a)
	}
	return pack.ProtectedTexts(q)
}

// newStatutory computes the notice for all claims that go into it; the law
// counts them as one (R98).
func (l *ledger) newStatutory(pack *law.Country, kind string, claims []*item, sent date.Date, by law.Channel, charges []outreach.Charge) (*statutory, error) {
	c := creditor(l.adm)
	s := &statutory{pack: pack, notice: law.Notice{
		Kind: kind, Debtor: l.debtorType(), Language: pack.NoticeLanguage(kind, string(l.language()), l.adm.Language), Sent: sent, Channel: by,
		Creditor: law.Creditor{Name: c.Name, Number: c.Number}, Clause: l.adm.CostsClause,
	}}
	if doubt, ok := l.foreign(pack); ok {
		s.doubts = append(s.doubts, doubt)
	}
	var err error
	if s.rate, err = l.rate(pack, claims, sent); err != nil {
		return nil, err
	}
	for _, ch := range charges {
		if !s.rate.IsZero() {
			ch.Amount = ch.Law
		}
		s.notice.Charges = append(s.notice.Charges, ch.Amount)
	}
	for _, it := range claims {
		principal, err := inLaw(pack, s.rate, it.ask())
		if err != nil {
			return nil, err
		}
		s.notice.Claims = append(s.notice.Claims, law.NoticeClaim{
			Reference: it.invoice.Number, Principal: principal, DefaultSince: it.invoice.Due.AddDays(1), Due: it.invoice.Due,
			Subject: cmp.Or(it.invoice.Reference, l.adm.Supplies),
		})
		// A line of the letter shows what was paid of it as well.
		total := money.Of(it.invoice.TotalMinor, it.invoice.Currency)
		s.notice.Stated = append(s.notice.Stated, total, money.Of(total.Minor-it.open().Minor, total.Currency))
		if s.sum, err = s.sum.Add(it.ask()); err != nil {
			return nil, err
		}
	}
	if s.text, err = pack.NoticeText(s.notice); err != nil {
		return nil, err
	}
	s.term, err = pack.NoticeTerm(law.Delivery{Kind: kind, Sent: sent, Channel: by, AddressInUse: true})
	return s, err
}

// block is the notice as a template places it.
func (s *statutory) block() *outreach.Notice {
	n := &outreach.Notice{Heading: s.text.Heading, Principal: s.sum, Costs: s.text.Costs.Total}
	for _, b := range s.text.Blocks {
		n.Paragraphs = append(n.Paragraphs, b.Text)
	}
	for _, e := range s.text.Enclosures {
		n.Enclosures = append(n.Enclosures, outreach.Enclosure{Title: e.Title, Paragraphs: e.Paragraphs, Fields: e.Fields})
	}
	for _, c := range s.notice.Claims {
		n.Covers = append(n.Covers, c.Reference)
	}
	return n
}

// check refuses a rendered letter that would cost the creditor its claim on
// costs: a wrong term or amount (R95).
func (s *statutory) check(rendered string) error {
	problems, err := s.pack.CheckNotice(s.notice, rendered)
	if err != nil {
		return err
	}
	return law.Refusal(problems)
}

// kind names the notice, also where the flow left it to the law.
func (s *statutory) kind() string { return cmp.Or(s.notice.Kind, s.pack.NoticeKinds()[0]) }

func (s *statutory) record(ctx context.Context, tx store.Tx, l *ledger, o *outgoing, now time.Time) error {
	claims, message := o.parts.demanded, o.paper
	if s.notice.Channel == law.Email {
		message = o.mail
	}
	n := db.AddNoticeParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: l.adm.ID, DebtorID: l.debtor.ID, MessageID: nullID(message),
		PostedOn: s.notice.Sent, ReceivedOn: s.term.Received, TermLastDay: s.term.LastDayRolled, CostsFrom: s.term.CostsFrom,
		Currency: s.text.Costs.Principal.Currency, PrincipalMinor: s.text.Costs.Principal.Minor, CostsMinor: s.text.Costs.Total.Minor, Provisional: s.text.Provisional || s.term.Provisional,
	}
	if err := tx.AddNotice(ctx, n); err != nil {
		return fmt.Errorf("record the notice: %w", err)
	}
	d := db.DescribeNoticeParams{ID: n.ID, Law: s.pack.Code(), Kind: s.kind(), Step: string(o.step.ID), Channel: string(s.notice.Channel), Language: s.notice.Language}
	if err := tx.DescribeNotice(ctx, d); err != nil {
		return fmt.Errorf("record the notice: %w", err)
	}
	if !s.rate.IsZero() {
		if err := exchange.Fix(ctx, tx, exchange.Notice, n.ID, s.rate, now); err != nil {
			return err
		}
		l.fixed[n.ID] = s.rate
	}
	for _, it := range claims {
		if err := tx.AddNoticeInvoice(ctx, db.AddNoticeInvoiceParams{NoticeID: n.ID, InvoiceID: it.invoice.ID, TenantID: tx.Tenant, PrincipalMinor: it.ask().Minor}); err != nil {
			return fmt.Errorf("record the notice: %w", err)
		}
		it.notice = &db.LedgerNoticesRow{
			ID: n.ID, InvoiceID: it.invoice.ID, PostedOn: n.PostedOn, ReceivedOn: n.ReceivedOn, TermLastDay: n.TermLastDay, CostsFrom: n.CostsFrom,
			Law: d.Law, Kind: d.Kind, Step: d.Step, Channel: d.Channel, Language: d.Language,
			Currency: n.Currency, PrincipalMinor: n.PrincipalMinor, CostsMinor: n.CostsMinor, InvoicePrincipal: it.ask().Minor,
		}
	}
	return nil
}

// dueMoved is why a final notice has no effect any more (R23).
const dueMoved = "The due date moved to the future after the letter; a new letter is needed (R23)."

// voidNotices takes the effect of a final notice away when the due date of one of
// its claims moved to the future: it is sent again to all of them (R23). In a case
// a person decides.
func (l *ledger) voidNotices(ctx context.Context, tx store.Tx, now time.Time) error {
	today := date.Of(now.In(l.zone))
	for _, it := range l.items {
		if it.state == nil || closed(it) || it.invoice.Due.Before(today) {
			continue
		}
		final := l.finalNotice(it)
		if it.notice == nil && final == "" {
			continue
		}
		if it.claim != nil {
			if err := addTask(ctx, tx, l, "due_moved", it.invoice.ID, "The due date of invoice "+it.invoice.Number+" moved",
				"The invoice is in a case, and its due date moved to the future after the notice. Decide whether the case stands.", now); err != nil {
				return err
			}
			continue
		}
		if it.notice != nil {
			if err := l.void(ctx, tx, it.notice.ID, dueMoved, now); err != nil {
				return err
			}
			continue
		}
		if err := renew(ctx, tx, it, final); err != nil {
			return err
		}
		if err := decide(ctx, tx, it, decision{step: string(final), outcome: "dropped", rule: "R23", why: dueMoved, at: now}); err != nil {
			return err
		}
	}
	return nil
}

// finalNotice is the step by which an invoice got a final notice in this cycle,
// none without one.
func (l *ledger) finalNotice(it *item) policy.StepID {
	for _, step := range l.flow(it).Steps {
		if d, done := it.done[step.ID]; done && d.Outcome != policy.DoneSkipped && step.Demand && step.Phase == receivable.Final {
			return step.ID
		}
	}
	return ""
}

// void takes the effect of a notice away; it is sent again to all it covered.
func (l *ledger) void(ctx context.Context, tx store.Tx, notice uuid.UUID, why string, now time.Time) error {
	if err := tx.VoidNotice(ctx, db.VoidNoticeParams{ID: notice, VoidAt: &now, VoidWhy: why}); err != nil {
		return fmt.Errorf("void notice: %w", err)
	}
	for _, covered := range l.items {
		if covered.notice == nil || covered.notice.ID != notice || covered.state == nil {
			continue
		}
		again := policy.StepID(covered.notice.Step)
		covered.notice = nil
		if err := renew(ctx, tx, covered, again); err != nil {
			return err
		}
	}
	return nil
}

// renew begins a new cycle of an invoice with all steps behind it but one, which
// is taken again. The steps of the old cycle stay on record.
func renew(ctx context.Context, tx store.Tx, it *item, again policy.StepID) error {
	if err := tx.CarrySteps(ctx, db.CarryStepsParams{InvoiceID: it.invoice.ID, Cycle: it.state.Cycle, Dropped: []string{string(again)}}); err != nil {
		return fmt.Errorf("begin a new cycle of invoice %s: %w", it.invoice.ID, err)
	}
	it.state.Cycle++
	it.renewed = true
	delete(it.done, again)
	return nil
}
