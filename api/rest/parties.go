package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

func isProgram(by string) bool { return strings.HasPrefix(by, api.ByProgram) }

// Debtor is who owes.
type Debtor struct {
	ID             uuid.UUID `json:"id" format:"uuid"`
	Administration uuid.UUID `json:"administration" format:"uuid"`
	ExternalID     string    `json:"external_id" doc:"Its id in the books"`
	Name           string    `json:"name"`
	Kind           string    `json:"kind" enum:"business,consumer,unknown"`
	Email          string    `json:"email"`
	Phone          string    `json:"phone"`
	Address        Address   `json:"address"`
	Language       string    `json:"language" doc:"BCP 47, empty when not known"`
	Open           []Amount  `json:"open" doc:"What is open, per currency"`
	OpenInvoices   int       `json:"open_invoices"`
	Holds          []Hold    `json:"holds" doc:"Holds on the whole debtor"`
}

// Address is a postal address.
type Address struct {
	Line1      string `json:"line1"`
	Line2      string `json:"line2"`
	PostalCode string `json:"postal_code"`
	City       string `json:"city"`
	Country    string `json:"country" doc:"ISO 3166-1 alpha-2"`
}

type oneDebtor struct{ Body Debtor }

func (h *hub) debtors() {
	register(h, operation{id: "get-debtor", method: http.MethodGet, path: "/debtors/{id}", tag: "Debtors", scope: tenant.Read, summary: "Get a debtor", errors: []int{http.StatusNotFound}}, h.getDebtor)
	h.erasures()
}

func (h *hub) getDebtor(ctx context.Context, who actor, in *ByID) (*oneDebtor, error) {
	out := &oneDebtor{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		d, err := tx.Debtor(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body = Debtor{
			ID: d.ID, Administration: d.AdministrationID, ExternalID: d.ExternalID, Name: d.Name, Kind: d.Kind, Email: d.Email, Phone: d.Phone, Language: d.Language,
			Address: Address{Line1: d.Line1, Line2: d.Line2, PostalCode: d.PostalCode, City: d.City, Country: d.Country}, Open: []Amount{}, Holds: []Hold{},
		}
		sums, err := tx.DebtorSums(ctx, in.ID)
		if err != nil {
			return fmt.Errorf("sum what is open: %w", err)
		}
		for _, s := range sums {
			out.Body.Open = append(out.Body.Open, amountOf(s.Open, s.Currency))
			out.Body.OpenInvoices += int(s.Invoices)
		}
		holds, err := tx.HoldsIn(ctx, []uuid.UUID{in.ID})
		for _, x := range holds {
			out.Body.Holds = append(out.Body.Holds, holdOf(x))
		}
		return err
	})
}

// Message is a message as it was sent.
type Message struct {
	ID        uuid.UUID          `json:"id" format:"uuid"`
	Debtor    uuid.UUID          `json:"debtor" format:"uuid"`
	Step      string             `json:"step"`
	Channel   string             `json:"channel" enum:"email,letter,sms,voice,task"`
	State     string             `json:"state" enum:"gated,handing_over,sent,failed,uncertain,dropped"`
	Delivery  string             `json:"delivery" enum:",accepted,bounced,soft_bounced,printed"`
	Language  string             `json:"language"`
	Template  string             `json:"template" doc:"The template and its version"`
	Recipient string             `json:"recipient"`
	Subject   string             `json:"subject"`
	Text      string             `json:"text" doc:"The plain text, as it was sent"`
	MessageID string             `json:"message_id" doc:"The Message-ID of an e-mail"`
	CreatedAt time.Time          `json:"created_at"`
	SentAt    *time.Time         `json:"sent_at,omitempty"`
	Invoices  []MessageOfInvoice `json:"invoices"`
}

// MessageOfInvoice is what a message says of an invoice.
type MessageOfInvoice struct {
	Invoice uuid.UUID `json:"invoice" format:"uuid"`
	Role    string    `json:"role" enum:"demanded,not_due,not_demanded,credit"`
	Step    string    `json:"step"`
	Open    Amount    `json:"open" doc:"What was open when it was sent"`
}

type oneMessage struct{ Body Message }

type messageList struct {
	Body struct {
		Items []Message `json:"items"`
	}
}

func (h *hub) messages() {
	register(h, operation{id: "list-messages-of-invoice", method: http.MethodGet, path: "/invoices/{id}/messages", tag: "Messages", scope: tenant.Read, summary: "List the messages of an invoice", errors: []int{http.StatusNotFound}}, h.listMessages)
	register(h, operation{id: "get-message", method: http.MethodGet, path: "/messages/{id}", tag: "Messages", scope: tenant.Read, summary: "Get a message as it was sent", errors: []int{http.StatusNotFound}}, h.getMessage)
}

func (h *hub) listMessages(ctx context.Context, who actor, in *ByID) (*messageList, error) {
	out := &messageList{}
	out.Body.Items = []Message{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Invoice(ctx, in.ID); err != nil {
			return err
		}
		rows, err := tx.MessagesOfInvoice(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body.Items, err = messagesOf(ctx, tx, rows)
		return err
	})
}

func (h *hub) getMessage(ctx context.Context, who actor, in *ByID) (*oneMessage, error) {
	out := &oneMessage{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		row, err := tx.Message(ctx, in.ID)
		if err != nil {
			return err
		}
		list, err := messagesOf(ctx, tx, []db.Message{row})
		if err == nil {
			out.Body = list[0]
		}
		return err
	})
}

func messagesOf(ctx context.Context, tx store.Tx, rows []db.Message) ([]Message, error) {
	out, ids, place := make([]Message, len(rows)), make([]uuid.UUID, len(rows)), map[uuid.UUID]int{}
	for i, m := range rows {
		ids[i], place[m.ID] = m.ID, i
		out[i] = Message{
			ID: m.ID, Debtor: m.DebtorID, Step: m.Step, Channel: m.Channel, State: m.State, Delivery: m.Delivery, Language: m.Language, Template: m.Template, Recipient: m.Recipient,
			Subject: m.Subject, Text: m.BodyText, MessageID: m.HeaderID, CreatedAt: m.CreatedAt.UTC(), SentAt: moment(m.SentAt), Invoices: []MessageOfInvoice{},
		}
	}
	listed, err := tx.MessageInvoices(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load the invoices of messages: %w", err)
	}
	for _, l := range listed {
		m := &out[place[l.MessageID]]
		m.Invoices = append(m.Invoices, MessageOfInvoice{Invoice: l.InvoiceID, Role: l.Role, Step: l.Step, Open: amountOf(l.OpenMinor, l.Currency)})
	}
	return out, nil
}
