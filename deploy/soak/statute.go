package main

import (
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

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

// costWords are how collection costs and the lump sums of the laws are called in the
// languages of the world.
const costWords = `incassokosten|forfaitaire vergoeding|aanmaningskosten|collection costs|recovery costs|fixed compensation|compensation for late payment|inkassokosten|mahnkosten|beitreibungskosten|frais de recouvrement|frais de rappel|indemnité forfaitaire`

// named says why a message of a day may not name collection costs for an invoice;
// empty when it may. A business owes them from the day after the due day; of a
// consumer they may be announced in the notice, and asked when its term is over.
func (c country) named(business bool, step string, on date.Date, e *entry, notice time.Time, zone *time.Location) string {
	switch {
	case !on.After(e.invoice.Due):
		return "it is due on " + e.invoice.Due.String()
	case business || step == "fourteen_day_letter":
		return ""
	case c.code != "NL" && c.code != "BE":
		return "a consumer owes none here"
	case notice.IsZero():
		return "a consumer got no notice of them"
	case !on.After(date.Of(notice.In(zone)).AddDays(noticeDays)):
		return "the notice left on " + date.Of(notice.In(zone)).String()
	}
	return ""
}
