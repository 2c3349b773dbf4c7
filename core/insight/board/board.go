package board

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Ask says of what the figures are.
type Ask struct {
	On             date.Date
	Now            time.Time // the tenant's
	Zone           *time.Location
	Administration uuid.NullUUID
	// Currency is that of most of the receivable when empty.
	Currency money.Currency
	// Known leaves out what was entered after the day, so that the answer is what
	// one would have seen then.
	Known bool
}

// until is the end of the day, at most now.
func (a Ask) until() time.Time {
	end := a.On.AddDays(1).In(a.Zone)
	if end.After(a.Now) {
		return a.Now
	}
	return end
}

// Board is all figures of a day, in one currency.
type Board struct {
	On         date.Date
	Currency   money.Currency
	Currencies []money.Currency // that there are, most receivable first
	AR         insight.Receivable
	Aging      insight.Aging
	Sales      money.Amount // of a year, less credit notes
	DSO        DSO
	Trend      []DSOMonth // the last twelve months, the oldest first
	CEI        insight.Ratio
	DaysLate   insight.Ratio
	AtRisk     insight.Ratio
	RiskMonth  date.Date // first day of the month that AtRisk is about; none when none is old enough
	Promises   insight.PromisesKept
	Plans      insight.Ratio
	Disputed   insight.Ratio // disputed / billed, of a year
	Cycle      insight.Ratio // days
	BadDebt    insight.Ratio // of a year
	Costs      Costs
	Wrong      insight.WrongReminders // of a year
	Reach      insight.Ratio
	Bounces    []Bounce
	Waiting    int // messages of debtors that wait for more than a day
	Freshness  insight.Freshness
	Steps      []Step
	Forecast   []insight.PredictedWeek
	Backtest   []insight.Forecast       // the oldest first
	Error      insight.Ratio            // mean of Backtest
	Habits     map[string]insight.Habit // by debtor; "" is all

	paid map[string][]insight.Event
}

// DSO is the ways to count days sales outstanding.
type DSO struct {
	Year, Quarter, Countback, Best, Delinquent, FullAmount insight.Ratio
}

// DSOMonth is the DSO at the end of a month, or on the day for the running one.
type DSOMonth struct {
	On        date.Date
	AR        money.Amount
	Year      insight.Ratio
	Countback insight.Ratio
}

// Costs are collection costs until the day.
type Costs struct {
	Charged, Paid, Waived money.Amount
	Recovered, WaivedRate insight.Ratio
}

// Make computes the figures. It returns the errors of package insight.
func Make(r Rows, a Ask) (*Board, error) {
	events := Events(r, a.Zone)
	ledgers, err := insight.Split(events)
	if err != nil {
		return nil, fmt.Errorf("build the ledger: %w", err)
	}
	b := &Board{On: a.On, Currency: a.Currency, paid: settlements(events)}
	b.currencies(ledgers, a)
	l, ok := ledgers[b.Currency]
	if !ok {
		if l, err = insight.New(b.Currency, nil); err != nil {
			return nil, err
		}
	}
	if a.Known {
		l = l.KnownBy(a.On)
	}
	for _, part := range []func(insight.Ledger, Rows, Ask) error{b.receivable, b.days, b.agreements, b.losses, b.messages, b.effects, b.forecast} {
		if err := part(l, r, a); err != nil {
			return nil, fmt.Errorf("compute the figures of %s: %w", a.On, err)
		}
	}
	return b, nil
}

func (b *Board) currencies(ledgers map[money.Currency]insight.Ledger, a Ask) {
	open := map[money.Currency]int64{}
	for c, l := range ledgers {
		if c == "" {
			continue
		}
		b.Currencies = append(b.Currencies, c)
		open[c] = l.At(a.On).Receivable().Gross.Minor
	}
	slices.SortFunc(b.Currencies, func(x, y money.Currency) int {
		if open[x] != open[y] {
			return int(min(max(open[y]-open[x], -1), 1))
		}
		return strings.Compare(string(x), string(y))
	})
	if b.Currency == "" {
		b.Currency = "EUR"
		if len(b.Currencies) > 0 {
			b.Currency = b.Currencies[0]
		}
	}
}

func (b *Board) receivable(l insight.Ledger, _ Rows, a Ask) error {
	now := l.At(a.On)
	b.AR, b.Aging, b.Sales = now.Receivable(), now.Aging(), l.Sales(a.On, insight.YearWindow)
	b.Habits = l.Habits(a.On)
	b.DaysLate = b.Habits[""].DaysLate
	begin := l.At(a.On.AddDays(-insight.QuarterWindow)).Receivable().Net
	var err error
	if b.CEI, err = insight.CEI(begin, l.Sales(a.On, insight.QuarterWindow), b.AR.Net, now.NotDue()); err != nil {
		return err
	}
	// The newest month of which every invoice is old enough.
	first := date.New(a.On.Year(), a.On.Month(), 1)
	for range 12 {
		last := first.AddDays(-1)
		first = date.New(last.Year(), last.Month(), 1)
		if b.AtRisk = l.AtRisk(first, last, a.On); b.AtRisk.Known() {
			b.RiskMonth = first
			break
		}
	}
	return nil
}

