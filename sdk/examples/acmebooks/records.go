package acmebooks

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func customerID(no int64) string { return fmt.Sprint("cus_", no) }
func invoiceID(no int64) string  { return fmt.Sprint("inv_", no) }
func paymentID(no int64) string  { return fmt.Sprint("pay_", no) }

func (c *call) companies() error {
	list := []object{}
	c.s.All(func(a *ledger.Administration) {
		list = append(list, object{"id": a.ID, "name": a.Seed.Name, "currency": a.Seed.Currency, "country": a.Seed.Country, "time_zone": a.Seed.TimeZone})
	})
	return c.answer(http.StatusOK, object{"data": list, "next": nil})
}

func (c *call) customers() error {
	return c.list(func(a *ledger.Administration) (out []versioned) {
		for _, x := range a.Contacts {
			f := x.Fields
			kind := "person"
			if x.Business() {
				kind = "company"
			}
			out = append(out, versioned{x.Rev, object{
				"id": customerID(x.No), "version": x.Rev, "type": kind, "name": x.Name(), "contact_person": x.Person(),
				"email": f.Email, "phone": f.Phone, "iban": f.IBAN, "vat_number": f.TaxNumber, "registration": f.ChamberOfCommerce, "language": f.Language,
				"address": object{"street": f.Address, "postal_code": f.Zipcode, "city": f.City, "country": f.Country},
			}})
		}
		return out
	})
}

func (c *call) invoices() error {
	return c.list(func(a *ledger.Administration) (out []versioned) {
		for _, v := range a.Invoices {
			out = append(out, versioned{v.Rev, draw(a, v)})
		}
		return out
	})
}

func (c *call) deletions() error {
	return c.list(func(a *ledger.Administration) (out []versioned) {
		id := map[string]func(int64) string{ledger.KindContact: customerID, ledger.KindInvoice: invoiceID, ledger.KindPayment: paymentID}
		kind := map[string]string{ledger.KindContact: "customer", ledger.KindInvoice: "invoice", ledger.KindPayment: "payment"}
		for _, g := range a.Gone {
			out = append(out, versioned{g.Rev, object{"type": kind[g.Kind], "id": id[g.Kind](g.No), "version": g.Rev}})
		}
		return out
	})
}

// draw shows an invoice with its payments.
func draw(a *ledger.Administration, v *ledger.Invoice) object {
	state := "open"
	switch open := a.Open(v); {
	case v.Draft:
		state = "draft"
	case v.Void:
		state = "cancelled"
	case open == 0:
		state = "paid"
	}
	amount := func(n int64) string { return ledger.Decimal(n, v.Currency) }
	payments := []object{}
	for _, p := range a.PaymentsOf(v) {
		one := object{"id": paymentID(p.No), "amount": amount(p.Amount), "paid_on": p.Date.String(), "reference": p.Text, "credit_note": nil}
		if p.Offset != 0 {
			one["credit_note"] = invoiceID(p.Offset)
			if v.Credit {
				one["credit_note"] = invoiceID(v.No)
			}
		}
		payments = append(payments, one)
	}
	o := object{
		"id": invoiceID(v.No), "version": v.Rev, "type": "invoice", "number": v.Number, "customer": customerID(v.Contact), "state": state,
		"date": v.Date.String(), "due": v.Due.String(), "currency": v.Currency, "total": amount(v.Total), "open": amount(a.Open(v)),
		"reference": v.Reference, "credits": nil, "payments": payments,
	}
	if v.Credit {
		o["type"] = "credit_note"
		if v.Of != 0 {
			o["credits"] = invoiceID(v.Of)
		}
	}
	return o
}

// versioned is a record to list.
type versioned struct {
	version int64
	record  object
}

// list answers a page, by version.
func (c *call) list(all func(*ledger.Administration) []versioned) error {
	q := c.r.URL.Query()
	after, err := strconv.ParseInt(cmp.Or(q.Get("since"), "0"), 10, 64)
	if err != nil {
		return &refusal{http.StatusBadRequest, "since must be a version."}
	}
	if text := q.Get("cursor"); text != "" {
		b, _ := base64.RawURLEncoding.DecodeString(text)
		if after, err = strconv.ParseInt(string(b), 10, 64); err != nil {
			return &refusal{http.StatusBadRequest, "cursor is not one of ours."}
		}
	}
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "50"))
	if err != nil || limit < 1 {
		return &refusal{http.StatusBadRequest, "limit must be a number of 1 or more."}
	}
	limit = min(limit, c.s.cfg.Page)
	return c.s.View(c.company, func(a *ledger.Administration) error {
		rows := slices.DeleteFunc(all(a), func(v versioned) bool { return v.version <= after })
		slices.SortFunc(rows, func(x, y versioned) int { return cmp.Compare(x.version, y.version) })
		data, next := []object{}, any(nil)
		for i, v := range rows {
			if i == limit {
				next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(rows[i-1].version, 10)))
				break
			}
			data = append(data, v.record)
		}
		return c.answer(http.StatusOK, object{"data": data, "next": next})
	})
}

func (c *call) invoice() error {
	return c.one(func(a *ledger.Administration, v *ledger.Invoice) error { return c.answer(http.StatusOK, draw(a, v)) })
}

func (c *call) one(show func(*ledger.Administration, *ledger.Invoice) error) error {
	return c.s.View(c.company, func(a *ledger.Administration) error {
		v := a.InvoiceByNo(c.id("inv_"))
		if v == nil {
			return errNotHere
		}
		return show(a, v)
	})
}

func (c *call) pdf() error {
	return c.one(func(a *ledger.Administration, v *ledger.Invoice) error {
		if v.Draft {
			return errNotHere
		}
		b, err := a.PDF(v)
		if err != nil {
			return err
		}
		c.w.Header().Set("Content-Type", "application/pdf")
		c.w.Header().Set("Content-Disposition", `attachment; filename="`+v.Number+`.pdf"`)
		_, _ = c.w.Write(b)
		return nil
	})
}

// pay registers a payment. Acme Books does not look whether it has it already:
// that is for its callers.
func (c *call) pay() error {
	var in struct {
		Amount    string    `json:"amount"`
		PaidOn    date.Date `json:"paid_on"`
		Reference string    `json:"reference"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 1<<20)).Decode(&in); err != nil {
		return &refusal{http.StatusBadRequest, "Send amount, paid_on and reference: " + err.Error()}
	}
	var id string
	err := c.s.Change(c.company, func(t *ledger.Tx) error {
		v := t.A.InvoiceByNo(c.id("inv_"))
		if v == nil {
			return errNotHere
		}
		amount, err := ledger.ParseAmount(in.Amount, v.Currency)
		if err != nil || amount == 0 || in.PaidOn.IsZero() {
			return &refusal{http.StatusUnprocessableEntity, "A payment needs an amount and a day."}
		}
		if v.Draft || v.Void {
			return &refusal{http.StatusUnprocessableEntity, "Only an invoice that was sent can be paid."}
		}
		id = paymentID(t.AddPayment(&ledger.Payment{Invoice: v.No, Amount: amount, Date: in.PaidOn, Text: in.Reference}).No)
		return nil
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, object{"id": id})
}
