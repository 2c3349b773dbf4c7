package emulator

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func (c *call) listAdministrations() error {
	var rows []row
	err := c.view(func(a *ledger.Administration) error {
		rows = append(rows, row{shown: object{"guid": ledger.Derived(a.ID, "administration"), "company": a.Seed.Name}})
		return nil
	})
	if err != nil {
		return err
	}
	return c.list(rows, nil)
}

func kind(ct *ledger.Contact) string {
	if ct.Business() {
		return "B"
	}
	return "P"
}

func (c *call) listRelations() error {
	var rows []row
	err := c.view(func(a *ledger.Administration) error {
		for _, ct := range a.Contacts {
			rows = append(rows, row{
				shown:  object{"id": ct.No, "type": kind(ct), "code": ct.Code},
				hidden: object{"name": ct.Name(), "contact": ct.Person(), "city": ct.Fields.City, "email": ct.Fields.Email},
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.list(rows, []string{"id", "type", "code", "name", "contact", "city", "email"})
}

func relation(a *ledger.Administration, ct *ledger.Contact) object {
	f := ct.Fields
	o := object{
		"id": ct.No, "type": kind(ct), "code": ct.Code, "date": date.Of(ct.Created.In(a.Location())).String(), "name": ct.Name(), "salutation": nil,
		"contact": or(ct.Person()), "gender": nil, "address": or(f.Address), "postalCode": or(f.Zipcode), "city": or(f.City), "country": or(f.Country),
		"address2": nil, "postalCode2": nil, "city2": nil, "country2": nil, "phoneNumber": or(f.Phone), "mobilePhoneNumber": nil, "faxNumber": nil,
		"emailAddress": or(f.Email), "emailAddressInvoice": or(f.Email), "emailAddressReminder": or(f.Email), "website": nil, "note": or(ct.Note),
		"vatNumber": or(f.TaxNumber), "inactive": f.Inactive, "termOfPayment": max(f.Terms, 0), "companyRegistrationNumber": or(f.ChamberOfCommerce),
		"iban": or(f.IBAN), "bic": nil, "mandate": false, "mandateType": nil, "mandateId": nil, "mandateSignedDate": nil, "ledgerId": debtors, "peppolId": nil,
	}
	for i := 1; i <= 10; i++ {
		o[fmt.Sprintf("freeText%d", i)] = nil
	}
	return o
}

func (c *call) getRelation() error {
	var body object
	err := c.view(func(a *ledger.Administration) error {
		ct := a.ContactByNo(c.id())
		if ct == nil {
			return notFound("REL_003", "Relatie niet gevonden.")
		}
		body = relation(a, ct)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

// relationFields are those of a relation that can be written.
type relationFields struct {
	Type          *string `json:"type"`
	Code          *string `json:"code"`
	Name          *string `json:"name"`
	Contact       *string `json:"contact"`
	Address       *string `json:"address"`
	PostalCode    *string `json:"postalCode"`
	City          *string `json:"city"`
	Country       *string `json:"country"`
	PhoneNumber   *string `json:"phoneNumber"`
	EmailAddress  *string `json:"emailAddress"`
	VatNumber     *string `json:"vatNumber"`
	Registration  *string `json:"companyRegistrationNumber"`
	IBAN          *string `json:"iban"`
	TermOfPayment *int    `json:"termOfPayment"`
	Note          *string `json:"note"`
}

// onto returns the fields of a relation after the write.
func (in relationFields) onto(f ledger.ContactSeed) (ledger.ContactSeed, error) {
	if in.Type != nil && *in.Type != "B" && *in.Type != "P" {
		return f, invalid("REL_001", "type", "Relatietype is ongeldig (B,P).")
	}
	if in.EmailAddress != nil && *in.EmailAddress != "" && !strings.Contains(*in.EmailAddress, "@") {
		return f, invalid("REL_023", "emailAddress", "E-mail is ongeldig.")
	}
	if in.Name != nil {
		if in.Type != nil && *in.Type == "P" || in.Type == nil && f.CompanyName == "" && f.LastName != "" {
			f.FirstName, f.LastName = "", *in.Name
		} else {
			f.CompanyName = *in.Name
		}
	}
	if in.Contact != nil && f.CompanyName != "" {
		f.FirstName, f.LastName = "", *in.Contact
	}
	for _, p := range []struct{ to, from *string }{
		{&f.CustomerID, in.Code}, {&f.Address, in.Address}, {&f.Zipcode, in.PostalCode}, {&f.City, in.City}, {&f.Country, in.Country}, {&f.Phone, in.PhoneNumber},
		{&f.Email, in.EmailAddress}, {&f.TaxNumber, in.VatNumber}, {&f.ChamberOfCommerce, in.Registration}, {&f.IBAN, in.IBAN},
	} {
		if p.from != nil {
			*p.to = *p.from
		}
	}
	if in.TermOfPayment != nil {
		f.Terms = *in.TermOfPayment
	}
	return f, nil
}

func (c *call) createRelation() error {
	var in relationFields
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Type == nil {
		return invalid("REL_001", "type", "Relatietype is ongeldig (B,P).")
	}
	if in.Name == nil || *in.Name == "" {
		return invalid("REL_002", "name", "Naam is verplicht.")
	}
	f, err := in.onto(ledger.ContactSeed{})
	if err != nil {
		return err
	}
	var body object
	err = c.s.Change(c.adm, func(t *ledger.Tx) error {
		if _, err := t.A.NamedContact(f.CustomerID); f.CustomerID != "" && err == nil {
			return invalid("REL_049", "code", "Code bestaat al.")
		}
		ct, err := t.AddContact(f)
		if err != nil {
			return err
		}
		if in.Note != nil {
			ct.Note = *in.Note
		}
		body = object{"id": ct.No, "code": ct.Code}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, body)
}

func (c *call) patchRelation() error {
	var in relationFields
	if err := c.read(&in); err != nil {
		return err
	}
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		ct := t.A.ContactByNo(c.id())
		if ct == nil {
			return notFound("REL_003", "Relatie niet gevonden.")
		}
		f, err := in.onto(ct.Fields)
		if err != nil {
			return err
		}
		ct.Fields, ct.Code = f, f.CustomerID
		if in.Note != nil {
			ct.Note = *in.Note
			t.AddNote(&ledger.Note{Contact: ct.No, Text: *in.Note})
		}
		t.TouchContact(ct)
		return nil
	})
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *call) deleteRelation() error {
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		ct := t.A.ContactByNo(c.id())
		if ct == nil {
			return notFound("REL_003", "Relatie niet gevonden.")
		}
		return t.RemoveContact(ct)
	})
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
