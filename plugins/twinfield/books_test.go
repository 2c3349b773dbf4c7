package twinfield_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/plugins/twinfield/emulator"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

const login, cluster = "login.twinfield.com", "accounting2.twinfield.com"

// books is an emulated Twinfield that the recipe reads into a database.
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
	if b.emu, err = emulator.New(emulator.Config{
		Now: func() time.Time { return b.now() }, ClusterURL: "https://" + cluster,
		Clients: map[string]kit.OAuthClient{"hub": {Name: "Hub", Secret: "s3cret", RedirectURIs: []string{synctest.Back}}},
	}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(b.emu)
	t.Cleanup(srv.Close)
	b.adm = must(b.emu.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"}))(t)
	b.contact = must(b.emu.SeedContact(b.adm, ledger.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "a@zoet.example", City: "Ede", IBAN: "NL91ABNA0417164300"}))(t)
	dir, runtime := synctest.Recipe(t, ".")
	b.Bench = synctest.New(t, dir, "twinfield", func(c *connect.Config) {
		c.Recipes = runtime
		c.Egress = broker.EgressConfig{Overrides: map[string]string{login: srv.URL, cluster: srv.URL}}
		c.App = func(context.Context, string) (token.App, error) {
			return token.App{ClientID: "hub", ClientSecret: "s3cret"}, nil
		}
	})
	b.ConnectByPage("twinfield", "oauth", map[string]string{"journals": "VRK, VRK2", "payment_journal": "MEMO", "payment_ledger": "1250"}, srv.URL)
	return b
}

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

// seed makes invoices; their ids are those of Twinfield's transactions.
func (b *books) seed(n int) (ids, codes []string) {
	b.T.Helper()
	seeds := make([]ledger.InvoiceSeed, n)
	for i := range seeds {
		seeds[i] = ledger.InvoiceSeed{Contact: b.contact, Date: date.MustParse("2026-02-01"), Total: "100.10"}
	}
	ids = must(b.emu.SeedInvoices(b.adm, seeds))(b.T.(*testing.T))
	for _, id := range ids {
		codes = append(codes, transaction(id))
	}
	return ids, codes
}

// transaction is the key of an invoice of 2026.
func transaction(no string) string { return "VRK-2026" + "00000"[:5-len(no)] + no }

// asked counts the requests since the last time.
func (b *books) asked() int {
	n := len(b.emu.Kit().Requests())
	b.emu.Kit().ForgetRequests()
	return n
}

