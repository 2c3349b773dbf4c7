package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// mutationID keeps the numbers of bookings apart from those of invoices: they
// are not the same in e-Boekhouden either.
func mutationID(no int64) int64 { return 5000 + no }

// mutations draws all bookings, in order of their numbers.
func mutations(a *ledger.Administration) []object {
	var out []object
	for _, v := range a.Invoices {
		if v.Draft {
			continue
		}
		o := booking(mutationID(v.No), 2, v.Date, debtors, v.Total, v.Currency)
		o["invoiceNumber"], o["relationId"], o["termOfPayment"], o["inExVat"] = v.Number, v.Contact, v.Due.DaysSince(v.Date), "EX"
		o["description"] = "Factuur " + v.Number
		var rows, vat []object
		for _, l := range v.Lines {
			rows = append(rows, object{"ledgerId": turnover, "vatCode": vatCodes[l.TaxRate], "vatAmount": number(l.Tax, v.Currency), "costCenterId": nil, "amount": number(l.Excl, v.Currency), "description": l.Description, "invoiceNumber": nil, "relationId": nil})
			vat = append(vat, object{"vatCode": vatCodes[l.TaxRate], "amount": number(l.Tax, v.Currency)})
		}
		o["rows"], o["vat"] = rows, vat
		out = append(out, o)
	}
	by := map[string]object{}
	for _, p := range a.Payments {
		key, amount := p.Extra["mutation"], p.Amount
		if p.Offset != 0 {
			key, amount = fmt.Sprint("offset", min(p.Offset, p.Invoice), max(p.Offset, p.Invoice)), -p.Amount
		} else if key == "" {
			key = fmt.Sprint(p.No)
		}
		o := by[key]
		switch {
		case o == nil && p.Offset != 0:
			o = booking(mutationID(p.No), 7, p.Date, debtors, 0, p.Currency)
			o["description"] = "Verrekening"
		case o == nil:
			account, _ := strconv.Atoi(p.Extra["ledger"])
			if account == 0 {
				account = bank
			}
			o = booking(mutationID(p.No), 3, p.Date, account, 0, p.Currency)
			o["description"] = or(p.Text)
		}
		if by[key] == nil {
			by[key] = o
			out = append(out, o)
		}
		r := object{"ledgerId": debtors, "vatCode": "GEEN", "vatAmount": number(0, p.Currency), "costCenterId": nil, "amount": number(amount, p.Currency), "description": or(p.Text), "invoiceNumber": nil, "relationId": p.Contact}
		if v := a.InvoiceByNo(p.Invoice); v != nil {
			r["invoiceNumber"] = v.Number
		}
		o["rows"] = append(o["rows"].([]object), r)
		if p.Offset == 0 {
			sum, _ := ledger.ParseAmount(o["amount"].(json.Number).String(), p.Currency)
			o["amount"] = number(sum+amount, p.Currency)
		}
	}
	slices.SortFunc(out, func(x, y object) int { return int(x["id"].(int64) - y["id"].(int64)) })
	return out
}

func booking(id int64, kind int, on date.Date, account int, amount int64, currency string) object {
	return object{
		"id": id, "type": kind, "date": on.String(), "description": nil, "termOfPayment": nil, "ledgerId": account, "relationId": nil, "inExVat": nil,
		"invoiceNumber": nil, "entryNumber": nil, "amount": number(amount, currency), "rows": []object{}, "vat": []object{},
	}
}

func (c *call) listMutations() error {
	var rows []row
	err := c.view(func(a *ledger.Administration) error {
		for _, o := range mutations(a) {
			shown := object{}
			for _, k := range []string{"id", "type", "date", "invoiceNumber", "ledgerId", "amount", "entryNumber"} {
				shown[k] = o[k]
			}
			rows = append(rows, row{shown: shown, hidden: object{"description": o["description"]}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.list(rows, []string{"id", "type", "date", "invoiceNumber", "description"})
}

func (c *call) getMutation() error {
	var body object
	err := c.view(func(a *ledger.Administration) error {
		for _, o := range mutations(a) {
			if o["id"] == c.id() {
				delete(o, "amount")
				body = o
				return nil
			}
		}
		return notFound("MUT_002", "Mutatie niet gevonden.")
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func (c *call) listOutstanding() error {
	side := c.r.URL.Query().Get("credDeb")
	if side != "D" && side != "C" {
		return invalid("ERR_001", "credDeb", "credDeb moet C of D zijn.")
	}
	var rows []row
	err := c.view(func(a *ledger.Administration) error {
		for _, v := range a.Invoices {
			open := a.Open(v)
			if side == "C" || v.Draft || open == 0 {
				continue
			}
			ct := a.ContactByNo(v.Contact)
			rows = append(rows, row{shown: object{
				"date": v.Date.String(), "mutationId": mutationID(v.No), "invoiceNumber": v.Number, "relationId": v.Contact, "relationCode": ct.Code, "company": ct.Name(),
				"totalAmount": number(v.Total, v.Currency), "paidAmount": number(v.Total-open, v.Currency), "outstandingAmount": number(open, v.Currency),
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.list(rows, []string{"invoiceNumber"})
}

func (c *call) createMutation() error {
	var in struct {
		Type        json.Number `json:"type"`
		Date        date.Date   `json:"date"`
		LedgerID    int         `json:"ledgerId"`
		Description string      `json:"description"`
		Rows        []struct {
			InvoiceNumber string      `json:"invoiceNumber"`
			RelationID    int64       `json:"relationId"`
			Amount        json.Number `json:"amount"`
			LedgerID      int         `json:"ledgerId"`
			VatCode       string      `json:"vatCode"`
		} `json:"rows"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	switch {
	case in.Type != "3":
		return invalid("MUT_001", "type", "Type is ongeldig. (This emulator books type 3 only.)")
	case in.LedgerID != bank && in.LedgerID != cash:
		return invalid("MUT_007", "ledgerId", "Onbekende grootboekrekening voor mutatie.")
	case len(in.Rows) == 0:
		return invalid("MUT_100", "rows", "Regels ontbreken.")
	case len(in.Description) > 50:
		return invalid("MUT_003", "description", "Omschrijving is te lang.")
	}
	var id int64
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		var all []*ledger.Payment
		for i, r := range in.Rows {
			n, err := ledger.ParseAmount(r.Amount.String(), t.A.Seed.Currency)
			if err != nil || n == 0 {
				return invalid("MUT_101", fmt.Sprintf("rows[%d].amount", i), "Bedrag is ongeldig.")
			}
			p := &ledger.Payment{Contact: r.RelationID, Amount: n, Date: in.Date, Text: in.Description, Extra: map[string]string{"ledger": fmt.Sprint(in.LedgerID)}}
			j := slices.IndexFunc(t.A.Invoices, func(v *ledger.Invoice) bool { return r.InvoiceNumber != "" && v.Number == r.InvoiceNumber })
			if j < 0 {
				return invalid("MUT_102", fmt.Sprintf("rows[%d].invoiceNumber", i), "Factuur niet gevonden.")
			}
			p.Invoice = t.A.Invoices[j].No
			all = append(all, p)
		}
		for _, p := range all {
			p = t.AddPayment(p)
			if id == 0 {
				id = p.No
			}
			p.Extra["mutation"] = fmt.Sprint(id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, object{"id": mutationID(id)})
}
