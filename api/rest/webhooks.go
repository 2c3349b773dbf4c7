package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Webhook is an address that events are sent to.
type Webhook struct {
	ID           uuid.UUID  `json:"id" format:"uuid"`
	Name         string     `json:"name"`
	URL          string     `json:"url" format:"uri"`
	Types        []string   `json:"types" doc:"None is all"`
	State        string     `json:"state" enum:"active,disabled"`
	Why          string     `json:"why,omitempty" doc:"Why it is switched off"`
	FailingSince *time.Time `json:"failing_since,omitempty" doc:"No delivery succeeded since; after three days it is switched off"`
	DisabledAt   *time.Time `json:"disabled_at,omitempty"`
	Rotating     *time.Time `json:"old_secret_until,omitempty" doc:"The old secret signs too until then"`
	CreatedBy    string     `json:"created_by"`
	CreatedAt    time.Time  `json:"created_at"`
}

func webhookOf(w db.WebhookEndpoint) Webhook {
	return Webhook{
		ID: w.ID, Name: w.Name, URL: w.Url, Types: w.Types, State: w.State, Why: w.Why, FailingSince: moment(w.FailingSince), DisabledAt: moment(w.DisabledAt),
		Rotating: moment(w.PreviousUntil), CreatedBy: w.CreatedBy, CreatedAt: w.CreatedAt.UTC(),
	}
}

type webhookList struct {
	Body struct {
		Items []Webhook `json:"items"`
	}
}

type oneWebhook struct{ Body Webhook }

// WebhookWish is what an address is to get.
type WebhookWish struct {
	Name  string   `json:"name" minLength:"1" maxLength:"80" example:"our ERP"`
	URL   string   `json:"url" minLength:"1" maxLength:"500" doc:"https, on the public internet" example:"https://erp.example/voldaan"`
	Types []string `json:"types,omitempty" maxItems:"100" doc:"Types of events, or all of a thing as plan.*; none is all"`
}

func (w WebhookWish) wish() event.Wish { return event.Wish{Name: w.Name, URL: w.URL, Types: w.Types} }

type newWebhook struct{ Body WebhookWish }

type putWebhook struct {
	ByID
	Body struct {
		WebhookWish
		Active bool `json:"active" doc:"False switches it off"`
	}
}

type webhookSecret struct {
	Body struct {
		ID     uuid.UUID `json:"id" format:"uuid"`
		Secret string    `json:"secret" doc:"Signs what is sent; shown once"`
	}
}

type replayWebhook struct {
	ByID
	Repeatable
	Body struct {
		Since time.Time `json:"since,omitempty" doc:"All that was recorded since, at most 30 days ago; by recorded_at"`
		Event string    `json:"event,omitempty" maxLength:"26" doc:"Or the id of one event"`
	}
}

type replayed struct {
	Body struct {
		Queued int64 `json:"queued"`
	}
}

