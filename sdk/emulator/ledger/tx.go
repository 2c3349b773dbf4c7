package ledger

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Tx changes one administration.
type Tx struct {
	A      *Administration
	Now    time.Time
	s      *Store
	events []Event
}

// Today is the date in the administration's time zone.
func (t *Tx) Today() date.Date { return date.Of(t.Now.In(t.A.Location())) }

func (t *Tx) stamp(kind string) Stamp {
	t.A.Seq++
	st := Stamp{No: t.A.Seq, UUID: Derived(t.A.ID, fmt.Sprint(kind, t.A.Seq)), Created: t.Now}
	t.touch(kind, "create", &st)
	return st
}

func (t *Tx) touch(kind, action string, st *Stamp) {
	t.A.Rev++
	st.Rev = t.A.Rev
	switch kind {
	case KindContact:
		t.A.byContact.Store(nil)
	case KindInvoice, KindPayment:
		t.A.bySale.Store(nil)
	}
	if t.Now.After(st.Modified) {
		st.Modified = t.Now
	}
	t.events = append(t.events, Event{t.A.ID, kind, action, st.No, st.UUID, t.Now})
}

func (t *Tx) bury(kind string, st Stamp, of date.Date) {
	t.touch(kind, "delete", &st)
	t.A.Gone = append(t.A.Gone, Gone{kind, st.No, st.UUID, st.Rev, t.Now, of})
}

// AddContact adds a debtor. It returns ErrRefused for one without a name.
func (t *Tx) AddContact(f ContactSeed) (*Contact, error) {
	c := &Contact{Fields: f, Code: f.CustomerID}
	if c.Name() == "" {
		return nil, fmt.Errorf("%w: a contact needs a name", ErrRefused)
	}
	c.Stamp = t.stamp(KindContact)
	if c.Code == "" {
		c.Code = t.s.cfg.Code(c.No)
		c.Fields.CustomerID = c.Code
	}
	t.A.Contacts = append(t.A.Contacts, c)
	return c, nil
}

// TouchContact notes that a debtor was changed.
func (t *Tx) TouchContact(c *Contact) { t.touch(KindContact, "update", &c.Stamp) }

// RemoveContact deletes a debtor. It returns ErrRefused when there are invoices.
func (t *Tx) RemoveContact(c *Contact) error {
	for _, v := range t.A.Invoices {
		if v.Contact == c.No {
			return fmt.Errorf("%w: contact %s has invoices", ErrRefused, c.Code)
		}
	}
	t.A.Contacts = slices.DeleteFunc(t.A.Contacts, func(o *Contact) bool { return o == c })
	t.bury(KindContact, c.Stamp, date.Date{})
	return nil
}

// AddInvoice files an invoice; it fills in what is zero: date, due date, number,
// currency and the sums.
func (t *Tx) AddInvoice(v *Invoice) (*Invoice, error) {
	if t.A.ContactByNo(v.Contact) == nil {
		return nil, fmt.Errorf("%w: contact %d", ErrNotFound, v.Contact)
	}
	v.Currency = cmp.Or(v.Currency, t.A.Seed.Currency)
	if v.Date.IsZero() {
		v.Date = t.Today()
	}
	if v.Due.IsZero() {
		v.Due = v.Date.AddDays(cmp.Or(t.A.ContactByNo(v.Contact).Fields.Terms, 14))
	}
	if err := v.count(); err != nil {
		return nil, err
	}
	if v.Number == "" && !v.Draft {
		v.Number = t.number(v.Date.Year())
	}
	t.numbers()[v.Number] = true
	v.Stamp, v.Edited = t.stamp(KindInvoice), t.Now
	t.A.Invoices = append(t.A.Invoices, v)
	return v, nil
}

// number takes the next free number of a year.
func (t *Tx) number(year int) string {
	for {
		t.A.Numbers[year]++
		if n := t.s.cfg.Number(year, t.A.Numbers[year]); !t.numbers()[n] {
			return n
		}
	}
}

func (t *Tx) numbers() map[string]bool {
	if t.A.taken == nil {
		t.A.taken = map[string]bool{}
		for _, v := range t.A.Invoices {
			t.A.taken[v.Number] = true
		}
	}
	return t.A.taken
}

// Finalize gives a draft its number.
func (t *Tx) Finalize(v *Invoice) {
	v.Draft = false
	if v.Number == "" {
		v.Number = t.number(v.Date.Year())
		t.numbers()[v.Number] = true
	}
	t.TouchInvoice(v)
}

// TouchInvoice notes that an invoice was changed.
func (t *Tx) TouchInvoice(v *Invoice) {
	v.Edited = t.Now
	t.settle(v)
}

// settle notes that what is open on an invoice changed.
func (t *Tx) settle(v *Invoice) { t.touch(KindInvoice, "update", &v.Stamp) }

// RemoveInvoice deletes an invoice with its payments.
func (t *Tx) RemoveInvoice(v *Invoice) {
	for _, p := range t.A.PaymentsOf(v) {
		if slices.Contains(t.A.Payments, p) { // not undone with the other side already
			t.RemovePayment(p)
		}
	}
	t.A.Invoices = slices.DeleteFunc(t.A.Invoices, func(o *Invoice) bool { return o == v })
	t.bury(KindInvoice, v.Stamp, v.Date)
}

