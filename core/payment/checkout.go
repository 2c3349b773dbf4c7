package payment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// Provider is the part of Mollie that checkouts need.
type Provider interface {
	CreatePayment(ctx context.Context, key string, p mollie.NewPayment) (mollie.Payment, error)
	GetPayment(ctx context.Context, id string) (mollie.Payment, error)
}

// Checkouts lets debtors pay from the portal and follows each payment until its
// outcome is known.
type Checkouts struct {
	Store    *store.Store
	Provider Provider
	Planner  Planner
	Clock    func(ctx context.Context, tx store.Tx) (time.Time, error) // the tenant's
	Real     clock.Clock
	// WebhookURL is where the provider tells about changes.
	WebhookURL string
	// Follower hears what became of each payment; nil for nobody.
	Follower Follower
}

// NewCheckout asks for a payment of invoices.
type NewCheckout struct {
	Tenant, Debtor uuid.UUID
	Invoices       []uuid.UUID
	// Amounts is what is paid of an invoice, in minor units; without one, all that
	// is open. Paying more than is open makes a credit of the debtor (R32).
	Amounts map[uuid.UUID]int64
	Method  mollie.Method
	Locale  string
	// Return makes the address the debtor comes back to.
	Return func(checkout uuid.UUID) string

	// ID of the checkout; a new one when it is not given.
	ID uuid.UUID
	// Customer makes it a first payment: a mandate of this customer of the
	// provider comes of it when it is paid.
	Customer string
	// Verify is what is paid when there are no Invoices: an amount that proves
	// whose account it is. It is no money received for anything, so it is never
	// booked; whoever asks for it gives it back.
	Verify money.Amount
}

// Start opens a payment for what is open on the invoices at this moment and
// returns where the debtor pays. It returns a fault of kind Conflict when
// nothing is open.
func (c *Checkouts) Start(ctx context.Context, q NewCheckout) (url string, err error) {
	id := q.ID
	if id == uuid.Nil {
		id = uuid.New()
	}
	var asked request
	if err := c.Store.In(ctx, q.Tenant, func(tx store.Tx) (err error) {
		asked, err = c.request(ctx, tx, id, q)
		return err
	}); err != nil {
		return "", err
	}
	ask := mollie.NewPayment{
		Amount: asked.sum, Description: asked.text, RedirectURL: q.Return(id), WebhookURL: c.WebhookURL, Method: q.Method, Locale: q.Locale,
		Metadata: label{Tenant: q.Tenant, Checkout: id},
	}
	if q.Customer != "" {
		ask.Sequence, ask.CustomerID = mollie.First, q.Customer
	}
	p, err := c.Provider.CreatePayment(ctx, id.String(), ask)
	if err != nil {
		return "", fault.New(fault.Unavailable, "provider_unavailable", "The payment could not be started. Nothing was charged; please try again in a moment, or pay by bank transfer.").Because(err)
	}
	return p.CheckoutURL, c.Store.In(ctx, q.Tenant, func(tx store.Tx) error {
		return tx.SetCheckoutProvider(ctx, db.SetCheckoutProviderParams{ID: id, ProviderID: p.ID, Url: p.CheckoutURL})
	})
}

// request is what the provider is asked for.
type request struct {
	sum  money.Amount
	text string
}

// amount is what is paid of an invoice.
func (q NewCheckout) amount(o db.PortalInvoicesRow) int64 {
	if n, ok := q.Amounts[o.ID]; ok && n > 0 {
		return n
	}
	return o.OpenMinor - o.Received
}

