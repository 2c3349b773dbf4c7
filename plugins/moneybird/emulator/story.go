package emulator

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk/date"
)

// A story's ways to change the books, as a user of Moneybird would. The invoice
// is named by its id, number or reference.

func (c *change) named(name string) (*invoice, error) {
	if inv := c.a.Invoices[name]; inv != nil {
		return inv, nil
	}
	for i := len(c.a.InvoiceNo) - 1; i >= 0; i-- {
		if inv := c.a.Invoices[c.a.InvoiceNo[i]]; name != "" && (inv.Number == name || inv.Reference == name) {
			return inv, nil
		}
	}
	return nil, notFound("invoice")
}

// story runs fn on a named invoice and gives it its next version.
func (s *Server) story(adm, name string, fn func(*change, *invoice) error) error {
	return s.change(adm, func(c *change) error {
		inv, err := c.named(name)
		if err != nil {
			return err
		}
		if err := fn(c, inv); err != nil {
			return err
		}
		c.touchInvoice(inv)
		return nil
	})
}

// Pay books a payment and returns its id.
func (s *Server) Pay(adm, name string, seed PaymentSeed) (id string, err error) {
	err = s.story(adm, name, func(c *change, inv *invoice) error {
		if !payable(inv) {
			return fmt.Errorf("invoice %s is %s and takes no payment", name, inv.State)
		}
		p := payment{Price: inv.unpaid(), Date: seed.Date, Transaction: seed.Transaction, Mutation: seed.Mutation}
		if seed.Price != "" {
			n, err := parse(seed.Price)
			if err != nil {
				return fmt.Errorf("price %q: %w", seed.Price, err)
			}
			p.Price = hundredths(n)
		}
		m := c.a.mutation(p.Mutation)
		if p.Mutation != "" && m == nil {
			return notFound("mutation")
		}
		if p.Price == 0 {
			return fmt.Errorf("invoice %s has nothing open", name)
		}
		if p.Date.IsZero() {
			p.Date = c.today()
		}
		id = c.pay(inv, p).ID
		if m != nil {
			if c.a.openOf(m) == 0 {
				m.Processed = c.now
			}
			c.touch(&m.Version, &m.UpdatedAt)
		}
		return nil
	})
	return id, err
}

// Unpay undoes a payment, or all of them when id is "".
func (s *Server) Unpay(adm, name, id string) error {
	return s.story(adm, name, func(c *change, inv *invoice) error {
		if id != "" {
			if !c.unpay(inv, id) {
				return notFound("payment")
			}
			return nil
		}
		for len(inv.Payments) > 0 {
			c.unpay(inv, inv.Payments[0].ID)
		}
		return nil
	})
}

// SetDue moves the due date.
func (s *Server) SetDue(adm, name string, due date.Date) error {
	return s.story(adm, name, func(c *change, inv *invoice) error {
		if due.IsZero() {
			return fmt.Errorf("there is no due date")
		}
		inv.Due = due
		if !inv.Date.IsZero() {
			inv.Interval = due.DaysSince(inv.Date)
		}
		inv.NextRemind = date.Date{}
		c.settle(inv)
		c.tell(inv, prefix(inv)+"_updated", nil)
		return nil
	})
}

// SetTotal replaces the lines by one of a total with VAT.
func (s *Server) SetTotal(adm, name, total string) error {
	return s.story(adm, name, func(c *change, inv *invoice) error {
		next := *inv
		next.InclTax = true
		if err := c.seedLines(&next, []LineSeed{{Description: "Work as agreed", Price: total}}); err != nil {
			return err
		}
		*inv = next
		c.a.recount(inv)
		c.settle(inv)
		c.tell(inv, prefix(inv)+"_updated", nil)
		return nil
	})
}

// Credit credits an invoice whole, sends the credit note and, when settle is
// set, books the two against each other. It returns the id of the credit note.
func (s *Server) Credit(adm, name string, settle bool) (id string, err error) {
	err = s.story(adm, name, func(c *change, inv *invoice) error {
		if inv.External || inv.Number == "" || inv.Sums.incl() <= 0 || len(inv.Lines) == 0 {
			return fmt.Errorf("invoice %s cannot be credited", name)
		}
		cr := c.credit(inv)
		c.send(cr, "Manual", "")
		if settle {
			c.settleCredit(cr, inv)
		}
		id = cr.ID
		return nil
	})
	return id, err
}

