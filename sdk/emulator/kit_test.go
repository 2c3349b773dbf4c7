package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// shop is a small vendor: a counter that POST raises and a paged list.
type shop struct {
	kit    *emulator.Kit
	url    string
	writes atomic.Int64
	valid  atomic.Bool
}

func open(t *testing.T, cfg emulator.Config) *shop {
	t.Helper()
	s := &shop{kit: emulator.New(cfg)}
	s.valid.Store(true)
	s.kit.OnExpireToken(func(*http.Request) { s.valid.Store(false) })
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, _ *http.Request) {
		emulator.WriteJSON(w, http.StatusCreated, map[string]int64{"order": s.writes.Add(1)})
	})
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) {
		if !s.valid.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page += emulator.PageShift(r)
		emulator.WriteJSON(w, http.StatusOK, map[string]any{"page": page, "fill": strings.Repeat("x", 4096)})
	})
	srv := httptest.NewServer(s.kit.Handler(mux))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

func (s *shop) do(t *testing.T, method, path, body string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		fault  emulator.Fault
		method string
		writes int64 // orders after the request
		check  func(*http.Response, string, error) error
	}{
		{"429 with Retry-After", emulator.Fault{Do: emulator.Status, Status: 429, RetryAfter: "7"}, "POST", 0, func(r *http.Response, body string, err error) error {
			return all(err, is(r.StatusCode, 429), is(r.Header.Get("Retry-After"), "7"), is(body, `{"sorry":429}`))
		}},
		{"429 without Retry-After", emulator.Fault{Do: emulator.Status, Status: 429}, "POST", 0, func(r *http.Response, _ string, err error) error {
			return all(err, is(r.StatusCode, 429), is(len(r.Header.Values("Retry-After")), 0))
		}},
		{"5xx", emulator.Fault{Do: emulator.Status, Status: 502}, "POST", 0, func(r *http.Response, _ string, err error) error {
			return all(err, is(r.StatusCode, 502))
		}},
		{"5xx after the write took effect", emulator.Fault{Do: emulator.Status, After: true}, "POST", 1, func(r *http.Response, body string, err error) error {
			return all(err, is(r.StatusCode, 503), is(strings.Contains(body, "order"), false))
		}},
		{"truncated body", emulator.Fault{Do: emulator.Truncate}, "GET", 0, func(r *http.Response, body string, err error) error {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				return fmt.Errorf("error %v", err)
			}
			return all(is(r.StatusCode, 200), is(len(body) > 1000 && len(body) < 3000, true))
		}},
		{"wrong content type", emulator.Fault{Do: emulator.WrongType}, "GET", 0, func(r *http.Response, body string, err error) error {
			return all(err, is(r.StatusCode, 200), is(r.Header.Get("Content-Type"), "text/html; charset=utf-8"), is(strings.Contains(body, "Maintenance"), true))
		}},
		{"dropped page", emulator.Fault{Do: emulator.DropPage}, "GET", 0, func(_ *http.Response, body string, err error) error {
			return all(err, is(strings.Contains(body, `"page":3`), true))
		}},
		{"repeated page", emulator.Fault{Do: emulator.RepeatPage}, "GET", 0, func(_ *http.Response, body string, err error) error {
			return all(err, is(strings.Contains(body, `"page":1`), true))
		}},
		{"expired token in mid-page", emulator.Fault{Do: emulator.ExpireToken}, "GET", 0, func(r *http.Response, _ string, err error) error {
			return all(err, is(r.StatusCode, 401))
		}},
		{"connection reset", emulator.Fault{Do: emulator.Reset}, "POST", 0, func(_ *http.Response, _ string, err error) error {
			return is(err != nil, true)
		}},
		{"connection reset after the write took effect", emulator.Fault{Do: emulator.Reset, After: true}, "POST", 1, func(_ *http.Response, _ string, err error) error {
			return is(err != nil, true)
		}},
		{"delay", emulator.Fault{Do: emulator.Delay, DelayMS: 60}, "POST", 1, func(r *http.Response, _ string, err error) error {
			return all(err, is(r.StatusCode, 201))
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, emulator.Config{Problem: func(status int) (string, []byte) {
				return "application/json", fmt.Appendf(nil, `{"sorry":%d}`, status)
			}})
			s.kit.MustInject(tc.fault)
			begin := time.Now()
			resp, body, err := s.do(t, tc.method, "/orders?page=2", "")
			if err := tc.check(resp, body, err); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin); took < time.Duration(tc.fault.DelayMS)*time.Millisecond {
				t.Errorf("took only %v", took)
			}
			if n := s.writes.Load(); n != tc.writes {
				t.Errorf("%d writes, want %d", n, tc.writes)
			}
			if left := s.kit.Faults(); len(left) != 0 {
				t.Errorf("faults left: %v", left)
			}
			s.valid.Store(true)
			if resp, _, err := s.do(t, "GET", "/orders?page=2", ""); err != nil || resp.StatusCode != 200 {
				t.Errorf("the next request: %v, %v", resp, err)
			}
		})
	}
}

func TestFaultRules(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Config{})
	s.kit.MustInject(emulator.Fault{Method: "GET", Path: "/ord*", Query: "page=2", Skip: 1, Times: 2, Do: emulator.Status, Status: 500})
	for i, tc := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/orders?page=2", 201}, // another method
		{"GET", "/orders?page=1", 200},  // another page
		{"GET", "/orders?page=2", 200},  // skipped
		{"GET", "/orders?page=2", 500},
		{"GET", "/orders?page=2", 500},
		{"GET", "/orders?page=2", 200}, // no shots left
	} {
		resp, _, err := s.do(t, tc.method, tc.path, "")
		if err != nil || resp.StatusCode != tc.want {
			t.Errorf("request %d: %v, %v; want %d", i+1, resp.StatusCode, err, tc.want)
		}
	}
	s.kit.MustInject(emulator.Fault{Times: -1, Do: emulator.Status, Status: 500})
	for range 3 {
		if resp, _, _ := s.do(t, "GET", "/orders", ""); resp.StatusCode != 500 {
			t.Errorf("an endless fault ended: %d", resp.StatusCode)
		}
	}
	s.kit.ClearFaults()
	if resp, _, _ := s.do(t, "GET", "/orders", ""); resp.StatusCode != 200 {
		t.Errorf("after clearing: %d", resp.StatusCode)
	}
}

