package cassette

import (
	"fmt"
	"math/big"
	"strings"
	"unicode"
)

// legal forms stay where they are: that a debtor is a company is a fact that
// connectors act upon.
var legal = []string{"b.v.", "bv", "n.v.", "nv", "v.o.f.", "vof", "gmbh", "ag", "ltd", "ltd.", "sa", "s.a.", "sarl", "bvba", "srl", "inc", "inc.", "llc", "stichting", "e.k.", "ug", "plc"}

// fake makes the n-th pseudonym of a kind, in the form of what it stands for.
func fake(k kind, original string, n int) string {
	letters := alphabetic(n)
	switch k {
	case wholeName:
		words := strings.Fields(original)
		if len(words) > 1 {
			if last := words[len(words)-1]; contains(legal, strings.ToLower(last)) {
				return "Bedrijf " + letters + " " + last
			}
			if contains(legal, strings.ToLower(words[0])) {
				return words[0] + " " + letters
			}
		}
		return "Naam " + letters
	case firstName:
		return "Voornaam " + letters
	case lastName:
		return "Achternaam " + letters
	case email:
		return "persoon" + fmt.Sprint(n) + "@voorbeeld.example"
	case street:
		return fmt.Sprintf("Voorbeeldstraat %d", n)
	case city:
		return "Plaats " + letters
	case website:
		return fmt.Sprintf("https://voorbeeld%d.example", n)
	case birthday:
		return "1970-01-01"
	case iban:
		if isIBAN(original) {
			return fakeIBAN(original, n)
		}
		return shaped(original, n, 0)
	case phone:
		return shaped(original, n, 2)
	case secret:
		return fmt.Sprintf("geheim-%d", n)
	case words:
		return lorem(original)
	case number: // its letters say which country and which register
		out, left := []byte(original), n
		for i := len(out) - 1; i >= 0; i-- {
			if out[i] >= '0' && out[i] <= '9' {
				out[i], left = byte('0'+left%10), left/10
			}
		}
		return string(out)
	}
	return shaped(original, n, 0)
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// alphabetic counts in letters: A, B ... Z, AA.
func alphabetic(n int) string {
	s := ""
	for n > 0 {
		n--
		s = string(rune('A'+n%26)) + s
		n /= 26
	}
	return s
}

// shaped keeps the form of a text: digits become those of n, from the right, the
// first keep of them stay; letters become X.
func shaped(s string, n, keep int) string {
	out, left := []rune(s), n
	all := digits(s)
	for i, seen := len(out)-1, 0; i >= 0; i-- {
		switch r := out[i]; {
		case r >= '0' && r <= '9':
			seen++
			if all-seen >= keep {
				out[i], left = rune('0'+left%10), left/10
			}
		case unicode.IsUpper(r):
			out[i] = 'X'
		case unicode.IsLetter(r):
			out[i] = 'x'
		}
	}
	return string(out)
}

// fakeIBAN keeps country, length and spaces, and has good check digits.
func fakeIBAN(s string, n int) string {
	compact := compactIBAN(s)
	body := shaped(compact[4:], n, 0)
	check := 98 - mod97(body+compact[:2]+"00")
	whole := fmt.Sprintf("%s%02d%s", compact[:2], check, body)
	var out strings.Builder
	for i := range len(s) {
		if s[i] == ' ' {
			out.WriteByte(' ')
		} else if whole != "" {
			out.WriteByte(whole[0])
			whole = whole[1:]
		}
	}
	return out.String()
}

func compactIBAN(s string) string { return strings.ToUpper(strings.ReplaceAll(s, " ", "")) }

// isIBAN checks form and check digits (ISO 13616).
func isIBAN(s string) bool {
	s = compactIBAN(s)
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	for i, r := range s {
		letter, digit := r >= 'A' && r <= 'Z', r >= '0' && r <= '9'
		if i < 2 && !letter || i >= 2 && i < 4 && !digit || !letter && !digit {
			return false
		}
	}
	return mod97(s[4:]+s[:4]) == 1
}

func mod97(s string) int {
	var b strings.Builder
	for _, r := range s {
		if r >= 'A' && r <= 'Z' {
			fmt.Fprint(&b, r-'A'+10)
		} else {
			b.WriteRune(r)
		}
	}
	n, ok := new(big.Int).SetString(b.String(), 10)
	if !ok {
		return 0
	}
	return int(n.Mod(n, big.NewInt(97)).Int64())
}

var filler = strings.Fields("lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua")

// lorem replaces the words of a text and keeps the rest: numbers, line breaks,
// and what machines wrote, such as tr_7UhSN1zuXS or voldaan:k1.
func lorem(s string) string {
	var out strings.Builder
	n := 0
	for len(s) > 0 {
		i := strings.IndexFunc(s, unicode.IsSpace)
		switch {
		case i == 0:
			r := []rune(s)[0]
			out.WriteRune(r)
			s = s[len(string(r)):]
			continue
		case i < 0:
			i = len(s)
		}
		word := s[:i]
		s = s[i:]
		if strings.ContainsAny(word, "0123456789_:<>=&/") {
			out.WriteString(word)
			continue
		}
		out.WriteString(filler[n%len(filler)])
		n++
	}
	return out.String()
}
