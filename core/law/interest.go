package law

import (
	"cmp"
	"fmt"
	"math/big"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// InterestClaim is what interest is computed for.
type InterestClaim struct {
	Debtor    DebtorType
	Principal money.Amount
	// From and Through are the first and the last day that bear interest. A
	// payment still bears interest on its own day.
	From, Through date.Date
	// DefaultSince is the first day of default, as DefaultSince computes it. Where
	// interest needs default, none runs before it, and none at all without it.
	DefaultSince date.Date
	// AgreedRate replaces the statutory one, inside the limits of the law: a
	// yearly percentage, as "12.00".
	AgreedRate string
	// ContractDate selects the transitional rate of old contracts, when known.
	ContractDate date.Date
	// Movements change the balance. Those after Through do not count.
	Movements []Movement
}

// Movement changes the balance at the end of its day, so that interest runs on
// the balance of each day (R37).
type Movement struct {
	On        date.Date
	Principal money.Amount // principal paid; negative reopens it
	Interest  money.Amount // interest paid
}

// Interest is the interest over a period.
type Interest struct {
	Amount    money.Amount   `json:"amount"` // all interest that accrued
	Paid      money.Amount   `json:"paid"`
	Open      money.Amount   `json:"open"`      // Amount less Paid
	Principal money.Amount   `json:"principal"` // open at the end
	Days      int            `json:"days"`
	Years     []InterestYear `json:"years"`
	Segments  []Segment      `json:"segments"`
	Basis
}

// InterestYear is a year of interest, counted from its first day. What is
// unpaid of it bears interest after its end (Capitalised), as the law of the
// country decides.
type InterestYear struct {
	From        date.Date    `json:"from"`
	Through     date.Date    `json:"through"`
	Interest    money.Amount `json:"interest"`
	Capitalised bool         `json:"capitalised"`
}

// Segment is a run of days with the same rate, base and length of year.
type Segment struct {
	From        date.Date    `json:"from"`
	Through     date.Date    `json:"through"`
	Days        int          `json:"days"`
	Rate        string       `json:"rate"` // percent per year
	Base        money.Amount `json:"base"`
	YearDays    int          `json:"yearDays"`
	Exact       *big.Rat     `json:"-"` // minor units, not rounded
	Provisional bool         `json:"provisional"`
}

// String writes the segment as a line of a calculation.
func (s Segment) String() string {
	note := ""
	if s.Provisional {
		note = ", provisional"
	}
	return fmt.Sprintf("%s to %s: %d days at %s%% over %s (1/%d a day%s)", s.From, s.Through, s.Days, s.Rate, s.Base, s.YearDays, note)
}

// Interest computes statutory or agreed interest: per day on the balance of
// that day, split at rate changes, payments and anniversaries (R37, R103). An
// empty period has no interest. It returns a fault of kind Invalid for days
// before the rate table, another currency or movements that do not fit.
func (c *Country) Interest(claim InterestClaim) (Interest, error) {
	a, err := c.accrue(claim)
	if err != nil {
		return Interest{}, err
	}
	for _, m := range inOrder(claim.Movements, func(m Movement) date.Date { return m.On }) {
		if m.On.After(claim.Through) {
			break
		}
		if err := a.move(m); err != nil {
			return Interest{}, err
		}
	}
	return a.result(claim.Through)
}

// accrue starts the account of a claim.
func (c *Country) accrue(claim InterestClaim) (*accrual, error) {
	// Interest is owed in the currency of the claim, whatever the country's is.
	currency := cmp.Or(claim.Principal.Currency, c.file.Currency)
	principal, err := notNegative(currency, "the principal", claim.Principal)
	if err != nil {
		return nil, err
	}
	if claim.From.IsZero() || claim.Through.IsZero() {
		return nil, fault.New(fault.Invalid, "interest_period", "Interest needs a first and a last day; give both.")
	}
	rule := c.file.Interests[claim.Debtor.Protected()]
	without := ""
	switch {
	case rule.None != "" && claim.AgreedRate == "":
		without = rule.None
	case rule.NeedsDefault && claim.DefaultSince.IsZero():
		without = "it runs from default on, and the debtor is not known to be in default"
	case rule.NeedsDefault:
		claim.From = date.Later(claim.From, claim.DefaultSince)
	}
	if without != "" {
		claim.From = claim.Through.AddDays(1)
	}
	rates, err := c.rates(&rule, claim)
	if err != nil {
		return nil, err
	}
	a := &accrual{law: c, currency: currency, rates: rates, from: claim.From, next: claim.From, principal: principal, year: new(big.Rat), without: without}
	a.basis.merge(rates.basis)
	a.yearStart, a.anniversary = claim.From, claim.From.AddYears(1)
	return a, nil
}

// rateSource answers which rate holds on a day.
type rateSource struct {
	law   *Country
	name  string
	rows  []RateRow // the statutory rate, or the limit of an agreed one
	fixed Percent   // agreed
	floor bool      // the rows are the least that an agreed rate can be, not the most
	until date.Date // last day the rows are known for
	basis Basis
}

func (c *Country) rates(rule *interestRule, claim InterestClaim) (rateSource, error) {
	if claim.AgreedRate != "" {
		agreed, valid, err := c.agreedRate(rule, claim)
		if err != nil || valid {
			return agreed, err
		}
	}
	src := rateSource{law: c, name: rule.Name, rows: c.file.Tables[rule.Table], until: c.file.ConfirmedUntil}
	if rule.Art != "" {
		src.name += " (" + rule.Art + ")"
	}
	c.rest(&src.basis, rule.Provenance, rule.Name)
	if t := rule.Transitional; !claim.ContractDate.IsZero() && claim.ContractDate.Before(t.ContractsBefore) {
		c.rest(&src.basis, Provenance{Art: rule.Art, Status: t.Status, Src: t.Src}, "the rate of contracts from before "+t.ContractsBefore.String())
		src.rows = transitionalRows(src.rows, t)
	}
	if c.file.Conventions.RateLookup == "start_day" && rule.None == "" {
		row, ok := rateOn(src.rows, claim.From)
		if !ok {
			return rateSource{}, noRate(claim.From, src.rows)
		}
		src.rows = []RateRow{row}
		if !claim.From.After(src.until) {
			src.until = forever // known on the first day is known for the whole debt
		}
	}
	return src, nil
}

// agreedRate is the rate in the contract inside the limits of the law. It is
// not valid when it is above a limit that makes the clause void.
func (c *Country) agreedRate(rule *interestRule, claim InterestClaim) (src rateSource, valid bool, err error) {
	fixed, err := ParsePercent(claim.AgreedRate)
	if err != nil || fixed.rat.Sign() < 0 {
		return rateSource{}, false, fault.New(fault.Invalid, "interest_rate", "%q is not a yearly rate; write it as 12.00.", claim.AgreedRate)
	}
	src = rateSource{law: c, name: "agreed interest", fixed: fixed, until: c.file.ConfirmedUntil}
	src.basis.addCitation(Citation{Article: "the agreed rate of " + fixed.String() + "% a year", Status: ConfirmedPrimary})
	limit := &rule.Agreed
	if limit.Status == "" {
		return src, true, nil
	}
	c.rest(&src.basis, limit.Provenance, "the limit of agreed interest")
	if limit.AtLeast != "" {
		src.rows, src.floor = c.file.Tables[limit.AtLeast], true
	}
	if limit.AtMost != "" {
		src.rows = c.file.Tables[limit.AtMost]
	}
	return src, !limit.Void || !aboveSome(fixed, src.rows, claim), nil
}

// aboveSome reports whether a rate is above that of the rows on some day.
func aboveSome(rate Percent, rows []RateRow, claim InterestClaim) bool {
	for i, row := range rows {
		before := i+1 < len(rows) && !rows[i+1].EffectiveFrom.After(claim.From)
		if !before && !row.EffectiveFrom.After(claim.Through) && rate.above(row.Rate) {
			return true
		}
	}
	return false
}

// transitionalRows are the rows with the points of old contracts added while
// those hold.
func transitionalRows(rows []RateRow, t transitional) []RateRow {
	from := t.From
	if from.IsZero() {
		from = t.ContractsBefore
	}
	var out []RateRow
	for i, row := range rows {
		plain := row
		if !row.EffectiveFrom.Before(from) && (t.Through.IsZero() || !row.EffectiveFrom.After(t.Through)) {
			row.Rate = row.Rate.plus(t.Points)
		}
		out = append(out, row)
		ends := t.Through.AddDays(1)
		if !t.Through.IsZero() && plain.EffectiveFrom.Before(ends) && (i+1 == len(rows) || rows[i+1].EffectiveFrom.After(ends)) {
			plain.EffectiveFrom = ends
			out = append(out, plain)
		}
	}
	return out
}

var forever = date.New(9999, 12, 31)

// on returns the rate of a day, the last day that it surely holds for and, when
// it is not confirmed, the figure to approve.
func (r rateSource) on(d date.Date) (rate Percent, through date.Date, doubt *Figure, err error) {
	if len(r.rows) == 0 {
		return r.fixed, forever, nil, nil
	}
	row, ok := rateOn(r.rows, d)
	if !ok {
		return Percent{}, d, nil, noRate(d, r.rows)
	}
	through = forever
	for _, later := range r.rows {
		if later.EffectiveFrom.After(d) {
			through = later.EffectiveFrom.AddDays(-1)
			break
		}
	}
	switch {
	case d.After(r.until) && !row.EffectiveFrom.After(r.until):
		doubt = r.figure(row, "the rate after "+r.until.String(), Derived, fmt.Sprintf("the rate after %s is not known yet: %s%% is carried forward", r.until, row.Rate))
	case !row.Status.Confirmed():
		doubt = r.figure(row, "the rate from "+row.EffectiveFrom.String(), row.Status, fmt.Sprintf("the rate of %s%% from %s is %s", row.Rate, row.EffectiveFrom, row.Status))
	}
	if !d.After(r.until) && through.After(r.until) {
		through = r.until
	}
	rate = row.Rate
	if !r.fixed.IsZero() && r.fixed.above(rate) == r.floor {
		rate = r.fixed
	}
	return rate, through, doubt, nil
}

func (r rateSource) figure(row RateRow, which string, status Status, why string) *Figure {
	return &Figure{
		Name: r.law.file.CountryCode + ": " + r.name + ", " + which, Value: row.Rate.String() + "%", Why: why, Status: status, Sources: r.law.sources(row.Src),
	}
}

func noRate(d date.Date, rows []RateRow) error {
	return fault.New(fault.Invalid, "interest_rate_unknown",
		"No rate is known for %s; the table starts on %s.", d, rows[0].EffectiveFrom)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// describe writes the calculation in words, a line per segment.
func describe(name string, out Interest, first, last date.Date) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s through %s, %d days: %s.", capital(name), first, last, out.Days, out.Amount)
	for _, s := range out.Segments {
		b.WriteString("\n" + s.String())
	}
	for _, y := range out.Years {
		if y.Capitalised {
			fmt.Fprintf(&b, "\nThe interest of %s to %s, %s, bears interest itself from then on as far as it is unpaid.", y.From, y.Through, y.Interest)
		}
	}
	return b.String()
}
