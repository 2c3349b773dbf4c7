package letter

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"

	"github.com/voldaan/voldaan/core/outreach"
)

// Measures of the page in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	leftEdge   = 25.0
	rightEdge  = pageWidth - 20.0
	lowest     = pageHeight - 26.0 // below it is the foot
	pt         = 25.4 / 72
)

type colour struct{ r, g, b int }

var (
	black = colour{22, 33, 58}
	soft  = colour{91, 97, 112}
	hair  = colour{205, 197, 181}
	paper = colour{246, 242, 234}
)

func hex(s string) colour {
	var c colour
	if _, err := fmt.Sscanf(s, "#%02x%02x%02x", &c.r, &c.g, &c.b); err != nil {
		return black
	}
	return c
}

// sheet writes text downwards over as many pages as it takes.
type sheet struct {
	pdf *fpdf.Fpdf
	y   float64 // top of the next line
	top float64 // where text starts on a following page
	// places are the parts of a dossier so far.
	places []place
}

func newSheet(title, author, lang string, moment time.Time) *sheet {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(moment)
	pdf.SetModificationDate(moment)
	pdf.SetProducer("Voldaan", true)
	pdf.SetTitle(title, true)
	pdf.SetAuthor(author, true)
	pdf.SetLang(lang)
	pdf.SetDisplayMode("fullpage", "single")
	pdf.SetMargins(leftEdge, 20, pageWidth-rightEdge)
	pdf.SetAutoPageBreak(false, 0)
	addFonts(pdf)
	s := &sheet{pdf: pdf, top: 24}
	s.page()
	return s
}

func (s *sheet) page() {
	s.pdf.AddPage()
	s.y = s.top
}

// need starts a new page when less than h is left.
func (s *sheet) need(h float64) {
	if s.y+h > lowest {
		s.page()
	}
}

func (s *sheet) font(size float64, bold bool, c colour) {
	style := ""
	if bold {
		style = "B"
	}
	s.pdf.SetFont(family, style, size)
	s.pdf.SetTextColor(c.r, c.g, c.b)
}

// at writes one line with its baseline at y, cut off with an ellipsis at width
// (0: not cut).
func (s *sheet) at(x, y float64, text string, width float64) {
	s.pdf.Text(x, y, s.cut(ink(text), width))
}

// atRight writes one line that ends at x.
func (s *sheet) atRight(x, y float64, text string) {
	text = ink(text)
	s.pdf.Text(x-s.pdf.GetStringWidth(text), y, text)
}

func (s *sheet) cut(text string, width float64) string {
	if width <= 0 || s.pdf.GetStringWidth(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && s.pdf.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimSpace(string(runes)) + "…"
}

func (s *sheet) line(x1, y1, x2, y2, width float64, c colour) {
	s.pdf.SetDrawColor(c.r, c.g, c.b)
	s.pdf.SetLineWidth(width)
	s.pdf.Line(x1, y1, x2, y2)
}

func (s *sheet) fill(x, y, w, h float64, c colour) {
	s.pdf.SetFillColor(c.r, c.g, c.b)
	s.pdf.Rect(x, y, w, h, "F")
}

// feet writes the foot of every page, once their number is known.
func (s *sheet) feet(w *outreach.Words, text string) {
	n := s.pdf.PageCount()
	for i := 1; i <= n; i++ {
		s.pdf.SetPage(i)
		s.line(leftEdge, pageHeight-17, rightEdge, pageHeight-17, 0.2, hair)
		s.font(7.5, false, soft)
		s.at(leftEdge, pageHeight-12.5, text, 135)
		s.atRight(rightEdge, pageHeight-12.5, fmt.Sprintf(w.Label("page"), i, fmt.Sprint(n)))
	}
}

func (s *sheet) bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	if b.Len() == 0 {
		return nil, errors.New("print: no output")
	}
	return b.Bytes(), nil
}
