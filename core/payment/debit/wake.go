package debit

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// Debits wakes collections.
type Debits struct{ *Service }

// Wake implements matter.Waker: it takes the step of a collection whose moment has
// come.
func (s Debits) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	var d db.Debit
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		d, err = tx.Debit(ctx, id)
		return err
	}); err != nil {
		return fmt.Errorf("load collection %s: %w", id, err)
	}
	switch d.State {
	case "scheduled":
		return s.announce(ctx, tenant, d)
	case "announced":
		return s.submit(ctx, tenant, d)
	case "submitted", "paid":
		return s.look(ctx, tenant, d)
	case "failed", "reversed":
		return s.tell(ctx, tenant, d)
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error { return matter.Close(ctx, tx, DebitMatter, id) })
}

// lockedDebit returns a collection as it is once nobody else changes it (D4).
func (s *Service) lockedDebit(ctx context.Context, tx store.Tx, id uuid.UUID) (d db.Debit, err error) {
	if d, err = tx.Debit(ctx, id); none(err) {
		return d, fault.New(fault.NotFound, "debit_not_found", "This collection does not exist.")
	}
	if err == nil {
		err = lockDebtor(ctx, tx, d.DebtorID)
	}
	if err == nil {
		d, err = tx.LockDebit(ctx, id)
	}
	if err != nil {
		return d, fmt.Errorf("load collection %s: %w", id, err)
	}
	return d, nil
}

func put(ctx context.Context, tx store.Tx, d db.Debit) error {
	if err := tx.SetDebit(ctx, db.SetDebitParams{
		ID: d.ID, State: d.State, AmountMinor: d.AmountMinor, AnnounceOn: d.AnnounceOn, SubmitOn: d.SubmitOn, CollectOn: d.CollectOn, Why: d.Why, AnnouncedOn: d.AnnouncedOn,
		MessageID: d.MessageID, SubmittedAt: d.SubmittedAt, SettledOn: d.SettledOn, BankReference: d.BankReference, ReasonCode: d.ReasonCode, ReasonRule: d.ReasonRule,
		WillRetry: d.WillRetry, Asked: d.Asked, BackMinor: d.BackMinor, Tell: d.Tell, PayBy: d.PayBy, EndedAt: d.EndedAt, EndedBy: d.EndedBy,
	}); err != nil {
		return fmt.Errorf("store collection %s: %w", d.ID, err)
	}
	return nil
}

func (s *Service) wakeAt(ctx context.Context, tx store.Tx, d db.Debit, at time.Time, why string) error {
	return matter.Set(ctx, tx, matter.Item{Kind: DebitMatter, ID: d.ID, At: at, Why: why})
}

// lead is how many days before a collection the debtor agreed to be told.
func lead(d db.Debit, m db.Mandate) int {
	if d.Attempt > 1 {
		return int(m.RetryLeadDays)
	}
	return int(m.LeadDays)
}

func slotOf(d db.Debit) sepa.Slot {
	return sepa.Slot{Announce: d.AnnounceOn, Submit: d.SubmitOn, Collect: d.CollectOn, Why: d.Why}
}

// announce tells the debtor what is collected and when (D1, R84).
func (s Debits) announce(ctx context.Context, tenant uuid.UUID, d db.Debit) error {
	var w dunning.Word
	ready := false
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if d, err = s.lockedDebit(ctx, tx, d.ID); err != nil || d.State != "scheduled" {
			return err
		}
		sc, m, ok, err := s.review(ctx, tx, &d)
		if err != nil || !ok {
			return err
		}
		if sc.today.Before(d.AnnounceOn) {
			return s.wakeAt(ctx, tx, d, sc.slot(d.AnnounceOn), "Announce the collection of "+d.CollectOn.String())
		}
		// A letter is under way for some days: the debtor has it in time (R84).
		travels, err := dunning.Travels(ctx, tx, d.DebtorID)
		if err != nil {
			return err
		}
		at := slotOf(d).Announced(sc.today, lead(d, m)+travels)
		d.SubmitOn, d.CollectOn, d.Why = at.Submit, at.Collect, at.Why
		if err := put(ctx, tx, d); err != nil {
			return err
		}
		w, err = s.notice(ctx, tx, sc, d, m)
		ready = err == nil
		return err
	}); err != nil || !ready {
		return err
	}
	message, err := s.Teller.Tell(ctx, tenant, w)
	if errors.Is(err, dunning.ErrMoot) {
		return nil // it was cancelled meanwhile
	}
	if mute(err) {
		return s.untold(ctx, tenant, d.ID, fault.Of(err).Message)
	}
	if err != nil {
		return fmt.Errorf("announce collection %s: %w", d.ID, err)
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		told, err := s.lockedDebit(ctx, tx, d.ID)
		if err != nil || told.State != "scheduled" || told.CollectOn != d.CollectOn {
			return err
		}
		sc, err := s.scene(ctx, tx, told.AdministrationID)
		if err != nil {
			return err
		}
		told.State, told.AnnouncedOn, told.MessageID = "announced", sc.today, uuid.NullUUID{UUID: message, Valid: true}
		if err := put(ctx, tx, told); err != nil {
			return err
		}
		if err := audit(ctx, tx, sc.now, voldaan, "debit.announced", "debit/"+d.ID.String(), map[string]any{"on": told.CollectOn}); err != nil {
			return err
		}
		return s.wakeAt(ctx, tx, told, sc.submitAt(told.SubmitOn), "Hand the collection of "+told.CollectOn.String()+" to the payment provider")
	})
}

