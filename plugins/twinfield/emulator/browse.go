package emulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// line is a line of a transaction in a browse: its fields, and its key.
type line struct {
	fields           map[string]string
	code, number, id string
}

// browseTypes are the types of the fields, where they are not text.
var browseTypes = map[string]string{
	"fin.trs.head.number": "Decimal", "fin.trs.head.date": "Date", "fin.trs.head.inpdate": "Date", "fin.trs.head.modified": "DateTime", "fin.trs.line.datedue": "Date",
	"fin.trs.line.valuesigned": "Value", "fin.trs.line.basevaluesigned": "Value", "fin.trs.line.openvaluesigned": "Value", "fin.trs.line.openbasevaluesigned": "Value",
	"fin.trs.line.matchdate": "Date", "fin.trs.line.matchnumber": "Decimal",
}

// onDebtors are the browse codes that show lines on customers only; the others
// show every line.
var onDebtors = []string{"100", "130_1", "130_2", "130_3"}

var browseCodes = append([]string{"000", "030_1", "030_2", "030_3"}, onDebtors...)

func browse(a *ledger.Administration, doc *node) *node {
	code := doc.attr("code")
	if !slices.Contains(browseCodes, code) {
		return doc.fail("The browse code " + code + " does not exist.")
	}
	columns := doc.all("column")
	known := linesOf(a, code)
	all := fieldNames()
	dated := false
	for _, col := range columns {
		field := col.get("field")
		if !all[field] {
			col.mark("field", "The field "+field+" is not one of this browse.")
			return doc.set("result", "0")
		}
		dated = dated || field == "fin.trs.head.yearperiod" && col.get("operator") == "between" && col.get("from") != ""
	}
	if !dated {
		return doc.fail("A selection on fin.trs.head.yearperiod is mandatory.")
	}
	th := el("th", "")
	for _, col := range columns {
		if col.get("visible") != "false" {
			th.add(el("td", col.get("field"), "label", col.get("label"), "hideforuser", "false", "type", kindOf(col.get("field"))))
		}
	}
	out := el("browse", "").add(th)
	n := 0
	for _, l := range known {
		if !slices.ContainsFunc(columns, func(col *node) bool { return !l.passes(col) }) {
			n++
			out.add(l.draw(a, columns))
		}
	}
	return out.set("result", "1", "first", fmt.Sprint(min(1, n)), "last", fmt.Sprint(n), "total", fmt.Sprint(n))
}

func kindOf(field string) string {
	if t := browseTypes[field]; t != "" {
		return t
	}
	return "String"
}

func fieldNames() map[string]bool {
	out := map[string]bool{}
	for _, f := range []string{
		"head.office", "head.officename", "head.yearperiod", "head.code", "head.shortname", "head.number", "head.status", "head.date", "head.curcode", "head.inpdate", "head.modified",
		"head.username", "head.browseregime", "line.dim1", "line.dim1name", "line.dim2", "line.dim2name", "line.invnumber", "line.datedue", "line.valuesigned", "line.basevaluesigned",
		"line.openvaluesigned", "line.openbasevaluesigned", "line.matchstatus", "line.matchdate", "line.matchnumber", "line.description", "line.debitcredit", "line.dim1type",
	} {
		out["fin.trs."+f] = true
	}
	return out
}

var matchWords = map[string]string{"available": "1", "matched": "2", "proposed": "3", "notmatchable": "0"}

// passes applies the selection of a column.
func (l line) passes(col *node) bool {
	from, to, have := col.get("from"), col.get("to"), l.fields[col.get("field")]
	if from == "" && to == "" {
		return true
	}
	if w, ok := matchWords[from]; ok {
		from = w
	}
	switch col.get("operator") {
	case "equal":
		return have == from
	case "between":
		return (from == "" || have >= from) && (to == "" || have <= to)
	case "like":
		return wildcard(from, have)
	}
	return true
}

func (l line) draw(a *ledger.Administration, columns []*node) *node {
	tr := el("tr", "")
	for _, col := range columns {
		if field := col.get("field"); col.get("visible") != "false" {
			tr.add(el("td", l.fields[field], "field", field, "hideforuser", "false", "type", kindOf(field)))
		}
	}
	return tr.add(el("key", "").add(el("office", a.ID), el("code", l.code), el("number", l.number), el("line", l.id)))
}

