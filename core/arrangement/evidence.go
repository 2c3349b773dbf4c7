package arrangement

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// File is a document that came along with an arrangement. Its media type is what
// its content looks like, not what somebody called it.
type File struct {
	Name, Media string
	Content     []byte
}

// mostFiles is how many files a dispute keeps.
const mostFiles = 20

// Attach keeps files with an open dispute and returns their ids. What has been
// decided takes no more evidence: a fault of kind Conflict says so.
func (d *Desk) Attach(ctx context.Context, tx store.Tx, dispute uuid.UUID, files []File, by string) (ids []uuid.UUID, err error) {
	row, s, err := d.theDispute(ctx, tx, dispute)
	if err != nil {
		return nil, err
	}
	if row.State != "open" {
		return nil, fault.New(fault.Conflict, "dispute_decided", "This dispute was decided already.")
	}
	kept, err := tx.DocumentsOf(ctx, []uuid.UUID{dispute})
	if err != nil {
		return nil, fmt.Errorf("list the files of the dispute: %w", err)
	}
	if len(kept)+len(files) > mostFiles {
		return nil, fault.New(fault.Conflict, "dispute_files", "A dispute keeps at most %d files.", mostFiles)
	}
	for _, f := range files {
		id, sum := uuid.New(), sha256.Sum256(f.Content)
		if err := tx.AddDocument(ctx, db.AddDocumentParams{
			ID: id, TenantID: tx.Tenant, SubjectID: dispute, Kind: "upload", Name: f.Name, MediaType: f.Media, Sha256: sum[:], Content: f.Content, CreatedAt: s.Now,
		}); err != nil {
			return nil, fmt.Errorf("keep a file of the dispute: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, note(ctx, tx, s.Now, by, "dispute.file_added", "dispute/"+dispute.String(), nil)
}
