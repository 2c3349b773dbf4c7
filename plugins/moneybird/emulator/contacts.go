package emulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// contactFields are what a contact can be written with.
type contactFields struct {
	CompanyName        string `json:"company_name"`
	Address1           string `json:"address1"`
	Address2           string `json:"address2"`
	Zipcode            string `json:"zipcode"`
	City               string `json:"city"`
	Country            string `json:"country"`
	Phone              string `json:"phone"`
	DeliveryMethod     string `json:"delivery_method"`
	CustomerID         string `json:"customer_id"`
	TaxNumber          string `json:"tax_number"`
	FirstName          string `json:"firstname"`
	LastName           string `json:"lastname"`
	ChamberOfCommerce  string `json:"chamber_of_commerce"`
	BankAccount        string `json:"bank_account"`
	InvoicesAttention  string `json:"send_invoices_to_attention"`
	InvoicesEmail      string `json:"send_invoices_to_email"`
	EstimatesAttention string `json:"send_estimates_to_attention"`
	EstimatesEmail     string `json:"send_estimates_to_email"`
	SepaActive         flag   `json:"sepa_active"`
	SepaIBAN           string `json:"sepa_iban"`
	SepaName           string `json:"sepa_iban_account_name"`
	SepaBIC            string `json:"sepa_bic"`
	SepaMandateID      string `json:"sepa_mandate_id"`
	SepaMandateDate    string `json:"sepa_mandate_date"`
	SepaSequence       string `json:"sepa_sequence_type"`
	PeppolType         string `json:"si_identifier_type"`
	PeppolID           string `json:"si_identifier"`
	InvoiceWorkflow    ident  `json:"invoice_workflow_id"`
	EstimateWorkflow   ident  `json:"estimate_workflow_id"`
	EmailUBL           flag   `json:"email_ubl"`
	DirectDebit        flag   `json:"direct_debit"`
}

var deliveryMethods = []string{"Email", "Simplerinvoicing", "Peppol", "Manual", "Post"}

func (f *contactFields) check() error {
	var bad invalid
	if f.CompanyName == "" && f.FirstName == "" && f.LastName == "" {
		for _, field := range []string{"firstname", "lastname", "company_name"} {
			bad.add(field, "is required", "is required")
		}
	}
	if !slices.Contains(deliveryMethods, f.DeliveryMethod) {
		bad.add("delivery_method", "is not included in the list", "inclusion")
	}
	if len(f.Country) != 2 {
		bad.add("country", "is not included in the list", "inclusion")
	}
	for one := range strings.SplitSeq(f.InvoicesEmail, ",") {
		if one = strings.TrimSpace(one); one != "" && !strings.Contains(one, "@") {
			bad.add("send_invoices_to_email", "is invalid", "invalid_email")
		}
	}
	return bad.err()
}

func (c *change) addContact(f contactFields) (*contact, error) {
	for _, d := range []struct {
		field *string
		value string
	}{{&f.Country, c.a.Seed.Country}, {&f.DeliveryMethod, "Email"}, {&f.SepaSequence, "RCUR"}} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if f.CustomerID == "" {
		f.CustomerID = itoa(int64(c.a.Customers + 1))
	}
	if err := c.a.unique(f.CustomerID, ""); err != nil {
		return nil, err
	}
	c.a.Customers++
	ct := &contact{ID: c.b.nextID(), Fields: f, CreatedAt: c.now, UpdatedAt: c.now}
	c.touch(&ct.Version, &ct.UpdatedAt)
	c.a.Contacts[ct.ID] = ct
	c.a.ContactNo = append(c.a.ContactNo, ct.ID)
	c.tellContact(ct, "contact_created")
	return ct, nil
}

func (a *administration) unique(customer, except string) error {
	var bad invalid
	for _, other := range a.Contacts {
		if other.ID != except && other.Fields.CustomerID == customer {
			bad.add("customer_id", "has already been taken", "taken")
			break
		}
	}
	return bad.err()
}

func (c *change) editContact(ct *contact, f contactFields) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := c.a.unique(f.CustomerID, ct.ID); err != nil {
		return err
	}
	ct.Fields = f
	c.touch(&ct.Version, &ct.UpdatedAt)
	c.tellContact(ct, "contact_changed")
	return nil
}

