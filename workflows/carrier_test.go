package workflows_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/workflows"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
)

// hall is a world with a Temporal namespace and a worker whose steps are taken
// by nobody: each is answered with a plan for later.
type hall struct {
	*dunningtest.World
	t        *testing.T
	temporal client.Client
	steps    *shelf
	carrier  *workflows.Carrier
}

// shelf answers each step with a newer plan that waits.
type shelf struct {
	mu    sync.Mutex
	taken map[uuid.UUID]int // protected by mu
}

func (s *shelf) Take(_ context.Context, _, invoice uuid.UUID) (dunning.Plan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[invoice]++
	return dunning.Plan{Version: 2, Step: "reminder_1", Title: "Reminder 1", Phase: "sent", WakeAt: time.Now().Add(time.Hour)}, nil
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := emptyHall(t)
	serve(t, h.temporal, h.steps)
	return h
}

// emptyHall has no worker.
func emptyHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{World: dunningtest.New(t, "2026-03-02 10:00"), t: t, temporal: dial(t), steps: &shelf{taken: map[uuid.UUID]int{}}}
	h.carrier = h.newCarrier(h.temporal)
	return h
}

func (h *hall) newCarrier(c client.Client) *workflows.Carrier {
	return &workflows.Carrier{Store: h.Store, Temporal: c, Log: slog.New(slog.DiscardHandler), Every: 20 * time.Millisecond, Lease: time.Second}
}

// due puts n invoices in the books whose first step is due.
func (h *hall) due(n int) {
	h.t.Helper()
	for i := range n {
		debtor := fmt.Sprintf("d%d", i)
		h.Books.Put(dunningtest.Debtor(debtor, sdk.Business), dunningtest.Invoice(fmt.Sprintf("F%d", i), debtor, "2026-03-02", "2026-03-16", 121_000))
	}
	h.Books.Sync()
	h.sql("update collection set wake_at = now() - interval '1 minute'")
}

