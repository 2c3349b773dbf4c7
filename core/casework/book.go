package casework

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// What became of money that a bailiff reports.
const (
	Booked  = "booked"
	Waiting = "waiting" // for a person
	Refused = "refused"
)

// reported books money that a bailiff says the debtor paid there. What does not fit
// waits for a person (R30, R109).
func (l *look) reported(handover, note uuid.UUID, n bailiff.Note, by string) error {
	h, err := l.tx.Handover(l.ctx, handover)
	if err != nil {
		return fmt.Errorf("load the hand-over: %w", err)
	}
	if n.Reference != "" {
		before, err := l.tx.NotesOfReference(l.ctx, db.NotesOfReferenceParams{BailiffID: h.BailiffID, Reference: n.Reference, ID: note})
		if err != nil {
			return fmt.Errorf("look for the reference of a payment: %w", err)
		}
		if len(before) > 0 {
			return l.again(n, note, before[0])
		}
	}
	doubt, err := l.doubt(h, n)
	if err != nil {
		return err
	}
	if doubt == "" {
		return l.book(h, note, n.ID, n.Reference, money.Of(n.Minor, money.Currency(n.Currency)), n.On, by)
	}
	if err := l.tx.SetNoteBooking(l.ctx, db.SetNoteBookingParams{ID: note, Booking: Waiting, BookingWhy: doubt}); err != nil {
		return fmt.Errorf("let a payment wait: %w", err)
	}
	return l.task("bailiff_payment", "Confirm a payment that the bailiff of case "+l.file.Case.Number+" reports", doubt+" "+n.Text)
}

// again is money under a reference that was reported before: the same money, unless
// it is said to be another amount.
func (l *look) again(n bailiff.Note, note uuid.UUID, before db.BailiffNote) error {
	if before.AmountMinor == n.Minor && before.Currency == n.Currency && before.CaseID == l.file.Case.ID {
		if err := l.tx.SetNoteBooking(l.ctx, db.SetNoteBookingParams{ID: note, Booking: Refused, BookingWhy: "It is the same money as before, " + n.Reference + "."}); err != nil {
			return fmt.Errorf("note that a payment came twice: %w", err)
		}
		return nil
	}
	why := "The bailiff reported reference " + n.Reference + " before, with another amount or for another case."
	if err := l.tx.SetNoteBooking(l.ctx, db.SetNoteBookingParams{ID: note, Booking: Waiting, BookingWhy: why}); err != nil {
		return fmt.Errorf("let a payment wait: %w", err)
	}
	return l.task("bailiff_payment", "Confirm a payment that the bailiff of case "+l.file.Case.Number+" reports", why+" "+n.Text)
}

// doubt is why money is not booked by itself; none when it fits.
func (l *look) doubt(h db.HandoverRow, n bailiff.Note) (string, error) {
	cur := string(l.file.Case.Currency)
	switch {
	case n.Doubt != "":
		return n.Doubt, nil
	case n.Minor <= 0:
		return "No amount is given.", nil
	case n.Currency != cur:
		return "It is in " + n.Currency + ", and the claim is in " + cur + ".", nil
	case n.On.IsZero():
		return "No day is given.", nil
	case n.On.After(l.today) || h.SentAt == nil || n.On.Before(date.Of(h.SentAt.In(l.file.Zone))):
		return "It is of " + n.On.String() + ", when the bailiff did not have the case.", nil
	case h.State != "sent":
		return "The bailiff does not have the case any more.", nil
	case h.PaysTo != "bailiff":
		return "It was agreed that the debtor pays to you, so this may be a payment that you know of.", nil
	}
	then, err := l.file.Today(n.On)
	if err != nil {
		return "", err
	}
	if n.Minor > then.Total() {
		return "It is more than was owed on that day, " + l.amount(then.Total()) + ".", nil
	}
	like, err := l.tx.PaymentsLike(l.ctx, db.PaymentsLikeParams{CaseID: l.file.Case.ID, Currency: cur, Amount: n.Minor, DebtorID: l.file.Case.DebtorID, OnDay: n.On, Reference: n.Reference})
	if err != nil {
		return "", fmt.Errorf("look for the payment: %w", err)
	}
	if like > 0 {
		return "A payment of the same amount is known from about that day; it may be the same money.", nil
	}
	return "", nil
}

// book puts money into the sub-ledger: it settles the invoices of the case from
// the oldest, and the law moves from there what goes to costs and interest.
func (l *look) book(h db.HandoverRow, note uuid.UUID, key, reference string, amount money.Amount, on date.Date, by string) error {
	b, err := l.tx.Bailiff(l.ctx, h.BailiffID)
	if err != nil {
		return fmt.Errorf("load the bailiff: %w", err)
	}
	r := l.receipt(h, note, key)
	r.Amount, r.ValueDate, r.CounterName = amount, on, b.Name
	r.Reference = strings.TrimSpace(l.file.Case.Number + " " + cmp.Or(reference, h.Reference))
	rest := amount.Minor
	for _, line := range l.state.Lines {
		if part := min(rest, line.Open); part > 0 {
			rest -= part
			r.Allocations = append(r.Allocations, payment.Allocation{Invoice: line.Invoice, Amount: money.Of(part, amount.Currency), Method: "bailiff"})
		}
	}
	if err := payment.Elsewhere(l.ctx, l.tx, l.Planner, r); err != nil {
		return err
	}
	if err := l.tx.SetNoteBooking(l.ctx, db.SetNoteBookingParams{ID: note, Booking: Booked, BookingWhy: "Booked by " + by + ".", PaymentID: nullID(r.ID)}); err != nil {
		return fmt.Errorf("note that a payment was booked: %w", err)
	}
	if err := claim.Note(l.ctx, l.tx, l.file.Case.ID, l.now, "bailiff_paid", by, fmt.Sprintf("%s received %s on %s; it is booked.", b.Name, amount, on), map[string]any{"payment": r.ID, "note": note}); err != nil {
		return err
	}
	return l.reload(l.file.Case.ID)
}

