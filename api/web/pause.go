package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// pause is what the form of a pause asks.
type pause struct {
	reason receivable.HoldReason
	note   string
	until  date.Date // the last day; zero until somebody resumes
}

// pauseOf reads the form; what is wrong with it comes by field.
func pauseOf(v *visit, today date.Date) (p pause, wrong component.Errors) {
	wrong = component.Errors{}
	reason := v.r.FormValue("reason")
	i := slices.IndexFunc(invoice.PauseReasons, func(o component.Option) bool { return o.Value == reason })
	if i < 0 {
		wrong["reason"] = "Choose a reason from the list."
		return p, wrong
	}
	p.reason, p.note = receivable.Paused, invoice.PauseReasons[i].Label
	if reason == "dispute" {
		p.reason, p.note = receivable.Disputed, ""
	}
	if note := strings.TrimSpace(v.r.FormValue("note")); note != "" {
		p.note = joinNonEmpty(": ", p.note, cutText(note, 500))
	}
	if text := v.r.FormValue("until"); text != "" {
		until, err := date.Parse(text)
		switch {
		case err != nil:
			wrong["until"] = "Write the day as 2026-11-24, or choose it."
		case until.Before(today):
			wrong["until"] = "This day has passed. Choose today or later."
		default:
			p.until = until
		}
	}
	return p, wrong
}

// cutText shortens what somebody typed to a number of runes.
func cutText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// end is when the pause is over: when its last day is.
func (p pause) end(zone *time.Location) time.Time {
	if p.until.IsZero() {
		return time.Time{}
	}
	return p.until.AddDays(1).In(zone)
}

func (v *visit) pauseForm() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.pauseModel(id)
	if err != nil {
		return err
	}
	return v.show(invoice.Pause(m))
}

func (v *visit) pauseModel(id uuid.UUID) (m invoice.PauseModel, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		inv, err := tx.Invoice(ctx, id)
		if err != nil {
			return err
		}
		m = invoice.PauseModel{ID: id.String(), Number: inv.Number, Reason: v.r.FormValue("reason"), Note: v.r.FormValue("note"), Until: v.r.FormValue("until")}
		m.Frame, err = v.frame(tx, component.Invoices, "Pause "+inv.Number)
		return err
	})
	return m, err
}

func (v *visit) pause() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.pauseModel(id)
	if err != nil {
		return err
	}
	p, wrong := pauseOf(v, m.Frame.Today())
	if len(wrong) > 0 {
		m.Errors = wrong
		return v.again(invoice.Pause(m))
	}
	held, not, err := v.holdAll([]uuid.UUID{id}, p, m.Frame.Now.Location())
	if err != nil {
		return err
	}
	if len(not) > 0 {
		return fault.New(fault.Conflict, "not_paused", "%s", not[0].why)
	}
	return v.done("/invoices/"+id.String(), component.Flash{Tone: component.Green, Text: "Invoice " + m.Number + " is paused" + untilWords(m.Frame, p) + ".", Undo: undoToken(held)})
}

func untilWords(f component.Frame, p pause) string {
	if p.until.IsZero() {
		return " until you resume it"
	}
	return " through " + f.Weekday(p.until)
}

// holdAll pauses invoices. What cannot be paused, such as one invoice of a case
// with several, comes back with its reason; the others are paused.
func (v *visit) holdAll(ids []uuid.UUID, p pause, zone *time.Location) (held []uuid.UUID, not []notDone, err error) {
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		found, err := tx.InvoicesOf(ctx, ids)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errNotHere
		}
		slices.SortFunc(found, func(a, b db.Invoice) int { return strings.Compare(a.DebtorID.String(), b.DebtorID.String()) }) // in the order of the locks
		for _, inv := range found {
			id, err := v.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: inv.ID, Reason: p.reason, Note: p.note, Until: p.end(zone), By: v.member.Name})
			if f := fault.Of(err); err != nil && f.Kind == fault.Conflict { // said before anything was written
				not = append(not, notDone{inv.Number, f.Message})
				continue
			}
			if err != nil {
				return err
			}
			held = append(held, id)
		}
		return nil
	})
	return held, not, err
}

// notDone is what an action on many left alone, and why.
type notDone struct{ what, why string }

