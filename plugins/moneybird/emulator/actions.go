package emulator

import (
	"net/http"
	"slices"

	"github.com/voldaan/voldaan/sdk/date"
)

// sendInvoice sends a draft, or schedules that. E-mail does not really go out.
func (c *call) sendInvoice() error {
	var in struct {
		Sending struct {
			Method    string `json:"delivery_method"`
			Scheduled flag   `json:"sending_scheduled"`
			UBL       *flag  `json:"deliver_ubl"`
			Mergeable flag   `json:"mergeable"`
			Email     string `json:"email_address"`
			Message   string `json:"email_message"`
			Date      string `json:"invoice_date"`
		} `json:"sales_invoice_sending"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	return c.edit(salesLedger, http.StatusOK, func(ch *change, inv *invoice) error {
		how := in.Sending
		if len(inv.Lines) == 0 {
			return symbolic(http.StatusBadRequest, "details cannot be empty", "sales_invoice", "details_cannot_be_empty")
		}
		who := ch.a.Contacts[inv.Contact].Fields
		if how.Method == "" {
			how.Method = who.DeliveryMethod
		}
		if !slices.Contains(deliveryMethods, how.Method) {
			return symbolic(http.StatusBadRequest, "Delivery Method isn't an option", "delivery_method", "in")
		}
		if how.Email == "" {
			how.Email = who.InvoicesEmail
		}
		var bad invalid
		if how.Method == "Email" && how.Email == "" {
			bad.add("email_address", "can't be blank", "blank")
			return bad.err()
		}
		if !how.Scheduled {
			ch.send(inv, how.Method, how.Email)
			return nil
		}
		on, err := date.Parse(how.Date)
		if err != nil || on.IsZero() || !on.After(ch.today()) || inv.State != "draft" {
			bad.add("invoice_date", "must be further in the future", "too_early")
			return bad.err()
		}
		inv.Date, inv.Due = on, on.AddDays(inv.Interval)
		ch.move(inv, "scheduled")
		return nil
	})
}

func (c *call) pauseInvoice(paused bool) error {
	return c.edit(salesLedger, http.StatusCreated, func(ch *change, inv *invoice) error {
		ch.pause(inv, paused)
		return nil
	})
}

func (c *change) pause(inv *invoice, paused bool) {
	if inv.Paused != paused {
		inv.Paused = paused
		c.tell(inv, map[bool]string{true: "sales_invoice_paused", false: "sales_invoice_unpaused"}[paused], nil)
	}
}

func demandable(inv *invoice, today date.Date) bool {
	return slices.Contains([]string{"open", "late", "reminded", "pending_payment"}, inv.State) && inv.Sums.incl() > 0 && !inv.Date.After(today)
}

func (c *call) markDubious(l ledger) error {
	var in struct {
		Date string `json:"dubious_date"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	return c.edit(l, http.StatusOK, func(ch *change, inv *invoice) error {
		on, err := dayOr(in.Date, ch.today())
		if err != nil {
			return err
		}
		if !demandable(inv, ch.today()) {
			return symbolic(http.StatusBadRequest, "Invoice should be open, late or due, not a credit invoice and cannot have an invoice date in the future", "invoice", "not_open")
		}
		inv.Dubious = on
		ch.tell(inv, prefix(inv)+"_marked_as_dubious", nil)
		return nil
	})
}

func (c *call) markUncollectible(l ledger) error {
	var in struct {
		Date   string `json:"uncollectible_date"`
		Method string `json:"book_method"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	return c.edit(l, http.StatusOK, func(ch *change, inv *invoice) error {
		on, err := dayOr(in.Date, ch.today())
		if err != nil {
			return err
		}
		if !demandable(inv, ch.today()) {
			return symbolic(http.StatusBadRequest, "Sales invoice should be open, late or due, not a credit invoice and cannot have a invoice date in the future", "invoice", "not_open")
		}
		inv.WrittenOff = on
		ch.tell(inv, prefix(inv)+"_marked_as_uncollectible", nil)
		ch.settle(inv)
		return nil
	})
}

func dayOr(s string, today date.Date) (date.Date, error) {
	if s == "" {
		return today, nil
	}
	d, err := dayOf(s)
	if err != nil {
		return d, symbolic(http.StatusBadRequest, "Date is invalid", "date", "invalid")
	}
	return d, nil
}

// remindDays is the time a reminded invoice gets before it is late again.
const remindDays = 14

func (c *call) sendReminders() error {
	var in struct {
		Reminders []struct {
			Contact  ident   `json:"contact_id"`
			Workflow ident   `json:"workflow_id"`
			Style    ident   `json:"document_style_id"`
			Identity ident   `json:"identity_id"`
			Invoices []ident `json:"sales_invoice_ids"`
			Text     string  `json:"reminder_text"`
			Method   string  `json:"delivery_method"`
			Email    string  `json:"email_address"`
		} `json:"sales_invoice_reminders"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	err := c.change(func(ch *change) error {
		var found []*invoice
		for _, r := range in.Reminders {
			for _, no := range r.Invoices {
				inv := ch.a.Invoices[string(no)]
				if inv == nil || inv.Contact != string(r.Contact) || !slices.Contains([]string{"late", "reminded"}, inv.State) {
					return symbolic(http.StatusBadRequest, "no sales invoice with given ID found", "sales_invoice_ids", "not_found")
				}
				found = append(found, inv)
			}
		}
		for _, inv := range found {
			inv.Reminders++
			inv.NextRemind = ch.today().AddDays(remindDays)
			ch.tell(inv, "sales_invoice_send_reminder_email", nil)
			ch.settle(inv)
			ch.touchInvoice(inv)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, http.StatusOK)
}

func (c *call) creditInvoice() error {
	if err := c.read(&struct{}{}); err != nil {
		return err
	}
	var body []byte
	err := c.change(func(ch *change) error {
		inv, err := c.find(ch.a, salesLedger)
		if err != nil {
			return err
		}
		if inv.Number == "" || inv.Sums.incl() < 0 || len(inv.Lines) == 0 {
			return symbolic(http.StatusBadRequest, "Invoice cannot be credited", "id", "not_creditable")
		}
		body = c.s.renderInvoice(ch.a, ch.credit(inv))
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, body)
}

func (c *call) settleCreditInvoice() error {
	if err := c.read(&struct{}{}); err != nil {
		return err
	}
	return c.edit(salesLedger, http.StatusOK, func(ch *change, inv *invoice) error {
		of := ch.a.Invoices[inv.Original]
		if inv.Sums.incl() >= 0 || of == nil || !payable(inv) || !payable(of) {
			return symbolic(http.StatusBadRequest, "Invoice is not an open credit invoice with an open original", "id", "not_payable")
		}
		ch.settleCredit(inv, of)
		return nil
	})
}

// payable reports whether a payment can be booked: the invoice was sent.
func payable(inv *invoice) bool {
	return inv.State != "draft" && inv.State != "scheduled" && inv.State != "new"
}
