package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Mandate is a debtor's leave to collect.
type Mandate struct {
	ID                uuid.UUID  `json:"id" format:"uuid"`
	Debtor            uuid.UUID  `json:"debtor" format:"uuid"`
	State             string     `json:"state" enum:"pending,valid,suspended,revoked,not_given,expired" doc:"Only a valid one is collected by"`
	Why               string     `json:"why,omitempty"`
	Scheme            string     `json:"scheme" enum:"core,b2b"`
	Reference         string     `json:"reference" doc:"In the text that the debtor agreed to"`
	ProviderReference string     `json:"provider_reference,omitempty" doc:"As the debtor's bank knows it"`
	SignedOn          string     `json:"signed_on" format:"date"`
	AccountLast       string     `json:"account_last,omitempty" doc:"Last four characters of the account" example:"4300"`
	LeadDays          int        `json:"lead_days" doc:"Agreed days between announcement and collection"`
	LastUsed          *string    `json:"last_used,omitempty" format:"date"`
	EndedAt           *time.Time `json:"ended_at,omitempty"`
	Wording           string     `json:"wording,omitempty" doc:"The text that the debtor agreed to; a list leaves it out"`
}

func mandateOf(m db.Mandate) Mandate {
	return Mandate{
		ID: m.ID, Debtor: m.DebtorID, State: m.State, Why: m.Why, Scheme: m.Scheme, Reference: m.Reference, ProviderReference: m.ProviderReference, SignedOn: m.SignedOn.String(),
		AccountLast: m.AccountLast, LeadDays: int(m.LeadDays), LastUsed: day(m.LastUsed), EndedAt: moment(m.EndedAt),
	}
}

type mandateList struct {
	Body struct {
		Items      []Mandate `json:"items"`
		NextCursor string    `json:"next_cursor,omitempty"`
	}
}

type oneMandate struct{ Body Mandate }

type postByID struct {
	ByID
	Repeatable
}

type putDebitChoice struct {
	ByID
	Body struct {
		Mode string `json:"mode" enum:"on,off,inherit" doc:"inherit: as the administration"`
	}
}

func (h *hub) mandates() {
	const tag = "Direct debit"
	register(h, operation{id: "list-mandates", method: http.MethodGet, path: "/mandates", tag: tag, scope: tenant.Read, summary: "List mandates"}, h.listMandates)
	register(h, operation{id: "get-mandate", method: http.MethodGet, path: "/mandates/{id}", tag: tag, scope: tenant.Read, summary: "Get a mandate", errors: []int{http.StatusNotFound}}, h.getMandate)
	register(h, operation{id: "revoke-mandate", method: http.MethodDelete, path: "/mandates/{id}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Withdraw a mandate",
		description: "What is not with the bank yet is not collected; the debtor gets a new term to transfer it.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.revokeMandate)
	register(h, operation{id: "resume-mandate", method: http.MethodPost, path: "/mandates/{id}/resume", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Resume a suspended mandate",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, h.resumeMandate)
	register(h, operation{id: "choose-debit", method: http.MethodPut, path: "/debtors/{id}/debit", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Choose for a debtor whether invoices are collected",
		errors: []int{http.StatusNotFound}}, h.chooseDebit)
}

func (h *hub) listMandates(ctx context.Context, who actor, in *Paged) (*mandateList, error) {
	out := &mandateList{}
	out.Body.Items = []Mandate{}
	var after uuid.UUID
	if _, err := in.unseal(&after); err != nil {
		return nil, err
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.MandatesPage(ctx, db.MandatesPageParams{After: after, Most: int32(in.Limit) + 1})
		if err != nil {
			return fmt.Errorf("list mandates: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			out.Body.NextCursor = seal(rows[in.Limit-1].ID)
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, Mandate{
				ID: r.ID, Debtor: r.DebtorID, State: r.State, Why: r.Why, Scheme: r.Scheme, Reference: r.Reference, ProviderReference: r.ProviderReference, SignedOn: r.SignedOn.String(),
				AccountLast: r.AccountLast, LeadDays: int(r.LeadDays), LastUsed: day(r.LastUsed), EndedAt: moment(r.EndedAt),
			})
		}
		return nil
	})
}

func (h *hub) getMandate(ctx context.Context, who actor, in *ByID) (*oneMandate, error) {
	out := &oneMandate{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		m, err := tx.Mandate(ctx, in.ID)
		out.Body = mandateOf(m)
		out.Body.Wording = m.Wording
		return err
	})
}

func (h *hub) revokeMandate(ctx context.Context, who actor, in *ByID) (*struct{}, error) {
	return nil, h.Debits.Revoke(ctx, who.tenant, in.ID, who.by)
}

func (h *hub) resumeMandate(ctx context.Context, who actor, in *postByID) (*struct{}, error) {
	return nil, h.Debits.Resume(ctx, who.tenant, in.ID, who.by)
}

func (h *hub) chooseDebit(ctx context.Context, who actor, in *putDebitChoice) (*struct{}, error) {
	mode := in.Body.Mode
	if mode == "inherit" {
		mode = ""
	}
	return nil, h.Debits.Choose(ctx, who.tenant, in.ID, mode, who.by)
}
