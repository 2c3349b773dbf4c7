package emulator

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-pdf/fpdf"
	qrcode "github.com/skip2/go-qrcode"

	"github.com/voldaan/voldaan/sdk/date"
)

// words are the texts of a printed invoice.
type words struct {
	invoice, creditNote, draft, number, day, due, customer, ref, vatID, coc string
	desc, qty, price, vat, amount, excl, total, pay, credit, iban, toName   string
	scan                                                                    string
}

var (
	dutch = words{
		"Factuur", "Creditfactuur", "Concept", "Factuurnummer", "Factuurdatum", "Vervaldatum", "Klantnummer", "Uw kenmerk", "Btw-nummer", "KvK-nummer",
		"Omschrijving", "Aantal", "Prijs", "Btw", "Bedrag", "Totaal exclusief btw", "Te betalen", "Wij ontvangen uw betaling graag uiterlijk %s onder vermelding van %s.",
		"Dit bedrag wordt met openstaande facturen verrekend of aan u terugbetaald.", "IBAN", "ten name van", "Scan om te betalen",
	}
	english = words{
		"Invoice", "Credit note", "Draft", "Invoice number", "Invoice date", "Due date", "Customer number", "Your reference", "VAT number", "CoC number",
		"Description", "Quantity", "Price", "VAT", "Amount", "Total excluding VAT", "Amount due", "Please pay no later than %s and mention %s.",
		"This amount is set off against open invoices or paid back to you.", "IBAN", "in the name of", "Scan to pay",
	}
)

func wordsOf(language string) words {
	if strings.HasPrefix(language, "nl") {
		return dutch
	}
	return english
}

// page is an invoice being drawn.
type page struct {
	*fpdf.Fpdf
	a    *administration
	inv  *invoice
	w    words
	text func(string) string
}

const (
	left, right = 20.0, 190.0
	width       = right - left
)

