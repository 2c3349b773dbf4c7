package law

import (
	"slices"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

// InterruptionDays is how many days before a claim expires an interruption of
// the limitation is proposed (R111).
const InterruptionDays = 90

// LimitationClaim asks when a claim expires.
type LimitationClaim struct {
	Debtor DebtorType
	Due    date.Date
	// Demanded are the days of the written demands, which interrupt the term
	// where the law says so.
	Demanded []date.Date
	// Acts are what else happened about it, such as acknowledgements of the debtor.
	Acts []Act
}

// LimitationOf computes when a claim expires. A consumer's claim gets the shorter
// of the terms that can hold, since nothing says whether it is a sale. It returns
// a fault of kind Invalid without a due date.
func (c *Country) LimitationOf(q LimitationClaim) (Limitation, error) {
	if q.Due.IsZero() {
		return Limitation{}, fault.New(fault.Invalid, "limitation_due_date", "Say when the claim fell due; its limitation runs from that day.")
	}
	acts := slices.Clone(q.Acts)
	for _, d := range q.Demanded {
		acts = append(acts, Act{On: d, Kind: Demand})
	}
	out, err := c.LimitationAfter("contract", q.Due, acts...)
	if err != nil || q.Debtor.Protected() != Consumer {
		return out, err
	}
	sale, err := c.LimitationAfter("consumer_sale_price", q.Due, acts...)
	if fault.Is(err, fault.NotFound) {
		return out, nil
	}
	if err == nil && sale.LastDay.Before(out.LastDay) {
		out = sale
	}
	return out, err
}

// Expiring reports whether it is time to propose an interruption: the claim can
// still be enforced on a day and expires within InterruptionDays (R111).
func (l Limitation) Expiring(on date.Date) bool {
	return !on.After(l.LastDay) && !on.AddDays(InterruptionDays).Before(l.LastDay)
}
