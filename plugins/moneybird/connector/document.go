package moneybird

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"

	"github.com/voldaan/voldaan/sdk"
)

const (
	maxDocument = 20 << 20
	maxHops     = 3
)

// Document downloads the PDF or the UBL file. Moneybird answers with a link
// that is good for half a minute and carries its own right to read.
func (c *Connector) Document(ctx context.Context, s *sdk.Session, req sdk.DocumentRequest) (sdk.Document, error) {
	call := c.call(s)
	bare, external := splitID(req.Invoice)
	var address, name string
	switch {
	case external && req.Format == sdk.PDF:
		a, err := c.scan(ctx, call, req.Administration, bare)
		if err != nil {
			return sdk.Document{}, err
		}
		name = a.Name
		address = c.url(req.Administration, "external_sales_invoices", escape(bare), "attachments", escape(string(a.ID)), "download")
	case external:
		return sdk.Document{}, fmt.Errorf("%w: Moneybird has no UBL of an invoice made elsewhere", sdk.ErrGone)
	case req.Format == sdk.PDF:
		name, address = bare+".pdf", c.url(req.Administration, "sales_invoices", escape(bare), "download_pdf")
	case req.Format == sdk.UBL:
		name, address = bare+".xml", c.url(req.Administration, "sales_invoices", escape(bare), "download_ubl")
	default:
		return sdk.Document{}, fmt.Errorf("%w: Moneybird has no %q of an invoice", sdk.ErrInvalid, req.Format)
	}
	a, err := c.download(ctx, call, address)
	if err != nil {
		return sdk.Document{}, fmt.Errorf("download invoice %s: %w", req.Invoice, err)
	}
	d := sdk.Document{Name: fileName(a.header, name), Content: a.body, ContentType: "application/pdf"}
	if req.Format == sdk.UBL {
		d.ContentType = "application/xml"
	}
	if err := recognise(d); err != nil {
		return sdk.Document{}, err
	}
	return d, nil
}

// scan finds the PDF that was attached to an external invoice.
func (c *Connector) scan(ctx context.Context, call caller, administration, bare string) (attachment, error) {
	a, err := call.ok(ctx, http.MethodGet, c.url(administration, "external_sales_invoices", escape(bare)), nil)
	if err != nil {
		return attachment{}, err
	}
	var in invoice
	if err := decode(a.body, &in); err != nil {
		return attachment{}, fmt.Errorf("read invoice %s: %w", bare, err)
	}
	i := slices.IndexFunc(in.Attachments, isPDF)
	if i < 0 {
		return attachment{}, fmt.Errorf("%w: no PDF is attached to this invoice in Moneybird", sdk.ErrGone)
	}
	return in.Attachments[i], nil
}

// download follows up to maxHops redirects. Which hosts may be reached, and how,
// is the host's to judge.
func (c *Connector) download(ctx context.Context, call caller, address string) (answer, error) {
	here, err := url.Parse(address)
	if err != nil {
		return answer{}, err
	}
	for range maxHops + 1 {
		a, err := call.do(ctx, http.MethodGet, here.String(), nil, maxDocument)
		if err != nil {
			return answer{}, err
		}
		if a.status == http.StatusOK {
			return a, nil
		}
		if a.status < 300 || a.status >= 400 {
			return answer{}, call.fault(a)
		}
		next, err := here.Parse(a.header.Get("Location"))
		if err != nil || a.header.Get("Location") == "" {
			return answer{}, errors.New("the download link from Moneybird cannot be read")
		}
		if next.Scheme != "https" && next.Scheme != "http" {
			return answer{}, errors.New("the download link from Moneybird is not one of the web")
		}
		here = next
	}
	return answer{}, errors.New("the download goes around in circles at Moneybird")
}

// recognise refuses an error page that came under a good status.
func recognise(d sdk.Document) error {
	head := d.Content[:min(len(d.Content), 1024)]
	switch {
	case d.ContentType == "application/pdf" && !bytes.Contains(head, []byte("%PDF-")):
		return errors.New("what came from Moneybird is not a PDF")
	case d.ContentType == "application/xml" && !bytes.Contains(head, []byte("<")):
		return errors.New("what came from Moneybird is not a UBL file")
	}
	return nil
}

func fileName(h http.Header, otherwise string) string {
	if _, p, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		if n := path.Base(clip(p["filename"])); n != "." && n != "/" {
			return n
		}
	}
	return clip(path.Base(otherwise))
}
