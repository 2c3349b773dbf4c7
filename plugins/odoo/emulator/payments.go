package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func paymentName(p *ledger.Payment) string {
	return fmt.Sprintf("PBNK1/%d/%05d", p.Date.Year(), p.No)
}

func payments(v *view, c company) (out []row) {
	for _, p := range c.Payments {
		if p.Offset == 0 {
			out = append(out, v.payment(c, p))
		}
	}
	return out
}

func (v *view) payment(c company, p *ledger.Payment) row {
	id := c.id(p.No)
	r := row{
		"id": id, "name": paymentName(p), "display_name": paymentName(p), "payment_type": "inbound", "partner_type": "customer", "partner_id": partnerRef(c, p.Contact),
		"amount": amount(p.Amount, p.Currency), "currency_id": currency(p.Currency), "date": day(p.Date), "state": cmp.Or(p.Extra["state"], "paid"),
		"reconciled_invoice_ids": []int64{}, "journal_id": journalRef(c, bankJournal), "move_id": many2one{id, paymentName(p)}, "company_id": c.self(), "write_date": p.Modified,
	}
	memo := "memo"
	if v.s.cfg.Version <= 17 {
		memo, r["state"] = "ref", "posted"
	}
	r[memo] = empty(p.Text)
	if p.Invoice != 0 {
		r["reconciled_invoice_ids"] = []int64{c.id(p.Invoice)}
	}
	return r
}

// partials are the allocations: a payment, or a credit note, on an invoice.
func partials(_ *view, c company) (out []row) {
	for _, p := range c.Payments {
		inv := c.InvoiceByNo(p.Invoice)
		if inv == nil || p.Offset != 0 && p.Amount < 0 {
			continue
		}
		other, name := c.id(p.No), paymentName(p)
		if cr := c.InvoiceByNo(p.Offset); cr != nil {
			other, name = c.id(cr.No), moveName(cr)
		}
		out = append(out, row{
			"id": c.id(p.No), "debit_move_id": many2one{lineID(c.id(inv.No)), moveName(inv)}, "credit_move_id": many2one{lineID(other), name}, "amount": amount(p.Amount, p.Currency),
			"debit_amount_currency": amount(p.Amount, p.Currency), "credit_amount_currency": amount(p.Amount, p.Currency), "max_date": day(p.Date), "company_id": c.self(), "write_date": p.Modified,
		})
	}
	return out
}

// wizard is an account.payment.register that was filled in.
type wizard struct {
	Moves   []int64 `json:"moves"`
	Amount  string  `json:"amount"` // "" pays what is open
	Date    string  `json:"date"`
	Journal int64   `json:"journal"`
	Memo    string  `json:"memo"`
}

func createWizard(s *Server, q *request, vals object) (int64, error) {
	w := wizard{Journal: whole(vals["journal_id"])}
	kind, _ := q.context["active_model"].(string)
	ids, _ := q.context["active_ids"].([]any)
	for _, v := range ids {
		w.Moves = append(w.Moves, whole(v))
	}
	if kind != "account.move" || len(w.Moves) == 0 {
		return 0, userError("The register payment wizard should only be called on account.move or account.move.line records.")
	}
	if n, ok := vals["amount"].(json.Number); ok {
		w.Amount = n.String()
	}
	w.Date, _ = vals["payment_date"].(string)
	w.Memo, _ = vals["communication"].(string)
	for _, id := range w.Moves {
		adm, no := s.locate(id)
		err := s.View(adm, func(a *ledger.Administration) error {
			switch v := a.InvoiceByNo(no); {
			case v == nil:
				return ledger.ErrNotFound
			case v.Draft || v.Void:
				return userError("You can only register payment for posted journal entries.")
			case a.Open(v) == 0:
				return userError("You can't register a payment because there is nothing left to pay on the selected journal items.")
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	var made int64
	err := s.extra.Update(func(e *extra) error {
		e.Seq++
		made = e.Seq
		e.Wizards[made] = w
		return nil
	})
	return made, err
}

func createPayments(s *Server, q *request) (any, error) {
	var first int64
	for _, id := range q.ids {
		var w wizard
		ok := false
		s.extra.View(func(e *extra) { w, ok = e.Wizards[id] })
		if !ok {
			return nil, ledger.ErrNotFound
		}
		for _, move := range w.Moves {
			adm, no := s.locate(move)
			err := s.Change(adm, func(t *ledger.Tx) error {
				v := t.A.InvoiceByNo(no)
				if v == nil {
					return ledger.ErrNotFound
				}
				if j := w.Journal % span; w.Journal != 0 && j != bankJournal && j != cashJournal {
					return userError("The journal of a payment is of the type bank or cash.")
				}
				p := &ledger.Payment{Invoice: v.No, Amount: t.A.Open(v), Text: cmp.Or(w.Memo, v.Number), Extra: map[string]string{"state": "in_process"}}
				if p.Amount == 0 {
					return userError("You can't register a payment because there is nothing left to pay on the selected journal items.")
				}
				var err error
				if w.Amount != "" {
					if p.Amount, err = ledger.ParseAmount(w.Amount, v.Currency); err != nil {
						return userError("The amount is not valid: %v", err)
					}
				}
				if w.Date != "" {
					if p.Date, err = date.Parse(w.Date); err != nil {
						return userError("The date is not valid: %v", err)
					}
				}
				p = t.AddPayment(p)
				if first == 0 {
					first = move/span*span + p.No
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return object{"name": "Payments", "type": "ir.actions.act_window", "res_model": "account.payment", "view_mode": "form", "res_id": first, "context": object{"create": false}}, nil
}

// reconcile joins the receivable lines of an invoice with those of payments and
// credit notes.
func reconcile(s *Server, q *request) (any, error) {
	if len(q.ids) < 2 {
		return nil, userError("You need at least two lines to reconcile.")
	}
	adm, _ := s.locate(q.ids[0] / 10)
	err := s.Change(adm, func(t *ledger.Tx) error {
		var invoices, credits []*ledger.Invoice
		var loose []*ledger.Payment
		for _, id := range q.ids {
			no := id / 10 % span
			if v := t.A.InvoiceByNo(no); v != nil && v.Credit {
				credits = append(credits, v)
			} else if v != nil {
				invoices = append(invoices, v)
			}
			for _, p := range t.A.Payments {
				if p.No == no && p.Invoice == 0 {
					loose = append(loose, p)
				}
			}
		}
		if len(invoices) == 0 || len(credits)+len(loose) == 0 {
			return userError("You are trying to reconcile some entries that are already reconciled.")
		}
		for _, p := range loose {
			t.Match(p, invoices[0])
		}
		for _, cr := range credits {
			for _, v := range invoices {
				t.SetOff(v, cr)
			}
		}
		return nil
	})
	return true, err
}
