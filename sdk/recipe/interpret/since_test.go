package interpret_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
)

func changing(since, query string) string {
	return "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}\n    query: {since: '" + query + "'}\n    since: " + since + anInvoice
}

func TestSince(t *testing.T) {
	t.Parallel()
	row := func(at string) string { return fmt.Sprintf(`[{"id":"1","at":%s},{"id":"2","at":null}]`, at) }
	for name, tt := range map[string]struct {
		since, query, answer string
		second, third        string
	}{
		"a time with overlap": {"{value: .at, overlap: 5m}", `{{ $since | in_layout("yyyy-MM-dd HH:mm") }}`, row(`"2026-11-20T10:00:00+01:00"`),
			"since=2026-11-20+08%3A55", "since=2026-11-20+08%3A55"},
		"a sequence beyond floats": {"{value: .at, kind: number}", "Timestamp gt {{ $since }}L", row("9007199254740993"),
			"since=Timestamp+gt+9007199254740993L", "since=Timestamp+gt+9007199254740993L"},
		"a text":             {"{value: .at, kind: text}", "{{ $since }}", row(`"00ab"`), "since=00ab", "since=00ab"},
		"the server's clock": {"{clock: true, overlap: 1m}", "{{ $since }}", row("null"), "since=2026-11-21T11%3A59%3A00Z", "since=2026-11-21T12%3A59%3A00Z"},
		"a date of slashes":  {"{value: .at}", `{{ $since | in_layout("unix_ms") }}`, row(`"/Date(1700000000000+0100)/"`), "since=1700000000000", "since=1700000000000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, changing(tt.since, tt.query), func(w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "" {
					say(w, tt.answer)
					return
				}
				say(w, "[]")
			})
			got := b.must(nil)
			if b.asked[0] != "GET /i" || ids(got) != "1 2" || len(got.Complete) != 1 {
				t.Fatalf("first: %v, %s, %v", b.asked, ids(got), got.Complete)
			}
			b.now = b.now.Add(time.Hour)
			got = b.must(got.Cursor())
			if b.asked[0] != "GET /i?"+tt.second || len(got.Complete) != 0 {
				t.Errorf("second: %v, complete %v", b.asked, got.Complete)
			}
			b.must(got.Cursor())
			if b.asked[0] != "GET /i?"+tt.third {
				t.Errorf("third: %v", b.asked)
			}
		})
	}
}

func TestSinceReadsEverythingNowAndThen(t *testing.T) {
	t.Parallel()
	b := open(t, changing("{value: .at, full_every: 168h}", "{{ $since }}"), func(w http.ResponseWriter, _ *http.Request) {
		say(w, `[{"id":"1","at":"2026-11-20T10:00:00Z"}]`)
	})
	got := b.must(nil)
	b.now = b.now.Add(167 * time.Hour)
	if got = b.must(got.Cursor()); len(got.Complete) != 0 || b.asked[0] == "GET /i" {
		t.Errorf("after six days: %v", b.asked)
	}
	b.now = b.now.Add(2 * time.Hour)
	if got = b.must(got.Cursor()); len(got.Complete) != 1 || b.asked[0] != "GET /i" {
		t.Errorf("after seven days: %v", b.asked)
	}
	if _, err := b.pull([]byte("another connector's")); !errors.Is(err, sdk.ErrResync) {
		t.Errorf("a foreign cursor: %v", err)
	}
}

func TestOrderedSourcesGoOnWhereTheyWere(t *testing.T) {
	t.Parallel()
	broken := true
	b := open(t, "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}\n    query: {since: '{{ $since }}', page: '{{ $page }}'}\n    paging: {by: page}\n    since: {value: .at, ordered: true}"+anInvoice,
		func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Query().Get("page") {
			case "1":
				say(w, `[{"id":"1","at":"2026-11-20T10:00:00Z"}]`)
			case "2":
				if broken {
					w.WriteHeader(503)
					return
				}
				fallthrough
			default:
				say(w, "[]")
			}
		})
	got, err := b.pull(nil)
	if _, ok := errors.AsType[*sdk.RetryAfter](err); !ok || ids(got) != "1" {
		t.Fatalf("%v, %s", err, ids(got))
	}
	broken = false
	b.must(got.Cursor())
	if b.asked[0] != "GET /i?page=1&since=2026-11-20T10%3A00%3A00Z" {
		t.Errorf("it starts over: %v", b.asked)
	}
}

func TestSweepFindsDeletions(t *testing.T) {
	t.Parallel()
	b := open(t, "pull:\n  invoices:\n    request: GET /i\n    prefix: x-\n    only: {batch: 9}\n    query: {since: '{{ $since }}'}\n    since: {value: .at}\n    sweep: {request: GET /ids, each: .ids, id: ., every: 24h}"+anInvoice,
		func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/ids" {
				say(w, `{"ids":[1,3]}`)
				return
			}
			say(w, `[{"id":"1","at":"2026-11-20T10:00:00Z"}]`)
		})
	got := b.must(nil)
	if len(b.asked) != 1 {
		t.Errorf("a full pull needs no sweep: %v", b.asked)
	}
	got = b.must(got.Cursor())
	if c := got.Compared[sdk.Invoices]; len(c) != 2 || c[1].ID != "x-3" {
		t.Errorf("compared %v", c)
	}
	if got = b.must(got.Cursor()); len(b.asked) != 1 {
		t.Errorf("too soon: %v", b.asked)
	}
	b.now = b.now.Add(25 * time.Hour)
	if b.must(got.Cursor()); len(b.asked) != 2 {
		t.Errorf("not any more: %v", b.asked)
	}
}

func TestDeletionsOfAnEndpointAndOfAFlag(t *testing.T) {
	t.Parallel()
	b := open(t, `pull:
  invoices:
    request: GET /i
    only: {batch: 9}
    invoice: {when: .deleted | not, id: .id, party: '"p"', status: open, currency: EUR, total: 1, open: 1}
    gone: {when: .deleted, stream: invoices, id: .id}
  deleted:
    request: GET /deleted
    since: {value: .seq, kind: number}
    gone: {stream: {of: .type, is: {2: parties, 13: invoices}, otherwise: ""}, id: .key}
`, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/deleted" {
			say(w, `[{"type":2,"key":"p9","seq":4},{"type":13,"key":"i9","seq":5},{"type":7,"key":"x","seq":6}]`)
			return
		}
		say(w, `[{"id":"1"},{"id":"2","deleted":true}]`)
	})
	got := b.must(nil)
	if s := fmt.Sprint(got.Gone); ids(got) != "1" || s != "[{invoices 2 } {parties p9 } {invoices i9 }]" || !strings.Contains(string(got.Cursor()), `"since":"6"`) {
		t.Errorf("%s, gone %s, cursor %s", ids(got), s, got.Cursor())
	}
}
