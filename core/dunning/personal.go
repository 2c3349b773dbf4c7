package dunning

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// SendCode sends a one-time code for the portal to the debtor's address on file.
// The code is not kept.
func (s *Steps) SendCode(ctx context.Context, tenant, debtor uuid.UUID, code string, minutes int) error {
	l, err := s.ledgerOf(ctx, tenant, debtor)
	if err != nil {
		return err
	}
	if l.email() == "" {
		return fault.New(fault.Conflict, "no_email", "There is no e-mail address of yours on file, so a code cannot be sent. Call or write to the company that sent you the message.")
	}
	now, err := s.nowOf(ctx, tenant)
	if err != nil {
		return err
	}
	c := l.content(policy.Step{}, parts{}, dateIn(now, l.zone))
	c.Step, c.Code = outreach.PortalCode, &outreach.Code{Value: code, Minutes: minutes}
	m, err := outreach.Render(c)
	if err != nil {
		return fmt.Errorf("write the code: %w", err)
	}
	return s.deliver(ctx, s.Post.seal(uuid.New(), c.Creditor, mail.Address{Name: l.debtor.Name, Address: l.email()}, m, nil, nil, now))
}

// Answer sends what a person wrote to a debtor, in the thread of the
// conversation, marks the debtor's messages as handled and lets the flow go on.
func (s *Steps) Answer(ctx context.Context, tenant, debtor uuid.UUID, invoice uuid.NullUUID, text, by string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return fault.New(fault.Invalid, "answer_empty", "Write an answer first.")
	}
	l, err := s.ledgerOf(ctx, tenant, debtor)
	if err != nil {
		return err
	}
	if l.email() == "" {
		return fault.New(fault.Conflict, "no_email", "There is no working e-mail address of this debtor. Call, or write a letter.")
	}
	now, err := s.nowOf(ctx, tenant)
	if err != nil {
		return err
	}
	var thread []string
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		thread, err = tx.ThreadOf(ctx, debtor)
		return err
	}); err != nil {
		return err
	}
	c := creditor(l.adm)
	id := uuid.New()
	m := outreach.Message{
		Subject: "Re: " + c.Name, Text: text + "\n\n" + by + "\n" + c.Name + "\n",
		HTML: "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>") + "</p><p>" + html.EscapeString(by) + "<br>" + html.EscapeString(c.Name) + "</p>",
	}
	if err := s.deliver(ctx, s.Post.seal(id, c, mail.Address{Name: l.debtor.Name, Address: l.email()}, m, thread, nil, now)); err != nil {
		return err
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		if err := tx.AddCorrespondence(ctx, db.AddCorrespondenceParams{
			ID: id, TenantID: tenant, DebtorID: debtor, InvoiceID: invoice, Direction: "out", Channel: "email", Author: by, Subject: m.Subject, Body: text, At: now,
		}); err != nil {
			return fmt.Errorf("file the answer: %w", err)
		}
		if err := tx.HandleCorrespondence(ctx, db.HandleCorrespondenceParams{DebtorID: debtor, HandledAt: &now, HandledBy: by}); err != nil {
			return err
		}
		return Planner{Real: s.Real}.ReleaseAll(ctx, tx, OfDebtor, debtor, receivable.Replied, by)
	})
}

// deliver hands over a message that demands nothing, so that a repeat does no
// harm.
func (s *Steps) deliver(ctx context.Context, sealed sealed) error {
	r, err := s.Post.hand(ctx, sealed, nil)
	if err != nil {
		return err
	}
	if r.Outcome != email.Accepted {
		return fault.New(fault.Unavailable, "mail_unavailable", "The mail server did not take the message. Please try again in a minute.").Because(errors.New(r.String()))
	}
	return nil
}

func (s *Steps) nowOf(ctx context.Context, tenant uuid.UUID) (now time.Time, err error) {
	err = s.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err = tx.Now(ctx, s.Real)
		return err
	})
	return now, err
}

func (s *Steps) ledgerOf(ctx context.Context, tenant, debtor uuid.UUID) (l *ledger, err error) {
	err = s.Store.In(ctx, tenant, func(tx store.Tx) error {
		ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{debtor})
		if err != nil {
			return err
		}
		if len(ledgers) == 0 {
			return fault.New(fault.NotFound, "debtor_not_found", "This debtor does not exist.")
		}
		l = ledgers[0]
		return nil
	})
	return l, err
}
