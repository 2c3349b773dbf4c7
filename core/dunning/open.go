package dunning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func isLater(err error) bool {
	var later *ErrLater
	return errors.As(err, &later)
}

// fetchDocument makes sure that the invoice's PDF is at hand before it is sent.
// That the source has none is for the gate to say (R19).
func (s *Steps) fetchDocument(ctx context.Context, tenant uuid.UUID, w woken) error {
	err := s.Books.FetchDocument(ctx, tenant, w.invoice)
	if err == nil || fault.Is(err, fault.NotFound) {
		return nil
	}
	return &ErrLater{Wait: 0, Why: fmt.Errorf("fetch the invoice's PDF: %w", err)}
}

// resolveOpen settles messages that an earlier attempt left half-way: handed
// over without an answer on record (R9).
func (s *Steps) resolveOpen(ctx context.Context, tenant, invoice uuid.UUID) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		open, err := tx.MessagesOpenFor(ctx, invoice)
		if err != nil {
			return fmt.Errorf("look for unfinished messages: %w", err)
		}
		for _, m := range open {
			if m.State != "handing_over" {
				continue
			}
			if err := s.resolve(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Steps) resolve(ctx context.Context, tx store.Tx, m db.Message) error {
	listed, err := tx.MessageInvoices(ctx, []uuid.UUID{m.ID})
	if err != nil || len(listed) == 0 {
		return fmt.Errorf("load the invoices of message %s: %w", m.ID, err)
	}
	var first uuid.UUID
	for _, l := range listed {
		if l.Role == "demanded" {
			first = l.InvoiceID
		}
	}
	f, err := s.enter(ctx, tx, first)
	if err != nil {
		return err
	}
	// Whoever held the fence may have finished the message while we waited.
	if m, err = tx.Message(ctx, m.ID); err != nil || m.State != "handing_over" {
		return err
	}
	if s.Post.Log == nil {
		return f.park(ctx, f.it, m.ID, "Voldaan stopped while the mail server was answering.")
	}
	accepted, err := s.Post.Log.Delivered(ctx, m.HeaderID)
	if err != nil {
		return &ErrLater{Wait: time.Minute, Why: fmt.Errorf("ask the mail provider what became of message %s: %w", m.ID, err)}
	}
	if !accepted {
		return tx.MarkGated(ctx, db.MarkGatedParams{ID: m.ID, LastError: "The mail provider never took it; it is sent again."})
	}
	return f.adopt(ctx, m, listed)
}

// adopt records a message that did leave before we stopped, as if we had not.
func (f *fence) adopt(ctx context.Context, m db.Message, listed []db.MessageInvoice) error {
	at := f.now
	if m.HandedOverAt != nil {
		at = *m.HandedOverAt
	}
	if err := f.tx.MarkSent(ctx, db.MarkSentParams{ID: m.ID, SentAt: &at, Delivery: "accepted", Evidence: json.RawMessage(`{"by":"delivery log"}`)}); err != nil {
		return err
	}
	o := &outgoing{id: m.ID, channels: []policy.Channel{policy.Email}, parts: parts{notDemanded: map[*item]string{}}}
	o.step, _ = f.flow.Step(policy.StepID(m.Step))
	for _, l := range listed {
		if it := f.led.item(l.InvoiceID); it != nil && it.state != nil && l.Role == "demanded" {
			o.parts.demanded = append(o.parts.demanded, it)
		}
	}
	if len(o.parts.demanded) == 0 {
		return nil
	}
	token := o.token
	if err := f.compose(o); err != nil {
		return err
	}
	o.token = token
	if o.pdf != nil {
		if err := f.print(ctx, o); err != nil {
			return err
		}
	}
	return f.advance(ctx, o)
}

// park hands a message of unknown fate to a person and holds the invoice (R9).
func (f *fence) park(ctx context.Context, it *item, message uuid.UUID, why string) error {
	if err := f.tx.MarkFailed(ctx, db.MarkFailedParams{ID: message, State: "uncertain", LastError: why}); err != nil {
		return err
	}
	if err := f.tx.AddHold(ctx, db.AddHoldParams{
		ID: uuid.New(), TenantID: f.tx.Tenant, Scope: "invoice", ScopeID: it.invoice.ID, Reason: string(receivable.Uncertain), CreatedBy: "voldaan", CreatedAt: f.now,
	}); err != nil {
		return err
	}
	it.holds = append(it.holds, policy.Hold{Reason: receivable.Uncertain, Scope: "invoice"})
	if err := addTask(ctx, f.tx, f.led, "uncertain", it.invoice.ID, taskTitle("uncertain", it.invoice.Number), why, f.now); err != nil {
		return err
	}
	if err := decide(ctx, f.tx, it, decision{step: it.state.NextStep, outcome: "parked", rule: "R9",
		why: "The mail server did not say whether it took the message. It is not sent again until a person has looked.", at: f.now}); err != nil {
		return err
	}
	return f.replanAll(ctx)
}

func blockAddress(ctx context.Context, tx store.Tx, d db.Debtor, channel, address, reason string, now time.Time) error {
	if err := tx.BlockAddress(ctx, db.BlockAddressParams{TenantID: tx.Tenant, DebtorID: d.ID, Channel: channel, Address: address, Reason: reason, At: now}); err != nil {
		return fmt.Errorf("block an address: %w", err)
	}
	return tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(d.AdministrationID), Kind: "bad_address", SubjectID: d.ID,
		Title: "Find a working address", Detail: "A message came back: " + reason, CreatedAt: now,
	})
}
