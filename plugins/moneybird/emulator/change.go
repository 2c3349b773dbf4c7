package emulator

import (
	"encoding/json"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// change is one transaction on an administration. What it emits goes to the
// webhooks when it is done.
type change struct {
	s     *Server
	b     *books
	a     *administration
	now   time.Time
	calls []announcement
}

// announcement is an event of a change. The entity is drawn when the change is
// done, with its final version.
type announcement struct {
	action, kind, id, state string
	entity                  func() any
}

// change runs fn on an administration. It returns errNoAdministration, or the
// error of fn, which must have changed nothing then.
func (s *Server) change(adm string, fn func(*change) error) error {
	c := &change{s: s, now: s.kit.Now().UTC().Truncate(time.Millisecond)}
	var calls []hookCall
	err := s.books.Update(func(b *books) error {
		c.b, c.a = b, b.Administrations[adm]
		if c.a == nil {
			return errNoAdministration
		}
		if err := fn(c); err != nil {
			return err
		}
		calls = c.hookCalls()
		return nil
	})
	if err == nil {
		for _, call := range calls {
			s.hooks.Enqueue(call.hook, call.url, "application/json; charset=utf-8", call.body)
		}
	}
	return err
}

func (c *change) announce(action, kind, id, state string, entity func() any) {
	c.calls = append(c.calls, announcement{action, kind, id, state, entity})
}

func (c *change) today() date.Date { return c.a.today(c.now) }

// touch gives a record its next version and moment of change. Versions of one
// record rise with every change, moments never fall.
func (c *change) touch(version *int64, at *time.Time) {
	*version = max(c.now.Unix(), *version+1)
	if c.now.After(*at) {
		*at = c.now
	}
}

func (c *change) touchInvoice(inv *invoice) { c.touch(&inv.Version, &inv.UpdatedAt) }

// tell notes an event on an invoice and announces it.
func (c *change) tell(inv *invoice, action string, data map[string]string) {
	inv.Events = append(inv.Events, event{Action: action, Data: data, At: c.now})
	c.announce(action, invoiceType(inv), inv.ID, inv.State, func() any { return json.RawMessage(c.s.renderInvoice(c.a, inv)) })
}

func (c *change) tellContact(ct *contact, action string) {
	ct.Events = append(ct.Events, event{Action: action, At: c.now})
	c.announce(action, "Contact", ct.ID, "", func() any { return json.RawMessage(c.s.renderContact(c.a, ct, true)) })
}

func invoiceType(inv *invoice) string {
	if inv.External {
		return "ExternalSalesInvoice"
	}
	return "SalesInvoice"
}

// prefix is how the names of an invoice's events begin.
func prefix(inv *invoice) string {
	if inv.External {
		return "external_sales_invoice"
	}
	return "sales_invoice"
}

// move changes the state of an invoice and tells it.
func (c *change) move(inv *invoice, state string) {
	if inv.State == state {
		return
	}
	inv.State = state
	c.tell(inv, prefix(inv)+"_state_changed_to_"+state, nil)
}

// settle moves an invoice that was sent to the state that its payments and the
// day give it.
func (c *change) settle(inv *invoice) {
	switch {
	case inv.State == "draft" || inv.State == "scheduled" || inv.State == "new":
	case inv.settled():
		if inv.PaidOn.IsZero() {
			for _, p := range inv.Payments {
				inv.PaidOn = date.Later(inv.PaidOn, p.Date)
			}
			if inv.PaidOn.IsZero() {
				inv.PaidOn = c.today()
			}
		}
		inv.NextRemind = date.Date{}
		c.move(inv, "paid")
	case !inv.WrittenOff.IsZero():
		inv.PaidOn = date.Date{}
		c.move(inv, "uncollectible")
	default:
		reopened := inv.State == "paid"
		inv.PaidOn = date.Date{}
		late := inv.Due.Before(c.today())
		switch {
		case inv.State == "pending_payment" && !reopened:
		case inv.Reminders > 0 && !inv.NextRemind.IsZero() && !inv.NextRemind.Before(c.today()):
			c.move(inv, "reminded")
		case late:
			c.move(inv, "late")
		default:
			inv.NextRemind = inv.Due
			c.move(inv, "open")
		}
	}
}

// tick makes the transitions that the calendar asks for.
func (s *Server) tick() {
	now := s.kit.Now()
	var due []string
	s.books.View(func(b *books) {
		for _, id := range b.Order {
			if a := b.Administrations[id]; a.Ticked.Before(a.today(now)) {
				due = append(due, id)
			}
		}
	})
	for _, id := range due {
		_ = s.change(id, func(c *change) error {
			c.a.Ticked = c.today()
			for _, inv := range c.a.Invoices {
				c.age(inv)
			}
			return nil
		})
	}
}

func (c *change) age(inv *invoice) {
	before := inv.State
	switch inv.State {
	case "scheduled":
		if inv.Date.After(c.today()) {
			return
		}
		c.send(inv, "Email", "")
	case "open", "reminded":
		c.settle(inv)
	default:
		return
	}
	if inv.State != before {
		c.touchInvoice(inv)
	}
}
