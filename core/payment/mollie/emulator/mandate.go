package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/sdk/date"
)

// creditorID is under which an emulated Mollie collects.
const creditorID = "NL08ZZZ502057730000"

type customer struct {
	ID        string          `json:"id"`
	Profile   string          `json:"profile"`
	Mode      string          `json:"mode"`
	Name      string          `json:"name"`
	Email     string          `json:"email"`
	Locale    string          `json:"locale"`
	Metadata  json.RawMessage `json:"metadata"`
	CreatedAt time.Time       `json:"created_at"`
}

type mandate struct {
	ID        string    `json:"id"`
	Customer  string    `json:"customer"`
	Payment   string    `json:"payment"` // the first one, that made it
	Status    string    `json:"status"`  // pending, valid or invalid
	Method    string    `json:"method"`
	Reference string    `json:"reference"`
	Holder    string    `json:"holder"`
	Account   string    `json:"account"`
	BIC       string    `json:"bic"`
	SignedOn  date.Date `json:"signed_on"`
	CreatedAt time.Time `json:"created_at"`
}

func (s *Server) mandateRoutes(mux *http.ServeMux) {
	s.handle(mux, "POST /v2/customers", (*call).createCustomer)
	s.handle(mux, "GET /v2/customers", (*call).listCustomers)
	s.handle(mux, "GET /v2/customers/{id}", (*call).getCustomer)
	s.handle(mux, "POST /v2/customers/{id}/mandates", (*call).createMandate)
	s.handle(mux, "GET /v2/customers/{id}/mandates", (*call).listMandates)
	s.handle(mux, "GET /v2/customers/{id}/mandates/{mandate}", (*call).getMandate)
	s.handle(mux, "DELETE /v2/customers/{id}/mandates/{mandate}", (*call).revokeMandate)
}

func (c *call) createCustomer() (int, any, error) {
	var in struct {
		Name     string          `json:"name"`
		Email    string          `json:"email"`
		Locale   string          `json:"locale"`
		Metadata json.RawMessage `json:"metadata"`
	}
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	return c.write(func(ch *change) (int, any, error) {
		if in.Locale != "" && !slices.Contains(locales, in.Locale) {
			return 0, nil, unprocessable("locale", "The locale is invalid")
		}
		k := &customer{ID: newID("cst_"), Profile: c.profile, Mode: c.mode, Name: in.Name, Email: in.Email, Locale: in.Locale, Metadata: in.Metadata, CreatedAt: ch.now}
		ch.t.Customers = append(ch.t.Customers, k)
		return http.StatusCreated, k.render(c.base), nil
	})
}

// customer returns the caller's customer of an id.
func (c *call) customer(t *till, id string) (*customer, error) {
	for _, k := range t.Customers {
		if k.ID == id && k.Profile == c.profile && k.Mode == c.mode {
			return k, nil
		}
	}
	return nil, noEntity("customer", id)
}

func (c *call) getCustomer() (status int, body any, err error) {
	c.s.till.View(func(t *till) {
		var k *customer
		if k, err = c.customer(t, c.r.PathValue("id")); err == nil {
			status, body = http.StatusOK, k.render(c.base)
		}
	})
	return status, body, err
}

func (c *call) listCustomers() (int, any, error) {
	var items []item
	c.s.till.View(func(t *till) {
		for _, k := range t.Customers {
			if k.Profile == c.profile && k.Mode == c.mode {
				items = append(items, item{k.ID, k.render(c.base)})
			}
		}
	})
	return c.list("customers", items)
}

