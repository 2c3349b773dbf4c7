package web

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/inbox"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) inboxRoutes() {
	s.look("GET /inbox", (*visit).inbox)
	s.look("GET /inbox/{debtor}", (*visit).inbox)
	s.act("POST /inbox/{debtor}/reply", (*visit).inboxReply)
	s.act("POST /inbox/{debtor}/done", (*visit).inboxDone)
	s.act("POST /disputes/{id}", (*visit).decideDispute)
}

func (v *visit) inbox() error {
	m, err := v.inboxModel()
	if err != nil {
		return err
	}
	return v.show(inbox.Page(m))
}

func (v *visit) inboxModel() (m inbox.Model, err error) {
	open := uuid.Nil
	if v.r.PathValue("debtor") != "" {
		if open, err = v.id("debtor"); err != nil {
			return m, err
		}
	}
	tab := v.r.URL.Query().Get("tab")
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Inbox, "Inbox"); err != nil {
			return err
		}
		if open != uuid.Nil {
			if m.Open, err = conversation(ctx, tx, m.Frame, open); err != nil {
				return err
			}
			tab = tabOf(m.Open)
		}
		counts, err := tx.ThreadCounts(ctx)
		if err != nil {
			return err
		}
		m.Tabs = []component.Tab{
			{Label: "Waiting", Href: "/inbox", Count: int(counts.Waiting), Tone: component.Amber, Active: tab == ""},
			{Label: "Disputes", Href: "/inbox?tab=disputes", Count: int(counts.Disputes), Tone: component.Amber, Active: tab == "disputes"},
			{Label: "Answered", Href: "/inbox?tab=answered", Active: tab == "answered"},
		}
		from, back := asked(v.r.URL.Query())
		params := db.ThreadsParams{Tab: tab, Back: back, Most: pageSize + 1}
		if from != nil {
			params.FromPlace, params.FromID = &from.Key, from.ID
		}
		rows, err := tx.Threads(ctx, params)
		if err != nil {
			return fmt.Errorf("list conversations: %w", err)
		}
		rows, m.Pager = page(rows, url.URL{Path: "/inbox", RawQuery: query("tab", tab)}, from, back, func(r db.ThreadsRow) place { return place{Key: r.Place, ID: r.DebtorID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "conversation", "conversations")
		for _, r := range rows {
			subject := r.Number
			if subject == "" {
				subject = r.Subject
			}
			m.Threads = append(m.Threads, inbox.Thread{
				ID: r.DebtorID.String(), Debtor: r.Name, Subject: subject, Snippet: cutText(r.Body, 120), At: r.At, Unread: r.Waiting, Dispute: r.Disputed, Selected: r.DebtorID == open,
			})
		}
		return nil
	})
	return m, err
}

// tabOf is the filter in which a conversation is found.
func tabOf(c *inbox.Conversation) string {
	switch {
	case c.Waiting:
		return ""
	case c.Dispute != nil && c.Dispute.Decided == "":
		return "disputes"
	}
	return "answered"
}

func conversation(ctx context.Context, tx store.Tx, f component.Frame, debtor uuid.UUID) (*inbox.Conversation, error) {
	d, err := tx.Debtor(ctx, debtor)
	if err != nil {
		return nil, err
	}
	c := &inbox.Conversation{ID: debtor.String(), Debtor: d.Name, Email: d.Email}
	talk, err := tx.CorrespondenceOf(ctx, debtor)
	if err != nil {
		return nil, fmt.Errorf("load the conversation: %w", err)
	}
	about := uuid.Nil
	for _, t := range talk {
		c.Messages = append(c.Messages, inbox.Message{Who: t.Author, Ours: t.Direction == "out", Via: viaWords[t.Channel], At: t.At, Text: t.Body})
		if t.Direction == "in" && t.HandledAt == nil {
			c.Waiting = true
		}
		if t.InvoiceID.Valid {
			about = t.InvoiceID.UUID
		}
	}
	disputes, err := tx.DisputesOfDebtor(ctx, debtor)
	if err != nil {
		return nil, fmt.Errorf("load disputes: %w", err)
	}
	if len(disputes) > 0 {
		c.Dispute = disputeCard(f, disputes[0])
		about = disputes[0].InvoiceID
	}
	if err := invoiceOf(ctx, tx, c, debtor, about); err != nil {
		return nil, err
	}
	holds, err := tx.HoldsIn(ctx, []uuid.UUID{debtor})
	for _, h := range holds {
		if h.Reason == string(receivable.Replied) && inForce(h, f.Now) && h.Until != nil {
			c.HeldUntil = date.Of(h.Until.In(f.Now.Location()))
		}
	}
	return c, err
}

