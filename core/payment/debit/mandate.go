package debit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// sweepDays is how often a mandate that is in force is looked at: whether the
// provider still has it, and whether an invoice waits that nothing told of.
const sweepDays = 7

const deceased = "The bank says that the debtor has died."

func save(ctx context.Context, tx store.Tx, m db.Mandate) error {
	if err := tx.SetMandate(ctx, db.SetMandateParams{
		ID: m.ID, State: m.State, Why: m.Why, ProviderID: m.ProviderID, ProviderReference: m.ProviderReference, AccountLast: m.AccountLast, SealedAccount: m.SealedAccount,
		EndedAt: m.EndedAt, EndedBy: m.EndedBy, CheckedAt: m.CheckedAt, LastUsed: m.LastUsed,
	}); err != nil {
		return fmt.Errorf("store mandate %s: %w", m.ID, err)
	}
	return nil
}

// locked returns a mandate as it is once nobody else changes it (D4).
func (s *Service) locked(ctx context.Context, tx store.Tx, id uuid.UUID) (m db.Mandate, err error) {
	if m, err = tx.Mandate(ctx, id); none(err) {
		return m, fault.New(fault.NotFound, "mandate_not_found", "This mandate does not exist.")
	}
	if err == nil {
		err = lockDebtor(ctx, tx, m.DebtorID)
	}
	if err == nil {
		m, err = tx.LockMandate(ctx, id)
	}
	if err != nil {
		return m, fmt.Errorf("load mandate %s: %w", id, err)
	}
	return m, nil
}

// Mandates wakes mandates.
type Mandates struct{ *Service }

// Wake implements matter.Waker: it asks the provider how the mandate stands, and
// plans what may be collected by it.
func (s Mandates) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	var m db.Mandate
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		m, err = tx.Mandate(ctx, id)
		return err
	}); err != nil {
		return fmt.Errorf("load mandate %s: %w", id, err)
	}
	switch sepa.State(m.State) {
	case sepa.Pending:
		return s.lookFirst(ctx, tenant, m)
	case sepa.Valid:
		return s.sweep(ctx, tenant, m)
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error { return matter.Close(ctx, tx, MandateMatter, id) })
}

// lookFirst finds out what became of the first payment (R92).
func (s Mandates) lookFirst(ctx context.Context, tenant uuid.UUID, m db.Mandate) error {
	c, err := s.Checkouts.RefreshOne(ctx, tenant, m.CheckoutID.UUID)
	if err != nil {
		return err
	}
	first := sepa.FirstPayment{Paid: c.State == "paid", Final: c.State == "paid" || c.State == "failed" || c.State == "canceled" || c.State == "expired"}
	var at mollie.Mandate
	if first.Paid {
		if at, first.Gone, err = s.made(ctx, m); err != nil {
			return err
		}
		first.Confirmed = at.Status == mollie.MandateValid
		if err := s.giveBack(ctx, tenant, c); err != nil {
			return err
		}
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		m, err := s.locked(ctx, tx, m.ID)
		if err != nil || m.State != string(sepa.Pending) {
			return err
		}
		sc, err := s.scene(ctx, tx, m.AdministrationID)
		if err != nil {
			return err
		}
		switch state := sepa.AfterFirst(first); {
		case state == sepa.Valid:
			return s.begin(ctx, tx, sc, m, at)
		case state == sepa.NotGiven, sc.now.After(m.SignedAt.AddDate(0, 0, pendingDays)):
			return s.notGiven(ctx, tx, sc, m)
		}
		return matter.Set(ctx, tx, matter.Item{Kind: MandateMatter, ID: m.ID, At: sc.now.AddDate(0, 0, 1), Why: "Look whether the mandate is confirmed"})
	})
}

// giveBack refunds a first payment that was for no invoice. Trying again is
// harmless: the provider refuses to give back more than was paid.
func (s *Service) giveBack(ctx context.Context, tenant uuid.UUID, c db.Checkout) error {
	var parts []db.CheckoutInvoice
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		parts, err = tx.CheckoutInvoices(ctx, c.ID)
		return err
	}); err != nil || len(parts) > 0 {
		return err
	}
	_, err := s.Provider.CreateRefund(ctx, "refund/"+c.ID.String(), c.ProviderID, mollie.NewRefund{Amount: money.Of(c.AmountMinor, c.Currency), Description: "Mandate confirmed"})
	if e := mollie.AsError(err); e != nil && (e.Status == 409 || e.Status == 422) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("give back the first payment %s: %w", c.ID, err)
	}
	return nil
}

