package letter

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Case is what the summary of a collection case shows. Amounts are given, not
// computed here: the sub-ledger decides them.
type Case struct {
	Language outreach.Language
	Number   string
	Drawn    time.Time      // moment the dossier was made
	AsOf     date.Date      // day the amounts are of
	Zone     *time.Location // zone that moments are shown in; nil is UTC
	Basis    string         // ground of the claim, as "purchase agreement of 1 October 2026"

	Creditor outreach.Creditor
	Debtor   outreach.Debtor

	Invoices    []outreach.Item
	Calculation []outreach.Charge // costs and interest with their working in Detail
	Payments    []outreach.Payment
	Totals      []Sum
	Notices     []Service
	Disputes    []Event
	Events      []Event
	Attachments []Attachment
}

// Sum is what one currency adds up to on the day of the dossier.
type Sum struct{ Principal, Paid, Costs, Interest, Total money.Amount }

// Service is a notice with the proof that it reached the debtor.
type Service struct {
	Name     string // "Fourteen-day letter"
	Sent     time.Time
	Channel  string // "letter and e-mail"
	Evidence string // "posted 19-11-2026, deemed delivered 21-11-2026" or the answer of the mail server
}

// Event is a line of what happened.
type Event struct {
	At   time.Time
	What string
}

// Attachment is a file of the dossier with its hash.
type Attachment struct{ Name, SHA256 string }

// Dossier prints the cover and summary of a case: parties, claim, invoices,
// calculation, notices with proof, what happened, attachments.
func Dossier(c Case) (PDF, error) {
	w, err := outreach.WordsOf(c.Language)
	if err != nil {
		return PDF{}, err
	}
	c.Zone = cmp.Or(c.Zone, time.UTC)
	title := w.Label("dossier_title") + " " + c.Number
	s := newSheet(title, c.Creditor.Name, string(c.Language), c.Drawn.UTC().Truncate(time.Second))
	accent, _ := c.Creditor.Accent()
	s.fill(0, 0, pageWidth, 2.4, hex(accent))
	s.font(22, true, black)
	s.at(leftEdge, 32, w.Label("dossier_title"), 0)
	s.font(12, false, soft)
	s.at(leftEdge, 40, strings.Join([]string{c.Number, c.Creditor.Name + " / " + c.Debtor.Name}, " · "), rightEdge-leftEdge)
	s.y = 50
	s.parties(c, w)
	contents := s.reserve(c, w)
	s.claim(c, w)
	s.invoices(c, w)
	s.calculation(c, w)
	s.list(w.Label("dossier_notices"), c.services(w))
	s.list(w.Label("dossier_disputes"), orNone(c.disputes(w), w))
	s.list(w.Label("dossier_timeline"), c.events(w))
	s.list(w.Label("dossier_attachments"), c.attachments(w))
	s.contents(contents, w)
	s.feet(w, title+" · "+w.Label("dossier_made")+" "+w.Date(date.Of(c.Drawn.In(c.Zone))))
	out := PDF{Subject: title, Pages: s.pdf.PageCount()}
	out.Bytes, err = s.bytes()
	return out, err
}

// place is a part of a dossier and the page that it begins on.
type place struct {
	title string
	page  int
}

const contentsLine = 5.2

// reserve leaves room for the table of contents, and returns where.
func (s *sheet) reserve(c Case, w *outreach.Words) float64 {
	parts := 4 // claim, invoices, disputes and attachments
	for _, more := range []bool{len(c.Calculation)+len(c.Payments) > 0, len(c.Notices) > 0, len(c.Events) > 0} {
		if more {
			parts++
		}
	}
	if len(c.Attachments) == 0 {
		parts--
	}
	at := s.y + 4
	s.y = at + 8 + float64(parts)*contentsLine
	return at
}

// contents fills in the table of contents, when the pages of all parts are known.
func (s *sheet) contents(y float64, w *outreach.Words) {
	last := s.pdf.PageNo()
	s.pdf.SetPage(1)
	s.font(8, false, soft)
	s.at(leftEdge, y+3, w.Label("dossier_contents"), 0)
	y += 3
	for _, p := range s.places {
		y += contentsLine
		s.font(9.5, false, black)
		s.at(leftEdge, y, p.title, 0)
		s.atRight(rightEdge, y, fmt.Sprint(p.page))
	}
	s.pdf.SetPage(last)
}

func (s *sheet) heading(text string) {
	s.need(24)
	s.places = append(s.places, place{text, s.pdf.PageNo()})
	s.y += 5
	s.font(12, true, black)
	s.at(leftEdge, s.y+4, text, 0)
	s.y += 8
}

func (s *sheet) parties(c Case, w *outreach.Words) {
	half := (rightEdge - leftEdge) / 2
	kind := w.Label("dossier_consumer")
	if c.Debtor.Capacity == outreach.Business {
		kind = w.Label("dossier_business")
	}
	creditor := append([]string{c.Creditor.Name}, c.Creditor.Address...)
	creditor = append(creditor, c.Creditor.Phone, c.Creditor.Email, c.Creditor.Website)
	if c.Creditor.Number != "" {
		creditor = append(creditor, w.Label("chamber")+" "+c.Creditor.Number)
	}
	debtor := append([]string{c.Debtor.Name}, c.Debtor.Address...)
	debtor = append(debtor, c.Debtor.Attention, kind)
	if c.Debtor.Number != "" {
		debtor = append(debtor, w.Label("letter_customer")+" "+c.Debtor.Number)
	}
	start, deepest := s.y, s.y
	for i, party := range []struct {
		title string
		lines []string
	}{{w.Label("dossier_creditor"), creditor}, {w.Label("dossier_debtor"), debtor}} {
		x := leftEdge + float64(i)*half
		y := start + 3
		s.font(8, false, soft)
		s.at(x, y, party.title, 0)
		y += 1.5
		for n, l := range party.lines {
			if l == "" {
				continue
			}
			y += 4.6
			s.font(9.5, n == 0, black)
			s.at(x, y, postcode(l), half-6)
		}
		deepest = max(deepest, y)
	}
	s.y = deepest + 4
	if c.Basis != "" {
		s.paragraph([]outreach.Run{{Text: w.Label("dossier_basis") + ": "}, {Text: c.Basis}}, style{9.5, 4.8, black, false}, leftEdge, rightEdge-leftEdge)
	}
}

