package interpret_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestPaging(t *testing.T) {
	t.Parallel()
	number := func(r *http.Request, key string, otherwise int) int {
		if n, err := strconv.Atoi(r.URL.Query().Get(key)); err == nil {
			return n
		}
		return otherwise
	}
	const want = "1 2 3 4 5"
	source := func(rest string) string {
		return "pull:\n  invoices:\n    only: {batch: 100}\n" + rest + anInvoice
	}
	for name, tt := range map[string]struct {
		recipe string
		answer http.HandlerFunc
		asked  string
	}{
		"page by size": {source("    request: GET /i\n    query: {page: '{{ $page }}', per: '{{ $size }}'}\n    paging: {by: page, size: 2}"),
			func(w http.ResponseWriter, r *http.Request) {
				p := number(r, "page", 0)
				say(w, items(2*p-1, min(5, 2*p)))
			}, "GET /i?page=1&per=2 GET /i?page=2&per=2 GET /i?page=3&per=2"},
		"page from 0 until empty": {source("    request: GET /i\n    query: {page: '{{ $page }}'}\n    paging: {by: page, first: 0}"),
			func(w http.ResponseWriter, r *http.Request) {
				p := number(r, "page", 9)
				say(w, items(2*p+1, min(5, 2*p+2)))
			}, "GET /i?page=0 GET /i?page=1 GET /i?page=2 GET /i?page=3"},
		"page that says whether there is more": {source("    request: GET /i\n    query: {page: '{{ $page }}'}\n    each: .rows\n    paging: {by: page, more: .last | not}"),
			func(w http.ResponseWriter, r *http.Request) {
				p := number(r, "page", 9)
				say(w, fmt.Sprintf(`{"last":%t,"rows":%s}`, p == 3, items(2*p-1, min(5, 2*p))))
			}, "GET /i?page=1 GET /i?page=2 GET /i?page=3"},
		"offset in the body": {source("    request: POST /i\n    repeatable: true\n    body: {from: '{{ $page }}', query: 'MAX {{ $size }} FROM {{ $page }}'}\n    paging: {by: offset, size: 2}"),
			func(w http.ResponseWriter, r *http.Request) {
				var from int
				b := make([]byte, 200)
				n, _ := r.Body.Read(b)
				_, _ = fmt.Sscanf(string(b[:n]), `{"from":%d,"query":"MAX 2 FROM`, &from)
				say(w, items(from+1, min(5, from+2)))
			}, "POST /i POST /i POST /i"},
		"token": {source("    request: GET /i\n    query: {after: '{{ $page }}'}\n    each: .rows\n    paging: {by: token, next: .next}"),
			func(w http.ResponseWriter, r *http.Request) {
				after := number(r, "after", 0)
				next := fmt.Sprint(after + 2)
				if after == 4 {
					next = "null"
				}
				say(w, fmt.Sprintf(`{"next":%s,"rows":%s}`, next, items(after+1, min(5, after+2))))
			}, "GET /i GET /i?after=2 GET /i?after=4"},
		"last id": {source("    request: GET /i\n    query: {after: '{{ $page }}'}\n    paging: {by: last, next: .id, size: 2}"),
			func(w http.ResponseWriter, r *http.Request) {
				after := number(r, "after", 0)
				say(w, items(after+1, min(5, after+2)))
			}, "GET /i GET /i?after=2 GET /i?after=4"},
		"next address, OData": {source("    request: GET /odata/i\n    query: {$top: '2'}\n    each: .value\n    paging: {by: url, next: '.\"@odata.nextLink\"'}"),
			func(w http.ResponseWriter, r *http.Request) {
				skip := number(r, "$skiptoken", 0)
				next := fmt.Sprintf(`"@odata.nextLink":"https://api.acme.example/odata/i?$skiptoken=%d",`, skip+2)
				if skip == 4 {
					next = ""
				}
				say(w, fmt.Sprintf(`{%s"value":%s}`, next, items(skip+1, min(5, skip+2))))
			}, "GET /odata/i?%24top=2 GET /odata/i?$skiptoken=2 GET /odata/i?$skiptoken=4"},
		"link header": {source("    request: GET /i\n    paging: {by: link}"),
			func(w http.ResponseWriter, r *http.Request) {
				p := number(r, "p", 1)
				if p < 3 {
					w.Header().Set("Link", fmt.Sprintf(`<https://api.acme.example/i?p=1>; rel="first", </i?p=%d>; rel="next"`, p+1))
				}
				say(w, items(2*p-1, min(5, 2*p)))
			}, "GET /i GET /i?p=2 GET /i?p=3"},
		"one page": {source("    request: GET /i"), func(w http.ResponseWriter, _ *http.Request) { say(w, items(1, 5)) }, "GET /i"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, tt.recipe, tt.answer)
			got := b.must(nil)
			if ids(got) != want || len(got.Complete) != 1 {
				t.Errorf("read %q, complete %v", ids(got), got.Complete)
			}
			if asked := strings.Join(b.asked, " "); asked != tt.asked {
				t.Errorf("asked %s, want %s", asked, tt.asked)
			}
		})
	}
}

func TestPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ paging, answer, want string }{
		"a page that repeats itself": {"{by: page}", items(1, 3), "page 2 is the same as the one before"},
		"a token that comes back":    {"{by: token, next: '\"t\"'}", "", "goes back to where it was"},
		"an address in a circle":     {"{by: url, next: '\"/i\"'}", "", "goes back to where it was"},
		"too many":                   {"{by: page, limit: 5}", "", "more than 5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			b := open(t, "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}\n    query: {page: '{{ $page }}'}\n    paging: "+tt.paging+anInvoice,
				func(w http.ResponseWriter, _ *http.Request) {
					if n++; tt.answer != "" {
						say(w, tt.answer)
						return
					}
					say(w, items(n, n))
				})
			got, err := b.pull(nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || len(got.Complete) > 0 || n > 10 {
				t.Errorf("%v after %d requests, complete %v", err, n, got.Complete)
			}
		})
	}
}

func TestOnlyListsAreLists(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{}`, `{"rows":{}}`, `{"rows":null}`, `null`, ``, `{"rows":[]} {}`, `<html>Maintenance</html>`, `{"rows":[`} {
		b := open(t, "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}\n    each: .rows"+anInvoice,
			func(w http.ResponseWriter, _ *http.Request) { say(w, answer) })
		if got, err := b.pull(nil); err == nil || len(got.Complete) > 0 {
			t.Errorf("%q was taken for empty books: %v", answer, err)
		}
	}
}