func (l *look) receipt(h db.HandoverRow, note uuid.UUID, key string) payment.Receipt {
	return payment.Receipt{
		ID: uuid.NewSHA1(note, []byte("payment")), Administration: l.file.Case.AdministrationID, Debtor: uuid.NullUUID{UUID: l.file.Case.DebtorID, Valid: true},
		Source: "bailiff", ExternalID: h.ID.String() + "/" + key, SeenAt: l.now,
	}
}

// Received is money that a person confirms; what is not given is as reported.
type Received struct {
	Minor int64
	On    date.Date
}

// Book books money that waits for a person.
func (d *Desk) Book(ctx context.Context, tenant, id, note uuid.UUID, q Received, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		n, h, err := l.waiting(note)
		if err != nil {
			return err
		}
		if q.Minor == 0 {
			q.Minor = n.AmountMinor
		}
		if q.On.IsZero() {
			q.On = n.OnDay
		}
		switch {
		case q.Minor <= 0:
			return fault.New(fault.Invalid, "amount", "Give the amount that the bailiff received.")
		case q.On.IsZero() || q.On.After(l.today):
			return fault.New(fault.Invalid, "day", "Give the day on which the bailiff received it, not later than today.")
		}
		if err := l.book(h, n.ID, n.ExternalID, n.Reference, money.Of(q.Minor, l.file.Case.Currency), q.On, by); err != nil {
			return err
		}
		return l.decided(by, "bailiff_payment_booked")
	})
}

// Refuse says that money which waits for a person is not to be booked.
func (d *Desk) Refuse(ctx context.Context, tenant, id, note uuid.UUID, why, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		n, _, err := l.waiting(note)
		if err != nil {
			return err
		}
		if strings.TrimSpace(why) == "" {
			return fault.New(fault.Invalid, "why", "Say why it is not booked; the reason stays on record.")
		}
		if err := l.tx.SetNoteBooking(ctx, db.SetNoteBookingParams{ID: n.ID, Booking: Refused, BookingWhy: "Not booked, says " + by + ": " + why}); err != nil {
			return fmt.Errorf("refuse a payment: %w", err)
		}
		return l.decided(by, "bailiff_payment_refused")
	})
}

// TakeBack undoes money of a bailiff that was booked, such as when the bailiff gave
// it back to the debtor.
func (d *Desk) TakeBack(ctx context.Context, tenant, id, note uuid.UUID, why, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		n, h, err := l.noteOf(note)
		switch {
		case err != nil:
			return err
		case n.Booking != Booked:
			return fault.New(fault.Conflict, "not_booked", "This payment is not booked; there is nothing to take back.")
		case strings.TrimSpace(why) == "":
			return fault.New(fault.Invalid, "why", "Say why it is taken back; the reason stays on record.")
		}
		r := l.receipt(h, n.ID, n.ExternalID)
		for _, i := range l.file.Invoices {
			r.Allocations = append(r.Allocations, payment.Allocation{Invoice: i.InvoiceID})
		}
		if err := payment.TakeBack(ctx, l.tx, d.Planner, r); err != nil {
			return err
		}
		if err := l.tx.SetNoteBooking(ctx, db.SetNoteBookingParams{ID: n.ID, Booking: Refused, BookingWhy: "Taken back by " + by + ": " + why, PaymentID: n.PaymentID}); err != nil {
			return fmt.Errorf("take a payment back: %w", err)
		}
		return l.decided(by, "bailiff_payment_taken_back")
	})
}

// noteOf is a note of the bailiff with the hand-over that it is about.
func (l *look) noteOf(note uuid.UUID) (n db.BailiffNote, h db.HandoverRow, err error) {
	if n, err = l.tx.BailiffNote(l.ctx, note); errors.Is(err, pgx.ErrNoRows) || err == nil && n.CaseID != l.file.Case.ID {
		return n, h, fault.New(fault.NotFound, "note_not_found", "This note is not of this case.")
	}
	if err != nil {
		return n, h, fmt.Errorf("load a note: %w", err)
	}
	if h, err = l.tx.Handover(l.ctx, n.HandoverID); err != nil {
		return n, h, fmt.Errorf("load the hand-over: %w", err)
	}
	return n, h, nil
}

func (l *look) waiting(note uuid.UUID) (db.BailiffNote, db.HandoverRow, error) {
	n, h, err := l.noteOf(note)
	if err == nil && n.Booking != Waiting {
		err = fault.New(fault.Conflict, "not_waiting", "This payment does not wait for a decision.")
	}
	return n, h, err
}

// decided ends the task about money when none waits any more.
func (l *look) decided(by, action string) error {
	id := l.file.Case.ID
	if err := audit(l.ctx, l.tx, l.now, by, action, id); err != nil {
		return err
	}
	left, err := l.tx.WaitingBookings(l.ctx, id)
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	if left == 0 {
		if err := finishTask(l.ctx, l.tx, "bailiff_payment", id, l.now, by); err != nil {
			return err
		}
	}
	return l.wakeNow("Money of a bailiff was decided on")
}