func (c *call) createMandate() (int, any, error) {
	var in struct {
		Method    string    `json:"method"`
		Name      string    `json:"consumerName"`
		Account   string    `json:"consumerAccount"`
		BIC       string    `json:"consumerBic"`
		Reference string    `json:"mandateReference"`
		SignedOn  date.Date `json:"signatureDate"`
	}
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	return c.write(func(ch *change) (int, any, error) {
		k, err := c.customer(ch.t, c.r.PathValue("id"))
		if err != nil {
			return 0, nil, err
		}
		switch {
		case in.Method != "directdebit":
			return 0, nil, unprocessable("method", "The method is not possible for a mandate made here")
		case in.Name == "":
			return 0, nil, unprocessable("consumerName", "The 'consumerName' field is missing")
		case len(in.Account) < 15:
			return 0, nil, unprocessable("consumerAccount", "The consumer account is invalid")
		}
		m := ch.newMandate(k.ID)
		m.Status, m.Holder, m.Account, m.BIC, m.SignedOn = "valid", in.Name, in.Account, in.BIC, in.SignedOn
		if in.Reference != "" {
			m.Reference = in.Reference
		}
		if m.SignedOn.IsZero() {
			m.SignedOn = date.Of(ch.now)
		}
		return http.StatusCreated, m.render(c.mode, c.base), nil
	})
}

func (c *change) newMandate(customer string) *mandate {
	m := &mandate{
		ID: newID("mdt_"), Customer: customer, Status: "pending", Method: "directdebit", SignedOn: date.Of(c.now), CreatedAt: c.now,
		Reference: fmt.Sprintf("500-%07d", 4500000+len(c.t.Mandates)+1),
	}
	c.t.Mandates = append(c.t.Mandates, m)
	return m
}

