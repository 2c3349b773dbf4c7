package web

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
)

// mostSaid is how much of the conversation the page of a debtor shows; the rest is
// in the inbox.
const mostSaid = 3

// wishTitles and wishWhys say what a debtor objects to, and how we know.
var (
	wishTitles = map[string]string{"email": "No e-mail", "sms": "No text messages", "voice": "No calls"}
	wishWhys   = map[string]string{"unsubscribed": "The debtor said so", "complaint": "The debtor's mail program reported a message as spam"}
	wishNames  = map[string]string{"email": "e-mail", "sms": "text messages", "voice": "calls"}
	saidHow    = map[string]string{"email": "By e-mail", "portal": "On their page", "phone": "By telephone", "voice": "By telephone", "sms": "By text message", "letter": "By letter"}
)

// debtorSaid is what the debtor wrote and does not want (R59, R61).
func (v *visit) debtorSaid(ctx context.Context, tx store.Tx, m *deals.DebtorModel, id uuid.UUID) error {
	objections, err := tx.ObjectionsOf(ctx, id)
	if err != nil {
		return fmt.Errorf("load what the debtor objects to: %w", err)
	}
	for _, o := range objections {
		m.Wishes = append(m.Wishes, deals.Wish{Title: wishTitles[o.Channel], Why: wishWhys[o.Reason], At: o.At, Channel: wishNames[o.Channel]})
	}
	talk, err := tx.CorrespondenceOf(ctx, id)
	if err != nil {
		return fmt.Errorf("load the conversation: %w", err)
	}
	for _, c := range slices.Backward(talk) {
		if c.Direction != "in" || len(m.Said) == mostSaid {
			continue
		}
		how := saidHow[c.Channel]
		if how == "" {
			how = "They wrote"
		}
		m.Said = append(m.Said, deals.Said{How: how, Text: cutText(strings.Join(strings.Fields(c.Body), " "), 200), At: c.At, Unread: c.HandledAt == nil})
	}
	return nil
}

// debtorAgrees ends an objection, since the debtor said so to a person.
func (v *visit) debtorAgrees() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	said := v.r.FormValue("channel")
	for channel, name := range wishNames {
		if name != said {
			continue
		}
		if err := v.write(func(ctx context.Context, tx store.Tx) error {
			return v.Planner.Agree(ctx, tx, id, channel, v.member.Name)
		}); err != nil {
			return err
		}
		return v.done("/debtors/"+id.String(), component.Flash{Tone: component.Green, Text: "Noted. The debtor gets " + name + " again."})
	}
	return v.refusedOn(id, fault.New(fault.Invalid, "channel", "Choose the channel that the debtor wants again."))
}
