package moneybird

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/voldaan/voldaan/sdk"
)

// events are those of which Moneybird tells us: an invoice, a payment on it or
// its contact is not what it was.
var events = []string{
	"sales_invoice_created", "sales_invoice_updated", "sales_invoice_destroyed", "sales_invoice_merged",
	"sales_invoice_send_email", "sales_invoice_send_manually", "sales_invoice_send_post", "sales_invoice_send_si",
	"sales_invoice_paused", "sales_invoice_unpaused",
	"sales_invoice_state_changed_to_open", "sales_invoice_state_changed_to_late", "sales_invoice_state_changed_to_reminded",
	"sales_invoice_state_changed_to_pending_payment", "sales_invoice_state_changed_to_paid", "sales_invoice_state_changed_to_uncollectible",
	"sales_invoice_marked_as_dubious", "sales_invoice_marked_as_uncollectible",
	"external_sales_invoice_created", "external_sales_invoice_updated", "external_sales_invoice_destroyed",
	"external_sales_invoice_state_changed_to_open", "external_sales_invoice_state_changed_to_late",
	"external_sales_invoice_state_changed_to_paid", "external_sales_invoice_state_changed_to_uncollectible",
	"external_sales_invoice_marked_as_dubious", "external_sales_invoice_marked_as_uncollectible",
	"payment_registered", "payment_destroyed", "payment_linked_to_financial_mutation",
	"contact_created", "contact_changed", "contact_archived", "contact_destroyed", "contact_merged",
}

// hook is a webhook of an administration; its secret is shown once.
type hook struct {
	ID     id     `json:"id"`
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// Subscribe makes a webhook for the URL in place of one that is there: Moneybird
// shows the secret of a webhook only when it is made.
func (c *Connector) Subscribe(ctx context.Context, s *sdk.Session, r sdk.SubscribeRequest) (sdk.Subscription, error) {
	call := c.call(s)
	address := c.url(r.Administration, "webhooks")
	var old []string
	if err := call.getArray(ctx, address, func(raw []byte) error {
		var h hook
		if err := json.Unmarshal(raw, &h); err != nil {
			return err
		}
		if h.URL == r.URL {
			old = append(old, string(h.ID))
		}
		return nil
	}); err != nil {
		return sdk.Subscription{}, fmt.Errorf("list the webhooks: %w", err)
	}
	for _, one := range old {
		if err := c.Unsubscribe(ctx, s, r.Administration, one); err != nil {
			return sdk.Subscription{}, err
		}
	}
	a, err := call.ok(ctx, http.MethodPost, address, map[string]any{"url": r.URL, "enabled_events": events})
	if err != nil {
		return sdk.Subscription{}, fmt.Errorf("ask Moneybird to call us: %w", err)
	}
	var made hook
	if err := decode(a.body, &made); err != nil {
		return sdk.Subscription{}, err
	}
	if made.ID == "" || made.Secret == "" {
		return sdk.Subscription{}, errors.New("Moneybird made a webhook without an id or a secret")
	}
	return sdk.Subscription{ID: string(made.ID), Secret: []byte(made.Secret)}, nil
}

// Unsubscribe removes a webhook.
func (c *Connector) Unsubscribe(ctx context.Context, s *sdk.Session, administration, id string) error {
	call := c.call(s)
	a, err := call.do(ctx, http.MethodDelete, c.url(administration, "webhooks", escape(id)), nil, maxError)
	if err != nil {
		return err
	}
	switch a.status {
	case http.StatusOK, http.StatusNoContent, http.StatusNotFound:
		return nil
	}
	return call.fault(a)
}
