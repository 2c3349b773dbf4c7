package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// TextQuery names the words of a message.
type TextQuery struct {
	Step           string `path:"step" maxLength:"40" example:"reminder_1"`
	Language       string `query:"language" enum:"nl,en,de,fr" default:"nl"`
	Form           string `query:"form" enum:"formal,informal" default:"formal"`
	Administration string `query:"administration" format:"uuid" doc:"Without it, of the whole organisation"`
}

func (q TextQuery) of() (dunning.TextOf, error) {
	of := dunning.TextOf{Language: outreach.Language(q.Language), Step: outreach.Step(q.Step), Form: outreach.Form(q.Form)}
	if q.Administration != "" {
		id, err := uuid.Parse(q.Administration)
		if err != nil {
			return of, err
		}
		of.Administration = uuid.NullUUID{UUID: id, Valid: true}
	}
	return of, nil
}

// Words are those of a message.
type Words struct {
	Subject string `json:"subject" maxLength:"200"`
	Body    string `json:"body" maxLength:"8000" doc:"Paragraphs apart by a blank line; {variables}, **strong** text, and each protected block on a line of its own"`
}

// TextSummary is a message in the list.
type TextSummary struct {
	Step    string     `json:"step" example:"reminder_1"`
	Fixed   string     `json:"fixed,omitempty" doc:"Why its words cannot be changed"`
	Changed []OwnWords `json:"changed" doc:"Own words that hold now"`
}

// OwnWords is where own words of a message hold.
type OwnWords struct {
	Language       string     `json:"language"`
	Form           string     `json:"form" enum:"formal,informal"`
	Administration *uuid.UUID `json:"administration,omitempty" format:"uuid" doc:"None for the whole organisation"`
	Version        int        `json:"version"`
	By             string     `json:"by"`
	At             time.Time  `json:"at"`
}

type allTexts struct {
	Body struct {
		Items []TextSummary `json:"items"`
	}
}

// TextField is a field that a text may name, as {total}.
type TextField struct {
	Name     string `json:"name"`
	What     string `json:"what"`
	Sentence bool   `json:"sentence" doc:"It stands for a whole sentence, which may be empty"`
	Needed   bool   `json:"needed" doc:"A text has to name it"`
}

