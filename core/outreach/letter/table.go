package letter

import "github.com/voldaan/voldaan/core/outreach"

const columnWidth = 29.0

// table writes a table with its amounts in columns at the right edge.
func (s *sheet) table(t outreach.Table) {
	if t.Title != "" {
		s.need(22)
		s.paragraph([]outreach.Run{{Text: t.Title, Strong: true}}, style{9, 5, soft, false}, leftEdge, rightEdge-leftEdge)
	}
	s.need(16)
	s.heads(t.Columns)
	for _, r := range t.Rows {
		s.row(r, t.Columns, false)
	}
	for _, r := range t.Totals {
		s.row(r, t.Columns, true)
	}
	s.y += 4
}

func (s *sheet) heads(columns []string) {
	s.font(8, false, soft)
	base := s.y + 3.4
	s.at(leftEdge, base, columns[0], 0)
	for i := 1; i < len(columns); i++ {
		s.atRight(columnEdge(i, len(columns)), base, columns[i])
	}
	s.y += 5
	s.line(leftEdge, s.y, rightEdge, s.y, 0.2, black)
	s.y += 1
}

func columnEdge(i, n int) float64 { return rightEdge - float64(n-1-i)*columnWidth }

func (s *sheet) row(r outreach.Row, columns []string, total bool) {
	width := rightEdge - leftEdge - float64(len(r.Amounts))*columnWidth - 2
	st := style{9.5, 5, black, total}
	label := s.lines(plain(r.Label), st, width)
	var detail [][]word
	if r.Detail != "" {
		detail = s.lines(plain(r.Detail), small, width)
	}
	h := float64(len(label))*st.leading + float64(len(detail))*small.leading + 2.2
	if s.y+h > lowest {
		s.page()
		s.heads(columns)
	}
	base := s.y + 4.2
	for i, a := range r.Amounts {
		s.font(st.size, total, black)
		s.atRight(columnEdge(len(columns)-len(r.Amounts)+i, len(columns)), base, a)
	}
	y := s.y + 0.6
	for _, line := range label {
		s.set(line, st, leftEdge, y+3.6)
		y += st.leading
	}
	for _, line := range detail {
		s.set(line, small, leftEdge, y+2.6)
		y += small.leading
	}
	s.y += h
	if !total {
		s.line(leftEdge, s.y, rightEdge, s.y, 0.1, hair)
	}
}
