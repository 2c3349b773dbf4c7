package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// say plans a note to the bailiff, once for its key.
func (l *look) say(handover uuid.UUID, kind, text string, minor int64, on date.Date, key, by string) error {
	_, err := l.sayOnce(handover, kind, text, minor, on, key, by)
	return err
}

// sayOnce is say, and reports whether the note is a new one.
func (l *look) sayOnce(handover uuid.UUID, kind, text string, minor int64, on date.Date, key, by string) (bool, error) {
	currency := ""
	if minor != 0 {
		currency = string(l.file.Case.Currency)
	}
	n, err := l.tx.AddBailiffNote(l.ctx, db.AddBailiffNoteParams{
		ID: uuid.New(), TenantID: l.tx.Tenant, CaseID: l.file.Case.ID, HandoverID: handover, Direction: "out", Kind: kind, Text: text, AmountMinor: minor,
		Currency: currency, OnDay: on, ExternalID: key, Author: by, CreatedAt: l.now,
	})
	if err != nil {
		return false, fmt.Errorf("write to the bailiff: %w", err)
	}
	return n > 0, nil
}

// report tells the bailiff what happened with the case since it was handed over:
// payments on the day that we see them (R109), and every change of the claim.
func (l *look) report() error {
	h, err := l.tx.HandoverOf(l.ctx, l.file.Case.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return l.orphaned()
	}
	if err != nil {
		return fmt.Errorf("load the hand-over: %w", err)
	}
	if h.State != "sent" {
		return nil
	}
	notes, err := l.tx.BailiffNotes(l.ctx, l.file.Case.ID)
	if err != nil {
		return fmt.Errorf("load the notes: %w", err)
	}
	theirs := map[uuid.UUID]bool{} // money that a bailiff told us of
	for _, n := range notes {
		if n.PaymentID.Valid {
			theirs[n.PaymentID.UUID] = true
		}
	}
	left := fmt.Sprintf(" Open now: %s (principal %s, costs %s, interest %s).", l.amount(l.state.Total()), l.amount(l.state.Principal), l.amount(l.state.Costs), l.amount(l.state.Interest))
	for _, e := range l.events {
		if e.ID <= h.ToldEvent {
			continue // the dossier tells of it
		}
		key := fmt.Sprintf("event/%d", e.ID)
		switch e.Kind {
		case "payment":
			var t claim.Taken
			if err := json.Unmarshal(e.Detail, &t); err != nil {
				return fmt.Errorf("read a payment of a case: %w", err)
			}
			if theirs[t.Payment] {
				continue
			}
			var fresh bool
			if fresh, err = l.sayOnce(h.ID, "payment", e.Text+left, t.Amount, t.On, key, "voldaan"); err == nil && fresh {
				err = l.twice(notes, t)
			}
		case "corrected", "waived", "revived", "left", "reopened":
			err = l.say(h.ID, "correction", e.Text+left, 0, date.Date{}, key, e.Actor)
		case "legal_stop", "legal_stop_lifted":
			err = l.say(h.ID, "status", e.Text, 0, date.Date{}, key, e.Actor)
		case "closed":
			if err = l.say(h.ID, "closed", e.Text, 0, date.Date{}, key, e.Actor); err == nil {
				_, err = l.tx.EndHandover(l.ctx, db.EndHandoverParams{ID: h.ID, State: "ended", EndedAt: &l.now, EndedWhy: e.Text})
			}
		default:
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// orphaned takes a case back that was closed at the bailiff and is open again, such
// as by a charge-back (R91): the bailiff is done with it, and a person decides.
func (l *look) orphaned() error {
	if l.file.Case.State != "bailiff" {
		return nil
	}
	if err := l.back(voldaan); err != nil {
		return err
	}
	return l.task("ready_for_bailiff", "Case "+l.file.Case.Number+" is open again, and its bailiff has closed it",
		"What was paid was taken back. Hand the case over again, or pursue it yourself.")
}

// twice asks a person about money in the books that is as much as the bailiff
// reported, and does not say who paid it. Both count, since a debtor may pay twice.
func (l *look) twice(notes []db.BailiffNote, t claim.Taken) error {
	for _, n := range notes {
		if n.Booking == Booked && n.AmountMinor == t.Amount && !n.OnDay.After(t.On) && n.HandedOn == "" {
			return l.task("bailiff_payment", "Did the debtor of case "+l.file.Case.Number+" pay twice?", fmt.Sprintf(
				"The books have a payment of %s on %s, as much as the bailiff reported, and do not say that the bailiff handed it on. Both count. If it is the same money, take the bailiff's payment back.", l.amount(t.Amount), t.On))
		}
	}
	return nil
}

// Write sends the bailiff of a case a question, an answer or a status.
func (d *Desk) Write(ctx context.Context, tenant, id uuid.UUID, kind, text, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		h, err := l.tx.HandoverOf(ctx, id)
		if err != nil || h.State != "sent" {
			return fault.New(fault.Conflict, "not_handed_over", "No bailiff has this case.")
		}
		if strings.TrimSpace(text) == "" || kind != "question" && kind != "answer" && kind != "status" {
			return fault.New(fault.Invalid, "note", "Write a question, an answer or what happened.")
		}
		if err := l.say(h.ID, kind, text, 0, date.Date{}, uuid.NewString(), by); err != nil {
			return err
		}
		if err := finishTask(ctx, l.tx, "bailiff_note", id, l.now, by); err != nil {
			return err
		}
		return l.wakeNow("Word to the bailiff")
	})
}

// Hear records what the bailiff said, also when a person enters it from a letter
// or a call.
func (d *Desk) Hear(ctx context.Context, tenant, id uuid.UUID, n bailiff.Note, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		hs, err := l.tx.Handovers(ctx, id)
		if err != nil {
			return fmt.Errorf("load the hand-overs: %w", err)
		}
		if len(hs) == 0 {
			return fault.New(fault.Conflict, "not_handed_over", "No bailiff has, or had, this case.")
		}
		if n.ID == "" {
			n.ID = uuid.NewString()
		}
		return l.hear(hs[len(hs)-1].ID, n, by)
	})
}

