package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// Figure is a rate, rule or wording of the law that no source confirms. Messages
// that state it wait until a person approved its value.
type Figure struct {
	Name       string     `json:"name" example:"NL: statutory interest (art. 6:119 BW), the rate after 2026-06-30"`
	Value      string     `json:"value" example:"4.00%"`
	Why        string     `json:"why" doc:"What is not certain about it"`
	Source     string     `json:"source,omitempty"`
	State      string     `json:"state" enum:"pending,approved"`
	Invoices   int        `json:"invoices" doc:"How many wait for it"`
	ApprovedBy string     `json:"approved_by,omitempty"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
}

type figureList struct {
	Body struct {
		Items []Figure `json:"items"`
	}
}

type approval struct {
	Body struct {
		Name  string `json:"name" minLength:"1" maxLength:"400"`
		Value string `json:"value" minLength:"1" maxLength:"400" doc:"The value that was seen; another one by now is refused"`
	}
}

type approved struct {
	Body struct {
		Invoices int `json:"invoices" doc:"How many go on"`
	}
}

func (h *hub) figures() {
	register(h, operation{id: "list-figures", method: http.MethodGet, path: "/figures", tag: "Figures", scope: tenant.Read, summary: "List figures of the law that no source confirms",
		description: "Those that messages wait for, and those that were approved."}, h.listFigures)
	register(h, operation{id: "approve-figure", method: http.MethodPost, path: "/figures/approve", tag: "Figures", scope: tenant.Write, session: true, summary: "Approve the value of a figure",
		description: "For an owner who is signed in to the pages: a person approves, and no program. It holds for all invoices of the organisation while the value stays the same.", errors: []int{http.StatusConflict}}, h.approveFigure)
}

func (h *hub) listFigures(ctx context.Context, who actor, _ *struct{}) (*figureList, error) {
	out := &figureList{}
	out.Body.Items = []Figure{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		pending, err := h.Planner.PendingFigures(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range pending {
			out.Body.Items = append(out.Body.Items, Figure{Name: p.Name, Value: p.Value, Why: p.Why, Source: p.Source, State: "pending", Invoices: p.Invoices})
		}
		rows, err := tx.FigureApprovals(ctx)
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, Figure{Name: r.Figure, Value: r.Value, Why: r.Why, Source: r.Source, State: "approved", ApprovedBy: r.ApprovedBy, ApprovedAt: moment(&r.ApprovedAt)})
		}
		return err
	})
}

func (h *hub) approveFigure(ctx context.Context, who actor, in *approval) (*approved, error) {
	out := &approved{}
	return out, h.write(ctx, who, func(tx store.Tx) (err error) {
		out.Body.Invoices, err = h.Planner.ApproveFigures(ctx, tx, []policy.FigureKey{{Name: in.Body.Name, Value: in.Body.Value}}, who.by)
		return err
	})
}
