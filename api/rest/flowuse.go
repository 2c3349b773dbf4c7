package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/rehearsal"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// FlowChoice says that something follows a flow.
type FlowChoice struct {
	Scope   string `json:"scope" enum:"segment,debtor,invoice"`
	Subject string `json:"subject" maxLength:"60" doc:"The name of a segment, or the id of a debtor or an invoice"`
	Flow    string `json:"flow" maxLength:"40" doc:"The flow; empty takes the choice back"`
}

// Segment is a group of debtors, or of invoices where its rule asks about
// amounts.
type Segment struct {
	Name    string         `json:"name" pattern:"^[a-z0-9][a-z0-9-]{0,39}$"`
	Title   string         `json:"title" maxLength:"80"`
	Rank    int            `json:"rank" doc:"Of two segments with a flow the lower rank decides"`
	Rule    *FlowCondition `json:"rule,omitempty" doc:"Who is in it by itself; none for a segment that is filled by hand"`
	Members int64          `json:"members" readOnly:"true" doc:"How many debtors were put in by hand"`
}

// FlowCondition limits a step or a segment; all of its parts have to hold.
type FlowCondition policy.ConditionForm

// Explained answers what comes next for an invoice, when, by which rule, why it
// is held, which flow it follows and why that one, and what comes after.
type Explained struct {
	Flow        string    `json:"flow"`
	FlowTitle   string    `json:"flow_title"`
	FlowVersion int       `json:"flow_version"`
	Chosen      string    `json:"chosen" enum:"invoice,debtor,segment,administration,default" doc:"How specific the choice of the flow is"`
	ChosenWhy   string    `json:"chosen_why"`
	Segments    []string  `json:"segments"`
	Phase       string    `json:"phase"`
	Next        *Planned  `json:"next,omitempty"`
	NextWhy     string    `json:"next_why" doc:"Why that moment, or why nothing comes"`
	Held        *Held     `json:"held,omitempty" doc:"What would keep the next step back at its moment"`
	Behind      []Behind  `json:"behind"`
	Path        []Planned `json:"path" doc:"What follows if nobody pays, writes or pauses"`
}

// Behind is a step that is done.
type Behind struct {
	Step    string `json:"step"`
	Title   string `json:"title"`
	Outcome string `json:"outcome" enum:"sent,by_hand,merged,skipped,done,parked"`
	On      string `json:"on" format:"date"`
}

// SendingSettings is when messages of an administration leave.
type SendingSettings struct {
	MinimumInterval  int               `json:"minimum_interval" minimum:"1" maximum:"60" doc:"Days between two reminders to a debtor"`
	Days             []string          `json:"days" doc:"mon to fri; empty for all of them"`
	Hours            map[string]string `json:"hours" doc:"By channel, as 09:00-20:00"`
	OwnHolidaysOnly  bool              `json:"own_holidays_only" doc:"Leave out the holidays of the debtor's country"`
	ApproveCasesDays int               `json:"approve_cases_days" minimum:"0" maximum:"3650" doc:"For how many days after go-live a person approves the start of each case"`
	EntryStep        string            `json:"entry_step" enum:"reminder_1,reminder_2" doc:"Where items from before go-live enter"`
	GoLiveOn         *string           `json:"go_live_on,omitempty" format:"date" readOnly:"true"`
}

// Rehearsal is a flow that was run in thought.
type Rehearsal struct {
	ID      uuid.UUID        `json:"id" format:"uuid"`
	State   string           `json:"state" enum:"running,done,failed"`
	Done    int              `json:"done"`
	Total   int              `json:"total"`
	Problem string           `json:"problem,omitempty"`
	AskedAt time.Time        `json:"asked_at"`
	Report  *RehearsalReport `json:"report,omitempty"`
	Request RehearsalRequest `json:"request"`
}

// RehearsalRequest asks to run a flow.
type RehearsalRequest struct {
	Administration uuid.UUID `json:"administration" format:"uuid"`
	Flow           string    `json:"flow" maxLength:"40"`
	Draft          bool      `json:"draft,omitempty" doc:"Try its draft, when there is one"`
	Sample         int       `json:"sample,omitempty" minimum:"0" maximum:"20000" doc:"Run it over so many made-up invoices instead of the last year of the books"`
}

// RehearsalReport is what came of it.
type RehearsalReport struct {
	Flow      string           `json:"flow"`
	Title     string           `json:"title"`
	Version   int              `json:"version"`
	Sample    bool             `json:"sample"`
	Since     string           `json:"since" format:"date"`
	Through   string           `json:"through" format:"date"`
	Candidate RehearsalSummary `json:"candidate"`
	Present   RehearsalSummary `json:"present" doc:"What is followed now, over the same invoices"`
	Lines     []RehearsalLine  `json:"lines" doc:"The first thousand messages"`
	More      int              `json:"more"`
	Notes     []string         `json:"notes"`
}

