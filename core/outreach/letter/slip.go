package letter

import "github.com/voldaan/voldaan/core/outreach"

const slipHeight = 52.0

// slip prints the payment data with the code at the foot of the last page.
func (s *sheet) slip(w *outreach.Words, facts outreach.Facts, payload string) error {
	top := pageHeight - 22 - slipHeight
	if s.y > top-4 {
		s.page()
	}
	s.pdf.SetDashPattern([]float64{1, 1}, 0)
	s.line(leftEdge, top, rightEdge, top, 0.25, soft)
	s.pdf.SetDashPattern(nil, 0)

	x := leftEdge
	if payload != "" {
		const side = 36.0
		if err := s.qr(payload, rightEdge-side, top+8, side); err != nil {
			return err
		}
	}
	s.font(10.5, true, black)
	s.at(x, top+10, w.Label("slip_title"), 0)
	y := top + 17
	for _, f := range facts.Rows {
		s.font(8, false, soft)
		s.at(x, y, f.Label, 0)
		s.font(10, true, black)
		s.at(x+38, y, f.Value, 88)
		y += 6
	}
	if payload != "" {
		s.y = top + slipHeight - 10
		for _, line := range s.lines(plain(w.Label("slip_scan")), style{7.5, 3.6, soft, false}, 110) {
			s.set(line, style{7.5, 3.6, soft, false}, x, s.y+2.6)
			s.y += 3.6
		}
	}
	return nil
}
