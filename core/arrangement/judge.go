package arrangement

import (
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// PromiseState is what became of a promise.
type PromiseState string

// The states of a promise.
const (
	PromiseOpen      PromiseState = "open"
	PromiseKept      PromiseState = "kept"
	PromisePartly    PromiseState = "partly_kept"
	PromiseBroken    PromiseState = "broken"
	PromiseWithdrawn PromiseState = "withdrawn" // the debtor or a person took it back
	PromiseCancelled PromiseState = "cancelled" // nothing was owed any more: credited or withdrawn
)

// PromiseAsk is a promise before it is made.
type PromiseAsk struct {
	Today, PayOn date.Date
	Amount       money.Amount
	Ask          money.Amount // what the invoice asks
	Made         int          // earlier promises on the invoice that count
	Open         bool         // one is open
}

// AcceptPromise refuses a promise beyond the limits, with a fault of kind
// Invalid or Conflict that a debtor may read (R67).
func (s Settings) AcceptPromise(q PromiseAsk) error {
	switch {
	case q.Open:
		return fault.New(fault.Conflict, "promise_open", "There is a promise for this invoice already. Withdraw it first to make another.")
	case q.Made >= s.PromiseMost:
		return fault.New(fault.Conflict, "promise_most", "No further promise can be made for this invoice. Please pay, or ask for a payment plan.")
	case q.PayOn.Before(q.Today):
		return fault.New(fault.Invalid, "promise_day", "Choose today or a later day.")
	case q.PayOn.After(q.Today.AddDays(s.PromiseDays)):
		return fault.New(fault.Invalid, "promise_day", "Choose a day of at most %d days from now.", s.PromiseDays)
	case !q.Amount.Positive() || q.Amount.Currency != q.Ask.Currency || q.Amount.Minor > q.Ask.Minor:
		return fault.New(fault.Invalid, "promise_amount", "The amount is more than nothing and at most what is open.")
	}
	return nil
}

// PromiseFacts are what a promise is judged by.
type PromiseFacts struct {
	Promised   int64
	GraceUntil date.Date // the last day on which money is in time
	// InTime came since the promise with a value date within grace, Late after it.
	InTime, Late int64
	// Fell is how much less is open than when it was made, whoever knows why.
	Fell int64
	Open int64 // now
}

// Judge tells what became of a promise by a day, and what was received in time
// (R68, R69). Books that show no payments show a fall of what is open; that
// speaks for the debtor, but for what is known to have come late.
func Judge(f PromiseFacts, today date.Date, tolerance int64) (PromiseState, int64) {
	received := max(f.InTime, f.Fell-f.Late, 0)
	switch {
	case received >= f.Promised-tolerance && received > 0:
		return PromiseKept, received
	case f.Open <= 0:
		return PromiseCancelled, received
	case !today.After(f.GraceUntil):
		return PromiseOpen, received
	case received > 0:
		return PromisePartly, received
	}
	return PromiseBroken, 0
}
