package debit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Cancel takes a collection back before it is with the bank.
func (s *Service) Cancel(ctx context.Context, tenant, id uuid.UUID, by string) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := s.lockedDebit(ctx, tx, id)
		if err != nil {
			return err
		}
		if d.State != "scheduled" && d.State != "announced" {
			return fault.New(fault.Conflict, "debit_gone", "This collection is %s; it can be cancelled only before it goes to the bank.", d.State)
		}
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		return s.cancel(ctx, tx, sc, d, "Cancelled by "+by+".", "R90", by)
	})
}

// cancelQueued cancels what is not with the bank yet, and what can still be taken
// back there (R90).
func (s *Service) cancelQueued(ctx context.Context, tx store.Tx, m db.Mandate, why, by string) error {
	queued, err := tx.QueuedDebits(ctx, m.ID)
	if err != nil {
		return fmt.Errorf("load collections of mandate %s: %w", m.ID, err)
	}
	sc, err := s.scene(ctx, tx, m.AdministrationID)
	if err != nil {
		return err
	}
	for _, d := range queued {
		if err := s.cancel(ctx, tx, sc, d, why, "R90", by); err != nil {
			return err
		}
	}
	return nil
}

// cancel ends a collection. By R90 the debtor has a new term from this day on;
// without a rule the flow goes on where it was.
func (s *Service) cancel(ctx context.Context, tx store.Tx, sc scene, d db.Debit, why, rule, by string) error {
	d.State, d.Why, d.ReasonRule, d.EndedAt, d.EndedBy, d.WillRetry = "cancelled", why, rule, &sc.now, by, false
	if d.RetryOf.Valid {
		if err := s.retried(ctx, tx, d.RetryOf.UUID); err != nil {
			return err
		}
	}
	if err := audit(ctx, tx, sc.now, by, "debit.cancelled", "debit/"+d.ID.String(), map[string]any{"rule": rule}); err != nil {
		return err
	}
	if rule != "" {
		if err := s.term(ctx, tx, sc, &d, rule); err != nil {
			return err
		}
	}
	if err := put(ctx, tx, d); err != nil {
		return err
	}
	if err := matter.Close(ctx, tx, DebitMatter, d.ID); err != nil {
		return err
	}
	return s.releaseAll(ctx, tx, d, by)
}

