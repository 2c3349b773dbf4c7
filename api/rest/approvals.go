package rest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
)

// Approval is a step that waits for a person.
type Approval struct {
	Invoice Reference `json:"invoice"`
	Debtor  Reference `json:"debtor"`
	Step    string    `json:"step"`
	Open    Amount    `json:"open"`
	Due     string    `json:"due" format:"date"`
	Why     string    `json:"why"`
}

type (
	approvalQuery struct {
		Paged
		Search string `query:"search" maxLength:"100" doc:"Part of the debtor's name or of the invoice's number"`
		Step   string `query:"step" maxLength:"40"`
		Due    string `query:"due" enum:"late,week" doc:"Only where the invoice is overdue, or falls due within a week"`
	}
	approvalList struct {
		Body struct {
			Items      []Approval `json:"items"`
			NextCursor string     `json:"next_cursor,omitempty"`
		}
	}
	decideApprovals struct {
		Repeatable
		Body struct {
			Invoices []uuid.UUID `json:"invoices" minItems:"1" maxItems:"500" doc:"Those whose planned step it is about"`
			Approve  bool        `json:"approve" doc:"false refuses: the invoices are paused with the reason"`
			Reason   string      `json:"reason,omitempty" maxLength:"300" doc:"Needed to refuse"`
		}
	}
	takeBackApprovals struct {
		Repeatable
		Body struct {
			Invoices []uuid.UUID `json:"invoices" minItems:"1" maxItems:"500" doc:"Those whose planned step was approved"`
		}
	}
	decided struct {
		Body struct {
			Invoices int `json:"invoices" doc:"How many waited and are decided now"`
		}
	}
)

func (h *hub) approvals() {
	register(h, operation{id: "list-approvals", method: http.MethodGet, path: "/approvals", tag: "Flows", scope: tenant.Read, summary: "List the steps that wait for a person"}, h.listApprovals)
	register(h, operation{id: "decide-approvals", method: http.MethodPost, path: "/approvals", tag: "Flows", scope: tenant.Write, summary: "Approve or refuse steps", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.decideApprovals)
	register(h, operation{id: "take-back-approvals", method: http.MethodPost, path: "/approvals/take-back", tag: "Flows", scope: tenant.Write, summary: "Take approvals back whose steps are not taken yet", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.takeBackApprovals)
}

// approvalPlace is where a page of approvals ends.
type approvalPlace struct {
	Place string    `json:"p"`
	Due   date.Date `json:"d"`
	ID    uuid.UUID `json:"i"`
}

func (h *hub) listApprovals(ctx context.Context, who actor, in *approvalQuery) (*approvalList, error) {
	out := &approvalList{}
	out.Body.Items = []Approval{}
	q := db.WaitingForApprovalParams{Search: in.Search, Step: in.Step, Due: in.Due, Most: int32(in.Limit) + 1}
	var from approvalPlace
	if after, err := in.unseal(&from); err != nil {
		return nil, err
	} else if after {
		q.FromID, q.FromPlace, q.FromDue = uuid.NullUUID{UUID: from.ID, Valid: true}, from.Place, from.Due
	}
	return out, h.read(ctx, who, func(tx store.Tx) (err error) {
		if q.Today, err = tx.Today(ctx, h.Real); err != nil {
			return err
		}
		rows, err := tx.WaitingForApproval(ctx, q)
		if err != nil {
			return fmt.Errorf("list what waits for a person: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			last := rows[in.Limit-1]
			out.Body.NextCursor = seal(approvalPlace{last.Place, last.Due, last.InvoiceID})
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, Approval{
				Invoice: Reference{r.InvoiceID, r.Number}, Debtor: Reference{r.DebtorID, r.Debtor}, Step: r.NextStep, Open: amountOf(r.OpenMinor, r.Currency), Due: r.Due.String(), Why: r.HeldWhy,
			})
		}
		return nil
	})
}

func (h *hub) decideApprovals(ctx context.Context, who actor, in *decideApprovals) (*decided, error) {
	out := &decided{}
	return out, h.write(ctx, who, func(tx store.Tx) (err error) {
		var done []uuid.UUID
		if in.Body.Approve {
			done, err = h.Planner.Approve(ctx, tx, in.Body.Invoices, who.by)
		} else {
			done, err = h.Planner.Refuse(ctx, tx, in.Body.Invoices, in.Body.Reason, who.by)
		}
		out.Body.Invoices = len(done)
		return err
	})
}

func (h *hub) takeBackApprovals(ctx context.Context, who actor, in *takeBackApprovals) (*decided, error) {
	out := &decided{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		done, err := h.Planner.TakeBackApproval(ctx, tx, in.Body.Invoices, who.by)
		out.Body.Invoices = len(done)
		return err
	})
}
