package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Webhook follows up a call of the provider: the call is only a hint, the state
// is fetched (R113). An id that is not ours is ignored.
func (c *Checkouts) Webhook(ctx context.Context, providerID string) error {
	if !mollie.IsPaymentID(providerID) {
		return nil
	}
	found, err := c.Store.Door().DoorCheckout(ctx, db.DoorCheckoutParams{Provider: "mollie", ProviderID: providerID})
	if errors.Is(err, pgx.ErrNoRows) {
		return c.early(ctx, providerID)
	}
	if err != nil {
		return fmt.Errorf("find payment %s: %w", providerID, err)
	}
	return c.refresh(ctx, found.TenantID, found.CheckoutID, providerID)
}

// early deals with a call that came before we stored the id it names: the
// payment itself says whose it is. What the provider does not know, or what
// carries no label of ours, is a forgery or somebody else's.
func (c *Checkouts) early(ctx context.Context, providerID string) error {
	p, err := c.Provider.GetPayment(ctx, providerID)
	var refused *mollie.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask for payment %s: %w", providerID, err)
	}
	var l label
	if json.Unmarshal(p.Metadata, &l) != nil || l.Tenant == uuid.Nil {
		return nil
	}
	back, err := c.back(ctx, p)
	if err != nil {
		return err
	}
	return c.Store.In(ctx, l.Tenant, func(tx store.Tx) error {
		row, err := tx.LockCheckout(ctx, l.Checkout)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && row.ProviderID != "" && row.ProviderID != p.ID {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load checkout %s: %w", l.Checkout, err)
		}
		if err := tx.SetCheckoutProvider(ctx, db.SetCheckoutProviderParams{ID: row.ID, ProviderID: p.ID, Url: p.CheckoutURL}); err != nil {
			return fmt.Errorf("store payment %s: %w", p.ID, err)
		}
		return c.apply(ctx, tx, row.ID, p, back)
	})
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
	back, err := c.back(ctx, p)
	if err != nil {
		return err
	}
	return c.Store.In(ctx, tenant, func(tx store.Tx) error { return c.apply(ctx, tx, id, p, back) })
}

// Read fetches the state of one payment, whatever state it had: a charge-back may
// come long after it was paid.
func (c *Checkouts) Read(ctx context.Context, tenant, id uuid.UUID) error {
	row, err := c.load(ctx, tenant, id)
	if err != nil || row.ProviderID == "" {
		return err
	}
	return c.refresh(ctx, tenant, id, row.ProviderID)
}

// At returns the payment of a checkout as the provider has it.
func (c *Checkouts) At(ctx context.Context, tenant, id uuid.UUID) (mollie.Payment, error) {
	row, err := c.load(ctx, tenant, id)
	if err != nil {
		return mollie.Payment{}, err
	}
	p, err := c.Provider.GetPayment(ctx, row.ProviderID)
	if err != nil {
		return p, fmt.Errorf("ask for payment %s: %w", row.ProviderID, err)
	}
	return p, nil
}

func (c *Checkouts) load(ctx context.Context, tenant, id uuid.UUID) (row db.Checkout, err error) {
	if err = c.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		row, err = tx.Checkout(ctx, id)
		return err
	}); err != nil {
		return row, fault.New(fault.NotFound, "checkout_not_found", "This payment is not known here.").Because(err)
	}
	return row, nil
}

// apply brings a checkout to the provider's state, whatever state it had, and lets
// the follower know.
func (c *Checkouts) apply(ctx context.Context, tx store.Tx, id uuid.UUID, p mollie.Payment, back Back) error {
	row, err := c.bring(ctx, tx, id, p)
	if err != nil || c.Follower == nil {
		return err
	}
	return c.Follower.PaymentChanged(ctx, tx, row, p, back)
}