func disputeCard(f component.Frame, d db.Dispute) *inbox.Dispute {
	card := &inbox.Dispute{
		ID: d.ID.String(), Reason: lowerFirst(strings.TrimSuffix(disputeReasons[d.Reason], ".")), Amount: money.Of(d.AmountMinor, d.Currency), Rest: money.Of(0, d.Currency), Deadline: d.Deadline,
	}
	if d.State != "open" && d.ResolvedAt != nil {
		card.Decided = disputeStates[d.State] + ", " + f.Moment(*d.ResolvedAt) + "."
	}
	return card
}

// invoiceOf is the invoice that a conversation is about, else the oldest open one.
func invoiceOf(ctx context.Context, tx store.Tx, c *inbox.Conversation, debtor, about uuid.UUID) error {
	open, err := tx.DebtorOpen(ctx, debtor)
	if err != nil {
		return fmt.Errorf("load the debtor's invoices: %w", err)
	}
	sum := money.Amount{}
	for i, o := range open {
		if next, err := sum.Add(money.Of(o.OpenMinor, o.Currency)); err == nil {
			sum = next
		}
		if i == 0 || o.ID == about {
			c.InvoiceID, c.Invoice, c.Phase = o.ID.String(), o.Number, phaseOf(o.Phase, o.Status, o.SourceSent)
		}
	}
	c.Open = sum
	if len(open) > 0 || about == uuid.Nil {
		return nil
	}
	inv, err := tx.Invoice(ctx, about)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	c.InvoiceID, c.Invoice, c.Phase, c.Open = inv.ID.String(), inv.Number, phaseOf("", inv.Status, inv.SentAt != nil), money.Of(inv.OpenMinor, inv.Currency)
	return err
}

func (v *visit) inboxReply() error {
	debtor, err := v.id("debtor")
	if err != nil {
		return err
	}
	m, err := v.inboxModel()
	if err != nil {
		return err
	}
	text := strings.TrimSpace(v.r.FormValue("text"))
	about := uuid.NullUUID{}
	if id, err := uuid.Parse(m.Open.InvoiceID); err == nil {
		about = uuid.NullUUID{UUID: id, Valid: true}
	}
	err = v.Steps.Answer(v.r.Context(), v.member.Tenant, debtor, about, text, v.member.Name)
	if f := fault.Of(err); err != nil && f.Kind != fault.Internal {
		m.Open.Reply = component.TextInput{Value: text, Error: f.Message}
		return v.again(inbox.Page(m))
	}
	if err != nil {
		return err
	}
	return v.done("/inbox/"+debtor.String(), component.Flash{Tone: component.Green, Text: "Your answer was sent."})
}

// inboxDone says that a message needs no answer: the flow goes on.
func (v *visit) inboxDone() error {
	debtor, err := v.id("debtor")
	if err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Now(ctx, v.Real)
		if err != nil {
			return err
		}
		if err := tx.HandleCorrespondence(ctx, db.HandleCorrespondenceParams{DebtorID: debtor, HandledAt: &now, HandledBy: v.member.Name}); err != nil {
			return fmt.Errorf("mark the messages as read: %w", err)
		}
		return v.Planner.ReleaseAll(ctx, tx, dunning.OfDebtor, debtor, receivable.Replied, v.member.Name)
	}); err != nil {
		return err
	}
	return v.done("/inbox", component.Flash{Tone: component.Green, Text: "Done. The reminders of this debtor go on."})
}

func (v *visit) decideDispute() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	text, agree := strings.TrimSpace(v.r.FormValue("text")), v.r.FormValue("decision") == "accept"
	if text == "" || !agree && v.r.FormValue("decision") != "reject" {
		return fault.New(fault.Invalid, "decision_empty", "Write what you tell the debtor, and choose what you decide.")
	}
	var d db.Dispute
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		d, err = tx.Dispute(ctx, id)
		return err
	}); err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		credit := money.Of(0, d.Currency)
		if agree {
			credit.Minor = d.AmountMinor
		}
		return v.Desk.Resolve(ctx, tx, arrangement.Resolution{Dispute: id, Credit: credit, Text: text, By: v.member.Name})
	}); err != nil {
		return err
	}
	return v.done("/inbox/"+d.DebtorID.String(), component.Flash{Tone: component.Green, Text: "Decided. The debtor is told by e-mail."})
}
