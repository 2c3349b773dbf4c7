package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Why a case was closed, or is.
const (
	Paid      = "paid"
	Withdrawn = "withdrawn"
	Waived    = "waived"
	Ended     = "ended"
)

// Outcome is what settling a case changed.
type Outcome struct {
	Case           uuid.UUID
	Number         string
	Administration uuid.UUID
	Closed         string      // why it was closed just now, empty when it was not
	Reopened       bool        // a payment was taken back (R91)
	Touched        []uuid.UUID // invoices that ask another amount than before
	// CostsOnly says that the principal is paid and charges remain, since just now
	// (R36).
	CostsOnly bool
	Left      CostsLeft // what the creditor wants then
	// Invoices that wait for a person, since the books changed them (R24); and
	// those of them that the books put right again.
	Differs, Agrees []uuid.UUID
	News            bool // the debtor, or a bailiff, is to be told
}

// Settle brings the cases of debtors to what is known at this moment. Its caller
// holds the rows of the debtors (I1 of package dunning).
func Settle(ctx context.Context, tx store.Tx, debtors []uuid.UUID, now time.Time) ([]Outcome, error) {
	rows, err := tx.CasesToSettle(ctx, debtors)
	if err != nil {
		return nil, fmt.Errorf("find the cases of debtors: %w", err)
	}
	var out []Outcome
	for _, row := range rows {
		o, err := settle(ctx, tx, db.CaseToSettleRow(row), now)
		if err != nil {
			return nil, fmt.Errorf("settle case %s: %w", row.ID, err)
		}
		out = append(out, o)
	}
	return out, nil
}

// SettleOne is Settle for one case.
func SettleOne(ctx context.Context, tx store.Tx, id uuid.UUID, now time.Time) (Outcome, error) {
	row, err := tx.CaseToSettle(ctx, id)
	if err != nil {
		return Outcome{}, fmt.Errorf("load case %s: %w", id, err)
	}
	return settle(ctx, tx, row, now)
}

// settling is one settlement of one case.
type settling struct {
	*File
	ctx   context.Context
	tx    store.Tx
	now   time.Time
	today date.Date
	out   Outcome
}

func settle(ctx context.Context, tx store.Tx, row db.CaseToSettleRow, now time.Time) (Outcome, error) {
	if _, err := tx.LockCase(ctx, row.ID); err != nil {
		return Outcome{}, err
	}
	f, err := load(ctx, tx, row)
	if err != nil {
		return Outcome{}, err
	}
	s := &settling{File: f, ctx: ctx, tx: tx, now: now, today: date.Of(now.In(f.Zone)), out: Outcome{Case: row.ID, Number: row.Number, Administration: row.AdministrationID, Left: f.Policy.CostsLeft}}
	err = s.run()
	return s.out, err
}

func (s *settling) run() error {
	s.compare()
	if err := s.correctCosts(); err != nil {
		return err
	}
	if err := s.correctFees(); err != nil {
		return err
	}
	account := s.Account()
	state, err := s.replay(account)
	if err != nil {
		return err
	}
	if relief, ok, err := s.grace(account, state); err != nil {
		return err
	} else if ok {
		if err := s.letGo(relief); err != nil {
			return err
		}
		if state, err = s.replay(s.Account()); err != nil {
			return err
		}
	}
	for _, step := range []func(State) error{s.noteUntracked, s.move, s.book, s.noteOrders, s.stand} {
		if err := step(state); err != nil {
			return err
		}
	}
	return nil
}

// Today returns the state of a case at the end of a day, with the reservations
// that the books make.
func (f *File) Today(on date.Date) (State, error) { return f.replay(f.Account(), on) }

func (s *settling) replay(a Account) (State, error) { return s.File.replay(a, s.today) }

