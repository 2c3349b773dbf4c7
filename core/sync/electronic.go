package sync

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
)

var errNoUBL = fault.New(fault.NotFound, "electronic_missing", "The books have no electronic invoice (UBL) of this invoice, so it cannot go over Peppol.")

// FetchElectronic makes sure that the electronic invoice (UBL) of the books is
// stored. It returns a fault of kind NotFound when they have none, or one that is
// of another invoice or another amount.
func (r *Runner) FetchElectronic(ctx context.Context, tenant, invoice uuid.UUID) error {
	w, err := r.wanted(ctx, tenant, invoice, dunning.Electronic)
	if err != nil || w.have {
		return err
	}
	if w.conn.Connector == "" || !w.inv.HasDocument {
		return errNoUBL
	}
	doc, err := r.ubl(ctx, w.conn, w.adm.ExternalID, w.inv.ExternalID)
	if errors.Is(err, sdk.ErrGone) {
		return errNoUBL.Because(err)
	}
	if err != nil {
		return fmt.Errorf("fetch the electronic invoice %s: %w", invoice, err)
	}
	d, err := ubl.Parse(bytes.NewReader(doc.Content))
	if err != nil {
		return errNoUBL.Because(err)
	}
	if what := differs(d, w.inv, w.debtor); what != "" {
		return fault.New(fault.NotFound, "electronic_other", "The electronic invoice that the books gave is not this invoice: %s. It goes nowhere; make it anew in the books.", what)
	}
	return r.keep(ctx, w, dunning.Electronic, w.inv.Number+".xml", "application/xml", doc.Content)
}

// differs says why an electronic invoice is not that of an invoice, "" when it is.
// What is handed over names a party and a sum, so number, total and buyer have to
// be those of the invoice; numbers that only one side knows prove nothing.
func differs(d invoicefile.Document, inv db.Invoice, debtor db.Debtor) string {
	other := func(theirs, ours string) bool {
		theirs, ours = bare(theirs), bare(ours)
		return theirs != "" && ours != "" && theirs != ours
	}
	switch {
	case d.Invoice.Kind != sdk.InvoiceKind(inv.Kind):
		return "it is of another kind"
	case d.Invoice.Number != inv.Number:
		return "its number is another one"
	case d.Invoice.Total.Minor != inv.TotalMinor || d.Invoice.Total.Currency != inv.Currency:
		return "its total is another one"
	case other(d.Debtor.VATNumber, debtor.VatNumber), other(d.Debtor.Registration, debtor.Registration):
		return "it is addressed to another party"
	}
	return ""
}

// bare leaves letters and digits of a number, so that the way it is written does
// not count.
func bare(number string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, number)
}

// ubl asks the books for the electronic invoice; sdk.ErrGone when there is none.
func (r *Runner) ubl(ctx context.Context, conn connect.Connection, administration, invoice string) (sdk.Document, error) {
	file, err := r.Host.Document(ctx, conn, sdk.DocumentRequest{Administration: administration, Invoice: invoice, Format: sdk.UBL})
	if errors.Is(err, sdk.ErrInvalid) {
		err = fmt.Errorf("%w: %w", sdk.ErrGone, err) // a package that knows no UBL
	}
	return file, err
}

// want is a file of an invoice that should be stored.
type want struct {
	inv    db.Invoice
	adm    db.Administration
	conn   connect.Connection
	debtor db.Debtor
	have   bool // since the invoice changed last
}

func (r *Runner) wanted(ctx context.Context, tenant, invoice uuid.UUID, kind string) (w want, err error) {
	err = r.Store.In(ctx, tenant, func(tx store.Tx) error {
		if w.inv, err = tx.Invoice(ctx, invoice); err != nil {
			return fmt.Errorf("load invoice %s: %w", invoice, err)
		}
		if w.have, err = stored(ctx, tx, w.inv, kind); err != nil || w.have {
			return err
		}
		if w.debtor, err = tx.Debtor(ctx, w.inv.DebtorID); err != nil {
			return fmt.Errorf("load the debtor of invoice %s: %w", invoice, err)
		}
		w.adm, w.conn, err = r.connection(ctx, tx, w.inv.AdministrationID)
		return err
	})
	return w, err
}

func (r *Runner) keep(ctx context.Context, w want, kind, name, media string, content []byte) error {
	return r.Store.In(ctx, w.inv.TenantID, func(tx store.Tx) error {
		now, err := tx.Now(ctx, r.Real)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		return tx.AddDocument(ctx, db.AddDocumentParams{
			ID: uuid.New(), TenantID: w.inv.TenantID, SubjectID: w.inv.ID, Kind: kind, Name: name, MediaType: media,
			Sha256: sum[:], Content: content, CreatedAt: now,
		})
	})
}
