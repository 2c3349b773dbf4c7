package payment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/payment/matching"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// openItems is what is open while a file comes in: each booked line changes it
// for the next.
type openItems struct {
	invoices []matching.Invoice
	debtors  []matching.Debtor
	place    map[string]int // of an invoice by its id
	ledger   *matching.Ledger
	touched  map[string]bool      // debtors whose items changed since the ledger was made
	bailiffs []db.BailiffMoneyRow // money that they reported and that is booked already
}

func loadOpenItems(ctx context.Context, tx store.Tx, administration uuid.UUID) (*openItems, error) {
	rows, err := tx.OpenItems(ctx, administration)
	if err != nil {
		return nil, fmt.Errorf("load open items: %w", err)
	}
	o := &openItems{place: map[string]int{}, touched: map[string]bool{}}
	seen := map[uuid.UUID]bool{}
	for _, r := range rows {
		if r.Open <= 0 {
			continue
		}
		inv := matching.Invoice{ID: r.ID.String(), DebtorID: r.DebtorID.String(), Number: r.Number, Open: money.Of(r.Open, r.Currency), Issued: r.Issued, Due: r.Due}
		if r.PaymentReference != "" {
			inv.References = []string{r.PaymentReference}
		}
		o.place[inv.ID] = len(o.invoices)
		o.invoices = append(o.invoices, inv)
		if seen[r.DebtorID] {
			continue
		}
		seen[r.DebtorID] = true
		d := matching.Debtor{ID: inv.DebtorID, Name: r.DebtorName}
		if r.DebtorIban != "" {
			d.IBANs = []string{r.DebtorIban}
		}
		o.debtors = append(o.debtors, d)
	}
	cases, err := tx.CaseItems(ctx, administration)
	if err != nil {
		return nil, fmt.Errorf("load open cases: %w", err)
	}
	for _, c := range cases {
		o.addCase(c, seen)
	}
	if err := o.addFees(ctx, tx, administration); err != nil {
		return nil, err
	}
	if o.bailiffs, err = tx.BailiffMoney(ctx, administration); err != nil {
		return nil, fmt.Errorf("load the money of bailiffs: %w", err)
	}
	o.renew()
	return o, nil
}

// charges begins the id of an item that stands for the costs and interest of a
// case: money for it settles no invoice, and the case takes it (R30).
const charges = "charges/"

// fees begins the id of an item that stands for what reminders of an invoice cost:
// money for it settles no invoice either, and the ledger of fees takes it.
const fees = "fees/"

// elsewhere reports whether an item is no invoice.
func elsewhere(item string) bool {
	return strings.HasPrefix(item, charges) || strings.HasPrefix(item, fees)
}

// addFees lets an invoice with its fees, or the fees alone, be paid exactly. They
// come after the invoice, since it is settled first.
func (o *openItems) addFees(ctx context.Context, tx store.Tx, administration uuid.UUID) error {
	debtors, err := tx.FeeDebtors(ctx, administration)
	if err != nil || len(debtors) == 0 {
		return err
	}
	list, err := fee.Of(ctx, tx, debtors...)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Administration != administration || !a.Open().Positive() {
			continue
		}
		inv := matching.Invoice{ID: fees + a.Invoice.String(), DebtorID: a.Debtor.String(), Number: a.Number, Open: a.Open(), Issued: a.Last, Due: a.Last, Last: true}
		o.place[inv.ID] = len(o.invoices)
		o.invoices = append(o.invoices, inv)
		if slices.ContainsFunc(o.debtors, func(d matching.Debtor) bool { return d.ID == inv.DebtorID }) {
			continue
		}
		d, err := tx.Debtor(ctx, a.Debtor)
		if err != nil {
			return fmt.Errorf("load a debtor: %w", err)
		}
		known := matching.Debtor{ID: inv.DebtorID, Name: d.Name}
		if d.Iban != "" {
			known.IBANs = []string{d.Iban}
		}
		o.debtors = append(o.debtors, known)
	}
	return nil
}

// addCase lets the number of a case name its invoices and what is open besides
// them. Claims of a case bear costs and interest, so they come before others of
// the same age (R29).
func (o *openItems) addCase(c db.CaseItemsRow, seen map[uuid.UUID]bool) {
	for _, id := range c.Invoices {
		if i, ok := o.place[id.String()]; ok {
			o.invoices[i].Onerous, o.invoices[i].Aliases = true, append(o.invoices[i].Aliases, c.Number)
		}
	}
	if c.ChargesMinor <= 0 {
		return
	}
	inv := matching.Invoice{
		ID: charges + c.ID.String(), DebtorID: c.DebtorID.String(), Number: c.Number, Open: money.Of(c.ChargesMinor, c.Currency), Issued: c.OpenedOn, Due: c.OpenedOn, Onerous: true,
	}
	o.place[inv.ID] = len(o.invoices)
	o.invoices = append(o.invoices, inv)
	if seen[c.DebtorID] {
		return
	}
	seen[c.DebtorID] = true
	d := matching.Debtor{ID: inv.DebtorID, Name: c.DebtorName}
	if c.DebtorIban != "" {
		d.IBANs = []string{c.DebtorIban}
	}
	o.debtors = append(o.debtors, d)
}

func (o *openItems) renew() {
	o.ledger = matching.NewLedger(o.debtors, o.invoices, nil)
	clear(o.touched)
}

// match proposes what a line is for. The ledger is made anew only when what was
// booked before could change the answer.
func (o *openItems) match(l matching.Line) matching.Proposal {
	p := o.ledger.Match(l)
	if len(o.touched) > 0 && (p.Certainty != matching.Book || o.touched[p.DebtorID]) {
		o.renew()
		p = o.ledger.Match(l)
	}
	return p
}

// take lowers what is open by what was booked.
func (o *openItems) take(p matching.Proposal) {
	o.touched[p.DebtorID] = true
	for _, a := range p.Allocations {
		if i, ok := o.place[a.InvoiceID]; ok {
			o.invoices[i].Open.Minor -= a.Amount.Minor
		}
	}
}