func (t *till) mandate(id string) *mandate {
	i := slices.IndexFunc(t.Mandates, func(m *mandate) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return t.Mandates[i]
}

// ofPath returns the mandate of the path.
func (c *call) ofPath(t *till) (*mandate, error) {
	if _, err := c.customer(t, c.r.PathValue("id")); err != nil {
		return nil, err
	}
	m := t.mandate(c.r.PathValue("mandate"))
	if m == nil || m.Customer != c.r.PathValue("id") {
		return nil, noEntity("mandate", c.r.PathValue("mandate"))
	}
	return m, nil
}

func (c *call) getMandate() (status int, body any, err error) {
	c.s.till.View(func(t *till) {
		var m *mandate
		if m, err = c.ofPath(t); err == nil {
			status, body = http.StatusOK, m.render(c.mode, c.base)
		}
	})
	return status, body, err
}

func (c *call) listMandates() (int, any, error) {
	var items []item
	var err error
	c.s.till.View(func(t *till) {
		if _, err = c.customer(t, c.r.PathValue("id")); err != nil {
			return
		}
		for _, m := range t.Mandates {
			if m.Customer == c.r.PathValue("id") {
				items = append(items, item{m.ID, m.render(c.mode, c.base)})
			}
		}
	})
	if err != nil {
		return 0, nil, err
	}
	return c.list("mandates", items)
}

func (c *call) revokeMandate() (int, any, error) {
	return c.write(func(ch *change) (int, any, error) {
		m, err := c.ofPath(ch.t)
		if err != nil {
			return 0, nil, err
		}
		ch.t.Mandates = slices.DeleteFunc(ch.t.Mandates, func(o *mandate) bool { return o.ID == m.ID })
		return http.StatusNoContent, nil, nil
	})
}

// sequence reads how a new payment relates to a mandate.
func (c *call) sequence(t *till, p *payment, in paymentRequest) error {
	switch in.SequenceType {
	case "", "oneoff":
	case "first", "recurring":
		p.Sequence = in.SequenceType
		if in.CustomerID == "" {
			return unprocessable("customerId", "The 'customerId' field is missing")
		}
	default:
		return unprocessable("sequenceType", "The sequence type is invalid")
	}
	if in.CustomerID == "" {
		return nil
	}
	k, err := c.customer(t, in.CustomerID)
	if err != nil {
		return unprocessable("customerId", "The customer does not exist")
	}
	p.Customer = k.ID
	return nil
}

// askMandate notes the mandate that a first payment makes when it is paid.
func (c *change) askMandate(p *payment) {
	m := c.newMandate(p.Customer)
	m.Payment, p.Mandate = p.ID, m.ID
}

// settleMandate decides about the mandate of a first payment that ended.
func (c *change) settleMandate(p *payment) {
	m := c.t.mandate(p.Mandate)
	if p.Sequence != "first" || m == nil || m.Status != "pending" || !p.final() {
		return
	}
	if p.Status != "paid" {
		m.Status = "invalid"
		return
	}
	switch p.Method {
	case "creditcard", "paypal":
		m.Method = p.Method
	}
	m.SignedOn = date.Of(c.now)
	m.Holder, _ = p.Details["consumerName"].(string)
	m.Account, _ = p.Details["consumerAccount"].(string)
	m.BIC, _ = p.Details["consumerBic"].(string)
	if !p.late {
		m.Status = "valid"
	}
}

// debit collects by a mandate: one that is named, or the customer's newest.
func (c *change) debit(p *payment, named string) error {
	var m *mandate
	for _, o := range c.t.Mandates {
		if o.Customer == p.Customer && o.Status == "valid" && (named == "" || o.ID == named) && (p.Method == "" || p.Method == o.Method) {
			m = o
		}
	}
	if m == nil {
		return unprocessable("mandateId", "No suitable mandates found for customer")
	}
	p.Mandate, p.Method, p.Status = m.ID, m.Method, "pending"
	if p.Method != "directdebit" {
		p.SettleAt = c.now
		return nil
	}
	c.t.Debits++
	due := bankingDay(date.Of(c.now).AddDays(1))
	p.SettleAt = bankingDay(due.AddDays(1)).At(9, 0, time.UTC)
	p.Details = map[string]any{
		"transferReference": fmt.Sprintf("SD%02d-7608-3386-%04d", c.t.Debits%97, c.t.Debits), "creditorIdentifier": creditorID, "consumerName": m.Holder,
		"consumerAccount": m.Account, "consumerBic": m.BIC, "dueDate": due.String(), "signatureDate": m.SignedOn.String(), "mandateReference": m.Reference,
	}
	p.Refused = c.t.refusal(p, m)
	return nil
}

func bankingDay(d date.Date) date.Date {
	days, err := calendar.SendingDays("TARGET")
	if err != nil {
		panic(err) // a calendar of our own
	}
	return days.Next(d)
}

func (t *till) linkMandate(p *payment, o, links object, base string) {
	if p.Customer == "" {
		return
	}
	of := base + "/v2/customers/" + p.Customer
	o["customerId"], links["customer"] = p.Customer, link(of, hal)
	if p.Mandate != "" {
		o["mandateId"], links["mandate"] = p.Mandate, link(of+"/mandates/"+p.Mandate, hal)
	}
}

func (k *customer) render(base string) object {
	self := base + "/v2/customers/" + k.ID
	return object{
		"resource": "customer", "id": k.ID, "mode": k.Mode, "name": orText(k.Name), "email": orText(k.Email), "locale": orText(k.Locale), "metadata": orNull(k.Metadata),
		"createdAt": at(k.CreatedAt),
		"_links":    object{"self": link(self, hal), "dashboard": link("https://my.mollie.com/dashboard/org_12345678/customers/"+k.ID, "text/html"), "documentation": documentation()},
	}
}

func (m *mandate) render(mode, base string) object {
	of := base + "/v2/customers/" + m.Customer
	details := object{"consumerName": orText(m.Holder), "consumerAccount": orText(m.Account), "consumerBic": orText(m.BIC)}
	return object{
		"resource": "mandate", "id": m.ID, "mode": mode, "status": m.Status, "method": m.Method, "details": details, "customerId": m.Customer,
		"mandateReference": orText(m.Reference), "signatureDate": m.SignedOn.String(), "createdAt": at(m.CreatedAt),
		"_links": object{"self": link(of+"/mandates/"+m.ID, hal), "customer": link(of, hal), "documentation": documentation()},
	}
}
