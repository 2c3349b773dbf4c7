package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// CaseLine is a case of a list.
type CaseLine struct {
	ID        uuid.UUID `json:"id" format:"uuid"`
	Number    string    `json:"number" example:"Z2026-0001"`
	State     string    `json:"state" enum:"open,ready,bailiff,monitored,closed"`
	Debtor    Reference `json:"debtor"`
	Principal Amount    `json:"principal" doc:"What is open of its invoices"`
	Charges   Amount    `json:"charges" doc:"Costs and interest that were booked"`
	NextStep  string    `json:"next_step,omitempty"`
	OpenedAt  time.Time `json:"opened_at"`
}

type caseQuery struct {
	Paged
	Closed bool      `query:"closed" doc:"Those that are closed, instead of those that are not"`
	State  []string  `query:"state" enum:"open,ready,bailiff,monitored,closed" doc:"In any of these states, separated by commas; closed does not count then"`
	Debtor uuid.UUID `query:"debtor" format:"uuid" doc:"Of this debtor"`
	Search string    `query:"search" maxLength:"100" doc:"Part of the number or of the name of the debtor, or the number of an invoice"`
}

type caseList struct {
	Body struct {
		Items      []CaseLine `json:"items"`
		NextCursor string     `json:"next_cursor,omitempty"`
	}
}

// casePlace is where a page of cases ends.
type casePlace struct {
	At time.Time `json:"t"`
	ID uuid.UUID `json:"i"`
}

func (h *hub) caseLists() {
	register(h, operation{id: "list-cases", method: http.MethodGet, path: "/cases", tag: "Cases", scope: tenant.Read, summary: "List cases, the newest first"}, h.listCases)
}

func (h *hub) listCases(ctx context.Context, who actor, in *caseQuery) (*caseList, error) {
	out := &caseList{}
	out.Body.Items = []CaseLine{}
	q := db.CaseListParams{Closed: in.Closed, States: append([]string{}, in.State...), DebtorID: uuid.NullUUID{UUID: in.Debtor, Valid: in.Debtor != uuid.Nil}, Search: strings.TrimSpace(in.Search), Most: int32(in.Limit) + 1}
	var from casePlace
	if after, err := in.unseal(&from); err != nil {
		return nil, err
	} else if after {
		q.FromAt, q.FromID = &from.At, from.ID
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.CaseList(ctx, q)
		if err != nil {
			return fmt.Errorf("list cases: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			last := rows[in.Limit-1]
			out.Body.NextCursor = seal(casePlace{last.OpenedAt, last.ID})
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, CaseLine{
				ID: r.ID, Number: r.Number, State: r.State, Debtor: Reference{r.DebtorID, r.Debtor}, Principal: amountOf(r.Principal, r.Currency), Charges: amountOf(r.Charges, r.Currency),
				NextStep: r.NextStep, OpenedAt: r.OpenedAt.UTC(),
			})
		}
		return nil
	})
}
