package emulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// invoiceFields are what an invoice can be written with; nil leaves a field as
// it is.
type invoiceFields struct {
	Contact      *ident          `json:"contact_id"`
	Person       *ident          `json:"contact_person_id"`
	Estimate     *ident          `json:"original_estimate_id"`
	Style        *ident          `json:"document_style_id"`
	Workflow     *ident          `json:"workflow_id"`
	Update       *flag           `json:"update_contact"`
	Reference    *string         `json:"reference"`
	Sequence     *ident          `json:"invoice_sequence_id"`
	NoSequence   *flag           `json:"remove_invoice_sequence_id"`
	Date         *string         `json:"invoice_date"`
	Interval     *int            `json:"first_due_interval"`
	Currency     *string         `json:"currency"`
	InclTax      *flag           `json:"prices_are_incl_tax"`
	Conditions   *string         `json:"payment_conditions"`
	Discount     json.RawMessage `json:"discount"`
	TimeEntries  []ident         `json:"time_entry_ids"`
	Details      json.RawMessage `json:"details_attributes"`
	CustomFields json.RawMessage `json:"custom_fields_attributes"`

	// Of external invoices only.
	Day       *string `json:"date"`
	Due       *string `json:"due_date"`
	Source    *string `json:"source"`
	SourceURL *string `json:"source_url"`
}

type lineFields struct {
	ID          ident           `json:"id"`
	Description *string         `json:"description"`
	Period      *string         `json:"period"`
	Price       json.RawMessage `json:"price"`
	Amount      json.RawMessage `json:"amount"`
	Rate        *ident          `json:"tax_rate_id"`
	Ledger      *ident          `json:"ledger_account_id"`
	Project     *ident          `json:"project_id"`
	Product     *ident          `json:"product_id"`
	Order       json.RawMessage `json:"row_order"`
	Optional    *flag           `json:"is_optional"`
	Selected    *flag           `json:"is_selected"`
	Destroy     flag            `json:"_destroy"`
	Automated   *flag           `json:"automated_tax_enabled"`
}

// rates are the prices of foreign currencies in euro that the emulator uses.
var rates = map[string]string{"USD": "0.92", "GBP": "1.17", "CHF": "1.05", "SEK": "0.09", "DKK": "0.134"}

// apply writes the fields on a copy of an invoice, so that a refusal changes
// nothing.
func (c *change) apply(inv *invoice, f invoiceFields) error {
	var bad invalid
	next := *inv
	next.Lines = slices.Clone(inv.Lines)
	if f.Contact != nil {
		next.Contact = string(*f.Contact)
	}
	if c.a.Contacts[next.Contact] == nil {
		if inv.External {
			return symbolic(http.StatusBadRequest, "Contact ID is invalid", "contact_id", "contact_invalid")
		}
		bad.add("contact", "can't be blank", "blank")
	}
	text := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	text(&next.Reference, f.Reference)
	text(&next.Conditions, f.Conditions)
	text(&next.Source, f.Source)
	text(&next.SourceURL, f.SourceURL)
	if f.InclTax != nil {
		next.InclTax = bool(*f.InclTax)
	}
	if f.Currency != nil {
		next.Currency = strings.ToUpper(*f.Currency)
		next.Rate = c.a.rateFor(next.Currency)
		if next.Rate == "" {
			bad.add("currency", "is not included in the list", "inclusion")
		}
	}
	if f.Discount != nil {
		if d, err := number(f.Discount); err != nil {
			bad.add("discount", "is not a number", "not_a_number")
		} else {
			next.Discount = decimalText(d)
		}
	}
	day := func(field string, from *string, to *date.Date) {
		if from == nil {
			return
		}
		d, err := date.Parse(*from)
		if err != nil {
			bad.add(field, "is not a valid date", "is not a valid date")
			return
		}
		*to = d
	}
	if f.Interval != nil {
		if *f.Interval < 0 || *f.Interval > 3650 {
			bad.add("first_due_interval", "is invalid", "invalid")
		}
		next.Interval = *f.Interval
	}
	day("invoice_date", f.Date, &next.Date)
	day("date", f.Day, &next.Date)
	if !inv.External && (f.Interval != nil || f.Date != nil) {
		begin := next.Date
		if begin.IsZero() {
			begin = c.today()
		}
		next.Due = begin.AddDays(next.Interval)
	}
	day("due_date", f.Due, &next.Due)
	if inv.External && next.Reference == "" {
		bad.add("reference", "can't be blank", "blank")
	}
	if err := c.applyLines(&next, f.Details, &bad); err != nil {
		return err
	}
	if err := bad.err(); err != nil {
		return err
	}
	*inv = next
	c.a.recount(inv)
	return nil
}

func (a *administration) rateFor(currency string) string {
	if currency == a.Seed.Currency {
		return "1.0"
	}
	return rates[currency]
}