// hear stores a note of the bailiff and does what follows from it.
func (l *look) hear(handover uuid.UUID, n bailiff.Note, by string) error {
	if _, known := bailiff.Kinds[n.Kind]; !known {
		n.Kind, n.Loose = "status", true
	}
	at, id := l.now, uuid.New()
	count, err := l.tx.AddBailiffNote(l.ctx, db.AddBailiffNoteParams{
		ID: id, TenantID: l.tx.Tenant, CaseID: l.file.Case.ID, HandoverID: handover, Direction: "in", Kind: n.Kind, Text: n.Text, AmountMinor: n.Minor, Currency: n.Currency,
		OnDay: n.On, ExternalID: n.ID, Author: by, CreatedAt: at, SentAt: &at, Reference: n.Reference,
	})
	if err != nil {
		return fmt.Errorf("store a note of the bailiff: %w", err)
	}
	if count == 0 {
		return nil // it came before
	}
	text := "The bailiff says (" + n.Kind + "): " + n.Text
	if n.Minor != 0 {
		text += " " + money.Of(n.Minor, money.Currency(n.Currency)).String()
	}
	if err := claim.Note(l.ctx, l.tx, l.file.Case.ID, l.now, "bailiff_"+n.Kind, by, text, nil); err != nil {
		return err
	}
	switch {
	case n.Kind == "payment":
		return l.reported(handover, id, n, by)
	case n.Kind == "question" || n.Kind == "costs" || n.Loose:
		return l.task("bailiff_note", "The bailiff wrote about case "+l.file.Case.Number, strings.TrimSpace(n.Text+" "+n.Doubt))
	case n.Kind != "closed":
		return nil
	}
	if _, err := l.tx.EndHandover(l.ctx, db.EndHandoverParams{ID: handover, State: "ended", EndedAt: &l.now, EndedWhy: n.Text}); err != nil {
		return fmt.Errorf("end the hand-over: %w", err)
	}
	if l.file.Case.State == "bailiff" {
		if err := l.back("voldaan"); err != nil {
			return err
		}
	}
	if l.file.Case.State == "closed" {
		return nil
	}
	if l.file.Policy.WatchAfter {
		on := date.Of(l.now.In(l.file.Zone).AddDate(0, l.file.Policy.MonitorMonths, 0))
		return l.watched(on, strings.TrimSpace("A bailiff could not collect it. "+n.Text), "voldaan")
	}
	return l.task("bailiff_note", "The bailiff closed case "+l.file.Case.Number, "Decide whether to watch the claim, to pursue it yourself or to give it up. "+n.Text)
}

// correspond sends what waits to the bailiffs of a case and asks what they have to
// say. It returns when to do so again, zero when nobody has the case.
func (d *Desk) correspond(ctx context.Context, tenant, id uuid.UUID, now time.Time) (again time.Time, err error) {
	var adm db.Administration
	var list []db.HandoversRow
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		c, err := tx.CaseByID(ctx, id)
		if err != nil {
			return err
		}
		if adm, err = tx.Administration(ctx, c.AdministrationID); err != nil {
			return err
		}
		list, err = tx.Handovers(ctx, id)
		return err
	}); err != nil {
		return again, fmt.Errorf("load the hand-overs: %w", err)
	}
	for _, h := range list {
		if h.SentAt == nil {
			continue
		}
		more, err := d.exchange(ctx, tenant, adm, h, now)
		if err != nil {
			return now.Add(hourly), err
		}
		if h.State == "sent" || more {
			wait := ask
			if !more && now.Sub(*h.SentAt) >= early {
				if wait, err = d.patience(ctx, tenant, h.BailiffID); err != nil {
					return again, err
				}
			}
			if at := now.Add(wait); again.IsZero() || at.Before(again) {
				again = at
			}
		}
	}
	return again, nil
}

// hourly is how soon a bailiff who could not be reached is tried again. For news of
// a case one is asked every few hours early on and while there is some. Later the
// cases of a bailiff take turns, so that one is asked about daily: what is said of
// any case is heard when it is asked for another.
const (
	hourly   = time.Hour
	ask      = 6 * time.Hour
	askLater = 24 * time.Hour
	early    = 7 * 24 * time.Hour
	turns    = 7 // at most so many days between two turns of a case
)

