package letter

import (
	"fmt"

	"github.com/skip2/go-qrcode"
)

// maxVersion is the largest QR code the EPC guideline allows (69 modules).
const maxVersion = 13

// qr draws an EPC code as ink, error correction M, within a square of side mm.
// A payload that needs a larger code than the guideline allows is refused.
func (s *sheet) qr(payload string, x, y, side float64) error {
	code, err := qrcode.New(payload, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("payment code: %w", err)
	}
	if code.VersionNumber > maxVersion || len(payload) > 331 {
		return fmt.Errorf("payment code: %d bytes are more than an EPC code holds (331); shorten the reference", len(payload))
	}
	code.DisableBorder = true
	bits := code.Bitmap()
	module := side / float64(len(bits))
	s.pdf.SetFillColor(0, 0, 0)
	for row, line := range bits {
		for from := 0; from < len(line); from++ {
			if !line[from] {
				continue
			}
			to := from
			for to < len(line) && line[to] {
				to++
			}
			// One rectangle per run of modules leaves no hair lines between them.
			s.pdf.Rect(x+float64(from)*module, y+float64(row)*module, float64(to-from)*module, module+0.01, "F")
			from = to
		}
	}
	return nil
}
