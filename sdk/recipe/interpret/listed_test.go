package interpret_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk"
)

// Invoices come whole in one list, bookings of other invoices with their details
// apart, and what is open in a third: the shape of e-Boekhouden.nl.
func TestListsBesideOneAnother(t *testing.T) {
	t.Parallel()
	b := open(t, `lookups:
  outstanding: {request: GET /outstanding, each: .items, all: true, key: .number, value: .open}
  invoices: {request: GET /invoices, each: .items, all: true, key: .number, value: .id}
pull:
  invoices:
    list:
      request: GET /invoices
      each: .items
      with: {outstanding: .number}
      revision: '"\(.total) \($with.outstanding)"'
    with: {outstanding: .number}
    only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}
    invoice: {id: .id, party: '"p"', number: .number, status: open, currency: EUR, total: .total, open: $with.outstanding // 0}
  bookings:
    prefix: booking-
    list:
      request: GET /bookings
      each: .items
      with: {outstanding: .number, invoices: .number}
      where: $with.invoices == null
      revision: '"\($with.outstanding)"'
    request: GET /bookings/{{ $id }}
    each: '[.]'
    with: {outstanding: .number}
    only: {}
    invoice: {like: invoices}
`, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/outstanding":
			say(w, `{"items":[{"number":"A","open":5},{"number":"C","open":2}]}`)
		case "/invoices":
			say(w, `{"items":[{"id":1,"number":"A","total":9},{"id":2,"number":"B","total":8}]}`)
		case "/invoices/1":
			say(w, `{"id":1,"number":"A","total":9}`)
		case "/bookings":
			say(w, `{"items":[{"id":1,"number":"A"},{"id":2,"number":"B"},{"id":3,"number":"C"}]}`)
		case "/bookings/3":
			say(w, `{"id":3,"number":"C","total":7}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	// The host has invoice 2 as it is.
	b.sink.Known = map[sdk.Stream]map[string]string{sdk.Invoices: {"2": "8 null"}}
	got := b.must(nil)
	if ids(got) != "1 booking-3" || got.Invoices[0].Open.Minor != 500 || got.Invoices[1].Open.Minor != 200 || got.Invoices[0].Revision != "9 5" {
		t.Errorf("%+v", got.Invoices)
	}
	if s := fmt.Sprint(b.asked); strings.Count(s, "GET /outstanding") != 1 || strings.Contains(s, "/bookings/1") || strings.Contains(s, "/invoices/") {
		t.Errorf("asked %s", s)
	}
	if got = b.must(nil, "1", "booking-3", "9"); ids(got) != "1 booking-3" || fmt.Sprint(got.Gone) != "[{invoices 9 }]" {
		t.Errorf("%+v", got)
	}
}

// Deletions that name parts of an invoice only are followed by looking which
// invoices are left; a look that finds none is not believed.
func TestSweepAfterDeletions(t *testing.T) {
	t.Parallel()
	deleted, left := 0, `[{"id":1}]`
	b := open(t, `pull:
  deleted:
    request: GET /deleted
    each: .items
    since: {value: .at, kind: number}
  invoices:
    request: GET /invoices
    query: {since: "{{ $since }}"}
    since: {value: .at, kind: number}
    sweep: {request: GET /left, after: deleted}
    only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}`+anInvoice, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/deleted":
			say(w, `{"items":[`+strings.TrimSuffix(strings.Repeat(`{"at":5},`, deleted), ",")+`]}`)
		case "/left":
			say(w, left)
		default:
			say(w, `[{"id":1,"at":3},{"id":2,"at":4}]`)
		}
	})
	cursor := b.must(nil).Cursor()
	for _, want := range []struct {
		deleted int
		left    string
		swept   bool
	}{{0, `[{"id":1}]`, true}, {0, `[{"id":1}]`, false}, {1, `[]`, false}, {1, `[{"id":1},{"id":1}]`, true}} {
		deleted, left = want.deleted, want.left
		got := b.must(cursor)
		cursor = got.Cursor()
		if list, swept := got.Compared[sdk.Invoices]; swept != want.swept || swept && len(list) != 1 {
			t.Errorf("%+v: compared %v", want, list)
		}
	}
}

// A whole list is asked for only when something is to be found in it.
func TestNobodyAsksForAListInVain(t *testing.T) {
	t.Parallel()
	for paid, want := range map[string]int{"null": 1, `"A"`: 2} {
		b := open(t, `lookups:
  payers: {request: GET /payers, all: true, value: .party}
pull:
  invoices:
    request: GET /invoices
    with: {payers: .paid_by}
    only: {batch: 9}
    invoice: {id: .id, party: $with.payers // "p", status: open, currency: EUR, total: 1, open: 1}
`, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/payers" {
				say(w, `[{"id":"A","party":"q"}]`)
				return
			}
			say(w, `[{"id":1,"paid_by":`+paid+`}]`)
		})
		if got := b.must(nil); len(b.asked) != want || len(got.Invoices) != 1 || (got.Invoices[0].PartyID == "q") != (want == 2) {
			t.Errorf("paid by %s: %q, %+v", paid, b.asked, got.Invoices)
		}
	}
}
