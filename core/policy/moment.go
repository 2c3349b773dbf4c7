package policy

import (
	"time"

	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// DefaultFreshness is how old the books may be when a reminder goes out, where
// the tenant chose nothing else (R5).
const DefaultFreshness = 26 * time.Hour

// Moment is what the gate knows of one invoice at the instant of sending: read
// in the transaction that sends.
type Moment struct {
	State
	// Planned is when the step was to be taken, given only while that is a few
	// minutes ago on the machine's clock: a step that began in its hours may end a
	// little after them. Zero judges the hours by Now (R13, R14).
	Planned time.Time
	Step    Step
	Status  sdk.InvoiceStatus
	Gone    bool // deleted at the source, or off its complete list of open items

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
	// BooksHold is why the books themselves wait for the money, and since when we
	// know of it.
	BooksHold      sdk.InvoiceHold
	BooksHoldSince time.Time
	// Holds that are in force, of invoice, debtor and administration.
	Holds []Hold
	// UnreadMessage says that the debtor wrote and nobody read it (R62).
	UnreadMessage bool
	// Tolerance is the rest that is not worth a reminder (R4).
	Tolerance money.Amount
	// Credit is the debtor's unapplied payments and open credit notes in the
	// currency of the invoice.
	Credit money.Amount
	// OpenCreditNote says that the debtor has an open credit note, in whatever
	// currency (R40).
	OpenCreditNote bool
	// DebtorOverdue is the sum of the debtor's overdue items in this currency.
	DebtorOverdue money.Amount
	// Unapproved are the figures of the law that the message would state, that no
	// source confirms, and that nobody approved.
	Unapproved []Figure
	// HasDocument says that the invoice's PDF can be had (R19).
	HasDocument bool
	// Address reports whether the step's channel reaches the debtor.
	Address map[Channel]bool
}

// chases reports whether the step is about payment, before the debtor or on a
// person's list; only sending the invoice is not.
func (m Moment) chases() bool { return m.Step.ID != SendInvoice }

// Hold is a reason to wait that a person or an event set.
type Hold struct {
	Reason receivable.HoldReason
	Scope  string // invoice, debtor or administration
	Until  time.Time
	Note   string
}

func (h Hold) over(now time.Time) bool { return !h.Until.IsZero() && !now.Before(h.Until) }

// outlasts reports whether h ends after g; a hold without an end outlasts all
// others.
func (h Hold) outlasts(g Hold) bool {
	return !g.Until.IsZero() && (h.Until.IsZero() || h.Until.After(g.Until))
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
	// Ask is the rest that a passed demand asks for (R3).
	Ask money.Amount
}

// Outcome is the gate's word.
type Outcome string

// The outcomes.
const (
	Pass  Outcome = "pass"  // may go out now
	Wait  Outcome = "wait"  // held: nothing goes out until an event or Until
	Move  Outcome = "move"  // not at this moment: go at Until
	Drop  Outcome = "drop"  // this message never goes out: the step is passed over
	Close Outcome = "close" // nothing is owed any more: the process ends
	// Behind says that the step was done, skipped or parked before.
	Behind Outcome = "done"
)
