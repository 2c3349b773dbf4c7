package exactonline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/plugins/exactonline/emulator"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

const host = "start.exactonline.nl"

// books is an emulated Exact Online that the recipe reads into a database.
type books struct {
	*synctest.Bench
	emu     *emulator.Server
	adm     string
	contact string
	url     string
	gone    atomic.Int64 // how much time went by on the wire
}

// wall is the time of the wire.
func (b *books) wall() time.Time { return time.Now().Add(time.Duration(b.gone.Load())) }

func open(t *testing.T) *books {
	t.Helper()
	b := &books{}
	var err error
	if b.emu, err = emulator.New(emulator.Config{
		Now: func() time.Time { return synctest.Start }, Wall: b.wall, PublicURL: "https://" + host, Minutely: -1, Daily: -1, WebhookSecret: "w3bhook", WebhookRetry: []time.Duration{time.Millisecond},
		Clients: map[string]kit.OAuthClient{"hub": {Name: "Hub", Secret: "s3cret", RedirectURIs: []string{synctest.Back}}},
	}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(b.emu)
	t.Cleanup(func() { srv.Close(); b.emu.Close() })
	dir, runtime := synctest.Recipe(t, ".")
	b.Bench = synctest.New(t, dir, "exactonline", func(c *connect.Config) {
		c.Recipes = runtime
		c.Clock = clock.Func(b.wall)
		c.Egress = broker.EgressConfig{Overrides: map[string]string{host: srv.URL}}
		c.App = func(context.Context, string) (token.App, error) {
			return token.App{ClientID: "hub", ClientSecret: "s3cret", Values: map[string]string{"webhook_secret": "w3bhook"}}, nil
		}
	})
	b.adm = must(b.emu.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"}))(t)
	b.contact = must(b.emu.SeedContact(b.adm, ledger.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "a@zoet.example", City: "Ede", ChamberOfCommerce: "30123456"}))(t)
	b.url = srv.URL
	b.ConnectByPage("exactonline", "oauth", map[string]string{"country": "nl"}, srv.URL)
	return b
}

// entry is the id that an invoice has for us: that of its entry in the books.
func (b *books) entry(id string) (entry string) {
	b.T.Helper()
	must(0, b.emu.View(b.adm, func(a *ledger.Administration) error {
		v, err := a.NamedInvoice(id)
		entry = ledger.Derived(v.UUID, "entry")
		return err
	}))(b.T.(*testing.T))
	return entry
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

// seed makes invoices and returns their numbers in the emulator.
func (b *books) seed(n int) []string {
	b.T.Helper()
	seeds := make([]ledger.InvoiceSeed, n)
	for i := range seeds {
		seeds[i] = ledger.InvoiceSeed{Contact: b.contact, Date: date.MustParse("2026-02-01"), Total: "100.00", Reference: "PO-1"}
	}
	return must(b.emu.SeedInvoices(b.adm, seeds))(b.T.(*testing.T))
}

// at is the mirrored invoice.
func (b *books) at(id string) db.Invoice { b.T.Helper(); return b.Invoice(b.entry(id)) }

// asked counts the requests since the last time.
func (b *books) asked() int {
	n := len(b.emu.Kit().Requests())
	b.emu.Kit().ForgetRequests()
	return n
}

func TestBooks(t *testing.T) {
	t.Parallel()
	b := open(t)
	ids := b.seed(130)
	if run := b.Must(); !run.FullLoad || run.Added != 131 {
		t.Fatalf("%+v %v", run, b.Problems())
	}
	if inv := b.at(ids[7]); inv.Status != "open" || inv.OpenMinor != 10000 || !inv.HasDocument || inv.Due.String() != "2026-02-15" || inv.Issued.String() != "2026-02-01" {
		t.Errorf("%+v", inv)
	}
	b.asked()
	rows := b.Rows()
	if run := b.Must(); run.Added+run.Changed+run.Gone != 0 || b.Rows() != rows {
		t.Errorf("unchanged books are a change: %+v", run)
	}

	t.Run("paid at the source", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[0], ledger.PaymentSeed{}))(t)
		must(b.emu.Pay(b.adm, ids[1], ledger.PaymentSeed{Price: "1.00"}))(t)
		must(b.emu.Pay(b.adm, ids[1], ledger.PaymentSeed{Price: "2.50"}))(t)
		b.asked()
		b.Must()
		if n := b.asked(); n > 5 {
			t.Errorf("two changes took %d requests", n)
		}
		for id, want := range map[string]int64{ids[0]: 0, ids[1]: 9650, ids[2]: 10000} {
			if inv := b.at(id); inv.OpenMinor != want || inv.TotalMinor != 10000 || (inv.Status == "paid") != (want == 0) {
				t.Errorf("%s: %s %d of %d", id, inv.Status, inv.OpenMinor, inv.TotalMinor)
			}
		}
		if n := b.Count("allocation"); n != 3 {
			t.Errorf("%d payments of invoices are known", n)
		}
	})
	t.Run("money that is not matched is no invoice", func(t *testing.T) {
		must(0, b.emu.Change(b.adm, func(tx *ledger.Tx) error {
			tx.AddPayment(&ledger.Payment{Contact: tx.A.Contacts[0].No, Amount: 5000, Currency: "EUR", Date: tx.Today()})
			return nil
		}))(t)
		if run := b.Must(); run.Added != 0 {
			t.Errorf("%+v", run)
		}
	})
	t.Run("credit note", func(t *testing.T) {
		id := must(b.emu.Credit(b.adm, ids[3], false))(t)
		b.Must()
		if inv := b.at(id); inv.Kind != "credit_note" || inv.TotalMinor != 10000 || inv.OpenMinor != 10000 {
			t.Errorf("%+v", inv)
		}
	})
	t.Run("R25 deleted at the source", func(t *testing.T) {
		entry := b.entry(ids[4])
		if err := b.emu.DeleteInvoice(b.adm, ids[4]); err != nil {
			t.Fatal(err)
		}
		if run := b.Must(); run.Gone != 1 || b.Invoice(entry).GoneAt == nil {
			t.Errorf("%+v", run)
		}
	})
	t.Run("read before a reminder", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[5], ledger.PaymentSeed{}))(t)
		entry := b.entry(ids[8])
		if err := b.emu.DeleteInvoice(b.adm, ids[8]); err != nil {
			t.Fatal(err)
		}
		b.asked()
		b.Confirm(b.entry(ids[5]), b.entry(ids[6]), entry)
		if n := b.asked(); n != 1 {
			t.Errorf("it took %d requests", n)
		}
		if paid, still, gone := b.at(ids[5]), b.at(ids[6]), b.Invoice(entry); paid.Status != "paid" || still.Status != "open" || gone.GoneAt == nil {
			t.Errorf("%s, %s, %v", paid.Status, still.Status, gone.GoneAt)
		}
	})
	t.Run("R19 the PDF", func(t *testing.T) {
		inv := b.at(ids[2])
		if err := b.Runner.FetchDocument(t.Context(), b.Tenant, inv.ID); err != nil {
			t.Fatal(err)
		}
		b.In(func(tx store.Tx) error {
			d, err := tx.DocumentOf(t.Context(), db.DocumentOfParams{SubjectID: inv.ID, Kind: "invoice"})
			if !strings.HasPrefix(string(d.Content), "%PDF-") {
				t.Errorf("%s, %d bytes", d.MediaType, len(d.Content))
			}
			return err
		})
	})
	t.Run("a division that the user lost", func(t *testing.T) {
		resp := must(http.Post(b.access(), "application/json", strings.NewReader(`{"denied":true}`)))(t)
		_ = resp.Body.Close()
		if run, err := b.Sync(); err == nil || !strings.Contains(run.Problem, "does not let this user read it") {
			t.Errorf("%+v %v", run, err)
		}
		if state, why := b.State(); state != "connected" {
			t.Errorf("the connection is %s: %s", state, why)
		}
	})
}