func (c *change) applyLines(inv *invoice, raw json.RawMessage, bad *invalid) error {
	all, err := lineRequests(raw)
	if err != nil {
		return symbolic(http.StatusBadRequest, "details_attributes is invalid", "details_attributes", "invalid")
	}
	for _, f := range all {
		i := slices.IndexFunc(inv.Lines, func(l line) bool { return l.ID == string(f.ID) })
		switch {
		case f.ID != "" && i < 0:
			return symbolic(http.StatusNotFound, "record not found", "details_attributes", "not_found")
		case bool(f.Destroy):
			if i >= 0 {
				inv.Lines = slices.Delete(inv.Lines, i, i+1)
			}
			continue
		case i < 0:
			inv.Lines = append(inv.Lines, line{ID: c.b.nextID(), Quantity: "1.0", RateID: c.a.Rates[0].ID, At: c.now})
			i = len(inv.Lines) - 1
		}
		c.applyLine(&inv.Lines[i], f, bad)
	}
	return nil
}

func (c *change) applyLine(l *line, f lineFields, bad *invalid) {
	if f.Description != nil {
		l.Description = *f.Description
	}
	if f.Period != nil {
		l.Period = *f.Period
	}
	if f.Price != nil {
		p, err := number(f.Price)
		if err != nil {
			bad.add("details.price", "is not a number", "not_a_number")
			return
		}
		l.Price = hundredths(p)
	}
	if f.Amount != nil {
		l.Amount = strings.Trim(string(f.Amount), `"`)
		l.Quantity = decimalText(quantity(l.Amount))
	}
	if f.Rate != nil {
		if c.a.rate(string(*f.Rate)) == nil {
			bad.add("details.tax_rate_id", "is not found", "invalid")
			return
		}
		l.RateID = string(*f.Rate)
	}
}

// lineRequests reads a list, or an object with "0", "1", … as its keys.
func lineRequests(raw json.RawMessage) ([]lineFields, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	strict := func(v any) error {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		return dec.Decode(v)
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		var list []lineFields
		err := strict(&list)
		return list, err
	}
	byKey := map[string]lineFields{}
	if err := strict(&byKey); err != nil {
		return nil, err
	}
	keys := slices.SortedFunc(maps.Keys(byKey), func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	})
	var list []lineFields
	for _, k := range keys {
		list = append(list, byKey[k])
	}
	return list, nil
}

func (c *call) createInvoice(l ledger) error {
	var in struct {
		Sales    invoiceFields `json:"sales_invoice"`
		External invoiceFields `json:"external_sales_invoice"`
		Request  flag          `json:"from_payment_request"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var body []byte
	err := c.change(func(ch *change) error {
		inv := &invoice{State: "draft", Interval: 14, Language: ch.a.Seed.Language, Currency: ch.a.Seed.Currency, Rate: "1.0", Conditions: ch.a.conditions()}
		f := in.Sales
		if l.external {
			inv.External, inv.State, inv.Date = true, "new", ch.today()
			f = in.External
		}
		inv.Due = ch.today().AddDays(inv.Interval)
		if err := ch.apply(inv, f); err != nil {
			return err
		}
		ch.addInvoice(inv)
		ch.tell(inv, prefix(inv)+"_created", nil)
		if l.external && len(inv.Lines) > 0 {
			inv.State = "open"
			ch.settle(inv)
		}
		body = c.s.renderInvoice(ch.a, inv)
		return nil
	})
	if err != nil {
		return err
	}
	return c.raw(http.StatusCreated, body)
}

func (c *call) patchInvoice(l ledger) error {
	var in struct {
		Sales    invoiceFields `json:"sales_invoice"`
		External invoiceFields `json:"external_sales_invoice"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	f := in.Sales
	if l.external {
		f = in.External
	}
	return c.edit(l, http.StatusOK, func(ch *change, inv *invoice) error {
		if err := ch.apply(inv, f); err != nil {
			return err
		}
		ch.settle(inv)
		ch.tell(inv, prefix(inv)+"_updated", nil)
		return nil
	})
}

func (c *call) deleteInvoice(l ledger) error {
	err := c.change(func(ch *change) error {
		inv, err := c.find(ch.a, l)
		if err != nil {
			return err
		}
		if inv.State == "pending_payment" {
			return symbolic(http.StatusBadRequest, "Sales invoice has pending payments", "id", "pending_payments")
		}
		ch.remove(inv)
		return nil
	})
	if err != nil {
		return err
	}
	return c.empty()
}

func (a *administration) conditions() string {
	if strings.HasPrefix(a.Seed.Language, "nl") {
		return "Wij verzoeken u {document.total_price} voor {document.due_date} te voldoen op onze rekening onder vermelding van {document.payment_reference}."
	}
	return "Please pay {document.total_price} before {document.due_date} to our account and mention {document.payment_reference}."
}

// dayOf reads a date, or the day of a moment.
func dayOf(s string) (date.Date, error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return date.Of(t), nil
	}
	return date.Parse(s)
}
