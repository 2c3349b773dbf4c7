package emulator

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// The transaction types.
const (
	sales = "VRK"
	bank  = "BNK"
	cash  = "KAS"
	memo  = "MEMO"
)

func compact(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return strings.ReplaceAll(d.String(), "-", "")
}

func period(d date.Date) string { return fmt.Sprintf("%04d/%02d", d.Year(), int(d.Month())) }

func saleNumber(v *ledger.Invoice) string { return fmt.Sprintf("%d%05d", v.Date.Year(), v.No) }

func paymentCode(p *ledger.Payment) string { return cmp.Or(p.Extra["code"], bank) }

func paymentNumber(p *ledger.Payment) string {
	return cmp.Or(p.Extra["number"], fmt.Sprintf("%d%05d", p.Date.Year(), p.No))
}

// paymentLine is the line of the transaction that is on the debtor.
func paymentLine(p *ledger.Payment) int {
	n, _ := strconv.Atoi(p.Extra["line"])
	return cmp.Or(n, 2)
}

func side(n int64) string {
	if n < 0 {
		return "credit"
	}
	return "debit"
}

func abs(n int64) int64 { return max(n, -n) }

func debtorNode(a *ledger.Administration, no int64) *node {
	ct := a.ContactByNo(no)
	if ct == nil {
		return el("dim2", "")
	}
	return el("dim2", ct.Code, "name", ct.Name(), "shortname", "", "dimensiontype", "DEB")
}

func status(open int64) string {
	if open == 0 {
		return "matched"
	}
	return "available"
}

func readTransaction(a *ledger.Administration, doc *node) *node {
	code, number := doc.get("code"), doc.get("number")
	for _, v := range a.Invoices {
		if code == sales && !v.Draft && saleNumber(v) == number {
			return sale(a, v)
		}
	}
	var lines []*ledger.Payment
	for _, p := range a.Payments {
		if p.Offset == 0 && paymentCode(p) == code && paymentNumber(p) == number {
			lines = append(lines, p)
		}
	}
	if len(lines) > 0 {
		return receipt(a, lines)
	}
	return el("transaction", "").fail("The transaction " + code + " " + number + " does not exist.")
}

func sale(a *ledger.Administration, v *ledger.Invoice) *node {
	open := a.Open(v)
	money := func(n int64) string { return ledger.Decimal(abs(n), v.Currency) }
	head := el("header", "").add(
		el("office", a.ID), el("code", sales, "name", "Verkoopfactuur", "shortname", "Verkoop"), el("number", saleNumber(v)), el("period", period(v.Date)),
		el("currency", v.Currency), el("date", compact(v.Date)), el("duedate", compact(v.Due)), el("invoicenumber", v.Number), el("paymentreference", ""),
		el("origin", "import"), el("modificationdate", v.Edited.In(a.Location()).Format("20060102150405")), el("freetext1", v.Reference),
	)
	total := el("line", "", "type", "total", "id", "1").add(
		el("dim1", "1300", "name", "Debiteuren", "dimensiontype", "BAS"), debtorNode(a, v.Contact), el("value", money(v.Total)), el("basevalue", money(v.Total)),
		el("debitcredit", side(v.Total)), el("description", v.Reference), el("vattotal", money(v.Tax())), el("matchlevel", "2"), el("customersupplier", "2"),
		el("openvalue", money(open)), el("openbasevalue", money(open)), el("matchstatus", status(open)),
	)
	if paid := a.PaymentsOf(v); len(paid) > 0 {
		total.add(el("matchdate", compact(paid[len(paid)-1].Date)), el("relation", fmt.Sprint(v.No)))
	}
	lines := el("lines", "").add(total)
	for i, l := range v.Lines {
		lines.add(el("line", "", "type", "detail", "id", fmt.Sprint(i+2)).add(
			el("dim1", "8020"), el("value", money(l.Excl)), el("debitcredit", side(-l.Excl)), el("description", l.Description), el("vatcode", "VH"),
			el("vatvalue", money(l.Tax)), el("matchstatus", "notmatchable"),
		))
	}
	lines.add(el("line", "", "type", "vat", "id", fmt.Sprint(len(v.Lines)+2)).add(el("dim1", "1530"), el("value", money(v.Tax())), el("vatcode", "VH"), el("debitcredit", side(-v.Tax()))))
	return el("transaction", "", "result", "1", "location", "final").add(head, lines)
}

