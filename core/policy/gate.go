package policy

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Moment is what the gate knows of one invoice at the instant of sending: read
// in the transaction that sends.
type Moment struct {
	State
	Step   Step
	Status sdk.InvoiceStatus
	Gone   bool // deleted at the source, or off its complete list of open items

	// Confirmed is when the source last said that this is what is owed; the
	// later of the invoice's own read and its administration's last sync.
	Confirmed time.Time
	// Freshness is how old that may be.
	Freshness time.Duration
	// BankConfirmed is the last statement, zero when no bank is connected.
	BankConfirmed time.Time
	// Problem is why the record of the books could not be taken as it is (R7).
	Problem string
	// PaymentPending is since when the provider has been processing a payment,
	// zero for none (R6).
	PaymentPending time.Time
	// Holds that are in force, of invoice, debtor and administration.
	Holds []Hold
	// UnreadMessage says that the debtor wrote and nobody read it (R62).
	UnreadMessage bool
	// Tolerance is the rest that is not worth a reminder (R4).
	Tolerance money.Amount
	// Credit is the debtor's unapplied payments and open credit notes.
	Credit money.Amount
	// DebtorOverdue is the sum of the debtor's overdue items in this currency.
	DebtorOverdue money.Amount
	// HasDocument says that the invoice's PDF can be had (R19).
	HasDocument bool
	// Address reports whether the step's channel reaches the debtor.
	Address map[Channel]bool
}

// Hold is a reason to wait that a person or an event set.
type Hold struct {
	Reason receivable.HoldReason
	Scope  string // invoice, debtor or administration
	Until  time.Time
	Note   string
}

// Verdict is what the gate says of one invoice and step.
type Verdict struct {
	Outcome Outcome
	Rule    string
	Why     string
	// Until is when to look again after Wait or Move; zero means on an event.
	Until time.Time
	// Task names work for a person that comes with the verdict.
	Task string
	// Channels are those of the step that may be used now.
	Channels []Channel
}

// Outcome is the gate's word.
type Outcome string

// The outcomes.
const (
	Pass   Outcome = "pass"  // may go out now
	Wait   Outcome = "wait"  // held: nothing goes out until an event or Until
	Move   Outcome = "move"  // not at this moment: go at Until
	Drop   Outcome = "drop"  // this message never goes out
	Close  Outcome = "close" // nothing is owed any more: the process ends
	Behind Outcome = "done"  // the step is behind the invoice already
)

// Gate decides whether a step may go out now. The checks run from "nothing is
// owed" to "nowhere to send it", and the first that objects is the reason shown.
func Gate(m Moment) Verdict {
	for _, check := range checks {
		if v, objects := check(m); objects {
			return v
		}
	}
	return m.pass()
}

var checks = []func(Moment) (Verdict, bool){
	alreadyDone, settled, notLive, withdrawn, unreadable, neverSent, documentMissing,
	stale, smallRest, paymentUnderWay, held, unread, covered, tooSoon, wrongMoment, unreachable,
}

func (m Moment) demands() bool { return m.Step.Demand }

func alreadyDone(m Moment) (Verdict, bool) {
	d, ok := m.Done[m.Step.ID]
	if !ok {
		return Verdict{}, false
	}
	if d.Outcome == "by_hand" {
		return Verdict{Outcome: Behind, Rule: "R11", Why: fmt.Sprintf("A person sent this step on %s.", d.On)}, true
	}
	return Verdict{Outcome: Behind, Rule: "R10", Why: fmt.Sprintf("This step was done on %s.", d.On)}, true
}

func settled(m Moment) (Verdict, bool) {
	switch {
	case m.Status == sdk.Paid, m.Status == sdk.Void, m.Status == sdk.Uncollectible:
		return Verdict{Outcome: Close, Rule: "R1", Why: fmt.Sprintf("The books say that this invoice is %s.", m.Status)}, true
	case m.Claim.Open().Positive() || m.Step.ID == SendInvoice:
		return Verdict{}, false
	case m.Claim.Received.Positive():
		return Verdict{Outcome: Close, Rule: "R2", Why: fmt.Sprintf("A payment of %s arrived before this could be sent.", m.Claim.Received)}, true
	}
	return Verdict{Outcome: Close, Rule: "R1", Why: "Nothing is open on this invoice."}, true
}

