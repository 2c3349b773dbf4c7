package rest

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// Fees are what the reminders of an invoice cost by law, beside the invoice.
type Fees struct {
	Charged   Amount     `json:"charged"`
	Waived    Amount     `json:"waived"`
	Paid      Amount     `json:"paid"`
	TakenOver Amount     `json:"taken_over" doc:"What a case asks for since"`
	Open      Amount     `json:"open"`
	Entries   []FeeEntry `json:"entries"`
}

// FeeEntry is a line of that ledger; nothing in it ever changes.
type FeeEntry struct {
	Kind    string     `json:"kind" enum:"charged,waived,restored,taken_over"`
	Amount  Amount     `json:"amount" doc:"What the debtor owes more by it, or less"`
	On      string     `json:"on" format:"date"`
	Message *uuid.UUID `json:"message,omitempty" doc:"Of a charge: the reminder"`
	Case    *uuid.UUID `json:"case,omitempty" doc:"Of what was taken over"`
	Law     string     `json:"law" doc:"Of a charge: whose law, ISO 3166-1"`
	Rule    string     `json:"rule" doc:"Of a charge: the article that it rests on"`
	Sources []string   `json:"sources"`
	Why     string     `json:"why"`
	By      string     `json:"by"`
}

type (
	feesOut     struct{ Body Fees }
	waiveFeesIn struct {
		ByID
		Repeatable
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"500"`
		}
	}
)

func (h *hub) fees() {
	const path = "/invoices/{id}/fees"
	op := func(id, method, path, summary string, scope tenant.Scope, status int) operation {
		return operation{id: id, method: method, path: path, tag: "Invoices", scope: scope, status: status, summary: summary, errors: []int{http.StatusNotFound, http.StatusConflict}}
	}
	register(h, op("get-fees", http.MethodGet, path, "Get what the reminders of an invoice cost", tenant.Read, 0), h.getFees)
	register(h, op("waive-fees", http.MethodPost, path+"/waive", "Waive what is open of the fees for reminders", tenant.Write, http.StatusNoContent), func(ctx context.Context, who actor, in *waiveFeesIn) (*struct{}, error) {
		return nil, h.changeFees(ctx, who, in, h.Planner.WaiveFees)
	})
	register(h, op("restore-fees", http.MethodPost, path+"/restore", "Undo the waivers of the fees for reminders", tenant.Write, http.StatusNoContent), func(ctx context.Context, who actor, in *waiveFeesIn) (*struct{}, error) {
		return nil, h.changeFees(ctx, who, in, h.Planner.RestoreFees)
	})
}

func (h *hub) changeFees(ctx context.Context, who actor, in *waiveFeesIn, do func(context.Context, store.Tx, uuid.UUID, string, string) error) error {
	return h.write(ctx, who, func(tx store.Tx) error {
		inv, err := tx.Invoice(ctx, in.ID)
		if err != nil {
			return err
		}
		if err := arrangement.MayWaive(ctx, tx, inv.DebtorID, who.owner || who.program); err != nil {
			return err
		}
		return do(ctx, tx, in.ID, in.Body.Reason, who.by)
	})
}

func (h *hub) getFees(ctx context.Context, who actor, in *ByID) (*feesOut, error) {
	out := &feesOut{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		a, err := fee.OfInvoice(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		list, err := fee.Entries(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		b := &out.Body
		b.Charged, b.Waived, b.Paid, b.TakenOver, b.Open = amountOf(a.Charged, a.Currency), amountOf(a.Waived, a.Currency), amountOf(a.Paid, a.Currency), amountOf(a.Taken, a.Currency), amountOf(a.Open().Minor, a.Currency)
		b.Entries = []FeeEntry{}
		for _, e := range list {
			x := FeeEntry{Kind: e.Kind, Amount: amountOf(e.Amount.Minor, e.Amount.Currency), On: e.On.String(), Law: e.Law, Rule: e.Rule(), Why: e.Why, By: e.By, Sources: []string{}}
			if e.Message != uuid.Nil {
				x.Message = &e.Message
			}
			if e.Case != uuid.Nil {
				x.Case = &e.Case
			}
			for _, c := range e.Fee.Citations {
				x.Sources = slices.Concat(x.Sources, c.Sources)
			}
			b.Entries = append(b.Entries, x)
		}
		return nil
	})
}
