package interpret_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const writing = `writes:
  payment:
    look:
      request: GET /payments
      query: {page: "{{ $page }}", invoice: "{{ $write.invoice }}"}
      paging: {by: page, size: 2}
      each: .rows
      found: first(.[] | select(.ref == $write.key) | .id)
    refuse: if $write.currency != "EUR" then "Only euros." else null end
    steps:
      journal: {request: GET /journal}
    request: POST /payments
    headers: {Idempotency-Key: "{{ $write.key }}"}
    body: {invoice: "{{ $write.invoice }}", amount: "{{ $write.amount | decimal }}", on: "{{ $write.date }}", journal: "{{ $steps.journal.id }}", note: "{{ null }}", lines: [{ref: "{{ $write.key }}", fixed: 3}]}
    finish:
      book: {request: 'PUT /payments/{{ .id }}/book', decode: none}
    id: .id
  note:
    idempotent: true
    request: POST /notes
    form: {party: "{{ $write.party }}", text: "{{ $write.text }}", at: '{{ $write.moment | in_layout("unix_ms") }}', none: "{{ null }}"}
    errors: [{status: 409, is: applied}]
    decode: none
`

func aPayment() sdk.Write {
	return sdk.Write{Key: "k1", Administration: "1", Payment: &sdk.PaymentWrite{Invoice: "42", Amount: money.EUR(1050), ValueDate: date.MustParse("2026-11-20"), Reference: "tr_1"}}
}

func TestPush(t *testing.T) {
	t.Parallel()
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); say(w, body) }
	}
	drop := func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = c.Close()
		}
	}
	for name, tt := range map[string]struct {
		path    string
		answer  http.HandlerFunc
		want    sdk.OutcomeState
		id      string
		message string
		err     error
	}{
		"applied":                     {"", nil, sdk.Applied, "7", "", nil},
		"there already":               {"GET /payments", status(200, `{"rows":[{"id":9,"ref":"k1"}]}`), sdk.Applied, "9", "", nil},
		"refused":                     {"POST /payments", status(422, `{"message":"closed period"}`), sdk.Rejected, "", "closed period", nil},
		"without an id":               {"POST /payments", status(201, `{}`), sdk.Uncertain, "", "", nil},
		"5xx after sending":           {"POST /payments", status(502, ``), sdk.Uncertain, "", "", nil},
		"line broke":                  {"POST /payments", drop, sdk.Uncertain, "", "", nil},
		"429":                         {"POST /payments", status(429, ``), "", "", "", &sdk.RetryAfter{}},
		"401":                         {"POST /payments", status(401, ``), "", "", "", sdk.ErrAuth},
		"booking it failed":           {"PUT /payments/7/book", status(400, `{}`), sdk.Uncertain, "", "", nil},
		"what it belongs to is gone":  {"GET /payments", status(404, ``), sdk.Rejected, "", "not in Acme any more", nil},
		"looking failed":              {"GET /payments", status(503, ``), "", "", "", &sdk.RetryAfter{}},
		"a step that only reads fell": {"GET /journal", status(400, `{"message":"no journal"}`), sdk.Rejected, "", "no journal", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var body string
			b := open(t, writing, func(w http.ResponseWriter, r *http.Request) {
				if tt.path == r.Method+" "+r.URL.Path {
					tt.answer(w, r)
					return
				}
				switch r.Method + " " + r.URL.Path {
				case "GET /payments":
					say(w, `{"rows":[{"id":1,"ref":"x"}]}`)
				case "GET /journal":
					say(w, `{"id":"J"}`)
				case "POST /payments":
					b, _ := io.ReadAll(r.Body)
					body = r.Header.Get("Idempotency-Key") + string(b)
					say(w, `{"id":7}`)
				case "PUT /payments/7/book":
				default:
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
			})
			o, err := b.c.Push(t.Context(), b.s, aPayment())
			var retry *sdk.RetryAfter
			if errors.As(tt.err, &retry) {
				if !errors.As(err, &retry) {
					t.Errorf("%v", err)
				}
			} else if !errors.Is(err, tt.err) {
				t.Errorf("%v", err)
			}
			if o.State != tt.want || o.ExternalID != tt.id || !strings.Contains(o.Message, tt.message) {
				t.Errorf("%+v", o)
			}
			if want := `k1{"amount":10.5,"invoice":"42","journal":"J","lines":[{"fixed":3,"ref":"k1"}],"on":"2026-11-20"}`; name == "applied" && body != want {
				t.Errorf("sent %s", body)
			}
		})
	}
}

