package dunning

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

const handingOver = "handing_over"

// settleOpen settles messages that an earlier attempt left half-way: handed
// over without an answer on record (R9).
func (s *Steps) settleOpen(ctx context.Context, w woken) error {
	var open []db.Message
	if err := s.Store.In(ctx, w.tenant, func(tx store.Tx) (err error) {
		open, err = tx.MessagesOpenFor(ctx, w.invoice)
		return err
	}); err != nil {
		return fmt.Errorf("look for unfinished messages: %w", err)
	}
	for _, m := range open {
		if m.State != handingOver || m.ConnectionID.Valid {
			continue // what a provider carries is settled as a matter of its own
		}
		if err := s.settle(ctx, w, m.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Steps) settle(ctx context.Context, w woken, message uuid.UUID) error {
	steady := context.WithoutCancel(ctx)
	return s.Store.In(steady, w.tenant, func(tx store.Tx) error {
		f, err := s.enter(ctx, tx, w)
		if err != nil {
			return err
		}
		// Whoever held the fence may have finished the message while we waited.
		m, err := tx.Message(steady, message)
		if err != nil || m.State != handingOver {
			return err
		}
		listed, err := tx.MessageInvoices(steady, []uuid.UUID{m.ID})
		if err != nil {
			return fmt.Errorf("load the invoices of message %s: %w", m.ID, err)
		}
		switch s.Post.recall(ctx, m.HeaderID) {
		case arrived:
			return f.adopt(steady, m, listed)
		case lost:
			if !f.settled(m) {
				return f.later(errUnasked)
			}
			return f.unsent(steady, m.ID)
		case unasked:
			return f.later(errUnasked)
		}
		return f.park(steady, m.ID, policy.StepID(m.Step), demanded(listed), "Voldaan stopped while the mail server was answering.")
	})
}

// unsent lets a message that never left be sent again, unless nothing that it
// asks is owed any more.
func (f *fence) unsent(ctx context.Context, message uuid.UUID) error {
	if err := f.tx.MarkGated(ctx, db.MarkGatedParams{ID: message, LastError: "The mail provider never took it; it is sent again when it is still due."}); err != nil {
		return fmt.Errorf("note that the message did not leave: %w", err)
	}
	if f.it != nil && (f.it.state == nil || !closed(f.it)) {
		return nil
	}
	if err := f.tx.DropDrafts(ctx, f.asker.invoice); err != nil {
		return fmt.Errorf("drop what was not sent: %w", err)
	}
	return nil
}

func demanded(listed []db.MessageInvoice) (out []uuid.UUID) {
	for _, l := range listed {
		if l.Role == "demanded" {
			out = append(out, l.InvoiceID)
		}
	}
	return out
}

// adopt records a message that did leave before we stopped, as of the moment it
// left. What cannot be made out any more is for a person.
func (f *fence) adopt(ctx context.Context, m db.Message, listed []db.MessageInvoice) error {
	if m.HandedOverAt != nil {
		f.at(*m.HandedOverAt)
	}
	if err := f.load(ctx, f.led.debtor.ID); err != nil {
		return err
	}
	o := &outgoing{caseNumber: m.CaseNumber, parts: parts{notDemanded: map[*item]string{}}, own: map[*item]policy.Advance{}}
	for _, l := range listed {
		if it := f.led.item(l.InvoiceID); it != nil && it.state != nil && !closed(it) && l.Role == "demanded" {
			o.parts.demanded = append(o.parts.demanded, it)
			o.own[it] = policy.Advance{ID: l.InvoiceID, Step: policy.StepID(l.Step), Outcome: outcomeOf(l.Step, m.Step)}
		}
	}
	var ok bool
	if o.step, ok = f.flow.Step(policy.StepID(m.Step)); !ok {
		return f.strand(ctx, m, listed, "its step is not in the flow any more")
	}
	if err := f.tx.MarkSent(ctx, db.MarkSentParams{ID: m.ID, SentAt: &f.now, Delivery: "accepted", Evidence: json.RawMessage(`{"by":"delivery log"}`)}); err != nil {
		return fmt.Errorf("record that the message left: %w", err)
	}
	if len(o.parts.demanded) == 0 {
		return nil // all of it was settled since
	}
	f.step, o.channels = o.step, []policy.Channel{policy.Email}
	reach := f.led.reach()
	for _, ch := range o.step.Channels {
		if ch != policy.Email && ch != policy.Peppol && reach[ch] {
			o.channels = append(o.channels, ch)
		}
	}
	if err := f.compose(ctx, o); fault.Is(err, fault.Invalid) {
		return f.strand(ctx, m, listed, fault.Of(err).Message)
	} else if err != nil {
		return err
	}
	o.mail = m.ID
	return f.advance(ctx, o)
}

// strand keeps a message that left and whose step cannot be recorded: a person
// decides what follows.
func (f *fence) strand(ctx context.Context, m db.Message, listed []db.MessageInvoice, why string) error {
	if err := f.tx.MarkSent(ctx, db.MarkSentParams{ID: m.ID, SentAt: &f.now, Delivery: "accepted", Evidence: json.RawMessage(`{"by":"delivery log"}`)}); err != nil {
		return fmt.Errorf("record that the message left: %w", err)
	}
	return f.leave(ctx, policy.StepID(m.Step), demanded(listed), "The message left before its step was recorded. A person decides what follows.", why)
}

// outcomeOf tells the step that a message was from one that went along.
func outcomeOf(own, message string) string {
	if own == message {
		return policy.DoneSent
	}
	return policy.DoneMerged
}

// SettleUncertain records what a person found out about a message of unknown
// fate (R9): one that arrived puts its step behind the invoices, one that did
// not may be sent again.
func (s *Steps) SettleUncertain(ctx context.Context, tenant, message uuid.UUID, itArrived bool, by string) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		listed, err := tx.MessageInvoices(ctx, []uuid.UUID{message})
		if err != nil {
			return fmt.Errorf("load the invoices of message %s: %w", message, err)
		}
		ids := demanded(listed)
		if len(ids) == 0 {
			return errNoQuestion
		}
		f, err := s.enter(ctx, tx, woken{tenant: tenant, invoice: ids[0]})
		if err != nil {
			return err
		}
		m, err := tx.Message(ctx, message)
		if err != nil || m.State != "uncertain" {
			return errNoQuestion.Because(err)
		}
		for _, id := range ids {
			if err := f.unpark(ctx, id, by); err != nil {
				return err
			}
		}
		if itArrived && m.ConnectionID.Valid {
			if err := tx.MarkSent(ctx, db.MarkSentParams{ID: m.ID, SentAt: &f.now, Delivery: "accepted", Evidence: json.RawMessage(`{"by":"a person"}`)}); err != nil {
				return fmt.Errorf("settle the message: %w", err)
			}
			return f.replanAll(ctx)
		}
		if itArrived {
			return f.adopt(ctx, m, listed)
		}
		if err := tx.MarkFailed(ctx, db.MarkFailedParams{ID: message, State: "failed", LastError: "It did not arrive, says " + by + "."}); err != nil {
			return fmt.Errorf("settle the message: %w", err)
		}
		if err := f.load(ctx, f.led.debtor.ID); err != nil {
			return err
		}
		return f.replanAll(ctx)
	})
}

var errNoQuestion = fault.New(fault.Conflict, "not_uncertain", "There is no question about this message any more.")

// unpark ends the hold and the task of a message of unknown fate.
func (f *fence) unpark(ctx context.Context, invoice uuid.UUID, by string) error {
	if _, err := f.tx.ReleaseHolds(ctx, db.ReleaseHoldsParams{
		At: &f.now, ByWhom: by, Scope: string(OfInvoice), ScopeID: invoice, Reason: string(receivable.Uncertain),
	}); err != nil {
		return fmt.Errorf("end the hold: %w", err)
	}
	if err := f.tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "uncertain", SubjectID: invoice, At: f.now, ByWhom: by}); err != nil {
		return fmt.Errorf("finish the task: %w", err)
	}
	return audit(ctx, f.tx, f.now, by, "settle_message", "invoice/"+invoice.String())
}