// notice is the announcement of a collection.
func (s *Service) notice(ctx context.Context, tx store.Tx, sc scene, d db.Debit, m db.Mandate) (dunning.Word, error) {
	parts, err := tx.DebitInvoices(ctx, d.ID)
	if err != nil {
		return dunning.Word{}, fmt.Errorf("load collection %s: %w", d.ID, err)
	}
	w := dunning.Word{Debtor: d.DebtorID, Step: outreach.DebitNotice, Key: "debit/" + d.ID.String() + "/" + d.CollectOn.String(), Rule: "R84", Why: "The collection of " + d.CollectOn.String() + " was announced."}
	if d.Attempt > 1 {
		w.Step = outreach.DebitRetry
	}
	for _, p := range parts {
		if p.AmountMinor > 0 {
			w.Invoices = append(w.Invoices, p.InvoiceID)
		}
	}
	about := outreach.Debit{Amount: money.Of(d.AmountMinor, d.Currency), On: d.CollectOn, CreditorID: sc.setting.CreditorID, Mandate: Reference(m), Account: m.AccountLast}
	w.Still = func(ctx context.Context, tx store.Tx) (bool, error) {
		now, err := tx.Debit(ctx, d.ID)
		return err == nil && now.State == "scheduled" && now.CollectOn == d.CollectOn, err
	}
	w.Fill = func(c *outreach.Content) { c.Debit = &about }
	return w, nil
}

// untold cancels a collection that the debtor cannot be told of: without notice
// nothing is collected (D1).
func (s *Service) untold(ctx context.Context, tenant, id uuid.UUID, why string) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := s.lockedDebit(ctx, tx, id)
		if err != nil || d.State != "scheduled" {
			return err
		}
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		if err := task(ctx, tx, sc, "debit_untold", d.ID, "A collection could not be announced", why); err != nil {
			return err
		}
		return s.cancel(ctx, tx, sc, d, "The debtor could not be told of it: "+why, "", voldaan)
	})
}

