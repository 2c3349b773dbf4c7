package arrangement

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// NewPaidClaim is "I paid already".
type NewPaidClaim struct {
	Invoice uuid.UUID
	Amount  money.Amount // zero for all that the invoice asks
	PaidOn  date.Date    // none when the debtor does not know
	Note    string
	By      string
}

// PaidAlready holds an invoice for some business days while the money is looked
// for (R61). It ends by itself: matched when the money shows up, else with a task
// and a question to the debtor.
func (d *Desk) PaidAlready(ctx context.Context, tx store.Tx, q NewPaidClaim) (uuid.UUID, error) {
	s, o, err := d.owing(ctx, tx, q.Invoice)
	if err != nil {
		return uuid.Nil, err
	}
	rules, err := SettingsOf(ctx, tx, s.Administration.ID)
	if err != nil {
		return uuid.Nil, err
	}
	if q.Amount.IsZero() {
		q.Amount = o.Claim.Ask()
	}
	earlier, err := tx.PaidClaimsOfDebtor(ctx, s.Debtor.ID)
	if err != nil {
		return uuid.Nil, fmt.Errorf("look for earlier claims: %w", err)
	}
	notFound, made := 0, 0
	for _, e := range earlier {
		if e.InvoiceID == q.Invoice {
			made++
		}
		switch {
		case e.InvoiceID != q.Invoice:
		case e.State == "open":
			return uuid.Nil, fault.New(fault.Conflict, "paid_open", "You told us already; we are looking for the payment.")
		case e.State == "not_found":
			notFound++
		}
	}
	switch {
	case notFound >= 2:
		return uuid.Nil, fault.New(fault.Conflict, "paid_most", "We looked for this payment twice and did not find it. Please send us a message.")
	case !q.Amount.Positive() || q.Amount.Minor > o.Claim.Open().Minor || q.Amount.Currency != o.Claim.Open().Currency:
		return uuid.Nil, fault.New(fault.Invalid, "paid_amount", "The amount is more than nothing and at most what is open.")
	case q.PaidOn.After(s.Today):
		return uuid.Nil, fault.New(fault.Invalid, "paid_day", "The day cannot be in the future.")
	}
	until := morning(s, s.BankDays.Add(s.Today, rules.PaidHold))
	hold, err := d.hold(ctx, tx, q.Invoice, receivable.PaymentAsked, "", until, q.By)
	if err != nil {
		return uuid.Nil, err
	}
	id := newID(KindPaidClaim, q.Invoice, made)
	if err := tx.AddPaidClaim(ctx, db.AddPaidClaimParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: s.Administration.ID, DebtorID: s.Debtor.ID, InvoiceID: q.Invoice, Currency: q.Amount.Currency, AmountMinor: q.Amount.Minor,
		PaidOn: q.PaidOn, Note: q.Note, OpenMinor: o.Claim.Open().Minor, HoldID: hold, Until: until, CreatedAt: s.Now, CreatedBy: q.By,
	}); err != nil {
		return uuid.Nil, fmt.Errorf("record what the debtor says: %w", err)
	}
	if err := task(ctx, tx, s, "paid_claim", id, "The debtor of invoice "+o.Number+" says it was paid; look for the money", q.Note); err != nil {
		return uuid.Nil, err
	}
	if err := note(ctx, tx, s.Now, q.By, "paid_claim.opened", "paid_claim/"+id.String(), nil); err != nil {
		return uuid.Nil, err
	}
	return id, matter.Set(ctx, tx, matter.Item{Kind: KindPaidClaim, ID: id, At: until, Why: "The time to find a payment is over"})
}

// EndPaidClaim decides by hand: found says that the money is there.
func (d *Desk) EndPaidClaim(ctx context.Context, tx store.Tx, claim uuid.UUID, found bool, by string) error {
	c, s, err := d.paidClaim(ctx, tx, claim)
	if err != nil {
		return err
	}
	if c.State != "open" {
		return errEnded
	}
	state := "not_found"
	if found {
		state = "matched"
	}
	return d.endPaid(ctx, tx, s, c, state, by)
}

func (d *Desk) paidClaim(ctx context.Context, tx store.Tx, claim uuid.UUID) (c db.PaidClaimRow, s dunning.Standing, err error) {
	if c, err = tx.PaidClaim(ctx, claim); err != nil {
		return c, s, fault.New(fault.NotFound, "paid_claim_not_found", "This does not exist.").Because(err)
	}
	if s, err = d.standing(ctx, tx, c.DebtorID); err != nil {
		return c, s, err
	}
	c, err = tx.PaidClaim(ctx, claim)
	return c, s, err
}

func (d *Desk) wakePaidClaim(ctx context.Context, tenant, id uuid.UUID) error {
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		c, s, err := d.paidClaim(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.State != "open" {
			return matter.Close(ctx, tx, KindPaidClaim, id)
		}
		open, err := tx.OpenOf(ctx, c.InvoiceID)
		if err != nil {
			return fmt.Errorf("read what is open: %w", err)
		}
		switch {
		case open <= 0 || c.OpenMinor-open >= c.AmountMinor-tolerance(s):
			return d.endPaid(ctx, tx, s, c, "matched", ByVoldaan)
		case s.Now.Before(c.Until):
			return matter.Set(ctx, tx, matter.Item{Kind: KindPaidClaim, ID: id, At: c.Until, Why: "The time to find a payment is over"})
		}
		return d.endPaid(ctx, tx, s, c, "not_found", ByVoldaan)
	})
}

func (d *Desk) endPaid(ctx context.Context, tx store.Tx, s dunning.Standing, c db.PaidClaimRow, state, by string) error {
	n, err := tx.EndPaidClaim(ctx, db.EndPaidClaimParams{ID: c.ID, State: state, EndedAt: &s.Now, EndedBy: by})
	if err != nil {
		return fmt.Errorf("end the claim: %w", err)
	}
	if n == 0 {
		return errEnded
	}
	if err := note(ctx, tx, s.Now, by, "paid_claim."+state, "paid_claim/"+c.ID.String(), nil); err != nil {
		return err
	}
	if state == "matched" {
		if err := finish(ctx, tx, "paid_claim", c.ID, s.Now, by); err != nil {
			return err
		}
	} else if err := d.say(ctx, tx, s, outreach.PaidNotFound, c.ID.String(), []uuid.UUID{c.InvoiceID}, detail{
		Promise: &outreach.Promise{Amount: money.Of(c.AmountMinor, c.Currency), On: c.PaidOn}, Rule: "R61", Why: "The debtor was told that the payment was not found.",
	}); err != nil {
		return err
	}
	if err := matter.Close(ctx, tx, KindPaidClaim, c.ID); err != nil {
		return err
	}
	if state != "matched" {
		// The flow goes on when the debtor had time to answer.
		if err := tx.GiveTerm(ctx, db.GiveTermParams{InvoiceID: c.InvoiceID, Day: s.Today.AddDays(int(s.Administration.MinimumInterval)), Rule: "R65"}); err != nil {
			return fmt.Errorf("give a term: %w", err)
		}
	}
	return d.release(ctx, tx, c.HoldID, c.InvoiceID, by)
}
