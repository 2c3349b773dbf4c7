package rest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Hold makes sending wait.
type Hold struct {
	ID         uuid.UUID  `json:"id" format:"uuid"`
	Scope      string     `json:"scope" enum:"invoice,debtor,administration"`
	ScopeID    uuid.UUID  `json:"scope_id" format:"uuid"`
	Reason     string     `json:"reason" example:"paused"`
	Note       string     `json:"note"`
	Until      *time.Time `json:"until,omitempty" doc:"When it ends by itself"`
	CreatedBy  string     `json:"created_by" doc:"A member, a program as api:<name of its key>, debtor or voldaan"`
	CreatedAt  time.Time  `json:"created_at"`
	ReleasedAt *time.Time `json:"released_at,omitempty"`
	ReleasedBy string     `json:"released_by,omitempty"`
}

func holdOf(h db.Hold) Hold {
	return Hold{
		ID: h.ID, Scope: h.Scope, ScopeID: h.ScopeID, Reason: h.Reason, Note: h.Note, Until: moment(h.Until), CreatedBy: h.CreatedBy, CreatedAt: h.CreatedAt.UTC(),
		ReleasedAt: moment(h.ReleasedAt), ReleasedBy: h.ReleasedBy,
	}
}

type oneHold struct{ Body Hold }

type newHold struct {
	Repeatable
	Body struct {
		Scope   string    `json:"scope" enum:"invoice,debtor,administration"`
		ScopeID uuid.UUID `json:"scope_id" format:"uuid" doc:"The invoice, debtor or administration"`
		Reason  string    `json:"reason,omitempty" enum:"paused,disputed,payment_asked" default:"paused"`
		Note    string    `json:"note,omitempty" maxLength:"500" doc:"For people; it shows on the invoice"`
		Until   time.Time `json:"until,omitempty" doc:"When it ends by itself, in the organisation's time; without it, when it is released"`
	}
}

func (h *hub) holds() {
	register(h, operation{id: "create-hold", method: http.MethodPost, path: "/holds", tag: "Holds", scope: tenant.Write, status: http.StatusCreated, summary: "Pause an invoice, a debtor or an administration",
		description: "When the answer is here, a message that was on its way has left or will not.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.createHold)
	register(h, operation{id: "get-hold", method: http.MethodGet, path: "/holds/{id}", tag: "Holds", scope: tenant.Read, summary: "Get a hold", errors: []int{http.StatusNotFound}}, h.getHold)
	register(h, operation{id: "release-hold", method: http.MethodDelete, path: "/holds/{id}", tag: "Holds", scope: tenant.Write, summary: "End a hold", status: http.StatusNoContent,
		description: "A program ends the holds that it set itself, and no others.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.releaseHold)
}

func (h *hub) createHold(ctx context.Context, who actor, in *newHold) (*oneHold, error) {
	out := &oneHold{}
	reason := receivable.HoldReason(in.Body.Reason)
	if reason == "" {
		reason = receivable.Paused
	}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		if err := exists(ctx, tx, in.Body.Scope, in.Body.ScopeID); err != nil {
			return err
		}
		id, err := h.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.Scope(in.Body.Scope), ID: in.Body.ScopeID, Reason: reason, Note: in.Body.Note, Until: in.Body.Until, By: who.by})
		if err != nil {
			return err
		}
		row, err := tx.Hold(ctx, id)
		out.Body = holdOf(row)
		return err
	})
}

// exists refuses a hold on something that is not there.
func exists(ctx context.Context, tx store.Tx, scope string, id uuid.UUID) (err error) {
	switch dunning.Scope(scope) {
	case dunning.OfInvoice:
		_, err = tx.Invoice(ctx, id)
	case dunning.OfDebtor:
		_, err = tx.Debtor(ctx, id)
	case dunning.OfAdministration:
		_, err = tx.Administration(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("find the %s: %w", scope, err)
	}
	return nil
}

func (h *hub) getHold(ctx context.Context, who actor, in *ByID) (*oneHold, error) {
	out := &oneHold{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		row, err := tx.Hold(ctx, in.ID)
		out.Body = holdOf(row)
		return err
	})
}

func (h *hub) releaseHold(ctx context.Context, who actor, in *ByID) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		row, err := tx.Hold(ctx, in.ID)
		if err != nil {
			return err
		}
		// A3: neither side lifts what the other one set.
		if who.program && row.CreatedBy != who.by {
			return fault.New(fault.Denied, "hold_of_another", "This hold was set by %s; a program ends its own holds only.", actorWord(row.CreatedBy))
		}
		if !who.program && isProgram(row.CreatedBy) {
			return fault.New(fault.Denied, "hold_of_program", "This hold was set by a program; the same program lifts it.")
		}
		if row.ReleasedAt != nil {
			return nil // it has ended, which is what was asked
		}
		return h.Planner.Release(ctx, tx, in.ID, who.by)
	})
}

// actorWord names who set a hold, without a member's name.
func actorWord(by string) string {
	if isProgram(by) {
		return "another program"
	}
	if slices.Contains([]string{"debtor", "voldaan"}, by) {
		return by
	}
	return "a person"
}
