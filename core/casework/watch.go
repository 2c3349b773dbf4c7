package casework

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// ahead is how many days before limitation an interruption is proposed (R111).
const ahead = 90

// Watch parks a claim that could not be collected: nothing goes to the debtor, and
// a person is asked to look at it on a day and every some months after.
func (d *Desk) Watch(ctx context.Context, tenant, id uuid.UUID, on date.Date, why, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		if !on.After(l.today) {
			return fault.New(fault.Invalid, "look_on", "Choose a day in the future for the next look.")
		}
		if l.file.Case.State == "bailiff" {
			return fault.New(fault.Conflict, "with_bailiff", "A bailiff has this case. Recall it first.")
		}
		return l.watched(on, why, by)
	})
}

func (l *look) watched(on date.Date, why, by string) error {
	id := l.file.Case.ID
	n, err := l.tx.WatchCase(l.ctx, db.WatchCaseParams{ID: id, LookOn: on, LookWhy: why})
	if err != nil {
		return fmt.Errorf("watch the case: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "case_closed", "This case is closed; there is nothing to watch.")
	}
	for _, line := range l.state.Lines {
		if _, err := l.Planner.Hold(l.ctx, l.tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: line.Invoice, Reason: receivable.Paused, Note: strings.TrimSpace("The claim is watched. " + why), By: by, WholeCase: true}); err != nil {
			return err
		}
	}
	if err := finishTask(l.ctx, l.tx, "monitor_case", id, l.now, by); err != nil {
		return err
	}
	if err := claim.Note(l.ctx, l.tx, id, l.now, "watched", by, fmt.Sprintf("The claim is watched; the next look is on %s. %s", on, why), nil); err != nil {
		return err
	}
	return l.wakeNow("A claim is watched")
}

// watch asks a person to look at a claim that is watched, when its day has come.
func (l *look) watch(soon func(time.Time, string)) error {
	on := l.file.Case.LookOn
	if l.file.Case.State != "monitored" || on.IsZero() {
		return nil
	}
	if l.today.Before(on) {
		soon(on.At(hour, 0, l.file.Zone), "A claim that is watched is to be looked at")
		return nil
	}
	if err := l.task("monitor_case", "Look at case "+l.file.Case.Number+" again", "The claim could not be collected before. See whether that changed, and write to the debtor or watch on. "+l.file.Case.LookWhy); err != nil {
		return err
	}
	next := date.Of(l.now.In(l.file.Zone).AddDate(0, l.file.Policy.MonitorMonths, 0))
	if _, err := l.tx.WatchCase(l.ctx, db.WatchCaseParams{ID: l.file.Case.ID, LookOn: next, LookWhy: l.file.Case.LookWhy}); err != nil {
		return fmt.Errorf("set the next look: %w", err)
	}
	soon(next.At(hour, 0, l.file.Zone), "A claim that is watched is to be looked at")
	return nil
}

// limitation proposes an interruption when limitation comes near (R111).
func (l *look) limitation(soon func(time.Time, string)) error {
	if l.file.Case.State == "closed" || l.state.Total() == 0 {
		return nil
	}
	if err := l.acknowledged(); err != nil {
		return err
	}
	last, err := LimitedOn(l.ctx, l.tx, l.file)
	if err != nil || last.IsZero() {
		return err
	}
	if propose := last.AddDays(-ahead); l.today.Before(propose) {
		soon(propose.At(hour, 0, l.file.Zone), "Limitation comes near")
		// It may have been nearer before the debtor acknowledged the debt.
		return finishTask(l.ctx, l.tx, "interruption", l.file.Case.ID, l.now, "voldaan")
	}
	detail := "Send an interruption notice: it reserves the right to payment, and a new term begins. It goes by letter, and its proof is kept."
	if said := l.file.Pack.InterruptionText(""); !said.Interrupts {
		detail = fmt.Sprintf("By the law of %s a letter does not interrupt limitation. Ask the debtor for an acknowledgement in writing, or have a court asked for payment before that day.", l.file.Pack.Code())
	}
	return l.task("interruption", "The claim of case "+l.file.Case.Number+" lapses after "+last.String(), detail)
}

// Interrupt sends the debtor a notice that interrupts limitation, by letter where
// that reaches them (R111). Where no letter does by the law of the claim, it asks
// for an acknowledgement, and the task stays.
func (d *Desk) Interrupt(ctx context.Context, tenant, id uuid.UUID, by string) error {
	var w dunning.Word
	var said law.Interruption
	if err := d.on(ctx, tenant, id, func(l *look) (err error) {
		if l.file.Case.State == "closed" {
			return fault.New(fault.Conflict, "case_closed", "This case is closed; there is nothing to interrupt.")
		}
		if w, err = l.word(outreach.Interruption, fmt.Sprintf("case/%s/interruption/%s", id, l.today)); err != nil {
			return err
		}
		w.Channels = []policy.Channel{policy.Letter, policy.Email}
		w.Rule, w.Why = "R111", "A notice went out that interrupts limitation."
		said = l.file.Pack.InterruptionText("")
		if !said.Interrupts {
			w.Why = "An acknowledgement of the debt was asked for, since by this law no letter interrupts limitation."
		}
		return nil
	}); err != nil {
		return err
	}
	if _, err := d.Teller.Tell(ctx, tenant, w); err != nil {
		return err
	}
	return d.on(ctx, tenant, id, func(l *look) error {
		if !said.Interrupts {
			return claim.Note(ctx, l.tx, id, l.now, "acknowledgement", by, w.Why+" "+said.Explanation, nil)
		}
		if err := l.tx.InterruptCase(ctx, db.InterruptCaseParams{ID: id, InterruptedOn: l.today}); err != nil {
			return fmt.Errorf("note the interruption: %w", err)
		}
		if err := finishTask(ctx, l.tx, "interruption", id, l.now, by); err != nil {
			return err
		}
		if err := claim.Note(ctx, l.tx, id, l.now, "interrupted", by, "A notice that interrupts limitation went out.", nil); err != nil {
			return err
		}
		return l.wakeNow("Limitation was interrupted")
	})
}