// receipt draws the transaction of one or more payments.
func receipt(a *ledger.Administration, all []*ledger.Payment) *node {
	p := all[0]
	lines, sum := el("lines", ""), int64(0)
	for _, one := range all {
		open := one.Amount
		if one.Invoice != 0 {
			open = 0
		}
		invoice := ""
		if v := a.InvoiceByNo(one.Invoice); v != nil {
			invoice = v.Number
		}
		lines.add(el("line", "", "type", "detail", "id", fmt.Sprint(paymentLine(one))).add(
			el("dim1", "1300"), debtorNode(a, one.Contact), el("value", ledger.Decimal(abs(one.Amount), one.Currency)), el("basevalue", ledger.Decimal(abs(one.Amount), one.Currency)),
			el("debitcredit", side(-one.Amount)), el("description", one.Text), el("invoicenumber", invoice), el("matchlevel", "2"),
			el("openvalue", ledger.Decimal(abs(open), one.Currency)), el("matchstatus", status(open)),
		))
		sum += one.Amount
	}
	lines.kids = append([]*node{el("line", "", "type", "total", "id", "1").add(el("dim1", "1100"), el("value", ledger.Decimal(abs(sum), p.Currency)), el("debitcredit", side(sum)), el("matchstatus", "notmatchable"))}, lines.kids...)
	return el("transaction", "", "result", "1", "location", "final").add(el("header", "").add(
		el("office", a.ID), el("code", paymentCode(p)), el("number", paymentNumber(p)), el("period", period(p.Date)), el("currency", p.Currency), el("date", compact(p.Date)),
		el("origin", "import"), el("modificationdate", p.Modified.In(a.Location()).Format("20060102150405")),
	), lines)
}

// readInvoice shows an invoice of the invoicing module; its header names the
// booked transaction.
func readInvoice(a *ledger.Administration, doc *node) *node {
	for _, v := range a.Invoices {
		if v.Number == "" || v.Number != doc.get("invoicenumber") || doc.get("code") != "FACTUUR" {
			continue
		}
		code := ""
		if ct := a.ContactByNo(v.Contact); ct != nil {
			code = ct.Code
		}
		lines := el("lines", "")
		for i, l := range v.Lines {
			lines.add(el("line", "", "id", fmt.Sprint(i+1)).add(
				el("quantity", l.Quantity), el("description", l.Description), el("unitspriceexcl", ledger.Decimal(l.Price, v.Currency)),
				el("valueexcl", ledger.Decimal(l.Excl, v.Currency)), el("vatvalue", ledger.Decimal(l.Tax, v.Currency)), el("valueinc", ledger.Decimal(l.Excl+l.Tax, v.Currency)), el("vatcode", "VH"),
			))
		}
		return el("salesinvoice", "", "result", "1").add(
			el("header", "").add(
				el("office", a.ID), el("invoicetype", "FACTUUR"), el("invoicenumber", v.Number), el("status", "final"), el("currency", v.Currency), el("period", period(v.Date)),
				el("invoicedate", compact(v.Date)), el("duedate", compact(v.Due)), el("performancedate", ""), el("paymentmethod", "bank"), el("bank", "BNK"), el("invoiceaddressnumber", "1"),
				el("customer", code), el("headertext", v.Reference), el("footertext", ""),
			), lines,
			el("totals", "").add(el("valueexcl", ledger.Decimal(v.Excl, v.Currency)), el("valueinc", ledger.Decimal(v.Total, v.Currency))),
			el("financials", "").add(el("code", sales), el("number", saleNumber(v))),
		)
	}
	return el("salesinvoice", "").fail("The invoice " + doc.get("invoicenumber") + " does not exist.")
}
