package debit

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// submit hands an announced collection to the provider, after asking the provider
// and the books once more (D3).
func (s Debits) submit(ctx context.Context, tenant uuid.UUID, d db.Debit) error {
	var m db.Mandate
	var numbers []uuid.UUID
	due := false
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		if at := sc.submitAt(d.SubmitOn); sc.now.Before(at) {
			return s.wakeAt(ctx, tx, d, at, "Hand the collection of "+d.CollectOn.String()+" to the payment provider")
		}
		due = true
		if m, err = tx.Mandate(ctx, d.MandateID); err != nil {
			return fmt.Errorf("load mandate %s: %w", d.MandateID, err)
		}
		parts, err := tx.DebitInvoices(ctx, d.ID)
		for _, p := range parts {
			numbers = append(numbers, p.InvoiceID)
		}
		return err
	}); err != nil || !due {
		return err
	}
	if m.State == string(sepa.Valid) {
		stands, err := s.stands(ctx, m)
		if err != nil {
			return err
		}
		if !stands {
			return s.withdrawn(ctx, tenant, m.ID)
		}
	}
	if err := s.Checkouts.Refresh(ctx, tenant, numbers); err != nil { // the debtor may have paid online, and no webhook told
		return fmt.Errorf("ask the provider before collecting: %w", err)
	}
	if err := s.Books.Confirm(ctx, tenant, d.AdministrationID, numbers); err != nil {
		return fmt.Errorf("ask the books before collecting: %w", err)
	}
	return s.charge(ctx, tenant, d.ID)
}

// charge makes the payment (D2).
func (s Debits) charge(ctx context.Context, tenant, id uuid.UUID) error {
	var q payment.Charge
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := s.lockedDebit(ctx, tx, id)
		if err != nil || d.State != "announced" {
			return err
		}
		sc, m, ok, err := s.review(ctx, tx, &d)
		if err != nil || !ok {
			return err
		}
		month, err := tx.CollectedInMonth(ctx, db.CollectedInMonthParams{DebtorID: d.DebtorID, Beside: d.ID, Day: d.CollectOn})
		if err != nil {
			return fmt.Errorf("sum the month: %w", err)
		}
		if why, ok := limits(sc.setting).Allow(d.AmountMinor, month); !ok {
			return s.cancel(ctx, tx, sc, d, why, "", voldaan)
		}
		q, err = s.order(ctx, tx, d, m)
		return err
	}); err != nil || q.ID == uuid.Nil {
		return err
	}
	err := s.Checkouts.Charge(ctx, q)
	if e := mollie.AsError(err); e != nil && e.Status == 422 {
		return s.unwanted(ctx, tenant, id, e.Detail)
	}
	if err != nil {
		return fmt.Errorf("hand collection %s to the provider: %w", id, err)
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := s.lockedDebit(ctx, tx, id)
		if err != nil || d.State != "announced" {
			return err // a webhook was faster
		}
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		d.State, d.SubmittedAt = "submitted", &sc.now
		if err := put(ctx, tx, d); err != nil {
			return err
		}
		if err := audit(ctx, tx, sc.now, voldaan, "debit.submitted", "debit/"+id.String(), map[string]any{"minor": d.AmountMinor}); err != nil {
			return err
		}
		return s.wakeAt(ctx, tx, d, sc.submitAt(d.CollectOn.AddDays(1)), "Ask the provider what became of the collection")
	})
}

// order is what the provider is asked for.
func (s *Service) order(ctx context.Context, tx store.Tx, d db.Debit, m db.Mandate) (payment.Charge, error) {
	parts, err := tx.DebitInvoices(ctx, d.ID)
	if err != nil {
		return payment.Charge{}, fmt.Errorf("load collection %s: %w", d.ID, err)
	}
	q := payment.Charge{
		ID: d.ID, Tenant: tx.Tenant, Administration: d.AdministrationID, Debtor: d.DebtorID, Amount: money.Of(d.AmountMinor, d.Currency), Customer: m.CustomerID, Mandate: m.ProviderID,
	}
	var numbers []string
	for _, p := range parts {
		if p.AmountMinor > 0 {
			q.Parts = append(q.Parts, payment.Part{Invoice: p.InvoiceID, Minor: p.AmountMinor})
			numbers = append(numbers, p.Number)
		}
	}
	q.Text = strings.Join(numbers, " ")
	return q, nil
}

// unwanted is a collection that the provider refuses to take: the mandate is
// suspended, since trying again would not help.
func (s *Service) unwanted(ctx context.Context, tenant, id uuid.UUID, why string) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := s.lockedDebit(ctx, tx, id)
		if err != nil || d.State != "announced" {
			return err
		}
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		m, err := tx.LockMandate(ctx, d.MandateID)
		if err != nil {
			return fmt.Errorf("load mandate %s: %w", d.MandateID, err)
		}
		if err := task(ctx, tx, sc, "debit_fault", d.ID, "The payment provider refused a collection", why); err != nil {
			return err
		}
		d.State, d.Why, d.ReasonRule, d.EndedAt, d.EndedBy = "failed", "The payment provider refused it: "+why, "R86", &sc.now, "mollie"
		if err := s.byTransfer(ctx, tx, sc, &d, "failed"); err != nil {
			return err
		}
		return s.suspend(ctx, tx, sc, m, "The payment provider refused a collection by it.")
	})
}