// AddPayment books a payment, and notes that its invoice changed.
func (t *Tx) AddPayment(p *Payment) *Payment {
	if p.Date.IsZero() {
		p.Date = t.Today()
	}
	v := t.A.InvoiceByNo(p.Invoice)
	if v != nil {
		p.Contact, p.Currency = v.Contact, v.Currency
	}
	p.Currency = cmp.Or(p.Currency, t.A.Seed.Currency)
	p.Stamp = t.stamp(KindPayment)
	t.A.Payments = append(t.A.Payments, p)
	if v != nil {
		t.settle(v)
	}
	return p
}

// Match allots a payment that was not matched to an invoice.
func (t *Tx) Match(p *Payment, v *Invoice) {
	p.Invoice = v.No
	t.touch(KindPayment, "update", &p.Stamp)
	t.settle(v)
}

// RemovePayment undoes a payment; of a credit note set off it undoes both sides.
func (t *Tx) RemovePayment(p *Payment) {
	gone := []*Payment{p}
	for _, o := range t.A.Payments {
		if p.Offset != 0 && o.Offset == p.Invoice && o.Invoice == p.Offset && o.Amount == -p.Amount {
			gone = append(gone, o)
			break
		}
	}
	for _, g := range gone {
		t.A.Payments = slices.DeleteFunc(t.A.Payments, func(o *Payment) bool { return o == g })
		t.bury(KindPayment, g.Stamp, g.Date)
		if v := t.A.InvoiceByNo(g.Invoice); v != nil {
			t.settle(v)
		}
	}
}

// Credit makes a credit note for a whole invoice, and sets the two off against
// each other when settle is set.
func (t *Tx) Credit(v *Invoice, settle bool) (*Invoice, error) {
	if v.Draft || v.Credit {
		return nil, fmt.Errorf("%w: only an invoice that was sent can be credited", ErrRefused)
	}
	cr := &Invoice{Contact: v.Contact, Credit: true, Of: v.No, Currency: v.Currency, Reference: v.Number, Date: t.Today()}
	for _, l := range v.Lines {
		l.Quantity = strings.TrimPrefix("-"+l.Quantity, "--")
		if l.Given {
			l.Excl, l.Tax = -l.Excl, -l.Tax
		}
		cr.Lines = append(cr.Lines, l)
	}
	if _, err := t.AddInvoice(cr); err != nil {
		return nil, err
	}
	if settle {
		t.SetOff(v, cr)
	}
	return cr, nil
}

// SetOff settles an invoice and a credit note as far as the smaller one goes.
func (t *Tx) SetOff(v, cr *Invoice) {
	n := min(t.A.Open(v), -t.A.Open(cr))
	if n <= 0 {
		return
	}
	t.AddPayment(&Payment{Invoice: v.No, Amount: n, Offset: cr.No})
	t.AddPayment(&Payment{Invoice: cr.No, Amount: -n, Offset: v.No})
}

// AddNote writes a remark.
func (t *Tx) AddNote(n *Note) *Note {
	n.Stamp = t.stamp(KindNote)
	t.A.Notes = append(t.A.Notes, n)
	return n
}

// SetLines replaces the lines of an invoice; nothing changes on an error.
func (t *Tx) SetLines(v *Invoice, lines []Line) error {
	next := *v
	next.Lines = lines
	if err := next.count(); err != nil {
		return err
	}
	*v = next
	t.TouchInvoice(v)
	return nil
}

// count works out the sums from the quantities, prices and rates.
func (v *Invoice) count() error {
	v.Excl, v.Total = 0, 0
	for i := range v.Lines {
		l := &v.Lines[i]
		q, ok := new(big.Rat).SetString(cmp.Or(l.Quantity, "1"))
		rate, ok2 := new(big.Rat).SetString(cmp.Or(l.TaxRate, "0"))
		if !ok || !ok2 || len(l.Quantity) > 20 || len(l.TaxRate) > 8 {
			return fmt.Errorf("%w: line %d has no quantity or rate that is a number", ErrRefused, i+1)
		}
		if !l.Given {
			l.Excl = round(new(big.Rat).Mul(q, big.NewRat(l.Price, 1)))
			l.Tax = round(new(big.Rat).Mul(big.NewRat(l.Excl, 100), rate))
		}
		v.Excl += l.Excl
		v.Total += l.Excl + l.Tax
	}
	return nil
}

// round rounds half away from zero to a whole number.
func round(r *big.Rat) int64 {
	num := new(big.Int).Abs(r.Num())
	num.Mul(num, big.NewInt(2)).Add(num, r.Denom())
	n := num.Quo(num, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()
	if r.Sign() < 0 {
		return -n
	}
	return n
}

// ParseAmount reads a decimal of a currency; it returns an error in words.
func ParseAmount(text, currency string) (int64, error) {
	a, err := money.Parse(text, money.Currency(currency))
	return a.Minor, err
}
