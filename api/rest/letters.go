package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
)

// Letter waits for the post.
type Letter struct {
	ID             uuid.UUID `json:"id" format:"uuid" doc:"Of the message"`
	Administration uuid.UUID `json:"administration" format:"uuid"`
	Debtor         uuid.UUID `json:"debtor" format:"uuid"`
	Step           string    `json:"step"`
	Subject        string    `json:"subject"`
	Recipient      string    `json:"recipient"`
	MadeAt         time.Time `json:"made_at"`
	Statutory      bool      `json:"statutory" doc:"A notice whose term counts from the day of posting"`
	Settled        bool      `json:"settled" doc:"Nothing it asks is owed any more: do not post it"`
}

// LetterBatch is letters that are printed as one file.
type LetterBatch struct {
	ID             uuid.UUID `json:"id" format:"uuid"`
	Administration uuid.UUID `json:"administration" format:"uuid"`
	Letters        int       `json:"letters"`
	MadeAt         time.Time `json:"made_at"`
	MadeBy         string    `json:"made_by"`
	PostedOn       *string   `json:"posted_on,omitempty" format:"date"`
	PostedBy       string    `json:"posted_by,omitempty"`
}

type letterList struct {
	Body struct {
		Items []Letter `json:"items"`
	}
}

type letterBatchList struct {
	Body struct {
		Items []LetterBatch `json:"items"`
	}
}

type makeLetterBatch struct {
	Repeatable
	Body struct {
		Letters []uuid.UUID `json:"letters" minItems:"1" maxItems:"500" doc:"Of one administration"`
	}
}

type madeLetterBatch struct {
	Body struct {
		ID uuid.UUID `json:"id" format:"uuid"`
	}
}

type postLetterBatch struct {
	ByID
	Repeatable
	Body struct {
		On string `json:"on" format:"date" doc:"The day on which they were posted"`
	}
}

type returnedLetter struct {
	ByID
	Repeatable
	Body struct {
		Reason string `json:"reason" maxLength:"200" example:"moved" doc:"What is on the envelope"`
	}
}

func (h *hub) letters() {
	const tag = "Letters"
	over := []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "list-letters-to-post", method: http.MethodGet, path: "/letters", tag: tag, scope: tenant.Read, summary: "List letters that wait for the post"}, h.listLetters)
	register(h, operation{id: "list-letter-batches", method: http.MethodGet, path: "/letter-batches", tag: tag, scope: tenant.Read, summary: "List batches of letters", description: "The newest 50; those that were undone are left out."}, h.listLetterBatches)
	register(h, operation{id: "make-letter-batch", method: http.MethodPost, path: "/letter-batches", tag: tag, scope: tenant.Write, status: http.StatusCreated, summary: "Put letters in a batch", errors: []int{http.StatusConflict}}, h.makeLetterBatch)
	register(h, operation{id: "post-letter-batch", method: http.MethodPost, path: "/letter-batches/{id}/posted", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Mark a batch as posted",
		description: "The terms of statutory notices count from that day.", errors: over}, h.postLetterBatch)
	register(h, operation{id: "print-letter-batch", method: http.MethodGet, path: "/letter-batches/{id}/pdf", tag: tag, scope: tenant.Read, summary: "Get the letters of a batch as one PDF",
		description: "In their order, each after a sheet that says whose it is.", errors: over}, h.printLetterBatch)
	register(h, operation{id: "return-letter", method: http.MethodPost, path: "/letters/{id}/returned", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Say that a letter came back",
		description: "No more letters go to that address, somebody traces it, a notice that the letter was has no effect (R56, R57), and the flow goes on by another way.", errors: over}, h.returnLetter)
	register(h, operation{id: "undo-letter-batch", method: http.MethodPost, path: "/letter-batches/{id}/undo", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Take a batch apart",
		description: "Also one that was marked as posted by mistake. Its letters wait for the post again.", errors: over}, h.undoLetterBatch)
}

func (h *hub) listLetters(ctx context.Context, who actor, _ *struct{}) (*letterList, error) {
	out := &letterList{}
	out.Body.Items = []Letter{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.LettersToPost(ctx)
		if err != nil {
			return fmt.Errorf("list letters to post: %w", err)
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, Letter{ID: r.ID, Administration: r.AdministrationID, Debtor: r.DebtorID, Step: r.Step, Subject: r.Subject, Recipient: r.Recipient, MadeAt: r.CreatedAt.UTC(), Statutory: r.Statutory, Settled: r.Settled})
		}
		return nil
	})
}

func (h *hub) listLetterBatches(ctx context.Context, who actor, _ *struct{}) (*letterBatchList, error) {
	out := &letterBatchList{}
	out.Body.Items = []LetterBatch{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.LetterBatches(ctx)
		for _, r := range rows {
			if r.UndoneAt == nil {
				out.Body.Items = append(out.Body.Items, LetterBatch{ID: r.ID, Administration: r.AdministrationID, Letters: int(r.Letters), MadeAt: r.MadeAt.UTC(), MadeBy: r.MadeBy, PostedOn: day(r.PostedOn), PostedBy: r.PostedBy})
			}
		}
		return err
	})
}

func (h *hub) makeLetterBatch(ctx context.Context, who actor, in *makeLetterBatch) (*madeLetterBatch, error) {
	out := &madeLetterBatch{}
	return out, h.write(ctx, who, func(tx store.Tx) (err error) {
		out.Body.ID, err = h.Planner.MakeBatch(ctx, tx, in.Body.Letters, who.by)
		return err
	})
}

func (h *hub) postLetterBatch(ctx context.Context, who actor, in *postLetterBatch) (*struct{}, error) {
	on, err := date.Parse(in.Body.On)
	if err != nil {
		return nil, fault.New(fault.Invalid, "posted_day", "Give the day on which the letters were posted, as 2026-03-02.")
	}
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Planner.BatchPosted(ctx, tx, in.ID, on, who.by) })
}

func (h *hub) undoLetterBatch(ctx context.Context, who actor, in *postByID) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Planner.UndoBatch(ctx, tx, in.ID, who.by) })
}

func (h *hub) printLetterBatch(ctx context.Context, who actor, in *ByID) (*fileOut, error) {
	out := &fileOut{Type: "application/pdf", Name: `attachment; filename="letters.pdf"`}
	// The batch is locked while its file is made.
	return out, h.write(ctx, who, func(tx store.Tx) (err error) {
		out.Body, err = h.Planner.BatchPDF(ctx, tx, in.ID)
		return err
	})
}

func (h *hub) returnLetter(ctx context.Context, who actor, in *returnedLetter) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error {
		return h.Planner.Returned(ctx, tx, in.ID, cmp.Or(in.Body.Reason, "returned by the post"), who.by)
	})
}
