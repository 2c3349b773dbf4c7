package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
)

const testKey = "test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM"

// shop is a Mollie and the webshop behind its webhooks.
type shop struct {
	*emulator.Server
	t     *testing.T
	url   string
	hook  string
	key   string
	calls chan string
	fail  int // webhooks to refuse
	mu    sync.Mutex
	now   time.Time
	wall  time.Time
}

func open(t *testing.T, change func(*emulator.Config)) *shop {
	t.Helper()
	s := &shop{t: t, key: testKey, calls: make(chan string, 100), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), wall: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		refuse := s.fail > 0
		s.fail--
		s.mu.Unlock()
		if refuse {
			w.WriteHeader(500)
			return
		}
		s.calls <- r.Header.Get("Content-Type") + " " + string(raw)
	}))
	t.Cleanup(receiver.Close)
	s.hook = receiver.URL
	cfg := emulator.Config{
		Now:          func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now },
		Wall:         func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.wall },
		WebhookRetry: []time.Duration{time.Millisecond, 2 * time.Millisecond},
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if s.Server, err = emulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	srv := httptest.NewServer(s.Server)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *shop) passWall(d time.Duration) { s.mu.Lock(); s.wall = s.wall.Add(d); s.mu.Unlock() }

func (s *shop) pass(d time.Duration) { s.mu.Lock(); s.now = s.now.Add(d); s.mu.Unlock() }

var noRedirect = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// raw makes one request; headers come in pairs.
func (s *shop) raw(method, path string, body any, headers ...string) (*http.Response, []byte) {
	s.t.Helper()
	var in io.Reader
	if body != nil {
		j, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		in = bytes.NewReader(j)
	}
	req, err := http.NewRequest(method, s.url+path, in)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := noRedirect.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, out
}

func (s *shop) do(method, path string, body any, headers ...string) (int, map[string]any) {
	s.t.Helper()
	resp, raw := s.raw(method, path, body, headers...)
	var v map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &v); err != nil {
			s.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
		}
	}
	return resp.StatusCode, v
}

func eur(value string) map[string]any { return map[string]any{"currency": "EUR", "value": value} }

// request is a payment that is accepted; change may be nil.
func (s *shop) request(change map[string]any) map[string]any {
	r := map[string]any{"amount": eur("12.10"), "description": "2026-0042", "redirectUrl": "https://hub.example/back", "webhookUrl": s.hook, "metadata": map[string]any{"invoice": "7"}}
	for k, v := range change {
		if v == nil {
			delete(r, k)
		} else {
			r[k] = v
		}
	}
	return r
}

func (s *shop) create(change map[string]any) (id, checkout string) {
	s.t.Helper()
	status, p := s.do("POST", "/v2/payments", s.request(change))
	if status != 201 {
		s.t.Fatalf("create: %d %v", status, p)
	}
	links := p["_links"].(map[string]any)
	return p["id"].(string), strings.TrimPrefix(links["checkout"].(map[string]any)["href"].(string), s.url)
}

func (s *shop) get(id string) map[string]any {
	s.t.Helper()
	status, p := s.do("GET", "/v2/payments/"+id, nil)
	if status != 200 {
		s.t.Fatalf("get %s: %d %v", id, status, p)
	}
	return p
}

func (s *shop) want(got any, want string) {
	s.t.Helper()
	if fmt.Sprint(got) != want {
		s.t.Errorf("got %v, want %s", got, want)
	}
}

func (s *shop) called(id string) {
	s.t.Helper()
	select {
	case got := <-s.calls:
		s.want(got, "application/x-www-form-urlencoded id="+id)
	case <-time.After(5 * time.Second):
		s.t.Fatalf("no webhook for %s", id)
	}
}

func (s *shop) silent() {
	s.t.Helper()
	select {
	case got := <-s.calls:
		s.t.Errorf("an unwanted webhook: %s", got)
	case <-time.After(30 * time.Millisecond):
	}
}

func (s *shop) click(checkout, form string) *http.Response {
	s.t.Helper()
	resp, err := noRedirect.Post(s.url+checkout, "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

func (s *shop) page(checkout string) string {
	s.t.Helper()
	resp, err := http.Get(s.url + checkout)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return string(raw)
}
