package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
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
}

// NewCheckout asks for a payment of invoices.
type NewCheckout struct {
	Tenant, Debtor uuid.UUID
	Invoices       []uuid.UUID
	Method         mollie.Method
	Locale         string
	// Return makes the address the debtor comes back to.
	Return func(checkout uuid.UUID) string
}

// Start opens a payment for what is open on the invoices at this moment and
// returns where the debtor pays. It returns a fault of kind Conflict when
// nothing is open.
func (c *Checkouts) Start(ctx context.Context, q NewCheckout) (url string, err error) {
	id := uuid.New()
	var sum money.Amount
	var text string
	err = c.Store.In(ctx, q.Tenant, func(tx store.Tx) error {
		now, err := c.Clock(ctx, tx)
		if err != nil {
			return err
		}
		open, err := tx.PortalInvoices(ctx, q.Debtor)
		if err != nil {
			return err
		}
		var chosen []db.PortalInvoicesRow
		for _, o := range open {
			for _, want := range q.Invoices {
				if o.ID == want && o.OpenMinor-o.Received > 0 && o.Status == "open" && o.Kind == "invoice" {
					chosen = append(chosen, o)
				}
			}
		}
		if len(chosen) == 0 {
			return fault.New(fault.Conflict, "nothing_open", "Nothing is open on this invoice any more, so there is nothing to pay.")
		}
		for _, o := range chosen {
			if sum, err = sum.Add(money.Of(o.OpenMinor-o.Received, o.Currency)); err != nil {
				return fault.New(fault.Invalid, "mixed_currencies", "Invoices in two currencies cannot be paid at once; pay them one by one.").Because(err)
			}
			text += o.Number + " "
		}
		if err := tx.AddCheckout(ctx, db.AddCheckoutParams{
			ID: id, TenantID: tx.Tenant, AdministrationID: chosen[0].AdministrationID, DebtorID: q.Debtor, Method: string(q.Method),
			Currency: sum.Currency, AmountMinor: sum.Minor, CreatedAt: now,
		}); err != nil {
			return err
		}
		for _, o := range chosen {
			if err := tx.AddCheckoutInvoice(ctx, db.AddCheckoutInvoiceParams{CheckoutID: id, InvoiceID: o.ID, TenantID: tx.Tenant, AmountMinor: o.OpenMinor - o.Received}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	p, err := c.Provider.CreatePayment(ctx, id.String(), mollie.NewPayment{
		Amount: sum, Description: text[:len(text)-1], RedirectURL: q.Return(id), WebhookURL: c.WebhookURL, Method: q.Method, Locale: q.Locale,
		Metadata: map[string]string{"checkout": id.String()},
	})
	if err != nil {
		return "", fault.New(fault.Unavailable, "provider_unavailable", "The payment could not be started. Nothing was charged; please try again in a moment, or pay by bank transfer.").Because(err)
	}
	return p.CheckoutURL, c.Store.In(ctx, q.Tenant, func(tx store.Tx) error {
		return tx.SetCheckoutProvider(ctx, db.SetCheckoutProviderParams{ID: id, ProviderID: p.ID, Url: p.CheckoutURL})
	})
}

// Webhook follows up a call of the provider: the call is only a hint, the state
// is fetched (R113). An id that is not ours is ignored.
func (c *Checkouts) Webhook(ctx context.Context, providerID string) error {
	found, err := c.Store.Door().DoorCheckout(ctx, db.DoorCheckoutParams{Provider: "mollie", ProviderID: providerID})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find payment %s: %w", providerID, err)
	}
	return c.refresh(ctx, found.TenantID, found.CheckoutID, providerID)
}

// Refresh fetches the state of every payment under way for the invoices.
func (c *Checkouts) Refresh(ctx context.Context, tenant uuid.UUID, invoices []uuid.UUID) error {
	var open []db.Checkout
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		open, err = tx.OpenCheckoutsOf(ctx, invoices)
		return err
	}); err != nil {
		return err
	}
	for _, o := range open {
		if err := c.refresh(ctx, tenant, o.ID, o.ProviderID); err != nil {
			return err
		}
	}
	return nil
}

// RefreshOne fetches the state of one checkout and returns it.
func (c *Checkouts) RefreshOne(ctx context.Context, tenant, id uuid.UUID) (out db.Checkout, err error) {
	load := func(tx store.Tx) error {
		out, err = tx.Checkout(ctx, id)
		return err
	}
	if err := c.Store.In(ctx, tenant, load); err != nil {
		return out, fault.New(fault.NotFound, "checkout_not_found", "This payment is not known here.").Because(err)
	}
	if out.State == "open" || out.State == "pending" {
		if err := c.refresh(ctx, tenant, id, out.ProviderID); err != nil {
			return out, err
		}
		err = c.Store.In(ctx, tenant, load)
	}
	return out, err
}

func (c *Checkouts) refresh(ctx context.Context, tenant, id uuid.UUID, providerID string) error {
	p, err := c.Provider.GetPayment(ctx, providerID)
	if err != nil {
		return fmt.Errorf("ask for payment %s: %w", providerID, err)
	}
	return c.Store.In(ctx, tenant, func(tx store.Tx) error { return c.apply(ctx, tx, id, p) })
}

// apply brings a checkout to the provider's state, whatever state it had.
func (c *Checkouts) apply(ctx context.Context, tx store.Tx, id uuid.UUID, p mollie.Payment) error {
	row, err := tx.LockCheckout(ctx, id)
	if err != nil {
		return err
	}
	now, err := c.Clock(ctx, tx)
	if err != nil {
		return err
	}
	state := stateOf(p.Status)
	since := row.PendingSince
	if state == "pending" && since == nil {
		since = &now
	}
	if err := tx.SetCheckoutState(ctx, db.SetCheckoutStateParams{ID: id, State: state, CheckedAt: &now, PendingSince: since}); err != nil {
		return err
	}
	parts, err := tx.CheckoutInvoices(ctx, id)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(parts))
	r := Receipt{
		ID: derive(row.AdministrationID, p.ID), Administration: row.AdministrationID, Debtor: uuid.NullUUID{UUID: row.DebtorID, Valid: true},
		Source: "mollie", ExternalID: p.ID, Amount: p.Amount, ValueDate: date.Of(p.PaidAt), Reference: p.ID,
		CounterName: p.Details.ConsumerName, CounterIBAN: p.Details.ConsumerAccount, SeenAt: now, WriteBack: true,
	}
	for i, part := range parts {
		ids[i] = part.InvoiceID
		r.Allocations = append(r.Allocations, Allocation{Invoice: part.InvoiceID, Amount: money.Of(part.AmountMinor, row.Currency), Method: "designation"})
	}
	switch {
	case p.ChargedBack.Positive() && p.ChargedBack.Minor >= p.Amount.Minor:
		return reverse(ctx, tx, c.Planner, r.ID, now)
	case p.Status == mollie.Paid:
		return receive(ctx, tx, c.Planner, r)
	case state != row.State:
		return c.Planner.Replan(ctx, tx, ids)
	}
	return nil
}

func stateOf(s mollie.Status) string {
	if s == mollie.Authorized {
		return "pending"
	}
	return string(s)
}

func derive(administration uuid.UUID, providerID string) uuid.UUID {
	return uuid.NewSHA1(administration, []byte("payment/mollie/"+providerID))
}
