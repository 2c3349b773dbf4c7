package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Conversation is the last that a debtor wrote.
type Conversation struct {
	Debtor  uuid.UUID `json:"debtor" format:"uuid"`
	Name    string    `json:"name"`
	Subject string    `json:"subject"`
	Invoice string    `json:"invoice,omitempty" doc:"The number of the invoice that it is about"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Waiting bool      `json:"waiting" doc:"For an answer; final notices and steps of a case wait for it too"`
	Dispute bool      `json:"dispute" doc:"Something is in dispute with this debtor"`
}

// Said is one word of a conversation.
type Said struct {
	ID        uuid.UUID  `json:"id" format:"uuid"`
	Direction string     `json:"direction" enum:"in,out"`
	Channel   string     `json:"channel" example:"email"`
	Author    string     `json:"author"`
	Subject   string     `json:"subject"`
	Text      string     `json:"text"`
	Invoice   *uuid.UUID `json:"invoice,omitempty" format:"uuid"`
	At        time.Time  `json:"at"`
	HandledAt *time.Time `json:"handled_at,omitempty" doc:"When somebody answered it, or found that it needs no answer"`
}

type conversationQuery struct {
	Paged
	State string `query:"state" enum:"waiting,disputes,answered" default:"waiting"`
}

type conversationList struct {
	Body struct {
		Items      []Conversation `json:"items"`
		NextCursor string         `json:"next_cursor,omitempty"`
	}
}

type saidList struct {
	Body struct {
		Items []Said `json:"items"`
	}
}

type answerIn struct {
	ByID
	Repeatable
	Body struct {
		Text    string     `json:"text" minLength:"1" maxLength:"5000"`
		Author  string     `json:"author" minLength:"1" maxLength:"80" doc:"Who signs it: the name of a person" example:"Anna"`
		Invoice *uuid.UUID `json:"invoice,omitempty" format:"uuid" doc:"The invoice that it is about"`
	}
}

func (h *hub) conversations() {
	const tag = "Conversations"
	register(h, operation{id: "list-conversations", method: http.MethodGet, path: "/conversations", tag: tag, scope: tenant.Read, summary: "List the debtors who wrote, who waits longest first"}, h.listConversations)
	register(h, operation{id: "get-conversation", method: http.MethodGet, path: "/debtors/{id}/conversation", tag: tag, scope: tenant.Read, summary: "List what was said with a debtor, the oldest first",
		description: "Besides the messages of the flow, which are with each invoice.", errors: []int{http.StatusNotFound}}, h.getConversation)
	register(h, operation{id: "answer-debtor", method: http.MethodPost, path: "/debtors/{id}/conversation", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Answer a debtor by e-mail",
		description: "What waited for an answer goes on.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.answerDebtor)
	register(h, operation{id: "end-conversation", method: http.MethodPost, path: "/debtors/{id}/conversation/done", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Say that what a debtor wrote needs no answer",
		description: "What waited for an answer goes on.", errors: []int{http.StatusNotFound}}, h.endConversation)
}

func (h *hub) listConversations(ctx context.Context, who actor, in *conversationQuery) (*conversationList, error) {
	out := &conversationList{}
	out.Body.Items = []Conversation{}
	tab := in.State
	if tab == "waiting" {
		tab = ""
	}
	q := db.ThreadsParams{Tab: tab, Most: int32(in.Limit) + 1}
	var from struct {
		Place  int64
		Debtor uuid.UUID
	}
	if some, err := in.unseal(&from); err != nil {
		return nil, err
	} else if some {
		q.FromPlace, q.FromID = &from.Place, from.Debtor
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.Threads(ctx, q)
		if err != nil {
			return fmt.Errorf("list conversations: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			from.Place, from.Debtor = rows[in.Limit-1].Place, rows[in.Limit-1].DebtorID
			out.Body.NextCursor = seal(from)
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, Conversation{Debtor: r.DebtorID, Name: r.Name, Subject: r.Subject, Invoice: r.Number, Text: r.Body, At: r.At.UTC(), Waiting: r.Waiting, Dispute: r.Disputed})
		}
		return nil
	})
}

func (h *hub) getConversation(ctx context.Context, who actor, in *ByID) (*saidList, error) {
	out := &saidList{}
	out.Body.Items = []Said{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Debtor(ctx, in.ID); err != nil {
			return err
		}
		rows, err := tx.CorrespondenceOf(ctx, in.ID)
		for _, r := range rows {
			s := Said{ID: r.ID, Direction: r.Direction, Channel: r.Channel, Author: r.Author, Subject: r.Subject, Text: r.Body, At: r.At.UTC(), HandledAt: moment(r.HandledAt)}
			if r.InvoiceID.Valid {
				s.Invoice = &r.InvoiceID.UUID
			}
			out.Body.Items = append(out.Body.Items, s)
		}
		return err
	})
}

func (h *hub) answerDebtor(ctx context.Context, who actor, in *answerIn) (*struct{}, error) {
	about := uuid.NullUUID{}
	if err := h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Debtor(ctx, in.ID); err != nil || in.Body.Invoice == nil {
			return err
		}
		i, err := tx.Invoice(ctx, *in.Body.Invoice)
		if err == nil && i.DebtorID != in.ID {
			err = fault.New(fault.Invalid, "invoice_of_another", "This invoice is not of this debtor.")
		}
		about = uuid.NullUUID{UUID: i.ID, Valid: true}
		return err
	}); err != nil {
		return nil, err
	}
	if err := h.Steps.Answer(ctx, who.tenant, in.ID, about, strings.TrimSpace(in.Body.Text), strings.TrimSpace(in.Body.Author)); err != nil {
		return nil, err
	}
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		now, err := tx.Now(ctx, h.Real)
		if err != nil {
			return err
		}
		return tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: who.by, Action: "answer", Subject: "debtor/" + in.ID.String(), Detail: []byte("{}")})
	})
}

func (h *hub) endConversation(ctx context.Context, who actor, in *repeatByID) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Debtor(ctx, in.ID); err != nil {
			return err
		}
		now, err := tx.Now(ctx, h.Real)
		if err != nil {
			return err
		}
		if err := tx.HandleCorrespondence(ctx, db.HandleCorrespondenceParams{DebtorID: in.ID, HandledAt: &now, HandledBy: who.by}); err != nil {
			return fmt.Errorf("mark the messages as read: %w", err)
		}
		return h.Planner.ReleaseAll(ctx, tx, dunning.OfDebtor, in.ID, receivable.Replied, who.by)
	})
}
