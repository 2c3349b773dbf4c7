package moneybird_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk/date"
	kit "github.com/voldaan/voldaan/sdk/emulator"
)

// books is an emulated Moneybird that the connector, as a process, reads into a
// database.
type books struct {
	*synctest.Bench
	emu     *emulator.Server
	adm     string
	contact string
}

const back = "https://hub.example/connect/back"

func open(t *testing.T) *books {
	t.Helper()
	emu, err := emulator.New(emulator.Config{
		Now: func() time.Time { return synctest.Start }, PublicURL: "https://storage.moneybird.dev", Rate: kit.Rate{Limit: -1}, TokenLife: time.Hour, RotateRefresh: true,
		Clients: map[string]kit.OAuthClient{"hub": {Name: "Hub", Secret: "s3cret", RedirectURIs: []string{back}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(emu)
	t.Cleanup(func() { srv.Close(); emu.Close() })
	b := &books{emu: emu}
	b.Bench = synctest.New(t, catalogue(t), "moneybird", func(c *connect.Config) {
		c.Recipes = runtime(t)
		c.Egress = broker.EgressConfig{Overrides: map[string]string{"moneybird.com": srv.URL, "storage.moneybird.dev": srv.URL}}
		c.App = func(context.Context, string) (token.App, error) {
			return token.App{ClientID: "hub", ClientSecret: "s3cret"}, nil
		}
	})
	b.adm = must(emu.SeedAdministration(emulator.AdministrationSeed{Name: "Studio Noord"}))(t)
	b.contact = must(emu.SeedContact(b.adm, emulator.ContactSeed{CompanyName: "Bakkerij Zoet B.V.", Email: "a@zoet.example"}))(t)
	b.connect(srv.URL)
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

// connect authorises as a person would, and chooses the administration.
func (b *books) connect(emulated string) {
	t, ctx := b.T, b.T.Context()
	t.Helper()
	c := &sync.Connections{
		Store: b.Store, Host: b.Host, Runner: b.Runner,
		Schedule: func(context.Context, uuid.UUID, uuid.UUID, time.Duration, string) error { return nil },
	}
	id, err := c.Begin(ctx, b.Tenant, "moneybird", "oauth", nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.AuthorizeURL(ctx, b.Tenant, id, back, "state", "a-verifier-of-forty-three-characters-or-more-")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	form := u.Query()
	form.Set("decision", "allow")
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).PostForm(emulated+u.Path, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatalf("%s answers %s: %v", page, resp.Status, err)
	}
	if err := c.Authorize(ctx, b.Tenant, id, back, to.Query(), "a-verifier-of-forty-three-characters-or-more-"); err != nil {
		t.Fatal(err)
	}
	list, err := c.Administrations(ctx, b.Tenant, id)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	adm, err := c.Choose(ctx, b.Tenant, id, list[0])
	if err != nil {
		t.Fatal(err)
	}
	b.Use(id, adm)
}

func (b *books) seed(n int) []string {
	b.T.Helper()
	seeds := make([]emulator.InvoiceSeed, n)
	for i := range seeds {
		seeds[i] = emulator.InvoiceSeed{Contact: b.contact, Date: date.MustParse("2026-02-20"), Total: fmt.Sprint(100 + i), SendBy: "Email"}
	}
	ids, err := b.emu.SeedInvoices(b.adm, seeds)
	if err != nil {
		b.T.Fatal(err)
	}
	return ids
}

func TestBooksFromConnectingToDeletion(t *testing.T) {
	t.Parallel()
	b := open(t)
	ids := b.seed(230)
	external := must(b.emu.SeedInvoice(b.adm, emulator.InvoiceSeed{Contact: b.contact, External: true, Reference: "WEB-7", Total: "50.00", Date: date.MustParse("2026-02-20")}))(t)
	if run := b.Must(); !run.FullLoad || run.Added != 232 {
		t.Fatalf("%+v", run)
	}
	if inv := b.Invoice(ids[7]); inv.Status != "open" || inv.OpenMinor != 10700 || inv.SentAt == nil || !inv.HasDocument {
		t.Errorf("%+v", inv)
	}
	if n := b.Count("collection where next_step = 'reminder_1' and held_rule = ''"); n != 230 {
		t.Errorf("%d of 230 invoices that Moneybird sent go on with a reminder", n)
	}
	rows := b.Rows()
	if run := b.Must(); run.FullLoad || run.Added+run.Changed+run.Gone != 0 || b.Rows() != rows {
		t.Errorf("unchanged books are a change: %+v", run)
	}
	t.Run("paid at the source", func(t *testing.T) {
		must(b.emu.Pay(b.adm, ids[0], emulator.PaymentSeed{}))(t)
		must(b.emu.Pay(b.adm, ids[1], emulator.PaymentSeed{Price: "1.00"}))(t)
		if run := b.Must(); run.Changed < 2 || run.Gone != 0 {
			t.Errorf("%+v", run)
		}
		if paid, partly := b.Invoice(ids[0]), b.Invoice(ids[1]); paid.Status != "paid" || paid.OpenMinor != 0 || partly.Status != "open" || partly.OpenMinor != 10000 {
			t.Errorf("%s %d, %s %d", paid.Status, paid.OpenMinor, partly.Status, partly.OpenMinor)
		}
		if n := b.Count("collection where phase = 'closed' and closed_why <> ''"); n != 1 {
			t.Errorf("%d invoices are closed", n)
		}
	})
	t.Run("R25 deleted at the source", func(t *testing.T) {
		if err := b.emu.DeleteInvoice(b.adm, external); err != nil {
			t.Fatal(err)
		}
		if run := b.Must(); run.Gone != 1 {
			t.Errorf("%+v", run)
		}
		inv := b.Invoice("external-" + external)
		if inv.GoneAt == nil {
			t.Errorf("%+v", inv)
		}
		if n := b.Count("collection where invoice_id = '" + inv.ID.String() + "' and (phase = 'closed' or held_rule = 'R25')"); n != 1 {
			t.Error("what was deleted is reminded of")
		}
	})
	t.Run("R19 the PDF", func(t *testing.T) {
		inv := b.Invoice(ids[2])
		for range 2 {
			if err := b.Runner.FetchDocument(t.Context(), b.Tenant, inv.ID); err != nil {
				t.Fatal(err)
			}
		}
		b.In(func(tx store.Tx) error {
			d, err := tx.DocumentOf(t.Context(), db.DocumentOfParams{SubjectID: inv.ID, Kind: "invoice"})
			if !strings.HasPrefix(string(d.Content), "%PDF-") || d.MediaType != "application/pdf" {
				t.Errorf("%s, %d bytes", d.MediaType, len(d.Content))
			}
			return err
		})
		if n := b.Count("document"); n != 1 {
			t.Errorf("it is stored %d times", n)
		}
	})
}

// What goes wrong for a moment is nobody's concern: it is tried again within the
// same run, and the books end up as they are.
func TestBooksWithHiccups(t *testing.T) {
	t.Parallel()
	const page = "/api/v2/*/sales_invoices/synchronization.json"
	for name, fault := range map[string]kit.Fault{
		"an expired token in mid-page":     {Method: "POST", Path: page, Skip: 1, Do: kit.ExpireToken},
		"too many requests":                {Method: "POST", Path: page, Skip: 1, Do: kit.Status, Status: 429, RetryAfter: "1"},
		"out of order for a moment":        {Path: "/api/v2/*/synchronization.json", Do: kit.Status, Status: 503, Times: 2},
		"an answer that breaks off":        {Path: "/api/v2/*/synchronization.json", Skip: 1, Do: kit.Truncate},
		"a line that is cut":               {Path: "/api/v2/*/synchronization.json", Do: kit.Reset},
		"an expired token at the very end": {Path: "/api/v2/*/external_sales_invoices/synchronization.json", Do: kit.ExpireToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.seed(230)
			b.emu.Kit().MustInject(fault)
			run, err := b.Sync()
			for range 2 { // a page that is asked for with POST is the next run's
				if err != nil {
					if run.Problem == "" || run.NextTryAt == nil {
						t.Errorf("the run is silent: %+v", run)
					}
					run, err = b.Sync()
				}
			}
			if err != nil || b.Count("invoice") != 230 || b.Count("debtor") != 1 {
				t.Errorf("%d invoices: %v", b.Count("invoice"), err)
			}
			if left := b.emu.Kit().Faults(); len(left) != 0 {
				t.Errorf("it did not go wrong: %+v", left)
			}
			b.In(func(tx store.Tx) error {
				c, err := tx.Connection(t.Context(), b.Connection)
				if c.State != "connected" {
					t.Errorf("the connection is %s: %s", c.State, c.StateReason)
				}
				return err
			})
		})
	}
}

func TestBooksOutOfOrder(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.seed(230)
	b.emu.Kit().MustInject(kit.Fault{Path: "/api/v2/*/sales_invoices/*", Skip: 2, Times: -1, Do: kit.Status, Status: 502})
	run, err := b.Sync()
	if err == nil || run.State != "failed" || !strings.Contains(run.Problem, "Moneybird asks us to wait") || run.NextTryAt == nil {
		t.Fatalf("%+v: %v", run, err)
	}
	kept := b.Count("invoice")
	if kept == 230 {
		t.Fatal("nothing went wrong")
	}
	if n := b.Count("invoice where gone_at is not null"); n != 0 {
		t.Errorf("%d invoices are taken for deleted", n)
	}
	b.In(func(tx store.Tx) error {
		adm, err := tx.Administration(t.Context(), b.Adm)
		if adm.ConfirmedAt != nil {
			t.Errorf("R5: books that were not read whole are fresh of %v", adm.ConfirmedAt)
		}
		return err
	})
	b.emu.Kit().ClearFaults()
	if run = b.Must(); b.Count("invoice") != 230 || int(run.Added) > 231-kept {
		t.Errorf("%d invoices, %+v after %d", b.Count("invoice"), run, kept)
	}
	t.Run("revoked", func(t *testing.T) {
		b.emu.OAuth().RevokeAll()
		run, err := b.Sync()
		if err == nil || run.Problem != "Moneybird does not let us in any more. Connect it again on the marketplace page." || run.NextTryAt != nil {
			t.Errorf("%+v: %v", run, err)
		}
	})
}

// A payment of ours is booked once, although the package says that it failed,
// and it is not counted twice when it comes back.
func TestWriteBackOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]kit.Fault{
		"502 after it took effect": {Method: "POST", Path: "*/payments.json", Do: kit.Status, After: true, Status: 502},
		"cut after it took effect": {Method: "POST", Path: "*/payments.json", Do: kit.Reset, After: true},
		"503 before":               {Method: "POST", Path: "*/payments.json", Do: kit.Status, Status: 503},
		"429 before":               {Method: "POST", Path: "*/payments.json", Do: kit.Status, Status: 429, RetryAfter: "1"},
		"expired token":            {Method: "POST", Path: "*/payments.json", Do: kit.ExpireToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			id := b.seed(1)[0]
			b.Must()
			write := b.received(b.Invoice(id), 4000)
			b.emu.Kit().MustInject(fault)
			tries := 0
			for err := b.Runner.WriteBack(t.Context(), b.Tenant, write); err != nil; err = b.Runner.WriteBack(t.Context(), b.Tenant, write) {
				if tries++; tries > 3 {
					t.Fatal(err)
				}
			}
			if err := b.Runner.WriteBack(t.Context(), b.Tenant, write); err != nil { // once more is harmless
				t.Fatal(err)
			}
			b.In(func(tx store.Tx) error {
				w, err := tx.WriteBack(t.Context(), write)
				if w.State != "applied" || w.ExternalID == "" {
					t.Errorf("it is %s: %s", w.State, w.LastError)
				}
				return err
			})
			b.Must()
			if inv := b.Invoice(id); inv.OpenMinor != 6000 {
				t.Errorf("the books have %d open, want 6000", inv.OpenMinor)
			}
			b.In(func(tx store.Tx) error {
				open, err := tx.OpenOf(t.Context(), b.Invoice(id).ID)
				if open != 6000 {
					t.Errorf("we ask for %d, want 6000", open)
				}
				return err
			})
		})
	}
}

// received records money that came in through us, to be told to the books.
func (b *books) received(inv db.Invoice, cents int64) uuid.UUID {
	b.T.Helper()
	ctx, pay, write := b.T.Context(), uuid.New(), uuid.New()
	day := date.MustParse("2026-03-05")
	b.In(func(tx store.Tx) error {
		if _, err := tx.PutPayment(ctx, db.PutPaymentParams{
			ID: pay, TenantID: b.Tenant, AdministrationID: b.Adm, Source: "mollie", ExternalID: "tr_1", State: "booked", Currency: "EUR", AmountMinor: cents,
			ValueDate: day, Reference: "tr_1", SeenAt: b.Now(),
		}); err != nil {
			return err
		}
		if err := tx.AddAllocation(ctx, db.AddAllocationParams{
			ID: uuid.New(), TenantID: b.Tenant, PaymentID: pay, InvoiceID: inv.ID, Kind: "principal", AmountMinor: cents, Method: "designation", CreatedAt: b.Now(),
		}); err != nil {
			return err
		}
		return tx.AddWriteBack(ctx, db.AddWriteBackParams{
			ID: write, TenantID: b.Tenant, AdministrationID: b.Adm, PaymentID: pay, InvoiceID: inv.ID, AmountMinor: cents, Currency: "EUR", ValueDate: day, Reference: "tr_1", UpdatedAt: b.Now(),
		})
	})
	return write
}
