package casework

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"math/big"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

const (
	linkDays    = 30
	codeMinutes = 15
	codeTries   = 5
	codePause   = 2 // minutes between two codes
)

// link is the page of an archive that is too large for e-mail. Every attempt to send
// it says the same; what is stored is only its hash.
func (l *look) link(h db.CaseHandover) (string, date.Date, error) {
	token, until := l.Courier.Token(h.ID), l.now.AddDate(0, 0, linkDays)
	if h.LinkUntil != nil {
		until = *h.LinkUntil
	}
	if err := l.tx.SetHandoverLink(l.ctx, db.SetHandoverLinkParams{ID: h.ID, LinkHash: linkHash(token), LinkUntil: &until}); err != nil {
		return "", date.Date{}, fmt.Errorf("make the link of an archive: %w", err)
	}
	return l.Links.Archive(token), date.Of(until.In(l.file.Zone)), nil
}

// linkHash is how a link is stored.
func linkHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Shelf is an archive that a bailiff may fetch.
type Shelf struct {
	Tenant   uuid.UUID
	Handover uuid.UUID
	Case     uuid.UUID
	Number   string
	Creditor string
	Bailiff  string
	Until    time.Time
}

var errLinkGone = fault.New(fault.NotFound, "link_gone", "This link is not valid any more. Ask the creditor for another one.")

// Find returns the archive behind a link. A fault of kind NotFound says that there
// is none, or not any more.
func (d *Desk) Find(ctx context.Context, link string) (s Shelf, err error) {
	row, err := d.Store.Door().DoorHandoverLink(ctx, linkHash(link))
	if err != nil {
		return s, errLinkGone
	}
	err = d.Store.In(ctx, row.TenantID, func(tx store.Tx) error {
		s, _, _, err = d.shelf(ctx, tx, row.HandoverID)
		return err
	})
	return s, err
}

func (d *Desk) shelf(ctx context.Context, tx store.Tx, id uuid.UUID) (s Shelf, b db.Bailiff, adm db.Administration, err error) {
	now, err := tx.Now(ctx, d.Real)
	if err != nil {
		return s, b, adm, err
	}
	h, err := tx.Handover(ctx, id)
	if err != nil {
		return s, b, adm, fmt.Errorf("load hand-over %s: %w", id, err)
	}
	if h.LinkUntil == nil || now.After(*h.LinkUntil) || h.State != "approved" && h.State != "sent" {
		return s, b, adm, errLinkGone
	}
	if b, err = tx.Bailiff(ctx, h.BailiffID); err != nil {
		return s, b, adm, fmt.Errorf("load the bailiff: %w", err)
	}
	if adm, err = tx.Administration(ctx, h.AdministrationID); err != nil {
		return s, b, adm, fmt.Errorf("load the administration: %w", err)
	}
	s = Shelf{Tenant: tx.Tenant, Handover: id, Case: h.CaseID, Number: h.Number, Creditor: adm.LegalName, Bailiff: b.Name, Until: *h.LinkUntil}
	if s.Creditor == "" {
		s.Creditor = adm.Name
	}
	return s, b, adm, nil
}

// SendCode sends the code that opens an archive to the address of the bailiff.
func (d *Desk) SendCode(ctx context.Context, link string) error {
	s, err := d.Find(ctx, link)
	if err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code := fmt.Sprintf("%06d", n.Int64())
	var b db.Bailiff
	var adm db.Administration
	var now time.Time
	if err := d.Store.In(ctx, s.Tenant, func(tx store.Tx) (err error) {
		if now, err = tx.Now(ctx, d.Real); err != nil {
			return err
		}
		if _, b, adm, err = d.shelf(ctx, tx, s.Handover); err != nil {
			return err
		}
		if h, err := tx.LockHandover(ctx, s.Handover); err != nil {
			return fmt.Errorf("load hand-over %s: %w", s.Handover, err)
		} else if h.CodeUntil != nil && h.CodeUntil.Sub(d.Real.Now()) > (codeMinutes-codePause)*time.Minute {
			return fault.New(fault.Conflict, "code_sent", "A code was sent a moment ago. Look into the mailbox, or ask again in %d minutes.", codePause)
		}
		until := d.Real.Now().Add(codeMinutes * time.Minute)
		return tx.SetHandoverCode(ctx, db.SetHandoverCodeParams{ID: s.Handover, CodeHash: hashOf(s.Handover, code), CodeUntil: &until})
	}); err != nil {
		return err
	}
	return d.Courier.Code(ctx, b, adm, s.Handover, s.Number, code, now)
}

func hashOf(id uuid.UUID, code string) []byte {
	sum := sha256.Sum256(append(id[:], code...))
	return sum[:]
}

// Fetch returns the archive to who has its link and its code.
func (d *Desk) Fetch(ctx context.Context, link, code string) (doc db.Document, err error) {
	s, err := d.Find(ctx, link)
	if err != nil {
		return doc, err
	}
	right := false
	if err := d.Store.In(ctx, s.Tenant, func(tx store.Tx) error {
		h, err := tx.LockHandover(ctx, s.Handover)
		if err != nil {
			return fmt.Errorf("load hand-over %s: %w", s.Handover, err)
		}
		if h.CodeHash == nil || h.CodeUntil == nil || d.Real.Now().After(*h.CodeUntil) || h.CodeTries >= codeTries {
			return nil
		}
		right = subtle.ConstantTimeCompare(h.CodeHash, hashOf(h.ID, code)) == 1
		return tx.CountHandoverTry(ctx, h.ID)
	}); err != nil {
		return doc, err
	}
	if !right {
		return doc, fault.New(fault.Denied, "wrong_code", "This code is not right, or it is older than %d minutes. Ask for another one.", codeMinutes)
	}
	err = d.on(ctx, s.Tenant, s.Case, func(l *look) error {
		h, err := l.tx.Handover(ctx, s.Handover)
		if err != nil {
			return fmt.Errorf("load hand-over %s: %w", s.Handover, err)
		}
		if doc, err = l.tx.Document(ctx, h.ArchiveID.UUID); err != nil {
			return fmt.Errorf("load the dossier: %w", err)
		}
		if err := l.tx.MarkHandoverFetched(ctx, db.MarkHandoverFetchedParams{ID: h.ID, At: l.now}); err != nil {
			return fmt.Errorf("note that the archive was fetched: %w", err)
		}
		if err := audit(ctx, l.tx, l.now, s.Bailiff, "dossier_fetched", s.Case); err != nil {
			return err
		}
		return claim.Note(ctx, l.tx, s.Case, l.now, "fetched", s.Bailiff, s.Bailiff+" fetched the dossier.", nil)
	})
	return doc, err
}
