package emulator

import (
	"fmt"
	"net/http"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// padded is an account code: 18 characters, spaces on the left.
func padded(code string) string { return fmt.Sprintf("%18s", code) }

func condition(terms int) string {
	if terms == 30 {
		return "30"
	}
	return "14"
}

func account(a *ledger.Administration, ct *ledger.Contact) object {
	f := ct.Fields
	return object{
		"ID": ct.UUID, "Timestamp": rowVersion(ct.Rev, 0), "Code": padded(ct.Code), "Name": ct.Name(), "Status": "C", "IsSales": true, "Blocked": f.Inactive,
		"Email": null(f.Email), "Phone": null(f.Phone), "AddressLine1": null(f.Address), "AddressLine2": nil, "AddressLine3": nil, "Postcode": null(f.Zipcode),
		"City": null(f.City), "Country": null(f.Country), "VATNumber": null(f.TaxNumber), "ChamberOfCommerce": null(f.ChamberOfCommerce), "Language": null(f.Language),
		"PaymentConditionSales": condition(f.Terms), "PaymentConditionSalesDescription": condition(f.Terms) + " dagen", "CreditLineSales": 0, "InvoiceAccount": nil,
		"MainContact": mainContact(ct), "InvoicingMethod": 2, "PeppolIdentifier": nil, "Remarks": null(ct.Note), "Division": code(a.ID),
		"Created": local(a, ct.Created), "Modified": local(a, ct.Modified),
	}
}

func mainContact(ct *ledger.Contact) any {
	if ct.Person() == "" {
		return nil
	}
	return ledger.Derived(ct.UUID, "contact")
}

func accounts(_ *call, a *ledger.Administration) (out []object) {
	for _, ct := range a.Contacts {
		out = append(out, account(a, ct))
	}
	return out
}

func contacts(_ *call, a *ledger.Administration) (out []object) {
	for _, ct := range a.Contacts {
		if id := mainContact(ct); id != nil {
			f := ct.Fields
			out = append(out, object{
				"ID": id, "Timestamp": rowVersion(ct.Rev, 1), "Account": ct.UUID, "FullName": ct.Person(), "FirstName": null(f.FirstName), "LastName": null(f.LastName),
				"Email": null(f.Email), "BusinessEmail": null(f.Email), "Phone": null(f.Phone), "Mobile": nil, "IsMainContact": true, "Language": null(f.Language),
				"Created": local(a, ct.Created), "Modified": local(a, ct.Modified),
			})
		}
	}
	return out
}

func bankAccounts(_ *call, a *ledger.Administration) (out []object) {
	for _, ct := range a.Contacts {
		if ct.Fields.IBAN != "" {
			out = append(out, object{"ID": ledger.Derived(ct.UUID, "bank"), "Account": ct.UUID, "AccountName": ct.Name(), "BankAccount": ct.Fields.IBAN, "BICCode": nil, "Main": true, "Modified": local(a, ct.Modified)})
		}
	}
	return out
}

// accountFields are those of an account that can be written.
type accountFields struct {
	Code, Name, Email, Phone, AddressLine1, Postcode, City, Country, VATNumber, ChamberOfCommerce, Language, Remarks *string
}

func (in accountFields) onto(ct *ledger.Contact) {
	f := &ct.Fields
	if in.Name != nil {
		f.CompanyName = *in.Name
	}
	for _, p := range []struct{ to, from *string }{
		{&f.Email, in.Email}, {&f.Phone, in.Phone}, {&f.Address, in.AddressLine1}, {&f.Zipcode, in.Postcode}, {&f.City, in.City}, {&f.Country, in.Country},
		{&f.TaxNumber, in.VATNumber}, {&f.ChamberOfCommerce, in.ChamberOfCommerce}, {&f.Language, in.Language}, {&ct.Note, in.Remarks},
	} {
		if p.from != nil {
			*p.to = *p.from
		}
	}
}

func (c *call) createAccount() error {
	var in accountFields
	if err := c.read(&in); err != nil {
		return err
	}
	var made object
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		var draft ledger.Contact
		in.onto(&draft)
		if draft.Fields.CompanyName == "" {
			return refuse(http.StatusBadRequest, "Mandatory: Name")
		}
		ct, err := t.AddContact(draft.Fields)
		if err == nil {
			ct.Note = draft.Note
			made = account(t.A, ct)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.draw(made, made))
}

func (c *call) changeAccount() error {
	var in accountFields
	if err := c.read(&in); err != nil {
		return err
	}
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		ct, err := t.A.NamedContact(c.key)
		if err == nil {
			in.onto(ct)
			t.TouchContact(ct)
		}
		return err
	})
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (c *call) deleteAccount() error {
	err := c.s.DeleteContact(c.adm, c.key)
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}
