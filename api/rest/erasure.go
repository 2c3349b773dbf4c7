package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Erasure is a debtor's request to be forgotten.
type Erasure struct {
	Debtor   uuid.UUID  `json:"debtor" format:"uuid"`
	State    string     `json:"state" enum:"restricted,anonymised,withdrawn" doc:"restricted: kept for the law until delete_on, and shown only where a claim is open"`
	DeleteOn *string    `json:"delete_on,omitempty" format:"date"`
	Why      string     `json:"why"`
	AskedAt  time.Time  `json:"asked_at"`
	AskedBy  string     `json:"asked_by"`
	EndedAt  *time.Time `json:"ended_at,omitempty"`
}

func erasureOf(e db.Erasure) Erasure {
	return Erasure{Debtor: e.DebtorID, State: e.State, DeleteOn: day(e.DeleteOn), Why: e.Why, AskedAt: e.AskedAt.UTC(), AskedBy: e.AskedBy, EndedAt: moment(e.EndedAt)}
}

type oneErasure struct{ Body Erasure }

func (h *hub) erasures() {
	const tag = "Debtors"
	gone := []int{http.StatusNotFound}
	register(h, operation{id: "get-erasure", method: http.MethodGet, path: "/debtors/{id}/erasure", tag: tag, scope: tenant.Read, summary: "Get a debtor's request to be forgotten", errors: gone}, h.getErasure)
	register(h, operation{id: "ask-erasure", method: http.MethodPost, path: "/debtors/{id}/erasure", tag: tag, scope: tenant.Write, settings: true, summary: "Record a debtor's request to be forgotten",
		description: "What the law wants kept is restricted, with the day on which it is made anonymous; else that happens at once and cannot be undone.", errors: gone}, h.askErasure)
	register(h, operation{id: "withdraw-erasure", method: http.MethodDelete, path: "/debtors/{id}/erasure", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Withdraw a request that only restricted data so far",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, h.withdrawErasure)
}

func (h *hub) getErasure(ctx context.Context, who actor, in *ByID) (*oneErasure, error) {
	out := &oneErasure{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		row, err := tx.Erasure(ctx, in.ID)
		out.Body = erasureOf(row)
		return err
	})
}

func (h *hub) askErasure(ctx context.Context, who actor, in *postByID) (*oneErasure, error) {
	out := &oneErasure{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		row, err := h.Erasure.Ask(ctx, tx, in.ID, who.by)
		out.Body = erasureOf(row)
		return err
	})
}

func (h *hub) withdrawErasure(ctx context.Context, who actor, in *ByID) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Erasure.Withdraw(ctx, tx, in.ID, who.by) })
}
