package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

var errNoDocument = fault.New(fault.NotFound, "document_missing", "The books have no PDF of this invoice. Make one there, or upload it.")

var errNotPDF = fault.New(fault.NotFound, "document_no_pdf", "The books gave something else than a PDF of this invoice. Make a new one there, or upload it.")

// FetchDocument makes sure that the invoice's PDF is stored: that of the books,
// or a copy for people to read where the books have an electronic invoice only.
// It returns a fault of kind NotFound when there is neither (R19).
func (r *Runner) FetchDocument(ctx context.Context, tenant, invoice uuid.UUID) error {
	w, err := r.wanted(ctx, tenant, invoice, "invoice")
	if err != nil || w.have {
		return err
	}
	inv, adm, conn := w.inv, w.adm, w.conn
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
	if !isPDF(doc.Content) {
		return errNotPDF
	}
	return r.keep(ctx, w, "invoice", documentName(doc.Name, inv.Number), "application/pdf", doc.Content)
}

// stored reports whether a file of an invoice is stored that is not older than its
// last change.
func stored(ctx context.Context, tx store.Tx, inv db.Invoice, kind string) (bool, error) {
	doc, err := tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: inv.ID, Kind: kind})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil && !doc.CreatedAt.Before(inv.ChangedAt), err
}

// isPDF looks at the content: what a package calls a PDF may be its sign-in page.
func isPDF(content []byte) bool {
	return bytes.Contains(content[:min(len(content), 1024)], []byte("%PDF-"))
}

// documentName is a name that leads nowhere, whatever the books call the file.
func documentName(name, number string) string {
	if name == "" {
		name = number + ".pdf"
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	if !strings.HasSuffix(strings.ToLower(name), ".pdf") {
		name += ".pdf"
	}
	return strings.TrimLeft(name, ".- ")
}
