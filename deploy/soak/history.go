package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
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
	Plan dunning.Plan
	Step bool
}

// memoir is what the workflow of one invoice heard in its life.
type memoir struct {
	Tenant, Invoice uuid.UUID
	Number          string
	Currency        money.Currency
	Minor           int64
	Heard           []told
	// Personal is what must not be in its history.
	Personal []string
}

// memoirs are those of the sample.
func (y *year) memoirs(ctx context.Context) (out []memoir, err error) {
	for id := range y.heard {
		if err := y.hear(ctx, id, nil); err != nil {
			return nil, err
		}
		e := y.entry(id)
		p := e.debtor.party
		out = append(out, memoir{
			Tenant: y.tenant, Invoice: id, Number: e.invoice.Number, Currency: e.invoice.Total.Currency, Minor: e.invoice.Total.Minor, Heard: y.heard[id],
			Personal: []string{p.Email, p.Name, p.Address.Line1},
		})
	}
	slices.SortFunc(out, func(a, b memoir) int { return cmp.Compare(a.Number, b.Number) })
	return out, nil
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
		if n := len(heard); n > 0 && heard[n-1].Plan.Version >= answer.Version {
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
	if n := len(heard); n == 0 || heard[n-1].Plan.Version < plan.Version {
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
	p := l.heard[i].Plan
	if p.WakeAt.IsZero() && (i+1 == len(l.heard) || !l.heard[i+1].Step) {
		return p
	}
	p.WakeAt = time.Now().Add(notYet)
	if i+1 < len(l.heard) && l.heard[i+1].Step {
		p.WakeAt = time.Now().Add(shortly)
	}
	return p
}

// Take implements workflows.Stepper.
func (p *player) Take(_ context.Context, _, invoice uuid.UUID) (dunning.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lives[invoice]
	if l.at+1 >= len(l.heard) || !l.heard[l.at+1].Step {
		return dunning.Plan{}, fmt.Errorf("a step too many after plan %d", l.heard[l.at].Plan.Version)
	}
	l.at++
	defer func() { l.moved <- struct{}{} }()
	return l.plan(l.at), nil
}

// replay lets the workflows of a sample live on a Temporal server by what they
// heard, and then runs their code again over the histories that this made. It
// returns what went wrong in sentences.
func replay(ctx context.Context, c client.Client, sample []memoir) (wrong []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	p := &player{lives: map[uuid.UUID]*life{}}
	for _, m := range sample {
		p.lives[m.Invoice] = &life{heard: m.Heard, moved: make(chan struct{}, len(m.Heard))}
	}
	w := worker.New(c, workflows.TaskQueue, workflows.Options())
	workflows.Register(w, &workflows.Activities{Steps: p})
	if err := w.Start(); err != nil {
		return nil, err
	}
	defer w.Stop()
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for _, m := range sample {
		g.Go(func() error {
			said, err := relive(ctx, c, p, m)
			if said != "" {
				mu.Lock()
				wrong = append(wrong, said)
				mu.Unlock()
			}
			return err
		})
	}
	return wrong, g.Wait()
}

func relive(ctx context.Context, c client.Client, p *player, m memoir) (wrong string, err error) {
	l := p.lives[m.Invoice]
	row := db.StartInputRow{
		InvoiceID: m.Invoice, TenantID: m.Tenant, Number: m.Number, TenantSlug: "soak", Currency: m.Currency, OpenMinor: m.Minor, Flow: "b2b-nl", WorkflowID: "invoice/soak/" + m.Number,
	}
	if _, err := workflows.StartInvoice(ctx, c, row, l.plan(0)); err != nil {
		return "", err
	}
	for i := 1; i < len(l.heard); i++ {
		if l.heard[i].Step {
			select {
			case <-l.moved:
			case <-ctx.Done():
				return "", fmt.Errorf("the workflow of %s does not take its step %d: %w", m.Number, i, ctx.Err())
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
			return fmt.Sprintf("the workflow of %s does not take plan %d: %v", m.Number, plan.Version, err), nil
		}
	}
	return runAgain(ctx, c, row.WorkflowID, m)
}

// runAgain replays a history and reads it for what does not belong in it.
func runAgain(ctx context.Context, c client.Client, workflow string, m memoir) (wrong string, err error) {
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
		return fmt.Sprintf("the history of %s does not replay: %v", m.Number, err), nil
	}
	text, err := protojson.Marshal(h)
	if err != nil {
		return "", err
	}
	for _, personal := range m.Personal {
		if bytes.Contains(text, []byte(personal)) {
			return fmt.Sprintf("the history of %s tells %q", m.Number, personal), nil
		}
	}
	return "", nil
}
