package claim

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Account is a case with everything that was charged, waived and paid. Amounts
// are minor units of its currency.
type Account struct {
	Debtor   law.DebtorType
	Currency money.Currency
	Opened   date.Date
	// AgreedRate is the yearly percentage of the creditor's terms, "" for none.
	AgreedRate string
	// Stopped is the last day that interest is presented of, by a legal stop (R97);
	// none without one.
	Stopped    date.Date
	Principals []Principal // in the order of their due days
	Costs      int64       // VAT included, due from Opened
	Reliefs    []Relief
	Receipts   []Receipt
}

// Principal is an invoice of the case.
type Principal struct {
	Invoice uuid.UUID
	Number  string
	Due     date.Date
	From    date.Date // first day of interest
	Amount  int64     // rightly claimed on that day
	// Disputed is what of it bears no interest after a day, as long as it is in
	// dispute (R70).
	Disputed   int64
	DisputedOn date.Date
}

// Relief is what the creditor waived.
type Relief struct {
	On              date.Date
	Costs, Interest int64
	// First says that it counts before the payments of its day.
	First bool
}

// Receipt is a payment as it settled invoices of the case.
type Receipt struct {
	Payment uuid.UUID // none for one that the books know of and did not tell
	On      date.Date // value date
	Parts   []Part    // what of it settled each invoice
	Surplus int64     // what of it settled no invoice
	Order   law.Order
	// Designated says that the payer named the invoices: then the interest of
	// these is paid, and not of the others (R28).
	Designated bool
	Why        string // for another order than the statutory one
}

// Part is what of a receipt settled an invoice.
type Part struct {
	Invoice uuid.UUID
	Amount  int64
}

// Taken says where a receipt went.
type Taken struct {
	Payment   uuid.UUID           `json:"payment"`
	On        date.Date           `json:"on"`
	Amount    int64               `json:"amount"`
	Costs     int64               `json:"costs"`
	Interest  map[uuid.UUID]int64 `json:"interest"`
	Principal map[uuid.UUID]int64 `json:"principal"`
	Left      int64               `json:"left"` // unapplied credit (R32)
	Order     law.Order           `json:"order"`
	Why       string              `json:"why,omitempty"`
}

