package web

import (
	"context"
	"fmt"
	"net/http"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/assets"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// copyOf reads a message that went out for an invoice.
func (v *visit) copyOf(ctx context.Context, tx store.Tx) (inv db.Invoice, m db.Message, err error) {
	invoiceID, err := v.id("id")
	if err != nil {
		return inv, m, err
	}
	messageID, err := v.id("message")
	if err != nil {
		return inv, m, err
	}
	if inv, err = tx.Invoice(ctx, invoiceID); err != nil {
		return inv, m, err
	}
	m, err = tx.Message(ctx, messageID)
	if err == nil && m.DebtorID != inv.DebtorID {
		err = errNotHere
	}
	return inv, m, err
}

func (v *visit) message() error {
	var model invoice.CopyModel
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		inv, m, err := v.copyOf(ctx, tx)
		if err != nil {
			return err
		}
		names, err := namesOf(ctx, tx)
		if err != nil {
			return err
		}
		title := names.title("", m.Step)
		f, err := v.frame(tx, component.Invoices, title)
		if err != nil {
			return err
		}
		adm, err := tx.Administration(ctx, m.AdministrationID)
		if err != nil {
			return err
		}
		at := m.CreatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		}
		base := "/invoices/" + inv.ID.String() + "/messages/" + m.ID.String()
		model = invoice.CopyModel{
			Frame: f, ID: inv.ID.String(), Number: inv.Number, Title: title, SentAt: at, From: senderOf(adm), To: m.Recipient, Subject: m.Subject,
			Template: m.Template + ", " + languageNames[m.Language], MessageID: m.HeaderID, Text: m.BodyText, Delivery: deliveries(m),
		}
		if m.BodyHtml != "" {
			model.HTMLHref = base + "/html"
		}
		if m.Channel == string(policy.Letter) && m.State == "sent" && m.Delivery != "returned" && v.member.Role.May() {
			model.Returned = "/letters/" + m.ID.String() + "/returned"
		}
		heard, err := tx.DeliveryEvents(ctx, []uuid.UUID{m.ID})
		if err != nil {
			return err
		}
		for _, e := range heard {
			text := deliveryWords[e.State]
			if text == "" {
				text = e.State
			}
			model.Delivery = append(model.Delivery, invoice.Delivery{At: e.At, Text: joinNonEmpty(": ", text, e.Detail), Bad: badDeliveries[e.State]})
		}
		model.Attachments, err = attachmentsOf(ctx, tx, m.ID, base)
		return err
	}); err != nil {
		return err
	}
	return v.show(invoice.Copy(model))
}

func senderOf(a db.Administration) string {
	return (&mail.Address{Name: creditorName(a), Address: a.SenderEmail}).String()
}

// attachmentsOf are the files that are stored with a message.
func attachmentsOf(ctx context.Context, tx store.Tx, message uuid.UUID, base string) (out []invoice.Attachment, err error) {
	docs, err := tx.DocumentsOf(ctx, []uuid.UUID{message})
	for _, d := range docs {
		out = append(out, invoice.Attachment{Name: d.Name, Href: base + "/files/" + d.ID.String()})
	}
	return out, err
}

// deliveries is what is known of the way of a message, oldest first.
func deliveries(m db.Message) (out []invoice.Delivery) {
	add := func(at *time.Time, text string, bad bool) {
		if at != nil && text != "" {
			out = append(out, invoice.Delivery{At: *at, Text: text, Bad: bad})
		}
	}
	add(m.HandedOverAt, "Handed to the mail server", false)
	add(m.SentAt, deliveryLine(m), m.Delivery == "bounced")
	facts := evidence(m.Evidence)
	for _, key := range []string{"reply", "answer", "response", "diagnostic"} {
		if text, ok := facts[key].(string); ok && text != "" {
			add(m.SentAt, text, key == "diagnostic")
		}
	}
	if m.LastError != "" {
		out = append(out, invoice.Delivery{At: m.CreatedAt, Text: m.LastError, Bad: true})
	}
	return out
}

// messageHTML is the HTML part of a message as it was sent, for a frame that
// runs nothing.
func (v *visit) messageHTML() error {
	var body string
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		_, m, err := v.copyOf(ctx, tx)
		body = m.BodyHtml
		return err
	}); err != nil {
		return err
	}
	return v.frameHTML(body)
}

func (v *visit) frameHTML(body string) error {
	if body == "" {
		return errNotHere
	}
	v.w.Header().Set("Content-Security-Policy", assets.CopyPolicy)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = v.w.Write([]byte(body))
	return nil
}

func (v *visit) messageFile() error {
	var doc db.Document
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		_, m, err := v.copyOf(ctx, tx)
		if err != nil {
			return err
		}
		id, err := v.id("file")
		if err != nil {
			return err
		}
		if doc, err = tx.Document(ctx, id); err != nil {
			return err
		}
		if doc.SubjectID != m.ID {
			return errNotHere
		}
		return nil
	}); err != nil {
		return fmt.Errorf("load a file of a message: %w", err)
	}
	serveDocument(v.w, doc, v.r.Method == http.MethodGet && v.r.URL.Query().Has("save"))
	return nil
}

// deliveryWords are what was heard of a form of a message, in words.
var deliveryWords = map[string]string{
	"handing_over": "Handed to the provider", "accepted": "The provider took it", "sent": "On its way", "delivered": "Delivered", "failed": "It did not arrive",
	"returned": "It came back", "refused": "The provider refused it", "not_taken": "The provider did not take it; it is tried again", "dropped": "It did not leave",
	"posted": "Posted", "printed": "Printed", "bounced": "It bounced", "soft_bounced": "It bounced for now", "copy_bounced": "A copy bounced", "complaint": "Called spam",
}

var badDeliveries = map[string]bool{"failed": true, "returned": true, "refused": true, "bounced": true, "complaint": true}
