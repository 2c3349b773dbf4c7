package emulator

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// id writes an id: text, but a number when it is short, as Moneybird does with
// old administrations.
type id string

// MarshalJSON implements json.Marshaler.
func (i id) MarshalJSON() ([]byte, error) {
	if _, err := strconv.ParseInt(string(i), 10, 64); err == nil && len(i) < 16 {
		return []byte(i), nil
	}
	return json.Marshal(string(i))
}

// or returns nil for the zero value, so that JSON shows null.
func or[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func orID(v string) any {
	if v == "" {
		return nil
	}
	return id(v)
}

func on(d date.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.String()
}

func at(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func orAt(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return at(t)
}

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

type object = map[string]any

func must(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only maps, texts and numbers come here
	}
	return b
}

func (a *administration) render() object {
	return object{
		"id": id(a.ID), "name": a.Seed.Name, "language": a.Seed.Language, "currency": a.Seed.Currency, "country": a.Seed.Country,
		"time_zone": a.Seed.TimeZone, "access": "user", "suspended": a.Suspended, "period_locked_until": nil,
		"period_start_date": date.New(a.CreatedAt.Year()-1, 1, 1).String(),
	}
}

// contactObject is a contact as it appears by itself and, without events,
// within an invoice.
func (a *administration) contactObject(c *contact, events bool) object {
	f := c.Fields
	people := []object{}
	for _, p := range c.People {
		people = append(people, a.personObject(c, p))
	}
	o := object{
		"id": id(c.ID), "administration_id": id(a.ID), "company_name": or(f.CompanyName), "firstname": or(f.FirstName), "lastname": or(f.LastName),
		"address1": or(f.Address1), "address2": or(f.Address2), "zipcode": or(f.Zipcode), "city": or(f.City), "country": f.Country, "phone": or(f.Phone),
		"delivery_method": f.DeliveryMethod, "customer_id": f.CustomerID, "tax_number": or(f.TaxNumber), "chamber_of_commerce": or(f.ChamberOfCommerce),
		"bank_account": or(f.BankAccount), "is_trusted": false, "max_transfer_amount": nil, "attention": or(f.InvoicesAttention),
		"email": or(f.InvoicesEmail), "email_ubl": bool(f.EmailUBL), "send_invoices_to_attention": or(f.InvoicesAttention), "send_invoices_to_email": or(f.InvoicesEmail),
		"send_estimates_to_attention": or(f.EstimatesAttention), "send_estimates_to_email": or(f.EstimatesEmail), "direct_debit": bool(f.DirectDebit),
		"sepa_active": bool(f.SepaActive), "sepa_iban": or(f.SepaIBAN), "sepa_iban_account_name": or(f.SepaName), "sepa_bic": or(f.SepaBIC),
		"sepa_mandate_id": or(f.SepaMandateID), "sepa_mandate_date": or(f.SepaMandateDate), "sepa_sequence_type": f.SepaSequence,
		"credit_card_number": nil, "credit_card_reference": nil, "credit_card_type": nil, "tax_number_validated_at": nil, "tax_number_valid": nil,
		"invoice_workflow_id": orID(string(f.InvoiceWorkflow)), "estimate_workflow_id": orID(string(f.EstimateWorkflow)),
		"si_identifier": or(f.PeppolID), "si_identifier_type": or(f.PeppolType), "moneybird_payments_mandate": false,
		"created_at": at(c.CreatedAt), "updated_at": at(c.UpdatedAt), "version": c.Version,
		"sales_invoices_url": "https://moneybird.com/" + digits(a.ID) + "/sales_invoices/" + hash(a.ID, c.ID) + "/all",
		"notes":              a.noteObjects(c.Notes, "Contact", c.ID), "custom_fields": []object{}, "contact_people": people, "archived": c.Archived,
	}
	if events {
		o["events"] = a.eventObjects(c.Events)
	}
	return o
}

func digits(s string) string {
	if _, err := strconv.ParseUint(s, 10, 64); err != nil {
		return "0"
	}
	return s
}

func (a *administration) personObject(c *contact, p person) object {
	return object{
		"id": id(p.ID), "contact_id": id(c.ID), "administration_id": id(a.ID), "firstname": or(p.FirstName), "lastname": or(p.LastName),
		"phone": nil, "email": or(p.Email), "department": or(p.Department), "created_at": at(p.At), "updated_at": at(p.At), "version": p.At.Unix(),
	}
}

func (s *Server) renderContact(a *administration, c *contact, events bool) []byte {
	return must(a.contactObject(c, events))
}

func (a *administration) noteObjects(notes []note, kind, entity string) []object {
	out := []object{}
	for _, n := range notes {
		out = append(out, a.noteObject(n, kind, entity))
	}
	return out
}

func (a *administration) noteObject(n note, kind, entity string) object {
	return object{
		"id": id(n.ID), "administration_id": id(a.ID), "entity_id": id(entity), "entity_type": kind, "user_id": id(a.Fixed.User),
		"assignee_id": orID(n.Assignee), "todo": n.Todo, "note": n.Text, "completed_at": nil, "completed_by_id": nil, "todo_type": nil,
		"data": object{}, "created_at": at(n.At), "updated_at": at(n.At),
	}
}

func (a *administration) eventObjects(events []event) []object {
	out := []object{}
	for _, e := range events {
		data := e.Data
		if data == nil {
			data = map[string]string{}
		}
		out = append(out, object{
			"administration_id": id(a.ID), "user_id": id(a.Fixed.User), "action": e.Action, "link_entity_id": nil, "link_entity_type": nil,
			"data": data, "created_at": at(e.At), "updated_at": at(e.At),
		})
	}
	return out
}

func (a *administration) renderPayment(inv *invoice, p payment) object {
	ledger := a.Fixed.Settlement
	return object{
		"id": id(p.ID), "administration_id": id(a.ID), "invoice_type": invoiceType(inv), "invoice_id": id(inv.ID),
		"financial_account_id": orID(p.Account), "user_id": id(a.Fixed.User), "payment_transaction_id": nil, "transaction_identifier": or(p.Transaction),
		"price": dec(p.Price), "price_base": dec(p.Base), "payment_date": p.Date.String(), "credit_invoice_id": orID(p.Credit),
		"financial_mutation_id": orID(p.Mutation), "ledger_account_id": id(ledger), "linked_payment_id": orID(p.Linked),
		"manual_payment_action": or(p.Action), "created_at": at(p.At), "updated_at": at(p.At),
	}
}

func (a *administration) lineObjects(inv *invoice) []object {
	out := []object{}
	for i, l := range inv.Lines {
		out = append(out, object{
			"id": id(l.ID), "administration_id": id(a.ID), "tax_rate_id": id(l.RateID), "ledger_account_id": id(a.Fixed.Revenue), "project_id": nil,
			"product_id": nil, "amount": or(l.Amount), "amount_decimal": l.Quantity, "description": l.Description, "price": dec(l.Price),
			"period": or(l.Period), "row_order": i + 1, "total_price_excl_tax_with_discount": dec(l.Excl), "total_price_excl_tax_with_discount_base": dec(inv.base(l.Excl)),
			"tax_report_reference": []string{"NL/1a"}, "mandatory_tax_text": nil, "created_at": at(l.At), "updated_at": at(l.At),
		})
	}
	return out
}

// drawn is a rendered invoice, good for one version of it and of its contact.
type drawn struct {
	version, contact int64
	body             []byte
}

// renderInvoice draws an invoice afresh.
func (s *Server) renderInvoice(a *administration, inv *invoice) []byte {
	if inv.External {
		return must(a.externalObject(inv))
	}
	return must(s.salesObject(a, inv))
}

// invoiceBody returns the drawn invoice, drawing it when it or its contact has
// changed. It is for readers only: within a change the version is not final.
func (s *Server) invoiceBody(a *administration, inv *invoice) []byte {
	var contact int64
	if c := a.Contacts[inv.Contact]; c != nil {
		contact = c.Version
	}
	if have, ok := s.rendered.Load(inv.ID); ok {
		if d := have.(drawn); d.version == inv.Version && d.contact == contact {
			return d.body
		}
	}
	d := drawn{version: inv.Version, contact: contact, body: s.renderInvoice(a, inv)}
	s.rendered.Store(inv.ID, d)
	return d.body
}

// shared are the fields that both kinds of invoices have.
func (a *administration) shared(inv *invoice) object {
	payments := []object{}
	for _, p := range inv.Payments {
		payments = append(payments, a.renderPayment(inv, p))
	}
	taxes := []object{}
	for _, t := range inv.Sums.Taxes {
		taxes = append(taxes, object{
			"tax_rate_id": id(t.RateID), "taxable_amount": dec(t.Excl), "taxable_amount_base": dec(inv.base(t.Excl)),
			"tax_amount": dec(t.Tax), "tax_amount_base": dec(inv.base(t.Tax)),
		})
	}
	var who any
	if c := a.Contacts[inv.Contact]; c != nil {
		who = a.contactObject(c, false)
	}
	total, open := inv.Sums.incl(), inv.unpaid()
	return object{
		"id": id(inv.ID), "administration_id": id(a.ID), "contact_id": orID(inv.Contact), "contact": who, "state": inv.State,
		"due_date": on(inv.Due), "reference": or(inv.Reference), "currency": inv.Currency, "paid_at": on(inv.PaidOn),
		"created_at": at(inv.CreatedAt), "updated_at": at(inv.UpdatedAt), "version": inv.Version, "details": a.lineObjects(inv), "payments": payments,
		"total_paid": dec(inv.paid()), "total_unpaid": dec(open), "total_unpaid_base": dec(inv.base(open)), "prices_are_incl_tax": inv.InclTax,
		"total_price_excl_tax": dec(inv.Sums.Excl), "total_price_excl_tax_base": dec(inv.base(inv.Sums.Excl)),
		"total_price_incl_tax": dec(total), "total_price_incl_tax_base": dec(inv.base(total)),
		"marked_dubious_on": on(inv.Dubious), "marked_uncollectible_on": on(inv.WrittenOff),
		"notes": a.noteObjects(inv.Notes, invoiceType(inv), inv.ID), "attachments": []object{}, "events": a.eventObjects(inv.Events), "tax_totals": taxes,
	}
}

func (s *Server) salesObject(a *administration, inv *invoice) object {
	o := a.shared(inv)
	var long, short, code, codeUntil any
	if inv.Number != "" {
		l, sh := reference(inv.ID)
		long, short = l, sh
		code, codeUntil = hash(inv.ID)[:6], at(inv.CreatedAt.AddDate(0, 3, 0))
	}
	var draft any
	if inv.Number == "" {
		draft = inv.Draft
	}
	page := cmp.Or(strings.TrimRight(s.cfg.PublicURL, "/"), "https://moneybird.com") + "/" + a.ID + "/external/" + hash(a.ID, inv.Contact) + "/" + hash(inv.ID) + "/sales_invoice"
	for k, v := range (object{
		"contact_person_id": nil, "contact_person": nil, "invoice_id": or(inv.Number), "recurring_sales_invoice_id": nil, "subscription_id": nil,
		"workflow_id": id(a.Fixed.Workflow), "document_style_id": id(a.Fixed.Style), "identity_id": id(a.Fixed.Identity), "draft_id": draft,
		"invoice_date": on(inv.Date), "payment_conditions": or(inv.Conditions), "payment_reference": long, "short_payment_reference": short,
		"language": inv.Language, "discount": decimalDiscount(inv.Discount), "original_sales_invoice_id": orID(inv.Original), "paused": inv.Paused,
		"sent_at": on(inv.SentOn), "public_view_code": code, "public_view_code_expires_at": codeUntil, "total_discount": dec(inv.Sums.Discount),
		"reminder_count": inv.Reminders, "next_reminder": on(inv.NextRemind), "original_estimate_id": nil, "url": page, "payment_url": page,
		"custom_fields": []object{}, "time_entries": []object{},
	}) {
		o[k] = v
	}
	return o
}

func decimalDiscount(s string) string {
	r, err := parse(s)
	if err != nil {
		return "0.0"
	}
	return decimalText(r)
}

func (a *administration) externalObject(inv *invoice) object {
	o := a.shared(inv)
	for k, v := range (object{
		"date": inv.Date.String(), "entry_number": inv.Entry, "origin": "api", "source": or(inv.Source), "source_url": or(inv.SourceURL),
	}) {
		o[k] = v
	}
	return o
}

func (a *administration) mutationObject(m *mutation) object {
	payments, bookings := []object{}, []object{}
	for _, no := range a.InvoiceNo {
		inv := a.Invoices[no]
		for _, p := range inv.Payments {
			if p.Mutation == m.ID {
				payments = append(payments, a.renderPayment(inv, p))
			}
		}
	}
	for _, b := range m.Bookings {
		bookings = append(bookings, object{
			"id": id(b.ID), "administration_id": id(a.ID), "financial_mutation_id": id(m.ID), "ledger_account_id": id(b.Ledger), "project_id": nil,
			"description": or(b.Description), "price": dec(b.Price), "created_at": at(b.At), "updated_at": at(b.At),
		})
	}
	state := "unprocessed"
	if a.openOf(m) == 0 {
		state = "processed"
	}
	return object{
		"id": id(m.ID), "administration_id": id(a.ID), "amount": dec(m.Amount), "code": nil, "date": m.Date.String(), "message": or(m.Message),
		"contra_account_name": or(m.Name), "contra_account_number": m.IBAN, "state": state, "settlement_state": "settled",
		"amount_open": dec(a.openOf(m)), "sepa_fields": nil, "batch_reference": nil, "financial_account_id": id(a.Fixed.Account),
		"currency": a.Seed.Currency, "original_amount": nil, "created_at": at(m.CreatedAt), "updated_at": at(m.UpdatedAt), "version": m.Version,
		"financial_statement_id": id(a.Fixed.Statement), "processed_at": orAt(m.Processed), "account_servicer_transaction_id": nil,
		"payments": payments, "ledger_account_bookings": bookings,
	}
}

// openOf is what of a bank line is not booked yet.
func (a *administration) openOf(m *mutation) int64 {
	open := m.Amount
	for _, inv := range a.Invoices {
		for _, p := range inv.Payments {
			if p.Mutation == m.ID {
				open -= p.Base
			}
		}
	}
	for _, b := range m.Bookings {
		open -= b.Price
	}
	return open
}
