package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Request asks to run a flow.
type Request struct {
	Administration uuid.UUID `json:"administration"`
	// Flow is the one to try; its draft when Draft is set and there is one.
	Flow  string `json:"flow"`
	Draft bool   `json:"draft"`
	// Sample runs it over so many invoices of our own making instead of the books.
	Sample int `json:"sample,omitempty"`
}

// mostSample bounds what is made up.
const mostSample = 20_000

// Report is what came of a rehearsal.
type Report struct {
	Flow    string    `json:"flow"`
	Title   string    `json:"title"`
	Version int       `json:"version"`
	Sample  bool      `json:"sample"`
	Since   date.Date `json:"since"`
	Through date.Date `json:"through"`
	// Candidate is what the flow would do, and Present what is followed now does
	// over the same invoices.
	Candidate Summary `json:"candidate"`
	Present   Summary `json:"present"`
	// Lines are the first messages; More is how many there are besides.
	Lines []Line   `json:"lines"`
	More  int      `json:"more"`
	Notes []string `json:"notes"`
}

// Line is one message of a report.
type Line struct {
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

// mostLines bounds a report.
const mostLines = 1000

// Studio runs rehearsals beside everything else.
type Studio struct {
	Store *store.Store
	Real  clock.Clock
	Log   *slog.Logger
}

// Start notes a rehearsal and begins it; its row tells how far it is. It goes on
// when the caller is gone. now is the tenant's moment.
func (s Studio) Start(ctx context.Context, tenant uuid.UUID, q Request, by string, now time.Time) (uuid.UUID, error) {
	if q.Sample < 0 || q.Sample > mostSample {
		return uuid.Nil, fault.New(fault.Invalid, "rehearsal_sample", "Choose between 1 and %d sample invoices.", mostSample)
	}
	body, err := json.Marshal(q)
	if err != nil {
		return uuid.Nil, fmt.Errorf("write the request: %w", err)
	}
	id := uuid.New()
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		if _, err := chosen(ctx, tx, q); err != nil {
			return err
		}
		if _, err := tx.Administration(ctx, q.Administration); err != nil {
			return fault.New(fault.NotFound, "administration_not_found", "There is no such administration.").Because(err)
		}
		return tx.AddRehearsal(ctx, db.AddRehearsalParams{ID: id, TenantID: tenant, AskedBy: by, AskedAt: now, Request: body})
	}); err != nil {
		return uuid.Nil, err
	}
	go s.play(context.WithoutCancel(ctx), tenant, id, q, now)
	return id, nil
}

// longest is when a rehearsal is given up.
const longest = 5 * time.Minute

func (s Studio) play(ctx context.Context, tenant, id uuid.UUID, q Request, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	report, err := s.perform(ctx, tenant, id, q, now)
	end := db.EndRehearsalParams{ID: id, State: "done"}
	if err == nil {
		end.Result, err = json.Marshal(report)
	}
	if err != nil {
		end.State, end.Result, end.Problem = "failed", nil, "The rehearsal could not be finished. Try it again; if it fails again, tell your operator."
		if f := fault.Of(err); f.Kind == fault.Invalid || f.Kind == fault.NotFound {
			end.Problem = f.Message
		}
		s.Log.Warn("rehearse a flow", "tenant", tenant, "rehearsal", id, "error", err)
	}
	if err := s.Store.In(context.WithoutCancel(ctx), tenant, func(tx store.Tx) error { return tx.EndRehearsal(context.WithoutCancel(ctx), end) }); err != nil {
		s.Log.Warn("keep the report of a rehearsal", "tenant", tenant, "rehearsal", id, "error", err)
	}
}

// perform runs the present flows and then the one to try.
func (s Studio) perform(ctx context.Context, tenant, id uuid.UUID, q Request, now time.Time) (r Report, err error) {
	var in Input
	var f policy.Flow
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		if f, err = chosen(ctx, tx, q); err != nil {
			return err
		}
		adm, err := tx.Administration(ctx, q.Administration)
		if err != nil {
			return fmt.Errorf("load administration %s: %w", q.Administration, err)
		}
		through := date.Of(now)
		if in, err = New(adm, through.AddDays(-365), through); err != nil {
			return err
		}
		if q.Sample > 0 {
			kind := f.Debtors
			if kind == "" {
				kind = sdk.Business
			}
			in = Sample(in, 1, q.Sample, kind)
			return nil
		}
		in, err = Load(ctx, tx, q.Administration, in.From, through)
		return err
	}); err != nil {
		return r, err
	}
	r = Report{Flow: f.ID, Title: f.Title, Version: f.Version, Sample: q.Sample > 0, Since: in.From, Through: in.Through, Lines: []Line{}, Notes: []string{}}
	total := 2 * len(in.Invoices)
	note := s.noter(ctx, tenant, id)
	present, err := Run(ctx, in, func(done, _ int) { note(done, total) })
	if err != nil {
		return r, err
	}
	candidate, err := Run(ctx, in.Only(f), func(done, _ int) { note(len(in.Invoices)+done, total) })
	if err != nil {
		return r, err
	}
	r.Present, r.Candidate = present.Summary, candidate.Summary
	r.lines(&in, candidate.Messages)
	if len(in.Invoices) >= MostInvoices {
		r.Notes = append(r.Notes, fmt.Sprintf("The year has more invoices than a rehearsal takes; it ran over the first %d.", MostInvoices))
	}
	r.Notes = append(r.Notes, "Holds, disputes and credit of the past are not played again, and every approval counts as given.")
	return r, nil
}

func (r *Report) lines(in *Input, messages []Message) {
	for i, m := range messages {
		if i == mostLines {
			r.More = len(messages) - mostLines
			return
		}
		l := Line{At: m.At, Debtor: in.Debtors[m.Debtor].Name, Step: string(m.Step), Title: m.Title, Task: m.Task, CostMinor: m.Cost, Channels: []string{}, Invoices: []string{}}
		for _, c := range m.Channels {
			l.Channels = append(l.Channels, string(c))
		}
		for _, n := range m.Invoices {
			l.Invoices = append(l.Invoices, in.Invoices[n].Number)
		}
		var asks []string
		for _, a := range m.Asks {
			asks = append(asks, a.String())
		}
		l.Asks = strings.Join(asks, ", ")
		r.Lines = append(r.Lines, l)
	}
}

// noter writes down how far a rehearsal is, twice a second at most.
func (s Studio) noter(ctx context.Context, tenant, id uuid.UUID) func(done, total int) {
	var last atomic.Int64
	return func(done, total int) {
		now, before := s.Real.Now().UnixMilli(), last.Load()
		if now-before < 500 || !last.CompareAndSwap(before, now) {
			return
		}
		if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
			return tx.NoteRehearsal(ctx, db.NoteRehearsalParams{ID: id, Done: int32(done), Total: int32(total)})
		}); err != nil {
			s.Log.Warn("note how far a rehearsal is", "tenant", tenant, "rehearsal", id, "error", err)
		}
	}
}

// chosen returns the flow to try.
func chosen(ctx context.Context, tx store.Tx, q Request) (policy.Flow, error) {
	if f, ok := policy.Flows()[q.Flow]; ok {
		return f, nil
	}
	f, isDraft, err := flow.Draft(ctx, tx, q.Flow)
	if err != nil {
		return f, err
	}
	if isDraft && !q.Draft {
		if f, err = flow.Current(ctx, tx, q.Flow); err != nil {
			return f, err
		}
	}
	return f, policy.Refusal(policy.Check(f))
}
