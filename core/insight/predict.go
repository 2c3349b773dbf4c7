package insight

import (
	"math/big"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ForecastWeeks is how many weeks a forecast shows.
const ForecastWeeks = 4

// The days after a direct debit within which it may come back without a reason:
// eight weeks of SEPA Core; of SEPA B2B only the three bank days in which the
// bank itself may return it, with a weekend (R89).
const (
	CoreRefundDays = 56
	B2BReturnDays  = 5
)

// Commitment is money that is expected of an invoice on a day: promised, an
// instalment, a direct debit under way. It counts while it stands.
type Commitment struct {
	Item   string
	Amount money.Amount
	On     date.Date
	Made   date.Date
	Ended  date.Date // it was kept, broken or taken back; none while it stands
}

// Collection is a direct debit that was paid.
type Collection struct {
	Amount  money.Amount
	Back    money.Amount // what came back of it
	Settled date.Date
	B2B     bool
}

// Final reports whether nothing of it is expected to come back after a day.
func (c Collection) Final(on date.Date) bool { return !on.Before(c.finalOn()) }

func (c Collection) finalOn() date.Date {
	if c.B2B {
		return c.Settled.AddDays(B2BReturnDays)
	}
	return c.Settled.AddDays(CoreRefundDays)
}

// Expected is what else than the ledger a forecast knows.
type Expected struct {
	Commitments []Commitment
	Collections []Collection
}

// PredictedWeek is what is expected to come in during seven days.
type PredictedWeek struct {
	First    date.Date
	Expected money.Amount
}

// Predict says what comes in during the weeks after a day, from what was so on
// that day: commitments on their days; of what is left, each invoice when its
// debtor would pay by habit. Of what is open beyond that, the share that came in
// during the four weeks before, evenly. Disputed parts are not expected. Direct
// debits that may still come back lower it by the share that came back in a year.
func (l Ledger) Predict(day date.Date, count int, with Expected) []PredictedWeek {
	weeks := make([]big.Rat, count)
	first := day.AddDays(1)
	add := func(on date.Date, amount *big.Rat) {
		if n := on.DaysSince(first); n >= 0 && n < 7*count {
			weeks[n/7].Add(&weeks[n/7], amount)
		}
	}
	now := l.At(day)
	left := map[string]int64{}
	for _, p := range now.Open {
		left[p.Item] = p.Open.Minor - p.Under(Disputed).Minor
	}
	for _, c := range with.Commitments {
		if c.Made.After(day) || !c.Ended.IsZero() && !c.Ended.After(day) || c.Amount.Currency != l.currency || !c.On.After(day) {
			continue
		}
		minor := min(c.Amount.Minor, left[c.Item])
		left[c.Item] -= max(0, minor)
		add(c.On, new(big.Rat).SetInt64(max(0, minor)))
	}
	habits, rest := l.Habits(day), new(big.Rat)
	for _, p := range now.Open {
		open := new(big.Rat).SetInt64(left[p.Item])
		if on := expectedOn(p, habits); on.After(day) {
			add(on, open)
		} else {
			rest.Add(rest, open)
		}
	}
	weekly := rest.Mul(rest, l.stragglers(day))
	weekly.Quo(weekly, big.NewRat(ForecastWeeks, 1))
	for n := range weeks {
		weeks[n].Add(&weeks[n], weekly)
	}
	l.refunds(day, with.Collections, weeks)
	out := make([]PredictedWeek, count)
	for n := range weeks {
		out[n] = PredictedWeek{First: first.AddDays(7 * n), Expected: money.Of(nearest(&weeks[n]), l.currency)}
	}
	return out
}

// expectedOn is the day on which a debtor pays by habit; that of all debtors for
// one who never paid.
func expectedOn(p Position, habits map[string]Habit) date.Date {
	if p.Due.IsZero() {
		return date.Date{}
	}
	late := habits[p.Debtor].OfPayments
	if !late.Known() {
		late = habits[""].OfPayments
	}
	if !late.Known() {
		return p.Due
	}
	return p.Due.AddDays(int(nearest(late.exact)))
}

// stragglers is the share of what was open beyond habit four weeks ago that has
// come in since.
func (l Ledger) stragglers(day date.Date) *big.Rat {
	then := day.AddDays(-7 * ForecastWeeks)
	habits, open := l.Habits(then), map[string]int64{}
	var was, got int64
	for _, p := range l.At(then).Open {
		if !expectedOn(p, habits).After(then) {
			open[p.Item] = p.Open.Minor
			was += p.Open.Minor
		}
	}
	if was <= 0 {
		return new(big.Rat)
	}
	for _, e := range l.until(day) {
		if e.Kind == Paid && e.On.After(then) {
			n := min(e.Amount.Minor, open[e.Item])
			open[e.Item] -= n
			got += n
		}
	}
	return big.NewRat(got, was)
}

// refunds takes off what may still come back, spread over the weeks until it is
// final.
func (l Ledger) refunds(day date.Date, collections []Collection, weeks []big.Rat) {
	var core, back int64
	for _, c := range collections {
		if c.Amount.Currency == l.currency && !c.B2B && !c.Settled.After(day) && c.Settled.After(day.AddYears(-1)) {
			core += c.Amount.Minor
			back += c.Back.Minor
		}
	}
	if core <= 0 || back <= 0 {
		return
	}
	for _, c := range collections {
		if c.Amount.Currency != l.currency || c.B2B || c.Settled.After(day) || c.Final(day) || c.Back.Positive() {
			continue // of B2B no refund is assumed (R89)
		}
		perDay := new(big.Rat).SetFrac64(back, core)
		perDay.Mul(perDay, new(big.Rat).SetFrac64(c.Amount.Minor, CoreRefundDays))
		for n := range 7 * len(weeks) {
			if !c.Final(day.AddDays(n + 1)) {
				weeks[n/7].Sub(&weeks[n/7], perDay)
			}
		}
	}
}

// nearest rounds to a whole number, ties away from zero.
func nearest(r *big.Rat) int64 {
	n, ok := new(big.Int).SetString(r.FloatString(0), 10)
	if !ok || !n.IsInt64() {
		return 0
	}
	return n.Int64()
}

// Cash is the money that came in from first through last, less what went back.
func (l Ledger) Cash(first, last date.Date) money.Amount {
	total := money.Of(0, l.currency)
	for _, e := range l.until(last) {
		if e.On.Before(first) {
			continue
		}
		switch e.Kind {
		case Paid, PaidAhead:
			total.Minor += e.Amount.Minor
		case PaidBack:
			total.Minor -= e.Amount.Minor
		}
	}
	return total
}

// Backtest makes the forecasts again that were due a number of weeks ago, four
// weeks out, and holds them against what came in. The last week is the one that
// ends on day.
func (l Ledger) Backtest(day date.Date, weeks int, with Expected) []Forecast {
	out := make([]Forecast, 0, weeks)
	for n := weeks - 1; n >= 0; n-- {
		first := day.AddDays(-7*n - 6)
		// The fifth week after the day begins when four whole weeks are over.
		made := first.AddDays(-ForecastDays - 1)
		p := l.Predict(made, ForecastWeeks+1, with)
		out = append(out, Forecast{Made: made, Week: first, Expected: p[ForecastWeeks].Expected, Cash: l.Cash(first, first.AddDays(6))})
	}
	return out
}