// linesOf are the lines that a browse can show, oldest first.
func linesOf(a *ledger.Administration, code string) (out []line) {
	debtors := slices.Contains(onDebtors, code)
	onlySales := strings.HasPrefix(code, "130")
	add := func(kind, number, id string, head map[string]string, fields map[string]string) {
		l := line{fields: map[string]string{}, code: kind, number: number, id: id}
		for k, v := range head {
			l.fields["fin.trs.head."+k] = v
		}
		for k, v := range fields {
			l.fields["fin.trs.line."+k] = v
		}
		out = append(out, l)
	}
	for _, v := range a.Invoices {
		if v.Draft || v.Void {
			continue
		}
		open, money := a.Open(v), func(n int64) string { return ledger.Decimal(n, v.Currency) }
		head := map[string]string{
			"office": a.ID, "officename": a.Seed.Name, "yearperiod": period(v.Date), "code": sales, "shortname": "Verkoop", "number": saleNumber(v), "status": "final",
			"date": compact(v.Date), "curcode": v.Currency, "inpdate": compact(v.Date), "modified": v.Edited.In(a.Location()).Format("20060102150405"), "username": "VOLDAAN", "browseregime": "Generic",
		}
		fields := map[string]string{
			"dim1": "1300", "dim1name": "Debiteuren", "dim1type": "BAS", "invnumber": v.Number, "datedue": compact(v.Due), "valuesigned": money(v.Total), "basevaluesigned": money(v.Total),
			"openvaluesigned": money(open), "openbasevaluesigned": money(open), "matchstatus": matchWords[status(open)], "description": v.Reference, "debitcredit": side(v.Total),
		}
		if paid := a.PaymentsOf(v); len(paid) > 0 {
			fields["matchdate"], fields["matchnumber"] = compact(paid[len(paid)-1].Date), fmt.Sprint(v.No)
		}
		if ct := a.ContactByNo(v.Contact); ct != nil {
			fields["dim2"], fields["dim2name"] = ct.Code, ct.Name()
		}
		add(sales, saleNumber(v), "1", head, fields)
		if !debtors {
			add(sales, saleNumber(v), "2", head, map[string]string{"dim1": "8020", "dim1name": "Omzet", "dim1type": "PNL", "valuesigned": money(-v.Excl), "basevaluesigned": money(-v.Excl), "matchstatus": "0", "debitcredit": side(-v.Excl), "invnumber": v.Number})
			add(sales, saleNumber(v), "3", head, map[string]string{"dim1": "1530", "dim1name": "Te betalen OB", "dim1type": "BAS", "valuesigned": money(-v.Tax()), "basevaluesigned": money(-v.Tax()), "matchstatus": "0", "debitcredit": side(-v.Tax()), "invnumber": v.Number})
		}
	}
	for _, p := range a.Payments {
		if p.Offset != 0 || onlySales {
			continue
		}
		open := -p.Amount
		fields := map[string]string{}
		if v := a.InvoiceByNo(p.Invoice); v != nil {
			open = 0
			fields["invnumber"], fields["matchdate"], fields["matchnumber"] = v.Number, compact(p.Date), fmt.Sprint(v.No)
		}
		money := func(n int64) string { return ledger.Decimal(n, p.Currency) }
		for k, v := range map[string]string{
			"dim1": "1300", "dim1name": "Debiteuren", "dim1type": "BAS", "valuesigned": money(-p.Amount), "basevaluesigned": money(-p.Amount), "openvaluesigned": money(open),
			"openbasevaluesigned": money(open), "matchstatus": matchWords[status(open)], "description": p.Text, "debitcredit": side(-p.Amount),
		} {
			fields[k] = v
		}
		if ct := a.ContactByNo(p.Contact); ct != nil {
			fields["dim2"], fields["dim2name"] = ct.Code, ct.Name()
		}
		head := map[string]string{
			"office": a.ID, "officename": a.Seed.Name, "yearperiod": period(p.Date), "code": paymentCode(p), "shortname": "Bank", "number": paymentNumber(p), "status": "final",
			"date": compact(p.Date), "curcode": p.Currency, "inpdate": compact(p.Date), "modified": p.Modified.In(a.Location()).Format("20060102150405"), "username": "VOLDAAN", "browseregime": "Generic",
		}
		add(paymentCode(p), paymentNumber(p), fmt.Sprint(paymentLine(p)), head, fields)
		if !debtors {
			add(paymentCode(p), paymentNumber(p), "1", head, map[string]string{"dim1": "1100", "dim1name": "Bank", "dim1type": "BAS", "valuesigned": money(p.Amount), "basevaluesigned": money(p.Amount), "matchstatus": "0", "debitcredit": side(p.Amount)})
		}
	}
	return out
}
