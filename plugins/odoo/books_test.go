package odoo_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/plugins/odoo/emulator"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
	"github.com/voldaan/voldaan/sdk/manifest"
)

const host = "studio.odoo.com"

// books is an emulated Odoo that the recipe reads into a database.
type books struct {
	*synctest.Bench
	emu     *emulator.Server
	adm     string
	contact string
	form    map[string]string
}

// open connects with an Odoo of a version, by one of the two ways to sign in.
func open(t *testing.T, version int, method string) *books {
	t.Helper()
	b := &books{}
	var err error
	if b.emu, err = emulator.New(emulator.Config{Now: func() time.Time { return b.now() }, PublicURL: "https://" + host, Version: version}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.emu.Close)
	srv := httptest.NewServer(b.emu)
	t.Cleanup(srv.Close)
	b.adm = must(b.emu.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord", Country: "NL"}))(t)
	b.contact = must(b.emu.SeedContact(b.adm, ledger.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "a@zoet.example", City: "Ede", Country: "NL"}))(t)
	key := must(b.emu.SeedKey("", false))(t)
	dir, runtime := synctest.Recipe(t, ".")
	b.Bench = synctest.New(t, dir, "odoo", func(c *connect.Config) {
		c.Recipes = runtime
		c.Budget = plenty{}
		c.Egress = broker.EgressConfig{Overrides: map[string]string{host: srv.URL}}
	})
	b.form = map[string]string{"url": "https://" + host + "/", "database": "odoo", "user": "bot", "api_key": key}
	b.ConnectBySecret("odoo", method, b.form)
	return b
}

// plenty is a budget without limits: that of Odoo Online would make tests wait.
type plenty struct{}

func (plenty) Acquire(ctx context.Context, _ budget.Spender, _ []manifest.Limit, _, _ string) (budget.Permit, error) {
	return plenty{}, ctx.Err()
}

func (plenty) Done(int, http.Header) {}

func (b *books) now() time.Time {
	if b.Bench == nil {
		return synctest.Start
	}
	return b.Now()
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

func (b *books) seed(n int) []string {
	b.T.Helper()
	seeds := make([]ledger.InvoiceSeed, n)
	for i := range seeds {
		seeds[i] = ledger.InvoiceSeed{Contact: b.contact, Date: date.MustParse("2026-02-01"), Total: "100.10"}
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
	for name, with := range map[string]struct {
		version int
		method  string
	}{"JSON-RPC, version 16": {16, "key"}, "JSON-2, version 19": {19, "bearer"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live(t, open(t, with.version, with.method))
		})
	}
}

func live(t *testing.T, b *books) {
	ids := b.seed(530)
	b.asked()
	if run := b.Must(); !run.FullLoad || run.Added != 531 {
		t.Fatalf("%+v %v", run, b.Problems())
	}
	t.Logf("a first load of 530 invoices takes %d requests", b.asked())
	if inv := b.Invoice(ids[7]); inv.Status != "open" || inv.OpenMinor != 10010 || !inv.HasDocument || inv.Issued.String() != "2026-02-01" || inv.Due.IsZero() || inv.Number == "" {
		t.Errorf("%+v", inv)
	}
	rows := b.Rows()
	if run := b.Must(); run.FullLoad || run.Added+run.Changed+run.Gone != 0 || b.Rows() != rows {
		t.Errorf("unchanged books are a change: %+v", run)
	}
	b.Advance(time.Hour) // beyond the overlap
	b.asked()
	b.Must()
	t.Logf("nothing new takes %d requests", b.asked())

	t.Run("paid at the source", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[0], ledger.PaymentSeed{}))(t)
		must(b.emu.Pay(b.adm, ids[1], ledger.PaymentSeed{Price: "1.10", Text: "bank 7"}))(t)
		b.Must()
		if paid, partly := b.Invoice(ids[0]), b.Invoice(ids[1]); paid.Status != "paid" || paid.OpenMinor != 0 || partly.Status != "open" || partly.OpenMinor != 9900 {
			t.Errorf("%s %d, %s %d", paid.Status, paid.OpenMinor, partly.Status, partly.OpenMinor)
		}
		if n := b.Count("payment where amount_minor = 110 and source = 'books'"); n != 1 {
			t.Error("the payment is not known")
		}
	})
	t.Run("credit note", func(t *testing.T) {
		loose := must(b.emu.Credit(b.adm, ids[2], false))(t)
		settled := must(b.emu.Credit(b.adm, ids[3], true))(t)
		b.Must()
		if inv := b.Invoice(loose); inv.Kind != "credit_note" || inv.TotalMinor != 10010 || inv.OpenMinor != 10010 {
			t.Errorf("%+v", inv)
		}
		if note, inv := b.Invoice(settled), b.Invoice(ids[3]); note.OpenMinor != 0 || inv.Status != "paid" {
			t.Errorf("%+v %+v", note, inv)
		}
	})
	t.Run("cancelled and deleted", func(t *testing.T) {
		if err := b.emu.Void(b.adm, ids[4]); err != nil {
			t.Fatal(err)
		}
		b.Must()
		if inv := b.Invoice(ids[4]); inv.Status != "void" || inv.OpenMinor != 0 {
			t.Errorf("%+v", inv)
		}
		// Odoo deletes drafts only; who goes through the database can do it all the same.
		if err := b.emu.DeleteInvoice(b.adm, ids[5]); err != nil {
			t.Fatal(err)
		}
		b.Confirm(ids[5], ids[6])
		if b.Invoice(ids[5]).GoneAt == nil || b.Invoice(ids[6]).GoneAt != nil {
			t.Error("the wrong one is gone")
		}
	})
	t.Run("read before a reminder", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[8], ledger.PaymentSeed{}))(t)
		b.asked()
		b.Confirm(ids[8], ids[9])
		if n := b.asked(); n != 1 {
			t.Errorf("it took %d requests", n)
		}
		if paid, still := b.Invoice(ids[8]), b.Invoice(ids[9]); paid.Status != "paid" || still.Status != "open" {
			t.Errorf("%s, %s", paid.Status, still.Status)
		}
	})
	t.Run("R19 the PDF", func(t *testing.T) {
		inv := b.Invoice(ids[10])
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
	t.Run("a note", func(t *testing.T) {
		conn := connect.Connection{Tenant: b.Tenant, ID: b.Connection, Connector: "odoo", Config: b.config()}
		w := sdk.Write{Key: "n1", Administration: "1", Note: &sdk.NoteWrite{Party: b.contact, Invoice: ids[9], Text: "Second reminder sent", Moment: b.Now()}}
		for range 2 {
			if out, err := b.Host.Push(t.Context(), conn, w); err != nil || out.State != sdk.Applied || out.ExternalID == "" {
				t.Errorf("%+v: %v", out, err)
			}
		}
		list := must(b.emu.Summaries(b.adm))(t)
		for _, v := range list {
			if v.ID == ids[9] && v.Notes != 1 {
				t.Errorf("%d notes", v.Notes)
			}
		}
	})
}

// config is what the connection is told, without secrets.
func (b *books) config() map[string]string {
	config := map[string]string{}
	b.In(func(tx store.Tx) error {
		row, err := tx.Connection(b.T.Context(), b.Connection)
		if err == nil {
			err = json.Unmarshal(row.Config, &config)
		}
		return err
	})
	return config
}

func TestHiccups(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]kit.Fault{
		"too many requests":         {Method: "POST", Path: "/jsonrpc", Skip: 1, Do: kit.Status, Status: 429, RetryAfter: "1"},
		"out of order for a moment": {Path: "/jsonrpc", Do: kit.Status, Status: 503, Times: 2},
		"an answer that breaks off": {Path: "/jsonrpc", Skip: 2, Do: kit.Truncate},
		"a line that is cut":        {Path: "/jsonrpc", Skip: 1, Do: kit.Reset},
		"an error page":             {Path: "/jsonrpc", Skip: 1, Do: kit.WrongType},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, 17, "key")
			b.seed(530)
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
			if err != nil || b.Count("invoice where status = 'open'") != 530 {
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

// A key that ends in mid-page needs a person, and nothing is taken for deleted.
func TestKeyExpires(t *testing.T) {
	t.Parallel()
	for method, path := range map[string]string{"key": "/jsonrpc", "bearer": "/json/2/account.move/*"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			b := open(t, 19, method)
			b.seed(530)
			b.emu.Kit().MustInject(kit.Fault{Method: "POST", Path: path, Skip: 1, Do: kit.ExpireToken})
			run, err := b.Sync()
			if err == nil || !strings.Contains(run.Problem, "Connect it again") || run.NextTryAt != nil {
				t.Errorf("%+v: %v", run, err)
			}
			if n := b.Count("invoice where gone_at is not null"); n != 0 {
				t.Errorf("%d invoices are taken for deleted", n)
			}
		})
	}
}

