package recipe_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voldaan/voldaan/sdk"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/again":
			http.Redirect(w, r, "/file", http.StatusFound)
		case "/file":
			w.Header().Set("Content-Disposition", `attachment; filename="../2026-0042.pdf"`)
			_, _ = w.Write([]byte("%PDF-1.7 paper"))
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/page":
			_, _ = w.Write([]byte("<html>sign in</html>"))
		case "/huge":
			_, _ = w.Write(make([]byte, 21<<20))
		}
	}))
	t.Cleanup(storage.Close)
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		invoice,
		wantName string
		format sdk.DocumentFormat
		gone   bool
	}{
		"pdf after two redirects":  {redirect(storage.URL + "/again"), "801", "2026-0042.pdf", sdk.PDF, false},
		"in circles":               {redirect(storage.URL + "/circle"), "801", "", sdk.PDF, false},
		"a page instead of a file": {redirect(storage.URL + "/page"), "801", "", sdk.PDF, false},
		"larger than allowed":      {redirect(storage.URL + "/huge"), "801", "", sdk.PDF, false},
		"a link off the web":       {redirect("ftp://files.example/x"), "801", "", sdk.PDF, false},
		"an invoice that is gone":  {func(w http.ResponseWriter, _ *http.Request) { reply(w, 404, map[string]any{}) }, "801", "", sdk.PDF, true},
		"ubl without a redirect":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<Invoice/>")) }, "801", "801.xml", sdk.UBL, false},
		"scan of an external one":  {redirect(storage.URL + "/file"), "external-801", "2026-0042.pdf", sdk.PDF, false},
		"ubl of an external one":   {nil, "external-801", "", sdk.UBL, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.fill()
			f.override["GET sales_invoices/801/download_pdf"] = tt.answer
			f.override["GET sales_invoices/801/download_ubl"] = tt.answer
			f.override["GET external_sales_invoices/801/attachments/55/download"] = tt.answer
			d, err := f.connector().Document(t.Context(), f.session(),
				sdk.DocumentRequest{Administration: "123", Invoice: tt.invoice, Format: tt.format})
			if (err == nil) != (tt.wantName != "") || errors.Is(err, sdk.ErrGone) != tt.gone {
				t.Fatalf("error %v", err)
			}
			if d.Name != tt.wantName {
				t.Errorf("name %q, want %q", d.Name, tt.wantName)
			}
		})
	}
}
