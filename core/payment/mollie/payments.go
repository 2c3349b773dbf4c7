package mollie

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"github.com/voldaan/voldaan/sdk/money"
)

// Payments is what the rest of Voldaan needs of a payment provider's client.
// Every method returns *Error when Mollie refuses or does not answer. Writes
// take an idempotency key (a UUID): repeating a write with its key takes effect
// once, so a caller may retry whatever Error.Retryable allows.
type Payments interface {
	// CreatePayment asks for a payment; send the debtor to its CheckoutURL.
	CreatePayment(ctx context.Context, key string, p NewPayment) (Payment, error)
	// GetPayment reads a payment: the only truth about it.
	GetPayment(ctx context.Context, id string) (Payment, error)
	// ListPayments returns a page of payments, newest first.
	ListPayments(ctx context.Context, o ListOptions) (Page[Payment], error)
	// CancelPayment ends a payment that is Cancelable.
	CancelPayment(ctx context.Context, key, id string) (Payment, error)
	// CreateRefund gives money back.
	CreateRefund(ctx context.Context, key, paymentID string, r NewRefund) (Refund, error)
	// GetRefund reads a refund.
	GetRefund(ctx context.Context, paymentID, id string) (Refund, error)
	// ListRefunds returns a page of the refunds of a payment.
	ListRefunds(ctx context.Context, paymentID string, o ListOptions) (Page[Refund], error)
	// ListChargebacks returns a page of the charge-backs of a payment, or of
	// all payments when paymentID is "".
	ListChargebacks(ctx context.Context, paymentID string, o ListOptions) (Page[Chargeback], error)
	// ListMethods returns the methods enabled for an amount (a zero amount is
	// any), named in a locale ("" is Mollie's choice).
	ListMethods(ctx context.Context, amount money.Amount, locale string) ([]MethodInfo, error)
}

var _ Payments = (*Client)(nil)

var (
	paymentID = regexp.MustCompile(`^tr_[A-Za-z0-9]{1,64}$`)
	refundID  = regexp.MustCompile(`^re_[A-Za-z0-9]{1,64}$`)
)

// IsPaymentID reports whether a text has the form of a payment id. Ids from
// outside are checked before they become part of an address.
func IsPaymentID(s string) bool { return paymentID.MatchString(s) }

func needs(op, key string) error {
	if key == "" {
		return fmt.Errorf("mollie: %s needs an idempotency key", op)
	}
	return nil
}

// CreatePayment implements Payments.
func (c *Client) CreatePayment(ctx context.Context, key string, p NewPayment) (Payment, error) {
	const op = "create payment"
	if err := needs(op, key); err != nil {
		return Payment{}, err
	}
	if !p.Amount.Positive() {
		return Payment{}, fmt.Errorf("mollie: %s: the amount must be above zero, not %s", op, p.Amount)
	}
	if (p.Sequence == First || p.Sequence == Recurring) && !customerID.MatchString(p.CustomerID) {
		return Payment{}, fmt.Errorf("mollie: %s: a %s payment needs a customer", op, p.Sequence)
	}
	in := map[string]any{"amount": toAmount(p.Amount), "description": short(p.Description, 255)}
	for name, v := range map[string]string{
		"redirectUrl": p.RedirectURL, "cancelUrl": p.CancelURL, "webhookUrl": p.WebhookURL, "method": string(p.Method), "locale": p.Locale, "dueDate": p.DueDate.String(),
		"sequenceType": string(p.Sequence), "customerId": p.CustomerID, "mandateId": p.MandateID,
	} {
		if v != "" {
			in[name] = v
		}
	}
	if p.Metadata != nil {
		in["metadata"] = p.Metadata
	}
	if p.Email != "" {
		in["billingAddress"] = map[string]string{"email": p.Email}
	}
	return c.payment(ctx, op, http.MethodPost, "/v2/payments", key, in)
}

// GetPayment implements Payments.
func (c *Client) GetPayment(ctx context.Context, id string) (Payment, error) {
	const op = "get payment"
	if !IsPaymentID(id) {
		return Payment{}, notAnID(op)
	}
	return c.payment(ctx, op, http.MethodGet, "/v2/payments/"+id, "", nil)
}

// CancelPayment implements Payments.
func (c *Client) CancelPayment(ctx context.Context, key, id string) (Payment, error) {
	const op = "cancel payment"
	if err := needs(op, key); err != nil {
		return Payment{}, err
	}
	if !IsPaymentID(id) {
		return Payment{}, notAnID(op)
	}
	return c.payment(ctx, op, http.MethodDelete, "/v2/payments/"+id, key, nil)
}

