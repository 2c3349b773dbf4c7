package portal

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryLanguageHasEveryTextWithTheSameBlanks(t *testing.T) {
	t.Parallel()
	for lang, words := range texts {
		for key, w := range words {
			for other, theirs := range texts {
				o, ok := theirs[key]
				if !ok {
					t.Errorf("%s has no text for %s", other, key)
					continue
				}
				for _, pair := range [][2]string{{w.formal, w.informal}, {w.formal, o.formal}} {
					if strings.Count(pair[0], "%s") != strings.Count(pair[1], "%s") {
						t.Errorf("%s: %s and %s do not fill the same blanks", key, lang, other)
					}
				}
			}
			if (w.formal == "") != (w.informal == "") {
				t.Errorf("%s %s lacks a form of address", lang, key)
			}
		}
	}
}

func TestDutchFormsOfAddressDoNotMix(t *testing.T) {
	t.Parallel()
	formal, informal := regexp.MustCompile(`(?i)\b(u|uw)\b`), regexp.MustCompile(`(?i)\b(je|jij|jou|jouw)\b`)
	for key, w := range texts["nl"] {
		if informal.MatchString(w.formal) {
			t.Errorf("%s, formal: %s", key, w.formal)
		}
		if w.formal != w.informal && formal.MatchString(w.informal) {
			t.Errorf("%s, informal: %s", key, w.informal)
		}
	}
}

func TestPagesUseOnlyKnownTexts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`\.[tT]\("([a-z0-9.]+[a-z0-9])"`)
	n := 0
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(src), -1) {
			n++
			if _, ok := texts["en"][m[1]]; !ok {
				t.Errorf("%s uses %s, which is no text", f, m[1])
			}
		}
	}
	if n < 40 {
		t.Errorf("found only %d uses", n)
	}
}
