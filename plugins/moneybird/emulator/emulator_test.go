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

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
)

// bird is a Moneybird with one administration, one business and one person.
type bird struct {
	*emulator.Server
	t       *testing.T
	url     string
	adm     string
	acme    string
	jansen  string
	token   string
	mu      sync.Mutex
	now     time.Time
	wall    time.Time
	headers http.Header // of the last answer
}

const admID = "458026356994700001"

func (b *bird) at(t time.Time) { b.mu.Lock(); b.now, b.wall = t, t; b.mu.Unlock() }

func (b *bird) pass(d time.Duration) { b.mu.Lock(); b.now = b.now.Add(d); b.mu.Unlock() }

func (b *bird) passWall(d time.Duration) { b.mu.Lock(); b.wall = b.wall.Add(d); b.mu.Unlock() }

func open(t *testing.T, change func(*emulator.Config)) *bird {
	t.Helper()
	b := &bird{t: t, adm: admID, now: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC), wall: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)}
	cfg := emulator.Config{
		Now:          func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now },
		Wall:         func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.wall },
		Rate:         kit.Rate{Limit: -1},
		WebhookRetry: []time.Duration{time.Millisecond, time.Millisecond},
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if b.Server, err = emulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	srv := httptest.NewServer(b.Server)
	t.Cleanup(srv.Close)
	b.url = srv.URL
	b.ok(b.SeedAdministration(emulator.AdministrationSeed{
		ID: admID, Name: "Bakkerij De Korenaar B.V.", Address: "Molenstraat 7", Zipcode: "3511 EJ", City: "Utrecht", Email: "administratie@korenaar.example",
		Phone: "030 123 45 67", IBAN: "NL91ABNA0417164300", BIC: "ABNANL2A", TaxNumber: "NL123456782B01", ChamberOfCommerce: "30123456",
	}))
	b.acme = b.ok(b.SeedContact(b.adm, emulator.ContactSeed{CompanyName: "Acme B.V.", ChamberOfCommerce: "12345678", Email: "ap@acme.example", Address: "Kade 1", Zipcode: "1011 AB", City: "Amsterdam"}))
	b.jansen = b.ok(b.SeedContact(b.adm, emulator.ContactSeed{FirstName: "Petra", LastName: "Jansen", Email: "petra@jansen.example"}))
	b.token = b.ok(b.SeedToken(emulator.TokenSeed{Administration: b.adm}))
	return b
}

func (b *bird) ok(s string, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bird) invoice(seed emulator.InvoiceSeed) string {
	b.t.Helper()
	if seed.Contact == "" {
		seed.Contact = b.acme
	}
	if seed.Total == "" && seed.Lines == nil {
		seed.Total = "121.00"
	}
	return b.ok(b.SeedInvoice(b.adm, seed))
}

// do asks the API below the administration and returns status and answer.
func (b *bird) do(method, path string, body any) (int, any) {
	b.t.Helper()
	status, raw := b.raw(method, "/api/v2/"+b.adm+path, body)
	var v any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &v); err != nil {
			b.t.Fatalf("%s %s: %d %s", method, path, status, raw)
		}
	}
	return status, v
}

var noRedirect = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (b *bird) raw(method, path string, body any) (int, []byte) {
	b.t.Helper()
	var in io.Reader
	if body != nil {
		j, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		in = bytes.NewReader(j)
	}
	req, err := http.NewRequest(method, b.url+path, in)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if b.token != "" {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	resp, err := noRedirect.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.headers = resp.Header
	return resp.StatusCode, raw
}

// get returns a record, or fails.
func (b *bird) get(path string) map[string]any {
	b.t.Helper()
	status, v := b.do("GET", path, nil)
	if status != 200 {
		b.t.Fatalf("GET %s: %d %v", path, status, v)
	}
	return v.(map[string]any)
}

// list returns one field of the records of a list.
func (b *bird) list(path, field string) string {
	b.t.Helper()
	status, v := b.do("GET", path, nil)
	if status != 200 {
		return fmt.Sprint(status, " ", v.(map[string]any)["error"])
	}
	var out []string
	for _, o := range v.([]any) {
		out = append(out, fmt.Sprint(o.(map[string]any)[field]))
	}
	return strings.Join(out, " ")
}

func (b *bird) want(got any, want string) {
	b.t.Helper()
	if fmt.Sprint(got) != want {
		b.t.Errorf("got %v, want %s", got, want)
	}
}

func day(s string) date.Date { return date.MustParse(s) }

func sales(fields map[string]any) map[string]any { return map[string]any{"sales_invoice": fields} }

func decode(t *testing.T, raw []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return v
}