// term gives the debtor time to transfer: nothing more is asked before it is over.
func (s *Service) term(ctx context.Context, tx store.Tx, sc scene, d *db.Debit, rule string) error {
	d.PayBy = sc.days.Next(sc.today.AddDays(int(sc.setting.FreshDays)))
	ids, err := s.invoices(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	if err := tx.FreshTerm(ctx, db.FreshTermParams{Day: d.PayBy.AddDays(1), Rule: rule, Invoices: ids}); err != nil {
		return fmt.Errorf("set a new term: %w", err)
	}
	return s.Planner.Replan(ctx, tx, ids)
}

// byTransfer turns a collection that did not stand into an invoice to be
// transferred, with a fresh term, and lets the debtor know (R86, R87).
func (s *Service) byTransfer(ctx context.Context, tx store.Tx, sc scene, d *db.Debit, tell string) error {
	d.Tell = tell
	if err := s.term(ctx, tx, sc, d, d.ReasonRule); err != nil {
		return err
	}
	if err := put(ctx, tx, *d); err != nil {
		return err
	}
	if err := s.releaseAll(ctx, tx, *d, voldaan); err != nil {
		return err
	}
	return s.wakeAt(ctx, tx, *d, sc.slot(sc.today), "Tell the debtor that the collection did not stand")
}

func (s *Service) invoices(ctx context.Context, tx store.Tx, debit uuid.UUID) (ids []uuid.UUID, err error) {
	parts, err := tx.DebitInvoices(ctx, debit)
	if err != nil {
		return nil, fmt.Errorf("load collection %s: %w", debit, err)
	}
	for _, p := range parts {
		ids = append(ids, p.InvoiceID)
	}
	return ids, nil
}

func (s *Service) release(ctx context.Context, tx store.Tx, invoice uuid.UUID, by string) error {
	return s.Planner.ReleaseAll(ctx, tx, dunning.OfInvoice, invoice, receivable.DirectDebit, by)
}

func (s *Service) releaseAll(ctx context.Context, tx store.Tx, d db.Debit, by string) error {
	ids, err := s.invoices(ctx, tx, d.ID)
	for _, id := range ids {
		if err := s.release(ctx, tx, id, by); err != nil {
			return err
		}
	}
	return err
}

// suspend stops a mandate until a person, or a new one, says so; what is queued by
// it is cancelled.
func (s *Service) suspend(ctx context.Context, tx store.Tx, sc scene, m db.Mandate, why string) error {
	m.State, m.Why = string(sepa.Suspended), why
	if err := save(ctx, tx, m); err != nil {
		return err
	}
	if err := audit(ctx, tx, sc.now, voldaan, "mandate.suspended", "mandate/"+m.ID.String(), nil); err != nil {
		return err
	}
	if err := matter.Close(ctx, tx, MandateMatter, m.ID); err != nil {
		return err
	}
	return s.cancelQueued(ctx, tx, m, why, voldaan)
}

// tell brings the debtor the word about a collection that did not stand, unless it
// stands after all.
func (s Debits) tell(ctx context.Context, tenant uuid.UUID, d db.Debit) error {
	var w dunning.Word
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if d, err = tx.Debit(ctx, d.ID); err != nil || d.Tell == "" {
			return err
		}
		w, err = s.word(ctx, tx, d)
		return err
	}); err != nil {
		return fmt.Errorf("load collection %s: %w", d.ID, err)
	}
	if d.Tell != "" && len(w.Invoices) > 0 {
		_, err := s.Teller.Tell(ctx, tenant, w)
		if err != nil && !mute(err) {
			return fmt.Errorf("tell of collection %s: %w", d.ID, err)
		}
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		was := d.Tell
		d, err := s.lockedDebit(ctx, tx, d.ID)
		if err != nil || d.Tell != was {
			return err
		}
		d.Tell = ""
		if err := put(ctx, tx, d); err != nil {
			return err
		}
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		if d.State == "reversed" && d.BackMinor < d.AmountMinor {
			return s.watch(ctx, tx, sc, d) // the rest may be taken back as well
		}
		return matter.Close(ctx, tx, DebitMatter, d.ID)
	})
}

// word is what the debtor is told: the amount that did not stand, and until when to
// transfer it.
func (s *Service) word(ctx context.Context, tx store.Tx, d db.Debit) (dunning.Word, error) {
	m, err := tx.Mandate(ctx, d.MandateID)
	if err != nil {
		return dunning.Word{}, err
	}
	sc, err := s.scene(ctx, tx, d.AdministrationID)
	if err != nil {
		return dunning.Word{}, err
	}
	parts, err := tx.DebitInvoices(ctx, d.ID)
	if err != nil {
		return dunning.Word{}, err
	}
	w := dunning.Word{Debtor: d.DebtorID, Step: outreach.DebitFailed, Key: fmt.Sprintf("debit/%s/%s/%d", d.ID, d.Tell, d.BackMinor), Ask: true, Rule: d.ReasonRule, Why: d.Why}
	about := outreach.Debit{Amount: money.Of(d.AmountMinor, d.Currency), On: d.CollectOn, CreditorID: sc.setting.CreditorID, Mandate: Reference(m), Account: m.AccountLast}
	if d.Tell == "reversed" {
		w.Step, about.Amount, about.On = outreach.DebitReversed, money.Of(d.BackMinor, d.Currency), sc.today
	}
	for _, p := range parts {
		if p.Open > 0 && p.Status == "open" {
			w.Invoices = append(w.Invoices, p.InvoiceID)
		}
	}
	w.Still = func(ctx context.Context, tx store.Tx) (bool, error) {
		now, err := tx.Debit(ctx, d.ID)
		return err == nil && now.Tell == d.Tell, err
	}
	// A message that leaves later than planned gives as much time.
	payBy := date.Later(d.PayBy, sc.days.Next(sc.today.AddDays(1)))
	w.Fill = func(c *outreach.Content) { c.Debit, c.PayBy = &about, payBy }
	return w, nil
}
