package interpret

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// language drops what is no language.
func (f *fields) language(i int) string { return recipe.LanguageOf(f.text(i)) }

func (f *fields) party() sdk.Party {
	p := sdk.Party{
		ID: f.own(recipe.PartyID), Revision: f.text(recipe.PartyRevision), Name: f.text(recipe.PartyName),
		Kind:      sdk.PartyKind(cmp.Or(f.enum(recipe.PartyKind), string(sdk.Unknown))),
		Attention: f.text(recipe.PartyAttention), Email: f.text(recipe.PartyEmail), Phone: f.text(recipe.PartyPhone),
		Address: sdk.Address{
			Line1: f.text(recipe.PartyLine1), Line2: f.text(recipe.PartyLine2), PostalCode: f.text(recipe.PartyPostalCode),
			City: f.text(recipe.PartyCity), Country: f.country(recipe.PartyCountry),
		},
		Language: f.language(recipe.PartyLanguage), IBAN: f.text(recipe.PartyIBAN), VATNumber: f.text(recipe.PartyVAT),
		Registration: f.text(recipe.PartyRegistration), URL: f.text(recipe.PartyURL),
		Owner: sdk.Person{ID: f.id(recipe.PartyOwnerID), Name: f.text(recipe.PartyOwnerName), Email: f.text(recipe.PartyOwnerEmail)},
	}
	f.required()
	return p
}

func (f *fields) invoice() sdk.Invoice {
	currency := f.currency(recipe.InvoiceCurrency)
	v := sdk.Invoice{
		ID: f.own(recipe.InvoiceID), Revision: f.text(recipe.InvoiceRevision), PartyID: f.id(recipe.InvoiceParty),
		Number: f.text(recipe.InvoiceNumber), Kind: sdk.InvoiceKind(f.enum(recipe.InvoiceKind)),
		Status: sdk.InvoiceStatus(f.enum(recipe.InvoiceStatus)),
		Issued: f.day(recipe.InvoiceIssued), Due: f.day(recipe.InvoiceDue),
		Reference: f.text(recipe.InvoiceReference), PaymentReference: f.text(recipe.InvoicePaymentReference),
		Sent: f.moment(recipe.InvoiceSent), Credits: f.id(recipe.InvoiceCredits), Document: f.flag(recipe.InvoiceDocument),
		URL: f.text(recipe.InvoiceURL), Hold: sdk.InvoiceHold(f.enum(recipe.InvoiceHold)),
	}
	f.required()
	if currency != "" {
		v.Total, v.Open = f.amount(recipe.InvoiceTotal, currency), f.amount(recipe.InvoiceOpen, currency)
	}
	if v.Total.Minor < 0 {
		v.Kind = sdk.CreditNote
		v.Total, v.Open = v.Total.Neg(), v.Open.Neg()
	}
	if v.Kind == "" {
		v.Kind = sdk.SalesInvoice
	}
	if v.Kind == sdk.SalesInvoice {
		v.Credits = ""
	}
	return v
}

func (f *fields) payment(of *sdk.Invoice) sdk.Payment {
	currency := f.currency(recipe.PaymentCurrency)
	p := sdk.Payment{
		ID: f.own(recipe.PaymentID), Revision: f.text(recipe.PaymentRevision), PartyID: f.id(recipe.PaymentParty),
		InvoiceID: f.id(recipe.PaymentInvoice), ValueDate: f.day(recipe.PaymentDate),
		Reference: f.text(recipe.PaymentReference), CreditNote: f.id(recipe.PaymentCreditNote),
	}
	if of != nil {
		currency = cmp.Or(currency, string(of.Total.Currency))
		p.InvoiceID, p.PartyID = cmp.Or(p.InvoiceID, of.ID), cmp.Or(p.PartyID, of.PartyID)
	}
	f.required()
	if len(f.problems) == 0 {
		p.Amount = f.amount(recipe.PaymentAmount, currency)
	}
	return p
}

// nameless is the id under which a record without one is reported.
func nameless(item any) string {
	b, err := json.Marshal(item)
	if err != nil {
		b = []byte(err.Error())
	}
	sum := sha256.Sum256(b)
	return "without-id-" + hex.EncodeToString(sum[:6])
}
