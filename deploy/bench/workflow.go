package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/workflowtest"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"
)

const (
	rounds   = 30
	warmUp   = 4
	perRound = 80
	abreast  = 16 // as the carrier
	// atLeastStarts is the least that invoice workflows may start at, as a share of
	// empty ones.
	atLeastStarts = 0.8
)

// timerQueue is the queue of the empty workflow.
const timerQueue = "bench-timer"

// waits is what an empty workflow is: a timer.
func waits(ctx workflow.Context) error { return workflow.Sleep(ctx, time.Hour) }

// starts measures how fast invoice workflows start, against empty ones, in turns
// on the same server. Both kinds have a worker that takes their first task, and
// wait on a timer after it. Some rounds come first to warm up.
func starts(ctx context.Context, l *lab) error {
	stop, err := l.serveTimers()
	if err != nil {
		return err
	}
	defer stop()
	books := &workflowtest.Books{}
	stopInvoices, err := workflowtest.Serve(l.client, books)
	if err != nil {
		return err
	}
	defer stopInvoices()
	var took [2]time.Duration
	kinds := [2]func(context.Context) error{l.startTimer, l.startInvoice}
	for round := range warmUp + rounds {
		for turn := range 2 {
			kind := (round + turn) % 2 // each goes first as often as second
			d, err := l.timed(ctx, kinds[kind])
			if err != nil {
				return err
			}
			if round >= warmUp {
				took[kind] += d
			}
		}
	}
	empty, invoice := took[0], took[1]
	rate := func(d time.Duration) float64 { return rounds * perRound / d.Seconds() }
	l.table.show("workflow", "starts of an empty timer workflow", "%.0f/s", rate(empty))
	l.table.show("workflow", "starts of an invoice workflow", "%.0f/s", rate(invoice))
	l.table.atLeast("workflow", "share of the empty one's rate", rate(invoice)/rate(empty), atLeastStarts, "%.2f")
	return nil
}

func (l *lab) serveTimers() (stop func(), err error) {
	w := worker.New(l.client, timerQueue, worker.Options{})
	w.RegisterWorkflow(waits)
	return w.Stop, w.Start()
}

func (l *lab) startTimer(ctx context.Context) error {
	_, err := l.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "timer/" + uuid.NewString(), TaskQueue: timerQueue}, waits)
	return err
}

// startInvoice starts one whose first step is in the future, so that what is
// measured is the start and not the step.
func (l *lab) startInvoice(ctx context.Context) error {
	id := uuid.New()
	plan := workflowtest.At(workflowtest.Stories()[0].Plan(0), time.Now().Add(time.Hour))
	_, err := workflows.StartInvoice(ctx, l.client, workflowtest.Input(id), plan)
	return err
}

// timed starts a round of workflows and returns how long that took.
func (l *lab) timed(ctx context.Context, start func(context.Context) error) (time.Duration, error) {
	begin := time.Now()
	var g errgroup.Group
	g.SetLimit(abreast)
	for range perRound {
		g.Go(func() error { return start(ctx) })
	}
	err := g.Wait()
	return time.Since(begin), err
}
