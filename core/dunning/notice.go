package dunning

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
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
	pack, err := law.Pack(l.adm.Country)
	if err != nil {
		return nil, err
	}
	s := &statutory{pack: pack, notice: law.Notice{Language: string(l.language()), Sent: sent, Channel: law.Post}}
	for _, it := range claims {
		open := money.Of(it.invoice.OpenMinor-it.received, it.invoice.Currency)
		s.notice.Claims = append(s.notice.Claims, law.NoticeClaim{Reference: it.invoice.Number, Principal: open, DefaultSince: it.invoice.Due.AddDays(1)})
		if s.sum, err = s.sum.Add(open); err != nil {
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
	n := &outreach.Notice{Heading: s.pack.NoticeName(), Principal: s.sum, Costs: s.text.Costs.Total}
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

func (s *statutory) record(ctx context.Context, tx store.Tx, l *ledger, message uuid.UUID, claims []*item) error {
	id := uuid.New()
	if err := tx.AddNotice(ctx, db.AddNoticeParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: l.adm.ID, DebtorID: l.debtor.ID, MessageID: nullID(message),
		PostedOn: s.notice.Sent, ReceivedOn: s.term.Received, TermLastDay: s.term.LastDayRolled, CostsFrom: s.term.CostsFrom,
		Currency: s.sum.Currency, PrincipalMinor: s.sum.Minor, CostsMinor: s.text.Costs.Total.Minor, Provisional: s.text.Provisional || s.term.Provisional,
	}); err != nil {
		return fmt.Errorf("record the notice: %w", err)
	}
	for _, it := range claims {
		if err := tx.AddNoticeInvoice(ctx, db.AddNoticeInvoiceParams{
			NoticeID: id, InvoiceID: it.invoice.ID, TenantID: tx.Tenant, PrincipalMinor: it.invoice.OpenMinor - it.received,
		}); err != nil {
			return fmt.Errorf("record the notice: %w", err)
		}
		it.notice = &db.LedgerNoticesRow{ID: id, InvoiceID: it.invoice.ID, CostsFrom: s.term.CostsFrom, PostedOn: s.notice.Sent, CostsMinor: s.text.Costs.Total.Minor}
	}
	return nil
}

func (l *ledger) debtorType() law.DebtorType {
	if l.debtor.Kind == string(sdk.Business) {
		return law.Business
	}
	return law.Consumer
}
