package dunning

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// loadLedgers reads the ledgers of debtors, with a fixed number of round trips
// for however many there are.
func loadLedgers(ctx context.Context, tx store.Tx, debtors []uuid.UUID) ([]*ledger, error) {
	rows, err := tx.DebtorsByID(ctx, debtors)
	if err != nil {
		return nil, fmt.Errorf("load debtors: %w", err)
	}
	l := &loader{ctx: ctx, tx: tx, debtors: debtors, byDebtor: map[uuid.UUID]*ledger{}, byInvoice: map[uuid.UUID]*item{}, adms: map[uuid.UUID]db.Administration{}}
	for _, d := range rows {
		if err := l.debtor(d); err != nil {
			return nil, err
		}
	}
	if err := l.invoices(); err != nil {
		return nil, fmt.Errorf("load ledger: %w", err)
	}
	var reads []func(store.Tx) error
	for _, load := range []func() error{l.flows, l.collections, l.steps, l.holds, l.money, l.checkouts, l.problems, l.messages, l.notices, l.cases, l.arrangements, l.approvals, l.channels, l.objections, l.contacts, l.erasures, l.fees, l.returned} {
		reads = append(reads, func(by store.Tx) error {
			l.tx = by
			return load()
		})
	}
	if err := tx.Together(ctx, reads...); err != nil {
		return nil, fmt.Errorf("load ledger: %w", err)
	}
	l.tx = tx
	if err := l.rates(); err != nil {
		return nil, fmt.Errorf("load ledger: %w", err)
	}
	out := make([]*ledger, 0, len(rows))
	for _, d := range rows {
		led := l.byDebtor[d.ID]
		led.countByHand()
		out = append(out, led)
	}
	return out, nil
}

type loader struct {
	ctx       context.Context
	tx        store.Tx
	debtors   []uuid.UUID
	byDebtor  map[uuid.UUID]*ledger
	byInvoice map[uuid.UUID]*item
	adms      map[uuid.UUID]db.Administration
	ids       []uuid.UUID
}

func (l *loader) debtor(d db.Debtor) error {
	adm, ok := l.adms[d.AdministrationID]
	if !ok {
		var err error
		if adm, err = l.tx.Administration(l.ctx, d.AdministrationID); err != nil {
			return fmt.Errorf("load administration %s: %w", d.AdministrationID, err)
		}
		l.adms[adm.ID] = adm
	}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return fmt.Errorf("administration %s: %w", adm.ID, err)
	}
	l.byDebtor[d.ID] = &ledger{
		debtor: d, adm: adm, zone: zone, days: sendingDays(adm.Country, d.Country),
		blocked: map[string]bool{}, objects: map[policy.Channel]bool{}, credit: map[money.Currency]int64{},
	}
	return nil
}

// sendingDays leaves out a debtor's country that we have no calendar for: its
// holidays are then not kept, weekends and the creditor's are.
func sendingDays(creditor, debtor string) calendar.Days {
	for _, codes := range [][]string{{creditor, debtor}, {creditor}, {"NL"}} {
		if days, err := calendar.SendingDays(codes...); err == nil {
			return days
		}
	}
	return nil
}

func (l *loader) invoices() error {
	rows, err := l.tx.LedgerInvoices(l.ctx, l.debtors)
	if err != nil {
		return err
	}
	for _, i := range rows {
		led := l.byDebtor[i.DebtorID]
		if led == nil {
			continue
		}
		it := &item{invoice: i, done: map[policy.StepID]policy.Done{}}
		led.items = append(led.items, it)
		l.byInvoice[i.ID] = it
		l.ids = append(l.ids, i.ID)
	}
	return nil
}

// flows reads who follows which flow, and by which settings messages leave.
func (l *loader) flows() error {
	book, err := flow.Load(l.ctx, l.tx, l.debtors, l.ids)
	for _, led := range l.byDebtor {
		led.book = book
	}
	return err
}

func (l *loader) collections() error {
	rows, err := l.tx.LedgerCollections(l.ctx, l.debtors)
	for _, c := range rows {
		if it := l.byInvoice[c.InvoiceID]; it != nil {
			it.state = &c
		}
	}
	return err
}

func (l *loader) steps() error {
	rows, err := l.tx.LedgerSteps(l.ctx, l.debtors)
	for _, s := range rows {
		if it := l.byInvoice[s.InvoiceID]; it != nil {
			it.done[policy.StepID(s.Step)] = policy.Done{Outcome: s.Outcome, On: date.Of(s.At.In(l.byDebtor[it.invoice.DebtorID].zone)), ByPost: s.ByPost}
		}
	}
	return err
}

