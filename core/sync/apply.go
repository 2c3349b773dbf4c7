package sync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// Changes is what a batch changed in the mirror.
type Changes struct {
	Read, Added, Changed, Gone int
	Problems                   int
	// Invoices lists those to plan again: they were added or changed, or their
	// payments, problems or debtors were.
	Invoices []uuid.UUID
}

// Observer is told, inside the transaction, which invoices are not what they
// were. The dunning process plans them again.
type Observer interface {
	InvoicesChanged(ctx context.Context, tx store.Tx, administration uuid.UUID, invoices []uuid.UUID) error
}

// Apply writes a batch: only rows whose content differs are touched, so that a
// repeated batch is harmless and an unchanged one writes nothing. A message that
// is on its way to a debtor whose rows change is waited for first.
func Apply(ctx context.Context, tx store.Tx, adm uuid.UUID, b Batch, now time.Time) (Changes, error) {
	return prepare(tx.Tenant, adm, b).apply(ctx, tx, now)
}

// apply writes what was prepared.
func (p *prepared) apply(ctx context.Context, tx store.Tx, now time.Time) (Changes, error) {
	c := Changes{Read: p.read}
	w := &writing{Tx: tx, adm: p.adm, now: now, changes: &c}
	parties, err := w.differ(ctx, debtorTable, &p.parties, false)
	if err != nil {
		return c, fmt.Errorf("compare parties: %w", err)
	}
	invoices, err := w.differ(ctx, invoiceTable, &p.invoices, p.novel)
	if err != nil {
		return c, fmt.Errorf("compare invoices: %w", err)
	}
	fresh, err := w.fresh(ctx, p.payments)
	if err != nil {
		return c, fmt.Errorf("look for payments that are known: %w", err)
	}
	if err := w.fence(ctx, debtorsOf(parties, invoices), fresh, p.gone); err != nil {
		return c, err
	}
	if len(fresh) > 0 {
		// Another batch may have brought them while this one waited for the fence.
		if fresh, err = w.fresh(ctx, fresh); err != nil {
			return c, fmt.Errorf("look for payments that are known: %w", err)
		}
	}
	if err := w.records(ctx, p, parties, invoices); err != nil {
		return c, fmt.Errorf("write records: %w", err)
	}
	if err := w.payments(ctx, fresh, p.payments); err != nil {
		return c, fmt.Errorf("write payments: %w", err)
	}
	if err := w.gone(ctx, p.gone); err != nil {
		return c, fmt.Errorf("mark deleted records: %w", err)
	}
	if err := w.problems(ctx, p); err != nil {
		return c, fmt.Errorf("note problems: %w", err)
	}
	if err := w.forget(ctx, p.gone); err != nil {
		return c, fmt.Errorf("clear problems of deleted records: %w", err)
	}
	slices.SortFunc(c.Invoices, byID)
	c.Invoices = slices.Compact(c.Invoices)
	if p.cursor == nil {
		return c, nil
	}
	return c, tx.SetCursor(ctx, db.SetCursorParams{AdministrationID: p.adm, TenantID: tx.Tenant, Cursor: p.cursor, UpdatedAt: now})
}

func byID(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }

// writing is one batch on its way into the mirror.
type writing struct {
	store.Tx
	adm     uuid.UUID
	now     time.Time
	changes *Changes
}

// records writes parties and invoices that differ.
func (w *writing) records(ctx context.Context, p *prepared, parties, invoices difference) error {
	if err := w.move(ctx, debtorTable, &p.parties, parties); err != nil {
		return err
	}
	if len(parties.rows) > 0 {
		// Another address or another kind of debtor changes what comes next; so
		// does one that comes after its invoices.
		open, err := w.OpenInvoicesOfDebtors(ctx, ids(parties.rows))
		if err != nil {
			return err
		}
		w.changes.Invoices = append(w.changes.Invoices, open...)
	}
	w.changes.Invoices = append(w.changes.Invoices, ids(invoices.rows)...)
	return w.move(ctx, invoiceTable, &p.invoices, invoices)
}

func ids(rows []staged) []uuid.UUID {
	out := make([]uuid.UUID, len(rows))
	for i, s := range rows {
		out[i] = s.id
	}
	return out
}

