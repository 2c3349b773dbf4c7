package main

import (
	"context"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/workflows/workflowtest"
)

// lifecycles plays the paths of an invoice and counts what each leaves behind.
func lifecycles(ctx context.Context, l *lab) error {
	books := &workflowtest.Books{}
	stop, err := workflowtest.Serve(l.client, books)
	if err != nil {
		return err
	}
	defer stop()
	for _, story := range workflowtest.Stories() {
		note("play " + story.Name)
		run, err := workflowtest.Play(ctx, l.client, books, story, uuid.New())
		if err != nil {
			return err
		}
		l.table.atMost("lifecycle", story.String()+": history events", float64(len(run.History.Events)), float64(story.Allowance()), "%.0f")
		l.table.show("lifecycle", story.String()+": state transitions", "%d", run.Transitions)
		l.table.show("lifecycle", story.String()+": billable actions", "%d", run.Actions())
	}
	return nil
}
