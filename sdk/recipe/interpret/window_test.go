package interpret_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// A search shows four items and no more. The second pull goes back over all of
// them by the overlap, and gets to the end all the same.
func TestOverlapLongerThanAWindow(t *testing.T) {
	t.Parallel()
	b := open(t, `pull:
  invoices:
    request: GET /invoices
    query: {from: "{{ $since }}", page: "{{ $page }}"}
    paging: {by: page, size: 2}
    since: {value: .at, overlap: 1h, ordered: true, pages: 2}
    only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}`+anInvoice, func(w http.ResponseWriter, r *http.Request) {
		var left []string
		for i := range 11 {
			at := fmt.Sprintf("2026-11-21T10:00:%02dZ", i)
			if at >= r.URL.Query().Get("from") {
				left = append(left, fmt.Sprintf(`{"id":"%d","at":"%s"}`, i, at))
			}
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		if page > 2 {
			t.Errorf("page %d", page)
		}
		from := min(len(left), 2*page-2)
		say(w, "["+strings.Join(left[from:min(from+2, len(left))], ",")+"]")
	})
	first := b.must(nil)
	for _, got := range []string{ids(first), ids(b.must(first.Cursor()))} {
		if got != "0 1 2 3 3 4 5 6 6 7 8 9 9 10 10" {
			t.Errorf("came %s", got)
		}
	}
}