// access is where the emulator is told that the user lost the division.
func (b *books) access() string {
	srv := httptest.NewServer(b.emu)
	b.T.Cleanup(srv.Close)
	return srv.URL + "/_control/administrations/" + b.adm + "/access"
}

func TestHiccups(t *testing.T) {
	t.Parallel()
	const terms = "/api/v1/*/sync/Cashflow/PaymentTerms"
	for name, fault := range map[string]kit.Fault{
		"too many requests":         {Path: terms, Skip: 1, Do: kit.Status, Status: 429, RetryAfter: "1"},
		"out of order for a moment": {Path: terms, Do: kit.Status, Status: 503, Times: 2},
		"an answer that breaks off": {Path: terms, Skip: 1, Do: kit.Truncate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.seed(1100)
			b.emu.Kit().MustInject(fault)
			run, err := b.Sync()
			for range 2 {
				if err != nil {
					if run.Problem == "" || run.NextTryAt == nil {
						t.Errorf("the run is silent: %+v", run)
					}
					run, err = b.Sync()
				}
			}
			if err != nil || b.Count("invoice where status = 'open'") != 1100 {
				t.Errorf("%d invoices: %v", b.Count("invoice"), err)
			}
			if left := b.emu.Kit().Faults(); len(left) != 0 {
				t.Errorf("it did not go wrong: %+v", left)
			}
			if state, why := b.State(); state != "connected" {
				t.Errorf("the connection is %s: %s", state, why)
			}
		})
	}
}

