// Package files reads invoices from files that the host received: UBL invoices
// and credit notes, and lists of open items in CSV or Excel.
package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/sdk/invoicefile/openitems"
	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
)

// Administration is the id of the only set of books that a connection of files
// has.
const Administration = "files"

// Connector holds no state.
type Connector struct{ sdk.Base }

var (
	_ sdk.Connector      = (*Connector)(nil)
	_ sdk.DocumentReader = (*Connector)(nil)
)

// New returns the connector.
func New() *Connector { return &Connector{} }

// Check reads the settings and asks the host for one file.
func (c *Connector) Check(ctx context.Context, s *sdk.Session) error {
	if _, err := mapping(s); err != nil {
		return err
	}
	_, err := filebox.NewClient(s.HTTP).List(ctx, "", 1, false)
	return err
}

// Administrations returns the one that the files are of.
func (c *Connector) Administrations(_ context.Context, s *sdk.Session) ([]sdk.Administration, error) {
	m, err := mapping(s)
	if err != nil {
		return nil, err
	}
	return []sdk.Administration{{
		ID: Administration, Name: cmp.Or(s.Config["name"], "Invoice files"), Country: cmp.Or(s.Config["country"], "NL"),
		Currency: m.Currency, TimeZone: "Europe/Amsterdam", Language: "nl", ReadOnly: true,
	}}, nil
}

func mapping(s *sdk.Session) (openitems.Mapping, error) {
	m, err := openitems.ParseMapping(s.Config)
	if err != nil {
		return m, fmt.Errorf("%w: the settings of the connection: %w", sdk.ErrInvalid, err)
	}
	return m, nil
}

// Document returns the UBL file that delivered an invoice, or the PDF inside it.
func (c *Connector) Document(ctx context.Context, s *sdk.Session, req sdk.DocumentRequest) (sdk.Document, error) {
	box := filebox.NewClient(s.HTTP)
	h, err := box.Holders(ctx, req.Invoice)
	if err != nil {
		return sdk.Document{}, err
	}
	if h.Owner.ID == "" {
		return sdk.Document{}, fmt.Errorf("%w: the invoice is known from a list only", sdk.ErrGone)
	}
	content, err := box.Content(ctx, h.Owner.ID)
	if err != nil {
		return sdk.Document{}, err
	}
	if req.Format == sdk.UBL {
		return sdk.Document{Name: h.Owner.Name, ContentType: "application/xml", Content: content}, nil
	}
	d, err := ubl.Parse(reader(content))
	if err != nil {
		return sdk.Document{}, fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	pdf, ok := d.PDF()
	if !ok || req.Format != sdk.PDF {
		return sdk.Document{}, fmt.Errorf("%w: the file of the invoice holds no %s", sdk.ErrGone, req.Format)
	}
	return sdk.Document{Name: cmp.Or(pdf.Name, d.Invoice.Number+".pdf"), ContentType: pdf.ContentType, Content: pdf.Content}, nil
}

func gone(err error) bool { return errors.Is(err, sdk.ErrGone) }
