package policy

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Bundle decides what goes into one message to a debtor when the step of the
// invoice woke is due. The invoices that Gate let pass and whose step falls
// before the end of today go along, each at its own step (R15, R43, R44).
//
// A statutory notice is a message of its own: it covers every claim in its
// currency that can be dunned, due for a step or not, since the law counts them
// as one (R98), and names nothing else (R47). When one is due today it takes
// along what would have been a reminder. A case has its own messages too, and
// opening one never takes along an invoice that is not ready for it (R106).
//
// The message is always about woke, and empty unless Gate let woke pass.
func Bundle(flows map[string]Flow, woke uuid.UUID, items []Item) Message {
	items = inOrder(items)
	i := slices.IndexFunc(items, func(it Item) bool { return it.ID == woke })
	if i < 0 {
		return Message{}
	}
	b := bundle{flows: flows, lead: items[i], top: items[i]}
	if v := b.lead.Verdict; v.Outcome != Pass {
		for _, it := range items {
			b.leave(it, v.Rule, v.Why)
		}
		return b.out
	}
	if b.notice = dueNotice(flows, b.lead, items); b.notice != nil {
		b.top = *b.notice
	}
	var rest []Item
	for _, it := range items {
		if b.demands(it) {
			b.ask(it)
		} else {
			rest = append(rest, it)
		}
	}
	for _, it := range rest {
		b.name(it)
	}
	b.conclude()
	return b.out
}

