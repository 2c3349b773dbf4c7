package dunning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// replyDays is how many sending days a reply holds the flow at most (R61).
const replyDays = 3

// Inbound files what comes back by e-mail with the invoice it is about.
type Inbound struct {
	Store *store.Store
	Planner
}

// Bounce records that a message did not arrive: a hard bounce blocks the address
// and plans the step again by another way (R52).
func (in Inbound) Bounce(ctx context.Context, b inbound.Bounce) error {
	tenant, err := in.Store.Door().DoorMessage(ctx, b.Message)
	if err != nil {
		return unknownMessage(err, b.Message)
	}
	return in.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, in.Real)
		if err != nil {
			return err
		}
		kind, ok := deliveries[b.Kind]
		if !ok {
			return nil // an out-of-office note or a notice of success changes nothing
		}
		proof, err := json.Marshal(map[string]any{"bounce": b.Status, "diagnostic": b.Diagnostic, "bounced_at": now})
		if err != nil {
			return err
		}
		sent, err := tx.Message(ctx, b.Message)
		if err != nil {
			return fmt.Errorf("load message %s: %w", b.Message, err)
		}
		if b.Recipient != "" && !strings.EqualFold(b.Recipient, sent.Recipient) {
			// Somebody in copy has no such address; who it was for has it (R54).
			return addEvent(ctx, tx, sent.ID, now, "copy_bounced", b.Status+" "+b.Diagnostic, "mail")
		}
		if b.Kind == inbound.Complaint {
			if err := addEvent(ctx, tx, sent.ID, now, "complaint", b.Diagnostic, "mail"); err != nil {
				return err
			}
			return in.Object(ctx, tx, sent.DebtorID, "email", "complaint")
		}
		m, err := tx.MarkBounced(ctx, db.MarkBouncedParams{ID: b.Message, Delivery: kind, Evidence: proof})
		if err != nil {
			return fmt.Errorf("record the bounce: %w", err)
		}
		if err := addEvent(ctx, tx, m.ID, now, kind, b.Status+" "+b.Diagnostic, "mail"); err != nil {
			return err
		}
		if err := in.watchSender(ctx, tx, m.AdministrationID, now); err != nil {
			return err
		}
		if b.Kind == inbound.Soft {
			if sent.Delivery == kind {
				return nil // the same notice again
			}
			return in.retry(ctx, tx, m, now)
		}
		d, err := tx.Debtor(ctx, m.DebtorID)
		if err != nil {
			return err
		}
		if err := blockAddress(ctx, tx, d, "email", m.Recipient, b.Status+" "+b.Diagnostic, now); err != nil {
			return err
		}
		return in.redo(ctx, tx, m, comeback{rule: "R52", why: "The message came back: the address does not exist. The step is taken again by another way."})
	})
}

var deliveries = map[inbound.Kind]string{inbound.Hard: "bounced", inbound.Complaint: "accepted", inbound.Soft: "soft_bounced"}

// A mailbox that takes nothing for now is tried again so often, once a day, within
// so many days of the first attempt; then the message goes by another way (R53).
const (
	softRetries = 3
	softDays    = 3
)

// retry takes the steps of a message again tomorrow that a mailbox did not take for
// now, and by another way when that was tried often enough (R53).
func (p Planner) retry(ctx context.Context, tx store.Tx, m db.Message, now time.Time) error {
	tried, err := tx.SoftBounces(ctx, m.ID)
	if err != nil {
		return fmt.Errorf("count what a mailbox did not take: %w", err)
	}
	adm, err := tx.Administration(ctx, m.AdministrationID)
	if err != nil {
		return err
	}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return err
	}
	tomorrow := dateIn(now, zone).AddDays(1)
	if tried.Attempts <= softRetries && tomorrow.DaysSince(dateIn(tried.First, zone)) <= softDays {
		return p.redo(ctx, tx, m, comeback{rule: "R53", notBefore: tomorrow,
			why: fmt.Sprintf("The debtor's mailbox takes nothing for now (attempt %d); it is tried again from %s.", tried.Attempts, tomorrow)})
	}
	if _, err := tx.MarkBounced(ctx, db.MarkBouncedParams{ID: m.ID, Delivery: deliveries[inbound.Hard], Evidence: []byte("{}")}); err != nil {
		return fmt.Errorf("record the bounce: %w", err)
	}
	return p.redo(ctx, tx, m, comeback{rule: "R53", why: fmt.Sprintf("The debtor's mailbox took nothing in %d attempts; this message goes by another way.", tried.Attempts)})
}

