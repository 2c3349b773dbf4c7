package emulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

var mutationStates = []string{"unprocessed", "processed", "auto_booked"}

// mutationHits are the bank lines that a request's filter lets through.
func (c *call) mutationHits(a *administration) ([]*mutation, error) {
	f, err := parseFilter(c.r.URL.Query().Get("filter"), a.today(c.s.kit.Now()), mutationStates)
	if err != nil {
		return nil, err
	}
	var out []*mutation
	for i := len(a.Mutations) - 1; i >= 0; i-- {
		m := a.Mutations[i]
		state := "unprocessed"
		if a.openOf(m) == 0 {
			state = "processed"
		}
		switch {
		case !f.from.IsZero() && (m.Date.Before(f.from) || m.Date.After(f.to)),
			f.states != nil && !slices.Contains(f.states, state),
			f.account != "" && f.account != a.Fixed.Account,
			f.kind == "debit" && m.Amount > 0, f.kind == "credit" && m.Amount < 0:
			continue
		}
		out = append(out, m)
	}
	return out, nil
}

// listMutations shows a hundred lines at most and refuses to show a part.
func (c *call) listMutations() error {
	out := []object{}
	err := c.view(func(a *administration) error {
		hits, err := c.mutationHits(a)
		if err != nil {
			return err
		}
		if len(hits) > 100 {
			return &apiError{http.StatusBadRequest, map[string]string{"error": "Too many financial mutations to return, please use sync API"}}
		}
		for _, m := range hits {
			out = append(out, a.mutationObject(m))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

func (c *call) syncMutations() error {
	pairs := []pair{}
	err := c.view(func(a *administration) error {
		hits, err := c.mutationHits(a)
		for _, m := range hits {
			pairs = append(pairs, pair{m.ID, m.Version})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pairs)
}

func (c *call) fetchMutations() error {
	ids, err := c.ids()
	if err != nil {
		return err
	}
	out := []object{}
	err = c.view(func(a *administration) error {
		for _, id := range ids {
			if m := a.mutation(id); m != nil {
				out = append(out, a.mutationObject(m))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

func (c *call) getMutation() error {
	var body object
	err := c.view(func(a *administration) error {
		m := a.mutation(c.r.PathValue("id"))
		if m == nil {
			return notFound("id")
		}
		body = a.mutationObject(m)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

// linkBooking books a bank line, or a part of it, on an invoice.
func (c *call) linkBooking() error {
	var in struct {
		Type        string          `json:"booking_type"`
		ID          ident           `json:"booking_id"`
		Base        json.RawMessage `json:"price_base"`
		Price       json.RawMessage `json:"price"`
		Description string          `json:"description"`
		Batch       string          `json:"payment_batch_identifier"`
		Project     ident           `json:"project_id"`
		MarkSepa    flag            `json:"mark_open_sepa_transaction_as_paid"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	err := c.change(func(ch *change) error {
		m := ch.a.mutation(c.r.PathValue("id"))
		if m == nil {
			return notFound("id")
		}
		base, err := number(in.Base)
		if err != nil {
			return symbolic(http.StatusBadRequest, "Price can't be nil", "price", "nils")
		}
		n := hundredths(base)
		switch in.Type {
		case "SalesInvoice", "ExternalSalesInvoice":
			inv := ch.a.Invoices[string(in.ID)]
			if inv == nil || inv.External != (in.Type == "ExternalSalesInvoice") || !payable(inv) {
				return notFound("booking_id")
			}
			ch.pay(inv, payment{Price: n, Base: n, Date: m.Date, Mutation: m.ID})
		case "LedgerAccount":
			m.Bookings = append(m.Bookings, booking{ID: ch.b.nextID(), Ledger: string(in.ID), Description: in.Description, Price: n, At: ch.now})
		default:
			return symbolic(http.StatusBadRequest, "Booking Type isn't an option", "booking_type", "in")
		}
		if ch.a.openOf(m) == 0 {
			m.Processed = ch.now
		}
		ch.touch(&m.Version, &m.UpdatedAt)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, http.StatusOK)
}

func (c *call) unlinkBooking() error {
	var in struct {
		Type string `json:"booking_type"`
		ID   ident  `json:"booking_id"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Type != "Payment" && in.Type != "LedgerAccountBooking" {
		return symbolic(http.StatusBadRequest, "Booking Type isn't an option", "booking_type", "in")
	}
	var body object
	err := c.change(func(ch *change) error {
		m := ch.a.mutation(c.r.PathValue("id"))
		if m == nil {
			return notFound("id")
		}
		if !ch.unlink(m, in.Type, string(in.ID)) {
			return notFound("booking_id")
		}
		m.Processed = time.Time{}
		ch.touch(&m.Version, &m.UpdatedAt)
		body = ch.a.mutationObject(m)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func (c *change) unlink(m *mutation, kind, id string) bool {
	if kind == "LedgerAccountBooking" {
		i := slices.IndexFunc(m.Bookings, func(b booking) bool { return b.ID == id })
		if i < 0 {
			return false
		}
		m.Bookings = slices.Delete(m.Bookings, i, i+1)
		return true
	}
	for _, inv := range c.a.Invoices {
		for _, p := range inv.Payments {
			if p.ID == id && p.Mutation == m.ID {
				return c.unpay(inv, id)
			}
		}
	}
	return false
}