func (s *sheet) claim(c Case, w *outreach.Words) {
	s.heading(w.Label("dossier_summary"))
	for _, sum := range c.Totals {
		t := outreach.Table{Columns: []string{fmt.Sprintf(w.Label("dossier_as_of"), w.Date(c.AsOf)), w.Label("amount")}}
		for _, r := range []struct {
			key string
			a   money.Amount
		}{{"dossier_principal", sum.Principal}, {"dossier_costs", sum.Costs}, {"dossier_interest", sum.Interest}, {"dossier_payments", sum.Paid.Neg()}} {
			if !r.a.IsZero() {
				t.Rows = append(t.Rows, outreach.Row{Label: w.Label(r.key), Amounts: []string{w.Amount(r.a)}})
			}
		}
		t.Totals = []outreach.Row{{Label: w.Label("dossier_total"), Amounts: []string{w.Amount(sum.Total)}}}
		s.table(t)
	}
}

func (s *sheet) invoices(c Case, w *outreach.Words) {
	s.heading(w.Label("dossier_invoices"))
	t := outreach.Table{Columns: []string{w.Label("dossier_number"), w.Label("original"), w.Label("paid"), w.Label("open")}}
	for _, i := range c.Invoices {
		t.Rows = append(t.Rows, outreach.Row{
			Label:   i.Number,
			Detail:  w.Label("dossier_issued") + " " + w.Date(i.Issued) + " · " + w.Label("due_date") + " " + w.Date(i.Due),
			Amounts: []string{w.Amount(i.Original), w.Amount(i.Paid.Neg()), w.Amount(i.Open)},
		})
	}
	s.table(t)
}

func (s *sheet) calculation(c Case, w *outreach.Words) {
	if len(c.Calculation) == 0 && len(c.Payments) == 0 {
		return
	}
	s.heading(w.Label("dossier_calculation"))
	t := outreach.Table{Columns: []string{w.Label("description"), w.Label("amount")}}
	for _, ch := range c.Calculation {
		t.Rows = append(t.Rows, outreach.Row{Label: cmp.Or(ch.Label, w.Charges[string(ch.Kind)]), Detail: ch.Detail, Amounts: []string{w.Amount(ch.Amount)}})
	}
	for _, p := range c.Payments {
		t.Rows = append(t.Rows, outreach.Row{
			Label:   strings.TrimSpace(w.Label("paid") + " " + w.Date(p.Date)),
			Detail:  p.Method,
			Amounts: []string{w.Amount(p.Amount.Neg())},
		})
	}
	s.table(t)
}

// entry is a line of a list: when on the left, what on the right.
type entry struct{ when, what, detail string }

func (c Case) services(w *outreach.Words) []entry {
	out := make([]entry, len(c.Notices))
	for i, n := range c.Notices {
		what := n.Name
		if n.Channel != "" {
			what += " (" + n.Channel + ")"
		}
		out[i] = entry{w.Date(date.Of(n.Sent.In(c.Zone))), what, n.Evidence}
	}
	return out
}

func (c Case) events(w *outreach.Words) []entry {
	out := make([]entry, len(c.Events))
	for i, e := range c.Events {
		out[i] = entry{when: moment(w, e.At.In(c.Zone)), what: e.What}
	}
	return out
}

func (c Case) disputes(w *outreach.Words) []entry {
	out := make([]entry, len(c.Disputes))
	for i, d := range c.Disputes {
		out[i] = entry{when: w.Date(date.Of(d.At.In(c.Zone))), what: d.What}
	}
	return out
}

// orNone says that there is nothing of a kind, which is worth knowing as well.
func orNone(list []entry, w *outreach.Words) []entry {
	if len(list) == 0 {
		return []entry{{what: w.Label("dossier_none")}}
	}
	return list
}

func (c Case) attachments(w *outreach.Words) []entry {
	out := make([]entry, len(c.Attachments))
	for i, a := range c.Attachments {
		out[i] = entry{what: a.Name, detail: w.Label("dossier_hash") + " " + a.SHA256}
	}
	return out
}

func (s *sheet) list(title string, entries []entry) {
	if len(entries) == 0 {
		return
	}
	s.heading(title)
	const indent = 46.0
	for _, e := range entries {
		x := leftEdge
		if e.when != "" {
			x += indent
		}
		width := rightEdge - x
		what := s.lines(plain(e.what), style{9.5, 4.8, black, false}, width)
		s.need(float64(len(what))*4.8 + 6)
		if e.when != "" {
			s.font(8.5, false, soft)
			s.at(leftEdge, s.y+3.4, e.when, indent-3)
		}
		s.paragraph(plain(e.what), style{9.5, 4.8, black, false}, x, width)
		if e.detail != "" {
			s.paragraph(plain(e.detail), small, x, width)
		}
		s.y += 1.4
	}
}

func moment(w *outreach.Words, t time.Time) string {
	return w.Date(date.Of(t)) + " " + t.Format("15:04")
}