// Delivery is an event on its way to an address.
type Delivery struct {
	ID        int64      `json:"id"`
	Event     string     `json:"event" doc:"The event's id"`
	Type      string     `json:"type"`
	State     string     `json:"state" enum:"pending,delivered,given_up"`
	Attempts  int        `json:"attempts"`
	Status    int        `json:"status,omitempty" doc:"Of the last answer"`
	Problem   string     `json:"problem,omitempty"`
	Replay    bool       `json:"replay,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	NextAt    *time.Time `json:"next_at,omitempty" doc:"When it is tried next"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

func deliveryOf(r db.DeliveriesPageRow) Delivery {
	d := Delivery{
		ID: r.ID, Event: r.Key, Type: r.Type, State: r.State, Attempts: int(r.Attempts), Status: int(r.Status), Problem: r.Problem, Replay: r.Replay,
		CreatedAt: r.CreatedAt.UTC(), EndedAt: moment(r.EndedAt),
	}
	if r.State == "pending" {
		d.NextAt = moment(&r.NextAt)
	}
	return d
}

type deliveryQuery struct {
	ByID
	Paged
}

type deliveryList struct {
	Body struct {
		Items      []Delivery `json:"items"`
		NextCursor string     `json:"next_cursor,omitempty"`
	}
}

const webhookWords = "Each event comes as a POST with a JSON body, at least once: tell repeats by the id. " +
	"Voldaan-Signature is t=<unix seconds>,v1=<hex>: the HMAC-SHA256 of \"<t>.<body>\" with the secret. Compare in constant time, refuse a t of more than five minutes ago; while a secret is replaced there are two v1. " +
	"Answer 2xx within 15 seconds. Else it is tried again, later each time, for three days; events of one subject wait for each other and come in order. 410 switches the address off."

func (h *hub) webhooks() {
	const tag = "Webhooks"
	gone := []int{http.StatusNotFound}
	register(h, operation{id: "list-webhooks", method: http.MethodGet, path: "/webhooks", tag: tag, scope: tenant.Read, settings: true, summary: "List the addresses that events go to"}, h.listWebhooks)
	register(h, operation{id: "create-webhook", method: http.MethodPost, path: "/webhooks", tag: tag, scope: tenant.Write, settings: true, status: http.StatusCreated, summary: "Send events to an address",
		description: webhookWords, errors: []int{http.StatusConflict}}, h.createWebhook)
	register(h, operation{id: "get-webhook", method: http.MethodGet, path: "/webhooks/{id}", tag: tag, scope: tenant.Read, settings: true, summary: "Get an address", errors: gone}, h.getWebhook)
	register(h, operation{id: "change-webhook", method: http.MethodPut, path: "/webhooks/{id}", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Change an address, or switch it on or off",
		description: "What waited when it was switched off goes out when it is on again; replay what happened in between.", errors: gone}, h.changeWebhook)
	register(h, operation{id: "remove-webhook", method: http.MethodDelete, path: "/webhooks/{id}", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Remove an address", errors: gone}, h.removeWebhook)
	register(h, operation{id: "rotate-webhook", method: http.MethodPost, path: "/webhooks/{id}/rotate", tag: tag, scope: tenant.Write, settings: true, summary: "Replace the secret of an address",
		description: "Both secrets sign for 24 hours.", errors: gone}, h.rotateWebhook)
	register(h, operation{id: "test-webhook", method: http.MethodPost, path: "/webhooks/{id}/test", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Send a test event",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, h.testWebhook)
	register(h, operation{id: "replay-webhook", method: http.MethodPost, path: "/webhooks/{id}/replay", tag: tag, scope: tenant.Write, settings: true, summary: "Send again",
		description: "All that the address asks for since a moment, or one event. The ids stay the same.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.replayWebhook)
	register(h, operation{id: "list-deliveries", method: http.MethodGet, path: "/webhooks/{id}/deliveries", tag: tag, scope: tenant.Read, settings: true, summary: "List what was sent to an address, the newest first",
		description: "Kept for 30 days.", errors: gone}, h.listDeliveries)
}

func (h *hub) listWebhooks(ctx context.Context, who actor, _ *struct{}) (*webhookList, error) {
	out := &webhookList{}
	out.Body.Items = []Webhook{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.Webhooks(ctx)
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, webhookOf(r))
		}
		return err
	})
}

func (h *hub) getWebhook(ctx context.Context, who actor, in *ByID) (*oneWebhook, error) {
	out := &oneWebhook{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		row, err := tx.Webhook(ctx, in.ID)
		out.Body = webhookOf(row)
		return err
	})
}

func (h *hub) createWebhook(ctx context.Context, who actor, in *newWebhook) (*webhookSecret, error) {
	out := &webhookSecret{}
	return out, h.write(ctx, who, func(tx store.Tx) (err error) {
		out.Body.ID, out.Body.Secret, err = h.Events.Add(ctx, tx, in.Body.wish(), who.by)
		return err
	})
}

func (h *hub) changeWebhook(ctx context.Context, who actor, in *putWebhook) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		return h.Events.Change(ctx, tx, in.ID, in.Body.wish(), in.Body.Active, who.by)
	})
}

func (h *hub) removeWebhook(ctx context.Context, who actor, in *ByID) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Events.Remove(ctx, tx, in.ID, who.by) })
}

func (h *hub) rotateWebhook(ctx context.Context, who actor, in *ByID) (*webhookSecret, error) {
	out := &webhookSecret{}
	out.Body.ID = in.ID
	return out, h.write(ctx, who, func(tx store.Tx) (err error) {
		out.Body.Secret, err = h.Events.Rotate(ctx, tx, in.ID, who.by)
		return err
	})
}

func (h *hub) testWebhook(ctx context.Context, who actor, in *postByID) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Events.Try(ctx, tx, in.ID, who.by) })
}

func (h *hub) replayWebhook(ctx context.Context, who actor, in *replayWebhook) (*replayed, error) {
	out := &replayed{}
	return out, h.write(ctx, who, func(tx store.Tx) (err error) {
		out.Body.Queued, err = h.Events.Replay(ctx, tx, in.ID, in.Body.Since, in.Body.Event, who.by)
		return err
	})
}

func (h *hub) listDeliveries(ctx context.Context, who actor, in *deliveryQuery) (*deliveryList, error) {
	out := &deliveryList{}
	out.Body.Items = []Delivery{}
	q := db.DeliveriesPageParams{Endpoint: in.ID, Most: int32(in.Limit) + 1}
	if _, err := in.unseal(&q.Before); err != nil {
		return nil, err
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Webhook(ctx, in.ID); err != nil {
			return err
		}
		rows, err := tx.DeliveriesPage(ctx, q)
		if err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			out.Body.NextCursor = seal(rows[in.Limit-1].ID)
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, deliveryOf(r))
		}
		return nil
	})
}