// RehearsalSummary is a run in figures.
type RehearsalSummary struct {
	Invoices  int                `json:"invoices"`
	Debtors   int                `json:"debtors"`
	Messages  int                `json:"messages"`
	Tasks     int                `json:"tasks"`
	CostMinor int64              `json:"cost_minor"`
	Currency  string             `json:"currency"`
	Reached   int                `json:"reached" doc:"Debtors who get anything"`
	Wrong     int                `json:"wrong" doc:"Demands for an invoice that was paid by then; always 0"`
	Spared    int                `json:"spared" doc:"Invoices that were paid before anything was asked"`
	ByStep    []RehearsalStep    `json:"by_step"`
	ByChannel []RehearsalChannel `json:"by_channel"`
	ByMonth   []RehearsalMonth   `json:"by_month"`
}

// RehearsalStep is how often a step is taken.
type RehearsalStep struct {
	Step     string `json:"step"`
	Title    string `json:"title"`
	Messages int    `json:"messages"`
	Invoices int    `json:"invoices"`
	Task     bool   `json:"task"`
}

// RehearsalChannel is how often a channel is used.
type RehearsalChannel struct {
	Channel   string `json:"channel"`
	Messages  int    `json:"messages"`
	CostMinor int64  `json:"cost_minor"`
}

// RehearsalMonth is how much happens in a month.
type RehearsalMonth struct {
	Month    string `json:"month" example:"2026-03"`
	Messages int    `json:"messages"`
	Tasks    int    `json:"tasks"`
}

// RehearsalLine is one message.
type RehearsalLine struct {
	At        time.Time `json:"at"`
	Debtor    string    `json:"debtor"`
	Step      string    `json:"step"`
	Title     string    `json:"title"`
	Channels  []string  `json:"channels"`
	Task      bool      `json:"task"`
	Invoices  []string  `json:"invoices"`
	Asks      string    `json:"asks"`
	CostMinor int64     `json:"cost_minor"`
}

// BySegment is the input of an operation on one segment.
type BySegment struct {
	Name string `path:"name" maxLength:"40"`
}

type (
	choiceList struct {
		Body struct {
			Items []FlowChoice `json:"items"`
		}
	}
	putChoice   struct{ Body FlowChoice }
	segmentList struct {
		Body struct {
			Items []Segment `json:"items"`
		}
	}
	putSegment struct {
		BySegment
		Body Segment
	}
	tagDebtor struct {
		ByID
		BySegment
	}
	setRisk struct {
		ByID
		Body struct {
			Risk string `json:"risk" enum:"low,medium,high,automatic"`
		}
	}
	oneExplained struct{ Body Explained }
	leaveOut     struct {
		ByID
		Repeatable
	}
	oneSending struct{ Body SendingSettings }
	putSending struct {
		ByID
		Body SendingSettings
	}
	newRehearsal struct {
		Repeatable
		Body RehearsalRequest
	}
	oneRehearsal struct{ Body Rehearsal }
)

