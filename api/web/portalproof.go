package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"mime/multipart"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// portalFile is the largest form that comes with files.
const portalFile = api.MostFiles*api.FileBytes + formBytes

// proofs reads the files of a form; false when one of them is not allowed.
func proofs(form *multipart.Form) ([]arrangement.File, bool) {
	if form == nil {
		return nil, true
	}
	return api.Files(form.File["files"])
}

// keepProof stores what came along with what it belongs to.
func (c *caller) keepProof(ctx context.Context, tx store.Tx, subject uuid.UUID, list []arrangement.File) error {
	now, err := tx.Now(ctx, c.Real)
	if err != nil {
		return err
	}
	for _, p := range list {
		sum := sha256.Sum256(p.Content)
		if err := tx.AddDocument(ctx, db.AddDocumentParams{
			ID: uuid.New(), TenantID: tx.Tenant, SubjectID: subject, Kind: "upload", Name: p.Name, MediaType: p.Media, Sha256: sum[:], Content: p.Content, CreatedAt: now,
		}); err != nil {
			return fmt.Errorf("keep a file of the debtor: %w", err)
		}
	}
	return nil
}