// comeback is why a message is made again, and the day before which it is not.
type comeback struct {
	rule, why string
	notBefore date.Date
}

// redo takes the steps of a message that did not arrive again.
func (p Planner) redo(ctx context.Context, tx store.Tx, m db.Message, c comeback) error {
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{m.DebtorID}); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	scale, err := tx.Scale(ctx)
	if err != nil {
		return err
	}
	now := scale.Tenant(p.Real.Now())
	if err := tx.VoidMailedNotice(ctx, db.VoidMailedNoticeParams{Message: nullID(m.ID), At: &now, Why: "The e-mail came back, so the term of the notice never started (R56)."}); err != nil {
		return fmt.Errorf("void the notice that came back: %w", err)
	}
	steps, err := tx.StepsToRedo(ctx, m.ID)
	if err != nil {
		return fmt.Errorf("find the steps of the message: %w", err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{m.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return err
	}
	l := ledgers[0]
	for _, s := range steps {
		it := l.item(s.InvoiceID)
		if it == nil || it.state == nil || closed(it) {
			continue
		}
		if err := renew(ctx, tx, it, policy.StepID(s.Step)); err != nil {
			return err
		}
		if policy.StepID(s.Step) == policy.PaymentReversed {
			it.state.ReversedOn = dateIn(now, l.zone)
		}
		if c.notBefore.After(it.state.NotBefore) {
			it.state.NotBefore, it.state.NotBeforeRule = c.notBefore, c.rule
		}
		if err := decide(ctx, tx, it, decision{step: s.Step, outcome: "dropped", rule: c.rule, at: now, why: c.why}); err != nil {
			return err
		}
	}
	// Also what waits for an address of this debtor is planned anew.
	rows, err := p.plans(ctx, tx, l, scale, now, uuid.Nil, func(it *item) bool { return it.state != nil })
	if err != nil {
		return err
	}
	return writePlans(ctx, tx, rows)
}

// Reply files an answer of the debtor and holds the flow until somebody has
// read it, or for a few days (R61).
func (in Inbound) Reply(ctx context.Context, r inbound.Reply) error {
	tenant, err := in.Store.Door().DoorMessage(ctx, r.Message)
	if err != nil {
		return unknownMessage(err, r.Message)
	}
	return in.Store.In(ctx, tenant, func(tx store.Tx) error {
		m, err := tx.Message(ctx, r.Message)
		if err != nil {
			return err
		}
		now, err := tx.Now(ctx, in.Real)
		if err != nil {
			return err
		}
		filed := db.FileReplyParams{
			ID: uuid.New(), TenantID: tx.Tenant, DebtorID: m.DebtorID, InvoiceID: in.about(ctx, tx, m.ID),
			Author: r.From.Address, Subject: r.Subject, Body: r.Text, Raw: r.Raw, HeaderID: r.ID, At: now,
		}
		if r.AutoSubmitted {
			filed.HandledAt = &now // a machine wants no answer
		}
		n, err := tx.FileReply(ctx, filed)
		if err != nil {
			return fmt.Errorf("file the reply: %w", err)
		}
		if n == 0 || r.AutoSubmitted {
			return nil
		}
		return in.HoldForReply(ctx, tx, m.DebtorID, m.AdministrationID)
	})
}

// HoldForReply makes a debtor's reminders wait for an answer.
func (p Planner) HoldForReply(ctx context.Context, tx store.Tx, debtor, administration uuid.UUID) error {
	adm, err := tx.Administration(ctx, administration)
	if err != nil {
		return err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	l := ledger{adm: adm, days: sendingDays(adm.Country, "")}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return err
	}
	until := l.days.Add(dateIn(now, zone), replyDays).At(9, 0, zone)
	_, err = p.Hold(ctx, tx, HoldRequest{Scope: OfDebtor, ID: debtor, Reason: receivable.Replied, Until: until, By: "debtor"})
	return err
}

// about is the one invoice a message demanded, none when it was several.
func (in Inbound) about(ctx context.Context, tx store.Tx, message uuid.UUID) uuid.NullUUID {
	listed, err := tx.MessageInvoices(ctx, []uuid.UUID{message})
	if err != nil || len(listed) != 1 {
		return uuid.NullUUID{}
	}
	return nullID(listed[0].InvoiceID)
}

// unknownMessage drops what belongs to no message of ours: it can never be filed.
func unknownMessage(err error, id uuid.UUID) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return fmt.Errorf("find message %s: %w", id, err)
}
