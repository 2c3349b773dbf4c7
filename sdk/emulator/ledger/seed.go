package ledger

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// AdministrationSeed is a creditor's books.
type AdministrationSeed struct {
	ID                string `json:"id,omitempty"` // "" is given a number
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

// ContactSeed is a debtor: a company when it has a company name, else a person.
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
	Language          string `json:"language,omitempty"`
	Terms             int    `json:"terms,omitempty"` // days; default 14
	Inactive          bool   `json:"inactive,omitempty"`
}

// InvoiceSeed is an invoice as it stands in the books.
type InvoiceSeed struct {
	Contact   string    `json:"contact"`
	Number    string    `json:"number,omitempty"` // "" takes the next of the year
	Draft     bool      `json:"draft,omitempty"`
	Date      date.Date `json:"date,omitzero"` // default: today
	Due       date.Date `json:"due,omitzero"`  // default: the contact's terms after Date
	Reference string    `json:"reference,omitempty"`
	Currency  string    `json:"currency,omitempty"`
	// Lines, or Total for one line of this amount with 21% VAT.
	Lines []LineSeed `json:"lines,omitempty"`
	Total string     `json:"total,omitempty"`
}

// LineSeed is a line; Price is without VAT.
type LineSeed struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity,omitempty"` // default 1
	Price       string `json:"price"`
	Tax         string `json:"tax,omitempty"` // percentage; default 21
}

// PaymentSeed is a payment. The zero value pays what is open, today.
type PaymentSeed struct {
	Price string    `json:"price,omitempty"`
	Date  date.Date `json:"date,omitzero"`
	Text  string    `json:"transaction,omitempty"`
}

// SeedAdministration opens books and returns their id. Books that are there
// with the same id are left as they are.
func (s *Store) SeedAdministration(seed AdministrationSeed) (string, error) {
	seed.Language, seed.Currency = cmp.Or(seed.Language, "nl"), cmp.Or(seed.Currency, "EUR")
	seed.Country, seed.TimeZone = cmp.Or(seed.Country, "NL"), cmp.Or(seed.TimeZone, "Europe/Amsterdam")
	if seed.Name == "" {
		return "", fmt.Errorf("%w: an administration needs a name", ErrRefused)
	}
	if _, err := time.LoadLocation(seed.TimeZone); err != nil {
		return "", fmt.Errorf("time zone: %w", err)
	}
	err := s.state.Update(func(d *Data) error {
		seed.ID = cmp.Or(seed.ID, fmt.Sprint(100_001+len(d.Order)))
		if d.Administrations[seed.ID] == nil {
			d.Administrations[seed.ID] = &Administration{ID: seed.ID, Seed: seed, CreatedAt: s.kit.Now().UTC(), Numbers: map[int]int{}}
			d.Order = append(d.Order, seed.ID)
		}
		return nil
	})
	return seed.ID, err
}

// SeedContact adds a debtor and returns its number.
func (s *Store) SeedContact(adm string, seed ContactSeed) (id string, err error) {
	err = s.Change(adm, func(t *Tx) error {
		c, err := t.AddContact(seed)
		if err == nil {
			id = fmt.Sprint(c.No)
		}
		return err
	})
	return id, err
}

// ChangeContact overwrites the fields of a debtor that the seed names.
func (s *Store) ChangeContact(adm, name string, seed ContactSeed) error {
	return s.Change(adm, func(t *Tx) error {
		c, err := t.A.NamedContact(name)
		if err != nil {
			return err
		}
		f := &c.Fields
		for _, p := range []struct {
			to   *string
			from string
		}{
			{&f.CompanyName, seed.CompanyName}, {&f.FirstName, seed.FirstName}, {&f.LastName, seed.LastName}, {&f.Address, seed.Address},
			{&f.Zipcode, seed.Zipcode}, {&f.City, seed.City}, {&f.Country, seed.Country}, {&f.Email, seed.Email}, {&f.Phone, seed.Phone},
			{&f.IBAN, seed.IBAN}, {&f.TaxNumber, seed.TaxNumber}, {&f.ChamberOfCommerce, seed.ChamberOfCommerce}, {&f.Language, seed.Language},
		} {
			*p.to = cmp.Or(p.from, *p.to)
		}
		f.Terms, f.Inactive = cmp.Or(seed.Terms, f.Terms), seed.Inactive
		t.TouchContact(c)
		return nil
	})
}

