package recipe_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// tape answers requests from memory after it has carried them out once.
type tape struct {
	via  http.RoundTripper
	mu   sync.Mutex
	kept map[string]*http.Response
	body map[string][]byte
}

// RoundTrip implements http.RoundTripper.
func (t *tape) RoundTrip(req *http.Request) (*http.Response, error) {
	key := req.Method + " " + req.URL.String()
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		key += string(b)
		req.Body = io.NopCloser(bytes.NewReader(b))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept[key] == nil {
		resp, err := t.via.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		t.kept[key], t.body[key] = resp, b
	}
	resp := *t.kept[key]
	resp.Body, resp.Request = io.NopCloser(bytes.NewReader(t.body[key])), req
	return &resp, nil
}

// BenchmarkPull is a first load by the recipe, without the network: parties,
// invoices and payments per second of processor time.
func BenchmarkPull(b *testing.B) {
	emu, err := emulator.New(emulator.Config{
		Now: func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }, PublicURL: "https://" + storage, Rate: kit.Rate{Limit: -1},
	})
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(emu)
	b.Cleanup(func() { srv.Close(); emu.Close() })
	seed := func(_ string, err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	adm, err := emu.SeedAdministration(emulator.AdministrationSeed{Name: "Studio Noord"})
	seed(adm, err)
	for i := range 200 {
		contact, err := emu.SeedContact(adm, emulator.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "a@zoet.example"})
		seed(contact, err)
		for j := range 5 {
			invoice, err := emu.SeedInvoice(adm, emulator.InvoiceSeed{Contact: contact, Date: date.New(2026, 10, 1+i%28), Total: "121.00", SendBy: "Email"})
			seed(invoice, err)
			if j < 2 {
				seed(emu.Pay(adm, invoice, emulator.PaymentSeed{Price: "21.00", Transaction: "tr_1"}))
			}
		}
	}
	token, err := emu.SeedToken(emulator.TokenSeed{Administration: adm})
	seed(token, err)
	via := sdktest.NewSession(b, sdktest.Options{Hosts: map[string]string{"moneybird.com": srv.URL}, Authorize: sdktest.Bearer(token)})
	keep := &tape{via: via.HTTP.Transport, kept: map[string]*http.Response{}, body: map[string][]byte{}}
	session := &sdk.Session{HTTP: &http.Client{Transport: keep}, Log: slog.New(slog.DiscardHandler)}
	for name, c := range map[string]sdk.Connector{"recipe": newConnector(time.Now)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			run := func() int {
				sink := &sdktest.Recorder{}
				if err := c.Pull(b.Context(), session, sdk.PullRequest{Administration: adm}, sink); err != nil {
					b.Fatal(err)
				}
				return len(sink.Got.Parties) + len(sink.Got.Invoices) + len(sink.Got.Payments)
			}
			n := run()
			if n != 1600 {
				b.Fatalf("%d records", n)
			}
			before := processor()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(n*b.N)/(processor()-before).Seconds(), "records/cpu-s")
		})
	}
}

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
