package insight_test

import (
	"errors"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestCompare holds the comparison with a hold-back group to numbers worked out by
// hand.
func TestCompare(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	week := 7 * 24 * time.Hour
	demand := func(held bool, paidAfter time.Duration, cents int64) insight.Demand {
		d := insight.Demand{At: start, Demanded: money.EUR(10000), HeldBack: held}
		if cents > 0 {
			d.Receipts = []insight.Receipt{{At: start.Add(paidAfter), Amount: money.EUR(cents)}}
		}
		return d
	}
	// Sent: 3 of 4 paid within the week, one of them half: (1 + 1 + 0.5 + 0) / 4.
	// Held back: 1 of 4; what comes after the week counts for neither.
	all := []insight.Demand{
		demand(false, 24*time.Hour, 10000), demand(false, 48*time.Hour, 10000), demand(false, time.Hour, 5000), demand(false, 8*24*time.Hour, 10000),
		demand(true, 24*time.Hour, 10000), demand(true, 8*24*time.Hour, 10000), demand(true, 0, 0), demand(true, 0, 0),
	}
	got, err := insight.Compare(all, week)
	if err != nil {
		t.Fatal(err)
	}
	// Variances: 4/3 * (0.375² + 0.375² + 0.125² + 0.625²) / 16 = 0.057292 and
	// 4/3 * (0.75² + 3 * 0.25²) / 16 = 0.0625; 1.96 * sqrt(0.119792) = 0.678370.
	if got.Sent != 4 || got.HeldBack != 4 || got.PaidSent.Percent(1) != "62.5" || got.PaidHeldBack.Percent(1) != "25.0" || got.Lift.Percent(1) != "37.5" || got.Margin.Decimal(4) != "0.6784" {
		t.Errorf("%d %d %s %s %s ±%s", got.Sent, got.HeldBack, got.PaidSent.Percent(1), got.PaidHeldBack.Percent(1), got.Lift.Percent(1), got.Margin.Decimal(4))
	}
	if got.Telling() {
		t.Error("eight demands tell something")
	}
	var many []insight.Demand
	for range 10 {
		many = append(many, all...)
	}
	if got, err = insight.Compare(many, week); err != nil || !got.Telling() || got.Lift.Percent(1) != "37.5" {
		t.Errorf("eighty demands: %+v: %v", got, err)
	}
	if got, err := insight.Compare(all[:4], week); err != nil || got.Lift.Known() || got.Margin.Known() || got.Telling() {
		t.Errorf("without a hold-back group: %+v: %v", got, err)
	}
	cut := demand(true, 48*time.Hour, 10000)
	cut.Next = start.Add(24 * time.Hour)
	if got, err := insight.Compare([]insight.Demand{all[0], cut}, week); err != nil || got.PaidHeldBack.Percent(0) != "0" {
		t.Errorf("what comes after the next demand counts: %s: %v", got.PaidHeldBack.Percent(0), err)
	}
	legal := demand(true, 0, 0)
	legal.Statutory = true
	if _, err := insight.Compare([]insight.Demand{legal}, week); !errors.Is(err, insight.ErrHeldBack) {
		t.Errorf("a statutory step is compared: %v", err)
	}
}
