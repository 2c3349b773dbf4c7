package sepa

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk/date"
)

// DefaultLead is how many days before a collection the debtor is told of it
// where no shorter term was agreed (R84).
const DefaultLead = 14

// spareDays is how much sooner than needed a collection is announced, so that
// one that is late for a day costs no other collection day.
const spareDays = 3

// Terms are what a mandate agrees on.
type Terms struct {
	Lead      int // days between announcement and collection
	RetryLead int // the same for a second attempt after a lack of funds
}

// Slot is when a collection is announced, handed to the provider and debited.
type Slot struct {
	Announce date.Date // not later than this
	Submit   date.Date
	Collect  date.Date // a banking day
	Why      string
}

// Schedule finds the first day on which an amount that is due may be collected:
// a banking day, not before the due date, with the agreed days between today's
// announcement and it (R84).
func Schedule(due, today date.Date, lead int) Slot {
	earliest := today.AddDays(lead)
	collect := BankingDay(date.Later(due, earliest))
	s := Slot{Collect: collect, Submit: DayBefore(collect), Announce: date.Later(today, collect.AddDays(-lead-spareDays))}
	switch {
	case due.Before(earliest):
		s.Why = fmt.Sprintf("The debtor is told %d days ahead, which is past the due date.", lead)
	case collect != due:
		s.Why = "The banks are closed on the due date, so it is collected on the next banking day."
	default:
		s.Why = "It is collected on the due date."
	}
	return s
}

// Announced moves a slot that was announced later than planned, so that the
// agreed days still lie in between (R84).
func (s Slot) Announced(on date.Date, lead int) Slot {
	if !on.AddDays(lead).After(s.Collect) {
		return s
	}
	return Schedule(s.Collect, on, lead)
}

// Limits are what a creditor allows to be collected, in minor units; 0 is no
// limit.
type Limits struct {
	Collection int64
	Month      int64
}

// Allow reports whether an amount may be collected beside what is collected of
// the debtor in the same calendar month, or says why not.
func (l Limits) Allow(amount, month int64) (why string, ok bool) {
	switch {
	case l.Collection > 0 && amount > l.Collection:
		return "The amount is above the limit of one collection.", false
	case l.Month > 0 && month+amount > l.Month:
		return "What is collected of this debtor in a month is above its limit.", false
	}
	return "", true
}
