package law

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

// Channel is a way to deliver a statutory notice.
type Channel string

// The channels that the packs have a rule of receipt for.
const (
	Post  Channel = "post"
	Email Channel = "email"
)

// Delivery is what is known of the way of one notice to the debtor.
type Delivery struct {
	Kind    string    // of the notice, as NoticeOf names it; the first of the pack without
	Sent    date.Date // day of posting, or of acceptance by the debtor's mail server
	Channel Channel
	// AddressInUse says that the debtor agreed to, or writes from, the e-mail
	// address. Without it an e-mail does not count as received.
	AddressInUse bool
	// Failed says that the letter came back or the e-mail bounced.
	Failed bool
	// Received is the day of receipt when the creditor can prove it.
	Received date.Date
}

// NoticeTerm is the term of a statutory notice, in whole days. A notice without
// a term, which only puts the debtor in default, works from CostsFrom.
type NoticeTerm struct {
	Received      date.Date `json:"received"` // proven, else presumed
	Presumed      bool      `json:"presumed"`
	FirstDay      date.Date `json:"firstDay"`
	LastDay       date.Date `json:"lastDay"`       // counted in calendar days
	LastDayRolled date.Date `json:"lastDayRolled"` // moved past weekend and holidays: the one to rely on
	CostsFrom     date.Date `json:"costsFrom"`     // no costs before this day
	SafeFrom      date.Date `json:"safeFrom"`      // the practical safe period after sending is over
	Basis
}

// CostsSafeFrom is the first day on which both the term and the practical safe
// period are over.
func (t NoticeTerm) CostsSafeFrom() date.Date { return date.Later(t.CostsFrom, t.SafeFrom) }

// holidayName stands for a public holiday in lists of days.
const holidayName = "holiday"

var weekdays = map[string]time.Weekday{
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday,
	"friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
}

// NoticeTerm computes the term of the statutory notice of the country from its
// delivery (R94). It returns a fault of kind Conflict when the notice did not
// reach the debtor, so that no term runs (R56), and Invalid for an impossible
// delivery.
func (c *Country) NoticeTerm(d Delivery) (NoticeTerm, error) {
	notice := c.noticeRule(d.Kind)
	rule, ok := notice.Receipt[d.Channel]
	switch {
	case !ok:
		return NoticeTerm{}, fault.New(fault.Invalid, "notice_channel", "A %s cannot be sent by %q; send it by post or e-mail.", notice.Name, d.Channel)
	case d.Sent.IsZero():
		return NoticeTerm{}, fault.New(fault.Invalid, "notice_not_sent", "The %s has no day of sending; send it first.", notice.Name)
	case !d.Received.IsZero() && d.Received.Before(d.Sent):
		return NoticeTerm{}, fault.New(fault.Invalid, "notice_received_early", "The %s cannot be received on %s, before it was sent on %s.", notice.Name, d.Received, d.Sent)
	case d.Received.IsZero() && d.Failed:
		return NoticeTerm{}, fault.New(fault.Conflict, "notice_not_received", "The %s of %s came back, so its term never started; send it again, by another way.", notice.Name, d.Sent)
	case d.Received.IsZero() && d.Channel == Email && !d.AddressInUse:
		return NoticeTerm{}, fault.New(fault.Conflict, "notice_address_unused", "The %s of %s went to an e-mail address that the debtor is not known to use; send it by post.", notice.Name, d.Sent)
	}
	t := NoticeTerm{Received: d.Received}
	c.rest(&t.Basis, notice.Provenance, "the term of the "+notice.Name)
	how := "proven"
	presumed := c.presumedReceipt(d.Sent, rule)
	if d.Received.IsZero() {
		t.Presumed, how = true, "presumed"
		t.Received = presumed
		c.rest(&t.Basis, rule.Provenance, "the presumed receipt by "+string(d.Channel))
	}
	t.FirstDay = t.Received.AddDays(1)
	if rule.IsDayOne {
		// The law counts from sending; a receipt that came later only helps the debtor.
		t.FirstDay = presumed
		if !t.Presumed {
			t.FirstDay = date.Later(presumed, t.Received.AddDays(1))
			c.rest(&t.Basis, rule.Provenance, "the first day of the term by "+string(d.Channel))
		}
	}
	t.LastDay = t.FirstDay.AddDays(notice.Days - 1)
	t.LastDayRolled = t.LastDay
	for c.isOneOf(t.LastDayRolled, notice.Roll.NotOn) {
		t.LastDayRolled = t.LastDayRolled.AddDays(1)
	}
	if t.LastDayRolled != t.LastDay {
		c.restOn(&t.Basis, notice.Roll.Provenance, "moving the last day from "+t.LastDay.String(), "moving the last day of a term to a working day", notice.Roll.Art)
	}
	t.CostsFrom = t.LastDayRolled.AddDays(1)
	t.SafeFrom = d.Sent.AddDays(notice.Safe.DaysAfterSending)
	t.Explanation = fmt.Sprintf("Sent by %s on %s, receipt on %s (%s), day 1 is %s, day %d is %s", d.Channel, d.Sent, t.Received, how, t.FirstDay, notice.Days, t.LastDay)
	if notice.Days == 0 {
		t.Explanation = fmt.Sprintf("Sent by %s on %s, receipt on %s (%s); it works from %s.", d.Channel, d.Sent, t.Received, how, t.CostsFrom)
		return t, nil
	}
	if t.LastDayRolled != t.LastDay {
		t.Explanation += fmt.Sprintf(", moved to %s because of %s", t.LastDayRolled, c.dayName(t.LastDay))
	}
	t.Explanation += fmt.Sprintf("; costs are not due before %s.", t.CostsFrom)
	return t, nil
}

func (c *Country) presumedReceipt(sent date.Date, rule receiptRule) date.Date {
	d := sent
	for counted := 0; counted < rule.CountedDays; {
		if d = d.AddDays(1); !c.isOneOf(d, rule.NotCounted) {
			counted++
		}
	}
	return d
}

// isOneOf reports whether a day is one of the named weekdays or a holiday.
func (c *Country) isOneOf(d date.Date, names []string) bool {
	if slices.Contains(names, holidayName) {
		if _, ok := c.holidays.Holiday(d); ok {
			return true
		}
	}
	return slices.Contains(names, strings.ToLower(d.Weekday().String()))
}

func (c *Country) dayName(d date.Date) string {
	if name, ok := c.holidays.Holiday(d); ok {
		return name
	}
	return d.Weekday().String()
}
