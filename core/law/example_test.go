package law_test

import (
	"fmt"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func ExampleCountry_CollectionCosts() {
	nl, err := law.Pack("NL")
	if err != nil {
		panic(err)
	}
	costs, err := nl.CollectionCosts(law.CostsClaim{
		Principals: []money.Amount{money.EUR(100_000), money.EUR(50_000)},
		PaidInTerm: money.EUR(30_000),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(costs.Total)
	fmt.Println(costs.Explanation)
	// Output:
	// EUR 180.00
	// Collection costs by the scale over EUR 1200.00 (2 claims added), the part of EUR 1500.00 that was not paid inside the term: EUR 180.00.
}

func ExampleCountry_Interest() {
	nl, err := law.Pack("NL")
	if err != nil {
		panic(err)
	}
	interest, err := nl.Interest(law.InterestClaim{
		Debtor:    law.Business,
		Principal: money.EUR(100_000),
		From:      date.MustParse("2025-06-01"),
		Through:   date.MustParse("2025-08-31"),
		Movements: []law.Movement{{On: date.MustParse("2025-07-31"), Principal: money.EUR(60_000)}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(interest.Explanation)
	// Output:
	// Statutory commercial interest (art. 6:119a BW) from 2025-06-01 through 2025-08-31, 92 days: EUR 21.23.
	// 2025-06-01 to 2025-06-30: 30 days at 11.15% over EUR 1000.00 (1/365 a day)
	// 2025-07-01 to 2025-07-31: 31 days at 10.15% over EUR 1000.00 (1/365 a day)
	// 2025-08-01 to 2025-08-31: 31 days at 10.15% over EUR 400.00 (1/365 a day)
}

func ExampleCountry_NoticeTerm() {
	nl, err := law.Pack("NL")
	if err != nil {
		panic(err)
	}
	term, err := nl.NoticeTerm(law.Delivery{Sent: date.MustParse("2026-11-19"), Channel: law.Post})
	if err != nil {
		panic(err)
	}
	fmt.Println(term.Explanation)
	// Output:
	// Sent by post on 2026-11-19, receipt on 2026-11-21 (presumed), day 1 is 2026-11-22, day 14 is 2026-12-05, moved to 2026-12-07 because of Saturday; costs are not due before 2026-12-08.
}
