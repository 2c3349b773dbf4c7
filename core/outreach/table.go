package outreach

import (
	"cmp"
	"fmt"
	"strings"
)

// items lists what is demanded, the credit that is taken off, the charges and
// the total per currency. Original and paid amounts show as soon as anything
// was paid (R3).
func (v *view) items() Table {
	w := v.w
	t := Table{Columns: []string{w.Label("description"), w.Label("amount")}}
	partly := v.anyPaid()
	if partly {
		t.Columns = []string{w.Label("description"), w.Label("original"), w.Label("paid"), w.Label("open")}
	}
	phases := v.phasesDiffer()
	for _, i := range v.c.Demanded {
		row := Row{Label: capital(w.Label("invoice_word")) + " " + i.Number, Detail: v.detail(i, phases), Amounts: v.amounts(i.Open)}
		if partly {
			row.Amounts = v.amounts(i.Original, i.Paid.Neg(), i.Open)
		}
		t.Rows = append(t.Rows, row)
	}
	for _, n := range v.c.Credits {
		row := Row{Label: w.Label("credit_note") + " " + n.Number, Amounts: v.amounts(n.Amount.Neg())}
		if !n.Issued.IsZero() {
			row.Detail = w.Label("of_date") + " " + w.Date(n.Issued)
		}
		t.Rows = append(t.Rows, row)
	}
	for _, ch := range v.c.Charges {
		t.Rows = append(t.Rows, v.charge(ch))
	}
	if len(t.Rows) > 1 || v.c.Step.Demands() {
		for _, total := range v.totals {
			t.Totals = append(t.Totals, Row{Label: w.Label("total"), Amounts: v.amounts(total.Due)})
		}
	}
	return t
}

func (v *view) charge(ch Charge) Row {
	label := ch.Label
	if label == "" {
		label = cmp.Or(v.w.Charges[string(ch.Kind)+"_"+v.country()], v.w.Charges[string(ch.Kind)])
		if ch.Kind == Interest && v.c.Debtor.Capacity == Business {
			label = v.w.Charges["commercial_interest"]
		}
	}
	detail := ch.Detail
	if f := ch.Fee; f != nil {
		name := "fee_before"
		if f.This {
			name = "fee_this"
		}
		detail = fmt.Sprintf(v.w.Label(name), f.Invoice, f.Rule)
	}
	if ch.Law.Positive() {
		detail = strings.TrimSpace(strings.Join([]string{detail, v.w.Amount(ch.Law)}, " "))
	}
	return Row{Label: label, Detail: detail, Amounts: v.amounts(ch.Amount)}
}

// apart lists what the message names without asking for it (R44, R46).
func (v *view) apart() []Block {
	var out []Block
	w := v.w
	columns := []string{w.Label("description"), w.Label("open")}
	if len(v.c.NotYetDue) > 0 {
		t := Table{Title: w.Label("not_yet_due"), Columns: columns}
		for _, i := range v.c.NotYetDue {
			t.Rows = append(t.Rows, Row{capital(w.Label("invoice_word")) + " " + i.Number, v.detail(i, false), v.amounts(i.Open)})
		}
		out = append(out, t)
	}
	if len(v.c.NotDemanded) > 0 {
		t := Table{Title: w.Label("not_demanded"), Columns: columns}
		for _, i := range v.c.NotDemanded {
			detail := w.Reasons[i.Reason]
			if detail == "" {
				detail = v.detail(i, false)
			}
			t.Rows = append(t.Rows, Row{capital(w.Label("invoice_word")) + " " + i.Number, detail, v.amounts(i.Open)})
		}
		out = append(out, t)
	}
	return out
}

// detail is the second line of an invoice: its dates and, where the invoices of
// one message differ, its own phase (R43).
func (v *view) detail(i Item, phase bool) string {
	var parts []string
	if !i.Issued.IsZero() {
		parts = append(parts, v.w.Label("of_date")+" "+v.w.Date(i.Issued))
	}
	if !i.Due.IsZero() {
		parts = append(parts, v.w.Label("due_date")+" "+v.w.Date(i.Due))
	}
	if name := v.w.Phases[i.Phase]; phase && name != "" {
		parts = append(parts, name)
	}
	if i.Disputed.Positive() {
		parts = append(parts, fmt.Sprintf(v.w.Label("disputed_part"), v.w.Amount(i.Disputed)))
	}
	return strings.Join(parts, " · ")
}

func (v *view) phasesDiffer() bool {
	for _, i := range v.c.Demanded {
		if i.Phase != v.c.Demanded[0].Phase {
			return true
		}
	}
	return false
}
