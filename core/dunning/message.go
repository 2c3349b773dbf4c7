package dunning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// portalDays is how long the link in a message works.
const portalDays = 120

// messageKey is the once-only key of a message (R10).
type messageKey struct {
	debtor  uuid.UUID
	step    string
	set     string
	cycle   int32
	channel string
}

// key names the invoices with their cycles, so that a step that is taken again
// after it came to nothing is another message.
func (f *fence) key(o *outgoing, ch policy.Channel) messageKey {
	if o.word != nil {
		return o.word.key(ch)
	}
	ids := make([]string, len(o.parts.demanded))
	cycle := int32(1)
	for i, it := range o.parts.demanded {
		ids[i] = fmt.Sprintf("%s@%d", it.invoice.ID, it.state.Cycle)
		cycle = max(cycle, it.state.Cycle)
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, ",")))
	return messageKey{f.led.debtor.ID, string(o.step.ID), hex.EncodeToString(sum[:12]), cycle, string(ch)}
}

// id derives the message's id from its key: whoever makes the same message
// again makes it under the same id and Message-ID (I2).
func (k messageKey) id() uuid.UUID {
	return uuid.NewSHA1(k.debtor, fmt.Appendf(nil, "message/%s/%s/%d/%s", k.step, k.set, k.cycle, k.channel))
}

var errLeft = errors.New("this message left before")

// draft stores the e-mail in a transaction of its own: what is found after a
// crash says what was about to happen (I3). One that never left is written anew;
// errLeft says that it did, or may have.
func (f *fence) draft(ctx context.Context, o *outgoing, thread []string) error {
	reply := ""
	if len(thread) > 0 {
		reply = thread[len(thread)-1]
	}
	key := f.key(o, policy.Email)
	return f.Store.Aside(ctx, f.tx.Tenant, func(tx store.Tx) error {
		if err := f.keep(ctx, tx, o, key, db.DraftMessageParams{
			ID: o.mail, Template: o.message.Version, Recipient: f.led.email(), Subject: o.message.Subject, BodyText: o.message.Text, BodyHtml: o.message.HTML,
			HeaderID: email.MessageID(o.mail, f.Post.Domain), InReplyTo: reply,
		}); err != nil {
			return err
		}
		return f.access(ctx, tx, o)
	})
}

// keep stores one form of the message with its invoices.
func (f *fence) keep(ctx context.Context, tx store.Tx, o *outgoing, k messageKey, m db.DraftMessageParams) error {
	m.TenantID, m.AdministrationID, m.DebtorID = tx.Tenant, f.led.adm.ID, k.debtor
	m.Step, m.Cycle, m.InvoiceSet, m.Channel = k.step, k.cycle, k.set, k.channel
	m.Language, m.CaseNumber, m.CreatedAt = string(o.content.Language), o.caseNumber, f.now
	m.Asks = o.word == nil || o.word.Ask
	m.Demands = o.step.Demand || o.word != nil && o.word.Ask
	n, err := tx.DraftMessage(ctx, m)
	if err != nil {
		return fmt.Errorf("store the message: %w", err)
	}
	if n == 0 {
		return errLeft
	}
	if err := tx.DropMessageInvoices(ctx, m.ID); err != nil {
		return fmt.Errorf("store the message: %w", err)
	}
	return f.list(ctx, tx, m.ID, o)
}

// list stores which invoices a message is about, and how.
func (f *fence) list(ctx context.Context, tx store.Tx, message uuid.UUID, o *outgoing) error {
	add := func(it *item, role string, step string) error {
		if err := tx.AddMessageInvoice(ctx, db.AddMessageInvoiceParams{
			MessageID: message, InvoiceID: it.invoice.ID, TenantID: tx.Tenant, Role: role, Step: step,
			Currency: it.invoice.Currency, OpenMinor: it.ask().Minor, Due: it.invoice.Due,
		}); err != nil {
			return fmt.Errorf("store the invoices of the message: %w", err)
		}
		return nil
	}
	role := "demanded"
	if o.word != nil {
		role = "about"
	}
	for _, it := range o.parts.demanded {
		if err := add(it, role, string(o.own[it].Step)); err != nil {
			return err
		}
	}
	for _, it := range o.parts.notDue {
		if err := add(it, "not_due", it.state.NextStep); err != nil {
			return err
		}
	}
	for it := range o.parts.notDemanded {
		if err := add(it, "not_demanded", it.state.NextStep); err != nil {
			return err
		}
	}
	return nil
}

// access lets the link of the message in, known by its hash only (R112).
func (f *fence) access(ctx context.Context, tx store.Tx, o *outgoing) error {
	sum := sha256.Sum256([]byte(o.token))
	if err := tx.AddPortalAccess(ctx, db.AddPortalAccessParams{
		TokenHash: sum[:], TenantID: tx.Tenant, DebtorID: f.led.debtor.ID, CreatedAt: f.now, ExpiresAt: f.now.AddDate(0, 0, portalDays),
	}); err != nil {
		return fmt.Errorf("store the link of the message: %w", err)
	}
	return nil
}
