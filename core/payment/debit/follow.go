package debit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// PaymentChanged implements payment.Follower: it learns what became of first
// payments and of collections.
func (s *Service) PaymentChanged(ctx context.Context, tx store.Tx, c db.Checkout, p mollie.Payment, back payment.Back) error {
	if c.Method == string(mollie.DirectDebit) {
		return s.collected(ctx, tx, c, p, back)
	}
	m, err := tx.MandateOfCheckout(ctx, uuid.NullUUID{UUID: c.ID, Valid: true})
	if none(err) || err == nil && m.State != string(sepa.Pending) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the mandate of checkout %s: %w", c.ID, err)
	}
	sc, err := s.scene(ctx, tx, m.AdministrationID)
	if err != nil || !p.Status.Final() {
		return err
	}
	if p.Status != mollie.Paid {
		return s.notGiven(ctx, tx, sc, m)
	}
	return matter.Set(ctx, tx, matter.Item{Kind: MandateMatter, ID: m.ID, At: sc.now, Why: "The first payment went through: read the mandate"})
}

// collected brings a collection to what the provider says of its payment.
func (s *Service) collected(ctx context.Context, tx store.Tx, c db.Checkout, p mollie.Payment, back payment.Back) error {
	d, err := s.lockedDebit(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	sc, err := s.scene(ctx, tx, d.AdministrationID)
	if err != nil {
		return err
	}
	if d.BankReference == "" && p.Details.TransferReference != "" {
		d.BankReference = p.Details.TransferReference
		if err := put(ctx, tx, d); err != nil {
			return err
		}
	}
	if id := p.Details.CreditorID; id != "" && id != sc.setting.CreditorID {
		if err := task(ctx, tx, sc, "debit_creditor_id", sc.adm.ID, "The creditor id under settings is not the one that is used", "The payment provider collects under "+id+". Change it under settings, since debtors are told it (R84)."); err != nil {
			return err
		}
	}
	under := d.State == "announced" || d.State == "submitted"
	switch {
	case p.Status == mollie.Paid && under:
		if err := s.settled(ctx, tx, sc, &d, p); err != nil {
			return err
		}
	case under && p.Status == mollie.Canceled:
		return s.cancel(ctx, tx, sc, d, "It was cancelled at the payment provider.", "R90", "mollie")
	case under && p.Status.Final() && p.Status != mollie.Paid:
		return s.refused(ctx, tx, sc, d, sepa.Code(p.Details.BankReasonCode))
	}
	switch {
	case p.Status != mollie.Paid || p.ChargedBack.Minor == d.BackMinor:
		return nil
	case p.ChargedBack.Minor > d.BackMinor:
		return s.takenBack(ctx, tx, sc, d, p.ChargedBack.Minor, sepa.Code(back.Code))
	}
	return s.givenBack(ctx, tx, sc, d, p.ChargedBack.Minor)
}

// settled notes that the money came; until when it may be taken back is watched.
func (s *Service) settled(ctx context.Context, tx store.Tx, sc scene, d *db.Debit, p mollie.Payment) error {
	paid := p.PaidAt
	if paid.IsZero() {
		paid = sc.now
	}
	d.State, d.SettledOn, d.WillRetry, d.EndedAt, d.EndedBy = "paid", date.Of(paid.In(sc.zone)), false, &sc.now, "mollie"
	if err := put(ctx, tx, *d); err != nil {
		return err
	}
	m, err := tx.LockMandate(ctx, d.MandateID)
	if err != nil {
		return fmt.Errorf("load mandate %s: %w", d.MandateID, err)
	}
	m.LastUsed = date.Later(m.LastUsed, d.CollectOn)
	if err := save(ctx, tx, m); err != nil {
		return err
	}
	if err := s.releaseAll(ctx, tx, *d, voldaan); err != nil {
		return err
	}
	if d.RetryOf.Valid {
		if err := s.retried(ctx, tx, d.RetryOf.UUID); err != nil {
			return err
		}
	}
	if err := audit(ctx, tx, sc.now, voldaan, "debit.paid", "debit/"+d.ID.String(), map[string]any{"minor": d.AmountMinor}); err != nil {
		return err
	}
	return s.watch(ctx, tx, sc, *d)
}

// retried ends the wait of the first attempt.
func (s *Service) retried(ctx context.Context, tx store.Tx, first uuid.UUID) error {
	d, err := tx.LockDebit(ctx, first)
	if err != nil {
		return fmt.Errorf("load the first attempt %s: %w", first, err)
	}
	d.WillRetry = false
	return put(ctx, tx, d)
}

// refused is a collection that never came to money.
func (s *Service) refused(ctx context.Context, tx store.Tx, sc scene, d db.Debit, code sepa.Code) error {
	d.State, d.ReasonCode, d.EndedAt, d.EndedBy = "failed", string(code), &sc.now, "bank"
	return s.react(ctx, tx, sc, d, sepa.Refusal{Code: code, Attempt: int(d.Attempt)}, "failed")
}

// takenBack is money that was received and is gone (R87). The payment has opened
// its invoices again, by what was taken back; here the rest follows.
func (s *Service) takenBack(ctx context.Context, tx store.Tx, sc scene, d db.Debit, total int64, code sepa.Code) error {
	d.State, d.ReasonCode, d.BackMinor = "reversed", string(code), total
	return s.react(ctx, tx, sc, d, sepa.Refusal{Code: code, Attempt: int(d.Attempt), Settled: true}, "reversed")
}

// givenBack undoes a reversal that nobody was told of yet, or notes it.
func (s *Service) givenBack(ctx context.Context, tx store.Tx, sc scene, d db.Debit, total int64) error {
	d.BackMinor = total
	if total == 0 {
		d.State, d.Tell, d.Asked, d.WillRetry = "paid", "", false, false
		again, err := tx.SecondAttempt(ctx, uuid.NullUUID{UUID: d.ID, Valid: true})
		if err == nil && (again.State == "scheduled" || again.State == "announced") {
			err = s.cancel(ctx, tx, sc, again, "The first attempt stands after all.", "", voldaan)
		}
		if err != nil && !none(err) {
			return err
		}
		if err := s.releaseAll(ctx, tx, d, voldaan); err != nil {
			return err
		}
	}
	if err := put(ctx, tx, d); err != nil {
		return err
	}
	if err := audit(ctx, tx, sc.now, "mollie", "debit.restored", "debit/"+d.ID.String(), map[string]any{"back": total}); err != nil {
		return err
	}
	return s.watch(ctx, tx, sc, d)
}

// react does what follows from a refusal: R85 to R88.
func (s *Service) react(ctx context.Context, tx store.Tx, sc scene, d db.Debit, r sepa.Refusal, tell string) error {
	todo := sepa.React(r, retryRule(sc.setting))
	d.ReasonRule, d.Why, d.WillRetry, d.Asked, d.Tell = todo.Rule, todo.Why, todo.Retry, todo.Ask, ""
	m, err := tx.LockMandate(ctx, d.MandateID)
	if err != nil {
		return fmt.Errorf("load mandate %s: %w", d.MandateID, err)
	}
	if d.RetryOf.Valid {
		if err := s.retried(ctx, tx, d.RetryOf.UUID); err != nil {
			return err
		}
	}
	if err := audit(ctx, tx, sc.now, voldaan, "debit."+d.State, "debit/"+d.ID.String(), map[string]any{"code": d.ReasonCode, "rule": todo.Rule, "will_retry": todo.Retry}); err != nil {
		return err
	}
	if todo.Task != "" && !todo.LegalStop { // a legal stop has a task of its own
		if err := task(ctx, tx, sc, todo.Task, d.ID, taskTitles[todo.Task], todo.Why); err != nil {
			return err
		}
	}
	// The debtor hears of it once, in the words for debits.
	if err := s.forget(ctx, tx, d); err != nil {
		return err
	}
	switch {
	case todo.LegalStop:
		err = s.legalStop(ctx, tx, sc, &d)
	case todo.Retry && m.State == string(sepa.Valid):
		err = s.retry(ctx, tx, sc, &d, m)
	case todo.Ask:
		err = s.keep(ctx, tx, d, "the debtor refused it; a person finds out why")
	default:
		d.WillRetry = false
		err = s.byTransfer(ctx, tx, sc, &d, tell)
	}
	if err != nil {
		return err
	}
	if err := put(ctx, tx, d); err != nil {
		return err
	}
	if !todo.Suspend || m.State != string(sepa.Valid) {
		return nil
	}
	why := todo.Why
	if todo.LegalStop {
		why = deceased
	}
	return s.suspend(ctx, tx, sc, m, why)
}

var taskTitles = map[string]string{
	"debit_unauthorised": "A bank knows of no mandate", "debit_refunded": "A debtor had a debit refunded",
	"debit_refused": "A debtor refused a debit: is it a dispute?", "debit_fault": "A bank refuses our details", "debit_unexplained": "A debit failed without a reason",
}

// retry schedules the second attempt on a better day; reminders wait for it (R85).
func (s *Service) retry(ctx context.Context, tx store.Tx, sc scene, d *db.Debit, m db.Mandate) error {
	collect := retryRule(sc.setting).Day(sc.today, int(m.RetryLeadDays))
	parts, err := tx.DebitInvoices(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("load collection %s: %w", d.ID, err)
	}
	again := db.AddDebitParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: d.AdministrationID, DebtorID: d.DebtorID, MandateID: d.MandateID, Attempt: d.Attempt + 1,
		RetryOf: uuid.NullUUID{UUID: d.ID, Valid: true}, Currency: d.Currency, AnnounceOn: sc.today, SubmitOn: sepa.DayBefore(collect), CollectOn: collect,
		Why: "A second attempt, on a day on which there is money on most accounts.", CreatedAt: sc.now,
	}
	for _, p := range parts {
		again.AmountMinor += min(p.AmountMinor, max(0, p.Open))
	}
	if again.AmountMinor == 0 {
		d.WillRetry = false
		return s.releaseAll(ctx, tx, *d, voldaan)
	}
	if err := tx.AddDebit(ctx, again); err != nil {
		return fmt.Errorf("schedule the second attempt: %w", err)
	}
	for _, p := range parts {
		if minor := min(p.AmountMinor, max(0, p.Open)); minor > 0 {
			if err := tx.AddDebitInvoice(ctx, db.AddDebitInvoiceParams{DebitID: again.ID, InvoiceID: p.InvoiceID, TenantID: tx.Tenant, AmountMinor: minor}); err != nil {
				return fmt.Errorf("schedule the second attempt: %w", err)
			}
		}
	}
	if err := s.keep(ctx, tx, *d, "a second attempt by mandate "+Reference(m)); err != nil {
		return err
	}
	return matter.Set(ctx, tx, matter.Item{Kind: DebitMatter, ID: again.ID, At: sc.slot(sc.today), Why: "Announce the second attempt of " + collect.String()})
}