// Exact ends the access, and gives no new one before the last half minute: we
// wait for that, and neither spend the refresh token nor give the connection up.
func TestExpiredInMidPage(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.seed(1100)
	b.emu.Kit().MustInject(kit.Fault{Path: "/api/v1/*/sync/Cashflow/PaymentTerms", Skip: 1, Do: kit.ExpireToken})
	b.asked()
	run, err := b.Sync()
	if err == nil || run.NextTryAt == nil || !strings.Contains(run.Problem, "wait") {
		t.Errorf("%+v: %v", run, err)
	}
	for _, r := range b.emu.Kit().Requests() {
		if r.Path == "/api/oauth2/token" {
			t.Error("it asked for a new token, which counts as an error at Exact")
		}
	}
	if state, why := b.State(); state != "connected" || b.Count("invoice where gone_at is not null") != 0 {
		t.Errorf("the connection is %s: %s", state, why)
	}
}

// hub takes calls as the hub's own endpoint does.
type hub struct {
	*books
	connections *sync.Connections
	refused     atomic.Int64
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	body, _ := io.ReadAll(r.Body)
	_, err := h.connections.Called(r.Context(), h.Tenant, uuid.MustParse(parts[1]), uuid.MustParse(parts[2]), sdk.WebhookCall{Method: r.Method, Header: r.Header, Body: body})
	if errors.Is(err, sdk.ErrAuth) {
		h.refused.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
	} else if err != nil {
		h.T.Errorf("a call was not followed up: %v", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	b := open(t)
	h := &hub{books: b}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	box, err := secret.Open(t.TempDir() + "/master.json")
	if err != nil {
		t.Fatal(err)
	}
	synced := make(chan bool, 16)
	b.Runner.Subscriptions = &sync.Subscriptions{URL: srv.URL + "/calls", Sealer: sync.Sealer{Box: box}}
	h.connections = &sync.Connections{Store: b.Store, Host: b.Host, Runner: b.Runner, SyncNow: func(context.Context, uuid.UUID, uuid.UUID) error {
		synced <- true
		return nil
	}}
	ids := b.seed(2)
	b.Must()
	b.Must() // asks for nothing more
	must(b.emu.Pay(b.adm, ids[1], ledger.PaymentSeed{}))(t)
	select {
	case <-synced:
	case <-time.After(20 * time.Second):
		t.Fatal("the payment never became known")
	}
	b.Must()
	if inv := b.at(ids[1]); inv.Status != "paid" {
		t.Errorf("%+v", inv)
	}
	forged := emulator.Sign([]byte(`{"Topic":"Accounts","ClientId":"hub","Division":1,"Action":"Update","Key":"x"}`), "guess")
	resp := must(http.Post(srv.URL+"/calls/"+b.Connection.String()+"/"+b.Adm.String(), "application/json", strings.NewReader(forged)))(t)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized || h.refused.Load() != 1 {
		t.Errorf("a forged call is answered with %s", resp.Status)
	}
	if err := h.connections.Remove(t.Context(), b.Tenant, b.Connection); err != nil {
		t.Fatal(err)
	}
}

// TestCost counts requests for 10,000 invoices of 1,000 debtors, of which one in
// ten is open.
func TestCost(t *testing.T) {
	if os.Getenv("VOLDAAN_COST") == "" {
		t.Skip("set VOLDAAN_COST=1 to count requests for 10,000 invoices; it takes a minute")
	}
	b := open(t)
	contacts := []string{b.contact}
	for i := range 999 {
		contacts = append(contacts, must(b.emu.SeedContact(b.adm, ledger.ContactSeed{CompanyName: fmt.Sprint("Debtor ", i)}))(t))
	}
	seeds := make([]ledger.InvoiceSeed, 10_000)
	for i := range seeds {
		seeds[i] = ledger.InvoiceSeed{Contact: contacts[i%len(contacts)], Date: date.MustParse("2026-02-01"), Total: "100.00"}
	}
	ids := must(b.emu.SeedInvoices(b.adm, seeds))(t)
	must(0, b.emu.Change(b.adm, func(tx *ledger.Tx) error {
		for i, v := range tx.A.Invoices {
			if i%10 != 0 {
				tx.AddPayment(&ledger.Payment{Contact: v.Contact, Invoice: v.No, Amount: v.Total, Currency: v.Currency, Date: tx.Today()})
			}
		}
		return nil
	}))(t)
	b.asked()
	b.Must()
	t.Logf("first load: %d requests", b.asked())
	b.Must()
	t.Logf("unchanged: %d requests", b.asked())
	b.Confirm(b.entry(ids[0]))
	t.Logf("before a reminder: %d requests", b.asked())
}
