package policy

import (
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Anchor is what a step's offset counts from.
type Anchor string

// The anchors.
const (
	FromIssue    Anchor = "issue"
	FromDue      Anchor = "due"
	FromMonthEnd Anchor = "month_end" // the last day of the month of the due date
	FromPrevious Anchor = "previous"  // the day on which the step before it was taken
	FromNotice   Anchor = "notice"    // the day from which costs are due after the statutory notice
	FromCase     Anchor = "case"
	// FromNext has no day of its own: the step goes along with the next demand to
	// the same debtor for another invoice.
	FromNext Anchor = "next_invoice"
)

// Channel is a way to reach a debtor, or a task for a person.
type Channel = calendar.Channel

// The channels of the flows.
const (
	Email  = calendar.Email
	Letter = calendar.Letter
	SMS    = calendar.SMS
	Voice  = calendar.Voice
	Peppol = calendar.Peppol
	// Call puts a telephone call on a person's list.
	Call = calendar.Call
	// Task puts a step on a person's list instead of before the debtor.
	Task Channel = "task"
)

// Channels lists every channel, the usual ones first.
func Channels() []Channel { return []Channel{Email, Letter, SMS, Voice, Call, Peppol, Task} }

// Tone is how a message speaks.
type Tone string

// The tones, from soft to firm.
const (
	Friendly Tone = "friendly"
	Neutral  Tone = "neutral"
	Clear    Tone = "clear"
	Firm     Tone = "firm"
	Formal   Tone = "formal"
)

// Tones lists the tones from soft to firm.
func Tones() []Tone { return []Tone{Friendly, Neutral, Clear, Firm, Formal} }

// Higher returns the next firmer tone (R69); the firmest stays.
func (t Tone) Higher() Tone {
	tones := Tones()
	i := slices.Index(tones, t)
	return tones[min(i+1, len(tones)-1)]
}

// Step is one point of a flow.
type Step struct {
	ID    StepID
	Title string
	// Text is the shipped step whose words and meaning a step of one's own takes;
	// empty for that of its ID.
	Text   StepID
	From   Anchor
	Offset int // calendar days after the anchor, before it when negative
	// Channels are all used when they reach the debtor; Else are tried in order,
	// until one does, when none of Channels does.
	Channels []Channel
	Else     []Channel
	Tone     Tone
	Phase    receivable.Phase // the phase once the step is done
	// Statutory steps are exempt from the minimum interval (R15), are never
	// skipped (R8) and state amount, costs and term for exactly their invoices.
	Statutory bool
	// Demand is false for steps that ask nothing: sending the invoice, the
	// pre-reminder, tasks.
	Demand bool
	// When limits the step: it is taken when one of the conditions holds, always
	// without any. Of the invoice itself it says whether one over nothing is sent
	// (R20); what is owed is always sent first (R17).
	When []Condition
	// Approval makes the step wait until a person allowed it.
	Approval bool
	// Post limits a letter to these days of the week; empty for every sending day.
	Post []time.Weekday
	// Term is the number of days to pay that the message promises. Nothing
	// follows before they are over; zero promises none.
	Term int
}

// Kind is the shipped step that a step is like: its words and its place on a
// person's list are that one's.
func (s Step) Kind() StepID {
	if s.Text != "" {
		return s.Text
	}
	return s.ID
}

// Bookkeeping reports whether a step reaches nobody outside, so that it needs
// neither a look at the source nor a delivery.
func (s Step) Bookkeeping() bool {
	return len(s.Channels) > 0 && !slices.ContainsFunc(s.Channels, func(c Channel) bool { return !forPerson(c) })
}

// forPerson reports whether a channel is work for a person.
func forPerson(c Channel) bool { return c == Task || c == Call }

// Reminds reports whether a step reminds the debtor, asking or not: whoever paid
// must not get it.
func (s Step) Reminds() bool {
	return s.ID != "" && s.ID != SendInvoice && !s.Bookkeeping()
}

// ByPost reports whether what goes by some channels is a letter and nothing faster.
func ByPost(channels []Channel) bool {
	return slices.Contains(channels, Letter) && !slices.Contains(channels, Email)
}

// ahead reports whether a step speaks of a due date that is still to come.
func (s Step) ahead() bool { return s.From == FromDue && s.Offset < 0 }

// Flow is a dunning flow as data. A step's place in Steps is its order.
type Flow struct {
	ID          string
	Title       string
	Description string
	Version     int
	// Country is the law that the flow follows, an ISO 3166-1 code; empty for none
	// in particular.
	Country string
	// Debtors is whom the flow is for; empty for anybody, who is then protected as
	// a consumer.
	Debtors sdk.PartyKind
	// Currency is that of the amounts in its conditions. Amounts in another
	// currency are compared by their number.
	Currency money.Currency
	// Provisional says what of the flow no lawyer has confirmed; empty for nothing.
	Provisional string
	Sending     Sending
	Steps       []Step
}

// Step returns the step with an id.
func (f Flow) Step(id StepID) (Step, bool) {
	i := f.index(id)
	if id == PaymentReversed && i < 0 {
		return reversal, true
	}
	if i < 0 {
		return Step{}, false
	}
	return f.Steps[i], true
}

func (f Flow) index(id StepID) int {
	return slices.IndexFunc(f.Steps, func(s Step) bool { return s.ID == id })
}

// Adapt returns the flow as it is for a debtor who can be reached in some ways.
// A channel that reach does not name is not offered at all: a step that has no
// other is not in the flow. One that reach denies is left out of a step, which
// takes its fallback where none of its channels is left, and is passed over
// without one (R58). An e-mail and a letter stay: whether they have an address is
// judged when the step is taken (R51).
func (f Flow) Adapt(reach map[Channel]bool) Flow {
	steps := make([]Step, 0, len(f.Steps))
	for _, s := range f.Steps {
		if s.offered(reach) {
			s.Channels = s.reached(reach)
			steps = append(steps, s)
		}
	}
	f.Steps = steps
	return f
}

// offered reports whether anything of a step can be done at all.
func (s Step) offered(reach map[Channel]bool) bool {
	known := func(c Channel) bool {
		_, ok := reach[c]
		return ok || forPerson(c) || c == Email || c == Letter
	}
	return len(s.Channels) == 0 || slices.ContainsFunc(s.Channels, known) || slices.ContainsFunc(s.Else, known)
}

func (s Step) reached(reach map[Channel]bool) []Channel {
	out := make([]Channel, 0, len(s.Channels))
	for _, c := range s.Channels {
		if forPerson(c) || reach[c] || len(s.Else) == 0 && (c == Email || c == Letter) {
			out = append(out, c)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, c := range s.Else {
		if forPerson(c) || reach[c] {
			return []Channel{c}
		}
	}
	if slices.Contains(s.Channels, Email) || slices.Contains(s.Channels, Letter) {
		return s.Channels // the gate asks for an address
	}
	return out
}