// DeleteContact removes a debtor without invoices.
func (s *Store) DeleteContact(adm, name string) error {
	return s.Change(adm, func(t *Tx) error {
		c, err := t.A.NamedContact(name)
		if err != nil {
			return err
		}
		return t.RemoveContact(c)
	})
}

// SeedInvoice adds an invoice and returns its number in the sequence.
func (s *Store) SeedInvoice(adm string, seed InvoiceSeed) (string, error) {
	ids, err := s.SeedInvoices(adm, []InvoiceSeed{seed})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// SeedInvoices adds many invoices at once, all or none.
func (s *Store) SeedInvoices(adm string, seeds []InvoiceSeed) ([]string, error) {
	ids := make([]string, len(seeds))
	err := s.Change(adm, func(t *Tx) error {
		all := make([]*Invoice, len(seeds))
		for i, seed := range seeds {
			c, err := t.A.NamedContact(seed.Contact)
			if err != nil {
				return fmt.Errorf("invoice %d: contact %q: %w", i+1, seed.Contact, err)
			}
			v := &Invoice{Number: seed.Number, Contact: c.No, Draft: seed.Draft, Date: seed.Date, Due: seed.Due, Reference: seed.Reference, Currency: cmp.Or(seed.Currency, t.A.Seed.Currency)}
			if v.Lines, err = lines(seed, v.Currency); err == nil {
				err = v.count()
			}
			if err != nil {
				return fmt.Errorf("invoice %d: %w", i+1, err)
			}
			v.Credit = v.Total < 0
			all[i] = v
		}
		for i, v := range all {
			if _, err := t.AddInvoice(v); err != nil {
				return err
			}
			ids[i] = fmt.Sprint(v.No)
		}
		return nil
	})
	return ids, err
}

func lines(seed InvoiceSeed, currency string) ([]Line, error) {
	if len(seed.Lines) == 0 && seed.Total != "" {
		l, err := WholeLine(cmp.Or(seed.Reference, "Work as agreed"), seed.Total, currency)
		return []Line{l}, err
	}
	var out []Line
	for _, l := range seed.Lines {
		price, err := ParseAmount(l.Price, currency)
		if err != nil {
			return nil, err
		}
		out = append(out, Line{Description: l.Description, Quantity: cmp.Or(l.Quantity, "1"), Price: price, TaxRate: cmp.Or(l.Tax, "21")})
	}
	return out, nil
}

// WholeLine is one line of a total with 21% VAT.
func WholeLine(text, total, currency string) (Line, error) {
	n, err := ParseAmount(total, currency)
	excl := round(big.NewRat(n*100, 121))
	return Line{Description: text, Quantity: "1", Price: excl, TaxRate: "21", Excl: excl, Tax: n - excl, Given: true}, err
}

// NamedContact finds a debtor by number, UUID or code.
func (a *Administration) NamedContact(name string) (*Contact, error) {
	i := slices.IndexFunc(a.Contacts, func(c *Contact) bool {
		return fmt.Sprint(c.No) == name || c.UUID == name || name != "" && c.Code == name
	})
	if i < 0 {
		return nil, ErrNotFound
	}
	return a.Contacts[i], nil
}

// NamedInvoice finds an invoice by its number in the sequence, its UUID, number
// or reference; the newest of several.
func (a *Administration) NamedInvoice(name string) (*Invoice, error) {
	for _, is := range []func(*Invoice) bool{
		func(v *Invoice) bool { return fmt.Sprint(v.No) == name || v.UUID == name },
		func(v *Invoice) bool { return name != "" && v.Number == name },
		func(v *Invoice) bool { return name != "" && v.Reference == name },
	} {
		for i := len(a.Invoices) - 1; i >= 0; i-- {
			if is(a.Invoices[i]) {
				return a.Invoices[i], nil
			}
		}
	}
	return nil, ErrNotFound
}