// countbackMonths is how far sales are counted back.
const countbackMonths = 60

func (b *Board) days(l insight.Ledger, _ Rows, a Ask) error {
	quarter := l.Sales(a.On, insight.QuarterWindow)
	now := l.At(a.On)
	for _, f := range []func() error{
		func() (err error) { b.DSO.Year, err = insight.DSO(b.AR.Net, b.Sales, insight.YearWindow); return },
		func() (err error) { b.DSO.Quarter, err = insight.DSO(b.AR.Net, quarter, insight.QuarterWindow); return },
		func() (err error) {
			b.DSO.Best, err = insight.BestDSO(now.NotDue(), b.Sales, insight.YearWindow)
			return
		},
		func() (err error) { b.DSO.Countback, err = countback(l, b.AR.Net, a.On); return },
		func() (err error) {
			b.DSO.FullAmount, err = insight.FullAmountDSO(now.Unpaid(), l.Total(insight.Issued, a.On, insight.YearWindow))
			return
		},
	} {
		if err := f(); err != nil {
			return err
		}
	}
	b.DSO.Delinquent = b.DSO.Year.Less(b.DSO.Best)
	for n := 11; n >= 0; n-- {
		on := a.On
		if n > 0 {
			month := time.Date(a.On.Year(), a.On.Month()-time.Month(n)+1, 1, 0, 0, 0, 0, time.UTC)
			on = date.Of(month).AddDays(-1)
		}
		m := DSOMonth{On: on, AR: l.At(on).Receivable().Net}
		var err error
		if m.Year, err = insight.DSO(m.AR, l.Sales(on, insight.YearWindow), insight.YearWindow); err != nil {
			return err
		}
		if m.Countback, err = countback(l, m.AR, on); err != nil {
			return err
		}
		b.Trend = append(b.Trend, m)
	}
	return nil
}

// countback is unknown when the sales do not reach the receivable.
func countback(l insight.Ledger, ar money.Amount, on date.Date) (insight.Ratio, error) {
	months := 12
	for {
		r, err := insight.CountbackDSO(ar, l.Months(on, months))
		if !errors.Is(err, insight.ErrTooFewMonths) {
			return r, err
		}
		if months = months * 2; months > countbackMonths {
			return insight.Ratio{}, nil
		}
	}
}

func (b *Board) losses(l insight.Ledger, r Rows, a Ask) (err error) {
	if b.BadDebt, err = insight.BadDebt(l.Total(insight.WrittenOff, a.On, insight.YearWindow), b.Sales); err != nil {
		return err
	}
	zero := money.Of(0, b.Currency)
	b.Costs = Costs{Charged: zero, Paid: zero, Waived: zero}
	for _, c := range r.Costs {
		if c.Currency != b.Currency {
			continue
		}
		switch c.Kind {
		case "costs", "costs_vat", "fee":
			b.Costs.Charged.Minor += c.Amount
		case "waiver":
			b.Costs.Waived.Minor -= c.Amount
		case "paid":
			b.Costs.Paid.Minor += c.Amount
		}
	}
	if b.Costs.Recovered, err = insight.CostsRecovered(b.Costs.Paid, b.Costs.Charged); err != nil {
		return err
	}
	b.Costs.WaivedRate, err = insight.CostsWaived(b.Costs.Waived, b.Costs.Charged)
	return err
}

func (b *Board) agreements(l insight.Ledger, r Rows, a Ask) (err error) {
	end, since := a.until(), a.On.AddYears(-1)
	over := func(t *time.Time) bool { return t != nil && !t.After(end) }
	var promises []insight.Promise
	for _, p := range r.Promises {
		if p.Currency != b.Currency || p.CreatedAt.After(end) {
			continue
		}
		o := promiseOutcomes[p.State]
		if !over(p.EndedAt) {
			o = insight.Running
		}
		promises = append(promises, insight.Promise{Promised: money.Of(p.AmountMinor, p.Currency), Paid: money.Of(p.ReceivedMinor, p.Currency), Outcome: o})
	}
	if b.Promises, err = insight.Promises(promises); err != nil {
		return err
	}
	plans := map[uuid.UUID]insight.Outcome{}
	for _, p := range r.Plans {
		if plans[p.ID] = planOutcomes[p.State]; !over(p.EndedAt) {
			plans[p.ID] = insight.Running
		}
	}
	var outcomes []insight.Outcome
	for _, o := range plans {
		outcomes = append(outcomes, o)
	}
	b.Plans = insight.PlanSuccess(outcomes)
	return b.disputes(l, r.Disputes, a, since, end)
}