// debtorsOf lists the debtors that differences touch: those that change, and
// those that changed invoices belong to, now and before.
func debtorsOf(parties, invoices difference) []uuid.UUID {
	out := append(ids(parties.rows), invoices.debtors...)
	for _, s := range invoices.rows {
		out = append(out, s.debtor)
	}
	slices.SortFunc(out, byID)
	return slices.Compact(out)
}

// fence takes the rows of all debtors that the batch touches at once and in one
// order: whoever is sending to them finishes first, and two batches never wait
// for each other in a circle.
func (w *writing) fence(ctx context.Context, debtors []uuid.UUID, payments []sdk.Payment, gone map[sdk.Stream][]string) error {
	var invoices []uuid.UUID
	for _, p := range payments {
		invoices = append(invoices, InvoiceID(w.adm, p.InvoiceID))
	}
	for _, id := range gone[sdk.Invoices] {
		invoices = append(invoices, InvoiceID(w.adm, id))
	}
	if len(invoices) > 0 {
		more, err := w.DebtorsOfInvoices(ctx, invoices)
		if err != nil {
			return fmt.Errorf("find the debtors of the batch: %w", err)
		}
		debtors = append(debtors, more...)
	}
	if len(debtors) == 0 {
		return nil
	}
	if _, err := w.LockDebtors(ctx, debtors); err != nil {
		return fmt.Errorf("lock debtors: %w", err)
	}
	return nil
}

func (w *writing) gone(ctx context.Context, gone map[sdk.Stream][]string) error {
	if ids := gone[sdk.Invoices]; len(ids) > 0 {
		marked, err := w.MarkInvoicesGone(ctx, db.MarkInvoicesGoneParams{AdministrationID: w.adm, At: w.now, Ids: ids})
		if err != nil {
			return err
		}
		w.changes.Gone += len(marked)
		w.changes.Invoices = append(w.changes.Invoices, marked...)
	}
	if ids := gone[sdk.Parties]; len(ids) > 0 {
		n, err := w.MarkDebtorsGone(ctx, db.MarkDebtorsGoneParams{AdministrationID: w.adm, At: w.now, Ids: ids})
		if err != nil {
			return err
		}
		w.changes.Gone += int(n)
	}
	return w.paymentsGone(ctx, gone[sdk.Payments])
}

// problems notes what is wrong with records and clears what was mended; both
// are looked at again (R7).
func (w *writing) problems(ctx context.Context, b *prepared) error {
	bad, good := map[string]bool{}, make([]string, 0, len(b.invoices.rows))
	for _, p := range b.unreadable {
		if p.Stream == sdk.Invoices {
			bad[p.ID] = true
		}
		if err := w.problem(ctx, p); err != nil {
			return err
		}
	}
	for _, s := range b.invoices.rows {
		if s.problem.Code != "" {
			if err := w.problem(ctx, s.problem); err != nil {
				return err
			}
		} else if !bad[s.external] {
			good = append(good, s.external)
		}
	}
	if len(good) == 0 || b.novel {
		return nil
	}
	mended, err := w.ClearSyncProblems(ctx, db.ClearSyncProblemsParams{AdministrationID: w.adm, Stream: string(sdk.Invoices), Ids: good})
	for _, id := range mended {
		w.changes.Invoices = append(w.changes.Invoices, InvoiceID(w.adm, id))
	}
	return err
}

func (w *writing) problem(ctx context.Context, p Problem) error {
	w.changes.Problems++
	n, err := w.NoteSyncProblem(ctx, db.NoteSyncProblemParams{
		AdministrationID: w.adm, Stream: string(p.Stream), ExternalID: storable(p.ID), TenantID: w.Tenant, Code: p.Code, Message: storable(p.Message), At: w.now,
	})
	if err == nil && n > 0 && p.Stream == sdk.Invoices {
		w.changes.Invoices = append(w.changes.Invoices, InvoiceID(w.adm, p.ID))
	}
	return err
}

// forget clears the problems of what is not there any more.
func (w *writing) forget(ctx context.Context, gone map[sdk.Stream][]string) error {
	for stream, ids := range gone {
		if len(ids) == 0 {
			continue
		}
		if _, err := w.ClearSyncProblems(ctx, db.ClearSyncProblemsParams{AdministrationID: w.adm, Stream: string(stream), Ids: ids, Gone: true}); err != nil {
			return err
		}
	}
	return nil
}
