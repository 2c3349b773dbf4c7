package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// statute is the method of allocations that the law makes, see C1.
const statute = "statute"

// File is a case as it is on record.
type File struct {
	Case     db.CaseToSettleRow
	Pack     *law.Country
	Zone     *time.Location
	Policy   Policy
	Invoices []db.ClaimInvoicesRow
	Entries  []db.ClaimEntry
	money    []db.ClaimMoneyRow
	surplus  []db.ClaimSurplusRow
	decided  map[uuid.UUID]db.CasePayment
	notices  []db.NoticesOfCaseRow
	disputes map[uuid.UUID]db.ClaimDisputesRow
	stopped  date.Date // R97
	// Rate is what costs were converted by from the currency of the law (R123);
	// none in that currency.
	Rate exchange.Rate
	// fees is what reminders of an invoice cost, whether it was paid before the case
	// or taken over: the costs are less by it.
	fees map[uuid.UUID]int64
	// paidWithoutPayment is what the books call paid and told no payment of.
	paidWithoutPayment map[uuid.UUID]int64
}

// Load reads a case. A fault of kind NotFound says that there is none.
func Load(ctx context.Context, tx store.Tx, id uuid.UUID) (*File, error) {
	row, err := tx.CaseToSettle(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "case_not_found", "This case does not exist.")
	}
	if err != nil {
		return nil, fmt.Errorf("load case %s: %w", id, err)
	}
	return load(ctx, tx, row)
}

func load(ctx context.Context, tx store.Tx, row db.CaseToSettleRow) (f *File, err error) {
	f = &File{Case: row, decided: map[uuid.UUID]db.CasePayment{}, paidWithoutPayment: map[uuid.UUID]int64{}}
	if f.Pack, err = law.Pack(row.Country); err != nil {
		return nil, err
	}
	if f.Zone, err = time.LoadLocation(row.TimeZone); err != nil {
		return nil, fmt.Errorf("time zone %q: %w", row.TimeZone, err)
	}
	if f.Policy, err = PolicyOf(ctx, tx, row.AdministrationID); err != nil {
		return nil, err
	}
	if f.Invoices, err = tx.ClaimInvoices(ctx, row.ID); err != nil {
		return nil, fmt.Errorf("load the invoices of a case: %w", err)
	}
	if f.Entries, err = tx.ClaimEntries(ctx, row.ID); err != nil {
		return nil, fmt.Errorf("load the entries of a case: %w", err)
	}
	ids := make([]uuid.UUID, len(f.Invoices))
	for i, inv := range f.Invoices {
		ids[i] = inv.InvoiceID
	}
	charged, err := tx.FeesCharged(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load the fees of a case: %w", err)
	}
	f.fees = map[uuid.UUID]int64{}
	for _, c := range charged {
		f.fees[c.InvoiceID] = c.Amount
	}
	if f.money, err = tx.ClaimMoney(ctx, db.ClaimMoneyParams{Zone: row.TimeZone, Invoices: ids}); err != nil {
		return nil, fmt.Errorf("load the payments of a case: %w", err)
	}
	if f.surplus, err = tx.ClaimSurplus(ctx, db.ClaimSurplusParams{
		Zone: row.TimeZone, Invoices: ids, DebtorID: row.DebtorID, AdministrationID: row.AdministrationID, Currency: row.Currency, Since: row.OpenedAt,
	}); err != nil {
		return nil, fmt.Errorf("load the credit of a case: %w", err)
	}
	decided, err := tx.CasePayments(ctx, row.ID)
	if err != nil {
		return nil, fmt.Errorf("load the payments of a case: %w", err)
	}
	for _, d := range decided {
		f.decided[d.PaymentID] = d
	}
	if f.notices, err = tx.NoticesOfCase(ctx, db.NoticesOfCaseParams{CaseID: row.ID, Opened: f.Opened(), OpenedAt: row.OpenedAt}); err != nil {
		return nil, fmt.Errorf("load the notices of a case: %w", err)
	}
	if err := f.restrained(ctx, tx, ids); err != nil {
		return nil, err
	}
	if row.Currency != f.Pack.Currency() {
		fixed, err := exchange.Fixed(ctx, tx, row.ID)
		if err != nil {
			return nil, err
		}
		f.Rate = fixed[row.ID]
	}
	return f, nil
}

// restrained reads what keeps interest from being presented: a legal stop of the
// debtor, and disputes.
func (f *File) restrained(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	stops, err := tx.LedgerStops(ctx, []uuid.UUID{f.Case.DebtorID})
	if err != nil {
		return fmt.Errorf("load legal stops: %w", err)
	}
	for _, s := range stops {
		if f.stopped.IsZero() || s.EffectiveOn.Before(f.stopped) {
			f.stopped = s.EffectiveOn
		}
	}
	rows, err := tx.ClaimDisputes(ctx, invoices)
	if err != nil {
		return fmt.Errorf("load disputes: %w", err)
	}
	f.disputes = map[uuid.UUID]db.ClaimDisputesRow{}
	for _, r := range rows {
		if was, ok := f.disputes[r.InvoiceID]; ok {
			r.AmountMinor += was.AmountMinor
			r.OpenedAt = was.OpenedAt
		}
		f.disputes[r.InvoiceID] = r
	}
	return nil
}