// inOrder sorts by due date, so that the answer does not depend on the order in
// which invoices were read.
func inOrder(items []Item) []Item {
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(a.Moment.Due.Compare(b.Moment.Due), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return items
}

// bundle is a message in the making.
type bundle struct {
	flows  map[string]Flow
	lead   Item  // the invoice that woke us
	notice *Item // whose statutory notice the message is, if it is one
	top    Item  // with the gravest step so far
	asked  []Item
	out    Message
}

func (b *bundle) leave(it Item, rule, why string) {
	b.out.Left = append(b.out.Left, Left{it.ID, rule, why})
}

// name puts an invoice that is not asked for in one of the other lists.
func (b *bundle) name(it Item) {
	m := it.Moment
	m.Step = b.top.Moment.Step
	switch {
	case m.Kind == sdk.CreditNote:
		b.leave(it, "R38", "A credit note is taken off, not asked for.")
	case m.settled():
		b.leave(it, "R1", "Nothing is open on it.")
	case b.notice != nil:
		b.leave(it, "R47", "A statutory notice names the claims that it covers and no others.")
	case !m.Step.Demand:
		b.leave(it, "R44", "This message asks nothing.")
	case !m.HasInvoice():
		b.leave(it, "R17", "The debtor does not have this invoice yet.")
	case m.shownReason() != "":
		b.out.NotDemanded = append(b.out.NotDemanded, NotDemanded{it.ID, m.shownReason()})
	default:
		b.later(it, m)
	}
}

// later deals with an invoice that nothing is known against but that is not
// asked for now: not due, or its step comes another time.
func (b *bundle) later(it Item, m Moment) {
	v, objects := first(m, ofInvoice)
	switch {
	case objects && v.Outcome != Move:
		b.leave(it, v.Rule, v.Why)
	case !m.Demandable():
		b.out.NotDue = append(b.out.NotDue, it.ID)
	case it.Verdict.Outcome == Wait:
		b.leave(it, it.Verdict.Rule, it.Verdict.Why)
	case objects:
		b.leave(it, v.Rule, v.Why)
	default:
		b.leave(it, "R44", "Its own step comes at another time, or in a message of its own.")
	}
}

// shown are the holds that the debtor knows of, in the words of the message.
var shown = map[receivable.HoldReason]string{
	receivable.Disputed: "disputed", receivable.OnPlan: "plan", receivable.DirectDebit: "direct_debit",
	receivable.Paused: "paused", receivable.RemindersPaused: "paused", receivable.PaymentAsked: "paused", receivable.Promised: "promise",
}

// shownReason returns why an invoice is not asked for, when that is the debtor's
// business (R46).
func (m Moment) shownReason() string {
	h, ok := m.inForce()
	switch {
	case ok:
		return shown[h.Reason]
	case m.Claim.Disputed.Positive() && !m.Claim.Ask().Positive():
		return shown[receivable.Disputed]
	}
	return ""
}

// demands reports whether the message asks for an invoice.
func (b *bundle) demands(it Item) bool {
	switch {
	case b.notice != nil:
		return covers(b.flows, *b.notice, it)
	case it.ID == b.lead.ID:
		return true
	case it.Moment.Step.From == FromNext:
		return it.Verdict.Outcome == Pass && b.lead.shares(it)
	}
	return b.lead.dueToday(it) && b.lead.shares(it)
}

// dueToday reports whether an invoice's own step may be taken before the end of
// the day.
func (it Item) dueToday(other Item) bool {
	m := it.Moment
	endOfDay := m.today().AddDays(1).In(m.Zone)
	return other.Verdict.Outcome == Pass && !other.NextAt.IsZero() && other.NextAt.Before(endOfDay)
}

// shares reports whether the steps of two invoices may be one message.
func (it Item) shares(other Item) bool {
	a, b := it.Moment.Step, other.Moment.Step
	switch {
	case !a.Reminds() || !b.Reminds() || a.Statutory || b.Statutory || a.Demand != b.Demand:
		return false
	case !a.Demand:
		return a.ID == b.ID
	case !a.Phase.Beyond(receivable.Final) && !b.Phase.Beyond(receivable.Final):
		return true
	}
	// One case has one currency, one sum of costs and one number.
	return a.ID == b.ID && it.Case == other.Case && it.currency() == other.currency()
}

// dueNotice returns the invoice whose statutory notice the message is to be:
// the one that woke us, or one that is due today and covers it.
func dueNotice(flows map[string]Flow, lead Item, items []Item) *Item {
	if lead.Moment.Step.Statutory {
		return &lead
	}
	if !lead.Moment.Step.Demand {
		return nil
	}
	for _, it := range items {
		if it.Moment.Step.Statutory && lead.dueToday(it) && covers(flows, it, lead) {
			return &it
		}
	}
	return nil
}

// covers reports whether a statutory notice takes in an invoice: overdue, of the
// same currency, on its way to such a notice, without one or a case of its own,
// and with nothing against it.
func covers(flows map[string]Flow, notice, it Item) bool {
	if it.ID == notice.ID {
		return true
	}
	m, own := it.Moment, it.Moment.Step
	m.Step = notice.Moment.Step
	if f, known := flows[it.Flow]; known && f.index(m.Step.ID) < 0 || own.Phase.Beyond(m.Step.Phase) {
		return false
	}
	if it.Verdict.Outcome == Wait {
		return false // whoever filled the item may know more than the gate
	}
	return m.Kind != sdk.CreditNote && it.currency() == notice.currency() && m.CaseOpened.IsZero() && it.Case == uuid.Nil &&
		Gate(m).Outcome == Pass
}

func (it Item) currency() money.Currency { return it.Moment.Claim.Open().Currency }

func (b *bundle) ask(it Item) {
	b.out.Demanded = append(b.out.Demanded, it.ID)
	b.asked = append(b.asked, it)
	if b.notice == nil && it.Moment.Step.graver(b.top.Moment.Step) {
		b.top = it
	}
}

// graver reports whether s speaks more firmly than t.
func (s Step) graver(t Step) bool {
	return s.Phase.Beyond(t.Phase) || s.Phase == t.Phase && s.Offset > t.Offset
}

func (b *bundle) conclude() {
	step := b.top.Moment.Step
	b.out.Step, b.out.Tone, b.out.Channels = step.ID, step.Phase, b.top.Verdict.Channels
	sums := map[money.Currency]int64{}
	for _, it := range b.asked {
		ask := it.Moment.Claim.Ask()
		sums[ask.Currency] += ask.Minor
		a := Advance{ID: it.ID, Step: it.Moment.Step.ID, Outcome: DoneMerged}
		if a.Step == step.ID {
			a.Outcome = DoneSent
		} else if b.notice != nil {
			a.Step, a.Skipped = step.ID, b.overtaken(it)
		}
		b.out.Advance = append(b.out.Advance, a)
	}
	for c, minor := range sums {
		b.out.Totals = append(b.out.Totals, money.Of(minor, c))
	}
	slices.SortFunc(b.out.Totals, func(x, y money.Amount) int { return cmp.Compare(x.Currency, y.Currency) })
}

// overtaken returns the reminders that an invoice does not get because a
// statutory notice covers it.
func (b *bundle) overtaken(it Item) []Skip {
	f := b.flows[it.Flow]
	var out []Skip
	for i := range max(0, f.index(b.out.Step)) {
		step := f.Steps[i]
		if _, done := it.Moment.Done[step.ID]; !done && step.Reminds() {
			out = append(out, Skip{step.ID, "R98", "The statutory notice for other claims of this debtor covers it."})
		}
	}
	return out
}
