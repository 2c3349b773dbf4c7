package dunningtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
)

// UBL is a small electronic invoice without a flaw, of 21% VAT, to a business of
// the register of the Netherlands. Edits are pairs of old and new text.
func UBL(number, register string, cents int64, edits ...string) string {
	net := (cents*100 + 60) / 121
	amount := func(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }
	text := strings.NewReplacer("{number}", number, "{register}", register, "{net}", amount(net), "{vat}", amount(cents-net), "{gross}", amount(cents)).Replace(ublInvoice)
	return strings.NewReplacer(edits...).Replace(text)
}

const ublInvoice = `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
<cbc:ID>{number}</cbc:ID>
<cbc:IssueDate>2026-03-02</cbc:IssueDate>
<cbc:DueDate>2026-03-16</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cbc:BuyerReference>Inkoop 7</cbc:BuyerReference>
<cac:AccountingSupplierParty><cac:Party>
<cbc:EndpointID schemeID="0106">87654321</cbc:EndpointID>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyLegalEntity><cbc:RegistrationName>Bakkerij Voorbeeld B.V.</cbc:RegistrationName><cbc:CompanyID schemeID="0106">87654321</cbc:CompanyID></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cbc:EndpointID schemeID="0106">{register}</cbc:EndpointID>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyLegalEntity><cbc:RegistrationName>Debtor</cbc:RegistrationName><cbc:CompanyID schemeID="0106">{register}</cbc:CompanyID></cac:PartyLegalEntity>
</cac:Party></cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{vat}</cbc:TaxAmount>
<cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">{net}</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">{vat}</cbc:TaxAmount>
<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal>
<cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{gross}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{gross}</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>Brood</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount currencyID="EUR">{net}</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>`

// Electronic gives an invoice an electronic file, none with "".
func (b *Books) Electronic(id, ubl string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ubl == nil {
		b.ubl = map[string]string{}
	}
	b.ubl[id] = ubl
}

// FetchElectronic implements dunning.Books. The file is judged as that of real
// books is.
func (b *Books) FetchElectronic(ctx context.Context, tenant, invoice uuid.UUID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, text := range b.ubl {
		if text == "" || booksync.InvoiceID(b.world.Adm, id) != invoice {
			continue
		}
		return b.world.Store.In(ctx, tenant, func(tx store.Tx) error {
			inv, err := tx.Invoice(ctx, invoice)
			if err != nil {
				return err
			}
			debtor, err := tx.Debtor(ctx, inv.DebtorID)
			if err != nil {
				return err
			}
			adm, err := tx.Administration(ctx, inv.AdministrationID)
			if err != nil {
				return err
			}
			if err := booksync.Sendable([]byte(text), inv, debtor, adm); err != nil {
				return err
			}
			return tx.AddDocument(ctx, db.AddDocumentParams{
				ID: uuid.NewSHA1(invoice, []byte("ubl")), TenantID: tenant, SubjectID: invoice, Kind: dunning.Electronic, Name: id + ".xml", MediaType: "application/xml",
				Sha256: []byte{1}, Content: []byte(text), CreatedAt: b.world.Clock.Now(),
			})
		})
	}
	return fault.New(fault.NotFound, "electronic_missing", "The books have no electronic invoice.")
}
