package sync

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

var errNoDocument = fault.New(fault.NotFound, "document_missing", "The books have no PDF of this invoice. Make one there, or upload it.")

// FetchDocument makes sure that the invoice's PDF is stored: that of the books,
// or a copy for people to read where the books have an electronic invoice only.
// It returns a fault of kind NotFound when there is neither (R19).
func (r *Runner) FetchDocument(ctx context.Context, tenant, invoice uuid.UUID) error {
	var inv db.Invoice
	var adm db.Administration
	var conn connect.Connection
	have := false
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if inv, err = tx.Invoice(ctx, invoice); err != nil {
			return fmt.Errorf("load invoice %s: %w", invoice, err)
		}
		doc, err := tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: invoice, Kind: "invoice"})
		if err == nil && !doc.CreatedAt.Before(inv.ChangedAt) {
			have = true
			return nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		adm, conn, err = r.connection(ctx, tx, inv.AdministrationID)
		return err
	}); err != nil || have {
		return err
	}
	if conn.Connector == "" || !inv.HasDocument {
		return errNoDocument
	}
	doc, err := r.Host.Document(ctx, conn, sdk.DocumentRequest{Administration: adm.ExternalID, Invoice: inv.ExternalID, Format: sdk.PDF})
	if errors.Is(err, sdk.ErrGone) {
		doc, err = r.readable(ctx, conn, adm.ExternalID, inv.ExternalID, adm.Language)
	}
	if errors.Is(err, sdk.ErrGone) {
		return errNoDocument.Because(err)
	}
	if err != nil {
		return fmt.Errorf("fetch the PDF of invoice %s: %w", invoice, err)
	}
	return r.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := dunning.Now(ctx, tx, r.Real)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(doc.Content)
		return tx.AddDocument(ctx, db.AddDocumentParams{
			ID: uuid.New(), TenantID: tenant, SubjectID: invoice, Kind: "invoice", Name: documentName(doc.Name, inv.Number), MediaType: doc.ContentType,
			Sha256: sum[:], Content: doc.Content, CreatedAt: now,
		})
	})
}

func documentName(name, number string) string {
	if name != "" {
		return name
	}
	return number + ".pdf"
}
