package dunning

import (
	"hash/fnv"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
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
	// stopped is the first day of a legal stop, none without one (R97).
	stopped date.Date
	// carriers say which provider carries which channel, objects what the debtor asked
	// us not to use (R59), given is an address that the debtor proved (R60).
	carriers map[policy.Channel]db.Channel
	objects  map[policy.Channel]bool
	given    string
	// restricted says that the debtor asked to be erased: only what the claim needs
	// by law still goes out (R116).
	restricted bool
	book       *flow.Book
	// references are the newest reference rates, fixed what notices, cases and
	// invoices are converted by; both empty without a foreign currency.
	references []exchange.Rate
	fixed      map[uuid.UUID]exchange.Rate
	// approved are the figures of the law that a person approved.
	approved map[policy.FigureKey]bool
}

// item is one open invoice or credit note of the debtor.
type item struct {
	invoice  db.Invoice
	state    *db.Collection // nil before it was first planned
	done     map[policy.StepID]policy.Done
	received int64    // seen by us and not yet counted by the books
	payments []paidOn // by value date, whoever saw them first
	pending  time.Time
	problem  string
	holds    []policy.Hold
	notice   *db.LedgerNoticesRow
	claim    *db.LedgerCasesRow
	// disputed is the part that is not asked (R70).
	disputed int64
	resume   *db.FlowResume // where the flow goes on after an arrangement
	agreed   []agreement    // that new money may settle
	// returned are the addresses from which the e-mail of a step came back for good.
	returned map[policy.StepID]string
	fees     fee.Account // of its reminders
	// renewed says that a new cycle began, so that the plan is written anew.
	renewed bool
}

// paidOn is what was paid on a day.
type paidOn struct {
	on    date.Date
	minor int64
}

// open is what the invoice still asks.
func (it *item) open() money.Amount {
	return money.Of(it.invoice.OpenMinor-it.received, it.invoice.Currency)
}

// ask is what of it may be asked now: not what is in dispute (R70).
func (it *item) ask() money.Amount { return it.claimed().Ask() }

func (it *item) claimed() receivable.Claim {
	cur := it.invoice.Currency
	return receivable.Claim{
		Total: money.Of(it.invoice.TotalMinor, cur), Books: money.Of(it.invoice.OpenMinor, cur), Received: money.Of(it.received, cur),
		Disputed: money.Of(it.disputed, cur),
	}
}

// lastPaid is the value date of the last payment, none without one.
func (it *item) lastPaid() date.Date {
	if n := len(it.payments); n > 0 {
		return it.payments[n-1].on
	}
	return date.Date{}
}

func (l *ledger) item(id uuid.UUID) *item {
	for _, it := range l.items {
		if it.invoice.ID == id {
			return it
		}
	}
	return nil
}

// moment puts an item before the policy as it is now.
func (l *ledger) moment(it *item, step policy.Step, now time.Time) policy.Moment {
	inv, cur := it.invoice, it.invoice.Currency
	m := policy.Moment{
		State: policy.State{
			Now: now, Zone: l.zone, DebtorZone: calendar.Zone(l.debtor.Country), Days: l.days, Seed: seed(inv.DebtorID),
			Kind: sdk.InvoiceKind(inv.Kind), Issued: inv.Issued, Due: inv.Due,
			Claim:      it.claimed(),
			SourceSent: inv.SentAt != nil, GoLive: l.adm.GoLiveOn, Entry: policy.StepID(l.adm.EntryStep),
			Done: it.done, LastReminder: l.last, MinInterval: int(l.adm.MinimumInterval),
		},
		Step: step, Status: sdk.InvoiceStatus(inv.Status), Gone: inv.GoneAt != nil,
		Confirmed: confirmed(l.adm, inv), Freshness: l.adm.Freshness,
		Problem: it.problem, PaymentPending: it.pending, Holds: it.holds, UnreadMessage: l.unread,
		BooksHold: sdk.InvoiceHold(inv.Hold), BooksHoldSince: inv.ChangedAt,
		Tolerance: money.Of(l.adm.ToleranceMinor, cur), HasDocument: inv.HasDocument,
		Credit: money.Of(l.credit[cur]+l.openCredit(cur), cur), DebtorOverdue: money.Of(l.overdue(cur, now), cur),
		OpenCreditNote: slices.ContainsFunc(l.items, (*item).isCreditNote),
		Address:        l.reach(),
	}
	if at := it.returned[step.ID]; at != "" && at == l.email() {
		m.Address[policy.Email] = false // R53: for this message only
	}
	if m.Address[policy.Peppol] && step.ID != policy.SendInvoice {
		m.Address[policy.Peppol] = false // there is a file of the invoice itself only
	}
	if l.adm.BankConfirmedAt != nil {
		m.BankConfirmed = *l.adm.BankConfirmedAt
	}
	if it.state != nil {
		m.NotBefore, m.NotBeforeRule, m.Reversed = it.state.NotBefore, it.state.NotBeforeRule, it.state.ReversedOn
	}
	if it.resume != nil {
		m.Resume, m.Firmer = policy.StepID(it.resume.Step), it.resume.Firmer
	}
	if it.notice != nil && !it.notice.AwaitsPost {
		m.CostsFrom = it.notice.CostsFrom
	}
	if it.claim != nil {
		m.CaseOpened = date.Of(it.claim.OpenedAt.In(l.zone))
	}
	l.settings(it, &m)
	m.Unapproved = policy.Unapproved(l.figures(it, step, dateIn(now, l.zone)), l.approved)
	return m
}

// email is the debtor's address; none when it is blocked or is no address.
func (l *ledger) email() string {
	if l.given != "" && !l.blocked["email/"+l.given] {
		return l.given
	}
	address := strings.TrimSpace(l.debtor.Email)
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || l.blocked["email/"+address] {
		return ""
	}
	return address
}

// overdue is what the debtor owes past its due day, per currency.
func (l *ledger) overdue(cur money.Currency, now time.Time) (sum int64) {
	for _, it := range l.items {
		if it.invoice.Currency == cur && it.invoice.Kind == string(sdk.SalesInvoice) && it.invoice.GoneAt == nil &&
			calendar.Overdue(it.invoice.Due, now, l.zone) {
			sum += it.ask().Minor
		}
	}
	return sum
}

// openCredit is what open credit notes still hold.
func (l *ledger) openCredit(cur money.Currency) (sum int64) {
	for _, it := range l.items {
		if it.invoice.Currency == cur && it.isCreditNote() {
			sum += it.invoice.OpenMinor
		}
	}
	return sum
}

// isCreditNote reports whether an item is a credit note that still holds something
// (R41).
func (it *item) isCreditNote() bool {
	i := it.invoice
	return i.Kind == string(sdk.CreditNote) && i.Status == string(sdk.Open) && i.GoneAt == nil && i.OpenMinor > 0
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
