package emulator

import (
	"encoding/json"
	"net/http"
)

func (c *call) createPayment(l ledger) error {
	var in struct {
		Payment struct {
			Date        string          `json:"payment_date"`
			Price       json.RawMessage `json:"price"`
			Base        json.RawMessage `json:"price_base"`
			Account     ident           `json:"financial_account_id"`
			Mutation    ident           `json:"financial_mutation_id"`
			Transaction string          `json:"transaction_identifier"`
			Action      string          `json:"manual_payment_action"`
			Ledger      ident           `json:"ledger_account_id"`
			Invoice     ident           `json:"invoice_id"`
		} `json:"payment"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var body object
	err := c.change(func(ch *change) error {
		inv, err := c.find(ch.a, l)
		if err != nil {
			return notFound("invoice_id")
		}
		p, err := ch.newPayment(inv, in.Payment.Date, in.Payment.Price, in.Payment.Base)
		if err != nil {
			return err
		}
		p.Account, p.Mutation = string(in.Payment.Account), string(in.Payment.Mutation)
		p.Transaction, p.Action = in.Payment.Transaction, in.Payment.Action
		if err := ch.a.checkAction(p); err != nil {
			return err
		}
		body = ch.a.renderPayment(inv, ch.pay(inv, p))
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, body)
}

// newPayment checks what a payment must have.
func (c *change) newPayment(inv *invoice, day string, price, base json.RawMessage) (payment, error) {
	var p payment
	var bad invalid
	if day == "" {
		bad.add("payment_date", "can't be blank", "blank")
	}
	on, err := dayOf(day)
	if err != nil || day == "" {
		bad.add("payment_date", "is not a valid date", "is not a valid date")
	}
	p.Date = on
	if len(price) == 0 {
		bad.add("price", "can't be blank", "blank")
	}
	if n, err := number(price); err != nil {
		bad.add("price", "is not a number", "not_a_number")
	} else if p.Price = hundredths(n); p.Price == 0 {
		bad.add("price", "must be other than 0", "other_than")
	}
	switch {
	case len(base) > 0:
		n, err := number(base)
		if err != nil {
			bad.add("price_base", "is not a number", "not_a_number")
			break
		}
		p.Base = hundredths(n)
	case inv.Currency != c.a.Seed.Currency:
		bad.add("price_base", "can't be blank", "blank")
	}
	if !payable(inv) {
		bad.add("invoice", "is not in a state that accepts a payment", "invalid")
	}
	return p, bad.err()
}

// checkAction holds a payment against what its action needs.
func (a *administration) checkAction(p payment) error {
	var bad invalid
	switch p.Action {
	case "", "payment_without_proof", "rounding_error", "balance_settlement", "invoices_settlement":
	case "private_payment", "cash_payment":
		if p.Account == "" {
			bad.add("financial_account_id", "can't be blank", "blank")
		}
	case "bank_transfer":
		if p.Mutation == "" {
			bad.add("financial_mutation_id", "can't be blank", "blank")
		}
	default:
		bad.add("manual_payment_action", "is not included in the list", "inclusion")
	}
	if p.Mutation != "" && a.mutation(p.Mutation) == nil {
		bad.add("financial_mutation_id", "is not found", "invalid")
	}
	if p.Account != "" && p.Account != a.Fixed.Account {
		bad.add("financial_account_id", "is not found", "invalid")
	}
	return bad.err()
}

func (c *call) deletePayment(l ledger) error {
	err := c.change(func(ch *change) error {
		inv, err := c.find(ch.a, l)
		if err != nil {
			return err
		}
		if !ch.unpay(inv, c.r.PathValue("payment")) {
			return notFound("id")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.empty()
}

func (c *call) getPayment() error {
	var body object
	err := c.view(func(a *administration) error {
		for _, inv := range a.Invoices {
			for _, p := range inv.Payments {
				if p.ID == c.r.PathValue("id") {
					body = a.renderPayment(inv, p)
					return nil
				}
			}
		}
		return notFound("id")
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}
