package rest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

type eventQuery struct {
	Paged
	Type   string `query:"type" maxLength:"60" doc:"One type, or all of a thing as plan.*" example:"invoice.*"`
	Debtor string `query:"debtor" format:"uuid" doc:"Only of this debtor"`
}

type eventList struct {
	Body struct {
		Items      []event.Event `json:"items"`
		NextCursor string        `json:"next_cursor" doc:"Also when there is no more yet: keep it and ask again later"`
	}
}

type oneEvent struct{ Body event.Event }

type byKey struct {
	ID string `path:"id" minLength:"26" maxLength:"26" doc:"The event's id"`
}

type eventTypes struct {
	Body struct {
		Items []string `json:"items" doc:"More may come; pass over what you do not know"`
	}
}

func (h *hub) events() {
	const tag = "Events"
	register(h, operation{id: "list-events", method: http.MethodGet, path: "/events", tag: tag, scope: tenant.Read, summary: "List what happened, the oldest first",
		description: "Without gaps: who goes on from the last cursor misses nothing and gets nothing twice. An address for events gets the same as it happens."}, h.listEvents)
	register(h, operation{id: "get-event", method: http.MethodGet, path: "/events/{id}", tag: tag, scope: tenant.Read, summary: "Get an event", errors: []int{http.StatusNotFound}}, h.getEvent)
	register(h, operation{id: "list-event-types", method: http.MethodGet, path: "/event-types", tag: tag, scope: tenant.Read, summary: "List the types of events"}, h.listEventTypes)
}

func (h *hub) listEvents(ctx context.Context, who actor, in *eventQuery) (*eventList, error) {
	out := &eventList{}
	out.Body.Items = []event.Event{}
	q := db.EventsPageParams{Type: in.Type, Most: int32(in.Limit)}
	if _, err := in.unseal(&q.After); err != nil {
		return nil, err
	}
	if in.Debtor != "" {
		id, err := uuid.Parse(in.Debtor)
		if err != nil {
			return nil, err
		}
		q.Debtor = uuid.NullUUID{UUID: id, Valid: true}
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.EventsPage(ctx, q)
		if err != nil {
			return fmt.Errorf("list events: %w", err)
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, event.Of(r))
			q.After = *r.Seq
		}
		out.Body.NextCursor = seal(q.After)
		return nil
	})
}

func (h *hub) getEvent(ctx context.Context, who actor, in *byKey) (*oneEvent, error) {
	out := &oneEvent{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		row, err := tx.EventByKey(ctx, in.ID)
		out.Body = event.Of(row)
		return err
	})
}

func (h *hub) listEventTypes(context.Context, actor, *struct{}) (*eventTypes, error) {
	out := &eventTypes{}
	all := event.Types()
	for _, thing := range slices.Sorted(maps.Keys(all)) {
		for _, verb := range all[thing] {
			out.Body.Items = append(out.Body.Items, thing+"."+verb)
		}
	}
	return out, nil
}
