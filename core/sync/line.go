package sync

import (
	"context"
	"errors"
	"time"
)

const (
	// together is how many records gather at most before reading waits for the
	// database.
	together = 10_000
	// A writer that has nothing to do takes a tenth of that, so that it starts soon
	// without a commit for every few rows.
	enough = 10
	// lineWait is how long fewer wait for others: a slow package shows progress, and
	// loses little when we stop.
	lineWait = 500 * time.Millisecond
)

// line writes batches in their order while the next ones are read. Batches that
// come while a transaction is under way go into the next one together, with the
// last checkpoint among them.
type line struct {
	write func(*prepared) error
	empty func() *prepared
	many  int // records to a transaction, at most about

	work    chan *prepared
	done    chan struct{} // the writer has ended
	failed  chan struct{} // closed when err is set
	err     error
	waiting *prepared // not handed to the writer yet
	since   time.Time
}

func newLine(many int, empty func() *prepared, write func(*prepared) error) *line {
	l := &line{many: many, write: write, empty: empty, work: make(chan *prepared), done: make(chan struct{}), failed: make(chan struct{})}
	go l.run()
	return l
}

func (l *line) run() {
	defer close(l.done)
	for p := range l.work {
		if l.err != nil {
			continue
		}
		p.settle()
		if l.err = l.write(p); l.err != nil {
			close(l.failed)
		}
	}
}

// add takes a batch over. It waits while the writer is too far behind, and
// returns the writer's error as soon as there is one. Expected is about how many
// records are to come in all.
func (l *line) add(ctx context.Context, b Batch, expected int) error {
	if l.waiting == nil {
		l.waiting, l.since = l.empty(), time.Now()
	}
	l.waiting.add(b)
	l.waiting.expected = expected
	switch {
	case len(b.Gone) > 0, l.waiting.read >= l.many:
		return l.hand(ctx)
	case l.waiting.read >= l.many/enough, time.Since(l.since) >= lineWait:
		select {
		case l.work <- l.waiting:
			l.waiting = nil
		default:
		}
	}
	return l.failure()
}

// hand waits until the writer takes what waits.
func (l *line) hand(ctx context.Context) error {
	if l.waiting == nil {
		return l.failure()
	}
	select {
	case l.work <- l.waiting:
		l.waiting = nil
		return l.failure()
	case <-l.failed:
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *line) failure() error {
	select {
	case <-l.failed:
		return l.err
	default:
		return nil
	}
}

// flush waits until everything is written and leaves the line open.
func (l *line) flush(ctx context.Context) error {
	if err := l.hand(ctx); err != nil {
		return err
	}
	// The writer takes an empty piece of work once it is done with the others.
	l.waiting = l.empty()
	return l.hand(ctx)
}

// close writes what is left and ends the writer.
func (l *line) close(ctx context.Context) error {
	err := l.hand(ctx)
	close(l.work)
	<-l.done
	if l.err != nil {
		return l.err
	}
	return errors.Join(err, l.err)
}