func (l *loader) holds() error {
	scopes := slices.Concat(l.ids, l.debtors)
	for id := range l.adms {
		scopes = append(scopes, id)
	}
	rows, err := l.tx.LedgerHolds(l.ctx, scopes)
	for _, h := range rows {
		hold := policy.Hold{Reason: receivable.HoldReason(h.Reason), Scope: h.Scope, Note: h.Note}
		if h.Until != nil {
			hold.Until = *h.Until
		}
		for _, it := range l.byInvoice {
			if h.ScopeID == it.invoice.ID || h.ScopeID == it.invoice.DebtorID || h.ScopeID == it.invoice.AdministrationID {
				it.holds = append(it.holds, hold)
			}
		}
	}
	return err
}

func (l *loader) money() error {
	received, err := l.tx.LedgerReceived(l.ctx, l.ids)
	if err != nil {
		return err
	}
	for _, r := range received {
		l.byInvoice[r.InvoiceID].received = r.Amount
	}
	paid, err := l.tx.LedgerPayments(l.ctx, l.ids)
	if err != nil {
		return err
	}
	for _, p := range paid {
		it := l.byInvoice[p.InvoiceID]
		it.payments = append(it.payments, paidOn{on: p.ValueDate, minor: p.Amount})
	}
	credit, err := l.tx.LedgerCredit(l.ctx, l.debtors)
	for _, c := range credit {
		if led := l.byDebtor[c.DebtorID]; led != nil && c.Amount > 0 {
			led.credit[c.Currency] += c.Amount
		}
	}
	return err
}

func (l *loader) checkouts() error {
	rows, err := l.tx.LedgerPending(l.ctx, l.ids)
	for _, p := range rows {
		l.byInvoice[p.InvoiceID].pending = p.Since
	}
	return err
}

func (l *loader) problems() error {
	adms, externals := []uuid.UUID{}, []string{}
	for id := range l.adms {
		adms = append(adms, id)
	}
	type record struct {
		adm      uuid.UUID
		external string
	}
	found := make(map[record]*item, len(l.byInvoice))
	for _, it := range l.byInvoice {
		externals = append(externals, it.invoice.ExternalID)
		found[record{it.invoice.AdministrationID, it.invoice.ExternalID}] = it
	}
	rows, err := l.tx.LedgerProblems(l.ctx, db.LedgerProblemsParams{Administrations: adms, Ids: externals})
	for _, p := range rows {
		if it := found[record{p.AdministrationID, p.ExternalID}]; it != nil {
			it.problem = p.Message
		}
	}
	return err
}

func (l *loader) messages() error {
	unread, err := l.tx.LedgerUnread(l.ctx, l.debtors)
	if err != nil {
		return err
	}
	for _, id := range unread {
		if led := l.byDebtor[id]; led != nil {
			led.unread = true
		}
	}
	last, err := l.tx.LedgerLastReminder(l.ctx, l.debtors)
	if err != nil {
		return err
	}
	for _, r := range last {
		if led := l.byDebtor[r.DebtorID]; led != nil {
			led.last = date.Of(r.At.In(led.zone))
		}
	}
	blocked, err := l.tx.LedgerBlocked(l.ctx, l.debtors)
	for _, b := range blocked {
		if led := l.byDebtor[b.DebtorID]; led != nil {
			led.blocked[b.Channel+"/"+b.Address] = true
		}
	}
	return err
}

// returned reads which steps cannot go by e-mail again, since theirs came back.
func (l *loader) returned() error {
	rows, err := l.tx.LedgerReturned(l.ctx, l.debtors)
	for _, r := range rows {
		it := l.byInvoice[r.InvoiceID]
		if it == nil {
			continue
		}
		if it.returned == nil {
			it.returned = map[policy.StepID]string{}
		}
		it.returned[policy.StepID(r.Step)] = r.Recipient
	}
	return err
}

func (l *loader) notices() error {
	rows, err := l.tx.LedgerNotices(l.ctx, l.debtors)
	for _, n := range rows {
		if it := l.byInvoice[n.InvoiceID]; it != nil {
			it.notice = &n
		}
	}
	return err
}

func (l *loader) cases() error {
	rows, err := l.tx.LedgerCases(l.ctx, l.debtors)
	for _, c := range rows {
		if it := l.byInvoice[c.InvoiceID]; it != nil {
			it.claim = &c
		}
	}
	return err
}

// fees reads what reminders cost.
func (l *loader) fees() error {
	list, err := fee.Of(l.ctx, l.tx, l.debtors...)
	for _, a := range list {
		if it := l.byInvoice[a.Invoice]; it != nil {
			it.fees = a
		}
	}
	return err
}

func (l *loader) approvals() error {
	rows, err := l.tx.FigureApprovals(l.ctx)
	approved := make(map[policy.FigureKey]bool, len(rows))
	for _, r := range rows {
		approved[policy.FigureKey{Name: r.Figure, Value: r.Value}] = true
	}
	for _, led := range l.byDebtor {
		led.approved = approved
	}
	return err
}
