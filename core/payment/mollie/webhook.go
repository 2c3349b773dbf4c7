package mollie

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ErrWebhook is the error of WebhookPaymentID.
var ErrWebhook = errors.New("mollie: not a webhook call: the body must be the form id=tr_…")

// WebhookPaymentID reads the id from a webhook call. The call proves nothing,
// since Mollie does not sign it: read the payment with GetPayment and act on
// what that says. It returns ErrWebhook for anything but a payment id.
func WebhookPaymentID(r *http.Request) (string, error) {
	if r.Method != http.MethodPost {
		return "", ErrWebhook
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 4097))
	if err != nil || len(raw) > 4096 {
		return "", ErrWebhook
	}
	form, err := url.ParseQuery(strings.TrimSpace(string(raw)))
	if err != nil || len(form["id"]) != 1 || !IsPaymentID(form.Get("id")) {
		return "", ErrWebhook
	}
	return form.Get("id"), nil
}
