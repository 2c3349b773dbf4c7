package letter

import (
	_ "embed"
	"strings"
	"unicode"

	"github.com/go-pdf/fpdf"
)

//go:embed font/letter-regular.ttf
var regular []byte

//go:embed font/letter-semibold.ttf
var semibold []byte

const family = "letter"

func addFonts(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(family, "", regular)
	pdf.AddUTF8FontFromBytes(family, "B", semibold)
}

// printable are the characters that the embedded fonts have.
var printable = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x20, 0x7e, 1}, {0xa0, 0x17f, 1}, {0x192, 0x192, 1}, {0x218, 0x21b, 1}, {0x386, 0x3ce, 1}, {0x401, 0x45f, 1},
		{0x490, 0x491, 1}, {0x1e9e, 0x1e9e, 1}, {0x2010, 0x2014, 1}, {0x2018, 0x201a, 1}, {0x201c, 0x201e, 1},
		{0x2022, 0x2022, 1}, {0x2026, 0x2026, 1}, {0x202f, 0x202f, 1}, {0x2030, 0x2030, 1}, {0x2039, 0x203a, 1}, {0x2044, 0x2044, 1},
		{0x20ac, 0x20ac, 1}, {0x20ba, 0x20ba, 1}, {0x2122, 0x2122, 1}, {0x2190, 0x2190, 1}, {0x2192, 0x2192, 1},
		{0x2212, 0x2212, 1}, {0x2215, 0x2215, 1}, {0x2248, 0x2248, 1}, {0x2260, 0x2260, 1}, {0x2264, 0x2265, 1}, {0x2713, 0x2713, 1},
	},
}

// ink replaces what the fonts cannot print by a question mark, which a reader
// notices, instead of an empty box or nothing.
func ink(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case unicode.Is(printable, r):
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return '?'
	}, s)
}