// pendingDays is how long a mandate may wait for its account.
const pendingDays = 14

// made finds the mandate that the first payment made; gone says that there is none.
func (s *Service) made(ctx context.Context, m db.Mandate) (at mollie.Mandate, gone bool, err error) {
	c, err := s.Checkouts.At(ctx, m.TenantID, m.CheckoutID.UUID)
	if err != nil {
		return at, false, err
	}
	if c.MandateID == "" {
		return at, false, nil
	}
	at, err = s.Provider.GetMandate(ctx, m.CustomerID, c.MandateID)
	if e := mollie.AsError(err); e != nil && e.NotFound() {
		return at, true, nil
	}
	if err != nil {
		return at, false, fmt.Errorf("ask for mandate %s: %w", m.ID, err)
	}
	return at, at.Status == mollie.MandateInvalid, nil
}

// begin puts a mandate in force. A debtor has one at a time; a suspended one makes
// way for it.
func (s *Service) begin(ctx context.Context, tx store.Tx, sc scene, m db.Mandate, at mollie.Mandate) error {
	others, err := tx.MandatesOf(ctx, m.DebtorID)
	if err != nil {
		return fmt.Errorf("load mandates: %w", err)
	}
	for _, o := range others {
		switch {
		case o.ID == m.ID:
		case o.State == string(sepa.Valid):
			m.State, m.Why, m.EndedAt, m.EndedBy, m.ProviderID = string(sepa.Revoked), "Another mandate of this debtor is in force.", &sc.now, voldaan, at.ID
			return save(ctx, tx, m)
		case o.State == string(sepa.Suspended):
			o.State, o.Why, o.EndedAt, o.EndedBy = string(sepa.Revoked), "A new mandate took its place.", &sc.now, voldaan
			if err := save(ctx, tx, o); err != nil {
				return err
			}
		}
	}
	sealed, err := s.Box.Seal([]byte(at.Account), purpose(m))
	if err != nil {
		return err
	}
	m.State, m.Why, m.ProviderID, m.ProviderReference, m.CheckedAt = string(sepa.Valid), "", at.ID, at.Reference, &sc.now
	m.SealedAccount, m.AccountLast = sealed, last(at.Account)
	if err := save(ctx, tx, m); err != nil {
		return err
	}
	if err := audit(ctx, tx, sc.now, "debtor", "mandate.given", "mandate/"+m.ID.String(), map[string]any{"reference": m.Reference, "debtor": m.DebtorID}); err != nil {
		return err
	}
	if err := matter.Set(ctx, tx, sweepAt(m, sc)); err != nil {
		return err
	}
	return s.planFor(ctx, tx, m.AdministrationID, nil, []uuid.UUID{m.DebtorID})
}

func sweepAt(m db.Mandate, sc scene) matter.Item {
	return matter.Item{Kind: MandateMatter, ID: m.ID, At: sc.submitAt(sc.today.AddDays(sweepDays)), Why: "Look whether the mandate still stands, and what may be collected by it"}
}

func purpose(m db.Mandate) string {
	return "mandate/" + m.TenantID.String() + "/" + m.ID.String()
}

// last are the characters of an account that are shown.
func last(iban string) string {
	iban = strings.ReplaceAll(iban, " ", "")
	return iban[max(0, len(iban)-4):]
}

// Reference is what a debtor's bank knows a mandate by.
func Reference(m db.Mandate) string {
	if m.ProviderReference != "" {
		return m.ProviderReference
	}
	return m.Reference
}

// notGiven ends a mandate whose first payment came to nothing (R92).
func (s *Service) notGiven(ctx context.Context, tx store.Tx, sc scene, m db.Mandate) error {
	m.State, m.Why, m.EndedAt, m.EndedBy = string(sepa.NotGiven), "The first payment did not go through, so there is no mandate.", &sc.now, voldaan
	if err := save(ctx, tx, m); err != nil {
		return err
	}
	if err := audit(ctx, tx, sc.now, voldaan, "mandate.not_given", "mandate/"+m.ID.String(), nil); err != nil {
		return err
	}
	return matter.Close(ctx, tx, MandateMatter, m.ID)
}

