package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

const (
	mostProofs = 3
	proofBytes = 5 << 20
	portalFile = mostProofs*proofBytes + formBytes
)

// proofTypes are the files that a debtor may send along: what they look like
// counts, not what they are called.
var proofTypes = []string{"application/pdf", "image/png", "image/jpeg"}

// proof is a file that a debtor sent along.
type proof struct {
	name, kind string
	content    []byte
}

// proofs reads the files of a form; false when one of them is not allowed.
func proofs(form *multipart.Form) (out []proof, ok bool) {
	if form == nil {
		return nil, true
	}
	for _, h := range form.File["files"] {
		if h.Size == 0 {
			continue
		}
		if h.Size > proofBytes || len(out) == mostProofs {
			return nil, false
		}
		f, err := h.Open()
		if err != nil {
			return nil, false
		}
		content, err := io.ReadAll(io.LimitReader(f, proofBytes+1))
		_ = f.Close()
		kind := http.DetectContentType(content)
		if err != nil || len(content) > proofBytes || !slices.Contains(proofTypes, kind) {
			return nil, false
		}
		out = append(out, proof{name: fileName(h.Filename), kind: kind, content: content})
	}
	return out, true
}

// keepProof stores what came along with what it belongs to.
func (c *caller) keepProof(ctx context.Context, tx store.Tx, subject uuid.UUID, list []proof) error {
	now, err := tx.Now(ctx, c.Real)
	if err != nil {
		return err
	}
	for _, p := range list {
		sum := sha256.Sum256(p.content)
		if err := tx.AddDocument(ctx, db.AddDocumentParams{
			ID: uuid.New(), TenantID: tx.Tenant, SubjectID: subject, Kind: "upload", Name: p.name, MediaType: p.kind, Sha256: sum[:], Content: p.content, CreatedAt: now,
		}); err != nil {
			return fmt.Errorf("keep a file of the debtor: %w", err)
		}
	}
	return nil
}