// review looks at a collection before a step of it: by a mandate that ended, or
// for invoices that are settled, held or somebody else's by now, nothing is
// collected, and before an invoice is due neither (D3). It reports false when it
// cancelled or postponed the collection.
func (s *Service) review(ctx context.Context, tx store.Tx, d *db.Debit) (sc scene, m db.Mandate, ok bool, err error) {
	if sc, err = s.scene(ctx, tx, d.AdministrationID); err != nil {
		return sc, m, false, err
	}
	if m, err = tx.LockMandate(ctx, d.MandateID); err != nil {
		return sc, m, false, fmt.Errorf("load mandate %s: %w", d.MandateID, err)
	}
	if why, usable := sepa.Usable(sepa.State(m.State), m.SignedOn, m.LastUsed, d.CollectOn); !usable {
		return sc, m, false, s.cancel(ctx, tx, sc, *d, why, "R90", voldaan)
	}
	parts, err := tx.DebitInvoices(ctx, d.ID)
	if err != nil {
		return sc, m, false, fmt.Errorf("load collection %s: %w", d.ID, err)
	}
	scopes := []uuid.UUID{sc.adm.ID, d.DebtorID}
	for _, p := range parts {
		scopes = append(scopes, p.InvoiceID)
	}
	held, err := obstacles(ctx, tx, sc, scopes, d.ID)
	if err != nil {
		return sc, m, false, err
	}
	why, sum, due := "Nothing is open any more.", int64(0), date.Date{}
	for _, p := range parts {
		amount := min(p.AmountMinor, max(0, p.Open))
		switch reason := held[p.InvoiceID] + held[d.DebtorID] + held[sc.adm.ID]; {
		case p.Status != "open" || p.GoneAt != nil || p.Hold != "":
			amount = 0
		case p.OwedBy != d.DebtorID || p.OwedIn != d.Currency:
			amount, why = 0, "The books changed who owes it, or in which currency."
		case reason == string(receivable.PaymentOnItsWay):
			amount, why = 0, "The debtor is paying it in another way (R6)."
		case reason != "":
			amount, why = 0, "Sending waits for something else: it is paused, disputed or on a plan."
		}
		if sum += amount; amount > 0 {
			due = date.Later(due, p.Due)
		}
		if amount == p.AmountMinor {
			continue
		}
		if err := tx.SetDebitInvoice(ctx, db.SetDebitInvoiceParams{DebitID: d.ID, InvoiceID: p.InvoiceID, AmountMinor: amount}); err != nil {
			return sc, m, false, fmt.Errorf("lower the collection: %w", err)
		}
		if amount == 0 {
			if err := s.release(ctx, tx, p.InvoiceID, voldaan); err != nil {
				return sc, m, false, err
			}
		}
	}
	if sum == 0 {
		return sc, m, false, s.cancel(ctx, tx, sc, *d, why, "", voldaan)
	}
	if sum != d.AmountMinor {
		d.AmountMinor = sum
		err = put(ctx, tx, *d)
	}
	if err == nil && due.After(d.CollectOn) {
		return sc, m, false, s.postpone(ctx, tx, sc, d, m, due)
	}
	return sc, m, err == nil, err
}

// postpone moves a collection to a due date that the books moved later (R21). The
// debtor is told of the new day as of any.
func (s *Service) postpone(ctx context.Context, tx store.Tx, sc scene, d *db.Debit, m db.Mandate, due date.Date) error {
	travels, err := dunning.Travels(ctx, tx, d.DebtorID)
	if err != nil {
		return err
	}
	at := sepa.Schedule(due, sc.today, lead(*d, m)+travels)
	d.State, d.AnnounceOn, d.SubmitOn, d.CollectOn, d.Why = "scheduled", at.Announce, at.Submit, at.Collect, "The books moved the due date, so it is collected later."
	d.AnnouncedOn, d.MessageID = date.Date{}, uuid.NullUUID{}
	if err := put(ctx, tx, *d); err != nil {
		return err
	}
	if err := audit(ctx, tx, sc.now, voldaan, "debit.postponed", "debit/"+d.ID.String(), map[string]any{"on": at.Collect}); err != nil {
		return err
	}
	return s.wakeAt(ctx, tx, *d, sc.slot(at.Announce), "Announce the collection of "+at.Collect.String())
}

// look asks the provider what became of a collection. A webhook tells so too; this
// finds what no webhook told.
func (s Debits) look(ctx context.Context, tenant uuid.UUID, d db.Debit) error {
	if err := s.Checkouts.Read(ctx, tenant, d.ID); err != nil {
		return err
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := s.lockedDebit(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		switch d.State {
		case "submitted":
			return s.wakeAt(ctx, tx, d, sc.submitAt(date.Later(sc.today, d.CollectOn).AddDays(1)), "Ask the provider what became of the collection")
		case "paid":
			return s.watch(ctx, tx, sc, d)
		}
		return nil // what follows was set when it changed
	})
}

// watch looks again after each time within which a bank may take money back.
func (s *Service) watch(ctx context.Context, tx store.Tx, sc scene, d db.Debit) error {
	m, err := tx.Mandate(ctx, d.MandateID)
	if err != nil {
		return fmt.Errorf("load mandate %s: %w", d.MandateID, err)
	}
	scheme := sepa.Scheme(m.Scheme)
	for _, last := range []date.Date{sepa.ReturnedUntil(scheme, d.CollectOn), sepa.RefundableUntil(scheme, d.CollectOn), sepa.DisputableUntil(d.CollectOn)} {
		if at := last.AddDays(2); !last.IsZero() && at.After(sc.today) {
			return s.wakeAt(ctx, tx, d, sc.submitAt(at), "Look whether the collection still stands")
		}
	}
	return matter.Close(ctx, tx, DebitMatter, d.ID)
}
