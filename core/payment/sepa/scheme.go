package sepa

import (
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/sdk/date"
)

// Scheme is the rulebook of a mandate.
type Scheme string

// The schemes. The empty Scheme is Core, which protects the debtor more.
const (
	Core Scheme = "core"
	B2B  Scheme = "b2b" // between businesses, checked by the debtor's bank beforehand
)

const (
	refundDays         = 56 // eight weeks, without questions
	unauthorisedMonths = 13
	returnDaysCore     = 5 // banking days after the debit
	returnDaysB2B      = 3
	dormantMonths      = 36 // a mandate that is not used for so long has lapsed
)

// ReturnedUntil is the last day on which the debtor's bank may send a debit back
// of its own accord, as for want of funds.
func ReturnedUntil(s Scheme, debited date.Date) date.Date {
	if s == B2B {
		return banking().Add(debited, returnDaysB2B)
	}
	return banking().Add(debited, returnDaysCore)
}

// RefundableUntil is the last day on which the debtor may have a debit refunded
// that a mandate authorised. It is zero for B2B, where there is no such right
// (R89).
func RefundableUntil(s Scheme, debited date.Date) date.Date {
	if s == B2B {
		return date.Date{}
	}
	return debited.AddDays(refundDays)
}

// DisputableUntil is the last day on which a debit may be taken back because no
// mandate authorised it.
func DisputableUntil(debited date.Date) date.Date { return addMonths(debited, unauthorisedMonths) }

// Final is the first day from which a forecast counts the money of a debit as
// received for good: when no bank may send it back and no debtor may have it
// refunded any more. That nobody ever authorised it is not expected (R89).
func Final(s Scheme, debited date.Date) date.Date {
	return date.Later(ReturnedUntil(s, debited), RefundableUntil(s, debited)).AddDays(1)
}

// Lapsed reports whether a mandate has not been used for so long that it is void.
func Lapsed(signed, lastUsed, today date.Date) bool {
	return !today.Before(addMonths(date.Later(signed, lastUsed), dormantMonths))
}

// addMonths keeps the day of the month, or takes the last one where there is no
// such day.
func addMonths(d date.Date, n int) date.Date {
	first := date.Of(time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	last := date.Of(time.Date(d.Year(), d.Month()+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC))
	if day := first.AddDays(d.Day() - 1); day.Before(last) {
		return day
	}
	return last
}

// banking are the days on which euro banks settle.
func banking() calendar.Days {
	days, err := calendar.SendingDays("TARGET")
	if err != nil {
		panic(err) // a calendar of our own
	}
	return days
}

// BankingDay returns the first day on or after d on which euro banks settle.
func BankingDay(d date.Date) date.Date { return banking().Next(d) }

// DayBefore returns the last banking day before d.
func DayBefore(d date.Date) date.Date {
	days := banking()
	for d = d.AddDays(-1); !days.IsSendingDay(d); {
		d = d.AddDays(-1)
	}
	return d
}
