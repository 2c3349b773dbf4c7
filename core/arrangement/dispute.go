package arrangement

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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

// NewDispute says that a debtor does not agree with an invoice, or a part of it.
type NewDispute struct {
	Invoice uuid.UUID
	Amount  money.Amount // zero for all that the invoice asks
	Reason  string       // delivery, quality, price, unknown, other
	Lines   string       // which lines it is about, in words
	Note    string
	By      string
	Owner   uuid.NullUUID
}

// Dispute records a dispute. Only its amount stops being asked; the rest of the
// invoice goes on (R70).
func (d *Desk) Dispute(ctx context.Context, tx store.Tx, q NewDispute) (uuid.UUID, error) {
	s, o, err := d.owing(ctx, tx, q.Invoice)
	if err != nil {
		return uuid.Nil, err
	}
	rules, err := SettingsOf(ctx, tx, s.Administration.ID)
	if err != nil {
		return uuid.Nil, err
	}
	ask := o.Claim.Ask()
	if q.Amount.IsZero() {
		q.Amount = ask
	}
	switch {
	case !ask.Positive():
		return uuid.Nil, fault.New(fault.Conflict, "disputed", "All of this invoice is in dispute already.")
	case !q.Amount.Positive() || q.Amount.Currency != ask.Currency || q.Amount.Minor > ask.Minor:
		return uuid.Nil, fault.New(fault.Invalid, "dispute_amount", "The amount is more than nothing and at most what is asked.")
	}
	earlier, err := tx.DisputesOf(ctx, q.Invoice)
	if err != nil {
		return uuid.Nil, fmt.Errorf("load earlier disputes: %w", err)
	}
	if !q.Owner.Valid {
		if q.Owner, err = firstOwner(ctx, tx, rules); err != nil {
			return uuid.Nil, err
		}
	}
	id, deadline := newID(KindDispute, q.Invoice, len(earlier)), s.Today.AddDays(rules.DisputeDays)
	if err := tx.OpenDispute(ctx, db.OpenDisputeParams{
		ID: id, TenantID: tx.Tenant, InvoiceID: q.Invoice, DebtorID: s.Debtor.ID, Reason: q.Reason, Note: q.Note, Lines: q.Lines, Currency: q.Amount.Currency,
		AmountMinor: q.Amount.Minor, OpenedAt: s.Now, Deadline: deadline, OpenedBy: q.By, OwnerID: q.Owner, Step: string(o.Step),
	}); err != nil {
		return uuid.Nil, fmt.Errorf("record the dispute: %w", err)
	}
	if err := task(ctx, tx, s, "dispute", id, "Invoice "+o.Number+" is disputed", q.Note); err != nil {
		return uuid.Nil, err
	}
	if err := note(ctx, tx, s.Now, q.By, "dispute.opened", "dispute/"+id.String(), nil); err != nil {
		return uuid.Nil, err
	}
	if err := matter.Set(ctx, tx, matter.Item{Kind: KindDispute, ID: id, At: morning(s, deadline.AddDays(1)), Why: "The time to decide on a dispute is over"}); err != nil {
		return uuid.Nil, err
	}
	if err := d.say(ctx, tx, s, outreach.DisputeReceived, id.String(), []uuid.UUID{q.Invoice}, detail{Rule: "R70", Why: "The debtor was told that the dispute arrived."}); err != nil {
		return uuid.Nil, err
	}
	return id, d.Planner.Replan(ctx, tx, []uuid.UUID{q.Invoice})
}

// firstOwner is who the rules give a dispute to, as long as they may sign in.
func firstOwner(ctx context.Context, tx store.Tx, rules Settings) (out uuid.NullUUID, err error) {
	if rules.DisputeOwner == nil {
		return out, nil
	}
	m, err := tx.Member(ctx, *rules.DisputeOwner)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return out, fmt.Errorf("find the owner of disputes: %w", err)
	}
	return uuid.NullUUID{UUID: m.ID, Valid: err == nil && m.DisabledAt == nil}, nil
}

