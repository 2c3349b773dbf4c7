package casework

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Ways finds the way to a bailiff.
type Ways interface {
	To(b db.Bailiff, creditor db.Administration, now time.Time) (bailiff.Transport, error)
}

// Courier brings a bailiff the code that opens the page of an archive.
type Courier interface {
	// Token is the secret part of the address of that page, always the same for a
	// hand-over.
	Token(handover uuid.UUID) string
	Code(ctx context.Context, b db.Bailiff, creditor db.Administration, handover uuid.UUID, number, code string, now time.Time) error
}

// HandOver gives a case to a bailiff, on the word of somebody who may (R108). The
// dossier is made and must be complete (R107), and a collector registered (R110).
// It leaves at once, or as soon as the bailiff can be reached.
func (d *Desk) HandOver(ctx context.Context, tenant, id, to uuid.UUID, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error { return l.handOver(to, by) })
}

func (l *look) handOver(to uuid.UUID, by string) error {
	id := l.file.Case.ID
	b, err := l.tx.Bailiff(l.ctx, to)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && !b.Active:
		return fault.New(fault.NotFound, "bailiff_not_found", "This bailiff is not known here. Choose one under settings.")
	case err != nil:
		return fmt.Errorf("load the bailiff: %w", err)
	case l.file.Case.State == "closed":
		return fault.New(fault.Conflict, "case_closed", "This case is closed; there is nothing to hand over.")
	case l.state.Total() == 0:
		return fault.New(fault.Conflict, "nothing_owed", "Nothing is owed in this case, so there is nothing to hand over.")
	}
	if err := Registered(b, l.today); err != nil {
		return err
	}
	if err := l.mayGo(by == voldaan); err != nil {
		return err
	}
	if _, err := l.tx.HandoverOf(l.ctx, id); err == nil {
		return fault.New(fault.Conflict, "handed_over", "This case is with a bailiff already. Recall it first.")
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("look for a hand-over: %w", err)
	}
	v, err := dossier.Build(l.ctx, l.tx, id, l.today, l.now)
	if err != nil {
		return err
	}
	if err := dossier.Incomplete(v.Missing); err != nil {
		return err
	}
	h := uuid.New()
	if err := l.tx.AddHandover(l.ctx, db.AddHandoverParams{ID: h, TenantID: l.tx.Tenant, CaseID: id, BailiffID: to, PaysTo: b.PaysTo, ProposedBy: by, ProposedAt: l.now, Terms: bailiff.Terms(b)}); err != nil {
		return fmt.Errorf("propose the hand-over: %w", err)
	}
	if _, err := l.tx.ApproveHandover(l.ctx, db.ApproveHandoverParams{ID: h, ApprovedBy: by, ApprovedAt: &l.now, Version: int32(v.Number)}); err != nil {
		return fmt.Errorf("approve the hand-over: %w", err)
	}
	if err := claim.Note(l.ctx, l.tx, id, l.now, "approved", by, strings.TrimSpace(fmt.Sprintf("%s approved that %s gets the case, with version %d of the dossier. %s", by, b.Name, v.Number, bailiff.Terms(b))), map[string]any{"bailiff": to}); err != nil {
		return err
	}
	for _, kind := range []string{"ready_for_bailiff", "dossier_incomplete"} {
		if err := finishTask(l.ctx, l.tx, kind, id, l.now, by); err != nil {
			return err
		}
	}
	if err := audit(l.ctx, l.tx, l.now, by, "case_hand_over", id); err != nil {
		return err
	}
	return l.wakeNow("A case goes to a bailiff")
}

func (l *look) tomorrow() time.Time { return l.today.AddDays(1).At(hour, 0, l.file.Zone) }

func (l *look) wakeNow(why string) error {
	return matter.Set(l.ctx, l.tx, matter.Item{Kind: dunning.CaseMatter, ID: l.file.Case.ID, At: l.now, Why: why})
}

// wki is the day from which a collector in the Netherlands has to be in the
// register of the Wki.
var wki = date.New(2024, time.April, 1)

// Registered refuses a Dutch collector whose registration is not on record or ran
// out (R110). A bailiff is appointed, and needs none.
func Registered(b db.Bailiff, today date.Date) error {
	if b.Kind != "collector" || b.Country != "NL" || today.Before(wki) {
		return nil
	}
	switch {
	case strings.TrimSpace(b.RegisterNumber) == "" || b.RegisterSeen.IsZero():
		return fault.New(fault.Conflict, "not_registered", "%s is a collector, and its number in the register of collection services (Wki) is not on record. Look it up and fill it in under settings.", b.Name)
	case b.RegisterUntil.IsZero() || b.RegisterUntil.Before(today):
		return fault.New(fault.Conflict, "not_registered", "The registration of %s as a collector (Wki) is not known to be valid today. Look it up and fill in through which day it is.", b.Name)
	}
	return nil
}

