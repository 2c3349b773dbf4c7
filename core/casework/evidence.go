package casework

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Evidence is a file that a person adds to a case.
type Evidence struct {
	Kind    string // contract, terms, delivery, notice or other
	Name    string
	Media   string
	Note    string
	Content []byte
}

var evidenceKinds = map[string]bool{"contract": true, "terms": true, "delivery": true, "notice": true, "other": true}

// AddEvidence keeps a file with a case; the next dossier has it.
func (d *Desk) AddEvidence(ctx context.Context, tenant, id uuid.UUID, e Evidence, by string) error {
	if !evidenceKinds[e.Kind] || len(e.Content) == 0 || e.Name == "" {
		return fault.New(fault.Invalid, "evidence", "Choose a file, and say what it is.")
	}
	return d.on(ctx, tenant, id, func(l *look) error {
		doc := uuid.New()
		sum := sha256.Sum256(e.Content)
		if err := l.tx.AddDocument(ctx, db.AddDocumentParams{
			ID: doc, TenantID: tenant, SubjectID: id, Kind: "upload", Name: e.Name, MediaType: e.Media, Sha256: sum[:], Content: e.Content, CreatedAt: l.now,
		}); err != nil {
			return fmt.Errorf("store evidence: %w", err)
		}
		if err := l.tx.AddEvidence(ctx, db.AddEvidenceParams{DocumentID: doc, TenantID: tenant, CaseID: id, Kind: e.Kind, Note: e.Note, AddedBy: by, AddedAt: l.now}); err != nil {
			return fmt.Errorf("store evidence: %w", err)
		}
		return claim.Note(ctx, l.tx, id, l.now, "evidence", by, "Evidence was added: "+e.Kind+", "+e.Name, nil)
	})
}

// MakeDossier makes the dossier of today.
func (d *Desk) MakeDossier(ctx context.Context, tenant, id uuid.UUID) (v dossier.Version, err error) {
	err = d.on(ctx, tenant, id, func(l *look) error {
		v, err = dossier.Build(ctx, l.tx, id, date.Date{}, l.now)
		return err
	})
	return v, err
}
