package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// Case is a collection case.
type Case struct {
	ID       uuid.UUID     `json:"id" format:"uuid"`
	Number   string        `json:"number" example:"Z2026-0001"`
	State    string        `json:"state" enum:"open,ready,bailiff,monitored,closed" doc:"ready: it may go to a bailiff; monitored: watched without asking"`
	Debtor   uuid.UUID     `json:"debtor" format:"uuid"`
	OpenedAt time.Time     `json:"opened_at"`
	ClosedAt *time.Time    `json:"closed_at,omitempty"`
	Invoices []CaseInvoice `json:"invoices"`
	Entries  []CaseEntry   `json:"entries" doc:"Costs and interest; a correction is a further entry"`
	Notice   *Notice       `json:"notice,omitempty" doc:"The statutory notice, for a consumer"`
}

// CaseInvoice is an invoice in a case.
type CaseInvoice struct {
	Invoice      uuid.UUID `json:"invoice" format:"uuid"`
	Number       string    `json:"number"`
	Principal    Amount    `json:"principal" doc:"What was open when the case was opened"`
	InterestFrom string    `json:"interest_from" format:"date"`
}

// CaseEntry is a booking of costs or interest, with how it was computed.
type CaseEntry struct {
	Kind        string         `json:"kind" enum:"costs,costs_vat,fee,interest,waiver,payment"`
	Amount      Amount         `json:"amount"`
	Through     *string        `json:"through,omitempty" format:"date"`
	Provisional bool           `json:"provisional" doc:"It rests on a figure that is not confirmed"`
	At          time.Time      `json:"at"`
	Calculation map[string]any `json:"calculation" doc:"Rates, days, bases and the articles of law"`
}

// Notice is the statutory notice and its term.
type Notice struct {
	PostedOn    string `json:"posted_on" format:"date"`
	ReceivedOn  string `json:"received_on" format:"date"`
	TermLastDay string `json:"term_last_day" format:"date"`
	CostsFrom   string `json:"costs_from" format:"date"`
	Costs       Amount `json:"costs" doc:"As announced"`
	Valid       bool   `json:"valid"`
}

type oneCase struct{ Body Case }

func (h *hub) cases() {
	register(h, operation{id: "get-case", method: http.MethodGet, path: "/cases/{id}", tag: "Cases", scope: tenant.Read, summary: "Get a case with its ledger", errors: []int{http.StatusNotFound}}, h.getCase)
}

func (h *hub) getCase(ctx context.Context, who actor, in *ByID) (*oneCase, error) {
	out := &oneCase{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		c, err := tx.CaseByID(ctx, in.ID)
		if err != nil {
			return err
		}
		out.Body = Case{ID: c.ID, Number: c.Number, State: c.State, Debtor: c.DebtorID, OpenedAt: c.OpenedAt.UTC(), ClosedAt: moment(c.ClosedAt), Invoices: []CaseInvoice{}, Entries: []CaseEntry{}}
		invoices, err := tx.CaseInvoices(ctx, in.ID)
		if err != nil {
			return fmt.Errorf("load the invoices of a case: %w", err)
		}
		for _, i := range invoices {
			out.Body.Invoices = append(out.Body.Invoices, CaseInvoice{Invoice: i.InvoiceID, Number: i.Number, Principal: amountOf(i.PrincipalMinor, i.Currency), InterestFrom: i.InterestFrom.String()})
		}
		if err := entriesOf(ctx, tx, &out.Body); err != nil {
			return err
		}
		if !c.NoticeID.Valid {
			return nil
		}
		n, err := tx.Notice(ctx, c.NoticeID.UUID)
		out.Body.Notice = &Notice{
			PostedOn: n.PostedOn.String(), ReceivedOn: n.ReceivedOn.String(), TermLastDay: n.TermLastDay.String(), CostsFrom: n.CostsFrom.String(), Costs: amountOf(n.CostsMinor, n.Currency), Valid: n.VoidAt == nil,
		}
		return err
	})
}