// sweep looks after a mandate that is in force.
func (s Mandates) sweep(ctx context.Context, tenant uuid.UUID, m db.Mandate) error {
	stands, err := s.stands(ctx, m)
	if err != nil {
		return err
	}
	if !stands {
		return s.withdrawn(ctx, tenant, m.ID)
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		m, err := s.locked(ctx, tx, m.ID)
		if err != nil || m.State != string(sepa.Valid) {
			return err
		}
		sc, err := s.scene(ctx, tx, m.AdministrationID)
		if err != nil {
			return err
		}
		if sepa.Lapsed(m.SignedOn, m.LastUsed, sc.today) {
			return s.end(ctx, tx, sc, m, sepa.Expired, "It was not used for 36 months.", voldaan)
		}
		m.CheckedAt = &sc.now
		if err := save(ctx, tx, m); err != nil {
			return err
		}
		if err := matter.Set(ctx, tx, sweepAt(m, sc)); err != nil {
			return err
		}
		return s.planFor(ctx, tx, m.AdministrationID, nil, []uuid.UUID{m.DebtorID})
	})
}

// stands asks the provider whether it still has a mandate.
func (s *Service) stands(ctx context.Context, m db.Mandate) (bool, error) {
	at, err := s.Provider.GetMandate(ctx, m.CustomerID, m.ProviderID)
	if e := mollie.AsError(err); e != nil && e.NotFound() {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask for mandate %s: %w", m.ID, err)
	}
	return at.Status == mollie.MandateValid, nil
}

// withdrawn ends a mandate that the provider has no longer (R90).
func (s *Service) withdrawn(ctx context.Context, tenant, id uuid.UUID) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		m, err := s.locked(ctx, tx, id)
		if err != nil || m.State != string(sepa.Valid) {
			return err
		}
		sc, err := s.scene(ctx, tx, m.AdministrationID)
		if err != nil {
			return err
		}
		return s.end(ctx, tx, sc, m, sepa.Revoked, "The payment provider says that it was withdrawn.", "mollie")
	})
}

// Revoke ends a mandate because the debtor or the creditor wants it (R90). What is
// not with the bank yet is not collected.
func (s *Service) Revoke(ctx context.Context, tenant, id uuid.UUID, by string) error {
	var m db.Mandate
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if m, err = s.locked(ctx, tx, id); err != nil {
			return err
		}
		if sepa.State(m.State).Ended() {
			return fault.New(fault.Conflict, "mandate_ended", "This mandate has ended already; nothing is collected by it.")
		}
		sc, err := s.scene(ctx, tx, m.AdministrationID)
		if err != nil {
			return err
		}
		why := "Withdrawn by the creditor."
		if by == "debtor" {
			why = "Withdrawn by the debtor."
		}
		return s.end(ctx, tx, sc, m, sepa.Revoked, why, by)
	}); err != nil {
		return err
	}
	return s.revokeThere(ctx, tenant, m)
}

// revokeThere tells the provider. That ours has ended counts, whatever it answers;
// what is under way there is taken back where that can still be done.
func (s *Service) revokeThere(ctx context.Context, tenant uuid.UUID, m db.Mandate) error {
	if m.ProviderID == "" {
		return nil
	}
	if err := s.takeBack(ctx, tenant, m); err != nil {
		return err
	}
	err := s.Provider.RevokeMandate(ctx, "revoke/"+m.ID.String(), m.CustomerID, m.ProviderID)
	if e := mollie.AsError(err); e != nil && e.NotFound() {
		err = nil
	}
	if err == nil {
		return nil
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		sc, err2 := s.scene(ctx, tx, m.AdministrationID)
		if err2 != nil {
			return err2
		}
		return task(ctx, tx, sc, "mandate_revoke", m.ID, "Withdraw a mandate at the payment provider", "The provider could not be reached when mandate "+m.Reference+" was withdrawn. Nothing is collected by it; withdraw it in the dashboard of the provider as well.")
	})
}

