package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

const (
	booksSilent    = "The books could not be asked whether this is still open. Voldaan tries again by itself; nothing is sent until they answer."
	providerSilent = "The payment provider could not be asked whether a payment is under way. Voldaan tries again by itself; nothing is sent until it answers."
	documentSilent = "The invoice's PDF could not be fetched from the books. Voldaan tries again by itself."
)

// ask reads the truth outside before the gate reads ours: also before a friendly
// word ahead of the due date, since it goes to nobody who has paid.
func (s *Steps) ask(ctx context.Context, w *woken) error {
	w.asked = s.Real.Now()
	switch {
	case w.step.ID == policy.SendInvoice:
		err := s.Books.FetchDocument(ctx, w.tenant, w.invoice)
		if w.peppol && (err == nil || fault.Is(err, fault.NotFound)) {
			err = s.Books.FetchElectronic(ctx, w.tenant, w.invoice)
			if fault.Is(err, fault.Invalid) {
				w.unfit, err = fault.Of(err).Message, nil // the other channels of the step go
			}
		}
		if err == nil || fault.Is(err, fault.NotFound) {
			return nil // that there is none is for the gate to say (R19)
		}
		return s.waits(ctx, w, "R19", documentSilent, err)
	case w.step.ID == "" || w.step.Bookkeeping():
		return nil
	}
	if err := s.Checkouts.Refresh(ctx, w.tenant, w.siblings); err != nil {
		return s.waits(ctx, w, "R6", providerSilent, err)
	}
	if err := s.Books.Confirm(ctx, w.tenant, w.adm, w.siblings); err != nil {
		return s.waits(ctx, w, "R5", booksSilent, err)
	}
	return nil
}

// alertStale asks a person to look at books that cannot be asked, once they were
// not read for as long as reminders may trust them (R5).
func alertStale(ctx context.Context, tx store.Tx, inv db.Invoice, now time.Time) error {
	adm, err := tx.Administration(ctx, inv.AdministrationID)
	if err != nil || now.Sub(confirmed(adm, inv)) <= adm.Freshness {
		return err
	}
	return addTask(ctx, tx, &ledger{adm: adm}, staleBooks, adm.ID, fmt.Sprintf(alertTitles[staleBooks], adm.Name), booksSilent, now)
}

// waits shows that a step is held because a source is out of reach, and asks to
// be called again.
func (s *Steps) waits(ctx context.Context, w *woken, rule, why string, cause error) error {
	if err := s.Store.In(ctx, w.tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, s.Real)
		if err != nil {
			return err
		}
		inv, err := tx.Invoice(ctx, w.invoice)
		if err != nil {
			return fmt.Errorf("load invoice %s: %w", w.invoice, err)
		}
		n, err := tx.NoteWaiting(ctx, db.NoteWaitingParams{InvoiceID: w.invoice, HeldRule: rule, HeldWhy: why, PlanVersion: w.plan.Version})
		if err != nil {
			return fmt.Errorf("note what step waits for: %w", err)
		}
		if n == 0 {
			return nil // the plan moved on meanwhile
		}
		if rule == "R5" {
			if err := alertStale(ctx, tx, inv, now); err != nil {
				return err
			}
		}
		return decide(ctx, tx, &item{invoice: inv}, decision{step: string(w.step.ID), outcome: "held", rule: rule, why: why, at: now})
	}); err != nil {
		return err
	}
	return &ErrLater{Why: cause}
}
