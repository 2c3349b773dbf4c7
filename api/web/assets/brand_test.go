package assets

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestBrandSheetIsReadableInAnyColour(t *testing.T) {
	t.Parallel()
	find := regexp.MustCompile(`--brand:#(\w+);--brand-foreground:#(\w+);.*--brand-text:light-dark\(#(\w+),#(\w+)\)`)
	rapid.Check(t, func(t *rapid.T) {
		c := rgb{rapid.Float64Range(0, 1).Draw(t, "r"), rapid.Float64Range(0, 1).Draw(t, "g"), rapid.Float64Range(0, 1).Draw(t, "b")}
		m := find.FindStringSubmatch(brandSheet(c))
		if m == nil {
			t.Fatal("sheet not understood")
		}
		colour := func(s string) rgb { c, _ := parseColour(s); return c }
		for what, pair := range map[string][2]rgb{
			"button": {colour(m[1]), colour(m[2])},
			"light":  {colour(m[3]), rgb{0.975, 0.97, 0.95}},
			"dark":   {colour(m[4]), night},
		} {
			if r := contrast(pair[0], pair[1]); r < 4.5 {
				t.Fatalf("%s of %s: contrast %.2f", what, c.hex(), r)
			}
		}
	})
}

func TestBrandRefusesWhatIsNotAColour(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "red", "#12345", "12345g", "#1f6f4a;}body{", "1f6f4a/../x"} {
		if Brand(bad) != "" {
			t.Errorf("%q was accepted", bad)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = Prefix + "brand/" + bad + ".css"
		Handler().ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%q was served", bad)
		}
	}
	if got := Brand("#1F6F4A"); got != "/assets/brand/1f6f4a.css" {
		t.Error(got)
	}
}