func notLive(m Moment) (Verdict, bool) {
	if m.GoLive.IsZero() || m.today().Before(m.GoLive) {
		return Verdict{Outcome: Wait, Rule: "R16", Why: "Nothing is sent before the go-live date of this administration."}, true
	}
	return Verdict{}, false
}

func withdrawn(m Moment) (Verdict, bool) {
	if m.Gone {
		return Verdict{Outcome: Wait, Rule: "R25", Why: "The invoice is no longer on the books' list: it may have been paid. Nothing is sent until the books say more."}, true
	}
	return Verdict{}, false
}

func unreadable(m Moment) (Verdict, bool) {
	if m.Problem != "" {
		return Verdict{Outcome: Wait, Rule: "R7", Why: "The books sent something that could not be read: " + m.Problem}, true
	}
	return Verdict{}, false
}

func neverSent(m Moment) (Verdict, bool) {
	_, sent := m.Done[SendInvoice]
	if m.demands() && !sent && !m.SourceSent && !m.old() {
		return Verdict{Outcome: Drop, Rule: "R17", Why: "The debtor never got the invoice; it goes first."}, true
	}
	return Verdict{}, false
}

func documentMissing(m Moment) (Verdict, bool) {
	if m.Step.ID == SendInvoice && !m.HasDocument {
		return Verdict{Outcome: Wait, Rule: "R19", Why: "Document missing: the PDF of this invoice could not be had.", Task: "document_missing"}, true
	}
	return Verdict{}, false
}

func stale(m Moment) (Verdict, bool) {
	if !m.demands() {
		return Verdict{}, false
	}
	if age := m.Now.Sub(m.Confirmed); age > m.Freshness {
		return Verdict{Outcome: Wait, Rule: "R5", Task: "stale_books", Why: fmt.Sprintf(
			"The books were last read %s ago; reminders wait when that is more than %s.", age.Round(time.Hour), m.Freshness)}, true
	}
	if m.BankConfirmed.IsZero() {
		return Verdict{}, false
	}
	limit := m.Days.Add(date.Of(m.BankConfirmed.In(m.Zone)), 2)
	if m.today().After(limit) {
		return Verdict{Outcome: Wait, Rule: "R5", Task: "stale_bank", Why: fmt.Sprintf(
			"The last bank statement is of %s; reminders wait until a newer one is in.", date.Of(m.BankConfirmed.In(m.Zone)))}, true
	}
	return Verdict{}, false
}

func smallRest(m Moment) (Verdict, bool) {
	open := m.Claim.Open()
	if m.demands() && open.Minor <= m.Tolerance.Minor && open.Minor < m.Claim.Total.Minor {
		return Verdict{Outcome: Drop, Rule: "R4", Task: "small_difference", Why: fmt.Sprintf("The rest of %s is too small for a reminder.", open)}, true
	}
	return Verdict{}, false
}

