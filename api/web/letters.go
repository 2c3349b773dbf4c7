package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/letters"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

func (s *site) letterRoutes() {
	s.look("GET /letters", (*visit).letters)
	s.act("POST /letters/batches", (*visit).makeBatch)
	s.look("GET /letters/batches/{file}", (*visit).batchFile)
	s.act("POST /letters/batches/{batch}/posted", (*visit).batchPosted)
	s.act("POST /letters/batches/{batch}/undo", (*visit).undoBatch)
	s.act("POST /letters/{message}/returned", (*visit).letterReturned)
}

func (v *visit) letters() error {
	m := letters.Model{Look: !v.member.Role.May()}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Letters, "Letters to post"); err != nil {
			return err
		}
		rows, err := tx.LettersToPost(ctx)
		if err != nil {
			return fmt.Errorf("list letters to post: %w", err)
		}
		for _, r := range rows {
			n := len(m.Waiting)
			if n == 0 || m.Waiting[n-1].ID != r.AdministrationID.String() {
				m.Waiting = append(m.Waiting, letters.Group{ID: r.AdministrationID.String(), Name: r.AdministrationName})
				n++
			}
			m.Waiting[n-1].Letters = append(m.Waiting[n-1].Letters, letters.Letter{ID: r.ID.String(), Debtor: r.DebtorName, Subject: r.Subject, Made: r.CreatedAt, Statutory: r.Statutory, Settled: r.Settled})
		}
		batches, err := tx.LetterBatches(ctx)
		for _, b := range batches {
			if b.UndoneAt == nil {
				m.Batches = append(m.Batches, letters.Batch{ID: b.ID.String(), Title: fmt.Sprintf("%s: %d letters", b.AdministrationName, b.Letters), By: b.MadeBy, Made: b.MadeAt, Posted: b.PostedOn, PostedBy: b.PostedBy})
			}
		}
		return err
	}); err != nil {
		return err
	}
	return v.show(letters.Page(m))
}

func (v *visit) makeBatch() error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, said := range v.r.PostForm["letter"] {
		id, err := uuid.Parse(said)
		if err != nil {
			return errNotHere
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return v.done("/letters", component.Flash{Tone: component.Amber, Text: "Choose at least one letter."})
	}
	err := v.write(func(ctx context.Context, tx store.Tx) error {
		_, err := v.Planner.MakeBatch(ctx, tx, ids, v.member.Name)
		return err
	})
	return v.batched(err, "The batch is made. Print it, post the letters, and say on which day.")
}

// batched leads back to the list, with what went wrong when it is the reader's to
// know.
func (v *visit) batched(err error, said string) error { return v.noted("/letters", err, said) }

func (v *visit) noted(to string, err error, said string) error {
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return v.done(to, component.Flash{Tone: component.Red, Text: f.Message})
	}
	if err != nil {
		return err
	}
	return v.done(to, component.Flash{Tone: component.Green, Text: said})
}

func (v *visit) batchFile() error {
	id, err := uuid.Parse(strings.TrimSuffix(v.r.PathValue("file"), ".pdf"))
	if err != nil {
		return errNotHere
	}
	var file []byte
	// Not read-only: the batch is locked while its file is made.
	if err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		file, err = v.Planner.BatchPDF(ctx, tx, id)
		return err
	}); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/pdf")
	v.w.Header().Set("Content-Disposition", `attachment; filename="letters.pdf"`)
	v.w.WriteHeader(http.StatusOK)
	_, err = v.w.Write(file)
	return ignoreGone(err)
}

func (v *visit) batchPosted() error {
	id, err := v.id("batch")
	if err != nil {
		return err
	}
	on, err := date.Parse(v.r.FormValue("on"))
	if err != nil {
		return v.done("/letters", component.Flash{Tone: component.Red, Text: "Give the day on which the letters were posted."})
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Planner.BatchPosted(ctx, tx, id, on, v.member.Name)
	})
	return v.batched(err, "Noted. Terms count from that day.")
}

func (v *visit) undoBatch() error {
	id, err := v.id("batch")
	if err != nil {
		return err
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error { return v.Planner.UndoBatch(ctx, tx, id, v.member.Name) })
	return v.batched(err, "Undone. The letters wait for the post again.")
}

func (v *visit) letterReturned() error {
	id, err := v.id("message")
	if err != nil {
		return err
	}
	reason := cutText(strings.TrimSpace(v.r.FormValue("reason")), 200)
	if reason == "" {
		reason = "returned by the post"
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Planner.Returned(ctx, tx, id, reason, v.member.Name)
	})
	to := "/letters"
	if invoice, err := uuid.Parse(v.r.FormValue("invoice")); err == nil {
		to = "/invoices/" + invoice.String() + "/messages/" + id.String()
	}
	return v.noted(to, err, "Noted. No more letters go there, and somebody traces the address.")
}
