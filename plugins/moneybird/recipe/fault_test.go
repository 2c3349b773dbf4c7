package recipe_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
)

func TestPullFaults(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			reply(w, code, map[string]any{"error": "Retry later"})
		}
	}
	retry := func(err error) time.Duration {
		var r *sdk.RetryAfter
		if errors.As(err, &r) {
			return r.Wait
		}
		return -1
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		answer http.HandlerFunc
		check  func(error) bool
	}{
		"token expired":           {status(401), func(err error) bool { return errors.Is(err, sdk.ErrAuth) }},
		"scope missing":           {status(403), func(err error) bool { return errors.Is(err, sdk.ErrAuth) }},
		"administration gone":     {status(404), func(err error) bool { return errors.Is(err, sdk.ErrInvalid) && !errors.Is(err, sdk.ErrGone) }},
		"plan limit":              {status(402), func(err error) bool { return errors.Is(err, sdk.ErrInvalid) }},
		"429 in seconds":          {status(429, "Retry-After", "17"), func(err error) bool { return retry(err) == 17*time.Second }},
		"429 in epoch seconds":    {status(429, "Retry-After", fmt.Sprint(now.Unix()+90)), func(err error) bool { return retry(err) == 90*time.Second }},
		"429 with a date":         {status(429, "Retry-After", now.Add(2*time.Minute).Format(http.TimeFormat)), func(err error) bool { return retry(err) == 2*time.Minute }},
		"429 with nonsense":       {status(429, "Retry-After", "soon"), func(err error) bool { return retry(err) == 30*time.Second }},
		"429 for a year":          {status(429, "Retry-After", "31536000"), func(err error) bool { return retry(err) == time.Hour }},
		"500":                     {status(500), func(err error) bool { return retry(err) == time.Minute }},
		"503 with a wait":         {status(503, "Retry-After", "5"), func(err error) bool { return retry(err) == 5*time.Second }},
		"redirect to a log-in":    {status(302, "Location", "https://moneybird.com/login"), passing},
		"page of another kind":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Maintenance</html>")) }, passing},
		"JSON that breaks off":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[{"id":"10000","state":"op`)) }, passing},
		"connection that drops":   {drop, passing},
		"object instead of list":  {func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]any{}) }, passing},
		"answer without an end":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat("[", 4096))) }, passing},
		"list entries without id": {func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, []any{map[string]any{"version": 1}}) }, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.fill()
			f.manyInvoices(150)
			n := 0
			f.override["POST sales_invoices/synchronization"] = func(w http.ResponseWriter, r *http.Request) {
				if n++; n == 2 { // in mid-page: the first hundred came well
					tt.answer(w, r)
					return
				}
				first(w, 100)
			}
			b := newBooks()
			err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b)
			if tt.check == nil {
				if err != nil {
					t.Errorf("unexpected %v", err)
				}
				return
			}
			if !tt.check(err) {
				t.Errorf("got %v", err)
			}
			if len(b.invoices) > 100 {
				t.Errorf("%d invoices: half a page was taken", len(b.invoices))
			}
			if b.checkpoints == 0 {
				t.Error("what came before the fault has no checkpoint")
			}
		})
	}
}

// passing: no fault that the host knows, so it tries again.
func passing(err error) bool {
	var r *sdk.RetryAfter
	return err != nil && !errors.As(err, &r) && !errors.Is(err, sdk.ErrAuth) &&
		!errors.Is(err, sdk.ErrInvalid) && !errors.Is(err, sdk.ErrGone)
}

func first(w http.ResponseWriter, n int) {
	list := make([]any, 0, n)
	for i := range n {
		list = append(list, map[string]any{"id": fmt.Sprint(10000 + i), "state": "open", "currency": "EUR",
			"total_price_incl_tax": "1.0", "total_unpaid": "1.0", "version": 1})
	}
	reply(w, 200, list)
}

func drop(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100000")
	_, _ = w.Write([]byte(`[{"id":"10000"`))
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = c.Close()
	}
}

func TestPullRepeatsAndStrangers(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fill()
	f.override["POST sales_invoices/synchronization"] = func(w http.ResponseWriter, _ *http.Request) {
		one := f.records["sales_invoices"]["801"]
		reply(w, 200, []any{one, one, map[string]any{"id": "4711", "state": "open"}, "nonsense",
			map[string]any{"id": "802", "payments": "none"}})
	}
	b := newBooks()
	if err := f.connector().Pull(t.Context(), f.session(), sdk.PullRequest{Administration: "123"}, b); err != nil {
		t.Fatal(err)
	}
	if len(b.invoices) != 2 || b.invoices["801"].Number != "2026-0042" {
		t.Errorf("invoices %v", b.invoices)
	}
	if b.sent != 4 { // contact, 801 and its payment, the external one
		t.Errorf("%d records sent", b.sent)
	}
}