// saidOf tells what was left alone, the first few by name.
func saidOf(list []notDone) string {
	if len(list) == 0 {
		return ""
	}
	out := fmt.Sprintf(" %d %s not:", len(list), plural(len(list), "was", "were"))
	for i, n := range list {
		if i == 3 {
			return out + fmt.Sprintf(" And %d more.", len(list)-i)
		}
		out += " " + n.what + ". " + n.why
	}
	return out
}

// mostAtOnce is how many invoices one form may name: a page of the list.
const mostAtOnce = 200

func (v *visit) picked() ([]uuid.UUID, error) {
	_ = v.r.FormValue("reason") // reads the form
	ids := parseIDs(v.r.Form["id"])
	if len(ids) == 0 {
		return nil, fault.New(fault.Invalid, "nothing_picked", "Pick at least one invoice first.")
	}
	if len(ids) > mostAtOnce {
		return nil, fault.New(fault.Invalid, "too_many_picked", "Pick at most %d invoices at once.", mostAtOnce)
	}
	return ids, nil
}

func (v *visit) pauseMany() error {
	ids, err := v.picked()
	if err != nil {
		return v.done(back(v.r, "/invoices"), component.Flash{Tone: component.Amber, Text: fault.Of(err).Message})
	}
	var f component.Frame
	if err := v.read(func(_ context.Context, tx store.Tx) (err error) {
		f, err = v.frame(tx, component.Invoices, "")
		return err
	}); err != nil {
		return err
	}
	p, wrong := pauseOf(v, f.Today())
	for _, text := range wrong {
		return v.done(back(v.r, "/invoices"), component.Flash{Tone: component.Amber, Text: text})
	}
	held, not, err := v.holdAll(ids, p, f.Now.Location())
	if err != nil {
		return err
	}
	tone := component.Green
	if len(not) > 0 {
		tone = component.Amber
	}
	text := fmt.Sprintf("%d %s paused%s.", len(held), plural(len(held), "invoice is", "invoices are"), untilWords(f, p)) + saidOf(not)
	return v.done(back(v.r, "/invoices"), component.Flash{Tone: tone, Text: text, Undo: undoToken(held)})
}

// resume ends one hold, or all that a person may end on the invoice itself.
func (v *visit) resume() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	ended, err := v.release([]uuid.UUID{id}, v.r.FormValue("hold"))
	if err != nil {
		return err
	}
	f := component.Flash{Tone: component.Green, Text: "Resumed. The next step is planned again.", Undo: resumedToken(ended)}
	if len(ended) == 0 {
		f = component.Flash{Tone: component.Amber, Text: "There was nothing to resume."}
	}
	return v.done("/invoices/"+id.String(), f)
}

func (v *visit) resumeMany() error {
	ids, err := v.picked()
	if err != nil {
		return v.done(back(v.r, "/invoices"), component.Flash{Tone: component.Amber, Text: fault.Of(err).Message})
	}
	ended, err := v.release(ids, "")
	if err != nil {
		return err
	}
	n := len(ended)
	return v.done(back(v.r, "/invoices"), component.Flash{Tone: component.Green, Text: fmt.Sprintf("%d %s ended.", n, plural(n, "pause", "pauses")), Undo: resumedToken(ended)})
}

// release ends holds of invoices and returns them. A hold that a program set
// stays (R115).
func (v *visit) release(invoices []uuid.UUID, only string) (ended []db.Hold, err error) {
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Now(ctx, v.Real)
		if err != nil {
			return err
		}
		scopes := invoices
		if only != "" { // a hold of the debtor or the administration may be named
			if scopes, err = scopesOf(ctx, tx, invoices); err != nil {
				return err
			}
		}
		holds, err := tx.HoldsIn(ctx, scopes)
		if err != nil {
			return err
		}
		for _, h := range holds {
			if !inForce(h, now) || apiActor(h.CreatedBy) || slices.Contains(arranged, receivable.HoldReason(h.Reason)) || only != "" && h.ID.String() != only {
				continue
			}
			if err := v.Planner.Release(ctx, tx, h.ID, v.member.Name); err != nil {
				return err
			}
			ended = append(ended, h)
		}
		return nil
	})
	return ended, err
}

func scopesOf(ctx context.Context, tx store.Tx, invoices []uuid.UUID) (scopes []uuid.UUID, err error) {
	rows, err := tx.InvoicesOf(ctx, invoices)
	for _, r := range rows {
		scopes = append(scopes, r.ID, r.DebtorID, r.AdministrationID)
	}
	return scopes, err
}
