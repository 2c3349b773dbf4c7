package sms

import "strings"

// The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1).
// A character of the extension takes two septets.
const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// septets is how many septets a character takes, 0 when the alphabet lacks it.
var septets = func() map[rune]int {
	m := map[rune]int{}
	for _, r := range basic {
		m[r] = 1
	}
	for _, r := range extension {
		m[r] = 2
	}
	return m
}()

// plain are characters that one outside the alphabet can be written as without
// becoming another word. A message that holds a single such character costs more
// than twice the segments.
var plain = strings.NewReplacer(
	"ë", "e", "ï", "i", "ê", "e", "î", "i", "ô", "o", "û", "u", "â", "a", "á", "a", "í", "i", "ó", "o", "ú", "u", "ÿ", "y", "ç", "c", "œ", "oe",
	"Ë", "E", "Ï", "I", "Ê", "E", "Î", "I", "Ô", "O", "Û", "U", "Â", "A", "Á", "A", "À", "A", "È", "E", "Í", "I", "Ó", "O", "Ú", "U", "Œ", "OE",
	"ã", "a", "õ", "o", "Ã", "A", "Õ", "O", "š", "s", "ž", "z", "Š", "S", "Ž", "Z", "ý", "y", "ĳ", "ij", "Ĳ", "IJ",
	"‘", "'", "’", "'", "‚", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "–", "-", "—", "-", "‐", "-", "‑", "-", "…", "...",
	"\u00a0", " ", "\u202f", " ", "\u2009", " ", "½", "1/2", "·", ".", "•", "-", "\t", " ",
)

// Plain writes a text in the GSM alphabet as far as that is possible without
// changing a word.
func Plain(text string) string { return plain.Replace(text) }
