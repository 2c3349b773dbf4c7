package openitems

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/invoicefile"
)

// List is what a file held.
type List struct {
	Documents []invoicefile.Document
	// Problems are the rows that were not taken.
	Problems []invoicefile.Problem
	// Format, Dates and Decimal say how the file was read; Columns which header
	// became which field.
	Format  string
	Dates   string
	Decimal string
	Columns map[Field]string
	// Rows is the number of rows with an invoice, taken or not.
	Rows int
}

// Read reads a list. The error is an *invoicefile.Problem with the file as a
// whole; single rows are in List.Problems.
func Read(data []byte, m Mapping) (List, error) {
	l, problem := read(data, m)
	if problem != nil {
		return List{}, problem
	}
	return l, nil
}

func read(data []byte, m Mapping) (List, *invoicefile.Problem) {
	if m.Currency == "" {
		m.Currency = "EUR"
	}
	tables, problem := open(data, m)
	if problem != nil {
		return List{}, problem
	}
	// The first sheet with a usable header; the problem of the first counts.
	var first *invoicefile.Problem
	for _, t := range tables {
		l, problem := findLayout(t.rows, m)
		if problem == nil {
			return readTable(t, l, m)
		}
		if first == nil {
			first = problem
		}
	}
	return List{}, first
}

func readTable(t table, l layout, m Mapping) (List, *invoicefile.Problem) {
	items, problem := prepare(t, l, m)
	if problem != nil {
		return List{}, problem
	}
	out := List{Format: t.format, Dates: items.days.name, Decimal: string(items.decimal), Columns: maps.Clone(l.names)}
	for _, r := range items.rows {
		out.Rows++
		d, problem := items.document(r)
		if problem == nil {
			problem = invoicefile.Check(d)
		}
		if problem != nil {
			problem.Row = r.number
			out.Problems = append(out.Problems, *problem)
			continue
		}
		out.Documents = append(out.Documents, d)
	}
	out.duplicates()
	if out.Rows == 0 {
		return List{}, invoicefile.Problemf("no_rows", "The list has the right columns, but no invoice below them.")
	}
	return out, nil
}

// items are the rows that hold invoices, and how to read them.
type items struct {
	layout
	m       Mapping
	rows    []item
	days    dayForm
	decimal rune
	epoch   epoch
}

// item is a row with the debtor that a heading above it names.
type item struct {
	row
	debtorNo, debtorName string
}

// prepare sorts out headings, totals and repeated headers, and finds the forms
// of dates and amounts over all the rows that are left.
func prepare(t table, l layout, m Mapping) (items, *invoicefile.Problem) {
	out := items{layout: l, m: m, epoch: t.epoch, decimal: m.Decimal}
	var days, amounts []string
	var no, name string
	header := t.rows[l.header]
	for _, r := range t.rows[l.header+1:] {
		switch {
		case r.empty(), l.repeats(r, header), l.total(r):
			continue
		case !l.amounts(r) && (l.get(r, InvoiceNo).text == "" || r.filled() == 1):
			no, name = l.heading(r)
			continue
		}
		out.rows = append(out.rows, item{row: r, debtorNo: no, debtorName: name})
		for _, f := range []Field{InvoiceDate, DueDate} {
			if c := l.get(r, f); c.text != "" && !c.number {
				days = append(days, c.text)
			}
		}
		for _, f := range []Field{OpenAmount, OriginalAmount, PaidAmount, Debit, Credit} {
			if c := l.get(r, f); c.text != "" && !c.number {
				amounts = append(amounts, c.text)
			}
		}
	}
	var chosen bool
	if out.days, chosen = formOf(m.Dates); !chosen {
		out.days = detectDays(days)
	}
	if out.decimal == 0 {
		var problem *invoicefile.Problem
		if out.decimal, problem = detectDecimal(amounts); problem != nil {
			return items{}, problem
		}
	}
	return out, nil
}

func (l layout) amounts(r row) bool {
	for _, f := range []Field{OpenAmount, OriginalAmount, Debit, Credit} {
		if l.get(r, f).text != "" {
			return true
		}
	}
	return false
}

// total reports whether a row is a sum: a word for total in front of amounts,
// and no invoice number.
func (l layout) total(r row) bool {
	number := foldHeader(l.get(r, InvoiceNo).text)
	for _, c := range r.cells {
		if c.text == "" {
			continue
		}
		folded := foldHeader(c.text)
		for _, word := range []string{"totaal", "subtotaal", "eindtotaal", "total", "subtotal", "grandtotal", "summe", "gesamt", "zwischensumme", "soustotal"} {
			if strings.HasPrefix(folded, word) {
				return number == "" || strings.HasPrefix(number, word)
			}
		}
		return number == "" && l.amounts(r) && l.get(r, DueDate).text == "" && l.get(r, InvoiceDate).text == ""
	}
	return false
}

// heading reads the debtor from a row above her invoices: from the debtor's
// columns, or "10023 Bakkerij Zoet" in the first cell.
func (l layout) heading(r row) (no, name string) {
	no, name = l.get(r, DebtorNo).text, l.get(r, DebtorName).text
	if no != "" && name != "" {
		return no, name
	}
	var texts []string
	for _, c := range r.cells {
		if c.text != "" {
			texts = append(texts, c.text)
		}
	}
	joined := strings.Join(texts, " ")
	head, rest, found := strings.Cut(joined, " ")
	if found && strings.ContainsAny(head, "0123456789") {
		return head, strings.TrimSpace(strings.TrimLeft(rest, "-–: "))
	}
	return no, joined
}

// duplicates holds every row of a number that comes more than once: which of
// them is right cannot be known. Rows that are the same count once.
func (l *List) duplicates() {
	rows := map[string][]int{}
	for i, d := range l.Documents {
		rows[d.Invoice.ID] = append(rows[d.Invoice.ID], i)
	}
	drop := map[int]bool{}
	for _, same := range rows {
		if len(same) < 2 {
			continue
		}
		var numbers []string
		equal := true
		for _, i := range same {
			numbers = append(numbers, fmt.Sprint(l.Documents[i].Row))
			equal = equal && alike(l.Documents[i], l.Documents[same[0]])
		}
		for n, i := range same {
			if equal && n == 0 {
				continue
			}
			drop[i] = true
			d := l.Documents[i]
			p := invoicefile.Problemf("duplicate_number", "Invoice %s stands on rows %s with different contents, so none of them was taken. Correct the list.", d.Invoice.Number, strings.Join(numbers, ", "))
			if equal {
				p = invoicefile.Problemf("repeated_row", "Invoice %s stands on rows %s with the same contents and was taken once.", d.Invoice.Number, strings.Join(numbers, ", "))
			}
			p.Row, p.Number = d.Row, d.Invoice.Number
			l.Problems = append(l.Problems, *p)
		}
	}
	var kept []invoicefile.Document
	for i, d := range l.Documents {
		if !drop[i] {
			kept = append(kept, d)
		}
	}
	l.Documents = kept
	slices.SortFunc(l.Problems, func(a, b invoicefile.Problem) int { return a.Row - b.Row })
}

func alike(a, b invoicefile.Document) bool {
	return a.Invoice == b.Invoice && a.Debtor == b.Debtor
}