// SetState puts an invoice into pending_payment, or takes it out with "open".
func (s *Server) SetState(adm, name, state string) error {
	return s.story(adm, name, func(c *change, inv *invoice) error {
		switch {
		case state == "pending_payment" && payable(inv) && inv.State != "paid":
			c.move(inv, state)
		case state == "open" && inv.State == "pending_payment":
			inv.State = ""
			c.settle(inv)
		default:
			return fmt.Errorf("invoice %s is %s; the story can move it to pending_payment, and from there to open", name, inv.State)
		}
		return nil
	})
}

// DeleteInvoice removes an invoice from the books.
func (s *Server) DeleteInvoice(adm, name string) error {
	return s.change(adm, func(c *change) error {
		inv, err := c.named(name)
		if err == nil {
			c.remove(inv)
		}
		return err
	})
}

// SeedMutation adds a bank line and returns its id.
func (s *Server) SeedMutation(adm string, seed MutationSeed) (id string, err error) {
	n, err := parse(seed.Amount)
	if err != nil {
		return "", fmt.Errorf("amount %q: %w", seed.Amount, err)
	}
	err = s.change(adm, func(c *change) error {
		m := &mutation{ID: c.b.nextID(), Amount: hundredths(n), Date: seed.Date, Message: seed.Message, Name: seed.Name, IBAN: seed.IBAN, CreatedAt: c.now, UpdatedAt: c.now}
		if m.Date.IsZero() {
			m.Date = c.today()
		}
		c.touch(&m.Version, &m.UpdatedAt)
		c.a.Mutations = append(c.a.Mutations, m)
		id = m.ID
		return nil
	})
	return id, err
}

// Suspend makes an administration refuse writes, or accept them again.
func (s *Server) Suspend(adm string, suspended bool) error {
	return s.change(adm, func(c *change) error { c.a.Suspended = suspended; return nil })
}

// SeedToken makes a personal API token and returns it.
func (s *Server) SeedToken(seed TokenSeed) (string, error) {
	subject := seed.Administration
	if seed.ReadOnly {
		subject += readOnly
	}
	scope := seed.Scope
	if scope == "" {
		scope = "sales_invoices documents estimates bank time_entries settings"
	}
	if seed.Token == "" {
		return s.oauth.Issue(scope, subject)
	}
	return seed.Token, s.oauth.Adopt(seed.Token, scope, subject)
}

// Summary is an invoice in a short list.
type Summary struct {
	ID        string    `json:"id"`
	Number    string    `json:"number"`
	Reference string    `json:"reference"`
	Contact   string    `json:"contact"`
	State     string    `json:"state"`
	Date      date.Date `json:"date"`
	Due       date.Date `json:"due"`
	Currency  string    `json:"currency"`
	Total     string    `json:"total"`
	Open      string    `json:"open"`
	Payments  []string  `json:"payments"` // ids
	Notes     int       `json:"notes"`
	Version   int64     `json:"version"`
}

// Summaries lists the invoices, oldest first.
func (s *Server) Summaries(adm string) (out []Summary, err error) {
	out = []Summary{}
	s.tick()
	s.books.View(func(b *books) {
		a := b.Administrations[adm]
		if a == nil {
			err = errNoAdministration
			return
		}
		for _, no := range a.InvoiceNo {
			inv := a.Invoices[no]
			sum := Summary{ID: inv.ID, Number: inv.Number, Reference: inv.Reference, Contact: inv.Contact, State: inv.State, Date: inv.Date, Due: inv.Due,
				Currency: inv.Currency, Total: dec(inv.Sums.incl()), Open: dec(inv.unpaid()), Payments: []string{}, Notes: len(inv.Notes), Version: inv.Version}
			for _, p := range inv.Payments {
				sum.Payments = append(sum.Payments, p.ID)
			}
			out = append(out, sum)
		}
	})
	return out, err
}

// Pause stops or resumes the reminders of an invoice, as a person does in
// Moneybird.
func (s *Server) Pause(adm, name string, paused bool) error {
	return s.story(adm, name, func(ch *change, inv *invoice) error {
		ch.pause(inv, paused)
		return nil
	})
}
