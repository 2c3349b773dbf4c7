package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/money"
)

// Dispute is what a debtor does not agree with.
type Dispute struct {
	ID         uuid.UUID  `json:"id" format:"uuid"`
	Invoice    uuid.UUID  `json:"invoice" format:"uuid"`
	Debtor     uuid.UUID  `json:"debtor" format:"uuid"`
	Amount     Amount     `json:"amount" doc:"That is not asked; the rest of the invoice goes on"`
	Reason     string     `json:"reason"`
	Lines      string     `json:"lines" doc:"Which lines, in words"`
	Note       string     `json:"note"`
	State      string     `json:"state" enum:"open,accepted,rejected,withdrawn"`
	Owner      *uuid.UUID `json:"owner,omitempty" format:"uuid"`
	Deadline   string     `json:"deadline" format:"date"`
	Late       bool       `json:"late" doc:"Past its deadline; it escalated inside"`
	Credit     Amount     `json:"credit" doc:"What was accepted"`
	CreditedAt *time.Time `json:"credited_at,omitempty"`
	OpenedAt   time.Time  `json:"opened_at"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
	Resolution string     `json:"resolution"`
}

func disputeOf(d db.Dispute) Dispute {
	return Dispute{
		ID: d.ID, Invoice: d.InvoiceID, Debtor: d.DebtorID, Amount: amountOf(d.AmountMinor, d.Currency), Reason: d.Reason, Lines: d.Lines, Note: d.Note, State: d.State, Owner: optional(d.OwnerID),
		Deadline: d.Deadline.String(), Late: d.EscalatedAt != nil, Credit: amountOf(d.AcceptedMinor, d.Currency), CreditedAt: moment(d.CreditedAt), OpenedAt: d.OpenedAt.UTC(), ResolvedAt: moment(d.ResolvedAt), Resolution: d.Resolution,
	}
}

type oneDispute struct{ Body Dispute }

type disputePage struct {
	Body struct {
		Disputes   []Dispute `json:"disputes"`
		NextCursor string    `json:"next_cursor,omitempty"`
	}
}

type disputeQuery struct {
	Paged
	Sought
	State  string `query:"state" enum:"open,late,credit,decided" doc:"Only those; credit waits for its credit note"`
	Reason string `query:"reason" enum:"delivery,quality,price,unknown,other"`
	Owner  string `query:"owner" maxLength:"40" doc:"The id of a member, or nobody"`
}

type newDispute struct {
	Repeatable
	Body struct {
		Invoice uuid.UUID  `json:"invoice" format:"uuid"`
		Minor   int64      `json:"minor,omitempty" minimum:"1" doc:"In the smallest unit of the invoice's currency; without it, all that is asked"`
		Reason  string     `json:"reason" enum:"delivery,quality,price,unknown,other"`
		Lines   string     `json:"lines,omitempty" maxLength:"500"`
		Note    string     `json:"note,omitempty" maxLength:"8000"`
		Owner   *uuid.UUID `json:"owner,omitempty" format:"uuid"`
	}
}

type decideDispute struct {
	ByID
	Body struct {
		CreditMinor int64  `json:"credit_minor" minimum:"0" doc:"What is credited; 0 rejects the dispute"`
		Text        string `json:"text" minLength:"1" maxLength:"4000" doc:"What the debtor is told"`
	}
}

type assignDispute struct {
	ByID
	Body struct {
		Owner    *uuid.UUID `json:"owner,omitempty" format:"uuid" doc:"A member; without one, nobody"`
		Deadline string     `json:"deadline,omitempty" format:"date"`
	}
}

// KeptFile is a file as it is kept.
type KeptFile struct {
	ID    uuid.UUID `json:"id" format:"uuid"`
	Name  string    `json:"name"`
	Media string    `json:"media_type"`
	Bytes int       `json:"bytes"`
}

type disputeFiles struct {
	ByID
	Repeatable
	RawBody huma.MultipartFormFiles[struct {
		Files []huma.FormFile `form:"files" required:"true" doc:"PDF, PNG or JPEG"`
	}]
}

type keptFiles struct {
	Body struct {
		Items []KeptFile `json:"items"`
	}
}

func (h *hub) disputes() {
	both := []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "list-disputes", method: http.MethodGet, path: "/disputes", tag: "Disputes", scope: tenant.Read, summary: "List disputes, the newest first"}, h.listDisputes)
	register(h, operation{id: "create-dispute", method: http.MethodPost, path: "/disputes", tag: "Disputes", scope: tenant.Write, status: http.StatusCreated, summary: "Record a dispute on an invoice or a part of it",
		description: "Only its amount stops being asked; the undisputed part goes on.", errors: both}, h.createDispute)
	register(h, operation{id: "add-dispute-files", method: http.MethodPost, path: "/disputes/{id}/files", tag: "Disputes", scope: tenant.Write, status: http.StatusCreated, summary: "Attach files to an open dispute",
		description: "As multipart/form-data, each file a part named files: at most three at once of at most 5 MB, PDF, PNG or JPEG by what they contain.", maxBody: api.MostFiles*api.FileBytes + 1<<16,
		errors: append(both, http.StatusRequestEntityTooLarge)}, h.addDisputeFiles)
	register(h, operation{id: "get-dispute", method: http.MethodGet, path: "/disputes/{id}", tag: "Disputes", scope: tenant.Read, summary: "Get a dispute", errors: []int{http.StatusNotFound}}, h.getDispute)
	register(h, operation{id: "assign-dispute", method: http.MethodPost, path: "/disputes/{id}/assign", tag: "Disputes", scope: tenant.Write, summary: "Give a dispute an owner and a deadline", errors: both}, h.assignDispute)
	register(h, operation{id: "decide-dispute", method: http.MethodPost, path: "/disputes/{id}/decide", tag: "Disputes", scope: tenant.Write, summary: "Accept a dispute, in part or whole, or reject it", errors: both}, h.decideDispute)
	register(h, operation{id: "credit-dispute", method: http.MethodPost, path: "/disputes/{id}/credited", tag: "Disputes", scope: tenant.Write, summary: "Say that the credit note is booked", errors: both}, h.creditDispute)
	register(h, operation{id: "withdraw-dispute", method: http.MethodPost, path: "/disputes/{id}/withdraw", tag: "Disputes", scope: tenant.Write, summary: "Take a dispute back", errors: both}, h.withdrawDispute)
}

func (h *hub) listDisputes(ctx context.Context, who actor, in *disputeQuery) (*disputePage, error) {
	out := &disputePage{}
	out.Body.Disputes = []Dispute{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		today, err := tx.Today(ctx, h.Real)
		if err != nil {
			return err
		}
		p := db.DisputeListParams{Tab: in.State, Search: in.Search, Due: in.Due, Today: today, Reason: in.Reason, OfOwner: in.Owner, Most: int32(in.Limit) + 1}
		var at spot
		if given, err := in.unseal(&at); err != nil {
			return err
		} else if given {
			p.FromAt, p.FromID = &at.At, at.ID
		}
		rows, err := tx.DisputeList(ctx, p)
		if err != nil {
			return fmt.Errorf("list disputes: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			out.Body.NextCursor = seal(spot{rows[in.Limit-1].OpenedAt, rows[in.Limit-1].ID})
		}
		for _, r := range rows {
			d, err := tx.Dispute(ctx, r.ID)
			if err != nil {
				return err
			}
			out.Body.Disputes = append(out.Body.Disputes, disputeOf(d))
		}
		return nil
	})
}

// onDispute acts on a dispute and answers with it.
func (h *hub) onDispute(ctx context.Context, who actor, act func(tx store.Tx) (uuid.UUID, error)) (*oneDispute, error) {
	out := &oneDispute{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		id, err := act(tx)
		if err != nil {
			return err
		}
		row, err := tx.Dispute(ctx, id)
		out.Body = disputeOf(row)
		return err
	})
}

func (h *hub) createDispute(ctx context.Context, who actor, in *newDispute) (*oneDispute, error) {
	return h.onDispute(ctx, who, func(tx store.Tx) (uuid.UUID, error) {
		inv, err := tx.Invoice(ctx, in.Body.Invoice)
		if err != nil {
			return uuid.Nil, fmt.Errorf("find the invoice: %w", err)
		}
		q := arrangement.NewDispute{Invoice: inv.ID, Reason: in.Body.Reason, Lines: in.Body.Lines, Note: in.Body.Note, By: who.by}
		if in.Body.Minor > 0 {
			q.Amount = money.Of(in.Body.Minor, inv.Currency)
		}
		if in.Body.Owner != nil {
			q.Owner = uuid.NullUUID{UUID: *in.Body.Owner, Valid: true}
		}
		return h.Desk.Dispute(ctx, tx, q)
	})
}

func (h *hub) getDispute(ctx context.Context, who actor, in *ByID) (*oneDispute, error) {
	out := &oneDispute{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		row, err := tx.Dispute(ctx, in.ID)
		out.Body = disputeOf(row)
		return err
	})
}

func (h *hub) assignDispute(ctx context.Context, who actor, in *assignDispute) (*oneDispute, error) {
	deadline, err := dateOf(in.Body.Deadline)
	if err != nil {
		return nil, err
	}
	return h.onDispute(ctx, who, func(tx store.Tx) (uuid.UUID, error) {
		owner := uuid.NullUUID{}
		if in.Body.Owner != nil {
			owner = uuid.NullUUID{UUID: *in.Body.Owner, Valid: true}
		}
		return in.ID, h.Desk.Assign(ctx, tx, in.ID, owner, deadline, who.by)
	})
}

func (h *hub) decideDispute(ctx context.Context, who actor, in *decideDispute) (*oneDispute, error) {
	return h.onDispute(ctx, who, func(tx store.Tx) (uuid.UUID, error) {
		row, err := tx.Dispute(ctx, in.ID)
		if err != nil {
			return in.ID, err
		}
		return in.ID, h.Desk.Resolve(ctx, tx, arrangement.Resolution{Dispute: in.ID, Credit: money.Of(in.Body.CreditMinor, row.Currency), Text: in.Body.Text, By: who.by})
	})
}

func (h *hub) creditDispute(ctx context.Context, who actor, in *ByID) (*oneDispute, error) {
	return h.onDispute(ctx, who, func(tx store.Tx) (uuid.UUID, error) { return in.ID, h.Desk.Credited(ctx, tx, in.ID, who.by) })
}

func (h *hub) withdrawDispute(ctx context.Context, who actor, in *ByID) (*oneDispute, error) {
	return h.onDispute(ctx, who, func(tx store.Tx) (uuid.UUID, error) { return in.ID, h.Desk.WithdrawDispute(ctx, tx, in.ID, who.by) })
}

func (h *hub) addDisputeFiles(ctx context.Context, who actor, in *disputeFiles) (*keptFiles, error) {
	out := &keptFiles{}
	out.Body.Items = []KeptFile{}
	files, ok := api.Files(in.RawBody.Form.File["files"])
	if !ok || len(files) == 0 {
		return nil, fault.New(fault.Invalid, "dispute_files", "Send one to %d files of at most %d MB, each a PDF, PNG or JPEG.", api.MostFiles, api.FileBytes>>20)
	}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		ids, err := h.Desk.Attach(ctx, tx, in.ID, files, who.by)
		for i, id := range ids {
			out.Body.Items = append(out.Body.Items, KeptFile{ID: id, Name: files[i].Name, Media: files[i].Media, Bytes: len(files[i].Content)})
		}
		return err
	})
}
