package emulator

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func lineID(move int64) int64 { return move*10 + 1 }

// settled tells how an invoice stands.
func settled(c company, v *ledger.Invoice) string {
	paid, money, confirmed := c.PaymentsOf(v), false, true
	for _, p := range paid {
		money = money || p.Offset == 0
		confirmed = confirmed && p.Extra["state"] != "in_process"
	}
	switch {
	case len(paid) == 0:
		return "not_paid"
	case c.Open(v) != 0:
		return "partial"
	case !money && !v.Credit:
		return "reversed"
	case !confirmed:
		return "in_payment"
	}
	return "paid"
}

func accessToken(v *ledger.Invoice) string { return ledger.Derived(v.UUID, "access") }

func moveName(v *ledger.Invoice) string {
	if v.Draft {
		return "/"
	}
	if v.Credit {
		return "R" + v.Number
	}
	return v.Number
}

func moves(_ *view, c company) (out []row) {
	for _, v := range c.Invoices {
		open, id := c.Open(v), c.id(v.No)
		r := row{
			"id": id, "name": moveName(v), "display_name": moveName(v), "ref": empty(v.Reference), "move_type": "out_invoice", "state": "posted", "date": day(v.Date),
			"partner_id": partnerRef(c, v.Contact), "commercial_partner_id": partnerRef(c, v.Contact), "invoice_date": day(v.Date), "invoice_date_due": day(v.Due),
			"currency_id": currency(v.Currency), "payment_state": settled(c, v), "payment_reference": empty(v.Number), "invoice_origin": false, "invoice_payment_term_id": false,
			"invoice_user_id": many2one{uid, "Voldaan bot"}, "reversed_entry_id": false, "journal_id": journalRef(c, salesJournal), "company_id": c.self(),
			"access_url": fmt.Sprintf("/my/invoices/%d", id), "access_token": accessToken(v), "invoice_line_ids": []int64{lineID(id) + 1}, "line_ids": []int64{lineID(id), lineID(id) + 1},
			"create_date": v.Created, "write_date": v.Modified, "narration": false, "message_main_attachment_id": false,
		}
		sign := int64(1)
		if v.Credit {
			sign = -1
			r["move_type"] = "out_refund"
			if of := c.InvoiceByNo(v.Of); of != nil {
				r["reversed_entry_id"] = many2one{c.id(of.No), moveName(of)}
			}
		}
		for name, n := range map[string]int64{"amount_untaxed": v.Excl, "amount_tax": v.Tax(), "amount_total": v.Total, "amount_residual": open} {
			r[name] = amount(sign*n, v.Currency)
		}
		r["amount_total_signed"], r["amount_residual_signed"] = amount(v.Total, v.Currency), amount(open, v.Currency)
		switch {
		case v.Void:
			r["state"] = "cancel"
		case v.Draft:
			r["state"], r["payment_reference"], r["access_token"] = "draft", false, false
		default:
			r["message_main_attachment_id"] = many2one{id, moveName(v) + ".pdf"}
		}
		out = append(out, r)
	}
	for _, p := range c.Payments {
		if p.Offset != 0 {
			continue
		}
		r := row{}
		for name := range moveFields {
			r[name] = false
		}
		id := c.id(p.No)
		for name, v := range (row{
			"id": id, "name": paymentName(p), "display_name": paymentName(p), "ref": empty(p.Text), "move_type": "entry", "state": "posted", "date": day(p.Date),
			"partner_id": partnerRef(c, p.Contact), "commercial_partner_id": partnerRef(c, p.Contact), "currency_id": currency(p.Currency), "payment_state": "not_paid",
			"journal_id": journalRef(c, bankJournal), "company_id": c.self(), "line_ids": []int64{lineID(id)}, "invoice_line_ids": []int64{}, "create_date": p.Created, "write_date": p.Modified,
			"amount_total": amount(p.Amount, p.Currency), "amount_residual": amount(0, p.Currency), "amount_untaxed": amount(0, p.Currency), "amount_tax": amount(0, p.Currency),
			"amount_total_signed": amount(p.Amount, p.Currency), "amount_residual_signed": amount(0, p.Currency),
		}) {
			r[name] = v
		}
		out = append(out, r)
	}
	return out
}

