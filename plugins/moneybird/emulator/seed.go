package emulator

import (
	"cmp"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// AdministrationSeed is a creditor's books.
type AdministrationSeed struct {
	ID                string `json:"id,omitempty"` // digits; "" is given one
	Name              string `json:"name"`
	Language          string `json:"language,omitempty"`  // default nl
	Currency          string `json:"currency,omitempty"`  // default EUR
	Country           string `json:"country,omitempty"`   // default NL
	TimeZone          string `json:"time_zone,omitempty"` // default Europe/Amsterdam
	Address           string `json:"address,omitempty"`
	Zipcode           string `json:"zipcode,omitempty"`
	City              string `json:"city,omitempty"`
	Email             string `json:"email,omitempty"`
	Phone             string `json:"phone,omitempty"`
	IBAN              string `json:"iban,omitempty"`
	BIC               string `json:"bic,omitempty"`
	TaxNumber         string `json:"tax_number,omitempty"`
	ChamberOfCommerce string `json:"chamber_of_commerce,omitempty"`
}

// ContactSeed is a customer. A customer with a company name and a Chamber of
// Commerce number is a business; one with a last name only is a person.
type ContactSeed struct {
	CompanyName       string `json:"company_name,omitempty"`
	FirstName         string `json:"firstname,omitempty"`
	LastName          string `json:"lastname,omitempty"`
	CustomerID        string `json:"customer_id,omitempty"`
	Address           string `json:"address,omitempty"`
	Zipcode           string `json:"zipcode,omitempty"`
	City              string `json:"city,omitempty"`
	Country           string `json:"country,omitempty"`
	Email             string `json:"email,omitempty"`
	Phone             string `json:"phone,omitempty"`
	IBAN              string `json:"iban,omitempty"`
	TaxNumber         string `json:"tax_number,omitempty"`
	ChamberOfCommerce string `json:"chamber_of_commerce,omitempty"`
	DeliveryMethod    string `json:"delivery_method,omitempty"`
}

// InvoiceSeed is an invoice as it stands in the books.
type InvoiceSeed struct {
	Contact   string    `json:"contact"`          // id
	Number    string    `json:"number,omitempty"` // "" takes the next of the year
	Draft     bool      `json:"draft,omitempty"`
	External  bool      `json:"external,omitempty"` // made in another system
	Source    string    `json:"source,omitempty"`
	Date      date.Date `json:"date,omitzero"` // default: today
	Due       date.Date `json:"due,omitzero"`  // default: 14 days after Date
	Reference string    `json:"reference,omitempty"`
	Currency  string    `json:"currency,omitempty"`
	Language  string    `json:"language,omitempty"`
	InclTax   bool      `json:"incl_tax,omitempty"` // prices hold VAT
	// SendBy is how Moneybird sent it: Email, Manual, Peppol, or "" for an
	// invoice that is open and was never sent: its sent_at is null.
	SendBy string     `json:"send_by,omitempty"`
	SentOn date.Date  `json:"sent_on,omitzero"` // default: Date
	Lines  []LineSeed `json:"lines,omitempty"`
	// Total makes one line of this amount with VAT, when there are no Lines.
	Total string `json:"total,omitempty"`
}

// LineSeed is a line of an invoice.
type LineSeed struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity,omitempty"` // default 1
	Price       string `json:"price"`
	Tax         string `json:"tax,omitempty"` // percentage; default 21
}

// PaymentSeed is a payment. The zero value pays what is open, today.
type PaymentSeed struct {
	Price       string    `json:"price,omitempty"`
	Date        date.Date `json:"date,omitzero"`
	Transaction string    `json:"transaction,omitempty"`
	Mutation    string    `json:"mutation,omitempty"` // id of a bank line
}

// MutationSeed is a line of the bank account.
type MutationSeed struct {
	Amount  string    `json:"amount"` // negative for a debit
	Date    date.Date `json:"date,omitzero"`
	Message string    `json:"message,omitempty"`
	Name    string    `json:"name,omitempty"`
	IBAN    string    `json:"iban,omitempty"`
}

