package main

import (
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

type company struct {
	ID, Name, Country string
	Currency          money.Currency
	TimeZone          string `json:"time_zone"`
}

type customer struct {
	ID, Type, Name               string
	Version                      int64
	ContactPerson                string `json:"contact_person"`
	Email, Phone, IBAN, Language string
	VATNumber                    string `json:"vat_number"`
	Registration                 string
	Address                      struct {
		Street, City, Country string
		PostalCode            string `json:"postal_code"`
	}
}

func (c customer) version() int64 { return c.Version }

// party says unknown rather than guess: the law protects consumers.
func (c customer) party() sdk.Party {
	p := sdk.Party{
		ID: c.ID, Revision: fmt.Sprint(c.Version), Name: c.Name, Kind: sdk.Unknown, Email: c.Email, Phone: c.Phone, Language: c.Language,
		Address: sdk.Address{Line1: c.Address.Street, PostalCode: c.Address.PostalCode, City: c.Address.City, Country: c.Address.Country},
		IBAN:    c.IBAN, VATNumber: c.VATNumber, Registration: c.Registration,
	}
	switch c.Type {
	case "company":
		p.Kind, p.Attention = sdk.Business, c.ContactPerson
	case "person":
		p.Kind = sdk.Consumer
	}
	return p
}

type invoice struct {
	ID, Type, Number, Customer, State, Reference string
	Version                                      int64
	Date, Due                                    date.Date
	Currency                                     money.Currency
	Total, Open                                  string
	Credits                                      string
	Payments                                     []payment
}

type payment struct {
	ID, Amount, Reference string
	PaidOn                date.Date `json:"paid_on"`
	CreditNote            string    `json:"credit_note"`
}

type deletion struct {
	ID, Type string
	Version  int64
}

func (v invoice) version() int64  { return v.Version }
func (v deletion) version() int64 { return v.Version }

var (
	streams = map[string]sdk.Stream{"customer": sdk.Parties, "invoice": sdk.Invoices, "payment": sdk.Payments}
	states  = map[string]sdk.InvoiceStatus{"draft": sdk.Draft, "open": sdk.Open, "paid": sdk.Paid, "cancelled": sdk.Void}
)

// send sends an invoice with its payments. One that cannot be read is reported
// with the reason, which the user sees.
func send(v invoice, sink sdk.Sink) error {
	r, err := v.record()
	if err != nil {
		return sink.Unreadable(sdk.Invoices, v.ID, err.Error())
	}
	if err := sink.Invoice(r); err != nil {
		return err
	}
	for _, p := range v.Payments {
		amount, err := money.Parse(p.Amount, v.Currency)
		if err != nil {
			err = sink.Unreadable(sdk.Payments, p.ID, err.Error())
		} else {
			err = sink.Payment(sdk.Payment{
				ID: p.ID, PartyID: v.Customer, InvoiceID: v.ID, Amount: amount, ValueDate: p.PaidOn, Reference: p.Reference, CreditNote: p.CreditNote,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v invoice) record() (sdk.Invoice, error) {
	total, err := money.Parse(v.Total, v.Currency)
	open, openErr := money.Parse(v.Open, v.Currency)
	status, known := states[v.State]
	if err := errors.Join(err, openErr); err != nil {
		return sdk.Invoice{}, err
	}
	if !known {
		return sdk.Invoice{}, fmt.Errorf("the state %q is not known", v.State)
	}
	r := sdk.Invoice{
		ID: v.ID, Revision: fmt.Sprint(v.Version), PartyID: v.Customer, Number: v.Number, Kind: sdk.SalesInvoice, Status: status,
		Issued: v.Date, Due: v.Due, Total: total, Open: open, Reference: v.Reference, Document: status != sdk.Draft,
	}
	if v.Type == "credit_note" { // its amounts are negative there and positive here
		r.Kind, r.Total, r.Open, r.Credits = sdk.CreditNote, total.Neg(), open.Neg(), v.Credits
	}
	return r, nil
}
