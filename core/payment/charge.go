package payment

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// Follower is told what became of payments at the provider.
type Follower interface {
	// PaymentChanged is called inside the transaction that took in the state of a
	// payment, also when it is what it was before.
	PaymentChanged(ctx context.Context, tx store.Tx, c db.Checkout, p mollie.Payment, back Back) error
}

// Back is why money was taken back: the reason of the newest charge-back that
// stands, empty without one.
type Back struct {
	Code   string // SEPA reason, such as MD06
	Reason string
}

// back asks for the reasons of charge-backs, where the provider can tell them.
func (c *Checkouts) back(ctx context.Context, p mollie.Payment) (Back, error) {
	lister, ok := c.Provider.(interface {
		ListChargebacks(ctx context.Context, paymentID string, o mollie.ListOptions) (mollie.Page[mollie.Chargeback], error)
	})
	if !ok || !p.ChargedBack.Positive() {
		return Back{}, nil
	}
	list, err := lister.ListChargebacks(ctx, p.ID, mollie.ListOptions{})
	if err != nil {
		return Back{}, fmt.Errorf("ask why payment %s was charged back: %w", p.ID, err)
	}
	for _, b := range list.Items { // the newest first
		if b.ReversedAt.IsZero() {
			return Back{Code: b.ReasonCode, Reason: b.Reason}, nil
		}
	}
	return Back{}, nil
}

// Charge collects an amount by a mandate, without the debtor.
type Charge struct {
	// ID is of the checkout: charging under the same ID again collects nothing
	// more.
	ID                             uuid.UUID
	Tenant, Administration, Debtor uuid.UUID
	Amount                         money.Amount
	Parts                          []Part
	Text                           string // on the debtor's statement
	Customer, Mandate              string // at the provider
}

// Part is what of a charge is for an invoice.
type Part struct {
	Invoice uuid.UUID
	Minor   int64
}

// Charge asks the provider to collect, once for its ID however often it is called,
// and takes in the state of the payment. The error of a provider that refuses is
// *mollie.Error.
func (c *Checkouts) Charge(ctx context.Context, q Charge) error {
	before, err := c.open(ctx, q)
	if err != nil {
		return err
	}
	var p mollie.Payment
	found := false
	switch {
	case before != nil && before.ProviderID != "":
		return c.refresh(ctx, q.Tenant, q.ID, before.ProviderID)
	case before != nil:
		// An earlier try may have reached the provider: its idempotency key is
		// good for an hour only.
		if p, found, err = c.find(ctx, q.ID); err != nil {
			return err
		}
	}
	if !found {
		if p, err = c.Provider.CreatePayment(ctx, q.ID.String(), mollie.NewPayment{
			Amount: q.Amount, Description: q.Text, WebhookURL: c.WebhookURL, Method: mollie.DirectDebit, Sequence: mollie.Recurring,
			CustomerID: q.Customer, MandateID: q.Mandate, Metadata: label{Tenant: q.Tenant, Checkout: q.ID},
		}); err != nil {
			return err
		}
	}
	if err := c.Store.In(ctx, q.Tenant, func(tx store.Tx) error {
		return tx.SetCheckoutProvider(ctx, db.SetCheckoutProviderParams{ID: q.ID, ProviderID: p.ID})
	}); err != nil {
		return fmt.Errorf("store payment %s: %w", p.ID, err)
	}
	return c.refresh(ctx, q.Tenant, q.ID, p.ID)
}

// open records the checkout of a charge before the provider knows of it, or returns
// the one of an earlier try.
func (c *Checkouts) open(ctx context.Context, q Charge) (before *db.Checkout, err error) {
	err = c.Store.In(ctx, q.Tenant, func(tx store.Tx) error {
		if row, err := tx.LockCheckout(ctx, q.ID); err == nil {
			before = &row
			return nil
		}
		now, err := c.Clock(ctx, tx)
		if err != nil {
			return err
		}
		if err := tx.AddCheckout(ctx, db.AddCheckoutParams{
			ID: q.ID, TenantID: q.Tenant, AdministrationID: q.Administration, DebtorID: q.Debtor, Method: string(mollie.DirectDebit),
			Currency: q.Amount.Currency, AmountMinor: q.Amount.Minor, CreatedAt: now,
		}); err != nil {
			return fmt.Errorf("record the checkout: %w", err)
		}
		for _, part := range q.Parts {
			if err := tx.AddCheckoutInvoice(ctx, db.AddCheckoutInvoiceParams{CheckoutID: q.ID, InvoiceID: part.Invoice, TenantID: q.Tenant, AmountMinor: part.Minor}); err != nil {
				return fmt.Errorf("record the checkout: %w", err)
			}
		}
		return nil
	})
	return before, err
}

// find looks for the payment of an earlier try among the newest ones.
func (c *Checkouts) find(ctx context.Context, checkout uuid.UUID) (p mollie.Payment, found bool, err error) {
	lister, ok := c.Provider.(interface {
		ListPayments(ctx context.Context, o mollie.ListOptions) (mollie.Page[mollie.Payment], error)
	})
	if !ok {
		return p, false, nil
	}
	from := ""
	for range findPages {
		page, err := lister.ListPayments(ctx, mollie.ListOptions{From: from, Limit: 250})
		if err != nil {
			return p, false, fmt.Errorf("look for an earlier try: %w", err)
		}
		for _, one := range page.Items {
			var l label
			if json.Unmarshal(one.Metadata, &l) == nil && l.Checkout == checkout {
				return one, true, nil
			}
		}
		if from = page.Next; from == "" {
			break
		}
	}
	return p, false, nil
}

// findPages bounds the search; a try is repeated within hours.
const findPages = 20
