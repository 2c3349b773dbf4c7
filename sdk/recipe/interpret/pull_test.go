package interpret_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// A package whose list rows are subsets, with payments under each invoice and
// customers elsewhere.
const nested = `values:
  host: {request: 'GET https://api.acme.example/cluster', value: .host}
  terms: {value: '{"a": 14}'}
base: https://{{ $values.host }}/v1
administrations: {map: {id: '"1"', name: '"Acme"'}}
lookups:
  customers:
    request: GET /customers
    query: {ids: '{{ $keys | join(",") }}'}
    batch: 2
    key: .no
  countries: {request: GET /countries, all: true, key: .id, value: .code}
  owners: {request: 'GET /owners/{{ $key }}', value: .name}
pull:
  changed:
    request: GET /changed
    query: {since: "{{ $since }}"}
    since: {clock: true}
  invoices:
    per: changed
    when: $parent.skip | not
    request: GET /invoices/{{ $parent.id }}
    each: '[.invoice]'
    only: {request: 'GET /invoices/{{ $id }}'}
    with: {customers: .customer, countries: $with.customers.land, owners: .owner}
    party: {id: .customer, name: $with.customers.name, country: $with.countries, owner_name: $with.owners}
    invoice:
      id: .id
      party: .customer
      status: open
      due: $values.terms[.term // ""] as $days | .date | day | add_days($days)
      currency: EUR
      total: .total
      open: .total
  payments:
    per: invoices
    request: GET /invoices/{{ $parent.id }}/payments
    payment: {id: .id, invoice: $parent.id, amount: .amount, currency: EUR}
  lines:
    per: invoices
    batch: 2
    request: GET /lines
    query: {of: '{{ [$parents[].id] | join(",") }}'}
    completes: []
`

func nestedServer(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/cluster":
		say(w, `{"host":"api.acme.example"}`)
	case path == "/v1/changed":
		say(w, `[{"id":"a/b"},{"id":2},{"id":3},{"id":4,"skip":true}]`)
	case path == "/v1/customers":
		var rows []string
		for k := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
			if k != "c3" {
				rows = append(rows, fmt.Sprintf(`{"no":%q,"name":"Customer %s","land":%d}`, k, k, len(k)))
			}
		}
		say(w, "["+strings.Join(append(rows, `{"no":"stranger"}`), ",")+"]")
	case path == "/v1/countries":
		say(w, `[{"id":2,"code":"NL"},{"id":3,"code":"BE"}]`)
	case path == "/v1/owners/o1":
		say(w, `{"name":"Kim"}`)
	case strings.HasSuffix(path, "/payments"):
		say(w, `[{"id":"p`+strings.Split(path, "/")[3]+`","amount":"5"}]`)
	case path == "/v1/lines":
		say(w, `[]`)
	case r.URL.EscapedPath() == "/v1/invoices/a%2Fb":
		say(w, `{"invoice":{"id":"a/b","customer":"c1","owner":"o1","date":"2026-03-02","term":"a","total":10}}`)
	case path == "/v1/invoices/2":
		say(w, `{"invoice":{"id":"2","customer":"c1","owner":"o2","date":"2026-03-02","total":10}}`)
	case path == "/v1/invoices/3":
		w.WriteHeader(404)
	default:
		w.WriteHeader(404)
	}
}

func TestDetailsJoinsAndChildren(t *testing.T) {
	t.Parallel()
	b := open(t, nested, nestedServer)
	got := b.must(nil)
	if ids(got) != "a/b 2" || got.Invoices[0].Due.String() != "2026-03-16" || !got.Invoices[1].Due.IsZero() {
		t.Errorf("%+v %+v", got.Invoices, got.Unreadable)
	}
	if len(got.Parties) != 1 || got.Parties[0].Name != "Customer c1" || got.Parties[0].Address.Country != "NL" || got.Parties[0].Owner.Name != "Kim" {
		t.Errorf("%+v", got.Parties)
	}
	if s := fmt.Sprint(got.Complete); s != "[invoices]" {
		t.Errorf("complete %s", s)
	}
	count := func(part string) (n int) {
		for _, a := range b.asked {
			if strings.Contains(a, part) {
				n++
			}
		}
		return n
	}
	for part, want := range map[string]int{"/cluster": 1, "/customers": 1, "/countries": 1, "/owners/o1": 1, "/owners/o2": 1, "/lines": 2, "/payments": 2, "/invoices/4": 0} {
		if count(part) != want {
			t.Errorf("%s was asked %d times, want %d: %v", part, count(part), want, b.asked)
		}
	}
	if len(got.Payments) != 2 || got.Payments[1].InvoiceID != "2" || got.Payments[1].Amount != money.EUR(500) {
		t.Errorf("%+v", got.Payments)
	}
	got = b.must(got.Cursor(), "3", "2")
	if ids(got) != "2" || fmt.Sprint(got.Gone) != "[{invoices 3 }]" || len(got.Payments) != 1 || len(got.Checkpoints) != 0 || count("/changed") != 0 {
		t.Errorf("%+v asked %v", got, b.asked)
	}
}

