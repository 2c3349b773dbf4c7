package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Scope is how specific a choice is.
type Scope string

// The scopes, from specific to general.
const (
	OfInvoice        Scope = "invoice"
	OfDebtor         Scope = "debtor"
	OfSegment        Scope = "segment"
	OfAdministration Scope = "administration"
	Default          Scope = "default"
)

// Book answers which flow is followed, from what was read for some debtors in
// one transaction.
type Book struct {
	flows    map[string]policy.Flow
	segments []Segment
	choices  map[string]string // flow by scope/subject
	members  map[uuid.UUID][]string
	risks    map[uuid.UUID]policy.Risk
	voices   map[uuid.UUID]Voice
	approved map[uuid.UUID]map[int32]map[policy.StepID]bool
	held     map[uuid.UUID]map[int32]map[policy.StepID]date.Date
	trial    policy.Trial
}

// Segment is a group of debtors, or of their invoices where its rule asks about
// amounts.
type Segment struct {
	Name, Title string
	Rank        int
	// Rule puts debtors in by itself; nil for a segment that is filled by hand.
	Rule *policy.Condition
}

// Load reads what the flows of some debtors and invoices depend on.
func Load(ctx context.Context, tx store.Tx, debtors, invoices []uuid.UUID) (*Book, error) {
	subjects := make([]string, 0, len(debtors)+len(invoices))
	for _, id := range slices.Concat(debtors, invoices) {
		subjects = append(subjects, id.String())
	}
	rows, err := tx.LedgerFlows(ctx, db.LedgerFlowsParams{Subjects: subjects, Debtors: debtors})
	if err != nil {
		return nil, fmt.Errorf("load flows: %w", err)
	}
	b := NewBook()
	for _, r := range rows {
		if err := b.take(r); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(b.segments, func(x, y Segment) int { return x.Rank - y.Rank })
	return b, nil
}

// NewBook returns a book in which nothing was chosen: the flows that ship.
func NewBook() *Book {
	return &Book{
		flows: map[string]policy.Flow{}, choices: map[string]string{}, members: map[uuid.UUID][]string{},
		risks: map[uuid.UUID]policy.Risk{}, voices: map[uuid.UUID]Voice{}, approved: map[uuid.UUID]map[int32]map[policy.StepID]bool{},
		held: map[uuid.UUID]map[int32]map[policy.StepID]date.Date{},
	}
}

func (b *Book) take(r db.LedgerFlowsRow) error {
	switch r.Kind {
	case "flow":
		f, err := read(r.Body, r.Key, r.Number)
		if err != nil {
			return err
		}
		b.flows[r.Key] = f
	case "segment":
		s, err := segment(r.Key, r.Value, r.Number, r.Body)
		if err != nil {
			return err
		}
		b.segments = append(b.segments, s)
	case "choice":
		b.choices[r.Key] = r.Value
	case "trial":
		b.trial.Share = int(r.Number)
		if err := json.Unmarshal(r.Body, &b.trial.Days); err != nil {
			return fmt.Errorf("read how steps are measured: %w", err)
		}
	default:
		id, err := uuid.Parse(r.Key)
		if err != nil {
			return fmt.Errorf("read a choice of %q: %w", r.Key, err)
		}
		switch r.Kind {
		case "member":
			b.members[id] = append(b.members[id], r.Value)
		case "risk":
			b.risks[id] = policy.Risk(r.Value)
		case "voice":
			language, form, _ := strings.Cut(r.Value, "/")
			b.voices[id] = Voice{Language: language, Form: form}
		case "approval":
			if b.approved[id] == nil {
				b.approved[id] = map[int32]map[policy.StepID]bool{}
			}
			if b.approved[id][r.Number] == nil {
				b.approved[id][r.Number] = map[policy.StepID]bool{}
			}
			b.approved[id][r.Number][policy.StepID(r.Value)] = true
		case "held_back":
			var until date.Date
			if err := json.Unmarshal(r.Body, &until); err != nil {
				return fmt.Errorf("read a step that was held back: %w", err)
			}
			b.HoldBack(id, r.Number, policy.StepID(r.Value), until)
		}
	}
	return nil
}

func read(body json.RawMessage, id string, version int32) (policy.Flow, error) {
	f, err := policy.Parse(body)
	if err != nil {
		return f, fmt.Errorf("read flow %s: %w", id, err)
	}
	f.ID, f.Version = id, int(version)
	return f, nil
}

// ruleForm is how the rule of a segment is kept.
type ruleForm = policy.ConditionForm

func segment(name, title string, rank int32, rule json.RawMessage) (Segment, error) {
	s := Segment{Name: name, Title: title, Rank: int(rank)}
	if len(rule) == 0 || string(rule) == "null" {
		return s, nil
	}
	var f ruleForm
	if err := json.Unmarshal(rule, &f); err != nil {
		return s, fmt.Errorf("read the rule of segment %s: %w", name, err)
	}
	c := f.Condition()
	s.Rule = &c
	return s, nil
}

// Flow returns a flow that may be followed, of the tenant or shipped.
func (b *Book) Flow(id string) (policy.Flow, bool) {
	if f, ok := b.flows[id]; ok {
		return f, true
	}
	f, ok := policy.Flows()[id]
	return f, ok
}

// Flows returns all flows that may be followed, by id.
func (b *Book) Flows() map[string]policy.Flow {
	out := map[string]policy.Flow{}
	for id, f := range policy.Flows() {
		out[id] = f
	}
	for id, f := range b.flows {
		out[id] = f
	}
	return out
}

// Put makes a flow available under its id, as if it were published.
func (b *Book) Put(f policy.Flow) { b.flows[f.ID] = f }

// Risk is what is known of a debtor.
func (b *Book) Risk(debtor uuid.UUID) policy.Risk { return b.risks[debtor] }

// Voice is how a debtor is written to by hand; empty where nothing was chosen.
func (b *Book) Voice(debtor uuid.UUID) Voice { return b.voices[debtor] }

// Approved are the steps of an invoice that a person allowed in a cycle.
func (b *Book) Approved(invoice uuid.UUID, cycle int32) map[policy.StepID]bool {
	return b.approved[invoice][cycle]
}

// Trial is how friendly reminders are measured.
func (b *Book) Trial() policy.Trial { return b.trial }

// Delayed are the steps of an invoice that were held back in a cycle.
func (b *Book) Delayed(invoice uuid.UUID, cycle int32) map[policy.StepID]date.Date {
	return b.held[invoice][cycle]
}

// HoldBack notes that a step is held back.
func (b *Book) HoldBack(invoice uuid.UUID, cycle int32, step policy.StepID, until date.Date) {
	if b.held[invoice] == nil {
		b.held[invoice] = map[int32]map[policy.StepID]date.Date{}
	}
	if b.held[invoice][cycle] == nil {
		b.held[invoice][cycle] = map[policy.StepID]date.Date{}
	}
	b.held[invoice][cycle][step] = until
}

// Segments returns the segments that an invoice of a debtor is in, in the order
// in which they decide.
func (b *Book) Segments(debtor uuid.UUID, d policy.Debtor, totalMinor int64) (out []string) {
	for _, s := range b.segments {
		if slices.Contains(b.members[debtor], s.Name) || s.Rule != nil && s.Rule.Holds(totalMinor, d) {
			out = append(out, s.Name)
		}
	}
	return out
}

// Question asks which flow an invoice follows.
type Question struct {
	Invoice, Debtor uuid.UUID
	// Of is what conditions ask about the debtor; its Segments are the answer of
	// [Book.Segments].
	Of policy.Debtor
	// Business and Consumer are the two flows of the administration.
	Business, Consumer string
}

// Answer is the flow of an invoice and why it is that one.
type Answer struct {
	Flow  policy.Flow
	Scope Scope
	// Segment is the one that decided.
	Segment string
	Why     string
}

// Resolve returns the flow of an invoice: the most specific choice that is there
// and fits. A flow for businesses fits nobody else: a debtor whose kind is not
// known is protected as a consumer (R102).
func (b *Book) Resolve(q Question) Answer {
	type choice struct {
		scope   Scope
		segment string
		flow    string
		why     string
	}
	list := []choice{
		{OfInvoice, "", b.choices["invoice/"+q.Invoice.String()], "It was chosen for this invoice."},
		{OfDebtor, "", b.choices["debtor/"+q.Debtor.String()], "It was chosen for this debtor."},
	}
	for _, s := range q.Of.Segments {
		list = append(list, choice{OfSegment, s, b.choices["segment/"+s], "The debtor is in the segment " + b.title(s) + "."})
	}
	own, why, standard := q.Consumer, "It is the administration's flow for consumers.", "b2c-nl"
	switch q.Of.Kind {
	case sdk.Business:
		own, why, standard = q.Business, "It is the administration's flow for businesses.", "b2b-nl"
	case sdk.Unknown, "":
		why = "It is the administration's flow for consumers, which also protects a debtor whose kind is not known (R102)."
	}
	list = append(list, choice{OfAdministration, "", own, why})
	var passed []string
	for _, c := range list {
		if c.flow == "" {
			continue
		}
		f, ok := b.Flow(c.flow)
		switch {
		case !ok:
			passed = append(passed, fmt.Sprintf("%s is no longer there.", c.flow))
		case f.Debtors == sdk.Business && q.Of.Kind != sdk.Business && c.scope != OfAdministration:
			passed = append(passed, fmt.Sprintf("%s is for businesses only (R102).", f.Title))
		default:
			return Answer{Flow: f, Scope: c.scope, Segment: c.segment, Why: strings.Join(append([]string{c.why}, passed...), " ")}
		}
	}
	return Answer{Flow: policy.Flows()[standard], Scope: Default, Why: strings.Join(append([]string{"No flow was chosen that is there."}, passed...), " ")}
}

func (b *Book) title(name string) string {
	for _, s := range b.segments {
		if s.Name == name && s.Title != "" {
			return s.Title
		}
	}
	return name
}

// Named returns a step of any flow that has it, for its title.
func (b *Book) Named(id policy.StepID) (policy.Step, bool) {
	for _, f := range policy.Shipped() {
		if s, ok := f.Step(id); ok {
			return s, true
		}
	}
	for _, f := range b.flows {
		if s, ok := f.Step(id); ok {
			return s, true
		}
	}
	return policy.Step{}, false
}