func (d *Desk) theDispute(ctx context.Context, tx store.Tx, dispute uuid.UUID) (row db.Dispute, s dunning.Standing, err error) {
	if row, err = tx.Dispute(ctx, dispute); err != nil {
		return row, s, fault.New(fault.NotFound, "dispute_not_found", "This dispute does not exist.").Because(err)
	}
	if s, err = d.standing(ctx, tx, row.DebtorID); err != nil {
		return row, s, err
	}
	row, err = tx.Dispute(ctx, dispute) // again behind the lock (G1)
	return row, s, err
}

// Assign gives a dispute an owner, and a later deadline unless it is zero.
func (d *Desk) Assign(ctx context.Context, tx store.Tx, dispute uuid.UUID, owner uuid.NullUUID, deadline date.Date, by string) error {
	row, s, err := d.theDispute(ctx, tx, dispute)
	if err != nil {
		return err
	}
	if !deadline.IsZero() && deadline.Before(s.Today) {
		return fault.New(fault.Invalid, "dispute_deadline", "Choose today or a later day.")
	}
	n, err := tx.AssignDispute(ctx, db.AssignDisputeParams{ID: dispute, Owner: owner, Deadline: deadline})
	if err != nil {
		return fmt.Errorf("assign the dispute: %w", err)
	}
	if n == 0 {
		return errEnded
	}
	if err := note(ctx, tx, s.Now, by, "dispute.assigned", "dispute/"+dispute.String(), nil); err != nil || deadline.IsZero() {
		return err
	}
	if err := finish(ctx, tx, "dispute_late", row.ID, s.Now, by); err != nil {
		return err
	}
	return matter.Set(ctx, tx, matter.Item{Kind: KindDispute, ID: dispute, At: morning(s, deadline.AddDays(1)), Why: "The time to decide on a dispute is over"})
}

// Resolution is what a creditor decides about a dispute.
type Resolution struct {
	Dispute uuid.UUID
	// Credit is what is credited: all of the disputed amount, a part of it, or
	// nothing, which rejects the dispute.
	Credit money.Amount
	Text   string // for the debtor
	By     string
}

// Resolve decides a dispute and tells the debtor. What is credited is not asked
// until the credit note is in the books (R73); what is not accepted gets a fresh
// term, and a statutory notice that was pending is sent again (R72).
func (d *Desk) Resolve(ctx context.Context, tx store.Tx, r Resolution) error {
	row, s, err := d.theDispute(ctx, tx, r.Dispute)
	if err != nil {
		return err
	}
	if row.State != "open" {
		return fault.New(fault.Conflict, "dispute_decided", "This dispute was decided already.")
	}
	if r.Credit.Minor < 0 || r.Credit.Minor > row.AmountMinor || r.Credit.Minor > 0 && r.Credit.Currency != row.Currency {
		return fault.New(fault.Invalid, "dispute_credit", "The credit is at most the amount in dispute.")
	}
	rules, err := SettingsOf(ctx, tx, s.Administration.ID)
	if err != nil {
		return err
	}
	p := db.DecideDisputeParams{ID: row.ID, State: "accepted", ResolvedAt: &s.Now, ResolvedBy: r.By, Resolution: r.Text, AcceptedMinor: r.Credit.Minor}
	said := &outreach.Decision{Outcome: "accepted", Amount: money.Of(r.Credit.Minor, row.Currency), Rest: money.Of(row.AmountMinor-r.Credit.Minor, row.Currency), Text: r.Text}
	rule := "R73"
	switch {
	case r.Credit.Minor == 0:
		p.State, said.Outcome, said.Until, rule = "rejected", "rejected", s.Days.Next(s.Today.AddDays(rules.DisputeTerm)), "R72"
	case r.Credit.Minor < row.AmountMinor:
		said.Outcome = "partly"
	}
	inv, err := tx.Invoice(ctx, row.InvoiceID)
	if err != nil {
		return fmt.Errorf("load invoice %s: %w", row.InvoiceID, err)
	}
	p.TotalMinor = inv.TotalMinor
	if o, ok := s.Of(row.InvoiceID); ok {
		p.BaseMinor = o.Claim.Open().Minor + o.Paid
	}
	n, err := tx.DecideDispute(ctx, p)
	if err != nil {
		return fmt.Errorf("decide the dispute: %w", err)
	}
	if n == 0 {
		return errEnded // G3
	}
	if err := d.decided(ctx, tx, s, row, p.State, said, r.By); err != nil {
		return err
	}
	verb := said.Outcome
	if verb == "partly" {
		verb = "partly_accepted"
	}
	if err := note(ctx, tx, s.Now, r.By, "dispute."+verb, "dispute/"+row.ID.String(), nil); err != nil {
		return err
	}
	if err := d.answered(ctx, tx, s, row, r); err != nil {
		return err
	}
	return d.say(ctx, tx, s, outreach.DisputeAnswered, row.ID.String(), []uuid.UUID{row.InvoiceID}, detail{Decision: said, Rule: rule, Why: "The debtor was told what was decided: " + said.Outcome + "."})
}

