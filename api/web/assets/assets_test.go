package assets_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/web/assets"
)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestHandlerServesHashedFilesForever(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"app.css": "text/css", "app.js": "text/javascript", "htmx.js": "text/javascript", "favicon.svg": "image/svg+xml", "fonts/inter-latin.woff2": "font/woff2"} {
		w := get(t, assets.Path(name))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	if w := get(t, "/assets/app.css"); w.Code != http.StatusNotFound {
		t.Errorf("a name without its hash is not cacheable and must not be served: %d", w.Code)
	}
}

func TestStyleSheetNamesOnlyFilesThatAreServed(t *testing.T) {
	t.Parallel()
	sheet := get(t, assets.Path("app.css")).Body.String()
	links := regexp.MustCompile(`url\("?([^")]+)"?\)`).FindAllStringSubmatch(sheet, -1)
	if len(links) < 5 {
		t.Fatalf("found %d files in the sheet", len(links))
	}
	for _, l := range links {
		if w := get(t, l[1]); w.Code != http.StatusOK {
			t.Errorf("%s: %d", l[1], w.Code)
		}
	}
}

func TestPolicyAllowsNothingInline(t *testing.T) {
	t.Parallel()
	p := assets.PagePolicy("https://www.mollie.com")
	for _, banned := range []string{"unsafe-inline", "unsafe-eval", "*"} {
		if strings.Contains(p, banned) {
			t.Errorf("policy holds %s: %s", banned, p)
		}
	}
	if !strings.Contains(p, "form-action 'self' https://www.mollie.com;") {
		t.Error(p)
	}
}
