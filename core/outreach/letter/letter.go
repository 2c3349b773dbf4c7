package letter

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"

	"github.com/voldaan/voldaan/core/outreach"
)

// Options are what a letter needs besides its content.
type Options struct {
	// PaymentCode is the payload of an EPC QR code; without it the slip has no
	// code.
	PaymentCode string
	// Window is that of the envelope; without one, the usual one of the country of
	// the content. Right takes its twin on the right hand.
	Window Window
	Right  bool
}

// PDF is a printed letter.
type PDF struct {
	Bytes   []byte
	Pages   int
	Subject string
	Version string // see outreach.Document
}

// Render prints a message as a letter for a window envelope. The address window
// holds the address and a return line only (R119). It has the errors of
// outreach.Compose, and refuses a debtor without a postal address.
func Render(c outreach.Content, o Options) (PDF, error) {
	c.Channel = outreach.Letter
	if len(c.Debtor.Address) == 0 {
		return PDF{}, fmt.Errorf("a letter needs a postal address; %s has none", cmp.Or(c.Debtor.Number, "the debtor"))
	}
	d, err := outreach.Compose(c)
	if err != nil {
		return PDF{}, err
	}
	w, err := outreach.WordsOf(c.Language)
	if err != nil {
		return PDF{}, err
	}
	s := newSheet(d.Subject, c.Creditor.Name, string(c.Language), c.Date.At(12, 0, time.UTC))
	if err := s.head(c, w); err != nil {
		return PDF{}, err
	}
	s.window(c, w, windowFor(c, o))
	s.references(c, w)
	facts, err := s.body(d, w)
	if err != nil {
		return PDF{}, err
	}
	if facts != nil {
		if err := s.slip(w, *facts, o.PaymentCode); err != nil {
			return PDF{}, err
		}
	}
	if c.Notice != nil {
		for _, e := range c.Notice.Enclosures {
			s.enclosure(e)
		}
	}
	s.feet(w, foot(c.Creditor, w))
	out := PDF{Subject: d.Subject, Version: d.Version, Pages: s.pdf.PageCount()}
	out.Bytes, err = s.bytes()
	return out, err
}

// head prints the creditor: logo or name on the left, contact on the right.
func (s *sheet) head(c outreach.Content, w *outreach.Words) error {
	accent, _ := c.Creditor.Accent()
	s.fill(0, 0, pageWidth, 2.4, hex(accent))
	if logo := c.Creditor.Logo; len(logo) > 0 {
		kind := map[string]string{"image/png": "PNG", "image/jpeg": "JPG"}[http.DetectContentType(logo)]
		if kind == "" {
			return fmt.Errorf("the logo of the creditor is neither PNG nor JPEG; upload one of these")
		}
		opts := fpdf.ImageOptions{ImageType: kind, ReadDpi: false}
		info := s.pdf.RegisterImageOptionsReader("logo", opts, bytes.NewReader(logo))
		if err := s.pdf.Error(); err != nil {
			return fmt.Errorf("the logo of the creditor cannot be read; upload a plain PNG or JPEG: %w", err)
		}
		height := min(14, 60*info.Height()/info.Width())
		s.pdf.ImageOptions("logo", leftEdge, 14, 0, height, false, opts, 0, "")
	} else {
		s.font(15, true, hex(accent))
		s.at(leftEdge, 23, c.Creditor.Name, 100)
	}
	y := 17.5
	s.font(8, true, black)
	s.at(140, y, c.Creditor.Name, 50)
	s.font(8, false, soft)
	lines := append([]string{}, c.Creditor.Address...)
	lines = append(lines, c.Creditor.Phone, c.Creditor.Email, c.Creditor.Website)
	for _, l := range lines {
		if l != "" {
			y += 4
			s.at(140, y, l, 50)
		}
	}
	for _, mark := range []float64{105, 210} {
		s.line(4, mark, 8, mark, 0.15, soft)
	}
	return nil
}

// window prints the address where the envelope shows it, and the return line
// above. Nothing else may show, and nothing that reveals a debt.
func (s *sheet) window(c outreach.Content, w *outreach.Words, in Window) {
	x, y, width := in.X+inside, in.Y+in.Height-blockHeight, in.Width-2*inside
	s.font(6.5, false, soft)
	s.at(x, y+returnAt, strings.Join(append([]string{c.Creditor.Name}, c.Creditor.Address...), " · "), width)
	lines := []string{c.Debtor.Name}
	if c.Debtor.Attention != "" && c.Debtor.Attention != c.Debtor.Name {
		lines = append(lines, fmt.Sprintf(w.Label("letter_attention"), c.Debtor.Attention))
	}
	for _, l := range c.Debtor.Address {
		lines = append(lines, postcode(l))
	}
	s.font(10, false, black)
	for i, l := range lines[:min(len(lines), addressLines)] {
		s.at(x, y+addressAt+float64(i)*lineHeight, l, width)
	}
}

