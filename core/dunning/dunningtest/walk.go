package dunningtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
)

// ID returns our id of an invoice of the books.
func (w *World) ID(invoice string) uuid.UUID { return booksync.InvoiceID(w.Adm, invoice) }

// DebtorID returns our id of a party of the books.
func (w *World) DebtorID(party string) uuid.UUID { return booksync.DebtorID(w.Adm, party) }

// Walk takes every step and wakes every matter that falls due until a moment,
// each at its own moment, and leaves the clock at the end.
func (w *World) Walk(until string) {
	w.T.Helper()
	end := At(until)
	for range 1000 {
		invoice, at, ok := w.next(end)
		m, waits := w.nextMatter(end)
		if !ok && !waits {
			w.Clock.Set(end)
			return
		}
		if waits && (!ok || m.WakeAt.Before(at)) {
			w.advance(m.WakeAt)
			w.wake(m)
			continue
		}
		w.advance(at)
		_, err := w.Take(invoice)
		var later *dunning.ErrLater
		if errors.As(err, &later) {
			w.Clock.Set(w.Clock.Now().Add(max(later.Wait, time.Minute)))
			if w.Clock.Now().After(end) {
				return
			}
			continue
		}
		if err != nil {
			w.T.Fatalf("take the step of %s at %s: %v", invoice, w.Clock.Now(), err)
		}
	}
	w.T.Fatal("the walk does not end: a step comes back without time going by")
}

// advance moves the clock to a moment unless it is past it.
func (w *World) advance(to time.Time) {
	if to.After(w.Clock.Now()) {
		w.Clock.Set(to)
	}
}

// nextMatter is the matter that wakes first.
func (w *World) nextMatter(until time.Time) (m db.DueMattersRow, ok bool) {
	w.In(func(tx store.Tx) error {
		due, err := tx.DueMatters(context.Background(), db.DueMattersParams{WakeAt: until, Limit: 1})
		if ok = len(due) > 0; ok {
			m = due[0]
		}
		return err
	})
	return m, ok
}

func (w *World) wake(m db.DueMattersRow) {
	w.T.Helper()
	waker := w.Wakers[matter.Kind(m.Kind)]
	if waker == nil {
		w.T.Fatalf("nobody owns matters of kind %q", m.Kind)
	}
	if err := waker.Wake(context.Background(), w.Tenant, m.ID); err != nil {
		w.T.Fatalf("wake %s %s at %s: %v", m.Kind, m.ID, w.Clock.Now(), err)
	}
}

// Take takes the planned step of an invoice.
func (w *World) Take(id uuid.UUID) (dunning.Plan, error) {
	return w.Steps.Take(context.Background(), w.Tenant, id)
}

// next is the invoice that wakes first.
func (w *World) next(until time.Time) (id uuid.UUID, at time.Time, ok bool) {
	w.In(func(tx store.Tx) error {
		err := tx.QueryRow(context.Background(), `select invoice_id, wake_at from collection
			where closed_at is null and next_step <> '' and wake_at <= $1 order by wake_at, invoice_id limit 1`, until).Scan(&id, &at)
		if ok = err == nil; errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return id, at, ok
}

// State is our state of an invoice.
func (w *World) State(invoice string) (c db.Collection) {
	w.T.Helper()
	w.In(func(tx store.Tx) (err error) {
		c, err = tx.Collection(context.Background(), w.ID(invoice))
		return err
	})
	return c
}

// Story is what happened to an invoice: "2026-03-02 sent reminder_1 R1".
func (w *World) Story(invoice string) (out []string) {
	w.T.Helper()
	for _, d := range w.Decisions(invoice) {
		out = append(out, fmt.Sprintf("%s %s %s %s", d.At.In(Amsterdam).Format("2006-01-02"), d.Outcome, d.Step, d.Rule))
	}
	return out
}

// Decisions are those on an invoice, in order.
func (w *World) Decisions(invoice string) (out []db.Decision) {
	w.T.Helper()
	w.In(func(tx store.Tx) (err error) {
		out, err = tx.Decisions(context.Background(), w.ID(invoice))
		return err
	})
	return out
}

// Messages are those about an invoice, in order.
func (w *World) Messages(invoice string) (out []db.Message) {
	w.T.Helper()
	w.In(func(tx store.Tx) (err error) {
		out, err = tx.MessagesOfInvoice(context.Background(), w.ID(invoice))
		return err
	})
	return out
}

// Sent returns the steps of an invoice that went out, in order.
func (w *World) Sent(invoice string) (out []string) {
	w.T.Helper()
	for _, d := range w.Decisions(invoice) {
		if d.Outcome == "sent" || d.Outcome == "merged" {
			out = append(out, d.Step)
		}
	}
	return out
}

// Said reports whether a decision with the outcome and rule was made.
func (w *World) Said(invoice, outcome, rule string) bool {
	w.T.Helper()
	return slices.ContainsFunc(w.Decisions(invoice), func(d db.Decision) bool { return d.Outcome == outcome && d.Rule == rule })
}
