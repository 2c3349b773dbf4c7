package dunning

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Planner keeps the plan of every invoice in step with what is known of it.
type Planner struct {
	Real clock.Clock
	// Watcher hears of the invoices first, whether or not there is anything to plan;
	// nil for nobody.
	Watcher Watcher
}

// Watcher hears of invoices whose figures may have changed.
type Watcher interface {
	InvoicesChanged(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error
}

// KindPlan is the outbox kind that carries a new plan to a running workflow; the
// query PutCollections writes it.
const KindPlan = "invoice.plan"

// debtorsAtOnce bounds the memory of planning a whole administration.
const debtorsAtOnce = 500

// InvoicesChanged plans invoices again after the books, a payment, a hold or a
// person changed something about them.
func (p Planner) InvoicesChanged(ctx context.Context, tx store.Tx, _ uuid.UUID, invoices []uuid.UUID) error {
	return p.Replan(ctx, tx, invoices)
}

// Replan computes what comes next for each invoice and records it when it
// differs. Running workflows get the new plan through the outbox.
func (p Planner) Replan(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	if len(invoices) == 0 {
		return nil
	}
	if p.Watcher != nil {
		if err := p.Watcher.InvoicesChanged(ctx, tx, invoices); err != nil {
			return err
		}
	}
	live, err := anyLive(ctx, tx)
	if err != nil || !live {
		return err
	}
	scale, err := tx.Scale(ctx)
	if err != nil {
		return err
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return fmt.Errorf("find the debtors of invoices: %w", err)
	}
	wanted := make(map[uuid.UUID]bool, len(invoices))
	for _, id := range invoices {
		wanted[id] = true
	}
	for some := range slices.Chunk(debtors, debtorsAtOnce) {
		if err := p.replan(ctx, tx, some, scale, wanted); err != nil {
			return err
		}
	}
	return nil
}

// anyLive reports whether any administration may send at all. Before that there
// is nothing to plan, so that a first load need not look.
func anyLive(ctx context.Context, tx store.Tx) (bool, error) {
	adms, err := tx.Administrations(ctx)
	if err != nil {
		return false, fmt.Errorf("load administrations: %w", err)
	}
	return slices.ContainsFunc(adms, func(a db.Administration) bool { return !a.GoLiveOn.IsZero() }), nil
}

func (p Planner) replan(ctx context.Context, tx store.Tx, debtors []uuid.UUID, scale clock.Scale, wanted map[uuid.UUID]bool) error {
	// I1: a message that is on its way out is waited for.
	if _, err := tx.LockDebtors(ctx, debtors); err != nil {
		return fmt.Errorf("lock debtors: %w", err)
	}
	now := scale.Tenant(p.Real.Now())
	// What was paid or credited is put to costs, interest and principal first: the
	// plans follow from what is open after that.
	touched, err := settleCases(ctx, tx, debtors, now)
	if err != nil {
		return err
	}
	for _, id := range touched {
		wanted[id] = true
	}
	if err := fee.Settle(ctx, tx, debtors, now); err != nil {
		return err
	}
	ledgers, err := loadLedgers(ctx, tx, debtors)
	if err != nil {
		return err
	}
	var rows []plannedRow
	for _, l := range ledgers {
		some, err := p.plans(ctx, tx, l, scale, now, uuid.Nil, func(it *item) bool { return wanted[it.invoice.ID] })
		if err != nil {
			return err
		}
		rows = append(rows, some...)
	}
	return writePlans(ctx, tx, rows)
}

// plans computes the plans of chosen invoices of a debtor and returns those to
// write. That of the asker is written even when it says the same, since the
// asker waits for a newer one.
func (p Planner) plans(ctx context.Context, tx store.Tx, l *ledger, scale clock.Scale, now time.Time, asker uuid.UUID, chosen func(*item) bool) ([]plannedRow, error) {
	if err := l.voidNotices(ctx, tx, now); err != nil {
		return nil, err
	}
	var out []plannedRow
	for _, it := range l.items {
		if !chosen(it) && !it.renewed {
			continue
		}
		row, ok, err := l.plan(ctx, tx, it, now)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if err := it.moved(ctx, tx, now); err != nil {
			return nil, err
		}
		wake(&row, scale)
		quiet := it.invoice.ID == asker
		if !quiet && !it.renewed && it.state.PlanVersion > 0 && same(*it.state, row) {
			continue
		}
		row.PlanVersion++
		*it.state = row
		out = append(out, plannedRow{row: row, quiet: quiet})
	}
	return out, nil
}