var dutchPostcode = regexp.MustCompile(`^\s*(\d{4})\s*([A-Za-z]{2})\s+(.+?)\s*$`)

// postcode writes a Dutch postcode line as the post wants it: "3511 AB  UTRECHT".
func postcode(line string) string {
	m := dutchPostcode.FindStringSubmatch(line)
	if m == nil {
		return line
	}
	return m[1] + " " + strings.ToUpper(m[2]) + "  " + strings.ToUpper(m[3])
}

// references prints the line of date, reference and numbers.
func (s *sheet) references(c outreach.Content, w *outreach.Words) {
	x := leftEdge
	for _, r := range []struct{ key, value string }{
		{"letter_date", w.Date(c.Date)}, {"letter_reference", cmp.Or(c.CaseNumber, c.Reference)}, {"letter_customer", c.Debtor.Number},
	} {
		if r.value == "" {
			continue
		}
		s.font(7.5, false, soft)
		s.at(x, 96, w.Label(r.key), 0)
		s.font(9.5, false, black)
		s.at(x, 100.8, r.value, 52)
		x += 55
	}
	s.y = 108
}

// body prints the blocks. Bank details are not printed here: they are returned
// for the slip.
func (s *sheet) body(d outreach.Document, w *outreach.Words) (*outreach.Facts, error) {
	width := rightEdge - leftEdge
	var bank *outreach.Facts
	s.paragraph([]outreach.Run{{Text: d.Subject, Strong: true}}, style{11, 5.6, black, false}, leftEdge, width)
	s.y += 3.5
	s.paragraph(plain(d.Salutation), body, leftEdge, width)
	s.y += 2.6
	for i, b := range d.Blocks {
		if i == len(d.Blocks)-2 {
			// The greeting never stands alone on a page.
			s.need(40)
		}
		switch b := b.(type) {
		case outreach.Paragraph:
			s.paragraph(b.Runs, body, leftEdge, width)
			s.y += 2.6
		case outreach.Table:
			s.y += 1
			s.table(b)
		case outreach.Box:
			s.box(b)
		case outreach.Button:
			s.web(w.Label("letter_online"), b.URL)
		case outreach.Facts:
			if b.Title != "" {
				bank = &b
				continue
			}
			for _, f := range b.Rows {
				s.web(f.Label, f.URL)
			}
		default:
			return nil, fmt.Errorf("a letter cannot hold a %T", b)
		}
	}
	s.need(14)
	s.y += 3
	for _, l := range d.Closing {
		s.paragraph(plain(l), body, leftEdge, width)
	}
	return bank, nil
}

// web prints where something can be done online; the address is a link too.
func (s *sheet) web(label, url string) {
	st := style{9, 4.8, soft, false}
	runs := []outreach.Run{{Text: label + ": "}, {Text: url, Strong: true}}
	s.need(float64(len(s.lines(runs, st, rightEdge-leftEdge))) * st.leading)
	top, page := s.y, s.pdf.PageNo()
	s.paragraph(runs, st, leftEdge, rightEdge-leftEdge)
	if s.pdf.PageNo() == page {
		s.pdf.LinkString(leftEdge, top, rightEdge-leftEdge, s.y-top, url)
	}
	s.y += 2.4
}

// box prints a protected block in a frame, on one page where it fits.
func (s *sheet) box(b outreach.Box) {
	const inset = 5.0
	width := rightEdge - leftEdge - 2*inset
	head := style{10.5, 5.6, black, true}
	h := 2 * inset
	if b.Heading != "" {
		h += float64(len(s.lines(plain(b.Heading), head, width)))*head.leading + 1.5
	}
	for i, p := range b.Paragraphs {
		for _, part := range strings.Split(p, "\n") {
			h += float64(len(s.lines(plain(part), body, width))) * body.leading
		}
		if i > 0 {
			h += 2.4
		}
	}
	s.y += 1
	if h < lowest-s.top {
		s.need(h)
		s.fill(leftEdge, s.y, rightEdge-leftEdge, h, paper)
		s.line(leftEdge, s.y, leftEdge, s.y+h, 0.8, black)
	}
	s.y += inset
	if b.Heading != "" {
		s.paragraph(plain(b.Heading), head, leftEdge+inset, width)
		s.y += 1.5
	}
	for i, p := range b.Paragraphs {
		if i > 0 {
			s.y += 2.4
		}
		for _, part := range strings.Split(p, "\n") {
			s.paragraph(plain(part), body, leftEdge+inset, width)
		}
	}
	s.y += inset + 4
}

func foot(c outreach.Creditor, w *outreach.Words) string {
	parts := []string{c.Name}
	if c.Number != "" {
		parts = append(parts, w.Label("chamber")+" "+c.Number)
	}
	if c.IBAN != "" {
		parts = append(parts, "IBAN "+c.IBAN)
	}
	return strings.Join(parts, " · ")
}
