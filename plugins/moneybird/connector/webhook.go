package moneybird

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
)

// maxAge is how old, or how far ahead, the stamp of a call may be.
const maxAge = 5 * time.Minute

// Webhook verifies the signature and names the record that may have changed.
func (c *Connector) Webhook(_ context.Context, s *sdk.Session, call sdk.WebhookCall) ([]sdk.Hint, error) {
	if err := c.verify(s.WebhookSecret, call); err != nil {
		return nil, err
	}
	var event struct {
		Administration id     `json:"administration_id"`
		Type           string `json:"entity_type"`
		ID             id     `json:"entity_id"`
		Action         string `json:"action"`
		Entity         struct {
			InvoiceType string `json:"invoice_type"`
			InvoiceID   id     `json:"invoice_id"`
		} `json:"entity"`
	}
	if err := decode(call.Body, &event); err != nil {
		return nil, fmt.Errorf("%w: the signed call of Moneybird cannot be read: %w", sdk.ErrInvalid, err)
	}
	digest := sha256.Sum256(call.Body)
	hint := sdk.Hint{Administration: string(event.Administration), Event: hex.EncodeToString(digest[:16])}
	switch event.Type {
	case "SalesInvoice", "ExternalSalesInvoice":
		hint.Stream, hint.ID = sdk.Invoices, invoiceID(event.Type == "ExternalSalesInvoice", event.ID)
	case "Contact":
		hint.Stream, hint.ID = sdk.Parties, string(event.ID)
	case "Payment":
		// A payment shows on its invoice, also when it was taken away again.
		external := event.Entity.InvoiceType == "ExternalSalesInvoice"
		if !external && event.Entity.InvoiceType != "SalesInvoice" {
			return nil, nil
		}
		hint.Stream, hint.ID = sdk.Invoices, invoiceID(external, event.Entity.InvoiceID)
	default:
		return nil, nil
	}
	if hint.ID == "" || hint.ID == externalPrefix {
		return nil, nil
	}
	return []sdk.Hint{hint}, nil
}

// verify checks "t=<unix>,v1=<hex>[,v1=<hex>]": an HMAC-SHA256 over "t.body".
// During a change of secret there is more than one v1.
func (c *Connector) verify(secret []byte, call sdk.WebhookCall) error {
	refuse := func(why string) error {
		return fmt.Errorf("%w: the signature of the call is not Moneybird's: %s", sdk.ErrAuth, why)
	}
	if len(secret) == 0 {
		return refuse("no secret is known for this connection")
	}
	var stamp string
	var given [][]byte
	for part := range strings.SplitSeq(call.Header.Get("Moneybird-Signature"), ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "t":
			stamp = value
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil {
				given = append(given, sum)
			}
		}
	}
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(given) == 0 {
		return refuse("it is missing or unreadable")
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "."))
	mac.Write(call.Body)
	want, good := mac.Sum(nil), false
	for _, sum := range given {
		good = hmac.Equal(sum, want) || good
	}
	if !good {
		return refuse("it does not fit the body")
	}
	if c.now().Sub(time.Unix(at, 0)).Abs() > maxAge {
		return refuse("it is older than five minutes")
	}
	return nil
}
