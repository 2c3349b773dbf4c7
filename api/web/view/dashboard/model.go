// Package dashboard is the first page after signing in: what is open, what
// needs a person, and what is about to be sent.
package dashboard

import (
	"time"

	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/money"
)

// Model is the page GET /.
type Model struct {
	Frame        component.Frame
	New          bool // nothing is connected: the page teaches the first steps
	Open         money.Amount
	OpenCount    int
	OpenCourse   []chart.Bar // the open amount over the last weeks, oldest first
	Overdue      money.Amount
	OverdueCount int
	Received     money.Amount // in the last 30 days
	ReceivedNote string       // "41 payments in 30 days"
	Wrong        WrongReminders
	Attention    []Attention // most pressing first
	Aging        []chart.Bar // not due, 1–30, 31–60, 61–90, 91–120, > 120
	Phases       []chart.Bar // sent, reminding, final, case, bailiff
	Sends        []Sends     // today and tomorrow
	Books        []Freshness
}

// WrongReminders is the headline quality number: reminders that went out
// although their payment was in.
type WrongReminders struct {
	Wrong, Sent int
	Stopped     int // reminders that a payment stopped in time
}

// Attention is one kind of thing that waits for a person.
type Attention struct {
	Tone   component.Tone
	Icon   string
	Title  string // "3 messages wait for an answer"
	Text   string // "The oldest is from yesterday 16:20."
	Href   string
	Amount string // what is held up by it, may be ""
}

// Sends is what will be sent on one day.
type Sends struct {
	Day   string // "Today", "Tomorrow, Sun 22 Nov"
	Note  string // "Sunday: nothing is sent", may be ""
	Lines []SendLine
}

// SendLine is a number of messages of one kind.
type SendLine struct {
	Count int
	What  string // "reminder 1 by e-mail"
	Href  string
}

// Freshness says when an administration was last read.
type Freshness struct {
	Name, Source string
	At           time.Time
	Stale        bool   // older than the limit: a reminder needs a read of its own
	Problem      string // the last failure and what happens next, "" when fine
	Href         string
}

func (w WrongReminders) text(f component.Frame) string {
	if w.Sent == 0 {
		return "No reminder sent yet"
	}
	return f.Number(w.Wrong) + " of " + f.Number(w.Sent) + " reminders; " + f.Number(w.Stopped) + " stopped in time"
}