func TestPushRefusesAndFindLooks(t *testing.T) {
	t.Parallel()
	there := false
	b := open(t, writing, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			t.Errorf("%s %s", r.Method, r.URL)
		case r.URL.Query().Get("page") == "1":
			say(w, `{"rows":[{"id":1,"ref":"x"},{"id":2,"ref":"y"}]}`)
		case there:
			say(w, `{"rows":[{"id":3,"ref":"k1"}]}`)
		default:
			say(w, `{"rows":[]}`)
		}
	})
	w := aPayment()
	w.Payment.Amount = money.Of(1, "USD")
	if o, err := b.c.Push(t.Context(), b.s, w); err != nil || o.State != sdk.Rejected || o.Message != "Only euros." {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err := b.c.Find(t.Context(), b.s, w); err != nil || o.State != sdk.Rejected {
		t.Errorf("%+v, %v", o, err)
	}
	there = true
	if o, err := b.c.Find(t.Context(), b.s, w); err != nil || o != (sdk.Outcome{State: sdk.Applied, ExternalID: "3"}) {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestPushNote(t *testing.T) {
	t.Parallel()
	code, body := 200, ""
	b := open(t, writing, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body = string(raw)
		w.WriteHeader(code)
	})
	w := sdk.Write{Key: "n1", Administration: "1", Note: &sdk.NoteWrite{Party: "p&1", Text: "Called.\nWill pay.", Moment: time.UnixMilli(1700000000000)}}
	for _, code = range []int{200, 409} {
		if o, err := b.c.Push(t.Context(), b.s, w); err != nil || o.State != sdk.Applied {
			t.Errorf("%d: %+v, %v", code, o, err)
		}
	}
	if body != "at=1700000000000&party=p%261&text=Called.%0AWill+pay." {
		t.Errorf("sent %s", body)
	}
	if o, err := b.c.Find(t.Context(), b.s, w); err != nil || o.State != sdk.Rejected {
		t.Errorf("find: %+v, %v", o, err)
	}
	if _, err := b.c.Push(t.Context(), b.s, sdk.Write{Administration: "1", Note: w.Note}); !errors.Is(err, sdk.ErrInvalid) {
		t.Errorf("a write without a key: %v", err)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	const recipe = `documents:
  - format: pdf
    source: other
    steps: {booking: {request: 'GET /bookings/{{ $id }}'}, file: {request: 'GET /files/{{ $steps.booking.file }}', when: '$steps.booking.file'}}
    missing: $steps.booking.file == null
    base64: $steps.file.content
    name: $steps.file.name
  - format: pdf
    request: GET /i/{{ $id }}/pdf
    headers: {Accept: application/pdf}
  - format: ubl
    request: POST /download
    body: {id: "{{ $id }}"}
    url: .data.location
pull:
  other:
    request: GET /o
    prefix: o-
    only: {batch: 5}
    invoice: {id: .id, party: '"p"', status: open, currency: EUR, total: 1, open: 1}
  invoices:
    request: GET /i
    only: {batch: 5}
    invoice: {like: other}
`
	for name, tt := range map[string]struct {
		invoice string
		format  sdk.DocumentFormat
		want    string
		gone    bool
	}{
		"base64 by steps":      {"o-1", sdk.PDF, "a.pdf %PDF-1", false},
		"no file at the steps": {"o-2", sdk.PDF, "", true},
		"the answer itself":    {"1", sdk.PDF, "1.pdf %PDF-2", false},
		"gone":                 {"2", sdk.PDF, "", true},
		"by its address":       {"1", sdk.UBL, "1.xml <Invoice/>", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, recipe, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/bookings/1":
					say(w, `{"file":"f"}`)
				case "/bookings/2":
					say(w, `{}`)
				case "/files/f":
					say(w, `{"name":"../x/a.pdf","content":"JVBE\nRi0x"}`)
				case "/i/1/pdf":
					if r.Header.Get("Accept") != "application/pdf" {
						t.Error("the header is lost")
					}
					say(w, "%PDF-2")
				case "/download":
					say(w, `{"data":{"location":"https://files.acme.example/ubl"}}`)
				case "/ubl":
					say(w, "<Invoice/>")
				default:
					w.WriteHeader(404)
				}
			})
			d, err := b.c.Document(t.Context(), b.s, sdk.DocumentRequest{Administration: "1", Invoice: tt.invoice, Format: tt.format})
			if errors.Is(err, sdk.ErrGone) != tt.gone || !tt.gone && (err != nil || d.Name+" "+string(d.Content) != tt.want) {
				t.Errorf("%s %s, %v", d.Name, d.Content, err)
			}
		})
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	b := open(t, `subscriptions:
  topics: [Accounts, Invoices]
  look: {request: 'GET /hooks', query: {topic: "{{ $topic }}"}, found: 'first(.[] | select(.url == $url) | .id)'}
  subscribe: {request: POST /hooks, body: {url: "{{ $url }}", topic: "{{ $topic }}"}, id: .id, secret: .secret}
  unsubscribe: {request: 'DELETE /hooks/{{ $id }}', decode: none}
webhook:
  signature: {scheme: none}
  hint: {stream: invoices, id: .id}
`, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && r.URL.Query().Get("topic") == "Accounts":
			say(w, `[{"id":"old","url":"https://hub.example/1"}]`)
		case r.Method == http.MethodGet:
			say(w, `[]`)
		case r.Method == http.MethodPost:
			body, _ := io.ReadAll(r.Body)
			say(w, fmt.Sprintf(`{"id":"%d","secret":"s"}`, len(body)))
		default:
			w.WriteHeader(404)
		}
	})
	got, err := b.c.Subscribe(t.Context(), b.s, sdk.SubscribeRequest{Administration: "1", URL: "https://hub.example/1"})
	if err != nil || got.ID != "50,50" || string(got.Secret) != "s" {
		t.Errorf("%+v, %v", got, err)
	}
	if a := strings.Join(b.asked, " "); !strings.Contains(a, "DELETE /hooks/old") {
		t.Errorf("asked %s", a)
	}
	if err := b.c.Unsubscribe(t.Context(), b.s, "1", "a,b"); err != nil {
		t.Errorf("what is gone: %v", err)
	}
}
