// Package emulatortest has what the tests of emulators share: a clock that
// stands still until it is told to pass, and a desk from which to ask.
package emulatortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Clock is a time that a test moves. The zero value is Monday 2 March 2026,
// 9:30 UTC.
type Clock struct {
	mu     sync.Mutex
	passed time.Duration
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC).Add(c.passed)
}

// Pass moves the time.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed += d
}

// Desk asks one server and remembers the last answer.
type Desk struct {
	T      testing.TB
	URL    string
	Header http.Header // sent with each request

	Status int
	Got    http.Header
	Body   []byte
	Err    error // of reading the body

	read any // Body as JSON, once it was asked for
}

// Serve starts a server for the time of a test and returns a desk for it.
func Serve(t testing.TB, h http.Handler) *Desk {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &Desk{T: t, URL: srv.URL, Header: http.Header{"Content-Type": {"application/json"}}}
}

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Ask sends a request and returns its status. A path that is a whole URL is
// taken as it is; body is text, or anything that JSON can hold, or nil.
func (d *Desk) Ask(method, path string, body any) int {
	d.T.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			d.T.Fatal(err)
		}
		in = strings.NewReader(string(raw))
	}
	if !strings.HasPrefix(path, "http") {
		path = d.URL + path
	}
	req, err := http.NewRequest(method, path, in)
	if err != nil {
		d.T.Fatal(err)
	}
	for k, v := range d.Header {
		req.Header[k] = v
	}
	resp, err := client.Do(req)
	if err != nil {
		d.T.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	d.Status, d.Got = resp.StatusCode, resp.Header
	d.Body, d.Err = io.ReadAll(resp.Body)
	d.read = nil
	return d.Status
}

// Must asks and fails the test at once when the status is another.
func (d *Desk) Must(status int, method, path string, body any) {
	d.T.Helper()
	if got := d.Ask(method, path, body); got != status {
		d.T.Fatalf("%s %s: %d %s, want %d", method, path, got, d.Body, status)
	}
}

// At returns a value of the last answer by its path ("items.0.name"), as text:
// numbers as they were written, and "-" for what is not there. "#" is the
// length of a list.
func (d *Desk) At(path string) string {
	d.T.Helper()
	if d.read == nil {
		dec := json.NewDecoder(bytes.NewReader(d.Body))
		dec.UseNumber()
		if err := dec.Decode(&d.read); err != nil {
			d.T.Fatalf("not JSON: %s", d.Body)
		}
	}
	v := d.read
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = x[part]; !ok {
				return "-"
			}
		case []any:
			i, err := strconv.Atoi(part)
			switch {
			case part == "#":
				v = len(x)
			case err != nil || i >= len(x):
				return "-"
			default:
				v = x[i]
			}
		default:
			if part != "" {
				return "-"
			}
		}
	}
	return fmt.Sprint(v)
}

// Want fails the test when the value at a path is another.
func (d *Desk) Want(path, want string) {
	d.T.Helper()
	if got := d.At(path); got != want {
		d.T.Errorf("%s is %s, want %s in %.600s", path, got, want, d.Body)
	}
}