// answered files the answer with the conversation, which waits for it no more.
func (d *Desk) answered(ctx context.Context, tx store.Tx, s dunning.Standing, row db.Dispute, r Resolution) error {
	if r.Text != "" {
		if err := tx.AddCorrespondence(ctx, db.AddCorrespondenceParams{
			ID: uuid.New(), TenantID: tx.Tenant, DebtorID: row.DebtorID, InvoiceID: uuid.NullUUID{UUID: row.InvoiceID, Valid: true}, Direction: "out", Channel: "email",
			Author: r.By, Subject: "Dispute", Body: r.Text, At: s.Now,
		}); err != nil {
			return fmt.Errorf("file the answer: %w", err)
		}
	}
	if err := tx.HandleCorrespondence(ctx, db.HandleCorrespondenceParams{DebtorID: row.DebtorID, HandledAt: &s.Now, HandledBy: r.By}); err != nil {
		return fmt.Errorf("mark the messages as read: %w", err)
	}
	return d.Planner.ReleaseAll(ctx, tx, dunning.OfDebtor, row.DebtorID, receivable.Replied, r.By)
}

// decided lets the flow go on after a decision.
func (d *Desk) decided(ctx context.Context, tx store.Tx, s dunning.Standing, row db.Dispute, state string, said *outreach.Decision, by string) error {
	for _, kind := range []string{"dispute", "dispute_late"} {
		if err := finish(ctx, tx, kind, row.ID, s.Now, by); err != nil {
			return err
		}
	}
	if err := matter.Close(ctx, tx, KindDispute, row.ID); err != nil {
		return err
	}
	if state == "accepted" {
		// The rest goes on at the same step after the interval (R34, R73).
		if err := resume(ctx, tx, db.PutResumeParams{InvoiceID: row.InvoiceID, Step: row.Step, Rule: "R73", At: s.Now}, s.Today.AddDays(int(s.Administration.MinimumInterval))); err != nil {
			return err
		}
		if err := task(ctx, tx, s, "credit_note", row.ID, "Make a credit note of "+said.Amount.String(), "A dispute was accepted; the amount is not asked until the credit note is in the books."); err != nil {
			return err
		}
		return d.Planner.ReleaseAll(ctx, tx, dunning.OfInvoice, row.InvoiceID, receivable.Disputed, by)
	}
	if err := resume(ctx, tx, db.PutResumeParams{InvoiceID: row.InvoiceID, Step: row.Step, Rule: "R72", At: s.Now}, said.Until.AddDays(1)); err != nil {
		return err
	}
	if err := d.Planner.ReleaseAll(ctx, tx, dunning.OfInvoice, row.InvoiceID, receivable.Disputed, by); err != nil {
		return err
	}
	if err := d.Planner.NoticeAgain(ctx, tx, row.InvoiceID, "A dispute stopped its term; a new letter is needed (R72)."); err != nil {
		return err
	}
	return d.Planner.Replan(ctx, tx, []uuid.UUID{row.InvoiceID})
}

