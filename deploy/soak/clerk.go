package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

const by = "clerk"

// clerk is the creditor's person, who looks in every afternoon.
func (y *year) clerk(ctx context.Context, b *books) error {
	for _, duty := range []func(context.Context, *books) error{y.approve, y.tidy, y.answer, y.forward, y.settleDebits, y.trust, lostLines} {
		if err := duty(ctx, b); err != nil {
			return fmt.Errorf("the clerk: %w", err)
		}
	}
	return nil
}

func lostLines(ctx context.Context, b *books) error { return b.lost(ctx, by) }

// approve lets through the figures that no source confirms.
func (y *year) approve(ctx context.Context, _ *books) error {
	return y.in(ctx, func(tx store.Tx) error {
		pending, err := y.planner.PendingFigures(ctx, tx)
		if err != nil || len(pending) == 0 {
			return err
		}
		keys := make([]policy.FigureKey, len(pending))
		for i, p := range pending {
			keys[i] = policy.FigureKey{Name: p.Name, Value: p.Value}
		}
		_, err = y.planner.ApproveFigures(ctx, tx, keys, by)
		return err
	})
}

// settleDebits finds out why debtors refused a debit: no dispute, a mistake.
func (y *year) settleDebits(ctx context.Context, _ *books) error {
	var asked []uuid.UUID
	if err := y.in(ctx, func(tx store.Tx) error {
		tasks, err := tx.OpenTasks(ctx)
		for _, t := range tasks {
			if t.Kind == "debit_refused" {
				asked = append(asked, t.SubjectID)
			}
		}
		return err
	}); err != nil {
		return err
	}
	for _, id := range asked {
		if err := y.debits.Answer(ctx, y.tenant, id, false, by); err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return nil
}

// tidy writes off small rests and finds out about messages of unknown fate.
func (y *year) tidy(ctx context.Context, b *books) error {
	var tasks []db.Task
	if err := y.in(ctx, func(tx store.Tx) (err error) {
		tasks, err = tx.OpenTasks(ctx)
		return err
	}); err != nil {
		return err
	}
	for _, t := range tasks {
		e := b.byID[t.SubjectID]
		switch {
		case t.Kind == "small_difference" && e != nil:
			b.writeOff(e)
		case t.Kind == "uncertain":
			if err := y.findOut(ctx, t.SubjectID); err != nil {
				return err
			}
		}
	}
	return nil
}

// findOut asks the mail provider by telephone what became of messages.
func (y *year) findOut(ctx context.Context, invoice uuid.UUID) error {
	var list []db.Message
	if err := y.in(ctx, func(tx store.Tx) (err error) {
		list, err = tx.MessagesOfInvoice(ctx, invoice)
		return err
	}); err != nil {
		return err
	}
	for _, m := range list {
		if m.State != "uncertain" {
			continue
		}
		y.mail.mu.Lock()
		arrived := y.mail.taken[m.HeaderID] > 0 || y.carrier.took[m.ID.String()] != ""
		y.mail.mu.Unlock()
		if err := y.steps.SettleUncertain(ctx, y.tenant, m.ID, arrived, by); err != nil {
			return err
		}
	}
	return nil
}

// answer writes back to whoever wrote.
func (y *year) answer(ctx context.Context, b *books) error {
	var unread []uuid.UUID
	if err := y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select distinct c.debtor_id from correspondence c join debtor d on d.id = c.debtor_id
			where c.direction = 'in' and c.handled_at is null and d.administration_id = $1 and c.at < $2 order by 1`, b.id, y.clock.Now().Add(-20*time.Hour))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			unread = append(unread, id)
		}
		return rows.Err()
	}); err != nil {
		return err
	}
	for _, id := range unread {
		if err := y.steps.Answer(ctx, y.tenant, id, uuid.NullUUID{}, "Dank voor uw bericht; wij hebben het bekeken.", by); err != nil {
			return nil // the mail server was busy; tomorrow is a day too
		}
	}
	return nil
}
