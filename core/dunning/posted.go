package dunning

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Posted records the day on which a printed letter was posted. The terms of a
// statutory notice count from that day, whatever was planned.
func (p Planner) Posted(ctx context.Context, tx store.Tx, message uuid.UUID, on date.Date, by string) error {
	m, now, err := p.letter(ctx, tx, message)
	if err != nil {
		return err
	}
	adm, err := tx.Administration(ctx, m.AdministrationID)
	if err != nil {
		return err
	}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return err
	}
	switch printed := dateIn(m.CreatedAt, zone); {
	case on.IsZero() || on.After(dateIn(now, zone)):
		return fault.New(fault.Invalid, "posted_day", "Give the day on which the letter was posted; it cannot be in the future.")
	case on.Before(printed):
		return fault.New(fault.Invalid, "posted_day", "The letter was made on %s, so it was not posted before that day.", printed)
	}
	if err := p.posted(ctx, tx, m, on, now); err != nil {
		return err
	}
	if err := addEvent(ctx, tx, m.ID, now, "posted", "on "+on.String()+", says "+by, "person"); err != nil {
		return err
	}
	return audit(ctx, tx, now, by, "letter_posted "+on.String(), "message/"+m.ID.String())
}

// Unposted takes back that a letter was posted. A notice starts no term until it
// is; one that a case was built on stays.
func (p Planner) Unposted(ctx context.Context, tx store.Tx, message uuid.UUID, by string) error {
	m, now, err := p.letter(ctx, tx, message)
	if err != nil {
		return err
	}
	if m.PostedOn.IsZero() {
		return fault.New(fault.Conflict, "letter_not_posted", "This letter was not marked as posted.")
	}
	if err := p.posted(ctx, tx, m, date.Date{}, now); err != nil {
		return err
	}
	if err := addEvent(ctx, tx, m.ID, now, "printed", "not posted after all, says "+by, "person"); err != nil {
		return err
	}
	return audit(ctx, tx, now, by, "letter_unposted", "message/"+m.ID.String())
}

// letter loads a letter under the lock of its debtor (I1).
func (p Planner) letter(ctx context.Context, tx store.Tx, message uuid.UUID) (m db.Message, now time.Time, err error) {
	m, err = tx.Message(ctx, message)
	if err != nil || m.Channel != string(policy.Letter) {
		return m, now, fault.New(fault.NotFound, "letter_not_found", "This letter does not exist.").Because(err)
	}
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{m.DebtorID}); err != nil {
		return m, now, fmt.Errorf("lock the debtor: %w", err)
	}
	now, err = tx.Now(ctx, p.Real)
	return m, now, err
}

// posted sets the day of posting, none with a zero day, and moves the terms of the
// notice that the letter is.
func (p Planner) posted(ctx context.Context, tx store.Tx, m db.Message, on date.Date, now time.Time) error {
	n, err := tx.SetPostedOn(ctx, db.SetPostedOnParams{ID: m.ID, PostedOn: on})
	if err != nil {
		return fmt.Errorf("record the day of posting: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "letter_over", "This letter came back or was withdrawn, so it has no day of posting.")
	}
	notice, err := tx.NoticeOfMessage(ctx, nullID(m.ID))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load the notice of letter %s: %w", m.ID, err)
	}
	move := db.MoveNoticeParams{ID: notice.ID, PostedOn: notice.PostedOn, ReceivedOn: notice.ReceivedOn, TermLastDay: notice.TermLastDay, CostsFrom: notice.CostsFrom, AwaitsPost: true}
	if !on.IsZero() {
		pack, err := law.Pack(notice.Law)
		if err != nil {
			return err
		}
		term, err := pack.NoticeTerm(law.Delivery{Kind: notice.Kind, Sent: on, Channel: law.Post})
		if err != nil {
			return fmt.Errorf("compute the term of a notice posted on %s: %w", on, err)
		}
		move = db.MoveNoticeParams{ID: notice.ID, PostedOn: on, ReceivedOn: term.Received, TermLastDay: term.LastDayRolled, CostsFrom: term.CostsFrom}
	}
	if err := tx.MoveNotice(ctx, move); err != nil {
		return fmt.Errorf("move the term of a notice: %w", err)
	}
	invoices, err := tx.InvoicesOfNotice(ctx, notice.ID)
	if err != nil {
		return fmt.Errorf("load the invoices of a notice: %w", err)
	}
	return p.Replan(ctx, tx, invoices)
}

