package dunning

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ledger is all that decisions about one debtor in one administration need,
// read in one transaction.
type ledger struct {
	debtor  db.Debtor
	adm     db.Administration
	zone    *time.Location
	days    calendar.Days
	items   []*item
	blocked map[string]bool
	unread  bool
	last    date.Date // of the last reminder, for whatever invoice
	credit  map[money.Currency]int64
}

// item is one open invoice or credit note of the debtor.
type item struct {
	invoice  db.Invoice
	state    *db.Collection // nil before it was first planned
	done     map[policy.StepID]policy.Done
	received int64
	pending  time.Time
	problem  string
	holds    []policy.Hold
	notice   *db.LedgerNoticesRow
	claim    *db.LedgerCasesRow
}

// loadLedgers reads the ledgers of debtors, with a fixed number of queries for
// however many there are.
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
	for _, load := range []func() error{l.invoices, l.collections, l.steps, l.holds, l.money, l.checkouts, l.problems, l.messages, l.notices, l.cases} {
		if err := load(); err != nil {
			return nil, fmt.Errorf("load ledger: %w", err)
		}
	}
	out := make([]*ledger, 0, len(rows))
	for _, d := range rows {
		out = append(out, l.byDebtor[d.ID])
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
	zone, err := time.LoadLocation(adm.TimeZone)
	if err != nil {
		return fmt.Errorf("administration %s: %w", adm.ID, err)
	}
	l.byDebtor[d.ID] = &ledger{
		debtor: d, adm: adm, zone: zone, days: sendingDays(adm.Country, d.Country),
		blocked: map[string]bool{}, credit: map[money.Currency]int64{},
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
			it.done[policy.StepID(s.Step)] = policy.Done{Outcome: s.Outcome, On: date.Of(s.At.In(l.byDebtor[it.invoice.DebtorID].zone))}
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
	for _, it := range l.byInvoice {
		externals = append(externals, it.invoice.ExternalID)
	}
	rows, err := l.tx.LedgerProblems(l.ctx, db.LedgerProblemsParams{Administrations: adms, Ids: externals})
	for _, p := range rows {
		for _, it := range l.byInvoice {
			if it.invoice.ExternalID == p.ExternalID && it.invoice.AdministrationID == p.AdministrationID {
				it.problem = p.Message
			}
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

func (l *loader) notices() error {
	rows, err := l.tx.LedgerNotices(l.ctx, l.debtors)
	for _, n := range rows {
		if it := l.byInvoice[n.InvoiceID]; it != nil {
			it.notice = &n
		}
	}
	// A letter whose notice became void counts as not sent (R23).
	for _, it := range l.byInvoice {
		if it.notice == nil {
			delete(it.done, policy.FourteenDay)
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

func (l *ledger) item(id uuid.UUID) *item {
	for _, it := range l.items {
		if it.invoice.ID == id {
			return it
		}
	}
	return nil
}

// flow returns the flow of the debtor. A debtor whose kind is not known is
// protected as a consumer (R102).
func (l *ledger) flow() policy.Flow {
	id := l.adm.FlowConsumer
	if l.debtor.Kind == string(sdk.Business) {
		id = l.adm.FlowBusiness
	}
	return policy.Flows()[id]
}

// moment puts an item before the policy as it is now.
func (l *ledger) moment(it *item, step policy.Step, now time.Time) policy.Moment {
	inv, cur := it.invoice, it.invoice.Currency
	m := policy.Moment{
		State: policy.State{
			Now: now, Zone: l.zone, Days: l.days, Seed: seed(inv.DebtorID),
			Kind: sdk.InvoiceKind(inv.Kind), Issued: inv.Issued, Due: inv.Due,
			Claim: receivable.Claim{
				Total: money.Of(inv.TotalMinor, cur), Books: money.Of(inv.OpenMinor, cur), Received: money.Of(it.received, cur),
			},
			SourceSent: inv.SentAt != nil, GoLive: l.adm.GoLiveOn, Entry: policy.StepID(l.adm.EntryStep),
			Done: it.done, LastReminder: l.last, MinInterval: int(l.adm.MinimumInterval),
		},
		Step: step, Status: sdk.InvoiceStatus(inv.Status), Gone: inv.GoneAt != nil,
		Confirmed: confirmed(l.adm, inv), Freshness: l.adm.Freshness,
		Problem: it.problem, PaymentPending: it.pending, Holds: it.holds, UnreadMessage: l.unread,
		Tolerance: money.Of(l.adm.ToleranceMinor, cur), HasDocument: inv.HasDocument,
		Credit: money.Of(l.credit[cur]+l.openCredit(cur), cur), DebtorOverdue: money.Of(l.overdue(cur, now), cur),
		Address: map[policy.Channel]bool{
			policy.Email:  l.email() != "",
			policy.Letter: l.debtor.Line1 != "" && l.debtor.City != "" && !l.blocked["letter/"+l.debtor.Line1],
		},
	}
	if l.adm.BankConfirmedAt != nil {
		m.BankConfirmed = *l.adm.BankConfirmedAt
	}
	if it.state != nil {
		m.NotBefore, m.NotBeforeRule = it.state.NotBefore, it.state.NotBeforeRule
	}
	if it.notice != nil {
		m.CostsFrom = it.notice.CostsFrom
	}
	if it.claim != nil {
		m.CaseOpened = date.Of(it.claim.OpenedAt.In(l.zone))
	}
	return m
}

func (l *ledger) email() string {
	if l.blocked["email/"+l.debtor.Email] {
		return ""
	}
	return l.debtor.Email
}

// overdue is what the debtor owes past its due day, per currency.
func (l *ledger) overdue(cur money.Currency, now time.Time) (sum int64) {
	for _, it := range l.items {
		if it.invoice.Currency == cur && it.invoice.Kind == string(sdk.SalesInvoice) && it.invoice.GoneAt == nil &&
			calendar.Overdue(it.invoice.Due, now, l.zone) {
			sum += it.invoice.OpenMinor - it.received
		}
	}
	return sum
}

// openCredit is what open credit notes still hold.
func (l *ledger) openCredit(cur money.Currency) (sum int64) {
	for _, it := range l.items {
		if it.invoice.Currency == cur && it.invoice.Kind == string(sdk.CreditNote) && it.invoice.Status == string(sdk.Open) && it.invoice.GoneAt == nil {
			sum += it.invoice.OpenMinor
		}
	}
	return sum
}

// confirmed is when the source last said that this is what is owed: the later
// of the invoice's own read and its administration's last sync.
func confirmed(adm db.Administration, inv db.Invoice) time.Time {
	var at time.Time
	for _, t := range []*time.Time{adm.ConfirmedAt, inv.ConfirmedAt} {
		if t != nil && t.After(at) {
			at = *t
		}
	}
	return at
}

func seed(id uuid.UUID) uint32 {
	h := fnv.New32a()
	h.Write(id[:])
	return h.Sum32()
}
