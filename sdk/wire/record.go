package wire

import (
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// ErrNoID refuses a record without an id: nothing could ever be said about it.
var ErrNoID = errors.New("record without an id")

// PutParty writes p into m, overwriting all fields.
func PutParty(m *pb.Party, p *sdk.Party) error {
	if p.ID == "" {
		return fmt.Errorf("party: %w", ErrNoID)
	}
	m.Id, m.Revision, m.Name = Text(p.ID), Text(p.Revision), Text(p.Name)
	m.Kind = toPartyKind(p.Kind)
	m.Attention, m.Email, m.Phone = Text(p.Attention), Text(p.Email), Text(p.Phone)
	if p.Address == (sdk.Address{}) {
		m.Address = nil
	} else {
		if m.Address == nil {
			m.Address = &pb.Address{}
		}
		a := m.Address
		a.Line1, a.Line2 = Text(p.Address.Line1), Text(p.Address.Line2)
		a.PostalCode, a.City, a.Country = Text(p.Address.PostalCode), Text(p.Address.City), Text(p.Address.Country)
	}
	m.Language, m.Iban, m.VatNumber = Text(p.Language), Text(p.IBAN), Text(p.VATNumber)
	m.Registration, m.Url = Text(p.Registration), Text(p.URL)
	if m.Owner = nil; p.Owner != (sdk.Person{}) {
		m.Owner = &pb.Person{Id: Text(p.Owner.ID), Name: Text(p.Owner.Name), Email: Text(p.Owner.Email)}
	}
	return nil
}

// FromParty returns ErrNoID when the record cannot be named.
func FromParty(m *pb.Party) (sdk.Party, error) {
	if m.Id == "" {
		return sdk.Party{}, fmt.Errorf("party: %w", ErrNoID)
	}
	p := sdk.Party{
		ID: withoutNUL(m.Id), Revision: withoutNUL(m.Revision), Name: withoutNUL(m.Name),
		Kind:      fromPartyKind(m.Kind),
		Attention: withoutNUL(m.Attention), Email: withoutNUL(m.Email), Phone: withoutNUL(m.Phone),
		Language: withoutNUL(m.Language), IBAN: withoutNUL(m.Iban), VATNumber: withoutNUL(m.VatNumber),
		Registration: withoutNUL(m.Registration), URL: withoutNUL(m.Url),
	}
	if a := m.Address; a != nil {
		p.Address = sdk.Address{
			Line1: withoutNUL(a.Line1), Line2: withoutNUL(a.Line2), PostalCode: withoutNUL(a.PostalCode),
			City: withoutNUL(a.City), Country: withoutNUL(a.Country),
		}
	}
	if o := m.Owner; o != nil {
		p.Owner = sdk.Person{ID: withoutNUL(o.Id), Name: withoutNUL(o.Name), Email: withoutNUL(o.Email)}
	}
	return p, nil
}

// PutInvoice writes v into m, overwriting all fields. It refuses an invoice
// without an id and one whose total and open amount differ in currency.
func PutInvoice(m *pb.Invoice, v *sdk.Invoice) error {
	if v.ID == "" {
		return fmt.Errorf("invoice: %w", ErrNoID)
	}
	currency := v.Total.Currency
	if currency == "" {
		currency = v.Open.Currency
	}
	if v.Open.Currency != currency && v.Open != (money.Amount{}) || v.Total.Currency != currency && v.Total.Minor != 0 {
		return fmt.Errorf("invoice %s: total in %q but open in %q: %w", v.ID, v.Total.Currency, v.Open.Currency, money.ErrMixed)
	}
	m.Id, m.Revision, m.PartyId, m.Number = Text(v.ID), Text(v.Revision), Text(v.PartyID), Text(v.Number)
	m.Kind, m.Status = toInvoiceKind(v.Kind), toInvoiceStatus(v.Status)
	m.Issued, m.Due, m.Sent = toDate(v.Issued), toDate(v.Due), toMillis(v.Sent)
	m.Currency, m.Total, m.Open = Text(string(currency)), v.Total.Minor, v.Open.Minor
	m.Reference, m.PaymentReference = Text(v.Reference), Text(v.PaymentReference)
	m.Credits, m.Document, m.Url = Text(v.Credits), v.Document, Text(v.URL)
	m.Hold = toInvoiceHold(v.Hold)
	return nil
}

// FromInvoice returns ErrNoID when the record cannot be named, and another error
// when it can but is not a readable invoice.
func FromInvoice(m *pb.Invoice) (sdk.Invoice, error) {
	if m.Id == "" {
		return sdk.Invoice{}, fmt.Errorf("invoice: %w", ErrNoID)
	}
	c := money.Currency(m.Currency)
	if _, err := c.Exponent(); err != nil {
		return sdk.Invoice{}, err
	}
	v := sdk.Invoice{
		ID: withoutNUL(m.Id), Revision: withoutNUL(m.Revision), PartyID: withoutNUL(m.PartyId), Number: withoutNUL(m.Number),
		Kind: fromInvoiceKind(m.Kind), Status: fromInvoiceStatus(m.Status),
		Total: money.Of(m.Total, c), Open: money.Of(m.Open, c),
		Reference: withoutNUL(m.Reference), PaymentReference: withoutNUL(m.PaymentReference),
		Sent: fromMillis(m.Sent), Credits: withoutNUL(m.Credits), Document: m.Document, URL: withoutNUL(m.Url),
		Hold: fromInvoiceHold(m.Hold),
	}
	if v.Kind == "" {
		return v, errors.New("neither an invoice nor a credit note")
	}
	if v.Status == "" {
		return v, errors.New("no status")
	}
	var err error
	if v.Issued, err = fromDate(m.Issued); err != nil {
		return v, fmt.Errorf("invoice date %w", err)
	}
	if v.Due, err = fromDate(m.Due); err != nil {
		return v, fmt.Errorf("due date %w", err)
	}
	return v, nil
}

// PutPayment writes p into m, overwriting all fields.
func PutPayment(m *pb.Payment, p *sdk.Payment) error {
	if p.ID == "" {
		return fmt.Errorf("payment: %w", ErrNoID)
	}
	m.Id, m.Revision, m.PartyId, m.InvoiceId = Text(p.ID), Text(p.Revision), Text(p.PartyID), Text(p.InvoiceID)
	m.Currency, m.Amount = Text(string(p.Amount.Currency)), p.Amount.Minor
	m.ValueDate, m.Reference, m.CreditNote = toDate(p.ValueDate), Text(p.Reference), Text(p.CreditNote)
	return nil
}

// FromPayment returns ErrNoID when the record cannot be named, and another error
// when it can but is not a readable payment.
func FromPayment(m *pb.Payment) (sdk.Payment, error) {
	if m.Id == "" {
		return sdk.Payment{}, fmt.Errorf("payment: %w", ErrNoID)
	}
	c := money.Currency(m.Currency)
	if _, err := c.Exponent(); err != nil {
		return sdk.Payment{}, err
	}
	day, err := fromDate(m.ValueDate)
	if err != nil {
		return sdk.Payment{}, fmt.Errorf("value date %w", err)
	}
	return sdk.Payment{
		ID: withoutNUL(m.Id), Revision: withoutNUL(m.Revision), PartyID: withoutNUL(m.PartyId), InvoiceID: withoutNUL(m.InvoiceId),
		Amount: money.Of(m.Amount, c), ValueDate: day,
		Reference: withoutNUL(m.Reference), CreditNote: withoutNUL(m.CreditNote),
	}, nil
}