func (h *hub) flowUse() {
	h.approvals()
	const tag = "Flows"
	none := []int{http.StatusNotFound}
	both := []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "list-flow-choices", method: http.MethodGet, path: "/flow-choices", tag: tag, scope: tenant.Read, summary: "List who follows which flow"}, h.listChoices)
	register(h, operation{id: "choose-flow", method: http.MethodPut, path: "/flow-choices", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Choose the flow of a segment, a debtor or an invoice",
		description: "The most specific choice wins: invoice, debtor, segment, administration. What is open is planned again.", errors: both}, h.chooseFlow)
	register(h, operation{id: "list-segments", method: http.MethodGet, path: "/segments", tag: tag, scope: tenant.Read, summary: "List segments"}, h.listSegments)
	register(h, operation{id: "save-segment", method: http.MethodPut, path: "/segments/{name}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Add or change a segment"}, h.saveSegment)
	register(h, operation{id: "remove-segment", method: http.MethodDelete, path: "/segments/{name}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Remove a segment", errors: none}, h.removeSegment)
	register(h, operation{id: "tag-debtor", method: http.MethodPut, path: "/debtors/{id}/segments/{name}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Put a debtor in a segment", errors: none},
		func(ctx context.Context, who actor, in *tagDebtor) (*struct{}, error) {
			return h.tag(ctx, who, in, true)
		})
	register(h, operation{id: "untag-debtor", method: http.MethodDelete, path: "/debtors/{id}/segments/{name}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Take a debtor out of a segment", errors: none},
		func(ctx context.Context, who actor, in *tagDebtor) (*struct{}, error) {
			return h.tag(ctx, who, in, false)
		})
	register(h, operation{id: "set-debtor-risk", method: http.MethodPut, path: "/debtors/{id}/risk", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Note how likely a debtor is not to pay", errors: none}, h.setRisk)
	register(h, operation{id: "explain-invoice", method: http.MethodGet, path: "/invoices/{id}/explanation", tag: "Invoices", scope: tenant.Read, summary: "Explain what comes next and why",
		description: "The next step with its moment and rule, what would hold it, the flow and why that one, and the whole path ahead.", errors: none}, h.explainInvoice)
	register(h, operation{id: "leave-invoice-out", method: http.MethodPost, path: "/invoices/{id}/leave-out", tag: "Invoices", scope: tenant.Write, status: http.StatusNoContent, summary: "Leave an invoice out of today's message",
		description: "From the next day on it is eligible again, at the same step.", errors: both}, h.leaveOut)
	register(h, operation{id: "get-sending", method: http.MethodGet, path: "/administrations/{id}/sending", tag: tag, scope: tenant.Read, summary: "Get when messages leave", errors: none}, h.getSending)
	register(h, operation{id: "set-sending", method: http.MethodPut, path: "/administrations/{id}/sending", tag: tag, scope: tenant.Write, settings: true, summary: "Set when messages leave", errors: none}, h.setSending)
	register(h, operation{id: "start-rehearsal", method: http.MethodPost, path: "/rehearsals", tag: tag, scope: tenant.Write, status: http.StatusAccepted, summary: "Run a flow in thought",
		description: "Over the last year of the books, or over sample invoices. Nothing is sent. Ask for the rehearsal until its state is done.", errors: both}, h.startRehearsal)
	register(h, operation{id: "get-rehearsal", method: http.MethodGet, path: "/rehearsals/{id}", tag: tag, scope: tenant.Read, summary: "Get a rehearsal", errors: none}, h.getRehearsal)
}

func (h *hub) listChoices(ctx context.Context, who actor, _ *struct{}) (*choiceList, error) {
	out := &choiceList{}
	out.Body.Items = []FlowChoice{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.FlowChoices(ctx)
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, FlowChoice{Scope: r.Scope, Subject: r.Subject, Flow: r.Flow})
		}
		return err
	})
}

func (h *hub) chooseFlow(ctx context.Context, who actor, in *putChoice) (*struct{}, error) {
	return nil, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		return flow.Choose(ctx, tx, flow.Scope(in.Body.Scope), in.Body.Subject, in.Body.Flow, act)
	})
}

func (h *hub) listSegments(ctx context.Context, who actor, _ *struct{}) (*segmentList, error) {
	out := &segmentList{}
	out.Body.Items = []Segment{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.Segments(ctx)
		for _, r := range rows {
			s := Segment{Name: r.Name, Title: r.Title, Rank: int(r.Rank), Members: r.Members}
			if len(r.Rule) > 0 {
				s.Rule = &FlowCondition{}
				if err := json.Unmarshal(r.Rule, s.Rule); err != nil {
					return fmt.Errorf("read the rule of segment %s: %w", r.Name, err)
				}
			}
			out.Body.Items = append(out.Body.Items, s)
		}
		return err
	})
}

func (h *hub) saveSegment(ctx context.Context, who actor, in *putSegment) (*struct{}, error) {
	return nil, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		s := flow.Segment{Name: in.Name, Title: in.Body.Title, Rank: in.Body.Rank}
		if in.Body.Rule != nil {
			c := policy.ConditionForm(*in.Body.Rule).Condition()
			s.Rule = &c
		}
		return flow.PutSegment(ctx, tx, s, act)
	})
}

func (h *hub) removeSegment(ctx context.Context, who actor, in *BySegment) (*struct{}, error) {
	return nil, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error { return flow.DropSegment(ctx, tx, in.Name, act) })
}

func (h *hub) tag(ctx context.Context, who actor, in *tagDebtor, put bool) (*struct{}, error) {
	return nil, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		if err := exists(ctx, tx, "debtor", in.ID); err != nil {
			return err
		}
		return flow.Tag(ctx, tx, in.ID, in.Name, put, act)
	})
}

func (h *hub) setRisk(ctx context.Context, who actor, in *setRisk) (*struct{}, error) {
	return nil, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		if err := exists(ctx, tx, "debtor", in.ID); err != nil {
			return err
		}
		if in.Body.Risk == "automatic" {
			if err := flow.SetRisk(ctx, tx, in.ID, "", act); err != nil {
				return err
			}
			return h.Credit.Rerisk(ctx, tx, in.ID)
		}
		return flow.SetRisk(ctx, tx, in.ID, policy.Risk(in.Body.Risk), act)
	})
}