// replay puts a payment of an invoice that the books call paid to its principal
// as far as that takes: they are what the creditor says, and nobody is asked for
// what they call paid.
func (f *File) replay(a Account, through date.Date) (State, error) {
	state, err := a.Replay(f.Pack, through)
	if err != nil {
		return state, err
	}
	paid := map[uuid.UUID]bool{}
	for _, i := range f.Invoices {
		paid[i.InvoiceID] = i.Status == string(sdk.Paid)
	}
	for n := len(a.Receipts) - 1; n >= 0; n-- {
		wrong := slices.ContainsFunc(state.Lines, func(l Line) bool { return paid[l.Invoice] && l.Open > 0 && has(a.Receipts[n].Parts, l.Invoice) })
		if !wrong || a.Receipts[n].Order == law.PrincipalFirst {
			continue
		}
		a.Receipts[n].Order, a.Receipts[n].Why = law.PrincipalFirst, "The books count it as payment of the invoice."
		if state, err = a.Replay(f.Pack, through); err != nil {
			return state, err
		}
	}
	return state, nil
}

// compare looks for invoices whose total or debtor is another one in the books
// than the case follows (R24).
func (s *settling) compare() {
	for _, i := range s.Invoices {
		switch {
		case !counts(i):
		case i.BooksTotal != i.TotalMinor || i.BooksDebtor != s.Case.DebtorID:
			s.out.Differs = append(s.out.Differs, i.InvoiceID)
		default:
			s.out.Agrees = append(s.out.Agrees, i.InvoiceID)
		}
	}
}

// noteUntracked remembers the day of a payment that the books did not tell, so
// that it stays the same.
func (s *settling) noteUntracked(State) error {
	for _, i := range s.Invoices {
		if s.paidWithoutPayment[i.InvoiceID] == 0 || !i.UntrackedOn.IsZero() {
			continue
		}
		if err := s.tx.NoteUntracked(s.ctx, db.NoteUntrackedParams{CaseID: s.Case.ID, InvoiceID: i.InvoiceID, UntrackedOn: date.Of(i.ChangedAt.In(s.Zone))}); err != nil {
			return fmt.Errorf("note a payment of the books: %w", err)
		}
	}
	return nil
}

// share is a part of a payment on an invoice that the law moved.
type share struct {
	invoice uuid.UUID
	kind    string
}