func TestGivenInvoices(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ only, gone, asked string }{
		"by id":        {"{request: 'GET /i/{{ $id }}', each: '[.]'}", "[{invoices 9 }]", "GET /i/1 GET /i/9"},
		"in batches":   {"{request: GET /i, query: {ids: '{{ $ids | join(\",\") }}'}, batch: 2}", "[{invoices 9 }]", "GET /i?ids=1%2C9"},
		"out of all":   {"{batch: 50}", "[{invoices 9 }]", "GET /i?since=-"},
		"looked twice": {"{request: GET /i, batch: 2, confirm: {request: 'GET /i/{{ $id }}'}}", "[{invoices 9 }]", "GET /i GET /i/9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, "pull:\n  invoices:\n    request: GET /i\n    query: {since: '{{ $since // \"-\" }}'}\n    since: {clock: true}\n    only: "+tt.only+anInvoice, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/i":
					say(w, items(1, 3))
				case "/i/1":
					say(w, `{"id":"1"}`)
				default:
					w.WriteHeader(404)
				}
			})
			got := b.must([]byte(`{"v":1}`), "1", "9")
			if ids(got) != "1" || fmt.Sprint(got.Gone) != tt.gone || strings.Join(b.asked, " ") != tt.asked || len(got.Complete)+len(got.Checkpoints) != 0 {
				t.Errorf("%s, gone %v, asked %v", ids(got), got.Gone, b.asked)
			}
		})
	}
}

