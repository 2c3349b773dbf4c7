package calendar

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/fault"
)

// TimeOfDay is a number of minutes since midnight on the wall clock, 0 to 1440.
type TimeOfDay int

// ParseTimeOfDay reads "09:00"; "24:00" is the end of the day.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	var h, m int
	if n, err := fmt.Sscanf(s, "%2d:%2d", &h, &m); n != 2 || err != nil || len(s) != 5 ||
		h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, fault.New(fault.Invalid, "time_of_day", "%q is not a time of day; write it as 09:00.", s)
	}
	return TimeOfDay(h*60 + m), nil
}

// String returns the form that ParseTimeOfDay reads.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// MarshalText writes the form of String.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the form of ParseTimeOfDay.
func (t *TimeOfDay) UnmarshalText(b []byte) error {
	p, err := ParseTimeOfDay(string(b))
	if err != nil {
		return err
	}
	*t = p
	return nil
}

// Window is the part of a day in which a channel may be used, From included
// and To excluded; the rest of the day are its quiet hours. The zero Window is
// the whole day.
type Window struct {
	From TimeOfDay `json:"from"`
	To   TimeOfDay `json:"to"`
}

// Check returns a fault of kind Invalid when the window is empty, runs over
// midnight or leaves the day.
func (w Window) Check() error {
	if w != (Window{}) && (w.From < 0 || w.To > 24*60 || w.From >= w.To) {
		return fault.New(fault.Invalid, "sending_window",
			"The window from %s to %s has no time in it; let it end later on the same day.", w.From, w.To)
	}
	return nil
}

// Contains reports whether the wall clock of t is inside the window.
func (w Window) Contains(t time.Time) bool {
	now := TimeOfDay(t.Hour()*60 + t.Minute())
	return w == (Window{}) || now >= w.From && now < w.To
}

// Channel is a way to reach a debtor.
type Channel string

// The channels.
const (
	Email  Channel = "email"
	Letter Channel = "letter"
	SMS    Channel = "sms"
	Voice  Channel = "voice"
	Call   Channel = "call"
	// Peppol delivers the invoice itself from access point to access point.
	Peppol Channel = "peppol"
)

// DefaultWindow returns the window of a channel where the tenant chose none.
// The hours are a proposal, not law: short messages between 9 and 20, a robot
// between 10 and 16, people between 9 and 18, mail in the working day. Peppol
// goes from machine to machine, at any hour.
func DefaultWindow(c Channel) Window {
	switch c {
	case SMS:
		return Window{From: 9 * 60, To: 20 * 60}
	case Voice:
		return Window{From: 10 * 60, To: 16 * 60}
	case Call:
		return Window{From: 9 * 60, To: 18 * 60}
	case Peppol:
		return Window{}
	default:
		return Window{From: 8 * 60, To: 18 * 60}
	}
}
