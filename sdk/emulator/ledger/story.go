package ledger

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk/date"
)

// A story's ways to change the books, as a user of the package would.

func (s *Store) story(adm, name string, fn func(*Tx, *Invoice) error) error {
	return s.Change(adm, func(t *Tx) error {
		v, err := t.A.NamedInvoice(name)
		if err != nil {
			return err
		}
		return fn(t, v)
	})
}

// Pay books a payment and returns its number.
func (s *Store) Pay(adm, name string, seed PaymentSeed) (id string, err error) {
	err = s.story(adm, name, func(t *Tx, v *Invoice) error {
		n := t.A.Open(v)
		if seed.Price != "" {
			if n, err = ParseAmount(seed.Price, v.Currency); err != nil {
				return err
			}
		}
		if n == 0 || v.Draft {
			return fmt.Errorf("%w: invoice %s has nothing open", ErrRefused, name)
		}
		id = fmt.Sprint(t.AddPayment(&Payment{Invoice: v.No, Amount: n, Date: seed.Date, Text: seed.Text}).No)
		return nil
	})
	return id, err
}

// Unpay undoes a payment, or all of an invoice when id is "".
func (s *Store) Unpay(adm, name, id string) error {
	return s.story(adm, name, func(t *Tx, v *Invoice) error {
		found := id == ""
		for _, p := range t.A.PaymentsOf(v) {
			if id == "" || fmt.Sprint(p.No) == id || p.UUID == id {
				t.RemovePayment(p)
				found = true
			}
		}
		if !found {
			return ErrNotFound
		}
		return nil
	})
}

// SetDue moves the due date.
func (s *Store) SetDue(adm, name string, due date.Date) error {
	return s.story(adm, name, func(t *Tx, v *Invoice) error {
		if due.IsZero() {
			return fmt.Errorf("%w: there is no due date", ErrRefused)
		}
		v.Due = due
		t.TouchInvoice(v)
		return nil
	})
}

// SetTotal replaces the lines by one of a total with VAT.
func (s *Store) SetTotal(adm, name, total string) error {
	return s.story(adm, name, func(t *Tx, v *Invoice) error {
		l, err := WholeLine("Work as agreed", total, v.Currency)
		if err != nil {
			return err
		}
		return t.SetLines(v, []Line{l})
	})
}

// Credit credits an invoice whole and, when settle is set, sets the two off. It
// returns the number of the credit note in the sequence.
func (s *Store) Credit(adm, name string, settle bool) (id string, err error) {
	err = s.story(adm, name, func(t *Tx, v *Invoice) error {
		cr, err := t.Credit(v, settle)
		if err == nil {
			id = fmt.Sprint(cr.No)
		}
		return err
	})
	return id, err
}

// DeleteInvoice removes an invoice with its payments.
func (s *Store) DeleteInvoice(adm, name string) error {
	return s.story(adm, name, func(t *Tx, v *Invoice) error { t.RemoveInvoice(v); return nil })
}

// Void cancels an invoice on which nothing was paid.
func (s *Store) Void(adm, name string) error {
	return s.story(adm, name, func(t *Tx, v *Invoice) error {
		if len(t.A.PaymentsOf(v)) > 0 {
			return fmt.Errorf("%w: invoice %s has payments", ErrRefused, name)
		}
		v.Void = true
		t.TouchInvoice(v)
		return nil
	})
}

// Summary is an invoice in a short list.
type Summary struct {
	ID        string    `json:"id"`
	UUID      string    `json:"uuid"`
	Number    string    `json:"number"`
	Reference string    `json:"reference"`
	Contact   string    `json:"contact"`
	State     string    `json:"state"` // draft, open, paid, void
	Date      date.Date `json:"date"`
	Due       date.Date `json:"due"`
	Currency  string    `json:"currency"`
	Total     string    `json:"total"`
	Open      string    `json:"open"`
	Payments  []string  `json:"payments"` // numbers
	Notes     int       `json:"notes"`
	Version   int64     `json:"version"`
}

// Summaries lists the invoices, oldest first.
func (s *Store) Summaries(adm string) ([]Summary, error) {
	out := []Summary{}
	err := s.View(adm, func(a *Administration) error {
		for _, v := range a.Invoices {
			open := a.Open(v)
			sum := Summary{
				ID: fmt.Sprint(v.No), UUID: v.UUID, Number: v.Number, Reference: v.Reference, Contact: fmt.Sprint(v.Contact), State: "open", Date: v.Date, Due: v.Due,
				Currency: v.Currency, Total: Decimal(v.Total, v.Currency), Open: Decimal(open, v.Currency), Payments: []string{}, Version: v.Rev,
			}
			switch {
			case v.Void:
				sum.State = "void"
			case v.Draft:
				sum.State = "draft"
			case open == 0:
				sum.State = "paid"
			}
			for _, p := range a.PaymentsOf(v) {
				sum.Payments = append(sum.Payments, fmt.Sprint(p.No))
			}
			for _, n := range a.Notes {
				if n.Invoice == v.No {
					sum.Notes++
				}
			}
			out = append(out, sum)
		}
		return nil
	})
	return out, err
}
