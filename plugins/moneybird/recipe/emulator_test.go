package recipe_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/recipe/interpret"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// world is an emulated Moneybird with one creditor and one debtor.
type world struct {
	emu     *emulator.Server
	adm     string
	contact string
	c       *interpret.Connector
	s       *sdk.Session
	sink    *sdktest.Recorder
}

const storage = "storage.moneybird.dev"

func newWorld(t *testing.T) *world {
	t.Helper()
	emu, err := emulator.New(emulator.Config{
		Now:       func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) },
		PublicURL: "https://" + storage, Rate: kit.Rate{Limit: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(emu)
	t.Cleanup(func() { srv.Close(); emu.Close() })
	w := &world{emu: emu, c: newConnector(time.Now), sink: &sdktest.Recorder{Known: map[sdk.Stream]map[string]string{}}}
	w.adm = must(emu.SeedAdministration(emulator.AdministrationSeed{Name: "Studio Noord"}))(t)
	w.contact = must(emu.SeedContact(w.adm, emulator.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "a@zoet.example"}))(t)
	token := must(emu.SeedToken(emulator.TokenSeed{Administration: w.adm}))(t)
	w.s = sdktest.NewSession(t, sdktest.Options{
		Hosts:     map[string]string{"moneybird.com": srv.URL, storage: srv.URL},
		Downloads: []string{storage}, Authorize: sdktest.Bearer(token),
	})
	return w
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) invoice(t *testing.T, seed emulator.InvoiceSeed) string {
	t.Helper()
	seed.Contact = w.contact
	return must(w.emu.SeedInvoice(w.adm, seed))(t)
}

// pull reads what the host does not have yet and remembers it as the host does.
func (w *world) pull(t *testing.T, only ...string) (*sdktest.Recording, error) {
	t.Helper()
	w.sink.Got = sdktest.Recording{}
	err := w.c.Pull(t.Context(), w.s, sdk.PullRequest{Administration: w.adm, Invoices: only}, w.sink)
	for _, p := range w.sink.Got.Parties {
		w.know(sdk.Parties, p.ID, p.Revision)
	}
	for _, i := range w.sink.Got.Invoices {
		w.know(sdk.Invoices, i.ID, i.Revision)
	}
	return &w.sink.Got, err
}

func (w *world) know(s sdk.Stream, id, revision string) {
	if w.sink.Known[s] == nil {
		w.sink.Known[s] = map[string]string{}
	}
	w.sink.Known[s][id] = revision
}

func TestEmulatorPull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.invoice(t, emulator.InvoiceSeed{Date: date.MustParse("2019-05-01"), Total: "100.00"})
	late := w.invoice(t, emulator.InvoiceSeed{Date: date.MustParse("2026-10-01"), Total: "1210.00", SendBy: "Email"})
	external := w.invoice(t, emulator.InvoiceSeed{External: true, Reference: "WEB-7", Total: "50.00"})
	w.invoice(t, emulator.InvoiceSeed{Draft: true, Total: "5.00"})
	must(w.emu.Pay(w.adm, late, emulator.PaymentSeed{Price: "210.00", Transaction: "tr_1"}))(t)

	got, err := w.pull(t)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Invoices) != 3 || len(got.Parties) != 1 || len(got.Unreadable) != 0 {
		t.Fatalf("%d invoices, %d parties, %v", len(got.Invoices), len(got.Parties), got.Unreadable)
	}
	if i, ok := got.Invoice(late); !ok || i.Open != money.EUR(100000) || i.Total != money.EUR(121000) || i.Status != sdk.Open || !i.Document || i.Sent.IsZero() {
		t.Errorf("%+v", i)
	}
	if i, ok := got.Invoice("external-" + external); !ok || i.Number != "WEB-7" {
		t.Errorf("%+v", i)
	}
	if i, ok := got.Invoice(old); !ok || !i.Sent.IsZero() {
		t.Errorf("an invoice of another year: %+v", i)
	}
	if len(got.Payments) != 1 || got.Payments[0].Reference != "tr_1" {
		t.Errorf("%+v", got.Payments)
	}

	if got, err = w.pull(t); err != nil || len(got.Invoices)+len(got.Parties) != 0 {
		t.Errorf("unchanged, yet %d invoices came: %v", len(got.Invoices), err)
	}
	must(w.emu.Pay(w.adm, late, emulator.PaymentSeed{}))(t)
	credit := must(w.emu.Credit(w.adm, old, true))(t)
	if got, err = w.pull(t); err != nil || len(got.Invoices) != 3 {
		t.Fatalf("%d invoices changed: %v", len(got.Invoices), err)
	}
	if i, _ := got.Invoice(late); i.Status != sdk.Paid || !i.Open.IsZero() {
		t.Errorf("%+v", i)
	}
	if i, ok := got.Invoice(credit); !ok || i.Kind != sdk.CreditNote || i.Credits != old || i.Total != money.EUR(10000) {
		t.Errorf("%+v", i)
	}
	if err := w.emu.DeleteInvoice(w.adm, external); err != nil {
		t.Fatal(err)
	}
	if got, err = w.pull(t, "external-"+external, late); err != nil || len(got.Gone) != 1 || got.Gone[0].ID != "external-"+external || len(got.Invoices) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = w.pull(t); err != nil || len(got.Compared[sdk.Invoices]) != 3 {
		t.Errorf("the list after a deletion: %v %v", got.Compared[sdk.Invoices], err)
	}
}

func TestEmulatorDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.invoice(t, emulator.InvoiceSeed{Total: "1210.00", SendBy: "Email"})
	for format, head := range map[sdk.DocumentFormat]string{sdk.PDF: "%PDF", sdk.UBL: "<"} {
		d, err := w.c.Document(t.Context(), w.s, sdk.DocumentRequest{Administration: w.adm, Invoice: id, Format: format})
		if err != nil || !bytes.Contains(d.Content[:min(64, len(d.Content))], []byte(head)) || d.Name == "" {
			t.Errorf("%s: %v, %d bytes", format, err, len(d.Content))
		}
	}
	_, err := w.c.Document(t.Context(), w.s, sdk.DocumentRequest{Administration: w.adm, Invoice: "999", Format: sdk.PDF})
	if !errors.Is(err, sdk.ErrGone) {
		t.Errorf("no such invoice: %v", err)
	}
}

func TestEmulatorPush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.invoice(t, emulator.InvoiceSeed{Total: "1210.00", SendBy: "Email"})
	write := sdk.Write{Key: "k1", Administration: w.adm, Payment: &sdk.PaymentWrite{
		Invoice: id, Amount: money.EUR(121000), ValueDate: date.MustParse("2026-11-21"), Reference: "tr_9"}}
	w.emu.Kit().MustInject(kit.Fault{Method: http.MethodPost, Path: "*/payments.json", Do: kit.Status, Status: 502, After: true})
	o, err := w.c.Push(t.Context(), w.s, write)
	if err != nil || o.State != sdk.Uncertain {
		t.Fatalf("%+v %v", o, err)
	}
	found, err := w.c.Find(t.Context(), w.s, write)
	if err != nil || found.State != sdk.Applied || found.ExternalID == "" {
		t.Fatalf("%+v %v", found, err)
	}
	again, err := w.c.Push(t.Context(), w.s, write)
	if err != nil || again != found {
		t.Errorf("%+v %v", again, err)
	}
	got, err := w.pull(t)
	if err != nil || len(got.Payments) != 1 || got.Payments[0].ID != found.ExternalID || got.Payments[0].Reference != "tr_9" || got.Invoices[0].Status != sdk.Paid {
		t.Errorf("%+v %v", got, err)
	}
	other := w.invoice(t, emulator.InvoiceSeed{External: true, Reference: "WEB-1", Total: "10.00"})
	write.Key, write.Payment.Invoice, write.Payment.Amount = "k2", "external-"+other, money.EUR(1000)
	if o, err := w.c.Push(t.Context(), w.s, write); err != nil || o.State != sdk.Applied {
		t.Errorf("external: %+v %v", o, err)
	}
}

func TestEmulatorFaults(t *testing.T) {
	t.Parallel()
	var retry *sdk.RetryAfter
	for name, tt := range map[string]struct {
		fault kit.Fault
		check func(error) bool
	}{
		"token expires in mid-page": {kit.Fault{Method: "POST", Path: "*/sales_invoices/synchronization.json", Skip: 1, Do: kit.ExpireToken}, func(err error) bool { return errors.Is(err, sdk.ErrAuth) }},
		"429 in mid-page":           {kit.Fault{Method: "POST", Path: "*/sales_invoices/synchronization.json", Skip: 1, Do: kit.Status, Status: 429, RetryAfter: "7"}, func(err error) bool { return errors.As(err, &retry) && retry.Wait == 7*time.Second }},
		"503 in mid-page":           {kit.Fault{Method: "POST", Path: "*/sales_invoices/synchronization.json", Skip: 1, Do: kit.Status}, func(err error) bool { return errors.As(err, &retry) }},
		"JSON that breaks off":      {kit.Fault{Method: "POST", Path: "*/sales_invoices/synchronization.json", Skip: 1, Do: kit.Truncate}, passing},
		"broken line":               {kit.Fault{Method: "POST", Path: "*/sales_invoices/synchronization.json", Skip: 1, Do: kit.Reset}, passing},
		"maintenance page":          {kit.Fault{Method: "GET", Path: "*/sales_invoices/synchronization.json", Do: kit.WrongType}, passing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			seeds := make([]emulator.InvoiceSeed, 150)
			for i := range seeds {
				seeds[i] = emulator.InvoiceSeed{Contact: w.contact, Total: "10.00"}
			}
			must(w.emu.SeedInvoices(w.adm, seeds))(t)
			w.emu.Kit().MustInject(tt.fault)
			got, err := w.pull(t)
			if !tt.check(err) {
				t.Fatalf("got %v", err)
			}
			first := len(got.Invoices)
			if first != 0 && first != 100 {
				t.Errorf("%d invoices: half a page was taken", first)
			}
			if strings.HasPrefix(name, "token") {
				return
			}
			if got, err = w.pull(t); err != nil || first+len(got.Invoices) != 150 {
				t.Errorf("after the fault %d more came: %v", len(got.Invoices), err)
			}
		})
	}
}

// TestEmulatorTimeout: the host gives up on a booking that hangs, and the
// outcome is open.
func TestEmulatorTimeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.invoice(t, emulator.InvoiceSeed{Total: "10.00", SendBy: "Email"})
	w.emu.Kit().MustInject(kit.Fault{Method: http.MethodPost, Path: "*/payments.json", Do: kit.Delay, DelayMS: 3000})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	o, err := w.c.Push(ctx, w.s, sdk.Write{Key: "k", Administration: w.adm, Payment: &sdk.PaymentWrite{
		Invoice: id, Amount: money.EUR(1000), ValueDate: date.MustParse("2026-11-21")}})
	if err != nil || o.State != sdk.Uncertain {
		t.Errorf("%+v %v", o, err)
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../connector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Parse("connector.yaml", b)
	if err != nil {
		t.Fatal(err)
	}
	if m.Allow("moneybird.com", nil) != manifest.Full || m.Allow(storage, nil) != manifest.Download || m.Allow("evil.example", nil) != manifest.Forbidden {
		t.Error("the hosts are not right")
	}
}