// pdf draws the invoice on one page of A4.
func (a *administration) pdf(inv *invoice) ([]byte, error) {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCreationDate(inv.UpdatedAt)
	f.SetModificationDate(inv.UpdatedAt)
	f.SetCatalogSort(true)
	f.SetMargins(left, 18, 210-right)
	f.SetAutoPageBreak(false, 0)
	f.SetCellMargin(0)
	p := page{Fpdf: f, a: a, inv: inv, w: wordsOf(inv.Language), text: f.UnicodeTranslatorFromDescriptor("")}
	title := p.w.invoice
	if inv.Sums.incl() < 0 {
		title = p.w.creditNote
	}
	f.SetTitle(p.text(title+" "+inv.Number), false)
	f.SetAuthor(p.text(a.Seed.Name), false)
	f.AddPage()
	p.letterhead()
	p.addressee()
	p.heading(title)
	p.table()
	p.payment()
	p.foot()
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (p page) ink(grey int) { p.SetTextColor(22+grey, 32+grey, 44+grey) }

func (p page) put(x, y, w float64, style string, size float64, align, text string) {
	p.SetFont("Helvetica", style, size)
	p.SetXY(x, y)
	p.CellFormat(w, size*0.45, p.text(text), "", 0, align, false, 0, "")
}

func (p page) letterhead() {
	s := p.a.Seed
	p.ink(0)
	p.put(left, 18, 110, "B", 17, "L", s.Name)
	p.SetDrawColor(30, 92, 66)
	p.SetLineWidth(0.9)
	p.Line(left, 27, left+26, 27)
	p.ink(70)
	y := 18.0
	for _, l := range []string{s.Address, strings.TrimSpace(s.Zipcode + "  " + s.City), s.Email, s.Phone} {
		if l != "" {
			p.put(right-70, y, 70, "", 9, "R", l)
			y += 4.4
		}
	}
}

func (p page) addressee() {
	c := p.a.Contacts[p.inv.Contact]
	if c == nil {
		return
	}
	f := c.Fields
	person := strings.TrimSpace(f.FirstName + " " + f.LastName)
	p.ink(0)
	y := 48.0
	for _, l := range []string{f.CompanyName, person, f.Address1, f.Address2, strings.TrimSpace(f.Zipcode + "  " + f.City)} {
		if l != "" {
			p.put(left, y, 90, "", 11, "L", l)
			y += 5.4
		}
	}
}

func (p page) heading(title string) {
	p.ink(0)
	p.put(left, 84, width, "B", 20, "L", title)
	number := p.inv.Number
	if number == "" {
		number = p.w.draft
	}
	rows := [][2]string{{p.w.number, number}, {p.w.day, p.day(p.inv.Date)}, {p.w.due, p.day(p.inv.Due)}}
	if c := p.a.Contacts[p.inv.Contact]; c != nil {
		rows = append(rows, [2]string{p.w.customer, c.Fields.CustomerID})
	}
	if p.inv.Reference != "" {
		rows = append(rows, [2]string{p.w.ref, p.inv.Reference})
	}
	column := width / float64(len(rows))
	for i, r := range rows {
		x := left + column*float64(i)
		p.ink(80)
		p.put(x, 97, column, "", 8, "L", r[0])
		p.ink(0)
		p.put(x, 101.5, column, "B", 10, "L", r[1])
	}
}

func (p page) table() {
	const y0, h = 116.0, 7.0
	cols := []struct {
		x, w  float64
		align string
		title string
	}{{left, 86, "L", p.w.desc}, {left + 86, 20, "R", p.w.qty}, {left + 106, 24, "R", p.w.price}, {left + 130, 14, "R", p.w.vat}, {left + 144, 26, "R", p.w.amount}}
	p.ink(80)
	for _, c := range cols {
		p.put(c.x, y0, c.w, "", 8, c.align, c.title)
	}
	p.SetDrawColor(200, 196, 186)
	p.SetLineWidth(0.2)
	p.Line(left, y0+5.5, right, y0+5.5)
	y := y0 + 8
	const most = 9 // lines that fit above the totals
	for i, l := range p.inv.Lines {
		if i == most && len(p.inv.Lines) > most+1 {
			p.put(left, y, width, "I", 9, "L", fmt.Sprintf("+ %d", len(p.inv.Lines)-most))
			y += h
			break
		}
		rate := ""
		if r := p.a.rate(l.RateID); r != nil {
			rate = r.Percent + "%"
		}
		p.ink(0)
		for i, v := range []string{strings.ReplaceAll(l.Description, "**", ""), p.quantity(l), p.money(exclusive(l)), rate, p.money(l.Excl)} {
			if i == 0 && len([]rune(v)) > 52 {
				v = string([]rune(v)[:51]) + "…"
			}
			p.put(cols[i].x, y, cols[i].w, "", 9.5, cols[i].align, v)
		}
		y += h
	}
	p.Line(left, y, right, y)
	y += 3
	sum := func(label string, n int64, style string) {
		p.put(left+86, y, 58, style, 10, "L", label)
		p.put(left+144, y, 26, style, 10, "R", p.money(n))
		y += 6
	}
	p.ink(50)
	sum(p.w.excl, p.inv.Sums.Excl, "")
	for _, t := range p.inv.Sums.Taxes {
		if r := p.a.rate(t.RateID); r != nil {
			sum(fmt.Sprintf("%s %s%%", p.w.vat, r.Percent), t.Tax, "")
		}
	}
	p.SetDrawColor(30, 92, 66)
	p.SetLineWidth(0.5)
	p.Line(left+86, y, right, y)
	y += 2
	p.ink(0)
	sum(p.w.total, p.inv.Sums.incl(), "B")
}

func (p page) quantity(l line) string {
	s := strings.TrimSuffix(l.Quantity, ".0")
	if strings.HasPrefix(p.inv.Language, "nl") {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// exclusive is the price of one without VAT, as the amounts beside it are.
func exclusive(l line) int64 {
	q, err := parse(l.Quantity)
	if err != nil || q.Sign() == 0 {
		return l.Price
	}
	n := cents(l.Excl)
	return hundredths(n.Quo(n, q))
}

func (p page) payment() {
	const y = 226.0
	s := p.a.Seed
	_, ref := reference(p.inv.ID)
	p.ink(0)
	p.SetXY(left, y)
	p.SetFont("Helvetica", "", 10)
	if p.inv.Sums.incl() <= 0 {
		p.MultiCell(125, 5, p.text(p.w.credit), "", "L", false)
		return
	}
	p.MultiCell(125, 5, p.text(fmt.Sprintf(p.w.pay, p.day(p.inv.Due), ref)), "", "L", false)
	if s.IBAN == "" {
		return
	}
	p.put(left, y+14, 14, "", 9, "L", p.w.iban)
	p.put(left+14, y+13.6, 100, "B", 11, "L", spaced(s.IBAN))
	p.put(left, y+20, 125, "", 9, "L", p.w.toName+" "+s.Name)
	p.qr(right-28, y-2, ref)
}

// qr draws the payment as an EPC code (EPC069-12), which banking apps read.
func (p page) qr(x, y float64, ref string) {
	if p.inv.Currency != "EUR" || p.inv.unpaid() <= 0 {
		return
	}
	amount := p.inv.unpaid()
	text := strings.Join([]string{"BCD", "002", "1", "SCT", p.a.Seed.BIC, p.a.Seed.Name, p.a.Seed.IBAN, fmt.Sprintf("EUR%d.%02d", amount/100, amount%100), "", ref}, "\n")
	png, err := qrcode.Encode(text, qrcode.Medium, 256)
	if err != nil {
		return
	}
	p.RegisterImageOptionsReader("epc", fpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(png))
	p.ImageOptions("epc", x, y, 28, 28, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
	p.ink(80)
	p.put(x, y+28, 28, "", 7, "C", p.w.scan)
}

func (p page) foot() {
	s := p.a.Seed
	var parts []string
	for _, f := range [][2]string{{p.w.coc, s.ChamberOfCommerce}, {p.w.vatID, s.TaxNumber}, {p.w.iban, spaced(s.IBAN)}} {
		if f[1] != "" {
			parts = append(parts, f[0]+" "+f[1])
		}
	}
	p.ink(90)
	p.put(left, 278, width, "", 8, "C", strings.Join(parts, "   ·   "))
}

func spaced(iban string) string {
	var b strings.Builder
	for i, r := range iban {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (p page) day(d date.Date) string {
	switch {
	case d.IsZero():
		return "-"
	case strings.HasPrefix(p.inv.Language, "nl"):
		return fmt.Sprintf("%02d-%02d-%d", d.Day(), d.Month(), d.Year())
	}
	return fmt.Sprintf("%d %s %d", d.Day(), d.Month(), d.Year())
}

// money writes an amount for the reader's language.
func (p page) money(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	group, point := ",", "."
	if strings.HasPrefix(p.inv.Language, "nl") {
		group, point = ".", ","
	}
	whole := itoa(n / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	symbol := p.inv.Currency + " "
	if p.inv.Currency == "EUR" {
		symbol = "€ "
	}
	return fmt.Sprintf("%s%s%s%s%02d", symbol, sign, whole, point, n%100)
}