// Returned records a letter that came back (R57): its address gets no more
// letters, somebody traces the debtor, and a notice that it was has no effect.
func (p Planner) Returned(ctx context.Context, tx store.Tx, message uuid.UUID, reason, by string) error {
	m, now, err := p.letter(ctx, tx, message)
	if err != nil {
		return err
	}
	if m.State != "sent" || m.Delivery == "returned" {
		return fault.New(fault.Conflict, "letter_over", "This letter was not sent, or came back before.")
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{m.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return err
	}
	if err := p.returned(ctx, tx, m, ledgers[0], reason, now); err != nil {
		return err
	}
	if err := tx.MarkDelivery(ctx, db.MarkDeliveryParams{ID: m.ID, Delivery: "returned", Evidence: []byte("{}")}); err != nil {
		return fmt.Errorf("record the returned letter: %w", err)
	}
	if err := addEvent(ctx, tx, m.ID, now, "returned", reason, "person"); err != nil {
		return err
	}
	return audit(ctx, tx, now, by, "letter_returned", "message/"+m.ID.String())
}

func (p Planner) returned(ctx context.Context, tx store.Tx, m db.Message, l *ledger, reason string, now time.Time) error {
	// The address that the letter bore; the books may have a new one by now.
	if l.debtor.Line1 != "" && (m.Recipient == "" || containsLine(m.Recipient, l.debtor.Line1)) {
		if err := tx.BlockAddress(ctx, db.BlockAddressParams{TenantID: tx.Tenant, DebtorID: m.DebtorID, Channel: "letter", Address: l.debtor.Line1, Reason: reason, At: now}); err != nil {
			return fmt.Errorf("block an address: %w", err)
		}
	}
	if err := addTask(ctx, tx, l, "trace_address", m.DebtorID, "Trace the address of a debtor", "A letter came back: "+reason, now); err != nil {
		return err
	}
	if err := p.voidOfLetter(ctx, tx, m, now, "The letter came back, so that the debtor did not get it (R56, R57)."); err != nil {
		return err
	}
	if err := tx.MarkDelivery(ctx, db.MarkDeliveryParams{ID: m.ID, Delivery: "returned", Evidence: []byte("{}")}); err != nil {
		return fmt.Errorf("record the returned letter: %w", err)
	}
	return p.redo(ctx, tx, m, comeback{rule: "R57", why: "The letter came back. The step is taken again by another way."})
}

// voidOfLetter takes the effect of the notice away that a letter was: its term has
// not started (R56). It is sent again when there is a way.
func (p Planner) voidOfLetter(ctx context.Context, tx store.Tx, m db.Message, now time.Time, why string) error {
	if err := fee.Drop(ctx, tx, m.ID, why, now); err != nil {
		return err
	}
	notice, err := tx.NoticeOfMessage(ctx, nullID(m.ID))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load the notice of letter %s: %w", m.ID, err)
	}
	if err := tx.VoidNotice(ctx, db.VoidNoticeParams{ID: notice.ID, VoidAt: &now, VoidWhy: why}); err != nil {
		return fmt.Errorf("void a notice: %w", err)
	}
	covered, err := tx.InvoicesOfNotice(ctx, notice.ID)
	if err != nil {
		return fmt.Errorf("load the invoices of a notice: %w", err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{m.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return err
	}
	l := ledgers[0]
	for _, id := range covered {
		it := l.item(id)
		if it == nil || it.state == nil || closed(it) {
			continue
		}
		if it.claim != nil {
			if err := addTask(ctx, tx, l, "notice_void", id, "The statutory notice of invoice "+it.invoice.Number+" did not arrive", why+" The invoice is in a case. Decide whether the case stands.", now); err != nil {
				return err
			}
			continue
		}
		if err := renew(ctx, tx, it, policy.StepID(m.Step)); err != nil {
			return err
		}
		if err := decide(ctx, tx, it, decision{step: m.Step, outcome: "dropped", rule: "R56", why: why, at: now}); err != nil {
			return err
		}
	}
	rows, err := p.plansAfter(ctx, tx, l, now)
	if err != nil {
		return err
	}
	return writePlans(ctx, tx, rows)
}

func (p Planner) plansAfter(ctx context.Context, tx store.Tx, l *ledger, now time.Time) ([]plannedRow, error) {
	scale, err := tx.Scale(ctx)
	if err != nil {
		return nil, err
	}
	return p.plans(ctx, tx, l, scale, now, uuid.Nil, func(it *item) bool { return it.state != nil })
}

func containsLine(recipient, line string) bool { return strings.Contains(recipient, line) }
