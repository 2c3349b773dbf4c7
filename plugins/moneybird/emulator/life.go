package emulator

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// addInvoice files a new invoice.
func (c *change) addInvoice(inv *invoice) {
	inv.ID = c.b.nextID()
	inv.CreatedAt, inv.UpdatedAt = c.now, c.now
	c.touchInvoice(inv)
	c.a.recount(inv)
	c.a.Invoices[inv.ID] = inv
	c.a.InvoiceNo = append(c.a.InvoiceNo, inv.ID)
	if inv.External {
		c.a.Entries++
		inv.Entry = c.a.Entries
		return
	}
	c.a.Drafts++
	inv.Draft = c.a.Drafts
}

// number takes the next free number of the invoice's year. A number that was
// given is kept, also when another invoice has it.
func (c *change) number(inv *invoice) {
	a := c.a
	if a.taken == nil {
		a.taken = map[string]bool{}
		for _, other := range a.Invoices {
			a.taken[other.Number] = true
		}
	}
	for inv.Number == "" {
		year := inv.Date.Year()
		a.Numbers[year]++
		if next := fmt.Sprintf("%d-%04d", year, a.Numbers[year]); !a.taken[next] {
			inv.Number = next
		}
	}
	a.taken[inv.Number] = true
}

// finalize gives a draft its date, due date and number.
func (c *change) finalize(inv *invoice) {
	if inv.Date.IsZero() {
		inv.Date = c.today()
	}
	if inv.Number == "" {
		inv.Due = inv.Date.AddDays(inv.Interval)
	}
	c.number(inv)
}

// send books an invoice as sent and opens it.
func (c *change) send(inv *invoice, method, to string) {
	c.finalize(inv)
	inv.SentOn = c.today()
	if inv.State == "draft" || inv.State == "scheduled" {
		inv.State = "" // so that settle moves it whatever the outcome
		c.settle(inv)
	}
	switch method {
	case "Manual":
		c.tell(inv, "sales_invoice_send_manually", nil)
	case "Peppol", "Simplerinvoicing":
		c.tell(inv, "sales_invoice_send_si", nil)
	default:
		c.tell(inv, "sales_invoice_send_email", map[string]string{"email_address": to})
	}
	c.touchInvoice(inv)
}

// pay books a payment on an invoice.
func (c *change) pay(inv *invoice, p payment) payment {
	p.ID, p.At = c.b.nextID(), c.now
	if p.Base == 0 {
		p.Base = inv.base(p.Price)
	}
	if p.Mutation != "" {
		p.Account = c.a.Fixed.Account
	}
	inv.Payments = append(inv.Payments, p)
	if inv.State == "pending_payment" {
		inv.State = "open" // the collection has ended, one way or the other
	}
	c.settle(inv)
	c.touchInvoice(inv)
	c.announce("payment_registered", "Payment", p.ID, "", func() any { return c.a.renderPayment(inv, p) })
	if p.Mutation != "" {
		c.announce("payment_linked_to_financial_mutation", "Payment", p.ID, "", func() any { return c.a.renderPayment(inv, p) })
	}
	return p
}

// unpay removes a payment and reports whether there was one.
func (c *change) unpay(inv *invoice, id string) bool {
	for i, p := range inv.Payments {
		if p.ID != id {
			continue
		}
		inv.Payments = append(inv.Payments[:i:i], inv.Payments[i+1:]...)
		c.settle(inv)
		c.touchInvoice(inv)
		if m := c.a.mutation(p.Mutation); m != nil {
			c.touch(&m.Version, &m.UpdatedAt)
		}
		c.announce("payment_destroyed", "Payment", p.ID, "", func() any { return c.a.renderPayment(inv, p) })
		return true
	}
	return false
}

// remove deletes an invoice.
func (c *change) remove(inv *invoice) {
	c.tell(inv, prefix(inv)+"_destroyed", nil)
	delete(c.a.Invoices, inv.ID)
	for i, id := range c.a.InvoiceNo {
		if id == inv.ID {
			c.a.InvoiceNo = append(c.a.InvoiceNo[:i:i], c.a.InvoiceNo[i+1:]...)
			return
		}
	}
}

// credit makes a draft that credits an invoice whole.
func (c *change) credit(of *invoice) *invoice {
	cr := &invoice{
		Contact: of.Contact, State: "draft", Interval: of.Interval, Conditions: of.Conditions, Reference: of.Reference,
		Language: of.Language, Currency: of.Currency, Rate: of.Rate, InclTax: of.InclTax, Discount: of.Discount, Original: of.ID,
	}
	title := "**Credit note for invoice " + of.Number + "**"
	if strings.HasPrefix(of.Language, "nl") {
		title = "**Creditfactuur voor factuur " + of.Number + "**"
	}
	cr.Lines = []line{{ID: c.b.nextID(), Description: title, Quantity: "1.0", RateID: of.Lines[0].RateID, At: c.now}}
	for _, l := range of.Lines {
		q, err := parse(l.Quantity)
		if err != nil {
			q = big.NewRat(1, 1)
		}
		l.ID, l.At, l.Quantity = c.b.nextID(), c.now, decimalText(q.Neg(q))
		if l.Amount != "" {
			l.Amount = strings.TrimSuffix(l.Quantity, ".0") + " x"
		}
		cr.Lines = append(cr.Lines, l)
	}
	c.addInvoice(cr)
	cr.Due = c.today().AddDays(cr.Interval)
	c.tell(cr, "credit_invoice_created_from_original", map[string]string{"original_invoice": of.Number})
	return cr
}

// settleCredit books a payment on a credit invoice and on its original, so that
// they settle against each other.
func (c *change) settleCredit(cr, of *invoice) {
	n := cr.Sums.incl()
	a := c.pay(cr, payment{Price: n, Date: c.today(), Credit: cr.ID})
	b := c.pay(of, payment{Price: -n, Date: c.today(), Credit: cr.ID, Linked: a.ID})
	cr.Payments[len(cr.Payments)-1].Linked = b.ID
}

// decimalText writes a quantity with at least one decimal.
func decimalText(r *big.Rat) string {
	s := strings.TrimRight(r.FloatString(6), "0")
	if strings.HasSuffix(s, ".") {
		s += "0"
	}
	return s
}

// reference makes an ISO 11649 creditor reference from an id; the short form
// leaves the leading zeros out, which do not change the check digits.
func reference(id string) (long, short string) {
	n, _ := strconv.ParseInt(id, 10, 64)
	body := strings.ToUpper(strconv.FormatInt(n%78364164096, 36)) // 7 places
	digits := ""
	for _, r := range body + "RF00" {
		if r >= 'A' {
			digits += strconv.Itoa(int(r-'A') + 10)
		} else {
			digits += string(r)
		}
	}
	v, _ := new(big.Int).SetString(digits, 10)
	check := 98 - v.Mod(v, big.NewInt(97)).Int64()
	head := fmt.Sprintf("RF%02d", check)
	return head + strings.Repeat("0", 21-len(body)) + body, head + body
}

func (a *administration) mutation(id string) *mutation {
	for _, m := range a.Mutations {
		if m.ID == id {
			return m
		}
	}
	return nil
}