// move brings the allocations of the law to what the replay says (C1).
func (s *settling) move(state State) error {
	want := map[uuid.UUID]map[share]int64{}
	base := map[uuid.UUID]map[uuid.UUID]int64{}
	have := map[uuid.UUID]map[share]int64{}
	for _, m := range s.money {
		if m.Method == statute {
			add(have, m.PaymentID, share{m.InvoiceID, m.Kind}, m.AmountMinor)
			continue
		}
		if base[m.PaymentID] == nil {
			base[m.PaymentID] = map[uuid.UUID]int64{}
		}
		base[m.PaymentID][m.InvoiceID] += m.AmountMinor
	}
	counted := map[uuid.UUID]date.Date{}
	for _, i := range s.Invoices {
		if counts(i) {
			counted[i.InvoiceID] = i.InterestFrom
		}
	}
	for _, t := range state.Taken {
		if t.Payment == uuid.Nil {
			continue
		}
		want[t.Payment] = map[share]int64{}
		if t.Costs > 0 {
			add(want, t.Payment, share{s.first(base[t.Payment]), "costs"}, t.Costs)
		}
		for id, n := range t.Interest {
			add(want, t.Payment, share{id, "interest"}, n)
		}
		for id, n := range base[t.Payment] {
			first, ok := counted[id]
			if left := n - t.Principal[id]; ok && !t.On.Before(first) && left != 0 {
				add(want, t.Payment, share{id, "principal"}, -left)
			}
		}
	}
	touched := map[uuid.UUID]bool{}
	payments := slices.Collect(maps.Keys(want))
	for id := range have {
		if want[id] == nil {
			payments = append(payments, id)
		}
	}
	slices.SortFunc(payments, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range payments {
		if maps.Equal(want[id], have[id]) {
			continue
		}
		if err := s.replace(id, want[id]); err != nil {
			return err
		}
		for _, list := range []map[share]int64{want[id], have[id]} {
			for k := range list {
				if k.kind == "principal" && want[id][k] != have[id][k] {
					touched[k.invoice] = true
				}
			}
		}
		s.out.News = true
	}
	s.out.Touched = slices.Collect(maps.Keys(touched))
	return nil
}

func add(m map[uuid.UUID]map[share]int64, id uuid.UUID, k share, n int64) {
	if m[id] == nil {
		m[id] = map[share]int64{}
	}
	if m[id][k] += n; m[id][k] == 0 {
		delete(m[id], k)
	}
}

// first is the invoice that costs are shown with: one that the payment settles,
// else the oldest of the case.
func (s *settling) first(base map[uuid.UUID]int64) uuid.UUID {
	for _, i := range s.Invoices {
		if _, ok := base[i.InvoiceID]; ok && counts(i) {
			return i.InvoiceID
		}
	}
	return s.Invoices[0].InvoiceID
}

// replace ends what the law moved of a payment and writes it anew (C2).
func (s *settling) replace(payment uuid.UUID, want map[share]int64) error {
	if err := s.tx.ReverseStatute(s.ctx, db.ReverseStatuteParams{PaymentID: payment, ReversedAt: &s.now}); err != nil {
		return fmt.Errorf("end what the law moved of a payment: %w", err)
	}
	for k, n := range want {
		if err := s.tx.AddAllocation(s.ctx, db.AddAllocationParams{
			ID: uuid.New(), TenantID: s.tx.Tenant, PaymentID: payment, InvoiceID: k.invoice, Kind: k.kind, AmountMinor: n, Method: statute, CreatedAt: s.now,
		}); err != nil {
			return fmt.Errorf("move a payment by law: %w", err)
		}
	}
	return nil
}

// noteOrders stores in which order each payment was taken, the first time it is,
// and says so where the creditor gave up the statutory one (R30).
func (s *settling) noteOrders(state State) error {
	for _, t := range state.Taken {
		if _, known := s.decided[t.Payment]; known || t.Payment == uuid.Nil || t.On.Before(s.Opened()) {
			continue
		}
		order, why := s.ordering(Receipt{Payment: t.Payment, On: t.On})
		if err := s.tx.AddCasePayment(s.ctx, db.AddCasePaymentParams{CaseID: s.Case.ID, PaymentID: t.Payment, TenantID: s.tx.Tenant, Ordering: string(order), Why: why, At: s.now}); err != nil {
			return fmt.Errorf("note the order of a payment: %w", err)
		}
		if order == law.PrincipalFirst {
			if err := audit(s.ctx, s.tx, s.now, "voldaan", "case_principal_first", "case/"+s.Case.ID.String()); err != nil {
				return err
			}
		}
		if err := s.event("payment", "voldaan", s.describe(t), t); err != nil {
			return err
		}
	}
	return nil
}

// event puts something on the record of the case.
func (s *settling) event(kind, actor, text string, detail any) error {
	return Note(s.ctx, s.tx, s.Case.ID, s.now, kind, actor, text, detail)
}

// Note puts something on the record of a case.
func Note(ctx context.Context, tx store.Tx, id uuid.UUID, at time.Time, kind, actor, text string, detail any) error {
	b := []byte("{}")
	if detail != nil {
		var err error
		if b, err = json.Marshal(detail); err != nil {
			return err
		}
	}
	if err := tx.AddCaseEvent(ctx, db.AddCaseEventParams{TenantID: tx.Tenant, CaseID: id, At: at, Kind: kind, Actor: actor, Text: text, Detail: b}); err != nil {
		return fmt.Errorf("note an event of a case: %w", err)
	}
	return nil
}
