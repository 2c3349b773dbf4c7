package main

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/workflows"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/encoding/protojson"
)

// told is a plan that a workflow heard of: as the answer to a step, or as news.
type told struct {
	plan dunning.Plan
	step bool
}

// sampled chooses the invoices whose plans are written down, one in so many.
func (y *year) sampled(invoice uuid.UUID) bool {
	if y.Sample == 0 {
		return false
	}
	h := fnv.New32a()
	h.Write(invoice[:])
	return h.Sum32()%uint32(y.Sample) == 0
}

// hear writes down the plan of an invoice as its workflow would hear of it.
func (y *year) hear(ctx context.Context, invoice uuid.UUID, answer *dunning.Plan) error {
	if !y.sampled(invoice) {
		return nil
	}
	heard := y.heard[invoice]
	if answer != nil {
		if n := len(heard); n > 0 && heard[n-1].plan.Version >= answer.Version {
			return nil // it changed nothing, and is tried again without a word to the workflow
		}
		y.heard[invoice] = append(heard, told{*answer, true})
		return nil
	}
	var plan dunning.Plan
	if err := y.in(ctx, func(tx store.Tx) (err error) {
		plan, err = dunning.PlanOf(ctx, tx, invoice)
		return err
	}); err != nil {
		return err
	}
	if n := len(heard); n == 0 || heard[n-1].plan.Version < plan.Version {
		y.heard[invoice] = append(heard, told{plan, false})
	}
	return nil
}

// player answers the steps of workflows with the plans that were written down.
type player struct {
	mu    sync.Mutex
	lives map[uuid.UUID]*life
}

type life struct {
	heard []told
	at    int           // what the workflow heard last
	moved chan struct{} // it took a step
}

const (
	shortly = 300 * time.Millisecond
	notYet  = 24 * time.Hour
)

// plan is what the workflow hears at a place of its life, with a moment that
// comes soon when a step follows, and does not when news does.
func (l *life) plan(i int) dunning.Plan {
	p := l.heard[i].plan
	if p.WakeAt.IsZero() && (i+1 == len(l.heard) || !l.heard[i+1].step) {
		return p
	}
	p.WakeAt = time.Now().Add(notYet)
	if i+1 < len(l.heard) && l.heard[i+1].step {
		p.WakeAt = time.Now().Add(shortly)
	}
	return p
}

// Take implements workflows.Stepper.
func (p *player) Take(_ context.Context, _, invoice uuid.UUID) (dunning.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lives[invoice]
	if l.at+1 >= len(l.heard) || !l.heard[l.at+1].step {
		return dunning.Plan{}, fmt.Errorf("a step too many after plan %d", l.heard[l.at].plan.Version)
	}
	l.at++
	defer func() { l.moved <- struct{}{} }()
	return l.plan(l.at), nil
}

// replay lets the workflows of the sample live on a Temporal server by what they
// heard, and then runs their code again over the histories that this made. It
// returns how many there were, and what went wrong in sentences.
func (y *year) replay(ctx context.Context, c client.Client) (n int, wrong []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	p := &player{lives: map[uuid.UUID]*life{}}
	for id, heard := range y.heard {
		p.lives[id] = &life{heard: heard, moved: make(chan struct{}, len(heard))}
	}
	w := worker.New(c, workflows.TaskQueue, workflows.Options())
	workflows.Register(w, &workflows.Activities{Steps: p})
	if err := w.Start(); err != nil {
		return 0, nil, err
	}
	defer w.Stop()
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for id, l := range p.lives {
		g.Go(func() error {
			said, err := y.relive(ctx, c, p, id, l)
			if said != "" {
				mu.Lock()
				wrong = append(wrong, said)
				mu.Unlock()
			}
			return err
		})
	}
	return len(p.lives), wrong, g.Wait()
}

func (y *year) relive(ctx context.Context, c client.Client, p *player, id uuid.UUID, l *life) (wrong string, err error) {
	e := y.entry(id)
	row := db.StartInputRow{
		InvoiceID: id, TenantID: y.tenant, Number: e.invoice.Number, TenantSlug: "soak", Currency: e.debtor.books.currency, OpenMinor: e.invoice.Total.Minor,
		Flow: "b2b-nl", WorkflowID: "invoice/soak/" + e.invoice.Number,
	}
	if _, err := workflows.StartInvoice(ctx, c, row, l.plan(0)); err != nil {
		return "", err
	}
	for i := 1; i < len(l.heard); i++ {
		if l.heard[i].step {
			select {
			case <-l.moved:
			case <-ctx.Done():
				return "", ctx.Err()
			}
			continue
		}
		p.mu.Lock()
		l.at = i
		plan := l.plan(i)
		p.mu.Unlock()
		h, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: row.WorkflowID, UpdateName: workflows.PlanUpdate, UpdateID: fmt.Sprintf("plan-%d", plan.Version), Args: []any{plan},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = h.Get(ctx, nil)
		}
		if err != nil {
			return fmt.Sprintf("the workflow of %s does not take plan %d: %v", e.invoice.Number, plan.Version, err), nil
		}
	}
	return y.runAgain(ctx, c, row.WorkflowID, e)
}

// runAgain replays a history and reads it for what does not belong in it.
func (y *year) runAgain(ctx context.Context, c client.Client, workflow string, e *entry) (wrong string, err error) {
	h := &historypb.History{}
	for events := c.GetWorkflowHistory(ctx, workflow, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			return "", err
		}
		h.Events = append(h.Events, event)
	}
	r := worker.NewWorkflowReplayer()
	workflows.RegisterWorkflows(r)
	if err := r.ReplayWorkflowHistory(mute{}, h); err != nil {
		return fmt.Sprintf("the history of %s does not replay: %v", e.invoice.Number, err), nil
	}
	text, err := protojson.Marshal(h)
	if err != nil {
		return "", err
	}
	for _, personal := range []string{e.debtor.party.Email, e.debtor.party.Name, e.debtor.party.Address.Line1} {
		if bytes.Contains(text, []byte(personal)) {
			return fmt.Sprintf("the history of %s tells %q", e.invoice.Number, personal), nil
		}
	}
	return "", nil
}
