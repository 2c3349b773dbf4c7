// Package matter keeps what waits besides invoices, such as the grace of a
// promise, the next instalment of a plan or the deadline of a dispute: one
// moment per matter, at which whoever owns it is woken.
package matter

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Kind says what waits, as "promise". It is part of the id of the matter's
// workflow, so it never changes.
type Kind string

// Item is a matter and the moment at which it is to be looked at.
type Item struct {
	Kind Kind
	ID   uuid.UUID
	// At is in the tenant's time.
	At time.Time
	// Why says in words what comes then, as "Instalment 2 of 6 is due". An
	// operator reads it, so it holds nothing about a person.
	Why string
}

// Waker owns the matters of a kind.
type Waker interface {
	// Wake does what is due for a matter, in a transaction of its own, and sets
	// or closes it in the same. It may be called any number of times, also too
	// early and after the matter was closed.
	Wake(ctx context.Context, tenant, id uuid.UUID) error
}

// Outbox is the outbox kind that carries a changed matter to its workflow.
const Outbox = "matter"

// Set makes a matter wake at a moment, in place of any moment set before; it
// takes effect with the transaction. A closed matter is opened again.
func Set(ctx context.Context, tx store.Tx, m Item) error {
	scale, err := tx.Scale(ctx)
	if err != nil {
		return err
	}
	n, err := tx.PutMatter(ctx, db.PutMatterParams{TenantID: tx.Tenant, Kind: string(m.Kind), ID: m.ID, At: m.At, WakeAt: scale.Real(m.At), Why: m.Why})
	if err != nil {
		return fmt.Errorf("set %s %s: %w", m.Kind, m.ID, err)
	}
	return tell(ctx, tx, m.Kind, m.ID, n)
}

// Close ends a matter; it wakes no more. Closing one that is closed, or was
// never set, does nothing.
func Close(ctx context.Context, tx store.Tx, kind Kind, id uuid.UUID) error {
	n, err := tx.CloseMatter(ctx, db.CloseMatterParams{Kind: string(kind), ID: id})
	if err != nil {
		return fmt.Errorf("close %s %s: %w", kind, id, err)
	}
	return tell(ctx, tx, kind, id, n)
}

// tell leaves word for the workflow when something changed.
func tell(ctx context.Context, tx store.Tx, kind Kind, id uuid.UUID, changed int64) error {
	if changed == 0 {
		return nil
	}
	payload, err := json.Marshal(Word{Kind: kind})
	if err != nil {
		return err
	}
	if err := tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: tx.Tenant, Kind: Outbox, SubjectID: id, Payload: payload}); err != nil {
		return fmt.Errorf("tell the workflow of %s %s: %w", kind, id, err)
	}
	return nil
}

// Word is the payload of the outbox: which kind of matter changed.
type Word struct {
	Kind Kind `json:"kind"`
}

// Plan is what the workflow of a matter carries. It holds no name, address or
// text of a person.
type Plan struct {
	Version int64     `json:"v"`
	At      time.Time `json:"at,omitzero"`
	// WakeAt is At on the machine's clock.
	WakeAt time.Time `json:"wake,omitzero"`
	Why    string    `json:"why,omitempty"`
	Closed bool      `json:"closed,omitempty"`
}

// PlanOf returns the plan of a matter as it stands.
func PlanOf(ctx context.Context, tx store.Tx, kind Kind, id uuid.UUID) (Plan, error) {
	row, err := tx.Matter(ctx, db.MatterParams{Kind: string(kind), ID: id})
	if err != nil {
		return Plan{}, fmt.Errorf("load %s %s: %w", kind, id, err)
	}
	return Plan{Version: row.Version, At: row.At, WakeAt: row.WakeAt, Why: row.Why, Closed: row.Closed}, nil
}

// Due reports whether a matter may be acted on: it is open and its moment has
// come. Wakers that act on nothing else need not ask.
func Due(ctx context.Context, tx store.Tx, real clock.Clock, kind Kind, id uuid.UUID) (bool, error) {
	p, err := PlanOf(ctx, tx, kind, id)
	return err == nil && !p.Closed && !p.WakeAt.After(real.Now().Add(early)), err
}

// early is how much sooner than planned a matter counts as due, for a timer of
// another machine.
const early = 50 * time.Millisecond