// TokenSeed is a personal API token of an administration.
type TokenSeed struct {
	Administration string `json:"administration"`
	Scope          string `json:"scope,omitempty"` // default: every scope
	ReadOnly       bool   `json:"read_only,omitempty"`
	Token          string `json:"token,omitempty"` // of one's own choice; "" is given one
}

// SeedAdministration opens books and returns their id. Books that are there
// with the same id are left as they are.
func (s *Server) SeedAdministration(seed AdministrationSeed) (string, error) {
	for _, d := range []struct {
		field *string
		value string
	}{{&seed.Language, "nl"}, {&seed.Currency, "EUR"}, {&seed.Country, "NL"}, {&seed.TimeZone, "Europe/Amsterdam"}} {
		*d.field = cmp.Or(*d.field, d.value)
	}
	if seed.Name == "" || seed.ID != "" && digits(seed.ID) != seed.ID {
		return "", fmt.Errorf("an administration needs a name, and an id of digits or none")
	}
	if _, err := time.LoadLocation(seed.TimeZone); err != nil {
		return "", fmt.Errorf("time zone: %w", err)
	}
	err := s.books.Update(func(b *books) error {
		if seed.ID == "" {
			seed.ID = b.nextID()
		}
		if b.Administrations[seed.ID] != nil {
			return nil
		}
		a := &administration{ID: seed.ID, Seed: seed, CreatedAt: s.kit.Now().UTC(), Contacts: map[string]*contact{}, Invoices: map[string]*invoice{}, Numbers: map[int]int{}}
		for _, to := range []*string{&a.Fixed.User, &a.Fixed.Workflow, &a.Fixed.Style, &a.Fixed.Identity, &a.Fixed.Revenue, &a.Fixed.Settlement, &a.Fixed.Account, &a.Fixed.Statement} {
			*to = b.nextID()
		}
		for _, r := range []taxRate{{Name: "21% btw", Percent: "21"}, {Name: "9% btw", Percent: "9"}, {Name: "0% btw", Percent: "0"}} {
			r.ID = b.nextID()
			a.Rates = append(a.Rates, r)
		}
		a.Ticked = a.today(s.kit.Now())
		b.Administrations[seed.ID] = a
		b.Order = append(b.Order, seed.ID)
		return nil
	})
	return seed.ID, err
}

// SeedContact adds a customer and returns its id.
func (s *Server) SeedContact(adm string, seed ContactSeed) (id string, err error) {
	err = s.change(adm, func(c *change) error {
		ct, err := c.addContact(seed.onto(contactFields{EmailUBL: true}))
		if err == nil {
			id = ct.ID
		}
		return err
	})
	return id, err
}

// ChangeContact overwrites the fields of a customer that the seed names.
func (s *Server) ChangeContact(adm, id string, seed ContactSeed) error {
	return s.change(adm, func(c *change) error {
		ct := c.a.Contacts[id]
		if ct == nil {
			return notFound("id")
		}
		return c.editContact(ct, seed.onto(ct.Fields))
	})
}

func (seed ContactSeed) onto(f contactFields) contactFields {
	for _, p := range []struct {
		to   *string
		from string
	}{
		{&f.CompanyName, seed.CompanyName}, {&f.FirstName, seed.FirstName}, {&f.LastName, seed.LastName}, {&f.CustomerID, seed.CustomerID},
		{&f.Address1, seed.Address}, {&f.Zipcode, seed.Zipcode}, {&f.City, seed.City}, {&f.Country, seed.Country}, {&f.InvoicesEmail, seed.Email},
		{&f.EstimatesEmail, seed.Email}, {&f.Phone, seed.Phone}, {&f.BankAccount, seed.IBAN}, {&f.TaxNumber, seed.TaxNumber},
		{&f.ChamberOfCommerce, seed.ChamberOfCommerce}, {&f.DeliveryMethod, seed.DeliveryMethod},
	} {
		*p.to = cmp.Or(p.from, *p.to)
	}
	return f
}

