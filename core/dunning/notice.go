package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
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
	sum    money.Amount
}

// newStatutory computes the notice for all claims that go into it; the law
// counts them as one (R98).
func (l *ledger) newStatutory(claims []*item, sent date.Date) (*statutory, error) {
	pack, err := jurisdiction(l.adm.Country)
	if err != nil {
		return nil, err
	}
	s := &statutory{pack: pack, notice: law.Notice{Language: string(l.language()), Sent: sent, Channel: law.Post}}
	for _, it := range claims {
		s.notice.Claims = append(s.notice.Claims, law.NoticeClaim{Reference: it.invoice.Number, Principal: it.ask(), DefaultSince: it.invoice.Due.AddDays(1)})
		if s.sum, err = s.sum.Add(it.ask()); err != nil {
			return nil, err
		}
	}
	if s.text, err = pack.NoticeText(s.notice); err != nil {
		return nil, err
	}
	s.term, err = pack.NoticeTerm(law.Delivery{Sent: sent, Channel: law.Post})
	return s, err
}

// block is the notice as a template places it.
func (s *statutory) block() *outreach.Notice {
	n := &outreach.Notice{Heading: s.text.Heading, Principal: s.sum, Costs: s.text.Costs.Total}
	for _, b := range s.text.Blocks {
		n.Paragraphs = append(n.Paragraphs, b.Text)
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

func (s *statutory) record(ctx context.Context, tx store.Tx, l *ledger, letter uuid.UUID, claims []*item) error {
	n := db.AddNoticeParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: l.adm.ID, DebtorID: l.debtor.ID, MessageID: nullID(letter),
		PostedOn: s.notice.Sent, ReceivedOn: s.term.Received, TermLastDay: s.term.LastDayRolled, CostsFrom: s.term.CostsFrom,
		Currency: s.sum.Currency, PrincipalMinor: s.sum.Minor, CostsMinor: s.text.Costs.Total.Minor, Provisional: s.text.Provisional || s.term.Provisional,
	}
	if err := tx.AddNotice(ctx, n); err != nil {
		return fmt.Errorf("record the notice: %w", err)
	}
	for _, it := range claims {
		if err := tx.AddNoticeInvoice(ctx, db.AddNoticeInvoiceParams{NoticeID: n.ID, InvoiceID: it.invoice.ID, TenantID: tx.Tenant, PrincipalMinor: it.ask().Minor}); err != nil {
			return fmt.Errorf("record the notice: %w", err)
		}
		it.notice = &db.LedgerNoticesRow{
			ID: n.ID, InvoiceID: it.invoice.ID, PostedOn: n.PostedOn, ReceivedOn: n.ReceivedOn, TermLastDay: n.TermLastDay, CostsFrom: n.CostsFrom,
			PrincipalMinor: n.PrincipalMinor, CostsMinor: n.CostsMinor, InvoicePrincipal: it.ask().Minor,
		}
	}
	return nil
}

// voidNotices takes the effect of a notice away when the due date of one of its
// claims moved to the future: it is sent again to all of them (R23). In a case a
// person decides.
func (l *ledger) voidNotices(ctx context.Context, tx store.Tx, now time.Time) error {
	today := date.Of(now.In(l.zone))
	for _, it := range l.items {
		if it.notice == nil || it.state == nil || it.invoice.Due.Before(today) {
			continue
		}
		if it.claim != nil {
			if err := addTask(ctx, tx, l, "due_moved", it.invoice.ID, "The due date of invoice "+it.invoice.Number+" moved",
				"The invoice is in a case, and its due date moved to the future after the notice. Decide whether the case stands.", now); err != nil {
				return err
			}
			continue
		}
		if err := l.void(ctx, tx, it.notice.ID, "The due date moved to the future after the letter; a new letter is needed (R23).", now); err != nil {
			return err
		}
	}
	return nil
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
		covered.notice = nil
		if err := renew(ctx, tx, covered, policy.FourteenDay); err != nil {
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
