package sync

import (
	"bytes"
	"cmp"
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
	"github.com/voldaan/voldaan/core/outreach/peppol"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
)

var errNoUBL = fault.New(fault.NotFound, "electronic_missing", "The books have no electronic invoice (UBL) of this invoice, so it cannot go over Peppol.")

// FetchElectronic makes sure that the electronic invoice (UBL) of the books is
// stored. It returns a fault of kind NotFound when they have none, and one of kind
// Invalid when theirs must not go out (Sendable).
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
	if err := Sendable(doc.Content, w.inv, w.debtor, w.adm); err != nil {
		return err
	}
	return r.keep(ctx, w, dunning.Electronic, w.inv.Number+".xml", "application/xml", doc.Content)
}

// mostFlaws is how many flaws of a file are told; the rest comes to light when
// these are mended.
const mostFlaws = 3

// Sendable judges the electronic invoice that the books gave, before it can reach
// an access point. It returns a fault of kind Invalid that says what is wrong and
// what to do when it cannot be read, is not the invoice, or breaks the rules of
// the network.
func Sendable(content []byte, inv db.Invoice, debtor db.Debtor, adm db.Administration) error {
	d, err := ubl.Parse(bytes.NewReader(content))
	if err != nil {
		return fault.New(fault.Invalid, "electronic_unreadable", "The electronic invoice that the books gave cannot be used: %s Make it anew in the books.", strings.TrimSuffix(err.Error(), ".")+".")
	}
	if what := differs(d, inv, debtor, adm); what != "" {
		return fault.New(fault.Invalid, "electronic_other", "The electronic invoice that the books gave is not this invoice: %s. It goes nowhere; make it anew in the books.", what)
	}
	flaws := peppol.Check(content, peppol.Participant(cmp.Or(debtor.Country, adm.Country), debtor.Registration, debtor.VatNumber))
	if len(flaws) == 0 {
		return nil
	}
	said := make([]string, 0, mostFlaws+1)
	for _, f := range flaws[:min(len(flaws), mostFlaws)] {
		said = append(said, f.String()+".")
	}
	if more := len(flaws) - mostFlaws; more > 0 {
		said = append(said, fmt.Sprintf("And %d more.", more))
	}
	return fault.New(fault.Invalid, "electronic_flawed", "The electronic invoice that the books gave would be refused: %s Mend the invoice or the contact in the books.", strings.Join(said, " "))
}

// differs says why an electronic invoice is not that of an invoice, "" when it is.
// What is handed over names parties and a sum, so number, total, buyer and seller
// have to be those of the invoice; numbers that only one side knows prove nothing.
func differs(d invoicefile.Document, inv db.Invoice, debtor db.Debtor, adm db.Administration) string {
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
	case other(d.Creditor.VATNumber, adm.VatNumber), other(d.Creditor.Registration, adm.Registration):
		return "it comes from another party"
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