func (c *Client) payment(ctx context.Context, op, method, path, key string, in any) (Payment, error) {
	var out paymentJSON
	if err := c.call(ctx, op, method, path, nil, key, in, &out); err != nil {
		return Payment{}, err
	}
	p, err := out.payment()
	if err != nil {
		return Payment{}, unreadable(op, err)
	}
	return p, nil
}

// ListPayments implements Payments.
func (c *Client) ListPayments(ctx context.Context, o ListOptions) (Page[Payment], error) {
	return listOf(ctx, c, "list payments", "/v2/payments", "payments", o, paymentJSON.payment)
}

// CreateRefund implements Payments.
func (c *Client) CreateRefund(ctx context.Context, key, payment string, r NewRefund) (Refund, error) {
	const op = "create refund"
	if err := needs(op, key); err != nil {
		return Refund{}, err
	}
	if !IsPaymentID(payment) {
		return Refund{}, notAnID(op)
	}
	if !r.Amount.Positive() {
		return Refund{}, fmt.Errorf("mollie: %s: the amount must be above zero, not %s", op, r.Amount)
	}
	in := map[string]any{"amount": toAmount(r.Amount), "description": short(r.Description, 255)}
	if r.Metadata != nil {
		in["metadata"] = r.Metadata
	}
	return c.refund(ctx, op, http.MethodPost, "/v2/payments/"+payment+"/refunds", key, in)
}

// GetRefund implements Payments.
func (c *Client) GetRefund(ctx context.Context, payment, id string) (Refund, error) {
	const op = "get refund"
	if !IsPaymentID(payment) || !refundID.MatchString(id) {
		return Refund{}, notAnID(op)
	}
	return c.refund(ctx, op, http.MethodGet, "/v2/payments/"+payment+"/refunds/"+id, "", nil)
}

func (c *Client) refund(ctx context.Context, op, method, path, key string, in any) (Refund, error) {
	var out refundJSON
	if err := c.call(ctx, op, method, path, nil, key, in, &out); err != nil {
		return Refund{}, err
	}
	r, err := out.refund()
	if err != nil {
		return Refund{}, unreadable(op, err)
	}
	return r, nil
}

// ListRefunds implements Payments.
func (c *Client) ListRefunds(ctx context.Context, payment string, o ListOptions) (Page[Refund], error) {
	const op = "list refunds"
	if !IsPaymentID(payment) {
		return Page[Refund]{}, notAnID(op)
	}
	return listOf(ctx, c, op, "/v2/payments/"+payment+"/refunds", "refunds", o, refundJSON.refund)
}

// ListChargebacks implements Payments.
func (c *Client) ListChargebacks(ctx context.Context, payment string, o ListOptions) (Page[Chargeback], error) {
	const op = "list charge-backs"
	path := "/v2/chargebacks"
	if payment != "" {
		if !IsPaymentID(payment) {
			return Page[Chargeback]{}, notAnID(op)
		}
		path = "/v2/payments/" + payment + "/chargebacks"
	}
	return listOf(ctx, c, op, path, "chargebacks", o, chargebackJSON.chargeback)
}

// ListMethods implements Payments.
func (c *Client) ListMethods(ctx context.Context, amount money.Amount, locale string) ([]MethodInfo, error) {
	const op = "list methods"
	q := url.Values{}
	if amount.Currency != "" {
		q.Set("amount[value]", amount.Decimal())
		q.Set("amount[currency]", string(amount.Currency))
	}
	if locale != "" {
		q.Set("locale", locale)
	}
	var l listJSON[methodJSON]
	if err := c.call(ctx, op, http.MethodGet, "/v2/methods", q, "", nil, &l); err != nil {
		return nil, err
	}
	p, err := page(l, "methods", methodJSON.method)
	if err != nil {
		return nil, unreadable(op, err)
	}
	return p.Items, nil
}

func listOf[T, U any](ctx context.Context, c *Client, op, path, name string, o ListOptions, convert func(T) (U, error)) (Page[U], error) {
	var l listJSON[T]
	if err := c.call(ctx, op, http.MethodGet, path, o.query(), "", nil, &l); err != nil {
		return Page[U]{}, err
	}
	p, err := page(l, name, convert)
	if err != nil {
		return Page[U]{}, unreadable(op, err)
	}
	return p, nil
}

// notAnID is the answer Mollie gives for an id it never made.
func notAnID(op string) *Error {
	return &Error{Op: op, Status: http.StatusNotFound, Title: "Not Found", Detail: "that is not the id of a payment or refund"}
}

func unreadable(op string, err error) *Error {
	return &Error{Op: op, Status: http.StatusOK, Title: "OK", Cause: err}
}

func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
