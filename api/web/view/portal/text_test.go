package portal

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/web/locale"
	"github.com/voldaan/voldaan/core/outreach"
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

func TestGermanAndFrenchFormsOfAddressDoNotMix(t *testing.T) {
	t.Parallel()
	for lang, form := range map[string]struct{ formal, informal *regexp.Regexp }{
		"de": {regexp.MustCompile(`\b(Sie|Ihnen|Ihre?[nrms]?)\b`), regexp.MustCompile(`(?i)\b(du|dich|dir|deine?[nrms]?)\b`)},
		"fr": {regexp.MustCompile(`(?i)\b(vous|votre|vos)\b`), regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:(?:tu|te|toi|ton|ta|tes)(?:[^\p{L}]|$)|t’)`)},
	} {
		if len(texts[lang]) != len(texts["en"]) {
			t.Errorf("%s has %d texts, English %d", lang, len(texts[lang]), len(texts["en"]))
		}
		for key, w := range texts[lang] {
			if hit := form.informal.FindString(w.formal); hit != "" {
				t.Errorf("%s %s, formal, says %q: %s", lang, key, hit, w.formal)
			}
			// A sentence for everyone addresses nobody; "Sie" may begin one about a thing.
			if hit := form.formal.FindString(w.informal); hit != "" && !strings.HasPrefix(w.informal, "Das ist keine") {
				t.Errorf("%s %s, informal, says %q: %s", lang, key, hit, w.informal)
			}
			if english := texts["en"][key].formal; w.formal == english && len(strings.Fields(english)) > 2 && !strings.HasPrefix(key, "method.") {
				t.Errorf("%s %s is left in English: %s", lang, key, english)
			}
		}
	}
}

func TestPagesSpeakEveryLanguageOfTheMessages(t *testing.T) {
	t.Parallel()
	for _, l := range outreach.Languages() {
		if !slices.Contains(Languages(), string(l)) || !slices.Contains(locale.Languages(), string(l)) {
			t.Errorf("messages go out in %s, and the pages do not speak it", l)
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