func (h *hub) explainInvoice(ctx context.Context, who actor, in *ByID) (*oneExplained, error) {
	out := &oneExplained{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		e, err := h.Planner.Explain(ctx, tx, in.ID)
		out.Body = explained(e)
		return err
	})
}

func explained(e dunning.Explanation) Explained {
	out := Explained{
		Flow: e.Flow.ID, FlowTitle: e.Flow.Title, FlowVersion: e.Flow.Version, Chosen: string(e.Assigned.Scope), ChosenWhy: e.Assigned.Why,
		Segments: e.Segments, Phase: string(e.Phase), NextWhy: e.Next.Why, Behind: []Behind{}, Path: []Planned{},
	}
	if out.Segments == nil {
		out.Segments = []string{}
	}
	if e.Verdict.Outcome != "" && e.Verdict.Outcome != policy.Pass {
		out.Held = held(e.Verdict.Rule, e.Verdict.Why)
	}
	for _, b := range e.Behind {
		out.Behind = append(out.Behind, Behind{Step: string(b.Step), Title: b.Title, Outcome: b.Outcome, On: b.On.String()})
	}
	for _, a := range e.Ahead {
		out.Path = append(out.Path, plannedOf(a))
	}
	if len(out.Path) > 0 {
		out.Next = &out.Path[0]
	}
	return out
}

func (h *hub) leaveOut(ctx context.Context, who actor, in *leaveOut) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Planner.LeaveOut(ctx, tx, in.ID, who.by) })
}

func (h *hub) getSending(ctx context.Context, who actor, in *ByID) (*oneSending, error) {
	out := &oneSending{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		adm, err := tx.Administration(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = sendingOf(adm)
		return err
	})
}

func sendingOf(adm db.Administration) (SendingSettings, error) {
	var f policy.SendingForm
	if err := json.Unmarshal(adm.Sending, &f); err != nil {
		return SendingSettings{}, fmt.Errorf("read the settings of administration %s: %w", adm.ID, err)
	}
	s := SendingSettings{
		MinimumInterval: int(adm.MinimumInterval), Days: f.Days, Hours: f.Hours, OwnHolidaysOnly: f.OwnHolidaysOnly, ApproveCasesDays: int(adm.ApproveCasesDays),
		EntryStep: adm.EntryStep, GoLiveOn: day(adm.GoLiveOn),
	}
	if s.Days == nil {
		s.Days = []string{}
	}
	if s.Hours == nil {
		s.Hours = map[string]string{}
	}
	return s, nil
}

func (h *hub) setSending(ctx context.Context, who actor, in *putSending) (*oneSending, error) {
	out := &oneSending{}
	return out, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		b := in.Body
		if err := flow.SetSending(ctx, tx, in.ID, flow.Settings{
			Sending: policy.SendingForm{MinimumInterval: b.MinimumInterval, Days: b.Days, Hours: b.Hours, OwnHolidaysOnly: b.OwnHolidaysOnly},
			Approve: b.ApproveCasesDays, Entry: policy.StepID(b.EntryStep),
		}, act); err != nil {
			return err
		}
		adm, err := tx.Administration(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = sendingOf(adm)
		return err
	})
}

func (h *hub) studio() rehearsal.Studio {
	return rehearsal.Studio{Store: h.Store, Real: h.Real, Log: h.log}
}

func (h *hub) startRehearsal(ctx context.Context, who actor, in *newRehearsal) (*oneRehearsal, error) {
	var now time.Time
	if err := h.read(ctx, who, func(tx store.Tx) (err error) {
		now, err = tx.Now(ctx, h.Real)
		return err
	}); err != nil {
		return nil, err
	}
	id, err := h.studio().Start(ctx, who.tenant, rehearsal.Request(in.Body), who.by, now)
	if err != nil {
		return nil, err
	}
	return h.getRehearsal(ctx, who, &ByID{ID: id})
}

func (h *hub) getRehearsal(ctx context.Context, who actor, in *ByID) (*oneRehearsal, error) {
	out := &oneRehearsal{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		row, err := tx.Rehearsal(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body = Rehearsal{ID: row.ID, State: row.State, Done: int(row.Done), Total: int(row.Total), Problem: row.Problem, AskedAt: row.AskedAt.UTC()}
		if err := json.Unmarshal(row.Request, &out.Body.Request); err != nil {
			return fmt.Errorf("read the request of rehearsal %s: %w", row.ID, err)
		}
		if len(row.Result) == 0 {
			return nil
		}
		out.Body.Report = &RehearsalReport{}
		if err := json.Unmarshal(row.Result, out.Body.Report); err != nil {
			return fault.New(fault.Internal, "rehearsal_unreadable", "The report of this rehearsal cannot be read; run it again.").Because(err)
		}
		return nil
	})
}
