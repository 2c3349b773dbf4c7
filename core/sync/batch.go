package sync

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Batch is a run of records that is written in one transaction with its cursor.
type Batch struct {
	Parties  []sdk.Party
	Invoices []sdk.Invoice
	Payments []sdk.Payment
	Gone     map[sdk.Stream][]string
	Problems []Problem // records that could not be told at all
	Cursor   []byte    // nil when the batch ends without a checkpoint
}

// Problem is a record that cannot be taken as it is. Its reminders wait until a
// later sync brings it right (R7).
type Problem struct {
	Stream  sdk.Stream
	ID      string
	Code    string
	Message string
}

// problemOf returns what is wrong with an invoice, in a sentence for the user,
// or nothing. Storable says whether the mirror can hold it all the same.
func problemOf(i *sdk.Invoice) (p Problem, storable bool) {
	bad := func(code, message string) Problem {
		return Problem{Stream: sdk.Invoices, ID: i.ID, Code: code, Message: message}
	}
	name := "Invoice " + strings.TrimSpace(i.Number)
	if _, err := money.ParseCurrency(string(i.Total.Currency)); err != nil {
		return bad("unknown_currency", name+" has the currency "+strconv.Quote(string(i.Total.Currency))+", which ISO 4217 does not know. Correct it in the books."), false
	}
	switch {
	case i.Issued.IsZero() || i.Due.IsZero():
		return bad("date_missing", name+" has no invoice date or no due date. Fill it in in the books."), false
	case i.Open.Currency != i.Total.Currency:
		return bad("mixed_currency", name+" has a total in "+string(i.Total.Currency)+" and an open amount in "+string(i.Open.Currency)+"."), false
	case i.Due.Before(i.Issued):
		return bad("due_before_issue", name+" is due on "+i.Due.String()+", before its date "+i.Issued.String()+". Correct one of them in the books."), true
	case i.Kind == sdk.SalesInvoice && i.Total.Minor < 0:
		return bad("negative_total", name+" has a negative total of "+i.Total.String()+". Make it a credit note in the books."), true
	case i.Kind == sdk.SalesInvoice && i.Open.Minor > i.Total.Minor:
		return bad("open_above_total", name+" has more open ("+i.Open.String()+") than its total ("+i.Total.String()+")."), true
	case i.Number == "" && i.Status != sdk.Draft:
		return bad("number_missing", "An invoice of "+i.Issued.String()+" has no number."), true
	}
	return Problem{}, true
}

// digest is a content hash: rows with the same digest are not written again.
type digest struct{ b strings.Builder }

func (d *digest) text(ss ...string) {
	for _, s := range ss {
		d.b.WriteString(s)
		d.b.WriteByte(0)
	}
}

func (d *digest) number(ns ...int64) {
	for _, n := range ns {
		d.b.WriteString(strconv.FormatInt(n, 36))
		d.b.WriteByte(0)
	}
}

func (d *digest) sum() int64 {
	h := fnv.New64a()
	h.Write([]byte(d.b.String()))
	return int64(h.Sum64())
}

var debtorColumns = []string{
	"id", "tenant_id", "administration_id", "external_id", "revision", "hash", "name", "kind", "attention", "email", "phone",
	"line1", "line2", "postal_code", "city", "country", "language", "iban", "vat_number", "registration", "url", "changed_at",
}

func debtorRow(tenant, adm uuid.UUID, p *sdk.Party, at time.Time) []any {
	var d digest
	d.text(p.Revision, p.Name, string(p.Kind), p.Attention, p.Email, p.Phone, p.Address.Line1, p.Address.Line2, p.Address.PostalCode, p.Address.City,
		p.Address.Country, p.Language, p.IBAN, p.VATNumber, p.Registration, p.URL)
	kind := p.Kind
	if kind == "" {
		kind = sdk.Unknown
	}
	return []any{
		DebtorID(adm, p.ID), tenant, adm, p.ID, p.Revision, d.sum(), p.Name, string(kind), p.Attention, p.Email, p.Phone,
		p.Address.Line1, p.Address.Line2, p.Address.PostalCode, p.Address.City, p.Address.Country, p.Language, p.IBAN, p.VATNumber, p.Registration, p.URL, at,
	}
}

var invoiceColumns = []string{
	"id", "tenant_id", "administration_id", "debtor_id", "external_id", "revision", "hash", "number", "kind", "status", "issued", "due",
	"currency", "total_minor", "open_minor", "reference", "payment_reference", "sent_at", "credits", "has_document", "url", "changed_at",
}

func invoiceRow(tenant, adm uuid.UUID, i *sdk.Invoice, at time.Time) []any {
	var d digest
	var sent *time.Time
	if !i.Sent.IsZero() {
		t := i.Sent.UTC()
		sent = &t
		d.number(t.Unix())
	}
	document := int64(0)
	if i.Document {
		document = 1
	}
	d.text(i.Revision, i.PartyID, i.Number, string(i.Kind), string(i.Status), i.Issued.String(), i.Due.String(), string(i.Total.Currency),
		i.Reference, i.PaymentReference, i.Credits, i.URL)
	d.number(i.Total.Minor, i.Open.Minor, document)
	return []any{
		InvoiceID(adm, i.ID), tenant, adm, DebtorID(adm, i.PartyID), i.ID, i.Revision, d.sum(), i.Number, string(i.Kind), string(i.Status),
		i.Issued, i.Due, string(i.Total.Currency), i.Total.Minor, i.Open.Minor, i.Reference, i.PaymentReference, sent, i.Credits, i.Document, i.URL, at,
	}
}