// A payment of ours is registered once, although Odoo says that it failed, and is
// not counted twice when it comes back.
func TestWriteBackOnce(t *testing.T) {
	t.Parallel()
	const pay = "/json/2/account.payment.register/action_create_payments"
	for name, fault := range map[string]kit.Fault{
		"502 after it took effect": {Method: "POST", Path: pay, Do: kit.Status, After: true, Status: 502},
		"cut after it took effect": {Method: "POST", Path: pay, Do: kit.Reset, After: true},
		"503 before":               {Method: "POST", Path: pay, Do: kit.Status, Status: 503},
		"429 before":               {Method: "POST", Path: pay, Do: kit.Status, Status: 429, RetryAfter: "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, 19, "bearer")
			b.emu.Kit().MustInject(fault)
			writeBack(t, b)
		})
	}
	t.Run("JSON-RPC, version 17", func(t *testing.T) {
		t.Parallel()
		writeBack(t, open(t, 17, "key"))
	})
}

func writeBack(t *testing.T, b *books) {
	id := b.seed(1)[0]
	b.Must()
	write := b.Received(b.Invoice(id), 4000)
	tries := 0
	for err := b.Runner.WriteBack(t.Context(), b.Tenant, write); err != nil; err = b.Runner.WriteBack(t.Context(), b.Tenant, write) {
		if tries++; tries > 3 {
			t.Fatal(err)
		}
	}
	b.Must()
	if left := b.emu.Kit().Faults(); len(left) != 0 {
		t.Errorf("it did not go wrong: %+v", left)
	}
	b.In(func(tx store.Tx) error {
		w, err := tx.WriteBack(t.Context(), write)
		if w.State != "applied" || w.ExternalID == "" {
			t.Errorf("it is %s: %s", w.State, w.LastError)
		}
		open, err2 := tx.OpenOf(t.Context(), b.Invoice(id).ID)
		if inv := b.Invoice(id); inv.OpenMinor != 6010 || open != 6010 || err2 != nil {
			t.Errorf("the books have %d open and we ask for %d, want 6010", inv.OpenMinor, open)
		}
		return err
	})
}
