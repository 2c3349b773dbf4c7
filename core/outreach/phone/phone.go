package phone

import (
	"regexp"
	"strings"
)

// plan is what we know of a country's numbering.
type plan struct {
	code   string // of the country
	trunk  string // in front of a national number, dropped in E.164
	length [2]int // digits after the code, least and most
	mobile *regexp.Regexp
}

// plans of the countries that messages go to, and of their neighbours. Mobile
// ranges are those of the national plans; numbers for machines are left out.
var plans = map[string]plan{
	"NL": {"31", "0", [2]int{9, 9}, regexp.MustCompile(`^6[1-58]\d{7}$`)},
	"BE": {"32", "0", [2]int{8, 9}, regexp.MustCompile(`^4[5-9]\d{7}$`)},
	"DE": {"49", "0", [2]int{6, 11}, regexp.MustCompile(`^1(5\d{9}|6[023]\d{7,8}|7\d{8,9})$`)},
	"GB": {"44", "0", [2]int{9, 10}, regexp.MustCompile(`^7([1-57-9]\d{8}|624\d{6})$`)},
	"FR": {"33", "0", [2]int{9, 9}, regexp.MustCompile(`^[67]\d{8}$`)},
	"LU": {"352", "", [2]int{5, 11}, regexp.MustCompile(`^6[269]1\d{6}$`)},
	"AT": {"43", "0", [2]int{7, 13}, regexp.MustCompile(`^6([5-9]\d)\d{6,10}$`)},
	"CH": {"41", "0", [2]int{9, 9}, regexp.MustCompile(`^7[5-9]\d{7}$`)},
	"ES": {"34", "", [2]int{9, 9}, regexp.MustCompile(`^[67]\d{8}$`)},
	"IT": {"39", "", [2]int{6, 11}, regexp.MustCompile(`^3\d{8,9}$`)},
	"IE": {"353", "0", [2]int{7, 9}, regexp.MustCompile(`^8[35-9]\d{7}$`)},
	"PL": {"48", "", [2]int{9, 9}, regexp.MustCompile(`^(4[5]|5[0137]|6[069]|7[2389]|88)\d{7}$`)},
	"DK": {"45", "", [2]int{8, 8}, regexp.MustCompile(`^([2-9])\d{7}$`)},
	"SE": {"46", "0", [2]int{7, 9}, regexp.MustCompile(`^7[02369]\d{7}$`)},
	"PT": {"351", "", [2]int{9, 9}, regexp.MustCompile(`^9[1236]\d{7}$`)},
}

// Number is a telephone number.
type Number struct {
	E164    string // "+31612345678"
	Country string // ISO 3166-1 alpha-2; empty when we do not know the plan
	Mobile  bool   // takes text messages
}

// trunkInBrackets is how a national zero is written beside a country code.
var trunkInBrackets = strings.NewReplacer("(0)", "")

// Parse reads a number as somebody typed it, of a country when it does not name
// one. It is false for what cannot be a number there: a wrong one would reach a
// stranger.
func Parse(text, country string) (Number, bool) {
	text = trunkInBrackets.Replace(strings.TrimSpace(text))
	plus := strings.HasPrefix(text, "+")
	var b strings.Builder
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0, strings.ContainsRune(" -./()\u00a0\u2011\u2013", r):
		default:
			return Number{}, false // an extension, two numbers, or words
		}
	}
	digits := b.String()
	if !plus {
		if rest, ok := strings.CutPrefix(digits, "00"); ok {
			digits, plus = rest, true
		}
	}
	if plus {
		return international(digits)
	}
	p, ok := plans[country]
	if !ok {
		return Number{}, false
	}
	national := digits
	if p.trunk != "" {
		rest, had := strings.CutPrefix(digits, p.trunk)
		if !had {
			// Some leave the zero out, as in 6 12345678; what is then no mobile
			// number may as well be a part of one.
			if !p.mobile.MatchString(digits) {
				return Number{}, false
			}
			rest = digits
		}
		national = rest
	}
	return p.number(country, national)
}

func international(digits string) (Number, bool) {
	for n := 3; n >= 2; n-- {
		if len(digits) <= n {
			continue
		}
		for country, p := range plans {
			if p.code == digits[:n] {
				national := digits[n:]
				if p.trunk != "" {
					national = strings.TrimPrefix(national, p.trunk) // +31 06 …
				}
				return p.number(country, national)
			}
		}
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return Number{}, false
	}
	return Number{E164: "+" + digits}, true
}

func (p plan) number(country, national string) (Number, bool) {
	if len(national) < p.length[0] || len(national) > p.length[1] || p.trunk == "0" && strings.HasPrefix(national, "0") {
		return Number{}, false
	}
	return Number{E164: "+" + p.code + national, Country: country, Mobile: p.mobile.MatchString(national)}, true
}

// Mobile returns the number in E.164 when text messages reach it.
func Mobile(text, country string) (string, bool) {
	n, ok := Parse(text, country)
	return n.E164, ok && n.Mobile
}