// disputed is what of an invoice is in dispute, and the last day that all of it
// bears interest: none where the case was opened about the rest only.
func (f *File) disputed(i db.ClaimInvoicesRow) (int64, date.Date) {
	d, ok := f.disputes[i.InvoiceID]
	switch {
	case !ok:
		return 0, date.Date{}
	case d.OpenedAt.Before(f.Case.OpenedAt):
		return d.AmountMinor, i.InterestFrom.AddDays(-1)
	}
	return d.AmountMinor, date.Of(d.OpenedAt.In(f.Zone))
}

// Opened is the day of the opening.
func (f *File) Opened() date.Date { return date.Of(f.Case.OpenedAt.In(f.Zone)) }

// counts reports whether the case still claims an invoice: it was not taken out
// of it (R66) and the books did not cancel it (R27).
func counts(i db.ClaimInvoicesRow) bool {
	return i.LeftAt == nil && i.Status != string(sdk.Void) && i.Status != string(sdk.Draft)
}

func (f *File) debtorType() law.DebtorType {
	if f.Case.DebtorKind == string(sdk.Business) {
		return law.Business
	}
	return law.Consumer
}

// Account returns the sub-ledger of the case as the law sees it.
func (f *File) Account() Account {
	a := Account{Debtor: f.debtorType(), Currency: f.Case.Currency, Opened: f.Opened(), Stopped: f.stopped, Reliefs: f.reliefs(), AgreedRate: f.Case.AgreedRateConsumer}
	if a.Debtor == law.Business {
		a.AgreedRate = f.Case.AgreedRateBusiness
	}
	for _, e := range f.Entries {
		if e.Kind == "costs" || e.Kind == "costs_vat" || e.Kind == "fee" {
			a.Costs += e.AmountMinor
		}
	}
	receipts := map[uuid.UUID]*Receipt{}
	var order []uuid.UUID
	place := func(id uuid.UUID, on date.Date) *Receipt {
		if receipts[id] == nil {
			receipts[id] = &Receipt{Payment: id, On: on}
			order = append(order, id)
		}
		return receipts[id]
	}
	paid := map[uuid.UUID]int64{}
	from := map[uuid.UUID]date.Date{}
	for _, i := range f.Invoices {
		if counts(i) {
			from[i.InvoiceID] = i.InterestFrom
		}
	}
	for _, m := range f.money {
		first, ok := from[m.InvoiceID]
		if !ok || m.Method == statute || m.OnDay.Before(first) {
			continue
		}
		r := place(m.PaymentID, m.OnDay)
		r.Parts = append(r.Parts, Part{Invoice: m.InvoiceID, Amount: m.AmountMinor})
		r.Designated = r.Designated || !slices.Contains([]string{"account", "combination", "name", "bailiff"}, m.Method)
		paid[m.InvoiceID] += m.AmountMinor
	}
	taken := map[uuid.UUID]int64{} // of the surplus, by what the law moved before
	moved := map[uuid.UUID]int64{} // off the principal of an invoice, to costs and interest
	for _, m := range f.money {
		if m.Method != statute {
			continue
		}
		taken[m.PaymentID] += m.AmountMinor
		if m.Kind == "principal" {
			moved[m.InvoiceID] -= m.AmountMinor
		}
	}
	for _, s := range f.surplus {
		place(s.ID, s.OnDay).Surplus += s.FreeMinor
	}
	for _, m := range f.money {
		if n := taken[m.PaymentID]; n != 0 {
			r := place(m.PaymentID, m.OnDay)
			r.Surplus = max(0, r.Surplus+n)
			delete(taken, m.PaymentID)
		}
	}
	for _, i := range f.Invoices {
		if !counts(i) {
			continue
		}
		open, untracked := f.open(i)
		disputed, since := f.disputed(i)
		over := max(0, min(f.over(i), moved[i.InvoiceID]))
		a.Principals = append(a.Principals, Principal{Invoice: i.InvoiceID, Number: i.Number, Due: i.Due, From: i.InterestFrom, Amount: max(0, open+paid[i.InvoiceID]+untracked-over), Disputed: disputed, DisputedOn: since})
		if untracked <= 0 {
			continue
		}
		f.paidWithoutPayment[i.InvoiceID] = untracked
		on := i.UntrackedOn
		if on.IsZero() {
			on = date.Of(i.ChangedAt.In(f.Zone))
		}
		a.Receipts = append(a.Receipts, Receipt{On: on, Parts: []Part{{i.InvoiceID, untracked}}, Order: law.PrincipalFirst, Designated: true, Why: "The books say that it is paid."})
	}
	for _, id := range order {
		r := *receipts[id]
		r.Order, r.Why = f.ordering(r)
		a.Receipts = append(a.Receipts, r)
	}
	slices.SortStableFunc(a.Receipts, func(x, y Receipt) int { return x.On.Compare(y.On) })
	return a
}