// moveFields are those of a move that an entry of a payment leaves empty.
var moveFields = map[string]bool{
	"invoice_date": true, "invoice_date_due": true, "payment_reference": true, "invoice_origin": true, "invoice_payment_term_id": true, "invoice_user_id": true,
	"reversed_entry_id": true, "access_url": true, "access_token": true, "narration": true, "message_main_attachment_id": true,
}

// moveLines are those on the receivable account, and one of income per invoice.
func moveLines(v *view, c company) (out []row) {
	line := func(id, account, move, partner int64, name string, n, open int64, code string, state string) row {
		acc := many2one{receivableAccount, "121000 Account Receivable"}
		if account == incomeAccount {
			acc = many2one{incomeAccount, "400000 Product Sales"}
		}
		return row{
			"id": id, "move_id": many2one{move, name}, "move_name": name, "account_id": acc, "partner_id": partnerRef(c, partner), "currency_id": currency(code),
			"debit": amount(max(n, 0), code), "credit": amount(max(-n, 0), code), "balance": amount(n, code), "amount_currency": amount(n, code), "amount_residual": amount(open, code),
			"amount_residual_currency": amount(open, code), "reconciled": open == 0 && account == receivableAccount, "parent_state": state, "full_reconcile_id": false,
			"matched_debit_ids": []int64{}, "matched_credit_ids": []int64{}, "company_id": c.self(), "name": name, "ref": false, "date_maturity": false,
		}
	}
	state := func(inv *ledger.Invoice) string {
		switch {
		case inv.Void:
			return "cancel"
		case inv.Draft:
			return "draft"
		}
		return "posted"
	}
	matched := map[string]map[int64][]int64{"matched_credit_ids": {}, "matched_debit_ids": {}} // by line
	for _, p := range partials(v, c) {
		for field, side := range map[string]string{"matched_credit_ids": "debit_move_id", "matched_debit_ids": "credit_move_id"} {
			on := p[side].(many2one).ID
			matched[field][on] = append(matched[field][on], p["id"].(int64))
		}
	}
	for _, inv := range c.Invoices {
		id := c.id(inv.No)
		r := line(lineID(id), receivableAccount, id, inv.Contact, moveName(inv), inv.Total, c.Open(inv), inv.Currency, state(inv))
		r["date"], r["date_maturity"], r["ref"], r["write_date"] = day(inv.Date), day(inv.Due), empty(inv.Reference), inv.Modified
		i := line(lineID(id)+1, incomeAccount, id, inv.Contact, moveName(inv), -inv.Excl, 0, inv.Currency, state(inv))
		i["date"], i["write_date"] = day(inv.Date), inv.Modified
		for field, by := range matched {
			if ids := by[lineID(id)]; ids != nil {
				r[field] = ids
			}
		}
		out = append(out, r, i)
	}
	for _, p := range c.Payments {
		if p.Offset != 0 {
			continue
		}
		open := int64(0)
		if p.Invoice == 0 {
			open = -p.Amount
		}
		id := c.id(p.No)
		r := line(lineID(id), receivableAccount, id, p.Contact, paymentName(p), -p.Amount, open, p.Currency, "posted")
		r["date"], r["date_maturity"], r["write_date"] = day(p.Date), day(p.Date), p.Modified
		out = append(out, r)
	}
	return out
}

// attachments are the PDFs of posted invoices.
func attachments(_ *view, c company) (out []row) {
	for _, v := range c.Invoices {
		if v.Draft || v.Void {
			continue
		}
		out = append(out, row{
			"id": c.id(v.No), "name": moveName(v) + ".pdf", "res_model": "account.move", "res_id": c.id(v.No), "res_field": false, "mimetype": "application/pdf",
			"datas": lazy(func() any {
				pdf, _ := c.PDF(v)
				return base64.StdEncoding.EncodeToString(pdf)
			}), "type": "binary", "write_date": v.Modified,
		})
	}
	return out
}

// portal serves the PDF to who has the token of the invoice.
func (s *Server) portal(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	adm, no := s.locate(id)
	var pdf []byte
	err := s.View(adm, func(a *ledger.Administration) (err error) {
		v := a.InvoiceByNo(no)
		if v == nil || v.Draft || r.URL.Query().Get("access_token") != accessToken(v) {
			return ledger.ErrNotFound
		}
		pdf, err = a.PDF(v)
		return err
	})
	switch {
	case err != nil:
		http.Redirect(w, r, "/my", http.StatusSeeOther)
	case r.URL.Query().Get("report_type") != "pdf":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Invoice</title>"))
	default:
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write(pdf)
	}
}
