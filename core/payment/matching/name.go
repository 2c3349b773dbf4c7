package matching

import (
	"slices"
	"strings"
)

// legalForms say nothing about who somebody is.
var legalForms = []string{"BV", "NV", "VOF", "CV", "GMBH", "AG", "LTD", "LIMITED", "SA", "SARL", "SRL", "BVBA", "INC", "UG", "KG", "EO", "CJ", "HR", "MW", "MEVR", "DHR", "DE", "VAN", "DER", "DEN", "THE", "EN", "AND"}

// enoughAlike is the similarity from which a name is worth a suggestion.
const enoughAlike = 0.6

// alike compares two names between 0 and 1: the share of letters in words that
// both have, where a bank may have cut the last word off.
func alike(a, b string) float64 {
	left, right := nameWords(a), nameWords(b)
	all, common := 0, 0
	for _, w := range left {
		all += len(w)
		if slices.ContainsFunc(right, func(o string) bool { return sameWord(w, o) }) {
			common += len(w)
		}
	}
	for _, w := range right {
		all += len(w)
		if slices.ContainsFunc(left, func(o string) bool { return sameWord(w, o) }) {
			common += len(w)
		}
	}
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

func sameWord(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || len(a) >= 4 && strings.HasPrefix(b, a)
}

func nameWords(name string) []string {
	name = strings.ReplaceAll(fold(name), ".", "")
	var out []string
	for _, w := range words(name) {
		if !slices.Contains(legalForms, w.text) && len(w.text) > 1 {
			out = append(out, w.text)
		}
	}
	return out
}
