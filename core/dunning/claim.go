package dunning

import (
	"context"

	"github.com/google/uuid"
	subledger "github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// claim is what a debtor owes on a day besides the invoices.
type claim struct {
	costs    []charged    // by law; none when an open case has booked them
	total    money.Amount // of all costs
	interest map[uuid.UUID]law.Interest
	accrued  money.Amount // of all interest
	doubts   []law.Figure // on default, and on whose law it is
	// rate converts from and to the currency of the law, none without need; in the
	// latter the costs are lawCosts.
	rate     exchange.Rate
	law      money.Currency
	lawCosts money.Amount
}

// newClaim computes costs and interest over the open principals on a day.
func (l *ledger) newClaim(items []*item, on date.Date) (*claim, error) {
	c, err := l.accrue(items, on)
	if err != nil {
		return nil, err
	}
	pack, err := l.lawOf(items...)
	if err != nil {
		return nil, err
	}
	if c.rate, err = l.rate(pack, items, on); err != nil {
		return nil, err
	}
	c.law = pack.Currency()
	claims, err := l.costClaims(pack, items, on, c.rate)
	if err != nil {
		return nil, err
	}
	for _, q := range claims {
		due, err := pack.CostsDue(q)
		if err != nil {
			return nil, err
		}
		one, err := charge(due, c.rate, items[0].invoice.Currency)
		if err != nil {
			return nil, err
		}
		c.costs = append(c.costs, one)
		if c.total, err = c.total.Add(one.total); err != nil {
			return nil, err
		}
		if c.lawCosts, err = c.lawCosts.Add(due.Costs.Total); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// costClaims groups the invoices that costs are computed over together: those
// of one statutory notice (R98), or all of a business.
func (l *ledger) costClaims(pack *law.Country, items []*item, on date.Date, rate exchange.Rate) ([]law.DueClaim, error) {
	var out []law.DueClaim
	group := map[uuid.UUID]int{}
	for _, it := range items {
		id := uuid.Nil
		if l.noticed(it) {
			id = it.notice.ID
		}
		in, err := l.defaultOf(pack, it)
		if err != nil {
			return nil, err
		}
		i, ok := group[id]
		if !ok {
			i = len(out)
			group[id] = i
			out = append(out, law.DueClaim{Debtor: l.debtorType(), On: on, Claim: law.CostsClaim{Clause: l.adm.CostsClause, DefaultSince: in.Since}})
		}
		q := &out[i]
		base, err := inLaw(pack, rate, l.costBase(it))
		if err != nil {
			return nil, err
		}
		q.Claim.Principals = append(q.Claim.Principals, base)
		if n := feesCharged(pack, it); n > 0 {
			q.Claim.Charged = money.Of(q.Claim.Charged.Minor+n, pack.Currency())
		}
		if due := it.invoice.Due; q.DueDate.IsZero() || due.Before(q.DueDate) {
			q.DueDate = due
		}
		// In default is who is so for every claim.
		if in.Since.IsZero() || q.Claim.DefaultSince.IsZero() {
			q.Claim.DefaultSince = date.Date{}
		} else {
			q.Claim.DefaultSince = date.Later(q.Claim.DefaultSince, in.Since)
		}
		if id == uuid.Nil {
			continue
		}
		overdue := it.invoice.Due.AddDays(1)
		if len(q.Notices) > 0 {
			overdue = date.Later(overdue, q.Notices[0].DefaultSince)
		}
		q.Notices = []law.SentNotice{{
			Delivery:     it.delivery(),
			DefaultSince: overdue,
			// A notice whose text the law would refuse is never recorded (R95).
			Checked: true, Announced: money.Of(it.notice.CostsMinor, it.notice.Currency),
		}}
	}
	return out, nil
}

// noticed reports whether the costs of an invoice follow from a notice.
func (l *ledger) noticed(it *item) bool { return it.notice != nil && l.debtorType() != law.Business }

// costBase is what costs are computed over: what is open, and for a claim under
// a statutory notice what was open when its term ended (R96).
func (l *ledger) costBase(it *item) money.Amount {
	base := it.ask()
	if !l.noticed(it) {
		return base
	}
	for _, p := range it.payments {
		if p.on.After(it.notice.TermLastDay) {
			base.Minor += p.minor
		}
	}
	base.Minor = min(base.Minor, it.notice.InvoicePrincipal)
	return base
}

// accrue computes the interest of each invoice through a day, on what was open
// on each day of it (R103).
func (l *ledger) accrue(items []*item, on date.Date) (*claim, error) {
	pack, err := l.lawOf(items...)
	if err != nil {
		return nil, err
	}
	c := &claim{interest: map[uuid.UUID]law.Interest{}}
	if !l.stopped.IsZero() && l.stopped.Before(on) {
		on = l.stopped // R97: interest is presented as of the legal stop
	}
	if doubt, ok := l.foreign(pack); ok {
		c.doubts = append(c.doubts, doubt)
	}
	for _, it := range items {
		if it.invoice.Due.IsZero() || it.invoice.Due.AddDays(1).After(on) {
			continue
		}
		in, err := l.defaultOf(pack, it)
		if err != nil {
			return nil, err
		}
		q := law.InterestClaim{
			Debtor: l.debtorType(), Principal: it.ask(), From: it.invoice.Due.AddDays(1), Through: on,
			DefaultSince: in.Since, AgreedRate: l.agreedRateOf(it),
		}
		for _, p := range it.payments {
			if !p.on.Before(q.From) {
				q.Principal.Minor += p.minor
				q.Movements = append(q.Movements, law.Movement{On: p.on, Principal: money.Of(p.minor, it.invoice.Currency)})
			}
		}
		i, err := pack.Interest(q)
		if err != nil {
			return nil, err
		}
		c.interest[it.invoice.ID] = i
		if i.Amount.Positive() {
			c.doubts = append(c.doubts, in.Figures...)
		}
		if c.accrued, err = c.accrued.Add(i.Amount); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// bookedClaim is what the open cases of the invoices owe today by their
// sub-ledger: what was paid or waived of costs and interest is off.
func (f *fence) bookedClaim(ctx context.Context, items []*item) (*claim, error) {
	cur := items[0].invoice.Currency
	c := &claim{interest: map[uuid.UUID]law.Interest{}, total: money.Of(0, cur), accrued: money.Of(0, cur)}
	booked := true
	seen := map[uuid.UUID]bool{}
	for _, it := range items {
		if it.claim == nil || seen[it.claim.ID] {
			continue
		}
		seen[it.claim.ID] = true
		file, err := subledger.Load(ctx, f.tx, it.claim.ID)
		if err != nil {
			return nil, err
		}
		state, err := file.Today(f.today)
		if err != nil {
			return nil, err
		}
		for _, l := range state.Lines {
			c.interest[l.Invoice] = l.Interest
		}
		c.total.Minor += state.Costs
		c.accrued.Minor += state.Interest
		if c.rate, c.law = file.Rate, file.Pack.Currency(); !c.rate.IsZero() {
			inLaw, ok := file.CostsByLaw(state)
			booked = booked && ok
			c.lawCosts = money.Of(c.lawCosts.Minor+inLaw.Minor, c.law)
		}
	}
	if !booked {
		c.lawCosts = c.both(c.total) // paid or waived in part
	}
	return c, nil
}

// charges are the lines that a message shows.
func (c *claim) charges() []outreach.Charge {
	var out []outreach.Charge
	if c.total.Positive() {
		out = append(out, outreach.Charge{Kind: outreach.CollectionCosts, Amount: c.total, Law: c.inLaw(c.lawCosts)})
	}
	if c.accrued.Positive() {
		out = append(out, outreach.Charge{Kind: outreach.Interest, Amount: c.accrued, Law: c.both(c.accrued)})
	}
	return out
}