var promiseOutcomes = map[string]insight.Outcome{
	"open": insight.Running, "kept": insight.Kept, "partly_kept": insight.PartlyKept, "broken": insight.Broken, "withdrawn": insight.Withdrawn, "cancelled": insight.Withdrawn,
}

var planOutcomes = map[string]insight.Outcome{"active": insight.Running, "completed": insight.Kept, "broken": insight.Broken, "cancelled": insight.Withdrawn}

// disputes counts the disputes of a year.
func (b *Board) disputes(l insight.Ledger, rows []db.InsightDisputesRow, a Ask, since date.Date, end time.Time) (err error) {
	disputed := money.Of(0, b.Currency)
	var list []insight.Dispute
	for _, d := range rows {
		opened := date.Of(d.OpenedAt.In(a.Zone))
		if d.OpenedAt.After(end) || !opened.After(since) {
			continue
		}
		one := insight.Dispute{Opened: opened}
		if d.ResolvedAt != nil && !d.ResolvedAt.After(end) {
			one.Resolved = date.Of(d.ResolvedAt.In(a.Zone))
		}
		if list = append(list, one); d.Currency == b.Currency {
			disputed.Minor += d.AmountMinor
		}
	}
	b.Cycle = insight.DisputeCycle(list)
	b.Disputed, err = insight.DisputeRate(disputed, l.Total(insight.Issued, a.On, insight.YearWindow))
	return err
}

func (b *Board) forecast(l insight.Ledger, r Rows, a Ask) (err error) {
	with := expected(r, a.Zone)
	b.Forecast = l.Predict(a.On, insight.ForecastWeeks, with)
	b.Backtest = l.Backtest(a.On, 8, with)
	b.Error, err = insight.MeanForecastError(b.Backtest)
	return err
}

// expected is what debtors committed to, and what was collected of them.
func expected(r Rows, zone *time.Location) (e insight.Expected) {
	day := func(t *time.Time) date.Date {
		if t == nil {
			return date.Date{}
		}
		return date.Of(t.In(zone))
	}
	for _, p := range r.Promises {
		e.Commitments = append(e.Commitments, insight.Commitment{
			Item: p.InvoiceID.String(), Amount: money.Of(p.AmountMinor, p.Currency), On: p.PayOn, Made: day(&p.CreatedAt), Ended: day(p.EndedAt),
		})
	}
	for _, p := range r.Plans {
		e.Commitments = append(e.Commitments, instalments(p, r, day)...)
	}
	type collected struct {
		settled date.Date
		scheme  string
		whole   int64
		state   string
	}
	seen := map[collected]bool{}
	for _, d := range r.Debits {
		switch d.State {
		case "submitted":
			e.Commitments = append(e.Commitments, insight.Commitment{Item: d.InvoiceID.String(), Amount: money.Of(d.AmountMinor, d.Currency), On: d.CollectOn, Made: day(d.SubmittedAt), Ended: day(d.EndedAt)})
		case "paid", "reversed":
			k := collected{d.SettledOn, d.Scheme, d.WholeMinor, d.State + d.SubmittedAt.String()}
			if d.SettledOn.IsZero() || seen[k] {
				continue // another invoice of the same debit
			}
			seen[k] = true
			e.Collections = append(e.Collections, insight.Collection{Amount: money.Of(d.WholeMinor, d.Currency), Back: money.Of(d.BackMinor, d.Currency), Settled: d.SettledOn, B2B: d.Scheme == "b2b"})
		}
	}
	return e
}

// instalments gives one invoice of a plan its share of each instalment, in the
// order that instalments are paid in: the first invoices first.
func instalments(p db.InsightPlansRow, r Rows, day func(*time.Time) date.Date) (out []insight.Commitment) {
	before := int64(0)
	for _, o := range r.Plans {
		if o.ID == p.ID && o.InvoiceID == p.InvoiceID {
			break
		}
		if o.ID == p.ID {
			before += o.PrincipalMinor
		}
	}
	from, to, at := before, before+p.PrincipalMinor, int64(0)
	for _, s := range r.Instalments {
		if s.PlanID != p.ID {
			continue
		}
		if part := min(to, at+s.PrincipalMinor) - max(from, at); part > 0 {
			out = append(out, insight.Commitment{Item: p.InvoiceID.String(), Amount: money.Of(part, p.Currency), On: s.Due, Made: day(p.AcceptedAt), Ended: day(p.EndedAt)})
		}
		at += s.PrincipalMinor
	}
	return out
}
