package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Flow is a dunning flow in its canonical form.
type Flow policy.Form

// FlowSummary is a flow in a list.
type FlowSummary struct {
	ID       string `json:"id" example:"b2b-nl"`
	Title    string `json:"title"`
	Country  string `json:"country,omitempty"`
	Debtors  string `json:"debtors,omitempty"`
	Shipped  bool   `json:"shipped" doc:"It ships with Voldaan and is never changed; copy it to have your own"`
	Version  int    `json:"version" doc:"The published one; 0 for a flow that was never published"`
	Draft    bool   `json:"draft" doc:"There are changes that were not published"`
	Invoices int64  `json:"invoices" doc:"How many open invoices follow it"`
}

// FlowProblem is what is wrong with a flow.
type FlowProblem struct {
	Step    string `json:"step,omitempty"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// FlowVersion is a published version.
type FlowVersion struct {
	Version     int       `json:"version"`
	Note        string    `json:"note"`
	PublishedBy string    `json:"published_by"`
	PublishedAt time.Time `json:"published_at"`
	Flow        Flow      `json:"flow"`
}

type flowList struct {
	Body struct {
		Items []FlowSummary `json:"items"`
	}
}

type oneFlow struct {
	Body struct {
		Flow     Flow          `json:"flow"`
		Shipped  bool          `json:"shipped"`
		Draft    bool          `json:"draft" doc:"This is what was not published yet"`
		Problems []FlowProblem `json:"problems" doc:"What has to be mended before it can be published"`
	}
}

// ByFlow is the input of an operation on one flow.
type ByFlow struct {
	Flow string `path:"flow" maxLength:"40" doc:"Its id, as b2b-nl"`
}

type getFlow struct {
	ByFlow
	Version int `query:"version" doc:"A published version; without it the draft, else the newest"`
}

type newFlow struct {
	Repeatable
	Body struct {
		Flow   *Flow  `json:"flow,omitempty" doc:"The flow as a draft of yours"`
		CopyOf string `json:"copy_of,omitempty" doc:"Instead of a flow: the one to copy"`
		ID     string `json:"id,omitempty" doc:"The id of the copy"`
		Title  string `json:"title,omitempty" doc:"The title of the copy"`
	}
}

type putDraft struct {
	ByFlow
	Body Flow
}

type publishFlow struct {
	ByFlow
	Repeatable
	Body struct {
		Note string `json:"note,omitempty" maxLength:"300" doc:"What changed, for people"`
	}
}

type flowVersions struct {
	Body struct {
		Items []FlowVersion `json:"items"`
	}
}

type flowSchema struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (h *hub) flows() {
	const tag = "Flows"
	none := []int{http.StatusNotFound}
	both := []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "list-flows", method: http.MethodGet, path: "/flows", tag: tag, scope: tenant.Read, summary: "List flows", description: "Those that ship and your own."}, h.listFlows)
	register(h, operation{id: "get-flow", method: http.MethodGet, path: "/flows/{flow}", tag: tag, scope: tenant.Read, summary: "Get a flow", errors: none}, h.getFlow)
	register(h, operation{id: "create-flow", method: http.MethodPost, path: "/flows", tag: tag, scope: tenant.Write, status: http.StatusCreated, settings: true, summary: "Begin a flow of your own",
		description: "A copy of another flow, or one that you send. It is a draft: nothing follows it before it is published and chosen.", errors: both}, h.createFlow)
	register(h, operation{id: "save-flow-draft", method: http.MethodPut, path: "/flows/{flow}/draft", tag: tag, scope: tenant.Write, settings: true, summary: "Save the draft of a flow",
		description: "A draft may have problems; the answer lists them.", errors: both}, h.saveDraft)
	register(h, operation{id: "discard-flow-draft", method: http.MethodDelete, path: "/flows/{flow}/draft", tag: tag, scope: tenant.Write, status: http.StatusNoContent, settings: true, summary: "Drop the draft of a flow", errors: none}, h.discardDraft)
	register(h, operation{id: "publish-flow", method: http.MethodPost, path: "/flows/{flow}/publish", tag: tag, scope: tenant.Write, settings: true, summary: "Publish the draft of a flow",
		description: "Every open invoice of the flow is planned again; the new version counts from its next step. What was sent stays as it was sent.", errors: both}, h.publishFlow)
	register(h, operation{id: "list-flow-versions", method: http.MethodGet, path: "/flows/{flow}/versions", tag: tag, scope: tenant.Read, summary: "List the versions of a flow", errors: none}, h.listVersions)
	register(h, operation{id: "get-flow-schema", method: http.MethodGet, path: "/flow-schema", tag: tag, scope: tenant.Read, summary: "Get the JSON Schema of a flow"}, h.getFlowSchema)
}

func (h *hub) listFlows(ctx context.Context, who actor, _ *struct{}) (*flowList, error) {
	out := &flowList{}
	out.Body.Items = []FlowSummary{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		use, err := tx.FlowUse(ctx)
		if err != nil {
			return err
		}
		count := map[string]int64{}
		for _, u := range use {
			count[u.Flow] = u.Invoices
		}
		for _, f := range policy.Shipped() {
			out.Body.Items = append(out.Body.Items, FlowSummary{ID: f.ID, Title: f.Title, Country: f.Country, Debtors: string(f.Debtors), Shipped: true, Version: f.Version, Invoices: count[f.ID]})
		}
		rows, err := tx.FlowRows(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			f, draft, err := flow.Draft(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			out.Body.Items = append(out.Body.Items, FlowSummary{ID: r.ID, Title: f.Title, Country: f.Country, Debtors: string(f.Debtors), Version: int(r.Version), Draft: draft, Invoices: count[r.ID]})
		}
		return nil
	})
}

func (h *hub) getFlow(ctx context.Context, who actor, in *getFlow) (*oneFlow, error) {
	out := &oneFlow{}
	return out, h.read(ctx, who, func(tx store.Tx) (err error) {
		f, shipped := policy.Flows()[in.Flow]
		switch {
		case shipped && in.Version != 0 && in.Version != f.Version:
			return fault.New(fault.NotFound, "flow_version_not_found", "%s ships in version %d only.", f.Title, f.Version)
		case shipped:
		case in.Version > 0:
			f, err = flow.Version(ctx, tx, in.Flow, int32(in.Version))
		default:
			f, out.Body.Draft, err = flow.Draft(ctx, tx, in.Flow)
		}
		out.fill(f)
		out.Body.Shipped = shipped
		return err
	})
}

func (o *oneFlow) fill(f policy.Flow) {
	o.Body.Flow, o.Body.Problems = Flow(f.Form()), []FlowProblem{}
	if o.Body.Flow.Steps == nil {
		o.Body.Flow.Steps = []policy.StepForm{}
	}
	for _, p := range policy.Check(f) {
		o.Body.Problems = append(o.Body.Problems, FlowProblem{Step: string(p.Step), Field: p.Field, Message: p.Message})
	}
}

// act is who changes a flow, at the tenant's moment.
func (h *hub) act(ctx context.Context, tx store.Tx, who actor) (flow.Act, error) {
	now, err := tx.Now(ctx, h.Real)
	return flow.Act{By: who.by, At: now}, err
}

// changing runs f in a transaction with who changes something.
func (h *hub) changing(ctx context.Context, who actor, f func(tx store.Tx, act flow.Act) error) error {
	return h.write(ctx, who, func(tx store.Tx) error {
		act, err := h.act(ctx, tx, who)
		if err != nil {
			return err
		}
		return f(tx, act)
	})
}

func (h *hub) createFlow(ctx context.Context, who actor, in *newFlow) (*oneFlow, error) {
	out := &oneFlow{}
	return out, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		var f policy.Flow
		var err error
		switch {
		case in.Body.Flow != nil && in.Body.CopyOf == "":
			if f, err = policy.Form(*in.Body.Flow).Flow(); err == nil {
				err = flow.Import(ctx, tx, f, act)
			}
		case in.Body.CopyOf != "" && in.Body.Flow == nil:
			if f, err = flow.Current(ctx, tx, in.Body.CopyOf); err == nil && len(f.Steps) == 0 {
				err = fault.New(fault.NotFound, "flow_not_found", "There is no flow %s to copy.", in.Body.CopyOf)
			}
			if err == nil {
				err = flow.Copy(ctx, tx, f, in.Body.ID, in.Body.Title, act)
				f.ID = in.Body.ID
			}
		default:
			err = fault.New(fault.Invalid, "flow_or_copy", "Send a flow, or name one to copy.")
		}
		if err != nil {
			return err
		}
		f, out.Body.Draft, err = flow.Draft(ctx, tx, f.ID)
		out.fill(f)
		return err
	})
}

func (h *hub) saveDraft(ctx context.Context, who actor, in *putDraft) (*oneFlow, error) {
	out := &oneFlow{}
	return out, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		f, err := policy.Form(in.Body).Flow()
		if err != nil {
			return err
		}
		f.ID = in.Flow
		if err := flow.Save(ctx, tx, f, act); err != nil {
			return err
		}
		out.fill(f)
		out.Body.Draft = true
		return nil
	})
}

func (h *hub) discardDraft(ctx context.Context, who actor, in *ByFlow) (*struct{}, error) {
	return nil, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error { return flow.Discard(ctx, tx, in.Flow, act) })
}

func (h *hub) publishFlow(ctx context.Context, who actor, in *publishFlow) (*oneFlow, error) {
	out := &oneFlow{}
	return out, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		version, err := flow.Publish(ctx, tx, in.Flow, in.Body.Note, act)
		if err != nil {
			return err
		}
		f, err := flow.Version(ctx, tx, in.Flow, version)
		out.fill(f)
		return err
	})
}

func (h *hub) listVersions(ctx context.Context, who actor, in *ByFlow) (*flowVersions, error) {
	out := &flowVersions{}
	out.Body.Items = []FlowVersion{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, _, err := flow.Draft(ctx, tx, in.Flow); err != nil {
			return err
		}
		rows, err := tx.FlowVersions(ctx, in.Flow)
		for _, r := range rows {
			v, err := versionOf(r)
			if err != nil {
				return err
			}
			out.Body.Items = append(out.Body.Items, v)
		}
		return err
	})
}

func versionOf(r db.FlowVersion) (FlowVersion, error) {
	f, err := policy.Parse(r.Body)
	if err != nil {
		return FlowVersion{}, fmt.Errorf("read version %d of flow %s: %w", r.Version, r.Flow, err)
	}
	return FlowVersion{Version: int(r.Version), Note: r.Note, PublishedBy: r.PublishedBy, PublishedAt: r.PublishedAt.UTC(), Flow: Flow(f.Form())}, nil
}

func (h *hub) getFlowSchema(context.Context, actor, *struct{}) (*flowSchema, error) {
	return &flowSchema{ContentType: "application/schema+json", Body: policy.Schema}, nil
}