func TestBooks(t *testing.T) {
	t.Parallel()
	b := open(t)
	ids, codes := b.seed(230)
	b.asked()
	if run := b.Must(); !run.FullLoad || run.Added != 231 {
		t.Fatalf("%+v %v", run, b.Problems())
	}
	t.Logf("a first load of 230 invoices takes %d requests", b.asked())
	if inv := b.Invoice(codes[7]); inv.Status != "open" || inv.OpenMinor != 10010 || inv.TotalMinor != 10010 || inv.Issued.String() != "2026-02-01" || inv.Due.IsZero() || inv.Number == "" || inv.HasDocument {
		t.Errorf("%+v", inv)
	}
	if n := b.Count("debtor where name = 'Bakkerij Zoet B.V.' and email = 'a@zoet.example' and iban = 'NL91ABNA0417164300' and city = 'Ede'"); n != 1 {
		t.Error("the debtor is not as Twinfield has it")
	}
	b.Advance(time.Hour)
	b.asked()
	rows := b.Rows()
	if run := b.Must(); run.FullLoad || run.Added+run.Changed+run.Gone != 0 || b.Rows() != rows {
		t.Errorf("unchanged books are a change: %+v", run)
	}
	t.Logf("nothing new takes %d requests", b.asked())

	t.Run("paid and matched at the source", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[0], ledger.PaymentSeed{}))(t)
		must(b.emu.Pay(b.adm, ids[1], ledger.PaymentSeed{Price: "1.10", Text: "bank 7"}))(t)
		b.Must()
		if paid, partly := b.Invoice(codes[0]), b.Invoice(codes[1]); paid.Status != "paid" || paid.OpenMinor != 0 || partly.Status != "open" || partly.OpenMinor != 9900 {
			t.Errorf("%s %d, %s %d", paid.Status, paid.OpenMinor, partly.Status, partly.OpenMinor)
		}
		if n := b.Count("payment where amount_minor = 110 and source = 'books' and reference = 'bank 7'"); n != 1 {
			t.Errorf("the payment is not known: %v", b.Problems())
		}
	})
	t.Run("unmatched again", func(t *testing.T) {
		if err := b.emu.Unpay(b.adm, ids[0], ""); err != nil {
			t.Fatal(err)
		}
		b.Must()
		if inv := b.Invoice(codes[0]); inv.Status != "open" || inv.OpenMinor != 10010 {
			t.Errorf("%s %d", inv.Status, inv.OpenMinor)
		}
	})
	t.Run("credit note", func(t *testing.T) {
		note := must(b.emu.Credit(b.adm, ids[2], false))(t)
		b.Must()
		if inv := b.Invoice(transaction(note)); inv.Kind != "credit_note" || inv.TotalMinor != 10010 || inv.OpenMinor != 10010 {
			t.Errorf("%+v", inv)
		}
	})
	t.Run("R25 deleted at the source", func(t *testing.T) {
		if err := b.emu.DeleteInvoice(b.adm, ids[3]); err != nil {
			t.Fatal(err)
		}
		if run := b.Must(); run.Gone != 1 || b.Invoice(codes[3]).GoneAt == nil {
			t.Errorf("%+v", run)
		}
		if err := b.emu.DeleteInvoice(b.adm, ids[4]); err != nil {
			t.Fatal(err)
		}
		b.Confirm(codes[4])
		if b.Invoice(codes[4]).GoneAt == nil {
			t.Error("it is still there")
		}
	})
	t.Run("read before a reminder", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[5], ledger.PaymentSeed{}))(t)
		b.asked()
		b.Confirm(codes[5], codes[6])
		if n := b.asked(); n != 2 {
			t.Errorf("it took %d requests", n)
		}
		if paid, still := b.Invoice(codes[5]), b.Invoice(codes[6]); paid.Status != "paid" || still.Status != "open" {
			t.Errorf("%s, %s", paid.Status, still.Status)
		}
	})
}

func TestHiccups(t *testing.T) {
	t.Parallel()
	const xml = "/webservices/processxml.asmx"
	for name, fault := range map[string]kit.Fault{
		"an expired token in mid-list": {Path: xml, Skip: 1, Do: kit.ExpireToken},
		"too many requests":            {Path: xml, Skip: 2, Do: kit.Status, Status: 429, RetryAfter: "1"},
		"out of order for a moment":    {Path: xml, Do: kit.Status, Status: 503, Times: 2},
		"an answer that breaks off":    {Path: xml, Skip: 2, Do: kit.Truncate},
		"an error page":                {Path: xml, Skip: 3, Do: kit.WrongType},
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

// A payment of ours is booked and matched once, although Twinfield says that it
// failed, and is not counted twice when it comes back.
func TestWriteBackOnce(t *testing.T) {
	t.Parallel()
	// The look, the invoice, then the transaction.
	const path, before = "/webservices/processxml.asmx", 2
	for name, fault := range map[string]kit.Fault{
		"502 after it took effect": {Path: path, Skip: before, Do: kit.Status, After: true, Status: 502},
		"cut after it took effect": {Path: path, Skip: before, Do: kit.Reset, After: true},
		"503 before":               {Path: path, Skip: before, Do: kit.Status, Status: 503},
		"429 before":               {Path: path, Skip: before, Do: kit.Status, Status: 429, RetryAfter: "1"},
		"expired token":            {Path: path, Skip: before, Do: kit.ExpireToken},
		"no match at first":        {Path: path, Skip: before + 1, Do: kit.Status, Status: 503},
		"the match's answer lost":  {Path: path, Skip: before + 1, Do: kit.Reset, After: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			_, codes := b.seed(1)
			b.Must()
			write := b.Received(b.Invoice(codes[0]), 4000)
			b.emu.Kit().MustInject(fault)
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
				open, err2 := tx.OpenOf(t.Context(), b.Invoice(codes[0]).ID)
				if inv := b.Invoice(codes[0]); inv.OpenMinor != 6010 || open != 6010 || err2 != nil {
					t.Errorf("the books have %d open and we ask for %d, want 6010", inv.OpenMinor, open)
				}
				return err
			})
		})
	}
}
