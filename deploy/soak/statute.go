package main

import "github.com/voldaan/voldaan/sdk/money"

// What the laws allow at most, written down a second time and apart from the law
// packs, so that one may judge the other.

// mostCosts is the most that may be asked as costs for claims in one case, in
// minor units.
func (c country) mostCosts(business bool, currency money.Currency, claims []int64) (most int64) {
	if currency != c.currency {
		return 0
	}
	var sum int64
	for _, minor := range claims {
		sum += minor
	}
	switch {
	case c.code == "NL": // art. 6:96 BW, Besluit vergoeding voor buitengerechtelijke incassokosten
		left, thousandths := sum, int64(0)
		for _, band := range []struct{ width, part int64 }{{250_000, 150}, {250_000, 100}, {500_000, 50}, {19_000_000, 10}, {1 << 50, 5}} {
			in := min(left, band.width)
			thousandths += in * band.part
			left -= in
		}
		return min(max(4_000, thousandths/1000+1), 677_500)
	case c.code == "BE" && !business: // art. XIX.4 WER
		switch {
		case sum <= 15_000:
			return 2_000
		case sum <= 50_000:
			return 3_000 + (sum-15_000)/10 + 1
		}
		return min(6_500+(sum-50_000)/20+1, 200_000)
	case !business:
		return 0 // none in Germany, France and the United Kingdom
	case c.code == "GB": // Late Payment of Commercial Debts (Interest) Act 1998, section 5A
		for _, minor := range claims {
			switch {
			case minor < 100_000:
				most += 4_000
			case minor < 1_000_000:
				most += 7_000
			default:
				most += 10_000
			}
		}
		return most
	}
	return 4_000 * int64(len(claims)) // EUR 40 for each: par. 288 V BGB, D441-5, law of 2 August 2002
}

// mostInterest is more than any of the laws gives on an amount over some days.
func mostInterest(minor int64, days int) int64 {
	return minor*16*int64(max(0, days))/36_500 + 100
}

// noticeDays is how long a consumer has after the notice, before costs are due.
const noticeDays = 14