// sql changes the database behind the application's back.
func (h *hall) sql(q string, args ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.DSN)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(h.t.Context(), q, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) id(invoice string) (id string) {
	h.t.Helper()
	err := h.Store.In(h.t.Context(), h.Tenant, func(tx store.Tx) error {
		row, err := tx.Collection(h.t.Context(), h.ID(invoice))
		id = row.WorkflowID
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// details is what the page of an invoice's workflow shows.
func (h *hall) details(invoice string) string {
	h.t.Helper()
	v, err := h.temporal.QueryWorkflow(h.t.Context(), h.id(invoice), "", "__temporal_workflow_metadata")
	if err != nil {
		h.t.Fatal(err)
	}
	return metadata(h.t, v)
}

func (h *hall) status(invoice string) enumspb.WorkflowExecutionStatus {
	h.t.Helper()
	d, err := h.temporal.DescribeWorkflowExecution(h.t.Context(), h.id(invoice), "")
	if err != nil {
		h.t.Fatal(err)
	}
	return d.WorkflowExecutionInfo.Status
}

// must fails the test with the error of a carrier.
func (h *hall) must(_ bool, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) wantState(invoice, want string) {
	h.t.Helper()
	if got := h.State(invoice).Workflow; got != want {
		h.t.Errorf("the workflow of %s is %q in the store; want %q", invoice, got, want)
	}
}

func (h *hall) eventually(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("it did not come to pass that %s", what)
		}
	}
}

func TestTwoCarriersStartEachInvoiceOnce(t *testing.T) {
	t.Parallel()
	const n = 500
	h := newHall(t)
	h.due(n)
	var g errgroup.Group
	for range 2 {
		c := h.newCarrier(h.temporal)
		g.Go(func() error {
			for {
				if more, err := c.Starts(t.Context()); !more || err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		h.steps.mu.Lock()
		defer h.steps.mu.Unlock()
		return len(h.steps.taken)
	}
	h.eventually("every step was taken", func() bool { return count() == n })
	h.eventually("every workflow is listed", func() bool {
		r, err := h.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "WorkflowType = 'Invoice'"})
		if err != nil {
			t.Fatal(err)
		}
		if r.Count > n {
			t.Fatalf("%d runs for %d invoices", r.Count, n)
		}
		return r.Count == n
	})
	h.steps.mu.Lock()
	defer h.steps.mu.Unlock()
	for id, times := range h.steps.taken {
		if times != 1 {
			t.Errorf("the first step of %s was taken %d times", id, times)
		}
	}
	for i := range n {
		h.wantState(fmt.Sprintf("F%d", i), "running")
	}
}

func TestListRowTellsWhatItIsAbout(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.due(1)
	h.sql("update collection set plan_version = 10") // ahead of what the shelf answers
	h.must(h.carrier.Starts(t.Context()))
	h.In(func(tx store.Tx) error {
		_, err := h.Planner.Hold(t.Context(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: h.ID("F0"), Reason: receivable.Paused, Note: "Jan says no", By: "member/1"})
		return err
	})
	h.must(h.carrier.Plans(t.Context()))
	slug := "t-" + h.Tenant.String()[:8]
	query := fmt.Sprintf("VoldaanTenant = '%s' and VoldaanInvoice = 'F0' and VoldaanPhase = 'draft' and VoldaanHold = 'paused by a person (R64)'", slug)
	h.eventually("the row is found by "+query, func() bool {
		r, err := h.temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		return len(r.Executions) == 1
	})
}

func TestClaimsOfAKilledCarrierComeBack(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.due(3)
	claimed, err := h.Store.Door().DoorClaimStarts(t.Context(), db.DoorClaimStartsParams{Most: 10, Lease: time.Second})
	if err != nil || len(claimed) != 3 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	h.must(h.carrier.Starts(t.Context()))
	h.wantState("F0", "asked")
	h.eventually("the claims came back", func() bool {
		h.must(h.carrier.Starts(t.Context()))
		return h.State("F0").Workflow == "running" && h.State("F1").Workflow == "running" && h.State("F2").Workflow == "running"
	})
}

// interrupted is a client that does something right after a workflow was
// started, or dies.
type interrupted struct {
	client.Client
	after func() error
}

func (i interrupted) ExecuteWorkflow(ctx context.Context, o client.StartWorkflowOptions, wf any, args ...any) (client.WorkflowRun, error) {
	run, err := i.Client.ExecuteWorkflow(ctx, o, wf, args...)
	if err == nil {
		err = i.after()
	}
	return run, err
}

func TestPlanThatChangesDuringTheStartIsBrought(t *testing.T) {
	t.Parallel()
	hold := func(h *hall) error {
		return h.Store.In(context.Background(), h.Tenant, func(tx store.Tx) error {
			_, err := h.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: h.ID("F0"), Reason: receivable.Paused, By: "member/1"})
			return err
		})
	}
	t.Run("before it is noted as running", func(t *testing.T) {
		t.Parallel()
		h := newHall(t)
		h.due(1)
		h.sql("update collection set plan_version = 10")
		h.must(h.newCarrier(interrupted{h.temporal, func() error { return hold(h) }}).Starts(t.Context()))
		h.wantState("F0", "running")
		h.must(h.carrier.Plans(t.Context()))
		if d := h.details("F0"); !containsAll(d, "Held before", "paused by a person (R64)") {
			t.Errorf("the workflow shows %q", d)
		}
	})
	t.Run("by a carrier that died after starting", func(t *testing.T) {
		t.Parallel()
		h := newHall(t)
		h.due(1)
		h.sql("update collection set plan_version = 10")
		if _, err := h.newCarrier(interrupted{h.temporal, func() error { return fmt.Errorf("killed") }}).Starts(t.Context()); err == nil {
			t.Fatal("the carrier lived")
		}
		h.wantState("F0", "asked")
		if err := hold(h); err != nil {
			t.Fatal(err)
		}
		h.sql("update collection set wake_at = now(), claimed_until = null") // a hold without an end is not due
		h.must(h.carrier.Starts(t.Context()))
		h.wantState("F0", "running")
		h.must(h.carrier.Plans(t.Context()))
		if d := h.details("F0"); !containsAll(d, "Held before", "paused by a person (R64)") {
			t.Errorf("the workflow shows %q", d)
		}
	})
}

func TestEndedWorkflowOfAnOpenInvoiceStartsAgain(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.due(1)
	h.must(h.carrier.Starts(t.Context()))
	if err := h.temporal.TerminateWorkflow(t.Context(), h.id("F0"), "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	h.In(func(tx store.Tx) error {
		return tx.AddOutbox(t.Context(), db.AddOutboxParams{TenantID: h.Tenant, Kind: dunning.KindPlan, SubjectID: h.ID("F0"), Payload: []byte("{}")})
	})
	h.must(h.carrier.Plans(t.Context()))
	h.wantState("F0", "none")
	h.must(h.carrier.Starts(t.Context()))
	h.wantState("F0", "running")
	if s := h.status("F0"); s != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Errorf("the workflow is %s", s)
	}
}

func TestClosedPlanCompletesTheWorkflow(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.due(1)
	h.must(h.carrier.Starts(t.Context()))
	h.eventually("the first step was taken", func() bool { return h.steps.count(h.ID("F0")) == 1 })
	h.sql("update collection set plan_version = 10")
	h.Books.Pay("F0", 121_000, dunningtest.Invoice("", "", "2026-03-02", "2026-03-16", 1).Issued)
	h.Books.Sync()
	h.must(h.carrier.Plans(t.Context()))
	if s := h.status("F0"); s != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		t.Errorf("the workflow is %s", s)
	}
	h.wantState("F0", "closed")
	if n := h.outbox(); n != 0 {
		t.Errorf("%d plans are left in the outbox", n)
	}
}

func (s *shelf) count(invoice uuid.UUID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken[invoice]
}

// outbox counts the plans that wait to be brought.
func (h *hall) outbox() (n int) {
	h.t.Helper()
	h.In(func(tx store.Tx) error {
		return tx.QueryRow(h.t.Context(), "select count(*) from outbox where kind = $1", dunning.KindPlan).Scan(&n)
	})
	return n
}