// open is what an invoice still asks by the books and by what we saw, with the
// total that the case follows; and what is gone of it since the opening without
// a payment on record and without a credit note. A credit note that names the
// invoice says that it was never owed (R42).
func (f *File) open(i db.ClaimInvoicesRow) (open, untracked int64) {
	open = i.BooksOpen - i.UnreflectedMinor - (i.BooksTotal - i.TotalMinor)
	if i.Status == string(sdk.Paid) {
		open = 0
	}
	open = max(open, 0)
	gone := i.TotalMinor - open - i.ReflectedMinor - i.UnreflectedMinor - i.OtherwiseMinor
	gone -= max(0, min(gone, i.AppliedMinor-i.CreditedMinor))
	return open, max(0, gone)
}

// over is how much more settles an invoice than it ever asked. That comes about
// where a payment went to costs or interest by law: the principal that it left open
// is settled once more by a later one.
func (f *File) over(i db.ClaimInvoicesRow) int64 {
	open, _ := f.open(i)
	if open > 0 {
		return 0
	}
	return i.ReflectedMinor + i.UnreflectedMinor + i.OtherwiseMinor - i.TotalMinor
}

// ordering is how a payment is put to the claim: as it was decided when it came,
// else by the policy of the creditor.
func (f *File) ordering(r Receipt) (law.Order, string) {
	if d, ok := f.decided[r.Payment]; ok {
		return law.Order(d.Ordering), d.Why
	}
	for _, n := range f.notices {
		if !r.On.After(n.TermLastDay) && !r.On.Before(n.PostedOn) {
			return law.InTerm, "Paid inside the term of the notice: costs were not due yet (R31)."
		}
	}
	if r.On.Before(f.Opened()) {
		return law.InTerm, "Paid before the case was opened: no costs were asked yet."
	}
	if f.Policy.Ordering == law.PrincipalFirst {
		return law.PrincipalFirst, "The creditor puts payments to the principal first."
	}
	return law.Statutory, ""
}

// relief is how a waiver is written into the calculation of its entry.
type relief struct {
	On       date.Date `json:"on"`
	Costs    int64     `json:"costs"`
	Interest int64     `json:"interest"`
	First    bool      `json:"first,omitempty"`
	Scope    Scope     `json:"scope,omitempty"`
	Reason   string    `json:"reason"`
	By       string    `json:"by"`
	Plan     string    `json:"plan,omitempty"`
	Until    date.Date `json:"until,omitzero"`
	Pay      int64     `json:"pay,omitempty"`  // asked by Until
	Paid     int64     `json:"paid,omitempty"` // before it was waived
}

// reliefs are the waivers in force. One without a division goes to costs. An
// entry that gives back what was waived takes it off the last ones (R82).
func (f *File) reliefs() (out []Relief) {
	for _, e := range f.Entries {
		if e.Kind != "waiver" {
			continue
		}
		var r relief
		if json.Unmarshal(e.Calculation, &r) != nil || r.Costs+r.Interest != -e.AmountMinor {
			r = relief{On: r.On, Costs: -e.AmountMinor}
		}
		if r.On.IsZero() {
			r.On = date.Of(e.At.In(f.Zone))
		}
		if e.AmountMinor <= 0 {
			out = append(out, Relief{On: r.On, Costs: r.Costs, Interest: r.Interest, First: r.First})
			continue
		}
		revive(out, e.AmountMinor)
	}
	return slices.DeleteFunc(out, func(r Relief) bool { return r.Costs == 0 && r.Interest == 0 })
}

func revive(list []Relief, n int64) {
	for i := len(list) - 1; i >= 0 && n > 0; i-- {
		c := min(n, list[i].Costs)
		list[i].Costs -= c
		d := min(n-c, list[i].Interest)
		list[i].Interest -= d
		n -= c + d
	}
}

// dependsOn is what is waived on condition of a plan.
func (f *File) dependsOn(plan string) (n int64) {
	for _, e := range f.Entries {
		var r relief
		if e.Kind == "waiver" && json.Unmarshal(e.Calculation, &r) == nil && r.Scope == Conditional && r.Plan == plan {
			n -= e.AmountMinor
		}
	}
	return max(0, n)
}

// Waivers are what the creditor gave up, as far as it still holds.
func (f *File) Waivers() []Relief { return f.reliefs() }

// Notices are the statutory notices that the costs of the case rest on, a row for
// each invoice that they cover.
func (f *File) Notices() []db.NoticesOfCaseRow { return f.notices }
