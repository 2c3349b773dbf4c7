package rest

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ExchangeRate is what one unit of a currency was worth in another on a day.
type ExchangeRate struct {
	Base   string `json:"base" minLength:"3" maxLength:"3" example:"EUR"`
	Quote  string `json:"quote" minLength:"3" maxLength:"3" example:"USD"`
	Units  string `json:"units" maxLength:"21" example:"1.0835" doc:"Of quote for one of base, a decimal"`
	On     string `json:"on" format:"date" example:"2026-11-20"`
	Source string `json:"source" maxLength:"120" example:"European Central Bank, euro reference rate" doc:"Who published it; a debtor reads it"`
	By     string `json:"given_by,omitempty" readOnly:"true"`
}

type exchangeRates struct {
	Body struct {
		Rates []ExchangeRate `json:"rates" maxItems:"1000" minItems:"1"`
	}
}

type listedRates struct {
	Body struct {
		Rates   []ExchangeRate `json:"rates" doc:"Reference rates, the newest first"`
		Waiting []uuid.UUID    `json:"waiting" doc:"Invoices that wait for a rate"`
	}
}

type putInvoiceRate struct {
	ByID
	Body ExchangeRate
}

type invoiceRate struct {
	Body struct {
		Needed   bool          `json:"needed" doc:"The invoice is in another currency than its law counts in"`
		Currency string        `json:"law_currency" example:"EUR"`
		Rate     *ExchangeRate `json:"rate,omitempty" doc:"What it is converted by now; without one, costs wait"`
	}
}

func (h *hub) rates() {
	const tag, path = "Law", "/exchange-rates"
	register(h, operation{id: "list-exchange-rates", method: http.MethodGet, path: path, tag: tag, scope: tenant.Read, summary: "List the newest reference rates, and the invoices that wait for one"}, h.listRates)
	register(h, operation{id: "put-exchange-rates", method: http.MethodPut, path: path, tag: tag, scope: tenant.Write, settings: true, summary: "Keep reference rates of one or more days",
		description: "A claim in another currency than its law counts in is converted by the youngest rate of the last seven days. What a notice or a case was computed with stays as it was (R123). A rate of the same day is replaced."}, h.putRates)
	register(h, operation{id: "get-invoice-exchange-rate", method: http.MethodGet, path: "/invoices/{id}/exchange-rate", tag: tag, scope: tenant.Read, summary: "Get what an invoice is converted by", errors: []int{http.StatusNotFound}}, h.getInvoiceRate)
	register(h, operation{id: "put-invoice-exchange-rate", method: http.MethodPut, path: "/invoices/{id}/exchange-rate", tag: tag, scope: tenant.Write, settings: true, summary: "Give a rate for one invoice",
		description: "It comes before the reference rates. A case that is open keeps its rate.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.putInvoiceRate)
}

func shownRate(r exchange.Rate) ExchangeRate {
	return ExchangeRate{Base: string(r.Base), Quote: string(r.Quote), Units: r.Units, On: r.On.String(), Source: r.Source, By: r.By}
}

func (r ExchangeRate) rate() (exchange.Rate, error) {
	on, err := date.Parse(r.On)
	if err != nil {
		return exchange.Rate{}, fault.New(fault.Invalid, "rate_day", "Give the day of the rate, as 2026-11-20.").Because(err)
	}
	return exchange.Rate{Base: money.Currency(r.Base), Quote: money.Currency(r.Quote), Units: r.Units, On: on, Source: r.Source}.Tidy(), nil
}

func (h *hub) listRates(ctx context.Context, who actor, _ *struct{}) (*listedRates, error) {
	out := &listedRates{}
	out.Body.Rates = []ExchangeRate{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		list, err := exchange.Latest(ctx, tx, 200)
		if err != nil {
			return err
		}
		for _, r := range list {
			out.Body.Rates = append(out.Body.Rates, shownRate(r))
		}
		waiting, err := tx.WaitForRate(ctx)
		out.Body.Waiting = append([]uuid.UUID{}, waiting...)
		return err
	})
}

func (h *hub) putRates(ctx context.Context, who actor, in *exchangeRates) (*listedRates, error) {
	list := make([]exchange.Rate, len(in.Body.Rates))
	for i, r := range in.Body.Rates {
		var err error
		if list[i], err = r.rate(); err != nil {
			return nil, err
		}
	}
	if err := h.write(ctx, who, func(tx store.Tx) error { return h.Planner.SetReferenceRates(ctx, tx, list, who.by) }); err != nil {
		return nil, err
	}
	return h.listRates(ctx, who, nil)
}

func (h *hub) getInvoiceRate(ctx context.Context, who actor, in *ByID) (*invoiceRate, error) {
	out := &invoiceRate{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		r, law, needed, err := h.Planner.RateOf(ctx, tx, in.ID)
		out.Body.Needed, out.Body.Currency = needed, string(law)
		if !r.IsZero() {
			shown := shownRate(r)
			out.Body.Rate = &shown
		}
		return err
	})
}

func (h *hub) putInvoiceRate(ctx context.Context, who actor, in *putInvoiceRate) (*invoiceRate, error) {
	r, err := in.Body.rate()
	if err != nil {
		return nil, err
	}
	if err := h.write(ctx, who, func(tx store.Tx) error { return h.Planner.SetInvoiceRate(ctx, tx, in.ID, r, who.by) }); err != nil {
		return nil, err
	}
	return h.getInvoiceRate(ctx, who, &in.ByID)
}
