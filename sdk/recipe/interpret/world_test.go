package interpret_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/recipe/interpret"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// head is what a recipe of a test stands under; capabilities are added by what
// the recipe has.
const head = `name: acme-books
title: Acme
kind: accounting
version: 1.0.0
publisher: acme
summary: Test.
reads: [invoices]
writes: [%s]
capabilities: [%s]
auth: [{name: none, title: None, type: none}]
form: [{name: region, title: Region}, {name: url, title: Address, type: url}]
hosts: [api.acme.example, files.acme.example, "{url}"]
recipe:
`

// books is a test server with a recipe that reads it.
type books struct {
	t       *testing.T
	c       *interpret.Connector
	s       *sdk.Session
	sink    *sdktest.Recorder
	mu      sync.Mutex
	asked   []string
	now     time.Time
	handler http.HandlerFunc
}

// minimum is what every recipe needs; a test's own text comes after it.
const minimum = "base: https://api.acme.example\nadministrations: {map: {id: '\"1\"', name: '\"Acme\"'}}\n"

const anInvoice = `
    invoice: {id: .id, party: .party // "p", status: open, currency: EUR, total: .total // 1, open: .open // .total // 1}`

func open(t *testing.T, text string, h http.HandlerFunc) *books {
	t.Helper()
	b := &books{t: t, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), handler: h, sink: &sdktest.Recorder{}}
	var capabilities, writes []string
	for _, has := range [][3]string{
		{"\ndocuments:", "documents"}, {"\n  payment:\n    look", "write_payments", "payments"}, {"\n  payment:\n    idem", "write_payments", "payments"},
		{"\n  note:", "write_notes", "notes"}, {"\nwebhook:", "webhooks"}, {"\nsubscriptions:", "subscriptions"},
	} {
		if strings.Contains("\n"+text, has[0]) {
			capabilities = append(capabilities, has[1])
			if has[2] != "" {
				writes = append(writes, has[2])
			}
		}
	}
	if !strings.Contains(text, "base:") {
		text = minimum + text
	}
	if !strings.Contains(text, "pull:") {
		text += "\npull:\n  invoices:\n    request: GET /invoices\n    only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}" + anInvoice + "\n"
	}
	file := fmt.Sprintf(head, strings.Join(writes, ", "), strings.Join(capabilities, ", ")) + "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
	m, err := manifest.Parse("connector.yaml", []byte(file))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	if b.c, err = interpret.New(m, interpret.Options{Now: func() time.Time { return b.now }, Thinking: time.Second}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.asked = append(b.asked, r.Method+" "+r.URL.RequestURI())
		w.Header().Set("Date", b.now.Format(http.TimeFormat))
		b.handler(w, r)
	}))
	t.Cleanup(srv.Close)
	b.s = sdktest.NewSession(t, sdktest.Options{
		Hosts:         map[string]string{"api.acme.example": srv.URL, "files.acme.example": srv.URL, "eu.acme.example": srv.URL},
		Config:        map[string]string{"region": "eu", "url": "https://eu.acme.example/x"},
		WebhookSecret: []byte("secret"),
	})
	return b
}

// pull reads from the cursor and returns what came.
func (b *books) pull(cursor []byte, only ...string) (*sdktest.Recording, error) {
	b.t.Helper()
	b.sink.Got, b.asked = sdktest.Recording{}, nil
	err := b.c.Pull(b.t.Context(), b.s, sdk.PullRequest{Administration: "1", Cursor: cursor, Invoices: only}, b.sink)
	return &b.sink.Got, err
}

func (b *books) must(cursor []byte, only ...string) *sdktest.Recording {
	b.t.Helper()
	got, err := b.pull(cursor, only...)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

func ids(got *sdktest.Recording) string {
	var out []string
	for _, v := range got.Invoices {
		out = append(out, v.ID)
	}
	return strings.Join(out, " ")
}

func say(w http.ResponseWriter, text string) { _, _ = w.Write([]byte(text)) }

// items writes {"id":"a"},… for ids from first to last.
func items(first, last int) string {
	var out []string
	for i := first; i <= last; i++ {
		out = append(out, fmt.Sprintf(`{"id":"%d"}`, i))
	}
	return "[" + strings.Join(out, ",") + "]"
}
