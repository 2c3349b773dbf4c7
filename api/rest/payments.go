package rest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Payment is money received.
type Payment struct {
	ID          uuid.UUID    `json:"id" format:"uuid"`
	Debtor      *uuid.UUID   `json:"debtor,omitempty" format:"uuid"`
	Source      string       `json:"source" enum:"books,bank,mollie,manual,bailiff" doc:"Where it was seen first"`
	State       string       `json:"state" enum:"pending,booked,failed,reversed"`
	Amount      Amount       `json:"amount"`
	ValueDate   *string      `json:"value_date,omitempty" format:"date"`
	Reference   string       `json:"reference"`
	SeenAt      time.Time    `json:"seen_at"`
	Allocations []Allocation `json:"allocations" doc:"What it settles; the rest is credit of the debtor"`
}

// Allocation is the part of a payment that settles an invoice.
type Allocation struct {
	Invoice uuid.UUID `json:"invoice" format:"uuid"`
	Amount  Amount    `json:"amount"`
	Method  string    `json:"method" doc:"How it was found"`
}

type listPayments struct {
	Paged
	Debtor  uuid.UUID `query:"debtor" format:"uuid"`
	Invoice uuid.UUID `query:"invoice" format:"uuid"`
}

type paymentPage struct {
	Body struct {
		Items      []Payment `json:"items"`
		NextCursor string    `json:"next_cursor,omitempty"`
	}
}

func (h *hub) payments() {
	register(h, operation{id: "list-payments", method: http.MethodGet, path: "/payments", tag: "Payments", scope: tenant.Read, summary: "List payments, the newest first"}, h.listPayments)
}

// paymentPlace is where a payment stands in the list.
type paymentPlace struct {
	SeenAt time.Time `json:"t"`
	ID     uuid.UUID `json:"i"`
}

func (h *hub) listPayments(ctx context.Context, who actor, in *listPayments) (*paymentPage, error) {
	q := db.PaymentListParams{Most: int32(in.Limit) + 1, Debtor: uuid.NullUUID{UUID: in.Debtor, Valid: in.Debtor != uuid.Nil}, Invoice: uuid.NullUUID{UUID: in.Invoice, Valid: in.Invoice != uuid.Nil}}
	var after paymentPlace
	if ok, err := in.unseal(&after); err != nil {
		return nil, err
	} else if ok {
		q.BeforeAt, q.BeforeID = &after.SeenAt, uuid.NullUUID{UUID: after.ID, Valid: true}
	}
	out := &paymentPage{}
	out.Body.Items = []Payment{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.PaymentList(ctx, q)
		if err != nil {
			return fmt.Errorf("list payments: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			last := rows[in.Limit-1]
			out.Body.NextCursor = seal(paymentPlace{last.SeenAt, last.ID})
		}
		ids, place := make([]uuid.UUID, len(rows)), map[uuid.UUID]int{}
		for i, p := range rows {
			ids[i], place[p.ID] = p.ID, i
			out.Body.Items = append(out.Body.Items, Payment{
				ID: p.ID, Debtor: optional(p.DebtorID), Source: p.Source, State: p.State, Amount: amountOf(p.AmountMinor, p.Currency), ValueDate: day(p.ValueDate),
				Reference: p.Reference, SeenAt: p.SeenAt.UTC(), Allocations: []Allocation{},
			})
		}
		parts, err := tx.AllocationsOf(ctx, ids)
		for _, a := range parts {
			p := &out.Body.Items[place[a.PaymentID]]
			p.Allocations = append(p.Allocations, Allocation{Invoice: a.InvoiceID, Amount: Amount{Minor: a.AmountMinor, Currency: p.Amount.Currency, Text: amountOf(a.AmountMinor, rows[place[a.PaymentID]].Currency).Text}, Method: a.Method})
		}
		return err
	})
}

// StatementReport says what came of a bank statement.
type StatementReport struct {
	Statements int `json:"statements" doc:"New ones"`
	Known      int `json:"known" doc:"Statements that were there already"`
	Lines      int `json:"lines"`
	Matched    int `json:"matched" doc:"Booked on an invoice"`
	Suggested  int `json:"suggested" doc:"Wait for a person to agree"`
	Unmatched  int `json:"unmatched"`
	Reversals  int `json:"reversals" doc:"Returns and corrections, for a person"`
}

type newStatement struct {
	Repeatable
	Administration uuid.UUID `query:"administration" format:"uuid" required:"true"`
	Name           string    `query:"name" maxLength:"120" doc:"The file's name"`
	RawBody        []byte    `contentType:"application/octet-stream"`
}

type statementReport struct{ Body StatementReport }

func (h *hub) bank() {
	register(h, operation{id: "import-bank-statement", method: http.MethodPost, path: "/bank-statements", tag: "Payments", scope: tenant.Write, summary: "Import a bank statement",
		description: "The body is a CAMT.053 or MT940 file. All of it is taken or nothing; a statement that comes again changes nothing.", maxBody: bodyBytes, errors: []int{http.StatusNotFound, http.StatusRequestEntityTooLarge}}, h.importStatement)
}

func (h *hub) importStatement(ctx context.Context, who actor, in *newStatement) (*statementReport, error) {
	if err := h.read(ctx, who, func(tx store.Tx) error {
		_, err := tx.Administration(ctx, in.Administration)
		return err
	}); err != nil {
		return nil, err
	}
	r, err := h.Bank.Import(ctx, who.tenant, in.Administration, in.Name, bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, err
	}
	return &statementReport{StatementReport{Statements: r.Statements, Known: r.Known, Lines: r.Lines, Matched: r.Matched, Suggested: r.Suggested, Unmatched: r.Unmatched, Reversals: r.Reversals}}, nil
}
