package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
)

// TestAppointments lets the moments of three of them pass while their emulator is
// down, and asks it something as soon as it is back.
func TestAppointments(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	books := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+string(body)))
	})
	path, now := filepath.Join(t.TempDir(), "diary.json"), storyOrigin
	start := func() *diary {
		d, err := newDiary(path, clock.Func(func() time.Time { return now }), books)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	ask := func(d *diary, method, path, body string) int {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w.Code
	}
	d := start()
	for _, a := range []string{
		`{"key":"a","at":"2026-03-04T09:00:00Z","method":"POST","path":"/early","body":{}}`,
		`{"key":"b","at":"2026-03-05T09:00:00Z","method":"POST","path":"/pay","body":{"date":"2026-03-05"}}`,
		`{"key":"a","at":"2026-03-06T09:00:00Z","method":"POST","path":"/moved","body":{}}`,
		`{"key":"c","at":"2026-04-06T09:00:00Z","method":"POST","path":"/later","body":{}}`,
	} {
		if code := ask(d, "POST", "/_control/appointments", a); code != http.StatusCreated {
			t.Fatalf("%s: %d", a, code)
		}
	}
	if code := ask(d, "POST", "/_control/appointments", `{"when":"now"}`); code != http.StatusBadRequest {
		t.Errorf("nonsense is answered with %d", code)
	}
	now = now.AddDate(0, 0, 7)
	for range 2 {
		ask(start(), "GET", "/look", "")
	}
	slices.Sort(asked[:2])
	if want := []string{"POST /moved {}", `POST /pay {"date":"2026-03-05"}`, "GET /look", "GET /look"}; !slices.Equal(asked, want) {
		t.Errorf("the books were asked %q, want %q", asked, want)
	}
}