func (c *call) listContacts() error {
	w, err := c.window()
	if err != nil {
		return err
	}
	q := strings.ToLower(c.r.URL.Query().Get("query"))
	archived := c.r.URL.Query().Get("include_archived") == "true"
	var items [][]byte
	err = c.view(func(a *administration) error {
		var hits []*contact
		for _, id := range a.ContactNo {
			if ct := a.Contacts[id]; (archived || !ct.Archived) && ct.holds(q) {
				hits = append(hits, ct)
			}
		}
		from, to := w.cut(len(hits))
		for _, ct := range hits[from:to] {
			items = append(items, c.s.renderContact(a, ct, true))
		}
		c.link(w, len(hits))
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, array(items))
}

// holds reports whether one of the searched fields holds the words.
func (ct *contact) holds(q string) bool {
	f := ct.Fields
	all := strings.Join([]string{f.CompanyName, f.InvoicesAttention, f.FirstName, f.LastName, f.Address1, f.Address2, f.Zipcode, f.City, f.Country, f.InvoicesEmail, f.Phone, f.CustomerID, f.TaxNumber, f.ChamberOfCommerce, f.BankAccount}, "\n")
	return q == "" || strings.Contains(strings.ToLower(all), q)
}

func (c *call) getContact() error {
	return c.oneContact(func(a *administration) *contact { return a.Contacts[c.r.PathValue("id")] }, "id")
}

func (c *call) getCustomer() error {
	return c.oneContact(func(a *administration) *contact {
		for _, ct := range a.Contacts {
			if ct.Fields.CustomerID == c.r.PathValue("id") {
				return ct
			}
		}
		return nil
	}, "customer_id")
}

func (c *call) oneContact(find func(*administration) *contact, field string) error {
	var body []byte
	err := c.view(func(a *administration) error {
		ct := find(a)
		if ct == nil || ct.Archived && c.r.URL.Query().Get("include_archived") == "false" {
			return notFound(field)
		}
		body = c.s.renderContact(a, ct, true)
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, body)
}

type contactRequest struct {
	Contact *struct {
		contactFields
		Person *struct {
			FirstName  string `json:"firstname"`
			LastName   string `json:"lastname"`
			Phone      string `json:"phone"`
			Email      string `json:"email"`
			Department string `json:"department"`
		} `json:"contact_person"`
		CustomFields json.RawMessage `json:"custom_fields_attributes"`
	} `json:"contact"`
}

func (c *call) createContact() error {
	var in contactRequest
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Contact == nil {
		return symbolic(http.StatusBadRequest, "Contact is required", "contact", "required")
	}
	var body []byte
	err := c.change(func(ch *change) error {
		ct, err := ch.addContact(in.Contact.contactFields)
		if err != nil {
			return err
		}
		if p := in.Contact.Person; p != nil {
			ct.People = append(ct.People, person{ID: ch.b.nextID(), FirstName: p.FirstName, LastName: p.LastName, Email: p.Email, Department: p.Department, At: ch.now})
		}
		body = c.s.renderContact(ch.a, ct, true)
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusCreated, body)
}

func (c *call) patchContact() error {
	var in struct {
		Contact json.RawMessage `json:"contact"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Contact == nil {
		return symbolic(http.StatusBadRequest, "Contact is required", "contact", "required")
	}
	var body []byte
	err := c.change(func(ch *change) error {
		ct := ch.a.Contacts[c.r.PathValue("id")]
		if ct == nil {
			return notFound("id")
		}
		f := ct.Fields
		if err := json.Unmarshal(in.Contact, &f); err != nil {
			return symbolic(http.StatusBadRequest, "Contact is invalid", "contact", "invalid")
		}
		if err := ch.editContact(ct, f); err != nil {
			return err
		}
		body = c.s.renderContact(ch.a, ct, true)
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, body)
}

// deleteContact refuses a contact that has invoices: the books keep it.
func (c *call) deleteContact() error {
	err := c.change(func(ch *change) error {
		ct := ch.a.Contacts[c.r.PathValue("id")]
		if ct == nil {
			return notFound("id")
		}
		for _, inv := range ch.a.Invoices {
			if inv.Contact == ct.ID {
				return symbolic(http.StatusBadRequest, "Contact can not be destroyed", "id", "can_not_be_destroyed")
			}
		}
		ch.tellContact(ct, "contact_destroyed")
		delete(ch.a.Contacts, ct.ID)
		ch.a.ContactNo = slices.DeleteFunc(ch.a.ContactNo, func(id string) bool { return id == ct.ID })
		return nil
	})
	if err != nil {
		return err
	}
	return c.empty()
}

func (c *call) archiveContact() error {
	err := c.change(func(ch *change) error {
		ct := ch.a.Contacts[c.r.PathValue("id")]
		switch {
		case ct == nil:
			return notFound("id")
		case ct.Archived:
			return symbolic(http.StatusBadRequest, "Contact can not be archived", "id", "can_not_be_archived")
		}
		ct.Archived = true
		ch.touch(&ct.Version, &ct.UpdatedAt)
		ch.tellContact(ct, "contact_archived")
		return nil
	})
	if err != nil {
		return err
	}
	return c.empty()
}

func (c *call) syncContacts() error {
	pairs := []pair{}
	err := c.view(func(a *administration) error {
		for _, id := range a.ContactNo {
			pairs = append(pairs, pair{id, a.Contacts[id].Version})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pairs)
}

func (c *call) fetchContacts() error {
	ids, err := c.ids()
	if err != nil {
		return err
	}
	var items [][]byte
	err = c.view(func(a *administration) error {
		for _, id := range ids {
			if ct := a.Contacts[id]; ct != nil {
				items = append(items, c.s.renderContact(a, ct, true))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, array(items))
}
