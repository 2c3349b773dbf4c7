package dunning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// handOver gives the e-mail to the server, and notes it before the server can
// accept it (I3).
func (f *fence) handOver(ctx context.Context, o *outgoing, thread []string, files []email.Attachment) (email.Receipt, error) {
	to := mail.Address{Name: f.led.debtor.Name, Address: f.led.email()}
	s := f.Post.seal(o.mail, o.content.Creditor, to, o.message, thread, files, f.now)
	s.draft.Stop = o.content.StopURL
	return f.Post.hand(ctx, s, func() error {
		return f.Store.Aside(ctx, f.tx.Tenant, func(tx store.Tx) error {
			n, err := tx.MarkHandingOver(ctx, db.MarkHandingOverParams{ID: o.mail, HandedOverAt: &f.now})
			if err == nil && n != 1 {
				err = errLeft
			}
			return err
		})
	})
}

// fate is what became of an e-mail.
type fate int

const (
	lost    fate = iota // it did not leave; it may be sent again
	arrived             // the server has it
	refusal             // the server does not know the recipient
	unknown             // nobody can tell; a person looks at it
	unasked             // the provider cannot say yet; ask again later
)

// again is how long to wait before a mail server or its log is tried again, in the
// tenant's time; soonest is the least of real time, for a clock that is fast.
const (
	again   = time.Minute
	soonest = time.Second
)

// later asks for the same step to be taken again.
func (f *fence) later(why error) error {
	return &ErrLater{Wait: max(f.scale.Real(f.now.Add(again)).Sub(f.scale.Real(f.now)), soonest), Why: why}
}

func (p *Post) fateOf(ctx context.Context, r email.Receipt) fate {
	switch {
	case r.Outcome == email.Accepted:
		return arrived
	case r.AboutRecipient():
		return refusal
	case r.Outcome == email.Uncertain:
		if is := p.recall(ctx, r.MessageID); is != lost {
			return is
		}
		return unasked // the server may still be storing it
	}
	return lost
}

// settling is how long after the hand-over, in real time, a mail provider may
// still store what it was sent: before that its log proves nothing by silence.
const settling = 5 * time.Second

// settled reports whether the log of the provider has the last word on a message.
func (f *fence) settled(m db.Message) bool {
	return m.HandedOverAt == nil || f.Real.Now().Sub(f.scale.Real(*m.HandedOverAt)) >= settling
}

// recall asks the mail provider's log what became of a message (R9).
func (p *Post) recall(ctx context.Context, messageID string) fate {
	if p.Log == nil {
		return unknown
	}
	accepted, err := p.Log.Delivered(ctx, messageID)
	switch {
	case err != nil:
		return unasked
	case accepted:
		return arrived
	}
	return lost
}

var errUnasked = errors.New("the mail provider could not say what became of the message; it is asked again")

// notLeft acts on a message that the server does not have, or may not have. The
// record of the step has been taken back.
func (f *fence) notLeft(ctx context.Context, o *outgoing, r email.Receipt, fate fate) error {
	switch fate {
	case refusal:
		return f.refused(ctx, o, r)
	case unknown:
		return f.park(ctx, o.mail, o.step.ID, o.ids(), r.String())
	case unasked:
		return f.later(errUnasked)
	}
	if err := f.tx.MarkGated(ctx, db.MarkGatedParams{ID: o.mail, LastError: r.String()}); err != nil {
		return fmt.Errorf("note that the message did not leave: %w", err)
	}
	if untrusted(r) {
		// The server trusts nothing of this sender: its domain is not set up (R55).
		if err := (Planner{Real: f.Real}).StopMail(ctx, f.tx, f.led.adm.ID, "A mail server does not trust the domain of the sender: "+r.Text); err != nil {
			return err
		}
		f.led.adm.MailStoppedAt = &f.now
	}
	if err := decide(ctx, f.tx, f.it, decision{step: string(f.step.ID), outcome: "held", rule: "R9", at: f.now,
		why: "The mail server did not take the message. Nothing was sent; Voldaan tries again by itself."}); err != nil {
		return err
	}
	return f.later(fmt.Errorf("the mail server did not take the message: %s", r))
}

// refused blocks an address that the server says does not exist; the step falls
// back to another channel (R52).
func (f *fence) refused(ctx context.Context, o *outgoing, r email.Receipt) error {
	if err := f.tx.MarkFailed(ctx, db.MarkFailedParams{ID: o.mail, State: "failed", LastError: r.String()}); err != nil {
		return fmt.Errorf("note the refusal: %w", err)
	}
	address := f.led.email()
	if err := blockAddress(ctx, f.tx, f.led.debtor, "email", address, r.Text, f.now); err != nil {
		return err
	}
	f.led.blocked["email/"+address] = true
	for _, id := range o.ids() {
		if err := decide(ctx, f.tx, f.led.item(id), decision{step: string(o.step.ID), outcome: "dropped", rule: "R52", at: f.now,
			why: "The mail server does not know the debtor's address; the step goes by another way."}); err != nil {
			return err
		}
	}
	return f.replanAll(ctx)
}

// park hands a message of unknown fate to a person and holds its invoices (R9).
func (f *fence) park(ctx context.Context, message uuid.UUID, step policy.StepID, invoices []uuid.UUID, why string) error {
	if err := f.tx.MarkFailed(ctx, db.MarkFailedParams{ID: message, State: "uncertain", LastError: why}); err != nil {
		return fmt.Errorf("park the message: %w", err)
	}
	return f.leave(ctx, step, invoices, "The mail server did not say whether it took the message. It is not sent again until a person has looked.", why)
}

// leave holds invoices until a person has looked at a message about them.
func (f *fence) leave(ctx context.Context, step policy.StepID, invoices []uuid.UUID, said, why string) error {
	for _, id := range invoices {
		it := f.led.item(id)
		if it == nil {
			continue
		}
		if err := f.tx.AddHold(ctx, db.AddHoldParams{
			ID: uuid.New(), TenantID: f.tx.Tenant, Scope: string(OfInvoice), ScopeID: id, Reason: string(receivable.Uncertain), CreatedBy: "voldaan", CreatedAt: f.now,
		}); err != nil {
			return fmt.Errorf("hold the invoice: %w", err)
		}
		it.holds = append(it.holds, policy.Hold{Reason: receivable.Uncertain, Scope: string(OfInvoice)})
		if err := addTask(ctx, f.tx, f.led, "uncertain", id, taskTitle("uncertain", it.invoice.Number), why, f.now); err != nil {
			return err
		}
		if err := decide(ctx, f.tx, it, decision{step: string(step), outcome: "parked", rule: "R9", at: f.now, why: said}); err != nil {
			return err
		}
	}
	return f.replanAll(ctx)
}

func evidence(r email.Receipt) json.RawMessage {
	b, err := json.Marshal(map[string]any{"host": r.Host, "code": r.Code, "enhanced": r.Enhanced, "answer": r.Text, "tls": r.TLS, "at": r.At})
	if err != nil {
		return json.RawMessage("{}")
	}
	return b
}

func blockAddress(ctx context.Context, tx store.Tx, d db.Debtor, channel, address, reason string, now time.Time) error {
	if err := tx.BlockAddress(ctx, db.BlockAddressParams{TenantID: tx.Tenant, DebtorID: d.ID, Channel: channel, Address: address, Reason: reason, At: now}); err != nil {
		return fmt.Errorf("block an address: %w", err)
	}
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(d.AdministrationID), Kind: "bad_address", SubjectID: d.ID,
		Title: "Find a working address", Detail: "A message came back: " + reason, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}
