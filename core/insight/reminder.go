package insight

import (
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// Reminder is a reminder that was sent, and when what it asked was paid.
type Reminder struct {
	Sent time.Time
	// Settled is the value date of the money that settled an invoice that the
	// reminder asked for, of several the earliest; none while all are open.
	Settled date.Date
}

// WrongReminders counts reminders to who had paid: money with a value date
// before the moment of sending, whether we could know it or not.
type WrongReminders struct {
	Sent  int
	Wrong int // paid on a day before
	// SameDay were paid on the day of sending. A value date has no hour, so they
	// are neither wrong nor right.
	SameDay int
}

// CountWrong counts wrong reminders; the days are those of zone, of the
// administration.
func CountWrong(reminders []Reminder, zone *time.Location) WrongReminders {
	w := WrongReminders{Sent: len(reminders)}
	for _, r := range reminders {
		switch sent := date.Of(r.Sent.In(zone)); {
		case r.Settled.IsZero():
		case r.Settled.Before(sent):
			w.Wrong++
		case r.Settled == sent:
			w.SameDay++
		}
	}
	return w
}

// Rate is wrong reminders / all reminders. The target is 0.
func (w WrongReminders) Rate() Ratio { return Quotient(int64(w.Wrong), int64(w.Sent)) }

// RateAtWorst also counts those paid on the day of sending as wrong.
func (w WrongReminders) RateAtWorst() Ratio {
	return Quotient(int64(w.Wrong)+int64(w.SameDay), int64(w.Sent))
}
