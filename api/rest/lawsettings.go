package rest

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// LawTerms are by which law an administration claims, and what its terms say.
type LawTerms struct {
	Country            string `json:"country" maxLength:"2" example:"BE" doc:"Of the law, ISO 3166-1; empty for the country of the administration"`
	DueAgreed          *bool  `json:"due_agreed,omitempty" doc:"The contract fixes the day to pay; left out for what is usual in the country"`
	CostsClause        bool   `json:"costs_clause" doc:"The terms claim collection costs as far as the law allows"`
	AgreedRateBusiness string `json:"agreed_rate_business" maxLength:"12" example:"12.00" doc:"Yearly percentage in the terms with businesses; empty for the statutory rate"`
	AgreedRateConsumer string `json:"agreed_rate_consumer" maxLength:"12" example:"8.00" doc:"The same with consumers"`
	InvoiceNotices     bool   `json:"invoice_notices" doc:"Invoice messages carry the sentences of the law"`
	Supplies           string `json:"supplies" maxLength:"200" example:"bread and pastry" doc:"What is sold, for a notice that has to say so; at most 80 characters"`
	RecurringSupply    bool   `json:"recurring_supply,omitempty" doc:"Goods or services are delivered regularly under one contract"`
	ReminderFee        string `json:"reminder_fee,omitempty" maxLength:"12" example:"2.50" doc:"What a reminder costs the debtor, where the law lets it and no more than it lets; empty for nothing"`
}

// LawRuling is what the law makes of a term.
type LawRuling struct {
	Term        string   `json:"term" enum:"due_agreed,costs_clause,agreed_rate_business,agreed_rate_consumer,invoice_notices,supplies,recurring_supply,reminder_fee"`
	Debtors     []string `json:"debtors" example:"[\"consumer\"]" doc:"About whom it speaks: business, public_body, consumer"`
	Text        string   `json:"text"`
	Article     string   `json:"article"`
	Provisional bool     `json:"provisional" doc:"No source confirms it"`
	Sources     []string `json:"sources"`
}

type lawTerms struct {
	Body struct {
		LawTerms
		Law     string      `json:"law" example:"BE" doc:"The law that holds"`
		Known   bool        `json:"known" doc:"Without its law pack nothing beyond the principal is asked"`
		Rulings []LawRuling `json:"rulings" doc:"What the law makes of each term; it makes nothing of a term that is not here"`
	}
}

type putLawTerms struct {
	ByID
	Body LawTerms
}

func (h *hub) lawSettings() {
	const tag, path = "Law", "/administrations/{id}/law-settings"
	register(h, operation{id: "get-law-settings", method: http.MethodGet, path: path, tag: tag, scope: tenant.Read, summary: "Get by which law an administration claims, and what its terms say", errors: []int{http.StatusNotFound}}, h.getLawSettings)
	register(h, operation{id: "put-law-settings", method: http.MethodPut, path: path, tag: tag, scope: tenant.Write, settings: true, summary: "Change by which law an administration claims, and what its terms say",
		description: "Open invoices follow it from then on. Notices that were sent keep the law that they were sent under.", errors: []int{http.StatusNotFound}}, h.putLawSettings)
}

func (h *hub) getLawSettings(ctx context.Context, who actor, in *ByID) (*lawTerms, error) {
	out := &lawTerms{}
	out.Body.Rulings = []LawRuling{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		a, err := tx.Administration(ctx, in.ID)
		if err != nil {
			return err
		}
		s := dunning.LawSettingsOf(a)
		out.Body.LawTerms, out.Body.Law = LawTerms(s), cmp.Or(s.Country, a.Country)
		clauses, _, err := h.Planner.Clauses(ctx, tx, a, s)
		out.Body.Known = clauses != nil
		for _, clause := range []law.Clause{law.DueAgreed, law.CostsClause, law.AgreedRateBusiness, law.AgreedRateConsumer, law.InvoiceNotices, law.Supplies, law.RecurringSupply, law.ReminderCharge} {
			for _, r := range clauses[clause] {
				said := LawRuling{Term: string(clause), Text: r.Text, Article: r.Article, Provisional: !r.Status.Confirmed(), Sources: slices.Concat([]string{}, r.Sources)}
				for _, d := range r.Debtors {
					said.Debtors = append(said.Debtors, string(d))
				}
				out.Body.Rulings = append(out.Body.Rulings, said)
			}
		}
		return err
	})
}

func (h *hub) putLawSettings(ctx context.Context, who actor, in *putLawTerms) (*lawTerms, error) {
	if err := h.write(ctx, who, func(tx store.Tx) error {
		return h.Planner.SetLaw(ctx, tx, in.ID, dunning.LawSettings(in.Body), who.by)
	}); err != nil {
		return nil, err
	}
	return h.getLawSettings(ctx, who, &in.ByID)
}
