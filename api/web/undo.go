package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// undoing says how to take back what a form did. It travels in the page: who
// sends another one does no more than the forms let them do.
type undoing struct {
	Holds   []uuid.UUID   `json:"h,omitempty"` // pauses to end
	Out     []uuid.UUID   `json:"o,omitempty"` // invoices that were left out of today's messages
	Resumed []paused      `json:"r,omitempty"` // pauses to set again
	Steps   []uuid.UUID   `json:"s,omitempty"` // invoices whose next step was approved
	Stop    uuid.UUID     `json:"l,omitzero"`  // a legal stop that was recorded
	Lifted  uuid.UUID     `json:"e,omitzero"`  // a legal stop that was lifted
	Debtor  uuid.UUID     `json:"d,omitzero"`
	Profile *flow.Profile `json:"p,omitempty"` // what was chosen for the debtor before
}

// token is the undoing as a page carries it; "" when it is too long for a cookie.
func (u undoing) token() string {
	if len(u.Holds)+len(u.Out)+len(u.Resumed)+len(u.Steps) > 40 {
		return ""
	}
	b, err := json.Marshal(u)
	if err != nil || len(b) > 2000 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// undoToken names the holds that a pause set, so that they can be taken back.
func undoToken(holds []uuid.UUID) string {
	if len(holds) == 0 {
		return ""
	}
	return undoing{Holds: holds}.token()
}

// undo takes back what a token names, as far as it still stands.
func (v *visit) undo() error {
	b, err := base64.RawURLEncoding.DecodeString(v.r.FormValue("token"))
	var u undoing
	if err != nil || json.Unmarshal(b, &u) != nil {
		return errNotHere
	}
	said := ""
	if err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) (err error) {
		switch {
		case u.Profile != nil:
			said = "Taken back. What is open is planned again."
			_, err = flow.SetProfile(ctx, tx, u.Debtor, *u.Profile, act)
		case u.Stop != uuid.Nil:
			said = "Taken back. The flow goes on where it was."
			err = v.Desk.TakeBackStop(ctx, tx, u.Stop, v.member.Name)
		case u.Lifted != uuid.Nil:
			said = "The legal stop is on record again; all pressure on this debtor has stopped."
			_, err = v.Desk.RestoreStop(ctx, tx, u.Lifted, v.member.Name)
		case len(u.Steps) > 0:
			var back []uuid.UUID
			back, err = v.Planner.TakeBackApproval(ctx, tx, u.Steps, v.member.Name)
			said = fmt.Sprintf("Taken back: %d %s for a person again.", len(back), plural(len(back), "step waits", "steps wait"))
		case len(u.Out) > 0:
			said, err = v.undoLeaveOut(ctx, tx, u.Out)
		case len(u.Resumed) > 0:
			said, err = v.undoResume(ctx, tx, u.Resumed)
		default:
			said, err = v.undoPause(ctx, tx, u.Holds)
		}
		return err
	}); err != nil {
		return err
	}
	return v.done(local(refererPath(v.r), "/invoices"), component.Flash{Text: said})
}

// undoPause ends pauses, those that this member set.
func (v *visit) undoPause(ctx context.Context, tx store.Tx, ids []uuid.UUID) (string, error) {
	n := 0
	for _, id := range ids {
		h, err := tx.Hold(ctx, id)
		if err != nil || h.ReleasedAt != nil || h.CreatedBy != v.member.Name {
			continue
		}
		if err := v.Planner.Release(ctx, tx, id, v.member.Name); err != nil {
			return "", err
		}
		n++
	}
	return fmt.Sprintf("Taken back: %d %s.", n, plural(n, "pause", "pauses")), nil
}

// paused is a pause as it was, to set it again.
type paused struct {
	Scope  string    `json:"s"`
	ID     uuid.UUID `json:"i"`
	Reason string    `json:"r"`
	Note   string    `json:"n,omitempty"`
	Until  time.Time `json:"u,omitzero"`
}

func pausedOf(h db.Hold) paused {
	p := paused{Scope: h.Scope, ID: h.ScopeID, Reason: h.Reason, Note: h.Note}
	if h.Until != nil {
		p.Until = *h.Until
	}
	return p
}

// byHand are the reasons for which a person pauses.
var byHand = []receivable.HoldReason{receivable.Paused, receivable.RemindersPaused, receivable.Disputed}

// undoResume pauses again what was resumed.
func (v *visit) undoResume(ctx context.Context, tx store.Tx, list []paused) (string, error) {
	for _, p := range list {
		reason := receivable.HoldReason(p.Reason)
		if !slices.Contains(byHand, reason) {
			return "", fault.New(fault.Invalid, "undo_pause", "This pause cannot be set again from here. Pause it anew.")
		}
		if _, err := v.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.Scope(p.Scope), ID: p.ID, Reason: reason, Note: p.Note, Until: p.Until, By: v.member.Name}); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("Paused again: %d %s.", len(list), plural(len(list), "pause", "pauses")), nil
}

// undoLeaveOut puts invoices back into the messages of today.
func (v *visit) undoLeaveOut(ctx context.Context, tx store.Tx, ids []uuid.UUID) (string, error) {
	n := 0
	for _, id := range ids {
		back, err := v.Planner.PutBack(ctx, tx, id, v.member.Name)
		if err != nil {
			return "", err
		}
		if back {
			n++
		}
	}
	return fmt.Sprintf("Taken back: %d %s in today's messages again.", n, plural(n, "invoice is", "invoices are")), nil
}

// resumedToken takes a resumption back, where all of it can be set again.
func resumedToken(list []db.Hold) string {
	u := undoing{}
	for _, h := range list {
		if !slices.Contains(byHand, receivable.HoldReason(h.Reason)) {
			return ""
		}
		u.Resumed = append(u.Resumed, pausedOf(h))
	}
	if len(u.Resumed) == 0 {
		return ""
	}
	return u.token()
}
