package casework

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Letterbox takes the e-mail that bailiffs answer with, and leaves all other to
// Next.
type Letterbox struct {
	Desk *Desk
	Next inbound.Handler
}

// Reply implements inbound.Handler: an answer is filed with the case that it names,
// else with the one whose address it came to.
func (b Letterbox) Reply(ctx context.Context, r inbound.Reply) error {
	tenant, err := b.Desk.Store.Door().DoorHandover(ctx, r.Message)
	if err != nil {
		return fmt.Errorf("find hand-over %s: %w", r.Message, err)
	}
	if tenant == uuid.Nil {
		return b.Next.Reply(ctx, r)
	}
	var h db.HandoverRow
	var who db.Bailiff
	var n bailiff.Note
	if err := b.Desk.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if h, err = tx.Handover(ctx, r.Message); err != nil {
			return err
		}
		if who, err = tx.Bailiff(ctx, h.BailiffID); err != nil {
			return err
		}
		n = bailiff.Answer(r, who.Email)
		if n.Case == "" || n.Case == h.Number {
			return nil
		}
		other, err := tx.HandoverByNumber(ctx, db.HandoverByNumberParams{BailiffID: who.ID, Number: n.Case})
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			n.Loose, n.Doubt = true, "It names case "+n.Case+", which this bailiff does not have."
			return nil
		case err != nil:
			return err
		}
		h.ID, h.CaseID = other.ID, other.CaseID
		return nil
	}); err != nil {
		return fmt.Errorf("find the case of an answer: %w", err)
	}
	return b.Desk.on(ctx, tenant, h.CaseID, func(l *look) error {
		if _, err := l.tx.NoteByKey(ctx, db.NoteByKeyParams{HandoverID: h.ID, ExternalID: n.ID}); err == nil {
			return nil // it came before
		}
		if err := l.hear(h.ID, n, cmp.Or(r.From.Address, who.Name)); err != nil {
			return err
		}
		return l.keepMail(h.ID, n.ID, r)
	})
}

// keepMail keeps an answer as it came, with the note that it became.
func (l *look) keepMail(handover uuid.UUID, key string, r inbound.Reply) error {
	note, err := l.tx.NoteByKey(l.ctx, db.NoteByKeyParams{HandoverID: handover, ExternalID: key})
	if err != nil {
		return fmt.Errorf("load the note of an answer: %w", err)
	}
	sum := sha256.Sum256(r.Raw)
	if err := l.tx.AddDocument(l.ctx, db.AddDocumentParams{
		ID: uuid.New(), TenantID: l.tx.Tenant, SubjectID: note.ID, Kind: "attachment", Name: "answer.eml", MediaType: "message/rfc822", Sha256: sum[:], Content: r.Raw, CreatedAt: l.now,
	}); err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}

// Bounce implements inbound.Handler: that a bailiff did not get a message is for a
// person to see.
func (b Letterbox) Bounce(ctx context.Context, r inbound.Bounce) error {
	tenant, err := b.Desk.Store.Door().DoorHandover(ctx, r.Message)
	if err != nil {
		return fmt.Errorf("find hand-over %s: %w", r.Message, err)
	}
	if tenant == uuid.Nil {
		return b.Next.Bounce(ctx, r)
	}
	if r.Kind != inbound.Hard && r.Kind != inbound.Soft && r.Kind != inbound.Complaint {
		return nil
	}
	var h db.HandoverRow
	if err := b.Desk.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		h, err = tx.Handover(ctx, r.Message)
		return err
	}); err != nil {
		return fmt.Errorf("load hand-over %s: %w", r.Message, err)
	}
	return b.Desk.on(ctx, tenant, h.CaseID, func(l *look) error {
		if err := l.tx.NoteHandoverError(ctx, db.NoteHandoverErrorParams{ID: h.ID, LastError: "An e-mail to the bailiff came back: " + r.Status + " " + r.Diagnostic}); err != nil {
			return fmt.Errorf("note that a message came back: %w", err)
		}
		return l.task("bailiff_trouble", "An e-mail about case "+h.Number+" came back from the bailiff", "Check the address of the bailiff under settings, and recall the case or hand it over anew. "+r.Diagnostic)
	})
}
