package insight_test

import (
	"fmt"

	"github.com/voldaan/voldaan/core/insight"
)

// The figures of one day come from one ledger.
func Example() {
	l, err := insight.New("EUR", []insight.Event{
		invoice("a", "2026-01-10", "2026-02-09", 220),
		invoice("b", "2026-02-10", "2026-04-10", 180),
		invoice("c", "2026-03-10", "2026-04-09", 200),
		event(insight.Paid, "a", "2026-02-20", 130),
		event(insight.Paid, "b", "2026-03-20", 20),
	})
	if err != nil {
		panic(err)
	}
	today := day("2026-03-31")
	now := l.At(today)
	ar, sales := now.Receivable().Net, l.Sales(today, insight.QuarterWindow)
	show := func(name string) func(insight.Ratio, error) {
		return func(r insight.Ratio, err error) { fmt.Println(name, r.Decimal(1), err) }
	}
	show("DSO")(insight.DSO(ar, sales, insight.QuarterWindow))
	show("best possible DSO")(insight.BestDSO(now.NotDue(), sales, insight.QuarterWindow))
	show("days delinquent")(insight.DaysDelinquent(ar, now.NotDue(), sales, insight.QuarterWindow))
	show("countback DSO")(insight.CountbackDSO(ar, l.Months(today, 12)))
	fmt.Println("weighted days late", l.DaysLate("", today).Decimal(1))
	// Output:
	// DSO 67.5 <nil>
	// best possible DSO 54.0 <nil>
	// days delinquent 13.5 <nil>
	// countback DSO 68.9 <nil>
	// weighted days late 23.0
}
