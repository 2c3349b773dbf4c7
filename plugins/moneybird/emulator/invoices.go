package emulator

import (
	"net/http"
)

var (
	salesStates    = []string{"draft", "open", "scheduled", "pending_payment", "late", "reminded", "paid", "uncollectible"}
	externalStates = []string{"new", "open", "late", "paid", "uncollectible", "pending_payment"}
)

// ledger is one of the two books of invoices.
type ledger struct {
	external bool
	states   []string
}

var (
	salesLedger    = ledger{false, salesStates}
	externalLedger = ledger{true, externalStates}
)

// hits are the invoices that a request's filter lets through, newest first.
func (c *call) hits(a *administration, l ledger) ([]*invoice, error) {
	today := a.today(c.s.kit.Now())
	f, err := parseFilter(c.r.URL.Query().Get("filter"), today, l.states)
	if err != nil {
		return nil, err
	}
	if f.contact != "" && a.Contacts[f.contact] == nil && l.external {
		return nil, notFound("contact_id")
	}
	var out []*invoice
	for i := len(a.InvoiceNo) - 1; i >= 0; i-- {
		if inv := a.Invoices[a.InvoiceNo[i]]; inv.External == l.external && f.match(inv, today) {
			out = append(out, inv)
		}
	}
	return out, nil
}

func (c *call) listInvoices(l ledger) error {
	w, err := c.window()
	if err != nil {
		return err
	}
	var items [][]byte
	err = c.view(func(a *administration) error {
		hits, err := c.hits(a, l)
		if err != nil {
			return err
		}
		from, to := w.cut(len(hits))
		for _, inv := range hits[from:to] {
			items = append(items, c.s.invoiceBody(a, inv))
		}
		c.link(w, len(hits))
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, array(items))
}

func (c *call) syncInvoices(l ledger) error {
	pairs := []pair{}
	err := c.view(func(a *administration) error {
		hits, err := c.hits(a, l)
		for _, inv := range hits {
			pairs = append(pairs, pair{inv.ID, inv.Version})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pairs)
}

// fetchInvoices answers the records that are there; ids that are not are left
// out without a word.
func (c *call) fetchInvoices(l ledger) error {
	ids, err := c.ids()
	if err != nil {
		return err
	}
	var items [][]byte
	err = c.view(func(a *administration) error {
		for _, id := range ids {
			if inv := a.Invoices[id]; inv != nil && inv.External == l.external {
				items = append(items, c.s.invoiceBody(a, inv))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, array(items))
}

// find returns the invoice that the path names.
func (c *call) find(a *administration, l ledger) (*invoice, error) {
	inv := a.Invoices[c.r.PathValue("id")]
	if inv == nil || inv.External != l.external {
		return nil, notFound("id")
	}
	return inv, nil
}

func (c *call) getInvoice(l ledger) error {
	var body []byte
	err := c.view(func(a *administration) error {
		inv, err := c.find(a, l)
		if err == nil {
			body = c.s.invoiceBody(a, inv)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, body)
}

func (c *call) findByNumber() error {
	return c.findBy("invoice_id", func(inv *invoice) string { return inv.Number })
}

func (c *call) findByReference() error {
	return c.findBy("reference", func(inv *invoice) string { return inv.Reference })
}

func (c *call) findBy(field string, of func(*invoice) string) error {
	want := c.r.PathValue("value")
	var body []byte
	err := c.view(func(a *administration) error {
		for i := len(a.InvoiceNo) - 1; i >= 0; i-- {
			if inv := a.Invoices[a.InvoiceNo[i]]; !inv.External && want != "" && of(inv) == want {
				body = c.s.invoiceBody(a, inv)
				return nil
			}
		}
		return symbolic(http.StatusNotFound, "Sales invoice with "+field+": "+want+" was not found", field, "not_found")
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, body)
}

// edit runs fn on the invoice of the path, gives it its next version and
// answers it.
func (c *call) edit(l ledger, status int, fn func(*change, *invoice) error) error {
	var body []byte
	err := c.change(func(ch *change) error {
		inv, err := c.find(ch.a, l)
		if err != nil {
			return err
		}
		if err := fn(ch, inv); err != nil {
			return err
		}
		ch.touchInvoice(inv)
		body = c.s.renderInvoice(ch.a, inv)
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(status, body)
}
