package web

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ratesShown is how many reference rates the page lists.
const ratesShown = 40

func (s *site) rateRoutes() {
	s.look("GET /settings/rates", (*visit).ratesPage)
	s.own("POST /settings/rates", (*visit).setRate)
	s.own("POST /settings/rates/file", (*visit).loadRates)
}

func (v *visit) ratesPage() error {
	m, err := v.ratesModel(v.r.URL.Query().Get("invoice"), nil)
	if err != nil {
		return err
	}
	return v.show(settings.Rates(m))
}

// ratesModel shows the rates; typed is what a refused form held.
func (v *visit) ratesModel(of string, typed *exchange.Rate) (m settings.RatesModel, err error) {
	m.Look = !v.owner()
	return m, v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "Exchange rates"); err != nil {
			return err
		}
		waiting, err := tx.WaitForRate(ctx)
		if err != nil {
			return fmt.Errorf("find what waits for a rate: %w", err)
		}
		for _, id := range waiting {
			w, _, err := v.rateWait(ctx, tx, id)
			if err != nil {
				return err
			}
			m.Waiting = append(m.Waiting, w)
		}
		first := exchange.Rate{Base: "EUR", On: m.Frame.Today(), Source: exchange.ECB}
		if len(m.Waiting) > 0 {
			first.Base, first.Quote = money.Currency(m.Waiting[0].Law), money.Currency(m.Waiting[0].Currency)
		}
		if id, err := uuid.Parse(of); err == nil {
			w, now, err := v.rateWait(ctx, tx, id)
			if err != nil {
				return errNotHere.Because(err)
			}
			m.Invoice = &w
			first.Base, first.Quote, first.Source = money.Currency(w.Law), money.Currency(w.Currency), ""
			if !now.IsZero() {
				first = now
			}
		}
		if typed != nil {
			first = *typed
		}
		rateFields(&m, first)
		rates, err := exchange.Latest(ctx, tx, ratesShown)
		for _, r := range rates {
			m.Rates = append(m.Rates, settings.Rate{On: r.On, Text: fmt.Sprintf("%s 1 = %s %s", r.Base, r.Quote, r.Units), Source: r.Source, By: r.By})
		}
		return err
	})
}

// rateWait names an invoice with its currencies, and the rate that it has now.
func (v *visit) rateWait(ctx context.Context, tx store.Tx, id uuid.UUID) (w settings.RateWait, now exchange.Rate, err error) {
	inv, err := tx.Invoice(ctx, id)
	if err != nil {
		return w, now, err
	}
	now, in, _, err := v.Planner.RateOf(ctx, tx, id)
	return settings.RateWait{ID: id.String(), Number: inv.Number, Currency: string(inv.Currency), Law: string(in)}, now, err
}

func rateFields(m *settings.RatesModel, r exchange.Rate) {
	in := func(name, label, value, hint, placeholder, mode string) component.TextInput {
		return component.TextInput{ID: name, Name: name, Label: label, Value: value, Hint: hint, Placeholder: placeholder, InputMode: mode, Required: true, Autocomplete: "off"}
	}
	m.Base = in("base", "One unit of", string(r.Base), "", "EUR", "")
	m.Quote = in("quote", "in", string(r.Quote), "", "USD", "")
	m.Units = in("units", "is", r.Units, "", "1.0835", "decimal")
	m.On = in("on", "On", r.On.String(), "", "", "")
	m.On.Type, m.On.Max = "date", m.Frame.Today().String()
	m.Source = in("source", "Published by", r.Source, "A debtor reads it beside the amounts.", exchange.ECB, "")
}

// setRate keeps a rate that a person types, for all or for one invoice (R123).
func (v *visit) setRate() error {
	of := v.field("invoice")
	r := exchange.Rate{Base: money.Currency(cutText(v.field("base"), 8)), Quote: money.Currency(cutText(v.field("quote"), 8)), Units: cutText(v.field("units"), 24), Source: cutText(v.field("source"), 200)}.Tidy()
	r.On, _ = date.Parse(v.field("on"))
	invoice, err := uuid.Parse(of)
	if of != "" && err != nil {
		return errNotHere
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		if of != "" {
			return v.Planner.SetInvoiceRate(ctx, tx, invoice, r, v.member.Name)
		}
		return v.Planner.SetReferenceRates(ctx, tx, []exchange.Rate{r}, v.member.Name)
	})
	if x := fault.Of(err); err != nil && (x.Kind == fault.Invalid || x.Kind == fault.Conflict) {
		m, err := v.ratesModel(of, &r)
		if err != nil {
			return err
		}
		m.Error = x.Message
		return v.again(settings.Rates(m))
	}
	if err != nil {
		return err
	}
	to := "/settings/rates"
	if of != "" {
		to = "/invoices/" + of
	}
	return v.done(to, component.Flash{Tone: component.Green, Text: "Saved. What waited for it goes on."})
}

// loadRates takes in the file of the central bank.
func (v *visit) loadRates() error {
	_, content, err := v.file("file")
	var rates []exchange.Rate
	if err == nil {
		rates, err = exchange.ReadECB(bytes.NewReader(content))
	}
	if err == nil {
		err = v.write(func(ctx context.Context, tx store.Tx) error {
			return v.Planner.SetReferenceRates(ctx, tx, rates, v.member.Name)
		})
	}
	if x := fault.Of(err); err != nil && x.Kind == fault.Invalid {
		m, err := v.ratesModel("", nil)
		if err != nil {
			return err
		}
		m.FileError = x.Message
		return v.again(settings.Rates(m))
	}
	if err != nil {
		return err
	}
	return v.done("/settings/rates", component.Flash{Tone: component.Green, Text: fmt.Sprintf("Loaded %d rates. What waited for one goes on.", len(rates))})
}
