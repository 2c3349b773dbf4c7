package rest

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

type textQuery struct {
	Step           string `path:"step" maxLength:"40" example:"reminder_1"`
	Language       string `query:"language" enum:"nl,en,de,fr" default:"nl"`
	Form           string `query:"form" enum:"formal,informal" default:"formal"`
	Administration string `query:"administration" format:"uuid" doc:"Without it, of the whole organisation"`
}

func (q textQuery) of() (dunning.TextOf, error) {
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

type oneText struct {
	Body struct {
		Words
		Version   int      `json:"version" doc:"0 for what Voldaan ships"`
		Shipped   Words    `json:"shipped"`
		Variables []string `json:"variables"`
		Blocks    []string `json:"blocks" doc:"Kept, each once and in this order"`
	}
}

type putText struct {
	textQuery
	Body Words
}

type previewText struct {
	textQuery
	Body struct {
		Words
		Invoice uuid.UUID `json:"invoice" format:"uuid" doc:"An open invoice, whose data are filled in"`
	}
}

type writtenText struct {
	Body struct {
		Subject string `json:"subject"`
		Text    string `json:"text"`
		HTML    string `json:"html"`
	}
}

func (h *hub) texts() {
	const tag = "Messages"
	register(h, operation{id: "get-text", method: http.MethodGet, path: "/texts/{step}", tag: tag, scope: tenant.Read, summary: "Get the words of a message", errors: []int{http.StatusNotFound}}, h.getText)
	register(h, operation{id: "change-text", method: http.MethodPut, path: "/texts/{step}", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Change the words of a message",
		description: "Counts from the next message on; what was sent keeps its own. Protected blocks stay.", errors: []int{http.StatusNotFound}}, h.changeText)
	register(h, operation{id: "reset-text", method: http.MethodDelete, path: "/texts/{step}", tag: tag, scope: tenant.Write, settings: true, status: http.StatusNoContent, summary: "Go back to the shipped words", errors: []int{http.StatusNotFound}}, h.resetText)
	register(h, operation{id: "preview-text", method: http.MethodPost, path: "/texts/{step}/preview", tag: tag, scope: tenant.Read, summary: "Read words as they would be for an open invoice",
		description: "Nothing is kept or sent.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.previewText)
}

func (h *hub) getText(ctx context.Context, who actor, in *textQuery) (*oneText, error) {
	of, err := in.of()
	if err != nil {
		return nil, err
	}
	out := &oneText{}
	shipped, err := outreach.Shipped(of.Language, of.Step, of.Form)
	if err != nil {
		return nil, errNoText
	}
	if out.Body.Blocks, err = outreach.Blocks(of.Language, of.Step); err != nil {
		return nil, errNoText
	}
	out.Body.Shipped, out.Body.Variables = Words{shipped.Subject, shipped.Body}, outreach.Variables()
	out.Body.Words = out.Body.Shipped
	return out, h.read(ctx, who, func(tx store.Tx) error {
		own, err := dunning.OwnText(ctx, tx, of)
		if own != nil {
			out.Body.Words, out.Body.Version = Words{own.Subject, own.Body}, own.Version
		}
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

func (h *hub) resetText(ctx context.Context, who actor, in *textQuery) (*struct{}, error) {
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
		m, err := h.Steps.PreviewText(ctx, tx, in.Body.Invoice, of, outreach.Own{Subject: in.Body.Subject, Body: in.Body.Body})
		out.Body.Subject, out.Body.Text, out.Body.HTML = m.Subject, m.Text, m.HTML
		return err
	})
}