// keep makes sure that reminders of a collection's invoices wait on.
func (s *Service) keep(ctx context.Context, tx store.Tx, d db.Debit, note string) error {
	if err := s.releaseAll(ctx, tx, d, voldaan); err != nil {
		return err
	}
	parts, err := tx.DebitInvoices(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("load collection %s: %w", d.ID, err)
	}
	for _, p := range parts {
		if _, err := s.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: p.InvoiceID, Reason: receivable.DirectDebit, Note: note, By: voldaan}); err != nil {
			return err
		}
	}
	return nil
}

// forget drops the general word that a payment was undone (R26).
func (s *Service) forget(ctx context.Context, tx store.Tx, d db.Debit) error {
	parts, err := tx.DebitInvoices(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("load collection %s: %w", d.ID, err)
	}
	for _, p := range parts {
		if err := tx.ForgetReversed(ctx, p.InvoiceID); err != nil {
			return fmt.Errorf("forget the charge-back: %w", err)
		}
	}
	return nil
}

// legalStop ends all pressure: every invoice of the debtor waits until a person
// has looked and lifts it (R86, R97).
func (s *Service) legalStop(ctx context.Context, tx store.Tx, sc scene, d *db.Debit) error {
	if err := s.releaseAll(ctx, tx, *d, voldaan); err != nil {
		return err
	}
	known, err := tx.LegalStopped(ctx, d.DebtorID)
	if err != nil || known {
		return err
	}
	desk := arrangement.Desk{Store: s.Store, Real: s.Real, Planner: s.Planner, Teller: s.Teller}
	_, err = desk.Stop(ctx, tx, arrangement.NewStop{
		Debtor: d.DebtorID, Kind: arrangement.Death, EffectiveOn: sc.today, Source: "the debtor's bank, which refused a direct debit (MD07)", Note: deceased, By: voldaan,
	})
	return err
}
