package casework

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Teller sends a debtor a word outside the flow.
type Teller interface {
	Tell(ctx context.Context, tenant uuid.UUID, w dunning.Word) (uuid.UUID, error)
}

// Desk follows cases.
type Desk struct {
	Store   *store.Store
	Real    clock.Clock
	Planner dunning.Planner
	Teller  Teller
	Ways    Ways
	Courier Courier
	Links   Links
	// Attachable is how large an archive may be that goes with an e-mail; zero is
	// bailiff.Attachable.
	Attachable int
	Log        *slog.Logger
}

// Links are addresses of pages.
type Links interface {
	// Archive is where a bailiff fetches an archive.
	Archive(token string) string
}

// again is how long to wait for what could not be done now.
const again = time.Hour

// Wake does what is due for a case, and sets the next look at it. It implements
// matter.Waker.
func (d *Desk) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	var (
		now   time.Time
		words []dunning.Word
		send  *parcel
		next  time.Time
		why   string
	)
	soon := func(at time.Time, what string) {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next, why = at, what
		}
	}
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		l, err := d.look(ctx, tx, id)
		if err != nil {
			return err
		}
		now = l.now
		for _, part := range []func(func(time.Time, string)) error{l.conditions, l.costsLeft, l.watch, l.limitation, l.forward} {
			if err := part(soon); err != nil {
				return err
			}
		}
		if err := l.report(); err != nil {
			return err
		}
		if send, err = l.approved(soon); err != nil {
			return err
		}
		if words, err = l.words(soon); err != nil {
			return err
		}
		return nil
	}); err != nil {
		return err
	}
	for _, w := range words {
		if err := d.tell(ctx, tenant, w); err != nil {
			var later *dunning.ErrLater
			if !errors.As(err, &later) {
				return err
			}
			soon(now.Add(max(later.Wait, again)), "A message to the debtor could not be sent yet")
		}
	}
	if d.Ways != nil {
		if send != nil {
			if err := d.deliver(ctx, tenant, id, send, now); err != nil {
				if err := d.stumble(ctx, tenant, id, err); err != nil {
					return err
				}
				soon(now.Add(again), "The bailiff could not be reached")
			}
		}
		at, err := d.correspond(ctx, tenant, id, now)
		if err != nil {
			if err := d.stumble(ctx, tenant, id, err); err != nil {
				return err
			}
		}
		soon(at, "News of the bailiff is asked for")
	}
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		if next.IsZero() {
			return matter.Close(ctx, tx, dunning.CaseMatter, id)
		}
		return matter.Set(ctx, tx, matter.Item{Kind: dunning.CaseMatter, ID: id, At: next, Why: why})
	})
}

// tell sends a word. That there is no address, or that the law forbids it, is
// known from its task and its hold.
func (d *Desk) tell(ctx context.Context, tenant uuid.UUID, w dunning.Word) error {
	_, err := d.Teller.Tell(ctx, tenant, w)
	if errors.Is(err, dunning.ErrMoot) || fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// look is one look at a case, under the lock of its debtor.
type look struct {
	*Desk
	ctx    context.Context
	tx     store.Tx
	file   *claim.File
	state  claim.State
	events []db.CaseEvent
	now    time.Time
	today  date.Date
}

func (d *Desk) look(ctx context.Context, tx store.Tx, id uuid.UUID) (*look, error) {
	l := &look{Desk: d, ctx: ctx, tx: tx}
	var err error
	if l.now, err = tx.Now(ctx, d.Real); err != nil {
		return nil, err
	}
	row, err := tx.CaseByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("load case %s: %w", id, err)
	}
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{row.DebtorID}); err != nil {
		return nil, fmt.Errorf("lock the debtor: %w", err)
	}
	return l, l.reload(id)
}

// reload reads the case as it stands now.
func (l *look) reload(id uuid.UUID) (err error) {
	if l.file, err = claim.Load(l.ctx, l.tx, id); err != nil {
		return err
	}
	l.today = date.Of(l.now.In(l.file.Zone))
	if l.state, err = l.file.Today(l.today); err != nil {
		return err
	}
	if l.events, err = l.tx.CaseEvents(l.ctx, id); err != nil {
		return fmt.Errorf("load what happened with a case: %w", err)
	}
	return nil
}

// after does what follows from a settlement, and plans the invoices anew.
func (l *look) after(o claim.Outcome) error {
	if err := dunning.AfterSettling(l.ctx, l.tx, o, l.now); err != nil {
		return err
	}
	ids := make([]uuid.UUID, 0, len(l.file.Invoices))
	for _, i := range l.file.Invoices {
		ids = append(ids, i.InvoiceID)
	}
	if err := l.Planner.Replan(l.ctx, l.tx, ids); err != nil {
		return err
	}
	return l.reload(l.file.Case.ID)
}

// stumble asks a person for help where trying again does not: what a bailiff
// refuses, or settings that are wrong.
func (d *Desk) stumble(ctx context.Context, tenant, id uuid.UUID, err error) error {
	f := fault.Of(err)
	switch f.Kind {
	case fault.Unavailable:
		return nil
	case fault.Conflict, fault.Invalid, fault.Denied:
		return d.on(ctx, tenant, id, func(l *look) error {
			return l.task("bailiff_trouble", "Case "+l.file.Case.Number+" does not reach the bailiff", f.Message)
		})
	}
	return err
}
