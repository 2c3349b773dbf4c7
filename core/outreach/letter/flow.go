package letter

import (
	"strings"

	"github.com/voldaan/voldaan/core/outreach"
)

// style is how running text is set: size in points, leading in millimetres.
type style struct {
	size, leading float64
	colour        colour
	bold          bool
}

var (
	body  = style{10, 5.1, black, false}
	small = style{8, 4.1, soft, false}
)

type word struct {
	text  string
	bold  bool
	width float64
	glued bool // no space before it
}

// lines breaks runs into lines of at most width.
func (s *sheet) lines(runs []outreach.Run, st style, width float64) [][]word {
	var out [][]word
	var line []word
	used := 0.0
	s.font(st.size, st.bold, st.colour)
	space := s.pdf.GetStringWidth(" ")
	for _, w := range s.words(runs, st, width) {
		gap := space
		if len(line) == 0 || w.glued {
			gap = 0
		}
		if len(line) > 0 && !w.glued && used+gap+w.width > width {
			out, line, used, gap = append(out, line), nil, 0, 0
		}
		line = append(line, w)
		used += gap + w.width
	}
	if line != nil {
		out = append(out, line)
	}
	return out
}

// words splits runs at spaces; a word wider than a line is cut into pieces, as
// a long link is.
func (s *sheet) words(runs []outreach.Run, st style, width float64) []word {
	var out []word
	spaced := true
	for _, r := range runs {
		text := ink(r.Text)
		s.font(st.size, st.bold || r.Strong, st.colour)
		if strings.HasPrefix(text, " ") {
			spaced = true
		}
		for _, piece := range strings.FieldsFunc(text, func(c rune) bool { return c == ' ' }) {
			for first := true; piece != ""; first = false {
				part := piece
				for s.pdf.GetStringWidth(part) > width && len([]rune(part)) > 1 {
					runes := []rune(part)
					part = string(runes[:len(runes)-1])
				}
				piece = piece[len(part):]
				out = append(out, word{part, st.bold || r.Strong, s.pdf.GetStringWidth(part), first && !spaced})
				spaced = true
			}
		}
		spaced = strings.HasSuffix(text, " ")
	}
	return out
}

// paragraph writes runs at x within width and moves down. Two lines are kept
// together at the foot of a page.
func (s *sheet) paragraph(runs []outreach.Run, st style, x, width float64) {
	lines := s.lines(runs, st, width)
	for i, line := range lines {
		if i == 0 && len(lines) > 1 || i == len(lines)-2 {
			s.need(2 * st.leading)
		}
		s.need(st.leading)
		s.set(line, st, x, s.y+st.leading*0.72)
		s.y += st.leading
	}
}

func (s *sheet) set(line []word, st style, x, baseline float64) {
	s.font(st.size, st.bold, st.colour)
	space := s.pdf.GetStringWidth(" ")
	for i, w := range line {
		if i > 0 && !w.glued {
			x += space
		}
		s.font(st.size, w.bold, st.colour)
		s.pdf.Text(x, baseline, w.text)
		x += w.width
	}
}

func plain(text string) []outreach.Run { return []outreach.Run{{Text: text}} }
