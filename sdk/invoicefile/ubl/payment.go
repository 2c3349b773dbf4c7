package ubl

import (
	"encoding/base64"
	"path"
	"strings"

	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

const (
	maxAttachments = 50
	maxAttachment  = 20 << 20
)

// payment takes the first means of payment with an account, and the reference
// of the first that has one (BG-16).
func payment(top *xmldoc.Node, d *invoicefile.Document) {
	for _, means := range top.All("PaymentMeans") {
		if d.PaymentID == "" {
			d.PaymentID = invoicefile.Clean(means.Get("PaymentID"), 140)
		}
		if d.PayTo == "" {
			d.PayTo = strings.ToUpper(strings.Join(strings.Fields(invoicefile.Clean(means.Get("PayeeFinancialAccount/ID"), 60)), ""))
		}
	}
	if invoicefile.Structured(d.PaymentID) {
		d.Invoice.PaymentReference = d.PaymentID
	}
}

// attachments decodes the files that are embedded (BG-24).
func attachments(top *xmldoc.Node, d *invoicefile.Document) *invoicefile.Problem {
	fail := func(code, format string, args ...any) *invoicefile.Problem {
		p := invoicefile.Problemf(code, format, args...)
		p.Number = d.Invoice.Number
		return p
	}
	for _, n := range top.All("AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject") {
		if len(d.Attachments) == maxAttachments {
			return fail("attachments", "Invoice %s carries more than %d attachments.", d.Invoice.Number, maxAttachments)
		}
		name := invoicefile.Clean(path.Base(strings.ReplaceAll(n.Attribute("filename"), `\`, "/")), 200)
		content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Text), ""))
		if err != nil || len(content) == 0 {
			return fail("attachment", "The attachment %s of invoice %s is damaged. Have the invoice made again.", name, d.Invoice.Number)
		}
		if len(content) > maxAttachment {
			return fail("attachment", "The attachment %s of invoice %s is larger than %d MiB.", name, d.Invoice.Number, maxAttachment>>20)
		}
		d.Attachments = append(d.Attachments, invoicefile.Attachment{
			Name: name, ContentType: strings.ToLower(invoicefile.Clean(n.Attribute("mimeCode"), 100)), Content: content,
		})
	}
	return nil
}
