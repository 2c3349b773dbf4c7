package arrangement

import (
	"fmt"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

// PlanAsk is a plan that a debtor proposes.
type PlanAsk struct {
	Today       date.Date
	Instalments []Instalment
	// BrokenSince is the day on which a plan of this debtor was broken last, none
	// if never.
	BrokenSince date.Date
	Active      bool // one is active or proposed for these invoices
}

// total is what the plan covers.
func (q PlanAsk) total() (sum int64) {
	for _, in := range q.Instalments {
		sum += in.Total()
	}
	return sum
}

// CheckPlan refuses a proposal that nobody would accept, with a fault that a
// debtor may read.
func (s Settings) CheckPlan(q PlanAsk) error {
	switch {
	case q.Active:
		return fault.New(fault.Conflict, "plan_open", "There is a plan for these invoices already.")
	case len(q.Instalments) < 2:
		return fault.New(fault.Invalid, "plan_instalments", "A plan has at least two instalments.")
	case q.Instalments[0].Due.Before(q.Today):
		return fault.New(fault.Invalid, "plan_first", "The first day cannot be in the past.")
	case q.Instalments[0].Due.After(q.Today.AddDays(31)):
		return fault.New(fault.Invalid, "plan_first", "The first instalment is within a month from now.")
	case Months(q.Today, q.Instalments) > s.PlanMostMonths:
		return fault.New(fault.Invalid, "plan_long", "A plan takes at most %d months.", s.PlanMostMonths)
	case q.Instalments[0].Total() < s.PlanMinMinor:
		return fault.New(fault.Invalid, "plan_small", "The instalments are too small. Choose fewer of them.")
	}
	return nil
}

// AcceptPlan reports whether a proposal starts by itself, and otherwise why a
// person decides (R81).
func (s Settings) AcceptPlan(q PlanAsk) (bool, string) {
	switch months := Months(q.Today, q.Instalments); {
	case s.PlanAutoMinor <= 0:
		return false, "Every plan is decided by a person."
	case q.total() > s.PlanAutoMinor:
		return false, "The amount is above the limit for plans that start by themselves."
	case months > s.PlanAutoMonths:
		return false, fmt.Sprintf("It takes %d months, more than the limit of %d for plans that start by themselves.", months, s.PlanAutoMonths)
	case !q.BrokenSince.IsZero() && q.BrokenSince.After(q.Today.AddYears(-1)):
		return false, fmt.Sprintf("A plan was broken on %s, less than a year ago.", q.BrokenSince)
	}
	return true, ""
}
