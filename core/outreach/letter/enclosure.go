package letter

import "github.com/voldaan/voldaan/core/outreach"

// enclosure prints a form or an information sheet on pages of its own, each
// field with a line to write on.
func (s *sheet) enclosure(e outreach.Enclosure) {
	const fieldHeight = 11.0
	width := rightEdge - leftEdge
	s.page()
	s.paragraph([]outreach.Run{{Text: e.Title, Strong: true}}, style{13, 6.4, black, true}, leftEdge, width)
	s.y += 4
	for _, p := range e.Paragraphs {
		s.need(2 * body.leading)
		s.paragraph(plain(p), body, leftEdge, width)
		s.y += 2.6
	}
	for _, f := range e.Fields {
		s.need(fieldHeight + body.leading)
		s.y += 2
		s.paragraph(plain(f), style{9, 4.6, soft, false}, leftEdge, width)
		s.y += fieldHeight - 4.6
		s.line(leftEdge, s.y, rightEdge, s.y, 0.2, hair)
	}
}