func (c *Checkouts) bring(ctx context.Context, tx store.Tx, id uuid.UUID, p mollie.Payment) (db.Checkout, error) {
	row, err := tx.LockCheckout(ctx, id)
	if err != nil {
		return row, err
	}
	now, err := c.Clock(ctx, tx)
	if err != nil {
		return row, err
	}
	state := stateOf(p.Status)
	since := row.PendingSince
	if state == "pending" && since == nil {
		since = &now
	}
	if err := tx.SetCheckoutState(ctx, db.SetCheckoutStateParams{ID: id, State: state, CheckedAt: &now, PendingSince: since}); err != nil {
		return row, err
	}
	r, err := c.receipt(ctx, tx, row, p, now)
	if err != nil {
		return row, err
	}
	switch {
	case len(r.Allocations) == 0 && row.ChargesMinor == 0 && p.Status == mollie.Paid:
		// It only proved whose account it is; whoever asked for it gives it back.
	case p.ChargedBack.Positive() && p.ChargedBack.Minor >= p.Amount.Minor:
		if err := askPerson(ctx, tx, row, now, "Take the payment out of the books as well.", p); err != nil {
			return row, err
		}
		return row, reverse(ctx, tx, c.Planner, r)
	case p.Status == mollie.Paid:
		if err := receive(ctx, tx, c.Planner, r); err != nil {
			return row, err
		}
		more, err := chargeBack(ctx, tx, c.Planner, r, p.ChargedBack.Minor)
		if err != nil || !more {
			return row, err
		}
		return row, askPerson(ctx, tx, row, now, "Lower the payment in the books as well, if they have it; what the books count as paid is not asked again before.", p)
	case state != row.State:
		ids := make([]uuid.UUID, len(r.Allocations))
		for i, a := range r.Allocations {
			ids[i] = a.Invoice
		}
		return row, c.Planner.Replan(ctx, tx, ids)
	}
	return row, nil
}

// receipt is the payment as money received, for the invoices that the debtor
// chose (R28).
func (c *Checkouts) receipt(ctx context.Context, tx store.Tx, row db.Checkout, p mollie.Payment, now time.Time) (Receipt, error) {
	adm, err := tx.Administration(ctx, row.AdministrationID)
	if err != nil {
		return Receipt{}, fmt.Errorf("load administration %s: %w", row.AdministrationID, err)
	}
	zone, err := time.LoadLocation(adm.TimeZone)
	if err != nil {
		return Receipt{}, fmt.Errorf("administration %s: %w", adm.ID, err)
	}
	paid := p.PaidAt
	if paid.IsZero() {
		paid = now
	}
	r := Receipt{
		ID: derive(row.AdministrationID, p.ID), Administration: row.AdministrationID, Debtor: uuid.NullUUID{UUID: row.DebtorID, Valid: true},
		Source: "mollie", ExternalID: p.ID, Amount: p.Amount, ValueDate: date.Of(paid.In(zone)), Reference: p.ID,
		CounterName: p.Details.ConsumerName, CounterIBAN: p.Details.ConsumerAccount, SeenAt: now, WriteBack: true,
	}
	parts, err := tx.CheckoutInvoices(ctx, row.ID)
	if err != nil {
		return r, fmt.Errorf("load the invoices of checkout %s: %w", row.ID, err)
	}
	for _, part := range parts {
		r.Allocations = append(r.Allocations, Allocation{Invoice: part.InvoiceID, Amount: money.Of(part.AmountMinor, row.Currency), Method: "designation"})
	}
	return r, nil
}

// askPerson puts a charge-back on the task list.
func askPerson(ctx context.Context, tx store.Tx, row db.Checkout, now time.Time, what string, p mollie.Payment) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: uuid.NullUUID{UUID: row.AdministrationID, Valid: true}, Kind: "charge_back", SubjectID: row.ID,
		Title: "A payment was charged back", Detail: fmt.Sprintf("%s of %s (%s) was charged back. %s", p.ChargedBack, p.Amount, p.ID, what),
		CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
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
