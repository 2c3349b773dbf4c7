package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Promise is a debtor's word to pay an amount on a day.
type Promise struct {
	ID         uuid.UUID  `json:"id" format:"uuid"`
	Invoice    uuid.UUID  `json:"invoice" format:"uuid"`
	Debtor     uuid.UUID  `json:"debtor" format:"uuid"`
	Amount     Amount     `json:"amount"`
	PayOn      string     `json:"pay_on" format:"date"`
	GraceUntil string     `json:"grace_until" format:"date" doc:"The last day on which money is in time"`
	State      string     `json:"state" enum:"open,kept,partly_kept,broken,withdrawn,cancelled"`
	Received   Amount     `json:"received" doc:"In time, once it has ended"`
	Channel    string     `json:"channel" enum:"portal,person,call,api"`
	Note       string     `json:"note"`
	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
}

func promiseOf(p db.PromiseRow) Promise {
	return Promise{
		ID: p.ID, Invoice: p.InvoiceID, Debtor: p.DebtorID, Amount: amountOf(p.AmountMinor, p.Currency), PayOn: p.PayOn.String(), GraceUntil: p.GraceUntil.String(), State: p.State,
		Received: amountOf(p.ReceivedMinor, p.Currency), Channel: p.Channel, Note: p.Note, CreatedAt: p.CreatedAt.UTC(), CreatedBy: p.CreatedBy, EndedAt: moment(p.EndedAt),
	}
}

type onePromise struct{ Body Promise }

type promisePage struct {
	Body struct {
		Promises   []Promise `json:"promises"`
		NextCursor string    `json:"next_cursor,omitempty"`
	}
}

type promiseQuery struct {
	Paged
	Sought
	State string `query:"state" enum:"open,kept,broken" doc:"Only those; kept takes in those kept in part"`
}

type newPromise struct {
	Repeatable
	Body struct {
		Invoice uuid.UUID `json:"invoice" format:"uuid"`
		Minor   int64     `json:"minor,omitempty" minimum:"1" doc:"In the smallest unit of the invoice's currency; without it, all that is asked"`
		PayOn   string    `json:"pay_on" format:"date"`
		Note    string    `json:"note,omitempty" maxLength:"500"`
		Confirm bool      `json:"confirm,omitempty" doc:"Tell the debtor by e-mail"`
	}
}

// spot is where a page of arrangements begins.
type spot struct {
	At time.Time `json:"a"`
	ID uuid.UUID `json:"i"`
}

func (h *hub) promises() {
	register(h, operation{id: "list-promises", method: http.MethodGet, path: "/promises", tag: "Promises", scope: tenant.Read, summary: "List promises to pay, the newest first"}, h.listPromises)
	register(h, operation{id: "create-promise", method: http.MethodPost, path: "/promises", tag: "Promises", scope: tenant.Write, status: http.StatusCreated, summary: "Note a promise to pay",
		description: "Nothing is asked until its day and grace are over. The number and length of promises per invoice are limited.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.createPromise)
	register(h, operation{id: "get-promise", method: http.MethodGet, path: "/promises/{id}", tag: "Promises", scope: tenant.Read, summary: "Get a promise", errors: []int{http.StatusNotFound}}, h.getPromise)
	register(h, operation{id: "withdraw-promise", method: http.MethodPost, path: "/promises/{id}/withdraw", tag: "Promises", scope: tenant.Write, summary: "Take a promise back",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, h.withdrawPromise)
}

func (h *hub) listPromises(ctx context.Context, who actor, in *promiseQuery) (*promisePage, error) {
	out := &promisePage{}
	out.Body.Promises = []Promise{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		today, err := tx.Today(ctx, h.Real)
		if err != nil {
			return err
		}
		p := db.PromiseListParams{Tab: in.State, Search: in.Search, Due: in.Due, Today: today, Most: int32(in.Limit) + 1}
		var at spot
		if given, err := in.unseal(&at); err != nil {
			return err
		} else if given {
			p.FromAt, p.FromID = &at.At, at.ID
		}
		rows, err := tx.PromiseList(ctx, p)
		if err != nil {
			return fmt.Errorf("list promises: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			out.Body.NextCursor = seal(spot{rows[in.Limit-1].CreatedAt, rows[in.Limit-1].ID})
		}
		for _, r := range rows {
			out.Body.Promises = append(out.Body.Promises, promiseOf(db.PromiseRow(r)))
		}
		return nil
	})
}

// dateOf reads a day that the schema has checked the form of.
func dateOf(text string) (date.Date, error) {
	if text == "" {
		return date.Date{}, nil
	}
	d, err := date.Parse(text)
	if err != nil {
		return d, fault.New(fault.Invalid, "day_unreadable", "Write a day as 2026-11-24.")
	}
	return d, nil
}

func (h *hub) createPromise(ctx context.Context, who actor, in *newPromise) (*onePromise, error) {
	out := &onePromise{}
	on, err := dateOf(in.Body.PayOn)
	if err != nil {
		return nil, err
	}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		inv, err := tx.Invoice(ctx, in.Body.Invoice)
		if err != nil {
			return fmt.Errorf("find the invoice: %w", err)
		}
		q := arrangement.NewPromise{Invoice: inv.ID, PayOn: on, Channel: "person", Note: in.Body.Note, By: who.by, Tell: in.Body.Confirm}
		if who.program {
			q.Channel = "api"
		}
		if in.Body.Minor > 0 {
			q.Amount = money.Of(in.Body.Minor, inv.Currency)
		}
		id, err := h.Desk.Promise(ctx, tx, q)
		if err != nil {
			return err
		}
		return h.fillPromise(ctx, tx, id, out)
	})
}

func (h *hub) fillPromise(ctx context.Context, tx store.Tx, id uuid.UUID, out *onePromise) error {
	row, err := tx.Promise(ctx, id)
	out.Body = promiseOf(row)
	return err
}

func (h *hub) getPromise(ctx context.Context, who actor, in *ByID) (*onePromise, error) {
	out := &onePromise{}
	return out, h.read(ctx, who, func(tx store.Tx) error { return h.fillPromise(ctx, tx, in.ID, out) })
}

func (h *hub) withdrawPromise(ctx context.Context, who actor, in *ByID) (*onePromise, error) {
	out := &onePromise{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		if err := h.Desk.WithdrawPromise(ctx, tx, in.ID, who.by); err != nil {
			return err
		}
		return h.fillPromise(ctx, tx, in.ID, out)
	})
}
