package sync

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
)

// readable prints a copy of the electronic invoice where the books have no PDF
// of their own.
func (r *Runner) readable(ctx context.Context, conn connect.Connection, administration, invoice, language string) (sdk.Document, error) {
	file, err := r.ubl(ctx, conn, administration, invoice)
	if err != nil {
		return sdk.Document{}, err
	}
	d, err := ubl.ParseDetail(bytes.NewReader(file.Content))
	if err != nil {
		return sdk.Document{}, fmt.Errorf("%w: %w", sdk.ErrGone, err)
	}
	pdf, err := letter.PrintCopy(copyOf(d, file, outreach.Language(language)))
	if err != nil {
		return sdk.Document{}, fmt.Errorf("print a copy of the electronic invoice: %w", err)
	}
	return sdk.Document{Name: d.Invoice.Number + ".pdf", ContentType: "application/pdf", Content: pdf.Bytes}, nil
}

func copyOf(d ubl.Detail, file sdk.Document, language outreach.Language) letter.Copy {
	sum := sha256.Sum256(file.Content)
	c := letter.Copy{
		Language: language, Credit: d.Invoice.Kind == sdk.CreditNote, Number: d.Invoice.Number, Issued: d.Invoice.Issued, Due: d.Invoice.Due,
		Seller: partyLines(d.Creditor), Buyer: partyLines(d.Debtor), Notes: d.Notes, Left: d.Left,
		Total: d.Invoice.Total, Paid: d.Prepaid, Open: d.Invoice.Open, Source: file.Name, SHA256: hex.EncodeToString(sum[:]),
	}
	for _, f := range []letter.Fact{{Key: "reference", Value: d.Invoice.Reference}, {Key: "terms", Value: d.Terms}, {Key: "account", Value: d.PayTo}, {Key: "payment_id", Value: d.PaymentID}} {
		if f.Value != "" {
			c.Facts = append(c.Facts, f)
		}
	}
	for _, l := range d.Lines {
		text := l.Name
		if l.Quantity != "" {
			text = l.Quantity + " × " + text
		}
		detail := strings.Trim(l.Price+" · "+l.Detail, " ·")
		c.Lines = append(c.Lines, letter.CopyLine{Text: text, Detail: detail, Amount: l.Amount})
	}
	label := func(key string) string { return letter.CopyLabel(language, key) }
	for _, a := range d.Adjustments {
		text := label("charge")
		if a.Amount.Minor < 0 {
			text = label("allowance")
		}
		c.Sums = append(c.Sums, letter.CopySum{Text: strings.Trim(text+": "+a.Reason, " :"), Amount: a.Amount})
	}
	if d.Net.Currency != "" {
		c.Sums = append(c.Sums, letter.CopySum{Text: label("net"), Amount: d.Net})
	}
	for _, t := range d.Taxes {
		s := letter.CopySum{Text: strings.Trim(label("tax")+": "+t.Reason, " :"), Amount: t.Amount}
		if t.Reason == "" {
			s.Rate, s.Base = t.Rate, t.Base
		}
		c.Sums = append(c.Sums, s)
	}
	if len(d.Taxes) == 0 && d.Tax.Currency != "" {
		c.Sums = append(c.Sums, letter.CopySum{Text: label("tax"), Amount: d.Tax})
	}
	return c
}

func partyLines(p sdk.Party) []string {
	var out []string
	for _, l := range []string{
		p.Name, p.Attention, p.Address.Line1, p.Address.Line2, strings.TrimSpace(p.Address.PostalCode + " " + p.Address.City), p.Address.Country, p.VATNumber, p.Registration,
	} {
		if l != "" && (len(out) == 0 || l != out[0]) {
			out = append(out, l)
		}
	}
	return out
}
