package mollie

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// Sequence says how a payment relates to a mandate.
type Sequence string

// The sequences.
const (
	OneOff    Sequence = "oneoff"
	First     Sequence = "first"     // the debtor is present; a mandate comes of it when it is paid
	Recurring Sequence = "recurring" // charged by a mandate, without the debtor
)

// MandateStatus is where a mandate stands at Mollie.
type MandateStatus string

// The statuses of a mandate. Pending is one whose first payment is not final, or
// whose IBAN has not arrived yet.
const (
	MandateValid   MandateStatus = "valid"
	MandatePending MandateStatus = "pending"
	MandateInvalid MandateStatus = "invalid"
)

// Customer is a debtor as Mollie knows one.
type Customer struct {
	ID    string
	Name  string
	Email string
}

// NewCustomer registers a debtor.
type NewCustomer struct {
	Name     string
	Email    string
	Locale   string
	Metadata any
}

// Mandate is a debtor's leave to be charged.
type Mandate struct {
	ID         string
	CustomerID string
	Status     MandateStatus
	Method     Method
	Reference  string // as the debtor's bank knows it; may be ""
	SignedOn   date.Date
	Account    string // IBAN of a direct debit
	Holder     string
	CreatedAt  time.Time
}

// Mandates is what direct debits need beside Payments. Errors and idempotency
// keys are as there.
type Mandates interface {
	// CreateCustomer registers a debtor; mandates belong to it.
	CreateCustomer(ctx context.Context, key string, c NewCustomer) (Customer, error)
	// ListMandates returns a page of the mandates of a customer.
	ListMandates(ctx context.Context, customerID string, o ListOptions) (Page[Mandate], error)
	// GetMandate reads a mandate; one that was revoked is not found.
	GetMandate(ctx context.Context, customerID, id string) (Mandate, error)
	// RevokeMandate ends a mandate. One that is gone already is not found.
	RevokeMandate(ctx context.Context, key, customerID, id string) error
}

var _ Mandates = (*Client)(nil)

var (
	customerID = regexp.MustCompile(`^cst_[A-Za-z0-9]{1,64}$`)
	mandateID  = regexp.MustCompile(`^mdt_[A-Za-z0-9]{1,64}$`)
)

type customerJSON struct {
	ID    string  `json:"id"`
	Name  *string `json:"name"`
	Email *string `json:"email"`
}

type mandateJSON struct {
	ID               string        `json:"id"`
	Status           MandateStatus `json:"status"`
	Method           Method        `json:"method"`
	CustomerID       string        `json:"customerId"`
	MandateReference *string       `json:"mandateReference"`
	SignatureDate    *date.Date    `json:"signatureDate"`
	CreatedAt        *time.Time    `json:"createdAt"`
	Details          struct {
		ConsumerName    *string `json:"consumerName"`
		ConsumerAccount *string `json:"consumerAccount"`
	} `json:"details"`
}

func (m mandateJSON) mandate() (Mandate, error) {
	if !mandateID.MatchString(m.ID) || m.Status == "" {
		return Mandate{}, fmt.Errorf("the answer is not a mandate")
	}
	return Mandate{
		ID: m.ID, CustomerID: m.CustomerID, Status: m.Status, Method: m.Method, Reference: or(m.MandateReference), SignedOn: or(m.SignatureDate),
		Account: or(m.Details.ConsumerAccount), Holder: or(m.Details.ConsumerName), CreatedAt: or(m.CreatedAt),
	}, nil
}

// CreateCustomer implements Mandates.
func (c *Client) CreateCustomer(ctx context.Context, key string, n NewCustomer) (Customer, error) {
	const op = "create customer"
	if err := needs(op, key); err != nil {
		return Customer{}, err
	}
	in := map[string]any{}
	for name, v := range map[string]string{"name": n.Name, "email": n.Email, "locale": n.Locale} {
		if v != "" {
			in[name] = v
		}
	}
	if n.Metadata != nil {
		in["metadata"] = n.Metadata
	}
	var out customerJSON
	if err := c.call(ctx, op, http.MethodPost, "/v2/customers", nil, key, in, &out); err != nil {
		return Customer{}, err
	}
	if !customerID.MatchString(out.ID) {
		return Customer{}, unreadable(op, fmt.Errorf("the answer is not a customer"))
	}
	return Customer{ID: out.ID, Name: or(out.Name), Email: or(out.Email)}, nil
}

// ListMandates implements Mandates.
func (c *Client) ListMandates(ctx context.Context, customer string, o ListOptions) (Page[Mandate], error) {
	const op = "list mandates"
	if !customerID.MatchString(customer) {
		return Page[Mandate]{}, notAnID(op)
	}
	return listOf(ctx, c, op, "/v2/customers/"+customer+"/mandates", "mandates", o, mandateJSON.mandate)
}

// GetMandate implements Mandates.
func (c *Client) GetMandate(ctx context.Context, customer, id string) (Mandate, error) {
	const op = "get mandate"
	if !customerID.MatchString(customer) || !mandateID.MatchString(id) {
		return Mandate{}, notAnID(op)
	}
	var out mandateJSON
	if err := c.call(ctx, op, http.MethodGet, "/v2/customers/"+customer+"/mandates/"+id, nil, "", nil, &out); err != nil {
		return Mandate{}, err
	}
	m, err := out.mandate()
	if err != nil {
		return Mandate{}, unreadable(op, err)
	}
	return m, nil
}

// RevokeMandate implements Mandates.
func (c *Client) RevokeMandate(ctx context.Context, key, customer, id string) error {
	const op = "revoke mandate"
	if err := needs(op, key); err != nil {
		return err
	}
	if !customerID.MatchString(customer) || !mandateID.MatchString(id) {
		return notAnID(op)
	}
	return c.call(ctx, op, http.MethodDelete, "/v2/customers/"+customer+"/mandates/"+id, nil, key, nil, nil)
}
