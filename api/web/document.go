package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

var errNoPDF = fault.New(fault.NotFound, "document_missing", "There is no PDF of this yet.")

// invoicePDF returns the stored PDF of an invoice. One that was never needed
// before is fetched from the books, and kept.
func (s *site) invoicePDF(ctx context.Context, tenant, invoice uuid.UUID) (doc db.Document, err error) {
	stored := func(ctx context.Context, tx store.Tx) error {
		doc, err = tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: invoice, Kind: "invoice"})
		return err
	}
	if err = s.read(ctx, tenant, stored); !errors.Is(err, pgx.ErrNoRows) {
		return doc, err
	}
	if s.Steps == nil || s.Steps.Books == nil {
		return doc, errNoPDF
	}
	if err = s.Steps.Books.FetchDocument(ctx, tenant, invoice); err != nil {
		return doc, err
	}
	if err = s.read(ctx, tenant, stored); errors.Is(err, pgx.ErrNoRows) {
		return doc, errNoPDF
	}
	return doc, err
}

// serveDocument sends a file so that it can do no harm: a PDF to look at,
// anything else to save.
func serveDocument(w http.ResponseWriter, d db.Document, save bool) {
	h := w.Header()
	kind, disposition := "application/octet-stream", "attachment"
	if base, _, _ := strings.Cut(d.MediaType, ";"); base == "application/pdf" {
		kind = base
		if !save {
			disposition = "inline"
		}
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": api.FileName(d.Name)}))
	h.Set("Content-Length", fmt.Sprint(len(d.Content)))
	// A browser's own reader of PDFs needs its styles; scripts stay forbidden.
	h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; plugin-types application/pdf; style-src 'unsafe-inline'; frame-ancestors 'self'")
	_, _ = w.Write(d.Content)
}

// servePDF sends a PDF that was made just now.
func servePDF(w http.ResponseWriter, name string, content []byte) {
	serveDocument(w, db.Document{Name: name, MediaType: "application/pdf", Content: content}, false)
}

// pdf is an invoice of the debtor, and of nobody else (W4).
func (c *caller) pdf() error {
	id, err := uuid.Parse(c.r.PathValue("invoice"))
	if err != nil {
		return errNotHere
	}
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		inv, err := tx.Invoice(ctx, id)
		if err == nil && inv.DebtorID != c.debtor.Debtor {
			err = errNotHere
		}
		return err
	}); err != nil {
		return err
	}
	doc, err := c.invoicePDF(c.r.Context(), c.debtor.Tenant, id)
	if err != nil {
		return err
	}
	serveDocument(c.w, doc, false)
	return nil
}

func (v *visit) invoiceDocument() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	doc, err := v.invoicePDF(v.r.Context(), v.member.Tenant, id)
	if err != nil {
		return err
	}
	serveDocument(v.w, doc, false)
	return nil
}
