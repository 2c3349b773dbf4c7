package matching

import (
	"slices"
	"strings"
	"unicode"
)

// number is an invoice or case number without its decoration.
type number struct {
	key    string // capitals and digits
	joints []int  // offsets in key where the number itself has a separator
	short  bool   // too short, or too like a year, to stand on its own
}

type numbered struct {
	number
	invoice int
}

// newNumber reads a number. Its key is empty when there is nothing to search for.
func newNumber(text string) number {
	var n number
	for i, w := range words(text) {
		if i > 0 {
			n.joints = append(n.joints, len(n.key))
		}
		n.key += w.text
	}
	if strings.Trim(n.key, "0123456789") == n.key {
		return number{} // a name without a digit is not a number
	}
	year := len(n.key) == 4 && (n.key[:2] == "19" || n.key[:2] == "20")
	n.short = len(n.key) < 4 || onlyDigits(n.key) && year
	return n
}

// introductions are words after which even a short number is meant as one.
var introductions = []string{
	"FACTUURNUMMER", "FACTUURNR", "FACTUUR", "FACTNR", "FACT", "FAKTUUR", "NOTA", "NUMMER", "NR", "NO",
	"INVOICENUMBER", "INVOICE", "INV", "RECHNUNG", "RG", "FACTURE", "DOSSIER", "ZAAK", "CASE", "REF", "KENMERK",
}

// maxPieces is how many parts a number may be broken into.
const maxPieces = 5

// hit is a number found in a text, from the first word through the last. A
// weak one may be something else: a short number, or digits that read as a date.
type hit struct {
	numbered
	first, last int
	introduced  bool
	weak        bool
}

// findNumbers returns the numbers of the ledger that stand in a text between
// word boundaries. A separator of the number may be written differently or
// left out, but digits are not glued together over one that it does not have.
func (l *Ledger) findNumbers(text string) []hit {
	list := words(text)
	var out []hit
	for i, w := range list {
		stripped, introduced := withoutIntroduction(w.text)
		introduced = introduced || i > 0 && slices.Contains(introductions, list[i-1].text)
		out = l.startingWith(out, w.text, list, i, introduced)
		if stripped != w.text {
			out = l.startingWith(out, stripped, list, i, introduced)
		}
	}
	return once(longest(withoutFragments(out, list)))
}

// startingWith adds the numbers that consist of a key and some of the words
// after the first.
func (l *Ledger) startingWith(out []hit, key string, list []word, first int, introduced bool) []hit {
	var joints []int
	for last := first; ; last++ {
		for _, n := range l.numbers[key] {
			if n.short && !introduced || !fits(joints, n.joints) {
				continue
			}
			date := len(key) == 8 && len(joints) < len(n.joints) && onlyDigits(key)
			out = append(out, hit{numbered: n, first: first, last: last, introduced: introduced, weak: n.short || date && !introduced})
		}
		if last+1 == len(list) || last-first+1 == maxPieces {
			return out
		}
		joints = append(joints, len(key))
		key += list[last+1].text
	}
}

// withoutFragments drops bare digits that are tied to other digits, which no
// hit explains: 0042 is not meant in A2026-0042.
func withoutFragments(found []hit, list []word) []hit {
	tied := func(at int) bool {
		return strings.ContainsAny(list[at].text, "0123456789") &&
			!slices.ContainsFunc(found, func(h hit) bool { return h.first <= at && at <= h.last })
	}
	return slices.DeleteFunc(slices.Clone(found), func(h hit) bool {
		return h.first == h.last && onlyDigits(h.key) && !h.introduced &&
			(list[h.first].joined && tied(h.first-1) || h.last+1 < len(list) && list[h.last+1].joined && tied(h.last+1))
	})
}

// fits reports whether every joint of the text is one of the number.
func fits(joints, of []int) bool {
	return !slices.ContainsFunc(joints, func(at int) bool { return !slices.Contains(of, at) })
}

// longest drops hits that lie inside a longer one: in "2026-0042" the invoice
// 0042 is not meant.
func longest(found []hit) []hit {
	return slices.DeleteFunc(slices.Clone(found), func(h hit) bool {
		return slices.ContainsFunc(found, func(o hit) bool {
			return o.first <= h.first && h.last <= o.last && len(o.key) > len(h.key)
		})
	})
}

// once keeps one hit per invoice, a strong one before a weak one.
func once(found []hit) []hit {
	var out []hit
	for _, h := range found {
		at := slices.IndexFunc(out, func(o hit) bool { return o.invoice == h.invoice })
		switch {
		case at < 0:
			out = append(out, h)
		case out[at].weak:
			out[at] = h
		}
	}
	return out
}

// withoutIntroduction cuts a word such as FACTUUR off the digits it is glued to.
func withoutIntroduction(word string) (string, bool) {
	for _, intro := range introductions {
		if rest, ok := strings.CutPrefix(word, intro); ok && rest != "" && unicode.IsDigit(rune(rest[0])) {
			return rest, true
		}
	}
	return word, false
}

// word is a run of letters and digits. It is joined when one mark such as a
// hyphen, and no space, ties it to the word before.
type word struct {
	text   string
	joined bool
}

// words splits a text into words, in plain capitals.
func words(text string) []word {
	var out []word
	var b strings.Builder
	gap := " "
	flush := func() {
		if b.Len() > 0 {
			out = append(out, word{text: b.String(), joined: len(out) > 0 && len(gap) == 1 && strings.Contains("-./_", gap)})
			b.Reset()
			gap = ""
		}
	}
	for _, r := range fold(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
			continue
		}
		flush()
		gap += string(r)
	}
	flush()
	return out
}

func onlyDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

var accents = strings.NewReplacer(
	"À", "A", "Á", "A", "Â", "A", "Ã", "A", "Ä", "A", "Å", "A", "Ç", "C", "È", "E", "É", "E", "Ê", "E", "Ë", "E",
	"Ì", "I", "Í", "I", "Î", "I", "Ï", "I", "Ñ", "N", "Ò", "O", "Ó", "O", "Ô", "O", "Õ", "O", "Ö", "O", "Ø", "O",
	"Ù", "U", "Ú", "U", "Û", "U", "Ü", "U", "Ý", "Y", "ß", "SS", "Æ", "AE", "Œ", "OE", "Ĳ", "IJ",
)

// fold turns a text into capitals without accents, as banks do.
func fold(text string) string { return accents.Replace(strings.ToUpper(text)) }
