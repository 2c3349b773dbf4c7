// Package calendar says on which days and at which hours a message may leave,
// and when a day begins and ends where the debtor lives.
package calendar

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

// Calendar is the list of public holidays of one country, region or payment
// system. It is safe for use by several goroutines.
type Calendar struct {
	code  string
	rules []*cal.Holiday
	extra map[date.Date]string

	mu    sync.RWMutex
	years map[int]map[date.Date]string // guarded by mu
}

// Holiday is a day of a calendar and its name in the local language.
type Holiday struct {
	Date date.Date
	Name string
}

// For returns the calendar of an ISO 3166-1 country ("NL"), of an ISO 3166-2
// region that keeps its own days ("DE-BY", "GB-SCT"), or of the euro payment
// system ("TARGET"). It returns a fault of kind NotFound for any other code.
func For(code string) (*Calendar, error) {
	c, ok := registry()[code]
	if !ok {
		return nil, fault.New(fault.NotFound, "calendar_unknown",
			"There is no holiday calendar for %q; choose one of %v.", code, Codes())
	}
	return c, nil
}

// Codes lists the codes that For accepts, sorted.
func Codes() []string {
	codes := make([]string, 0, len(registry()))
	for code := range registry() {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Code returns the code the calendar was asked by.
func (c *Calendar) Code() string { return c.code }

// With returns a copy with more holidays, for days that a government adds for
// one year only.
func (c *Calendar) With(days ...Holiday) *Calendar {
	extra := make(map[date.Date]string, len(c.extra)+len(days))
	for d, name := range c.extra {
		extra[d] = name
	}
	for _, h := range days {
		extra[h.Date] = h.Name
	}
	return newCalendar(c.code, c.rules, extra)
}

// Holiday returns the name of the holiday that is observed on the day. A
// holiday that the law moves (a British bank holiday on a Saturday, King's Day
// on a Sunday) counts on the day it is moved to.
func (c *Calendar) Holiday(d date.Date) (name string, ok bool) {
	if d.IsZero() {
		return "", false
	}
	name, ok = c.year(d.Year())[d]
	return name, ok
}

// Holidays lists the observed holidays of a year in order.
func (c *Calendar) Holidays(year int) []Holiday {
	var list []Holiday
	for d, name := range c.year(year) {
		list = append(list, Holiday{Date: d, Name: name})
	}
	slices.SortFunc(list, func(a, b Holiday) int { return a.Date.Compare(b.Date) })
	return list
}

func (c *Calendar) year(y int) map[date.Date]string {
	c.mu.RLock()
	days, ok := c.years[y]
	c.mu.RUnlock()
	if ok {
		return days
	}
	days = make(map[date.Date]string, len(c.rules))
	// A holiday can be observed in the year before or after its own.
	for calc := y - 1; calc <= y+1; calc++ {
		for _, rule := range c.rules {
			if _, observed := rule.Calc(calc); !observed.IsZero() {
				// Noon, because the rules answer in the machine's zone, where
				// midnight may not exist.
				if d := date.Of(observed.Add(12 * time.Hour)); d.Year() == y {
					days[d] = rule.Name
				}
			}
		}
	}
	for d, name := range c.extra {
		if d.Year() == y {
			days[d] = name
		}
	}
	c.mu.Lock()
	c.years[y] = days
	c.mu.Unlock()
	return days
}

func newCalendar(code string, rules []*cal.Holiday, extra map[date.Date]string) *Calendar {
	return &Calendar{code: code, rules: rules, extra: extra, years: map[int]map[date.Date]string{}}
}

// String names the calendar in logs.
func (c *Calendar) String() string { return fmt.Sprintf("calendar %s", c.code) }