// patience is how long a case waits before its bailiff is asked for news again.
func (d *Desk) patience(ctx context.Context, tenant, bailiff uuid.UUID) (time.Duration, error) {
	var cases int64
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		cases, err = tx.CasesAtBailiff(ctx, bailiff)
		return err
	}); err != nil {
		return 0, fmt.Errorf("count the cases of the bailiff: %w", err)
	}
	return askLater * time.Duration(min(max(cases, 1), turns)), nil
}

func (d *Desk) exchange(ctx context.Context, tenant uuid.UUID, adm db.Administration, h db.HandoversRow, now time.Time) (more bool, err error) {
	var b db.Bailiff
	var notes []db.BailiffNote
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if b, err = tx.Bailiff(ctx, h.BailiffID); err != nil {
			return err
		}
		notes, err = tx.UnsentNotes(ctx, h.ID)
		return err
	}); err != nil {
		return false, fmt.Errorf("load the notes: %w", err)
	}
	if len(notes) == 0 && h.State != "sent" {
		return false, nil
	}
	way, err := d.Ways.To(b, adm, now)
	if err != nil {
		return false, err
	}
	number, err := d.number(ctx, tenant, h.CaseID)
	if err != nil {
		return false, err
	}
	for _, n := range notes {
		if err := d.write(ctx, tenant, way, number, n, now); err != nil {
			return true, err
		}
	}
	said, cursor, err := way.Collect(ctx, b.Cursor)
	if err != nil || cursor == b.Cursor {
		return false, err
	}
	for _, n := range said {
		if err := d.sort(ctx, tenant, b, n); err != nil {
			return true, err
		}
	}
	return true, d.Store.In(ctx, tenant, func(tx store.Tx) error {
		return tx.SetBailiffCursor(ctx, db.SetBailiffCursorParams{ID: b.ID, Cursor: cursor})
	})
}

// write brings one note. Of what may have left and cannot be asked after, a person
// is told; it is not sent again.
func (d *Desk) write(ctx context.Context, tenant uuid.UUID, way bailiff.Transport, number string, n db.BailiffNote, now time.Time) error {
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) error { return tx.TryNote(ctx, db.TryNoteParams{ID: n.ID, At: now}) }); err != nil {
		return fmt.Errorf("note that a note is tried: %w", err)
	}
	told := bailiff.Note{
		ID: n.ID.String(), Case: number, Kind: n.Kind, Text: n.Text, Minor: n.AmountMinor, Currency: n.Currency, On: n.OnDay, At: n.CreatedAt.UTC(), Handover: n.HandoverID, Tried: n.TriedAt != nil,
	}
	err := way.Tell(ctx, told)
	unknown := err != nil && fault.Of(err).Code == bailiff.Unknown
	problem := ""
	switch {
	case err != nil && !unknown:
		if nerr := d.Store.In(ctx, tenant, func(tx store.Tx) error {
			return tx.ForgetNoteTry(ctx, db.ForgetNoteTryParams{ID: n.ID, Problem: fault.Of(err).Message})
		}); nerr != nil {
			return nerr
		}
		return err
	case unknown && fault.Is(err, fault.Unavailable):
		return err
	case unknown:
		problem = "Nobody can tell whether this message arrived."
		if err := d.on(ctx, tenant, n.CaseID, func(l *look) error {
			return l.task("bailiff_trouble", "A message about case "+number+" may not have arrived", fault.Of(err).Message)
		}); err != nil {
			return err
		}
	}
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) error {
		return tx.MarkNoteSent(ctx, db.MarkNoteSentParams{ID: n.ID, SentAt: &now, LastError: problem})
	}); err != nil {
		return fmt.Errorf("note that the bailiff was told: %w", err)
	}
	return nil
}

func (d *Desk) number(ctx context.Context, tenant, id uuid.UUID) (number string, err error) {
	err = d.Store.In(ctx, tenant, func(tx store.Tx) error {
		c, err := tx.CaseByID(ctx, id)
		number = c.Number
		return err
	})
	return number, err
}

// sort files a note with the case that it names. Of one that names none of ours, a
// person is told.
func (d *Desk) sort(ctx context.Context, tenant uuid.UUID, b db.Bailiff, n bailiff.Note) error {
	var h db.HandoverByNumberRow
	err := d.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		h, err = tx.HandoverByNumber(ctx, db.HandoverByNumberParams{BailiffID: b.ID, Number: n.Case})
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		now, err := tx.Now(ctx, d.Real)
		if err != nil {
			return err
		}
		return addTask(ctx, tx, "bailiff_stray", b.ID, uuid.Nil, b.Name+" wrote about a case that is not with them", strings.TrimSpace(n.Case+" "+n.Text), now)
	})
	if err != nil {
		return fmt.Errorf("find the case of a note: %w", err)
	}
	if h.ID == uuid.Nil {
		return nil
	}
	return d.on(ctx, tenant, h.CaseID, func(l *look) error { return l.hear(h.ID, n, b.Name) })
}