// TextVersion is one wording that was kept.
type TextVersion struct {
	Words
	Version int       `json:"version"`
	Reset   bool      `json:"reset" doc:"A return to the words above it"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

type oneText struct {
	Body struct {
		Words
		Version  int           `json:"version" doc:"0 for what Voldaan ships"`
		Fixed    string        `json:"fixed,omitempty" doc:"Why the words cannot be changed"`
		Shipped  Words         `json:"shipped"`
		Fields   []TextField   `json:"fields"`
		Blocks   []string      `json:"blocks" doc:"Kept, each once and in this order"`
		Versions []TextVersion `json:"versions" doc:"Newest first"`
	}
}

type restoreText struct {
	TextQuery
	Body struct {
		Version int `json:"version" minimum:"1"`
	}
}

type putText struct {
	TextQuery
	Body Words
}

type previewText struct {
	TextQuery
	Body struct {
		Words
		Invoice  *uuid.UUID `json:"invoice,omitempty" format:"uuid" doc:"An open invoice, whose data are filled in; none for an example"`
		Consumer bool       `json:"consumer,omitempty" doc:"Make the debtor of the example a private person"`
	}
}

type writtenText struct {
	Body struct {
		Debtor string `json:"debtor"`
		// Subject, Text and HTML are the e-mail.
		Subject     string      `json:"subject"`
		Text        string      `json:"text"`
		HTML        string      `json:"html"`
		Letter      []byte      `json:"letter,omitempty" contentEncoding:"base64" doc:"PDF"`
		TextMessage *ShortText  `json:"text_message,omitempty"`
		Call        *SpokenText `json:"call,omitempty"`
	}
}

// ShortText is a text message with what it takes.
type ShortText struct {
	Text     string `json:"text"`
	Sender   string `json:"sender"`
	Encoding string `json:"encoding" enum:"GSM-7,UCS-2"`
	Units    int    `json:"units" doc:"Septets of GSM-7, 16-bit units of UCS-2"`
	Segments int    `json:"segments" doc:"Each is charged"`
}

// SpokenText is what a robot says.
type SpokenText struct {
	Language string   `json:"language" example:"nl-NL"`
	Text     string   `json:"text"`
	Choices  []string `json:"choices"`
	Thanks   string   `json:"thanks"`
}

func (h *hub) texts() {
	const tag = "Messages"
	register(h, operation{id: "list-texts", method: http.MethodGet, path: "/texts", tag: tag, scope: tenant.Read, summary: "List all messages and where their words are your own"}, h.listTexts)
	register(h, operation{id: "get-text", method: http.MethodGet, path: "/texts/{step}", tag: tag, scope: tenant.Read, summary: "Get the words of a message", errors: []int{http.StatusNotFound}}, h.getText)
	register(h, operation{id: "change-text", method: http.MethodPut, path: "/texts/{step}", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Change the words of a message",
		description: "Counts from the next message on; what was sent keeps its own. Protected blocks stay.", errors: []int{http.StatusNotFound}}, h.changeText)
	register(h, operation{id: "reset-text", method: http.MethodDelete, path: "/texts/{step}", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Go back to the shipped words", errors: []int{http.StatusNotFound}}, h.resetText)
	register(h, operation{id: "restore-text", method: http.MethodPost, path: "/texts/{step}/restore", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Bring an earlier version of a message's words back",
		description: "It becomes the newest version.", errors: []int{http.StatusNotFound}}, h.restoreText)
	register(h, operation{id: "preview-text", method: http.MethodPost, path: "/texts/{step}/preview", tag: tag, scope: tenant.Read, summary: "Read words as they would be for an open invoice or an example",
		description: "As an e-mail, a letter, a text message and a call. Nothing is kept or sent.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.previewText)
}

func (h *hub) listTexts(ctx context.Context, who actor, _ *struct{}) (*allTexts, error) {
	out := &allTexts{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.OwnTexts(ctx)
		if err != nil {
			return err
		}
		for _, s := range append(outreach.Steps(), outreach.TextMessage, outreach.Call) {
			item := TextSummary{Step: string(s), Fixed: s.Fixed(), Changed: []OwnWords{}}
			for _, r := range rows {
				if r.Step == string(s) && r.Body != "" {
					own := OwnWords{Language: r.Language, Form: r.Form, Version: int(r.Version), By: r.MadeBy, At: r.MadeAt.UTC()}
					if r.AdministrationID.Valid {
						own.Administration = &r.AdministrationID.UUID
					}
					item.Changed = append(item.Changed, own)
				}
			}
			out.Body.Items = append(out.Body.Items, item)
		}
		return nil
	})
}

func (h *hub) getText(ctx context.Context, who actor, in *TextQuery) (*oneText, error) {
	of, err := in.of()
	if err != nil {
		return nil, err
	}
	out := &oneText{}
	shipped, err := outreach.Shipped(of.Language, of.Step, of.Form)
	if err != nil {
		return nil, errNoText
	}
	blocks, err := outreach.Blocks(of.Language, of.Step)
	if err != nil {
		return nil, errNoText
	}
	out.Body.Blocks, out.Body.Fixed = append([]string{}, blocks...), of.Step.Fixed()
	for _, v := range outreach.Variables(of.Step) {
		out.Body.Fields = append(out.Body.Fields, TextField{v.Name, v.What, v.Whole, v.Needed})
	}
	out.Body.Shipped = Words{shipped.Subject, shipped.Body}
	out.Body.Words = out.Body.Shipped
	return out, h.read(ctx, who, func(tx store.Tx) error {
		own, err := dunning.OwnText(ctx, tx, of)
		if err != nil {
			return err
		}
		if own != nil {
			out.Body.Words, out.Body.Version = Words{own.Subject, own.Body}, own.Version
		}
		history, err := dunning.TextHistory(ctx, tx, of)
		out.Body.Versions = []TextVersion{}
		for _, v := range history {
			out.Body.Versions = append(out.Body.Versions, TextVersion{Words{v.Subject, v.Body}, v.Version, v.Body == "", v.By, v.At.UTC()})
		}
		return err
	})
}

func (h *hub) restoreText(ctx context.Context, who actor, in *restoreText) (*struct{}, error) {
	of, err := in.of()
	if err != nil {
		return nil, err
	}
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		_, err := h.Planner.Restore(ctx, tx, of, in.Body.Version, who.by)
		return err
	})
}

var errNoText = fault.New(fault.NotFound, "no_text", "There is no such message.")

func (h *hub) changeText(ctx context.Context, who actor, in *putText) (*struct{}, error) {
	of, err := in.of()
	if err != nil {
		return nil, err
	}
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		_, err := h.Planner.Reword(ctx, tx, of, outreach.Own{Subject: in.Body.Subject, Body: in.Body.Body}, who.by)
		return err
	})
}

func (h *hub) resetText(ctx context.Context, who actor, in *TextQuery) (*struct{}, error) {
	of, err := in.of()
	if err != nil {
		return nil, err
	}
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Planner.Unword(ctx, tx, of, who.by) })
}

func (h *hub) previewText(ctx context.Context, who actor, in *previewText) (*writtenText, error) {
	of, err := in.of()
	if err != nil {
		return nil, err
	}
	out := &writtenText{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		to := dunning.TrialOf{Administration: of.Administration.UUID, Consumer: in.Body.Consumer}
		if in.Body.Invoice != nil {
			to.Invoice = *in.Body.Invoice
		}
		if to.Administration == uuid.Nil && to.Invoice == uuid.Nil {
			adms, err := tx.Administrations(ctx)
			if err != nil {
				return err
			}
			if len(adms) == 0 {
				return fault.New(fault.Conflict, "no_administration", "Connect your books first; a message is written in the name of an administration.")
			}
			to.Administration = adms[0].ID
		}
		m, err := h.Steps.Try(ctx, tx, of, &outreach.Own{Subject: in.Body.Subject, Body: in.Body.Body}, to)
		if err != nil {
			return err
		}
		b := &out.Body
		b.Debtor, b.Subject, b.Text, b.HTML, b.Letter = m.Debtor, m.Message.Subject, m.Message.Text, m.Message.HTML, m.Letter
		if m.Text != "" {
			b.TextMessage = &ShortText{m.Text, m.Sender, string(m.Count.Encoding), m.Count.Units, m.Count.Segments}
		}
		if m.Script.Text != "" {
			b.Call = &SpokenText{m.Script.Language, m.Script.Text, []string{}, m.Script.Thanks}
			for _, k := range m.Script.Keys {
				b.Call.Choices = append(b.Call.Choices, k.Text)
			}
		}
		return nil
	})
}