// WithdrawDispute takes an open dispute back; the flow goes on where it was.
func (d *Desk) WithdrawDispute(ctx context.Context, tx store.Tx, dispute uuid.UUID, by string) error {
	row, s, err := d.theDispute(ctx, tx, dispute)
	if err != nil {
		return err
	}
	n, err := tx.DecideDispute(ctx, db.DecideDisputeParams{ID: row.ID, State: "withdrawn", ResolvedAt: &s.Now, ResolvedBy: by})
	if err != nil {
		return fmt.Errorf("withdraw the dispute: %w", err)
	}
	if n == 0 {
		return errEnded
	}
	if err := note(ctx, tx, s.Now, by, "dispute.withdrawn", "dispute/"+row.ID.String(), nil); err != nil {
		return err
	}
	return d.decided(ctx, tx, s, row, "withdrawn", &outreach.Decision{Until: s.Today.AddDays(int(s.Administration.MinimumInterval))}, by)
}

// Credited says that what was accepted is credited, where the books do not show
// it by themselves.
func (d *Desk) Credited(ctx context.Context, tx store.Tx, dispute uuid.UUID, by string) error {
	row, s, err := d.theDispute(ctx, tx, dispute)
	if err != nil {
		return err
	}
	n, err := tx.CreditDispute(ctx, db.CreditDisputeParams{ID: row.ID, CreditedAt: &s.Now})
	if err != nil {
		return fmt.Errorf("note the credit: %w", err)
	}
	if n == 0 {
		return errEnded
	}
	if err := note(ctx, tx, s.Now, by, "dispute.credited", "dispute/"+row.ID.String(), nil); err != nil {
		return err
	}
	if err := finish(ctx, tx, "credit_note", row.ID, s.Now, by); err != nil {
		return err
	}
	return d.Planner.Replan(ctx, tx, []uuid.UUID{row.InvoiceID})
}

// wakeDispute escalates inside when the time to decide is over; nothing goes on
// towards the debtor (R71). One that was accepted is done when it is credited.
func (d *Desk) wakeDispute(ctx context.Context, tenant, id uuid.UUID) error {
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, s, err := d.theDispute(ctx, tx, id)
		if err != nil {
			return err
		}
		switch {
		case row.State == "accepted" && row.CreditedAt == nil:
			o, open := s.Of(row.InvoiceID)
			if open && o.Claim.Ask().Minor < o.Claim.Open().Minor {
				return matter.Close(ctx, tx, KindDispute, id) // other money moved
			}
			if _, err := tx.CreditDispute(ctx, db.CreditDisputeParams{ID: id, CreditedAt: &s.Now}); err != nil {
				return fmt.Errorf("note the credit: %w", err)
			}
			if err := finish(ctx, tx, "credit_note", id, s.Now, ByVoldaan); err != nil {
				return err
			}
		case row.State == "open" && s.Today.After(row.Deadline):
			n, err := tx.EscalateDispute(ctx, db.EscalateDisputeParams{ID: id, EscalatedAt: &s.Now})
			if err != nil {
				return fmt.Errorf("escalate the dispute: %w", err)
			}
			if n > 0 {
				if err := task(ctx, tx, s, "dispute_late", id, "A dispute is past its deadline; decide it", "Nothing is asked until you do; the debtor waits for your answer."); err != nil {
					return err
				}
				if err := note(ctx, tx, s.Now, ByVoldaan, "dispute.late", "dispute/"+id.String(), nil); err != nil {
					return err
				}
			}
		case row.State == "open":
			return matter.Set(ctx, tx, matter.Item{Kind: KindDispute, ID: id, At: morning(s, row.Deadline.AddDays(1)), Why: "The time to decide on a dispute is over"})
		}
		return matter.Close(ctx, tx, KindDispute, id)
	})
}