func TestAnEmptyListMayBeA404(t *testing.T) {
	t.Parallel()
	answer := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }
	b := open(t, "pull:\n  invoices:\n    request: GET /i\n    errors: [{status: 404, is: empty}]\n    only: {batch: 9}"+anInvoice, answer)
	if got := b.must(nil); len(got.Complete) != 1 {
		t.Errorf("%+v", got)
	}
	b = open(t, "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}"+anInvoice, answer)
	if got, err := b.pull(nil); !errors.Is(err, sdk.ErrInvalid) || errors.Is(err, sdk.ErrGone) || len(got.Complete) != 0 {
		t.Errorf("a list that is not there: %v", err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	rules := `errors:
  - {status: 400, when: '.code == "SECURITY_010"', is: auth}
  - {status: 403, when: '.code == "plan"', is: invalid, message: '"Your plan of \($title) does not include this."'}
  - {status: [409, 4xx], when: '.code == "full"', is: wait, wait: 5m, after: .seconds}
  - {when: '.error', is: invalid, message: .error.data.message}
  - {status: 410, is: resync}
  - {status: 302, is: auth}
`
	for name, tt := range map[string]struct {
		status int
		body   string
		is     error
		wait   time.Duration
		words  string
	}{
		"a code that means signing in": {400, `{"code":"SECURITY_010"}`, sdk.ErrAuth, 0, "connect Acme again"},
		"another code":                 {400, `{"code":"FACT_002","message":"relationId is missing"}`, sdk.ErrInvalid, 0, "Acme refused (400): relationId is missing"},
		"a plan":                       {403, `{"code":"plan"}`, sdk.ErrInvalid, 0, "Your plan of Acme does not include this."},
		"forbidden otherwise":          {403, `not json`, sdk.ErrAuth, 0, ""},
		"a queue":                      {422, `{"code":"full","seconds":7}`, nil, 7 * time.Second, ""},
		"a queue that does not say":    {409, `{"code":"full"}`, nil, 5 * time.Minute, ""},
		"an error with status 200":     {200, `{"error":{"code":200,"data":{"message":"Access Denied"}}}`, sdk.ErrInvalid, 0, "Access Denied"},
		"a cursor that is of no use":   {410, ``, sdk.ErrResync, 0, ""},
		"a log-in page":                {302, ``, sdk.ErrAuth, 0, ""},
		"429":                          {429, ``, nil, 30 * time.Second, ""},
		"503":                          {503, `<html>`, nil, time.Minute, ""},
		"words of OData":               {400, `{"error":{"code":"","message":{"lang":"","value":"Bad filter"}}}`, sdk.ErrInvalid, 0, "Bad filter"},
		"words of QuickBooks":          {400, `{"Fault":{"Error":[{"Message":"Stale","Detail":"d"}]}}`, sdk.ErrInvalid, 0, ": Stale"},
		"words by field":               {422, `{"errors":{"email":["is taken","is short"]}}`, sdk.ErrInvalid, 0, "email is taken, is short"},
		"words of Xero":                {400, `{"ErrorNumber":10,"Message":"A validation exception occurred"}`, sdk.ErrInvalid, 0, "A validation exception occurred"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, rules+"pull:\n  invoices:\n    request: GET /i\n    each: .rows\n    only: {batch: 9}"+anInvoice, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				say(w, tt.body)
			})
			_, err := b.pull(nil)
			retry, waits := errors.AsType[*sdk.RetryAfter](err)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) || waits != (tt.wait > 0) || waits && retry.Wait != tt.wait || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAdministrations(t *testing.T) {
	t.Parallel()
	b := open(t, `base: https://api.acme.example
check: {request: GET /me, expect: .ok, message: '"Ask \(.admin) for access."'}
administrations:
  per: {request: GET /environments, each: .value}
  request: GET /{{ $parent.name }}/companies
  each: .value
  map: {id: '"\($parent.name)|\(.id)"', name: .name, currency: .cur, read_only: .locked, country: '"Nederland"'}
`, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/environments":
			say(w, `{"value":[{"name":"prod"},{"name":"test"}]}`)
		case "/me":
			say(w, `{"ok":false,"admin":"Jo"}`)
		default:
			say(w, `{"value":[{"id":1,"name":"A","cur":"eur","locked":true}]}`)
		}
	})
	list, err := b.c.Administrations(t.Context(), b.s)
	if err != nil || len(list) != 2 || list[1] != (sdk.Administration{ID: "test|1", Name: "A", Currency: "EUR", ReadOnly: true, Country: "NL"}) {
		t.Errorf("%+v, %v", list, err)
	}
	if err := b.c.Check(t.Context(), b.s); !errors.Is(err, sdk.ErrAuth) || !strings.Contains(err.Error(), "Ask Jo for access.") {
		t.Errorf("check: %v", err)
	}
	one := open(t, "", func(http.ResponseWriter, *http.Request) {})
	if list, err := one.c.Administrations(t.Context(), one.s); err != nil || len(list) != 1 || list[0].Name != "Acme" || one.c.Check(t.Context(), one.s) != nil {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestBaseOfTheCustomer(t *testing.T) {
	t.Parallel()
	b := open(t, `base: "{{ $form.url }}/api"
headers: {X-Region: "{{ $form.region }}", X-None: "{{ null }}"}
administrations: {map: {id: '"1"', name: '"Acme"'}}
`, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/x/api/invoices" || r.Header.Get("X-Region") != "eu" || len(r.Header.Values("X-None")) != 0 {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		say(w, "[]")
	})
	b.must(nil)
}

// Where the path itself depends on a choice, a list is its segments.
func TestAListInAPath(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		`["json", "2", "account.move"]`: "GET /x/json/2/account.move/read",
		`["rpc"]`:                       "GET /x/rpc/read",
		`["a/b", "..", 3]`:              "GET /x/a%2Fb/%2E%2E/3/read",
		`[]`:                            "",
		`["a", ""]`:                     "",
		`["a", null]`:                   "",
	} {
		b := open(t, "pull:\n  invoices:\n    request: GET /x/{{ "+list+" }}/read\n    only: {batch: 9}"+anInvoice, func(w http.ResponseWriter, _ *http.Request) { say(w, "[]") })
		if _, err := b.pull(nil); strings.Join(b.asked, " ") != want || (err == nil) != (want != "") {
			t.Errorf("%s: asked %q, want %q: %v", list, b.asked, want, err)
		}
	}
}