// Sum returns what went to interest, or to principal, of all invoices.
func sum(m map[uuid.UUID]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// Line is an invoice of the case at the end of a day.
type Line struct {
	Principal
	Open     int64
	Interest law.Interest
}

// State is a case at the end of a day.
type State struct {
	Through   date.Date
	Lines     []Line
	Taken     []Taken
	Costs     int64 // open
	Interest  int64 // open
	Principal int64 // open
	Accrued   int64 // all interest so far
	CostsPaid int64
	IntPaid   int64
	Waived    Relief // what was waived, as far as there was something to waive
	law.Basis
}

// Total returns all that is open.
func (s State) Total() int64 { return s.Costs + s.Interest + s.Principal }

// Charges returns what is open besides the principal.
func (s State) Charges() int64 { return s.Costs + s.Interest }

// running is the replay of an account.
type running struct {
	Account
	pack    *law.Country
	through date.Date
	moves   map[uuid.UUID][]law.Movement
	open    map[uuid.UUID]int64
	state   State
}

// Replay follows an account through the end of a day (R30, R31, R36, R37): each
// payment is put to what was open on its value date, and interest runs per day
// on the balance of that day. What came later does not count.
func (a Account) Replay(pack *law.Country, through date.Date) (State, error) {
	r := &running{Account: a, pack: pack, through: through, moves: map[uuid.UUID][]law.Movement{}, open: map[uuid.UUID]int64{}, state: State{Through: through}}
	for _, p := range a.Principals {
		r.open[p.Invoice] = p.Amount
	}
	if !a.Opened.After(through) {
		r.state.Costs = a.Costs
	}
	receipts := slices.Clone(a.Receipts)
	slices.SortStableFunc(receipts, func(x, y Receipt) int { return x.On.Compare(y.On) })
	reliefs := slices.Clone(a.Reliefs)
	slices.SortStableFunc(reliefs, func(x, y Relief) int { return x.On.Compare(y.On) })
	for _, q := range receipts {
		for len(reliefs) > 0 && (reliefs[0].On.Before(q.On) || reliefs[0].First && reliefs[0].On == q.On) {
			if err := r.relieve(reliefs[0]); err != nil {
				return State{}, err
			}
			reliefs = reliefs[1:]
		}
		if q.On.After(through) {
			break
		}
		if err := r.take(q); err != nil {
			return State{}, err
		}
	}
	for _, w := range reliefs {
		if err := r.relieve(w); err != nil {
			return State{}, err
		}
	}
	return r.end()
}

// interest is that of one invoice through a day.
func (r *running) interest(p Principal, through date.Date) (law.Interest, error) {
	through, moves := r.presented(p, through)
	i, err := r.pack.Interest(law.InterestClaim{
		Debtor: r.Debtor, Principal: money.Of(p.Amount, r.Currency), From: p.From, Through: through, DefaultSince: p.From, AgreedRate: r.AgreedRate, Movements: moves,
	})
	if err != nil {
		return i, fmt.Errorf("interest of invoice %s: %w", p.Invoice, err)
	}
	return i, nil
}

// presented is through which day, and on which balance, the interest of an invoice
// is shown: none of the time since a legal stop (R97), and none on what is in
// dispute (R70). When either ends, it is owed as if it had never been.
func (r *running) presented(p Principal, through date.Date) (date.Date, []law.Movement) {
	moves := slices.Clone(r.moves[p.Invoice])
	open := p.Amount
	for _, m := range moves {
		open -= m.Principal.Minor
	}
	if n := min(p.Disputed, open); n > 0 {
		moves = append(moves, law.Movement{On: date.Later(p.DisputedOn, p.From.AddDays(-1)), Principal: money.Of(n, r.Currency), Interest: money.Of(0, r.Currency)})
	}
	last := date.Later(r.Stopped, p.From.AddDays(-1))
	if r.Stopped.IsZero() || !through.After(last) {
		return through, moves
	}
	for i := range moves {
		if moves[i].On.After(last) {
			moves[i].On = last
		}
	}
	return last, moves
}

// owed is what interest is open on a day, per invoice.
func (r *running) owed(on date.Date, of func(Principal) bool) (map[uuid.UUID]int64, error) {
	out := map[uuid.UUID]int64{}
	for _, p := range r.Principals {
		if !of(p) || on.Before(p.From) {
			continue
		}
		i, err := r.interest(p, on)
		if err != nil {
			return nil, err
		}
		if i.Open.Minor > 0 {
			out[p.Invoice] = i.Open.Minor
		}
	}
	return out, nil
}

// take puts a payment to the parts of the claim.
func (r *running) take(q Receipt) error {
	parts := map[uuid.UUID]int64{}
	t := Taken{Payment: q.Payment, On: q.On, Amount: q.Surplus, Interest: map[uuid.UUID]int64{}, Principal: map[uuid.UUID]int64{}, Order: cmp.Or(q.Order, law.Statutory), Why: q.Why}
	principal := int64(0)
	for _, p := range q.Parts {
		parts[p.Invoice] += p.Amount
		t.Amount += p.Amount
	}
	for id, n := range parts {
		parts[id] = max(0, min(n, r.open[id]))
		principal += parts[id]
	}
	owed, err := r.owed(q.On, func(p Principal) bool { return !q.Designated || len(q.Parts) == 0 || has(q.Parts, p.Invoice) })
	if err != nil {
		return err
	}
	paid, err := r.allocate(t.Amount, law.Parts{Costs: r.amount(r.state.Costs), Interest: r.amount(sum(owed)), Principal: r.amount(principal)}, t.Order)
	if err != nil {
		return err
	}
	t.Costs, t.Left = paid.Paid.Costs.Minor, paid.Overpaid.Minor
	r.state.Costs -= t.Costs
	r.state.CostsPaid += t.Costs
	r.state.IntPaid += paid.Paid.Interest.Minor
	interest, rest := paid.Paid.Interest.Minor, paid.Paid.Principal.Minor
	for _, p := range r.Principals {
		n, i := min(rest, parts[p.Invoice]), min(interest, owed[p.Invoice])
		rest, interest = rest-n, interest-i
		r.move(q.On, p, n, i)
		if n > 0 {
			t.Principal[p.Invoice] = n
		}
		if i > 0 {
			t.Interest[p.Invoice] = i
		}
	}
	r.state.Taken = append(r.state.Taken, t)
	return nil
}

func has(parts []Part, id uuid.UUID) bool {
	return slices.ContainsFunc(parts, func(p Part) bool { return p.Invoice == id })
}

func (r *running) amount(n int64) money.Amount { return money.Of(n, r.pack.Currency()) }

// allocate asks the law, which counts in its own currency; the order is the same
// in any.
func (r *running) allocate(n int64, open law.Parts, order law.Order) (law.Allocation, error) {
	if n < 0 {
		n = 0
	}
	out, err := r.pack.Allocate(r.amount(n), open, order)
	if err != nil {
		return out, fmt.Errorf("allocate a payment: %w", err)
	}
	return out, nil
}

// move lowers an invoice at the end of a day. One that was paid before its
// interest began bears less from the start.
func (r *running) move(on date.Date, p Principal, principal, interest int64) {
	if principal == 0 && interest == 0 {
		return
	}
	r.open[p.Invoice] -= principal
	r.moves[p.Invoice] = append(r.moves[p.Invoice], law.Movement{
		On: date.Later(on, p.From.AddDays(-1)), Principal: money.Of(principal, r.Currency), Interest: money.Of(interest, r.Currency),
	})
}

// relieve takes off what the creditor waived, as far as it is open.
func (r *running) relieve(w Relief) error {
	if w.On.After(r.through) {
		return nil
	}
	costs := min(w.Costs, r.state.Costs)
	r.state.Costs -= costs
	r.state.Waived.Costs += costs
	if w.Interest == 0 {
		return nil
	}
	owed, err := r.owed(w.On, func(Principal) bool { return true })
	if err != nil {
		return err
	}
	left := w.Interest
	for _, p := range r.Principals {
		n := min(left, owed[p.Invoice])
		left -= n
		r.move(w.On, p, 0, n)
		r.state.Waived.Interest += n
	}
	return nil
}

func (r *running) end() (State, error) {
	for _, p := range r.Principals {
		l := Line{Principal: p, Open: r.open[p.Invoice]}
		var err error
		if l.Interest, err = r.interest(p, r.through); err != nil {
			return State{}, err
		}
		r.state.Lines = append(r.state.Lines, l)
		r.state.Principal += l.Open
		r.state.Interest += l.Interest.Open.Minor
		r.state.Accrued += l.Interest.Amount.Minor
		r.state.Provisional = r.state.Provisional || l.Interest.Provisional
		r.state.Caveats = append(r.state.Caveats, l.Interest.Caveats...)
	}
	return r.state, nil
}

// InterestTotal is what of a payment went to interest.
func (t Taken) InterestTotal() int64 { return sum(t.Interest) }

// PrincipalTotal is what of a payment went to the principal.
func (t Taken) PrincipalTotal() int64 { return sum(t.Principal) }