// request records the checkout before the provider knows of it.
func (c *Checkouts) request(ctx context.Context, tx store.Tx, id uuid.UUID, q NewCheckout) (r request, err error) {
	now, err := c.Clock(ctx, tx)
	if err != nil {
		return r, err
	}
	if len(q.Invoices) == 0 && q.Verify.Positive() {
		return c.verify(ctx, tx, id, q, now)
	}
	all, err := tx.PortalInvoices(ctx, q.Debtor)
	if err != nil {
		return r, fmt.Errorf("load invoices: %w", err)
	}
	chosen := slices.DeleteFunc(all, func(i db.PortalInvoicesRow) bool {
		return !slices.Contains(q.Invoices, i.ID) || i.OpenMinor <= i.Received || i.Status != "open" || i.Kind != "invoice"
	})
	elsewhere, err := tx.PaidElsewhere(ctx, q.Debtor)
	if err != nil {
		return r, fmt.Errorf("look for a bailiff: %w", err)
	}
	chosen = slices.DeleteFunc(chosen, func(i db.PortalInvoicesRow) bool {
		return slices.ContainsFunc(elsewhere, func(e db.PaidElsewhereRow) bool { return e.InvoiceID == i.ID }) // R109
	})
	owed, err := charged(ctx, tx, q, now)
	if err != nil {
		return r, err
	}
	for _, c := range owed {
		if r.sum, err = r.sum.Add(c.Amount); err != nil {
			return r, fault.New(fault.Invalid, "mixed_currencies", "Invoices in two currencies cannot be paid at once; pay them one by one.").Because(err)
		}
	}
	reminders, err := feesChosen(ctx, tx, q)
	if err != nil {
		return r, err
	}
	for _, a := range reminders {
		if r.sum, err = r.sum.Add(a.Open()); err != nil {
			return r, fault.New(fault.Invalid, "mixed_currencies", "Invoices in two currencies cannot be paid at once; pay them one by one.").Because(err)
		}
	}
	besides := r.sum.Minor
	if len(chosen) == 0 && len(owed) == 0 && len(reminders) == 0 {
		return r, fault.New(fault.Conflict, "nothing_open", "Nothing is open on this invoice any more, so there is nothing to pay.")
	}
	var numbers []string
	for _, o := range chosen {
		if r.sum, err = r.sum.Add(money.Of(q.amount(o), o.Currency)); err != nil {
			return r, fault.New(fault.Invalid, "mixed_currencies", "Invoices in two currencies cannot be paid at once; pay them one by one.").Because(err)
		}
		numbers = append(numbers, o.Number)
	}
	var administration uuid.UUID
	for _, c := range owed {
		numbers, administration = append(numbers, c.Number), c.Administration
	}
	for _, a := range reminders {
		if !slices.Contains(numbers, a.Number) {
			numbers = append(numbers, a.Number)
		}
		administration = a.Administration
	}
	if len(chosen) > 0 {
		administration = chosen[0].AdministrationID
	}
	r.text = strings.Join(numbers, " ")
	if err := tx.AddCheckout(ctx, db.AddCheckoutParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: administration, DebtorID: q.Debtor, Method: string(q.Method),
		Currency: r.sum.Currency, AmountMinor: r.sum.Minor, CreatedAt: now, ChargesMinor: besides,
	}); err != nil {
		return r, fmt.Errorf("record the checkout: %w", err)
	}
	for _, o := range chosen {
		if err := tx.AddCheckoutInvoice(ctx, db.AddCheckoutInvoiceParams{CheckoutID: id, InvoiceID: o.ID, TenantID: tx.Tenant, AmountMinor: q.amount(o)}); err != nil {
			return r, fmt.Errorf("record the checkout: %w", err)
		}
	}
	return r, nil
}

// verify asks for a payment of no invoice.
func (c *Checkouts) verify(ctx context.Context, tx store.Tx, id uuid.UUID, q NewCheckout, now time.Time) (request, error) {
	d, err := tx.Debtor(ctx, q.Debtor)
	if err != nil {
		return request{}, fmt.Errorf("load the debtor: %w", err)
	}
	if err := tx.AddCheckout(ctx, db.AddCheckoutParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: d.AdministrationID, DebtorID: d.ID, Method: string(q.Method),
		Currency: q.Verify.Currency, AmountMinor: q.Verify.Minor, CreatedAt: now,
	}); err != nil {
		return request{}, fmt.Errorf("record the checkout: %w", err)
	}
	adm, err := tx.Administration(ctx, d.AdministrationID)
	if err != nil {
		return request{}, fmt.Errorf("load administration %s: %w", d.AdministrationID, err)
	}
	return request{sum: q.Verify, text: cmp.Or(adm.LegalName, adm.Name)}, nil
}

// label is what a payment at the provider says of where it belongs.
type label struct {
	Tenant   uuid.UUID `json:"tenant"`
	Checkout uuid.UUID `json:"checkout"`
}

// charged are the costs and interest of the cases that were chosen beside
// invoices, as they are today. No invoice takes the money for them: the case does.
func charged(ctx context.Context, tx store.Tx, q NewCheckout, now time.Time) (out []claim.Charged, err error) {
	all, err := claim.ChargedTo(ctx, tx, q.Debtor, now)
	return slices.DeleteFunc(all, func(c claim.Charged) bool { return !slices.Contains(q.Invoices, c.Case) || c.Elsewhere != "" }), err
}

// feesChosen are what reminders cost of those that were chosen beside invoices. No
// invoice takes the money for them either: the ledger of fees does.
func feesChosen(ctx context.Context, tx store.Tx, q NewCheckout) ([]fee.Account, error) {
	all, err := fee.Of(ctx, tx, q.Debtor)
	return slices.DeleteFunc(all, func(a fee.Account) bool { return !slices.Contains(q.Invoices, a.Item()) || !a.Open().Positive() }), err
}
