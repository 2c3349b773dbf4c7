package insight

import "github.com/voldaan/voldaan/sdk/money"

// Outcome is what became of a promise or a plan.
type Outcome string

// The outcomes of promises; a plan has no PartlyKept.
const (
	Running    Outcome = "open"        // its day and grace are not over
	Kept       Outcome = "kept"        // a plan: completed
	PartlyKept Outcome = "partly_kept" // less than promised, above the tolerance
	Broken     Outcome = "broken"
	Withdrawn  Outcome = "withdrawn" // by the creditor
)

// Promise is a debtor's word that an amount comes by a day.
type Promise struct {
	Promised money.Amount
	Paid     money.Amount // by that day and its grace
	Outcome  Outcome
}

// PromisesKept are the two promise-kept rates: Number is kept / (kept + partly
// kept + broken); Value is the sum of min(paid, promised) / the sum promised of
// the same promises. Those that run or were withdrawn are out.
type PromisesKept struct{ Number, Value Ratio }

// Promises computes the promise-kept rates of promises in one currency. It
// returns the errors of money.Amount.Add.
func Promises(promises []Promise) (PromisesKept, error) {
	var kept, all int64
	var paid, promised money.Amount
	for _, p := range promises {
		if p.Outcome == Running || p.Outcome == Withdrawn {
			continue
		}
		all++
		if p.Outcome == Kept {
			kept++
		}
		counts, err := atMost(p.Paid, p.Promised)
		if err != nil {
			return PromisesKept{}, err
		}
		if paid, err = paid.Add(counts); err != nil {
			return PromisesKept{}, err
		}
		if promised, err = promised.Add(p.Promised); err != nil {
			return PromisesKept{}, err
		}
	}
	value, err := Share(paid, promised)
	return PromisesKept{Number: Quotient(kept, all), Value: value}, err
}

// PlanSuccess is completed / (completed + broken) of payment plans, by number.
// Plans that run or were withdrawn are out.
func PlanSuccess(plans []Outcome) Ratio {
	var kept, over int64
	for _, o := range plans {
		switch o {
		case Kept:
			kept++
			over++
		case Broken:
			over++
		case Running, Withdrawn, PartlyKept:
		}
	}
	return Quotient(kept, over)
}

// atMost returns a, or limit where a is above it.
func atMost(a, limit money.Amount) (money.Amount, error) {
	over, err := a.Sub(limit)
	if err != nil || !over.Positive() {
		return a, err
	}
	return limit, nil
}
