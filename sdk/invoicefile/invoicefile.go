// Package invoicefile holds what the readers of invoice files have in common:
// the document that comes out, and the problem that keeps one in.
package invoicefile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Document is one invoice or credit note as a file tells it.
type Document struct {
	Invoice sdk.Invoice
	Debtor  sdk.Party
	// Creditor is who sent the invoice; lists do not say.
	Creditor sdk.Party
	// PayTo is the account to pay to, usually an IBAN.
	PayTo string
	// PaymentID is the reference to pay under, structured or not.
	PaymentID string
	// Prepaid was paid before the invoice was made and is not in Open.
	Prepaid money.Amount
	// Terms are the payment terms in the file's words.
	Terms       string
	Attachments []Attachment
	// Row is the line of a list, 0 for a file of one document.
	Row int `json:"row,omitempty"`
}

// Attachment is a file inside the file.
type Attachment struct {
	Name        string
	ContentType string
	Content     []byte
}

// PDF returns the first PDF among the attachments.
func (d Document) PDF() (Attachment, bool) {
	for _, a := range d.Attachments {
		if a.ContentType == "application/pdf" {
			return a, true
		}
	}
	return Attachment{}, false
}

// Problem is why a file or one of its rows was not taken. It is an error.
type Problem struct {
	// Code is stable: "unknown_currency".
	Code string `json:"code"`
	// Row is the line of a list, 0 for the file.
	Row int `json:"row,omitempty"`
	// Number is the invoice's, when it could be read.
	Number string `json:"number,omitempty"`
	// Sentence tells a person what is wrong and what to do.
	Sentence string `json:"sentence"`
}

// Error returns the sentence, with the row where there is one.
func (p *Problem) Error() string {
	if p.Row > 0 {
		return fmt.Sprintf("Row %d: %s", p.Row, p.Sentence)
	}
	return p.Sentence
}

// Problemf returns a problem of the file.
func Problemf(code, format string, args ...any) *Problem {
	return &Problem{Code: code, Sentence: fmt.Sprintf(format, args...)}
}

// InvoiceID is the id of a document in its administration: the kind and the
// number, without the differences in case and space that people make.
func InvoiceID(kind sdk.InvoiceKind, number string) string {
	return string(kind) + ":" + fold(number)
}

// PartyID is the id of a debtor: the number that the books give her, else the
// tax or register number, else her name and postal code.
func PartyID(books string, p sdk.Party) string {
	switch {
	case fold(books) != "":
		return "debtor:" + fold(books)
	case fold(p.VATNumber) != "":
		return "vat:" + fold(p.VATNumber)
	case fold(p.Registration) != "":
		return "register:" + strings.ToLower(p.Address.Country) + fold(p.Registration)
	}
	sum := sha256.Sum256([]byte(fold(p.Name) + "|" + fold(p.Address.PostalCode) + "|" + strings.ToLower(p.Address.Country)))
	return "name:" + hex.EncodeToString(sum[:10])
}

// fold keeps letters and digits in lower case, and the marks inside a number.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return s
}

// Clean makes one line of a text: control characters and runs of space become a
// space, and what is longer than most characters is cut off.
func Clean(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// Check finds what makes a document unfit to collect, whatever file it comes
// from. It returns nil when there is nothing.
func Check(d Document) *Problem {
	i := d.Invoice
	fail := func(code, format string, args ...any) *Problem {
		p := Problemf(code, format, args...)
		p.Row, p.Number = d.Row, i.Number
		return p
	}
	switch {
	case i.Number == "":
		return fail("no_number", "There is no invoice number.")
	case d.Debtor.Name == "" && !strings.HasPrefix(i.PartyID, "debtor:"):
		return fail("no_debtor", "Invoice %s does not say who has to pay it.", i.Number)
	case i.Total.Currency == "":
		return fail("no_currency", "Invoice %s has no currency.", i.Number)
	case i.Total.IsZero() && i.Open.IsZero():
		return fail("zero_total", "Invoice %s is of %s; there is nothing to collect.", i.Number, i.Total)
	case i.Total.Minor < 0:
		return fail("negative_total", "Credit note %s has a negative amount (%s), so it is not clear who owes whom. Make it an invoice, or give the amount without a minus.", i.Number, i.Total)
	case !i.Issued.IsZero() && !i.Due.IsZero() && i.Due.Before(i.Issued):
		return fail("due_before_issue", "Invoice %s is due on %s, before its date of %s. Correct one of the two.", i.Number, i.Due, i.Issued)
	case i.Issued.IsZero() && i.Due.IsZero():
		return fail("no_date", "Invoice %s has neither a date nor a due date.", i.Number)
	}
	return nil
}
