// Package inboxplay plays the host's box of files for the conformance kit, with
// lists of open items as a bookkeeping package without an interface exports them.
package inboxplay

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/sync/inbox"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Open is an opener.
func Open(c *conformance.Clock) (*conformance.Play, error) {
	b := &books{clock: c}
	return &conformance.Play{
		On: "emulator", Books: b, Fresh: b.box,
		Grant: func() (conformance.Access, error) {
			return conformance.Access{Config: map[string]string{"name": "Bakkerij", "country": "NL", "currency": "EUR", "sent": "lists", "complete": "true"}}, nil
		},
	}, nil
}

// books are exported to a file after each change, as a person would do every
// morning.
type books struct {
	clock *conformance.Clock

	mu    sync.Mutex // protects what follows
	list  []*item
	files []file
	boxes []*inbox.Memory
}

// file is one that a person put into the box.
type file struct{ name, content string }

type item struct {
	number, debtor string
	issued         date.Date
	due            date.Date
	total, open    int64
}

// box returns a connection's own box, with all files so far; later ones reach it.
func (b *books) box() http.Handler {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := inbox.NewMemory(clock.Func(b.clock.Now))
	for i := range b.files {
		b.deliver(m, i)
	}
	b.boxes = append(b.boxes, m)
	return inbox.Handler(func(context.Context) (inbox.Files, error) { return m, nil })
}

func (b *books) deliver(m *inbox.Memory, i int) {
	_, _, _ = m.Put(context.Background(), b.files[i].name, strings.NewReader(b.files[i].content)) // memory takes any file of this size
}

func decimal(minor int64) string { return strings.Replace(money.EUR(minor).Decimal(), ".", ",", 1) }

// export writes the list of the day and puts it in every box.
func (b *books) export() error {
	var out strings.Builder
	out.WriteString("Debiteurnummer;Naam;Factuurnummer;Factuurdatum;Vervaldatum;Factuurbedrag;Openstaand\r\n")
	for _, v := range b.list {
		if v.open != 0 {
			fmt.Fprintf(&out, "%s;Debiteur %s;%s;%s;%s;%s;%s\r\n", v.debtor, v.debtor, v.number, day(v.issued), day(v.due), decimal(v.total), decimal(v.open))
		}
	}
	b.add(fmt.Sprintf("openstaand-%03d.csv", len(b.files)+1), out.String())
	return nil
}

// add puts a file in every box.
func (b *books) add(name, content string) {
	b.files = append(b.files, file{name, content})
	for _, m := range b.boxes {
		b.deliver(m, len(b.files)-1)
	}
}

func day(d date.Date) string { return fmt.Sprintf("%02d-%02d-%04d", d.Day(), int(d.Month()), d.Year()) }

// Begin implements conformance.Keeper.
func (b *books) Begin(n int) error {
	if err := b.Add(n / 2); err != nil {
		return err
	}
	return b.Add(n - n/2)
}

// Add implements conformance.Keeper.
func (b *books) Add(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	today := date.Of(b.clock.Now())
	for range n {
		i := int64(len(b.list))
		total := 115 + i*1013
		b.list = append(b.list, &item{
			number: fmt.Sprintf("2026-%04d", i+1), debtor: fmt.Sprintf("1%02d", i%7), issued: today.AddDays(-40), due: today.AddDays(-26), total: total, open: total,
		})
	}
	if len(b.files) == 0 {
		b.add("factuur.xml", b.list[0].ubl()) // with its PDF, before it shows in a list
	}
	return b.export()
}

// Invoices implements conformance.Keeper.
func (b *books) Invoices() (out []conformance.Entry, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.list {
		out = append(out, conformance.Entry{Number: v.number, State: "open", Total: money.EUR(v.total).Decimal(), Open: money.EUR(v.open).Decimal()})
	}
	return out, nil
}

func (b *books) change(number string, do func(*item) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.list, func(v *item) bool { return v.number == number })
	if i < 0 {
		return fmt.Errorf("there is no invoice %s", number)
	}
	return errors.Join(do(b.list[i]), b.export())
}

// Pay implements conformance.Keeper.
func (b *books) Pay(number, amount string) error {
	return b.change(number, func(v *item) error {
		if amount == "" {
			v.open = 0
			return nil
		}
		paid, err := money.Parse(amount, "EUR")
		v.open -= paid.Minor
		return err
	})
}

// SetDue implements conformance.Keeper.
func (b *books) SetDue(number string, due date.Date) error {
	return b.change(number, func(v *item) error { v.due = due; return nil })
}

// Delete implements conformance.Keeper: a list does not say why an invoice is not
// in it any more.
func (b *books) Delete(string) error {
	return errors.ErrUnsupported
}

// ubl is an invoice as a file of its own, with a PDF inside.
func (v *item) ubl() string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>%[1]s</cbc:ID>
  <cbc:IssueDate>%[2]s</cbc:IssueDate>
  <cbc:DueDate>%[3]s</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AdditionalDocumentReference>
    <cbc:ID>%[1]s.pdf</cbc:ID>
    <cac:Attachment>
      <cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="%[1]s.pdf">%[6]s</cbc:EmbeddedDocumentBinaryObject>
    </cac:Attachment>
  </cac:AdditionalDocumentReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyLegalEntity><cbc:RegistrationName>Bakkerij</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyIdentification><cbc:ID>%[4]s</cbc:ID></cac:PartyIdentification>
    <cac:PartyName><cbc:Name>Debiteur %[4]s</cbc:Name></cac:PartyName>
    <cac:PartyLegalEntity><cbc:RegistrationName>Debiteur %[4]s</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:LegalMonetaryTotal>
    <cbc:TaxInclusiveAmount currencyID="EUR">%[5]s</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="EUR">%[5]s</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
</Invoice>
`, v.number, v.issued, v.due, v.debtor, money.EUR(v.total).Decimal(), base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\n%%EOF\n")))
}
