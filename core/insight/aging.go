package insight

import "github.com/voldaan/voldaan/sdk/money"

// agingEnds are the last days late of all buckets but the last.
var agingEnds = [...]int{0, 30, 60, 90, 120}

// Aging is what is open on a day by days late. Gross is the sum of the buckets;
// with Credit, which is nought or below, it makes Net.
type Aging struct {
	// Buckets are: not due; 1-30; 31-60; 61-90; 91-120; more than 120 days.
	Buckets [6]Bucket
	Credit  money.Amount // not yet applied, as a negative amount
	Net     money.Amount
}

// Bucket is what is open in one stretch of days late.
type Bucket struct {
	Invoices int
	Open     money.Amount
	Disputed money.Amount // within Open, shown in a column of its own (R74)
}

// Aging sorts what is open by days late.
func (s Snapshot) Aging() Aging {
	a := Aging{Credit: s.Credit.Neg(), Net: s.Credit.Neg()}
	for i := range a.Buckets {
		a.Buckets[i].Open, a.Buckets[i].Disputed = money.Of(0, s.currency), money.Of(0, s.currency)
	}
	for _, p := range s.Open {
		i := 0
		for i < len(agingEnds) && p.DaysLate(s.On) > agingEnds[i] {
			i++
		}
		a.Buckets[i].Invoices++
		a.Buckets[i].Open.Minor += p.Open.Minor
		a.Buckets[i].Disputed.Minor += p.Under(Disputed).Minor
		a.Net.Minor += p.Open.Minor
	}
	return a
}
