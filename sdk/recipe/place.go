package recipe

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// speakers are the languages whose names of countries and languages are
// recognised.
var speakers = []language.Tag{
	language.English, language.Dutch, language.German, language.French, language.Spanish, language.Italian,
	language.Danish, language.Swedish, language.Norwegian, language.Finnish, language.Polish, language.Portuguese,
}

// otherNames are names in daily use that the lists do not have.
var otherNames = map[string]string{
	"holland": "NL", "nederland": "NL", "the netherlands": "NL", "england": "GB", "great britain": "GB", "uk": "GB",
	"groot-brittannië": "GB", "usa": "US", "united states of america": "US", "verenigde staten van amerika": "US",
	"deutschland": "DE", "belgië": "BE", "belgie": "BE", "czech republic": "CZ", "tsjechië": "CZ", "el": "GR",
}

var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, t := range speakers {
		in := display.Regions(t)
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string([]rune{a, b})
				r, err := language.ParseRegion(code)
				if err != nil || !r.IsCountry() || r.Canonicalize().String() != code {
					continue
				}
				if name := strings.ToLower(in.Name(r)); name != "" {
					names[name] = code
				}
			}
		}
	}
	for name, code := range otherNames {
		names[name] = code
	}
	return names
})

// CountryOf returns the code of two letters, or "".
func CountryOf(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 2 && isUpper(s) && s != "UK" && s != "EL" {
		return s
	}
	if len(s) > 80 {
		return ""
	}
	if code, ok := countryNames()[strings.ToLower(s)]; ok {
		return code
	}
	if len(s) == 2 || len(s) == 3 {
		if r, err := language.ParseRegion(s); err == nil && r.IsCountry() {
			return r.Canonicalize().String()
		}
	}
	return ""
}

func isUpper(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

func countryFunc(in any, _ []any) any {
	s, _ := TextOf(in)
	if c := CountryOf(s); c != "" {
		return c
	}
	return nil
}

var languageNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	codes := strings.Fields("nl de en fr es it pt da sv nb no fi pl cs sk hu ro bg el tr lt lv et sl hr lb is")
	for _, t := range append(speakers, language.Und) {
		in := display.Languages(t)
		for _, code := range codes {
			tag := language.Make(code)
			name := ""
			if t == language.Und {
				name = display.Self.Name(tag)
			} else if in != nil {
				name = in.Name(tag)
			}
			if name != "" {
				names[strings.ToLower(name)] = code
			}
		}
	}
	return names
})

func languageFunc(in any, _ []any) any {
	s, _ := TextOf(in)
	if tag := LanguageOf(s); tag != "" {
		return tag
	}
	return nil
}

// LanguageOf returns the BCP 47 tag of a code or name, or "".
func LanguageOf(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 40 {
		return ""
	}
	if code, ok := languageNames()[strings.ToLower(s)]; ok {
		return code
	}
	t, err := language.Parse(strings.ReplaceAll(s, "_", "-"))
	if err != nil {
		return ""
	}
	if base, c := t.Base(); c == language.No || base.String() == "und" {
		return ""
	}
	return t.String()
}
