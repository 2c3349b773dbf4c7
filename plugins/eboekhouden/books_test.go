package eboekhouden_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/plugins/eboekhouden/emulator"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

const host, files = "api.e-boekhouden.nl", "files.e-boekhouden.nl"

// books is an emulated e-Boekhouden that the recipe reads into a database.
type books struct {
	*synctest.Bench
	emu     *emulator.Server
	adm     string
	contact string
}

func open(t *testing.T) *books {
	t.Helper()
	b := &books{}
	var err error
	if b.emu, err = emulator.New(emulator.Config{Now: func() time.Time { return synctest.Start }, PublicURL: "https://" + files}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(b.emu)
	t.Cleanup(srv.Close)
	dir, runtime := synctest.Recipe(t, ".")
	b.Bench = synctest.New(t, dir, "eboekhouden", func(c *connect.Config) {
		c.Recipes = runtime
		c.Egress = broker.EgressConfig{Overrides: map[string]string{host: srv.URL, files: srv.URL}}
	})
	b.adm = must(b.emu.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"}))(t)
	b.contact = must(b.emu.SeedContact(b.adm, ledger.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "a@zoet.example", City: "Ede"}))(t)
	token := must(b.emu.SeedToken(b.adm, ""))(t)
	b.ConnectBySecret("eboekhouden", "token", map[string]string{"api_token": token, "country": "nl", "bank_ledger": "1010"})
	return b
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

// seed makes invoices in the invoicing module.
func (b *books) seed(n int) []string {
	b.T.Helper()
	return b.many(n, func(int) string { return "" })
}

func (b *books) many(n int, number func(int) string) []string {
	b.T.Helper()
	seeds := make([]ledger.InvoiceSeed, n)
	for i := range seeds {
		seeds[i] = ledger.InvoiceSeed{Contact: b.contact, Number: number(i), Date: date.MustParse("2026-02-01"), Total: "100.00"}
	}
	return must(b.emu.SeedInvoices(b.adm, seeds))(b.T.(*testing.T))
}

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
	webshop := b.many(1, func(int) string { return "WEB7" })[0]
	if run := b.Must(); !run.FullLoad || run.Added != 132 {
		t.Fatalf("%+v %v", run, b.Problems())
	}
	if inv := b.Invoice(ids[7]); inv.Status != "open" || inv.OpenMinor != 10000 || !inv.HasDocument || inv.Due.String() != "2026-02-15" {
		t.Errorf("%+v", inv)
	}
	// Bookings have numbers of their own in e-Boekhouden.
	booking := "mutation-" + fmt.Sprint(5000+must(strconv.Atoi(webshop))(t))
	if inv := b.Invoice(booking); inv.Status != "open" || inv.Number != "WEB7" || inv.TotalMinor != 10000 || inv.HasDocument {
		t.Errorf("%+v", inv)
	}
	b.asked()
	rows := b.Rows()
	if run := b.Must(); run.Added+run.Changed+run.Gone != 0 || b.Rows() != rows {
		t.Errorf("unchanged books are a change: %+v", run)
	}
	if n := b.asked(); n > 8 {
		t.Errorf("unchanged books take %d requests", n)
	}

	t.Run("paid at the source", func(t *testing.T) {
		for id, price := range map[string]string{ids[0]: "", ids[1]: "1.00", webshop: ""} {
			must(b.emu.Pay(b.adm, id, ledger.PaymentSeed{Price: price}))(t)
		}
		b.Must()
		for id, want := range map[string]int64{ids[0]: 0, ids[1]: 9900, booking: 0, ids[2]: 10000} {
			if inv := b.Invoice(id); inv.OpenMinor != want || (inv.Status == "paid") != (want == 0) {
				t.Errorf("%s: %s %d", id, inv.Status, inv.OpenMinor)
			}
		}
	})
	t.Run("credit note", func(t *testing.T) {
		id := must(b.emu.Credit(b.adm, ids[3], false))(t)
		b.Must()
		if inv := b.Invoice(id); inv.Kind != "credit_note" || inv.TotalMinor != 10000 || inv.OpenMinor != 10000 {
			t.Errorf("%+v", inv)
		}
	})
	t.Run("R25 deleted at the source", func(t *testing.T) {
		if err := b.emu.DeleteInvoice(b.adm, ids[4]); err != nil {
			t.Fatal(err)
		}
		if run := b.Must(); run.Gone != 1 || b.Invoice(ids[4]).GoneAt == nil {
			t.Errorf("%+v", run)
		}
	})
	t.Run("read before a reminder", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[5], ledger.PaymentSeed{}))(t)
		if err := b.emu.ChangeContact(b.adm, b.contact, ledger.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "new@zoet.example"}); err != nil {
			t.Fatal(err)
		}
		b.asked()
		b.Confirm(ids[5], ids[6], booking)
		if n := b.asked(); n > 6 {
			t.Errorf("it took %d requests", n)
		}
		if paid, still := b.Invoice(ids[5]), b.Invoice(ids[6]); paid.Status != "paid" || still.Status != "open" {
			t.Errorf("%s, %s", paid.Status, still.Status)
		}
		if n := b.Count("debtor where email = 'new@zoet.example'"); n != 1 {
			t.Error("the new address is not known")
		}
	})
	t.Run("R19 the PDF", func(t *testing.T) {
		inv := b.Invoice(ids[2])
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
}

func TestHiccups(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]kit.Fault{
		"an expired session in mid-list": {Path: "/v1/invoice", Do: kit.ExpireToken},
		"too many requests":              {Path: "/v1/mutation/*", Do: kit.Status, Status: 429, RetryAfter: "1"},
		"out of order for a moment":      {Path: "/v1/invoice", Do: kit.Status, Status: 503, Times: 2},
		"an answer that breaks off":      {Path: "/v1/mutation/invoice/outstanding", Do: kit.Truncate},
		"an error page":                  {Path: "/v1/mutation/invoice/outstanding", Do: kit.WrongType},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.seed(30)
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
			if err != nil || b.Count("invoice where status = 'open'") != 30 {
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

// A payment of ours is booked once, although e-Boekhouden says that it failed,
// and is not counted twice when it comes back.
func TestWriteBackOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]kit.Fault{
		"502 after it took effect": {Method: "POST", Path: "/v1/mutation", Do: kit.Status, After: true, Status: 502},
		"cut after it took effect": {Method: "POST", Path: "/v1/mutation", Do: kit.Reset, After: true},
		"503 before":               {Method: "POST", Path: "/v1/mutation", Do: kit.Status, Status: 503},
		"429 before":               {Method: "POST", Path: "/v1/mutation", Do: kit.Status, Status: 429, RetryAfter: "1"},
		"expired session":          {Method: "POST", Path: "/v1/mutation", Do: kit.ExpireToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			id := b.seed(1)[0]
			b.Must()
			write := b.Received(b.Invoice(id), 4000)
			b.emu.Kit().MustInject(fault)
			tries := 0
			for err := b.Runner.WriteBack(t.Context(), b.Tenant, write); err != nil; err = b.Runner.WriteBack(t.Context(), b.Tenant, write) {
				if tries++; tries > 3 {
					t.Fatal(err)
				}
			}
			b.Must()
			b.In(func(tx store.Tx) error {
				w, err := tx.WriteBack(t.Context(), write)
				if w.State != "applied" || w.ExternalID == "" {
					t.Errorf("it is %s: %s", w.State, w.LastError)
				}
				open, err2 := tx.OpenOf(t.Context(), b.Invoice(id).ID)
				if inv := b.Invoice(id); inv.OpenMinor != 6000 || open != 6000 || err2 != nil {
					t.Errorf("the books have %d open and we ask for %d, want 6000", inv.OpenMinor, open)
				}
				return err
			})
		})
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
	b.Confirm(ids[0])
	t.Logf("before a reminder: %d requests", b.asked())
}
