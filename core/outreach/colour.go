package outreach

import "strconv"

// Green is Voldaan's accent, used when a creditor has no colour.
const Green = "#1f5f46"

// Accent returns the creditor's colour as "#rrggbb" and the ink (black or white)
// that reads best on it by WCAG contrast.
func (c Creditor) Accent() (colour, ink string) {
	colour = c.Colour
	r, g, b, ok := rgb(colour)
	if !ok {
		colour = Green
		r, g, b, _ = rgb(colour)
	}
	l := 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	if (l+0.05)/0.05 > 1.05/(l+0.05) {
		return colour, "#14213d"
	}
	return colour, "#ffffff"
}

func rgb(s string) (r, g, b uint8, ok bool) {
	if len(s) != 7 || s[0] != '#' {
		return 0, 0, 0, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	return uint8(n >> 16), uint8(n >> 8), uint8(n), err == nil
}

// linear approximates the sRGB transfer curve closely enough to choose an ink.
func linear(v uint8) float64 {
	x := float64(v) / 255
	return x * x * (0.2 + 0.8*x)
}
