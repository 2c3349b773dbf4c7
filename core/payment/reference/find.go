package reference

import (
	"strings"
)

// Find searches a free text for structured references with right check
// digits, in every form people type them: whole, with spaces, slashes, dots or
// plusses between the digits. It looks at every window of a run of digits,
// because banks glue words together; so a hit is evidence only when the
// reference is known to be ours. Betalingskenmerken of 7 digits have no check
// and are not searched for.
func Find(text string) []Reference {
	var out []Reference
	seen := map[Reference]bool{}
	add := func(kind Kind, s string, ok bool) {
		if r := (Reference{kind, s}); ok && !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	s := compact(text, "")
	for i := 0; i+5 <= len(s); i++ {
		if s[i] != 'R' || s[i+1] != 'F' {
			continue
		}
		// The longest that is right: a shorter one can be right by chance.
		for n := min(25, len(s)-i); n >= 5; n-- {
			if rf, ok := ParseRF(s[i : i+n]); ok {
				add(RF, rf, true)
				break
			}
		}
	}
	for _, run := range digitRuns(text) {
		for i := range run {
			if i+12 <= len(run) {
				ogm, ok := ParseOGM(run[i : i+12])
				add(OGM, ogm, ok)
			}
			for n := min(16, len(run)-i); n >= 9; n-- {
				kenmerk, ok := ParseBetalingskenmerk(run[i : i+n])
				add(Betalingskenmerk, kenmerk, ok)
			}
		}
	}
	return out
}

// digitRuns returns the digits of a text, run together over the marks that
// people put inside references.
func digitRuns(text string) []string {
	var runs []string
	var b strings.Builder
	for _, r := range text + "\x00" {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune(" \u00a0+*/.-\r\n", r):
		default:
			if b.Len() >= 9 {
				runs = append(runs, b.String())
			}
			b.Reset()
		}
	}
	return runs
}