// forward hands a case over that the flow made ready, where the creditor turned
// that on (R108).
func (l *look) forward(soon func(time.Time, string)) error {
	if l.file.Case.State != "ready" || !l.file.Policy.Automatic {
		return nil
	}
	if _, err := l.tx.HandoverOf(l.ctx, l.file.Case.ID); err == nil {
		return nil
	}
	b, err := l.tx.ChosenBailiff(l.ctx, l.file.Case.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return l.task("hand_over", "Choose a bailiff for case "+l.file.Case.Number, "Cases go on by themselves, but no bailiff is chosen for that. Choose one under settings.")
	}
	if err != nil {
		return fmt.Errorf("load the bailiff: %w", err)
	}
	err = l.handOver(b.ID, voldaan)
	if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
		if f.Code == held {
			soon(l.tomorrow(), "Something keeps the case from going to the bailiff")
		}
		return l.task("dossier_incomplete", "Case "+l.file.Case.Number+" cannot go to the bailiff yet", f.Message)
	}
	return err
}

// parcel is what an approved hand-over sends.
type parcel struct {
	handover db.CaseHandover
	bailiff  db.Bailiff
	adm      db.Administration
	content  bailiff.Parcel
}

// approved reads the hand-over that is to be sent; nil without one.
func (l *look) approved(soon func(time.Time, string)) (*parcel, error) {
	h, err := l.tx.HandoverOf(l.ctx, l.file.Case.ID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && h.State != "approved" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load the hand-over: %w", err)
	}
	if h.TriedAt == nil { // it may have left otherwise
		err := l.mayGo(false)
		if f := fault.Of(err); err != nil && f.Code == held {
			soon(l.tomorrow(), "Something keeps the case from going to the bailiff")
			return nil, l.task("bailiff_trouble", "Case "+l.file.Case.Number+" waits here, though it was approved for the bailiff", f.Message)
		}
		if err != nil {
			return nil, err
		}
	}
	p := &parcel{handover: h}
	if p.bailiff, err = l.tx.Bailiff(l.ctx, h.BailiffID); err != nil {
		return nil, fmt.Errorf("load the bailiff: %w", err)
	}
	if p.adm, err = l.tx.Administration(l.ctx, l.file.Case.AdministrationID); err != nil {
		return nil, fmt.Errorf("load the administration: %w", err)
	}
	archive, err := l.packed(h)
	if err != nil {
		return nil, err
	}
	doc, err := l.tx.Document(l.ctx, archive)
	if err != nil {
		return nil, fmt.Errorf("load the dossier: %w", err)
	}
	name := p.adm.LegalName
	if name == "" {
		name = p.adm.Name
	}
	sum := sha256.Sum256(doc.Content)
	p.content = bailiff.Parcel{
		ID: h.ID, Case: l.file.Case.Number, Creditor: name, Reply: p.adm.SenderEmail, PaysTo: h.PaysTo, NoCure: p.bailiff.NoCureNoPay, Terms: h.Terms,
		SHA256: hex.EncodeToString(sum[:]), Name: doc.Name, Archive: doc.Content, Tried: h.TriedAt != nil,
	}
	if p.bailiff.Transport == "email" && len(doc.Content) > cmp.Or(l.Attachable, bailiff.Attachable) {
		p.content.Link, p.content.LinkUntil, err = l.link(h)
	}
	return p, err
}

// packed is the archive that a hand-over sends. It is made at the first attempt and
// stays the same for every further one; what happens later is told by notes.
func (l *look) packed(h db.CaseHandover) (uuid.UUID, error) {
	if h.ArchiveID.Valid {
		return h.ArchiveID.UUID, nil
	}
	v, err := dossier.Build(l.ctx, l.tx, l.file.Case.ID, l.today, l.now)
	if err != nil {
		return uuid.Nil, err
	}
	told := int64(0)
	if n := len(l.events); n > 0 {
		told = l.events[n-1].ID
	}
	if err := l.tx.PackHandover(l.ctx, db.PackHandoverParams{ID: h.ID, ArchiveID: nullID(v.Archive), ToldEvent: told, Version: int32(v.Number)}); err != nil {
		return uuid.Nil, fmt.Errorf("pack the hand-over: %w", err)
	}
	return v.Archive, nil
}

// deliver sends a hand-over and records it. It is safe to repeat: the bailiff
// knows it by its id, and what cannot be repeated is asked after first.
func (d *Desk) deliver(ctx context.Context, tenant uuid.UUID, id uuid.UUID, p *parcel, now time.Time) error {
	way, err := d.Ways.To(p.bailiff, p.adm, now)
	if err != nil {
		return err
	}
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) error {
		return tx.TryHandover(ctx, db.TryHandoverParams{ID: p.handover.ID, At: now})
	}); err != nil {
		return fmt.Errorf("note that a hand-over is tried: %w", err)
	}
	reference, err := way.HandOver(ctx, p.content)
	if err != nil {
		if nerr := d.Store.In(ctx, tenant, func(tx store.Tx) error {
			if fault.Of(err).Code != bailiff.Unknown {
				if err := tx.ForgetHandoverTry(ctx, p.handover.ID); err != nil {
					return err
				}
			}
			return tx.NoteHandoverError(ctx, db.NoteHandoverErrorParams{ID: p.handover.ID, LastError: fault.Of(err).Message})
		}); nerr != nil {
			return nerr
		}
		return err
	}
	return d.on(ctx, tenant, id, func(l *look) error {
		return l.arrived(p.handover, p.bailiff, reference, map[string]any{"bailiff": p.bailiff.ID, "sha256": p.content.SHA256})
	})
}