func paymentUnderWay(m Moment) (Verdict, bool) {
	if !m.demands() || m.PaymentPending.IsZero() {
		return Verdict{}, false
	}
	until := m.Days.Add(date.Of(m.PaymentPending.In(m.Zone)), 3).At(9, 0, m.Zone)
	if !m.Now.Before(until) {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R6", Until: until, Why: "The payment provider is processing a payment of this debtor."}, true
}

var holdRules = map[receivable.HoldReason][2]string{
	receivable.Paused:       {"R64", "Paused by a person"},
	receivable.Disputed:     {"R70", "The debtor does not agree with this invoice"},
	receivable.Replied:      {"R61", "The debtor wrote; an answer is due first"},
	receivable.PresumedPaid: {"R25", "Presumed paid: it is off the books' list"},
	receivable.Uncertain:    {"R9", "A message may have left without our knowing; a person looks at it"},
	receivable.PaymentAsked: {"R67", "The debtor says that it was paid"},
	receivable.NoAddress:    {"R51", "There is no address to reach the debtor at"},
}

func held(m Moment) (Verdict, bool) {
	for _, h := range m.Holds {
		if !h.Until.IsZero() && !m.Now.Before(h.Until) || !m.demands() && h.Reason == receivable.Replied {
			continue
		}
		rule, why := holdRules[h.Reason][0], holdRules[h.Reason][1]
		if rule == "" {
			rule, why = "R64", "On hold"
		}
		if h.Scope != "invoice" {
			why += " (whole " + h.Scope + ")"
		}
		if h.Note != "" {
			why += ": " + h.Note
		}
		return Verdict{Outcome: Wait, Rule: rule, Why: why + ".", Until: h.Until}, true
	}
	return Verdict{}, false
}

func unread(m Moment) (Verdict, bool) {
	if m.UnreadMessage && m.demands() && m.Step.Phase.Beyond(receivable.Reminding) {
		return Verdict{Outcome: Wait, Rule: "R62", Task: "unread_message", Why: "The debtor wrote something that nobody has read; a final notice waits for that."}, true
	}
	return Verdict{}, false
}

func covered(m Moment) (Verdict, bool) {
	if m.demands() && m.Credit.Positive() && m.Credit.Minor >= m.DebtorOverdue.Minor {
		return Verdict{Outcome: Wait, Rule: "R33", Task: "apply_credit", Why: fmt.Sprintf("The debtor has %s to their credit, which covers all that is overdue.", m.Credit)}, true
	}
	return Verdict{}, false
}

func tooSoon(m Moment) (Verdict, bool) {
	if !m.demands() || m.Step.Statutory || m.LastReminder.IsZero() {
		return Verdict{}, false
	}
	if first := m.LastReminder.AddDays(m.MinInterval); m.today().Before(first) {
		return Verdict{Outcome: Move, Rule: "R15", Until: m.slot(m.Step, first), Why: fmt.Sprintf(
			"The debtor had a reminder on %s; at least %d days lie between two.", m.LastReminder, m.MinInterval)}, true
	}
	return Verdict{}, false
}

func wrongMoment(m Moment) (Verdict, bool) {
	if m.Step.Bookkeeping() {
		return Verdict{}, false
	}
	today := m.today()
	if !m.mayGo(m.Step, today) {
		day := today.AddDays(1)
		for !m.mayGo(m.Step, day) {
			day = day.AddDays(1)
		}
		why := m.Days.Why(today)
		if why == "" {
			why = "not a day on which this letter is posted"
		}
		return Verdict{Outcome: Move, Rule: "R13", Until: m.slot(m.Step, day), Why: fmt.Sprintf("Today is no sending day (%s).", why)}, true
	}
	w := calendar.DefaultWindow(m.Step.Channels[0])
	if at := m.Days.NextSlot(m.Now, w, m.Zone); at.After(m.Now) {
		return Verdict{Outcome: Move, Rule: "R14", Until: at, Why: "It is outside the hours in which messages are sent."}, true
	}
	return Verdict{}, false
}

func unreachable(m Moment) (Verdict, bool) {
	if m.Step.Bookkeeping() || len(m.usable()) > 0 {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R51", Task: "no_address", Why: "There is no address left to reach this debtor at."}, true
}

// usable returns the step's channels that reach the debtor; a step by e-mail
// alone falls back to a letter (R51, R52).
func (m Moment) usable() []Channel {
	var out []Channel
	for _, c := range m.Step.Channels {
		if c == Task || m.Address[c] {
			out = append(out, c)
		}
	}
	if len(out) == 0 && m.Address[Letter] {
		out = []Channel{Letter}
	}
	return out
}

func (m Moment) pass() Verdict {
	why := fmt.Sprintf("%s is open; confirmed by the books at %s.", m.Claim.Open(), m.Confirmed.In(m.Zone).Format("2 Jan 15:04"))
	if !m.Step.Demand {
		why = "Nothing speaks against it."
	}
	return Verdict{Outcome: Pass, Rule: "R1", Why: why, Channels: m.usable()}
}

func amountText(minor int64, s State) string {
	return money.Of(minor, s.Claim.Total.Currency).String()
}