func TestControlAPI(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := open(t, emulator.Config{Now: func() time.Time { return now }})
	resp, body, _ := s.do(t, "POST", "/_control/faults", `[{"path":"/orders","do":"status","status":429,"retry_after":"3"},{"do":"delay","delay_ms":1}]`)
	if resp.StatusCode != 201 || body != `{"ids":["f1","f2"]}` {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if _, body, _ := s.do(t, "GET", "/_control/faults", ""); !strings.Contains(body, `"id":"f2"`) {
		t.Errorf("faults: %s", body)
	}
	s.do(t, "POST", "/orders", "")
	s.do(t, "GET", "/orders?page=4", "")
	_, body, _ = s.do(t, "GET", "/_control/requests", "")
	var log []emulator.Request
	if err := json.Unmarshal([]byte(body), &log); err != nil {
		t.Fatal(err)
	}
	want := []emulator.Request{
		{N: 1, At: now, Method: "POST", Path: "/orders", Status: 429},
		{N: 2, At: now, Method: "GET", Path: "/orders", Query: "page=4", Status: 200},
	}
	if fmt.Sprint(log) != fmt.Sprint(want) {
		t.Errorf("log %v, want %v", log, want)
	}
	if _, body, _ := s.do(t, "GET", "/_control/requests?since=1", ""); strings.Count(body, `"n"`) != 1 {
		t.Errorf("since: %s", body)
	}
	for _, bad := range []string{`{"do":"explode"}`, `{"do":"status","colour":"red"}`, `{"do":"delay","after":true}`, `{"do":"status","status":42}`, `[`, `{"do":"delay","delay_ms":-1}`} {
		if resp, body, _ := s.do(t, "POST", "/_control/faults", bad); resp.StatusCode != 400 || !strings.Contains(body, "error") {
			t.Errorf("%s: %d %s", bad, resp.StatusCode, body)
		}
	}
	if resp, _, _ := s.do(t, "DELETE", "/_control/requests", ""); resp.StatusCode != 204 || len(s.kit.Requests()) != 0 {
		t.Errorf("forgetting: %d, %d left", resp.StatusCode, len(s.kit.Requests()))
	}
	if resp, _, _ := s.do(t, "DELETE", "/_control/faults", ""); resp.StatusCode != 204 || len(s.kit.Faults()) != 0 {
		t.Errorf("clearing: %d", resp.StatusCode)
	}
}

func TestControlRefusesOtherSites(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Config{})
	req, _ := http.NewRequest("POST", s.url+"/_control/faults", strings.NewReader(`{"do":"reset"}`))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden || len(s.kit.Faults()) != 0 {
		t.Errorf("a page of another site armed a fault: %d", resp.StatusCode)
	}
}

func TestRequestLogKeepsTheLatest(t *testing.T) {
	t.Parallel()
	s := open(t, emulator.Config{KeepRequests: 10})
	for i := range 25 {
		s.do(t, "GET", fmt.Sprintf("/orders?page=%d", i), "")
	}
	log := s.kit.Requests()
	if len(log) > 10 || log[len(log)-1].N != 25 || log[len(log)-1].Query != "page=24" || log[len(log)-1].Status != 200 {
		t.Errorf("%d lines, last %+v", len(log), log[len(log)-1])
	}
}

func TestStateSurvivesTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	type book struct{ Orders []string }
	first, err := emulator.OpenState(emulator.New(emulator.Config{StateDir: dir}), "book", &book{})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Update(func(b *book) error { b.Orders = append(b.Orders, "a"); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := first.Update(func(*book) error { return io.EOF }); !errors.Is(err, io.EOF) {
		t.Errorf("a refused change: %v", err)
	}
	second, err := emulator.OpenState(emulator.New(emulator.Config{StateDir: dir}), "book", &book{})
	if err != nil {
		t.Fatal(err)
	}
	second.View(func(b *book) {
		if fmt.Sprint(b.Orders) != "[a]" {
			t.Errorf("read back %v", b.Orders)
		}
	})
	if err := writeFile(dir+"/book.json", "{"); err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.OpenState(emulator.New(emulator.Config{StateDir: dir}), "book", &book{}); err == nil {
		t.Error("a damaged file was taken for a fresh start")
	}
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	l := emulator.NewLimiter(emulator.Rate{Limit: 2, Window: time.Minute})
	for i, tc := range []struct {
		key       string
		after     time.Duration
		ok        bool
		remaining int
	}{
		{"a", 0, true, 1}, {"a", time.Second, true, 0}, {"a", 2 * time.Second, false, 0},
		{"b", 2 * time.Second, true, 1}, {"a", time.Minute, true, 1},
	} {
		q := l.Take(tc.key, at.Add(tc.after))
		if q.OK != tc.ok || q.Remaining != tc.remaining || q.Limit != 2 {
			t.Errorf("request %d: %+v", i+1, q)
		}
	}
	if q := emulator.NewLimiter(emulator.Rate{}).Take("a", at); !q.OK {
		t.Error("no limit limits")
	}
}

func is[T comparable](got, want T) error {
	if got != want {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

func all(errs ...error) error { return errors.Join(errs...) }