// arrived records that the bailiff has the case.
func (l *look) arrived(h db.CaseHandover, b db.Bailiff, reference string, detail map[string]any) error {
	n, err := l.tx.MarkHandedOver(l.ctx, db.MarkHandedOverParams{ID: h.ID, SentAt: &l.now, Reference: reference})
	if err != nil || n == 0 {
		return err
	}
	if err := l.tx.SetCaseStanding(l.ctx, db.SetCaseStandingParams{ID: l.file.Case.ID, State: "bailiff"}); err != nil {
		return fmt.Errorf("note the hand-over: %w", err)
	}
	for _, line := range l.state.Lines {
		if _, err := l.Planner.Hold(l.ctx, l.tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: line.Invoice, Reason: receivable.WithBailiff, Note: b.Name, By: "voldaan", WholeCase: true}); err != nil {
			return err
		}
	}
	if err := finishTask(l.ctx, l.tx, "bailiff_trouble", l.file.Case.ID, l.now, "voldaan"); err != nil {
		return err
	}
	text := b.Name + " has the case"
	if reference != "" {
		text += " under " + reference
	}
	return claim.Note(l.ctx, l.tx, l.file.Case.ID, l.now, "handed_over", h.ApprovedBy, text+".", detail)
}

// Settle says what became of a hand-over of which nobody could tell whether it
// left: it arrived, or it is sent again.
func (d *Desk) Settle(ctx context.Context, tenant, id uuid.UUID, arrived bool, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		h, err := l.tx.HandoverOf(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && (h.State != "approved" || h.TriedAt == nil) {
			return fault.New(fault.Conflict, "nothing_unknown", "It is known what became of this hand-over; there is nothing to say.")
		}
		if err != nil {
			return fmt.Errorf("load the hand-over: %w", err)
		}
		b, err := l.tx.Bailiff(ctx, h.BailiffID)
		if err != nil {
			return fmt.Errorf("load the bailiff: %w", err)
		}
		if err := audit(ctx, l.tx, l.now, by, "case_hand_over_settled", id); err != nil {
			return err
		}
		if arrived {
			if err := l.arrived(h, b, "", map[string]any{"bailiff": b.ID, "said_by": by}); err != nil {
				return err
			}
		} else if err := l.tx.ForgetHandoverTry(ctx, h.ID); err != nil {
			return fmt.Errorf("try the hand-over again: %w", err)
		}
		return l.wakeNow("It was said what became of a hand-over")
	})
}

// Recall takes a case back from its bailiff, who is told.
func (d *Desk) Recall(ctx context.Context, tenant, id uuid.UUID, why, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		h, err := l.tx.HandoverOf(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Conflict, "not_handed_over", "No bailiff has this case.")
		}
		if err != nil {
			return fmt.Errorf("load the hand-over: %w", err)
		}
		if strings.TrimSpace(why) == "" {
			return fault.New(fault.Invalid, "why", "Say why the case is recalled; the bailiff reads it.")
		}
		if _, err := l.tx.EndHandover(ctx, db.EndHandoverParams{ID: h.ID, State: "recalled", EndedAt: &l.now, EndedWhy: why}); err != nil {
			return fmt.Errorf("recall the case: %w", err)
		}
		if h.State == "sent" {
			if err := l.say(h.ID, "recall", "Please close the case and give it back: "+why, 0, date.Date{}, "recall", by); err != nil {
				return err
			}
		}
		if err := l.back(by); err != nil {
			return err
		}
		if err := audit(ctx, l.tx, l.now, by, "case_recall", id); err != nil {
			return err
		}
		if err := claim.Note(ctx, l.tx, id, l.now, "recalled", by, "The case was recalled: "+why, nil); err != nil {
			return err
		}
		return l.wakeNow("A case was recalled")
	})
}

// back gives a case to the creditor again.
func (l *look) back(by string) error {
	if err := l.tx.SetCaseStanding(l.ctx, db.SetCaseStandingParams{ID: l.file.Case.ID, State: "ready"}); err != nil {
		return fmt.Errorf("take the case back: %w", err)
	}
	for _, i := range l.file.Invoices {
		if err := l.Planner.ReleaseAll(l.ctx, l.tx, dunning.OfInvoice, i.InvoiceID, receivable.WithBailiff, by); err != nil {
			return err
		}
	}
	return nil
}