// SeedInvoice adds an invoice and returns its id.
func (s *Server) SeedInvoice(adm string, seed InvoiceSeed) (string, error) {
	ids, err := s.SeedInvoices(adm, []InvoiceSeed{seed})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// SeedInvoices adds many invoices at once, all or none.
func (s *Server) SeedInvoices(adm string, seeds []InvoiceSeed) ([]string, error) {
	ids := make([]string, len(seeds))
	err := s.change(adm, func(c *change) error {
		all := make([]*invoice, len(seeds))
		for i, seed := range seeds {
			inv, err := c.fromSeed(seed)
			if err != nil {
				return fmt.Errorf("invoice %d: %w", i+1, err)
			}
			all[i] = inv
		}
		for i, inv := range all {
			c.plant(inv, seeds[i])
			ids[i] = inv.ID
		}
		return nil
	})
	return ids, err
}

func (c *change) fromSeed(seed InvoiceSeed) (*invoice, error) {
	if c.a.Contacts[seed.Contact] == nil {
		return nil, fmt.Errorf("there is no contact %q", seed.Contact)
	}
	inv := &invoice{
		External: seed.External, Source: seed.Source, Contact: seed.Contact, Number: seed.Number, State: "draft", Date: seed.Date, Due: seed.Due,
		Interval: 14, Conditions: c.a.conditions(), Reference: seed.Reference, Language: cmp.Or(seed.Language, c.a.Seed.Language),
		Currency: cmp.Or(seed.Currency, c.a.Seed.Currency), InclTax: seed.InclTax,
	}
	if inv.Rate = c.a.rateFor(inv.Currency); inv.Rate == "" {
		return nil, fmt.Errorf("currency %q is not one that the emulator knows", inv.Currency)
	}
	if inv.Date.IsZero() && !seed.Draft {
		inv.Date = c.today()
	}
	if inv.Due.IsZero() {
		inv.Due = date.Later(inv.Date, c.today()).AddDays(inv.Interval)
		if !inv.Date.IsZero() {
			inv.Due = inv.Date.AddDays(inv.Interval)
		}
	}
	if !inv.Date.IsZero() {
		inv.Interval = inv.Due.DaysSince(inv.Date)
	}
	if len(seed.Lines) == 0 && seed.Total != "" {
		inv.InclTax = true
		seed.Lines = []LineSeed{{Description: cmp.Or(seed.Reference, "Work as agreed"), Price: seed.Total}}
	}
	return inv, c.seedLines(inv, seed.Lines)
}

func (c *change) seedLines(inv *invoice, seeds []LineSeed) error {
	inv.Lines = nil
	for i, l := range seeds {
		price, err := parse(l.Price)
		if err != nil {
			return fmt.Errorf("line %d: price %q: %w", i+1, l.Price, err)
		}
		rate := c.a.rateOf(cmp.Or(l.Tax, "21"))
		if rate == "" {
			return fmt.Errorf("line %d: the tax rates are 21, 9 and 0, not %q", i+1, l.Tax)
		}
		amount := cmp.Or(l.Quantity, "1") + " x"
		inv.Lines = append(inv.Lines, line{ID: c.b.nextID(), Description: l.Description, Amount: amount, Quantity: decimalText(quantity(amount)), Price: hundredths(price), RateID: rate, At: c.now})
	}
	return nil
}

// plant files a seeded invoice in the state it asks for.
func (c *change) plant(inv *invoice, seed InvoiceSeed) {
	c.addInvoice(inv)
	c.tell(inv, prefix(inv)+"_created", nil)
	if seed.Draft {
		return
	}
	if !inv.External {
		c.number(inv)
	}
	inv.State = ""
	c.settle(inv)
	if seed.SendBy == "" {
		return
	}
	inv.SentOn = inv.Date
	if !seed.SentOn.IsZero() {
		inv.SentOn = seed.SentOn
	}
	action := map[string]string{"Manual": "sales_invoice_send_manually", "Peppol": "sales_invoice_send_si"}[seed.SendBy]
	c.tell(inv, cmp.Or(action, "sales_invoice_send_email"), nil)
}
