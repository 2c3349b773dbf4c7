package workflows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/workflows/workflowtest"
)

// moody fails or panics a few times before it takes a step, as software and mail
// servers do.
type moody struct {
	workflowtest.Books
	calls atomic.Int32
}

func (m *moody) Take(ctx context.Context, tenant, invoice uuid.UUID) (dunning.Plan, error) {
	switch m.calls.Add(1) {
	case 1:
		return dunning.Plan{}, &dunning.ErrLater{Wait: 50 * time.Millisecond, Why: errors.New("451 <jansen@dorp.example>: try later")}
	case 2:
		panic("Jan Jansen, Dorpsstraat 1")
	case 3:
		return dunning.Plan{}, fault.New(fault.Unavailable, "books_silent", "Jansen's books do not answer").Because(errors.New("550 <jansen@dorp.example>"))
	}
	return m.Books.Take(ctx, tenant, invoice)
}

// TestRetriesAddNoEvents takes a step that fails at first: the history is that of
// one that does not.
func TestRetriesAddNoEvents(t *testing.T) {
	t.Parallel()
	c := dial(t)
	books := &moody{}
	serve(t, c, books)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run, err := workflowtest.Play(ctx, c, &books.Books, workflowtest.Stories()[0], uuid.New())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(run.History.Events); n != 18 || books.calls.Load() != 4 {
		t.Errorf("%d events after %d attempts; want 18 after 4", n, books.calls.Load())
	}
	refuse(t, run, "ansen", "Dorpsstraat")
}

// TestStaleUpdateAddsNoEvents brings a plan again that the workflow has.
func TestStaleUpdateAddsNoEvents(t *testing.T) {
	t.Parallel()
	c := dial(t)
	books := &workflowtest.Books{}
	serve(t, c, books)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	story, invoice := workflowtest.Stories()[0], uuid.New()
	if err := books.Wait(ctx, c, story, invoice); err != nil {
		t.Fatal(err)
	}
	id := workflowtest.Input(invoice).WorkflowID
	for range 3 {
		if err := workflowtest.Update(ctx, c, id, story.Plan(1)); err == nil {
			t.Error("a stale plan was taken")
		}
	}
	run, err := books.Close(ctx, c, story, invoice)
	if err != nil {
		t.Fatal(err)
	}
	// A busy machine may let the server give up waiting for an answer and note that
	// in tasks of the workflow; nothing else may be there.
	other := slices.DeleteFunc(run.Types(), func(s string) bool { return strings.HasPrefix(s, "WorkflowTask") })
	if want := 9; len(other) != want {
		t.Errorf("%d events besides the workflow's tasks, want %d:\n%s", len(other), want, strings.Join(other, "\n"))
	}
}