// takeBack cancels what is with the provider and not with the bank yet. What is
// too late for that is collected, and its outcome is followed as ever.
func (s *Service) takeBack(ctx context.Context, tenant uuid.UUID, m db.Mandate) error {
	var under []db.Checkout
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		list, err := tx.DebitsOf(ctx, m.DebtorID)
		for _, d := range list {
			if d.State != "submitted" || d.MandateID != m.ID {
				continue
			}
			c, err := tx.Checkout(ctx, d.ID)
			if err != nil {
				return err
			}
			under = append(under, c)
		}
		return err
	}); err != nil {
		return fmt.Errorf("find what mandate %s is collected by: %w", m.ID, err)
	}
	for _, c := range under {
		if _, err := s.Provider.CancelPayment(ctx, "cancel/"+c.ID.String(), c.ProviderID); err != nil {
			continue
		}
		if err := s.Checkouts.Read(ctx, tenant, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// end closes a mandate: what is queued is cancelled, and the debtor has new terms
// from this day on (R90).
func (s *Service) end(ctx context.Context, tx store.Tx, sc scene, m db.Mandate, state sepa.State, why, by string) error {
	was := m.State
	m.State, m.Why, m.EndedAt, m.EndedBy = string(state), why, &sc.now, by
	if err := save(ctx, tx, m); err != nil {
		return err
	}
	if err := audit(ctx, tx, sc.now, by, "mandate."+string(state), "mandate/"+m.ID.String(), map[string]any{"reference": m.Reference, "debtor": m.DebtorID}); err != nil {
		return err
	}
	if err := s.cancelQueued(ctx, tx, m, why, by); err != nil {
		return err
	}
	if err := matter.Close(ctx, tx, MandateMatter, m.ID); err != nil || was == string(sepa.Pending) {
		return err
	}
	return matter.Set(ctx, tx, matter.Item{Kind: EndMatter, ID: m.ID, At: sc.slot(sc.today), Why: "Tell the debtor that the mandate has ended"})
}

// EndMatter is the word that a mandate has ended, on its way.
const EndMatter matter.Kind = "mandate_end"

// Ends wakes words about mandates that ended.
type Ends struct{ *Service }

// Wake implements matter.Waker.
func (s Ends) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	var m db.Mandate
	var open []uuid.UUID
	var payBy date.Date
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if m, err = tx.Mandate(ctx, id); err != nil {
			return err
		}
		cancelled, err := tx.DebitsOf(ctx, m.DebtorID)
		if err != nil {
			return err
		}
		for _, d := range cancelled {
			if d.MandateID != m.ID || d.State != "cancelled" || d.PayBy.IsZero() {
				continue
			}
			parts, err := tx.DebitInvoices(ctx, d.ID)
			if err != nil {
				return err
			}
			for _, p := range parts {
				if p.Open > 0 && p.Status == "open" {
					open, payBy = append(open, p.InvoiceID), date.Later(payBy, d.PayBy)
				}
			}
		}
		return nil
	}); err != nil {
		return fmt.Errorf("load mandate %s: %w", id, err)
	}
	_, err := s.Teller.Tell(ctx, tenant, dunning.Word{Debtor: m.DebtorID, Step: outreach.MandateEnded, Key: "mandate/" + id.String() + "/end", Invoices: open, Rule: "R90", Why: "The mandate has ended; what was to be collected is to be transferred.", Fill: func(c *outreach.Content) {
		c.Debit, c.PayBy = &outreach.Debit{Mandate: Reference(m)}, payBy
	}})
	if err != nil && !mute(err) {
		return fmt.Errorf("tell that mandate %s ended: %w", id, err)
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error { return matter.Close(ctx, tx, EndMatter, id) })
}

// Resume puts a suspended mandate in force again, if the provider still has it.
func (s *Service) Resume(ctx context.Context, tenant, id uuid.UUID, by string) error {
	var m db.Mandate
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		m, err = s.locked(ctx, tx, id)
		return err
	}); err != nil {
		return err
	}
	if m.State != string(sepa.Suspended) {
		return fault.New(fault.Conflict, "mandate_not_suspended", "This mandate is %s; there is nothing to resume.", strings.ReplaceAll(m.State, "_", " "))
	}
	stands, err := s.stands(ctx, m)
	if err != nil {
		return fault.New(fault.Unavailable, "provider_unavailable", "The payment provider does not answer. Please try again in a minute.").Because(err)
	}
	if !stands {
		return fault.New(fault.Conflict, "mandate_gone", "The bank does not accept this mandate any more. Ask the debtor for a new one.")
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		m, err := s.locked(ctx, tx, id)
		if err != nil || m.State != string(sepa.Suspended) {
			return err
		}
		sc, err := s.scene(ctx, tx, m.AdministrationID)
		if err != nil {
			return err
		}
		if _, err := tx.ValidMandate(ctx, m.DebtorID); err == nil {
			return fault.New(fault.Conflict, "mandate_replaced", "Another mandate of this debtor is in force.")
		}
		m.State, m.Why, m.CheckedAt = string(sepa.Valid), "", &sc.now
		if err := save(ctx, tx, m); err != nil {
			return err
		}
		if err := audit(ctx, tx, sc.now, by, "mandate.resumed", "mandate/"+id.String(), nil); err != nil {
			return err
		}
		return matter.Set(ctx, tx, matter.Item{Kind: MandateMatter, ID: id, At: sc.now.Add(time.Minute), Why: "A suspended mandate was resumed"})
	})
}
