package connecttest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
	"github.com/voldaan/voldaan/sdk/examples/acmebooks"
	"github.com/voldaan/voldaan/sdk/examples/examplestest"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/money"
)

// acme is one of the examples, connected to an Acme Books of its own.
type acme struct {
	host    *connect.Host
	conn    connect.Connection
	books   *acmebooks.Server
	company string
}

// example opens one of the examples in the real host, with the containment that
// this machine has.
func example(t *testing.T, folder string, program []byte, recipes string) *acme {
	t.Helper()
	return exampleIn(t, folder, program, recipes, func(*connect.Config) {})
}

func exampleIn(t *testing.T, folder string, program []byte, recipes string, change func(*connect.Config)) *acme {
	t.Helper()
	clock := func() time.Time { return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) }
	books, err := acmebooks.New(acmebooks.Config{Now: clock, Page: 5})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(books)
	t.Cleanup(func() { server.Close(); books.Close() })
	company, err := books.SeedAdministration(ledger.AdministrationSeed{Name: "De Korenaar"})
	if err == nil {
		err = books.Demonstrate(company)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, manifest.FileName))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	connecttest.Install(t, dir, "acme", string(text), program)
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	h := connecttest.NewHost(t, dir, func(c *connect.Config) {
		c.Recipes = recipes
		c.Egress.Overrides = map[string]string{acmebooks.Host: server.URL}
		change(c)
	})
	conn := connecttest.Connection(nil)
	conn.Connector = "acme"
	ref := token.Ref{Tenant: conn.Tenant, Connection: conn.ID}
	if err := h.Tokens().Put(t.Context(), ref, token.Credentials{Method: "key", Fields: map[string]string{"api_key": acmebooks.Key}}); err != nil {
		t.Fatal(err)
	}
	return &acme{host: h, conn: conn, books: books, company: company}
}

// stock is a sink that keeps the last state of every record.
type stock struct {
	Parties    map[string]sdk.Party
	Invoices   map[string]sdk.Invoice
	Payments   map[string]sdk.Payment
	Gone       []connect.Gone
	Complete   []sdk.Stream
	Unreadable []connect.Unreadable
	cursor     []byte
}

func (s *stock) Batch(_ context.Context, b *connect.Batch) error {
	for _, p := range b.Parties {
		s.Parties[p.ID] = p
	}
	for _, v := range b.Invoices {
		s.Invoices[v.ID] = v
	}
	for _, p := range b.Payments {
		s.Payments[p.ID] = p
	}
	s.Gone = append(s.Gone, b.Gone...)
	s.Complete = append(s.Complete, b.Complete...)
	s.Unreadable = append(s.Unreadable, b.Unreadable...)
	if b.Checkpoint != nil {
		s.cursor = b.Checkpoint
	}
	return nil
}

func (s *stock) Compare(context.Context, sdk.Stream, []sdk.Revision) ([]string, error) {
	return nil, nil
}

func (a *acme) pull(t *testing.T, r sdk.PullRequest) *stock {
	t.Helper()
	r.Administration = a.company
	s := &stock{Parties: map[string]sdk.Party{}, Invoices: map[string]sdk.Invoice{}, Payments: map[string]sdk.Payment{}}
	if err := a.host.Pull(t.Context(), a.conn, r, s); err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.Complete)
	slices.SortFunc(s.Gone, func(x, y connect.Gone) int { return strings.Compare(x.ID, y.ID) })
	return s
}

// TestOnePackageThreeWays connects the same books by a program in Go, by a manifest
// and by a program in TypeScript on Node: they read the same, and write the same.
func TestOnePackageThreeWays(t *testing.T) {
	t.Parallel()
	program := func(file string) []byte {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := story(t, example(t, examplestest.Dir("go-acme"), program(examplestest.Go(t, "sdk/examples/go-acme")), ""))
	if all := first[0]; len(all.Invoices) != 12 || len(all.Parties) != 5 || len(all.Payments) != 6 || len(all.Unreadable) != 0 {
		t.Fatalf("the program in Go reads %d invoices, %d parties, %d payments; unreadable %v", len(all.Invoices), len(all.Parties), len(all.Payments), all.Unreadable)
	}
	same := func(t *testing.T, got []*stock) {
		t.Helper()
		for i, name := range []string{"first load", "changes", "asked for"} {
			if d := cmp.Diff(first[i], got[i], cmp.AllowUnexported(date.Date{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".cursor" }, cmp.Ignore())); d != "" {
				t.Errorf("%s differs from the program in Go:\n%s", name, d)
			}
		}
	}
	t.Run("manifest", func(t *testing.T) {
		t.Parallel()
		same(t, story(t, example(t, examplestest.Dir("recipe-acme"), nil, examplestest.Go(t, "plugins/recipes"))))
	})
	t.Run("node", func(t *testing.T) {
		t.Parallel()
		same(t, story(t, example(t, examplestest.Dir("node-acme"), program(examplestest.Node(t)), "")))
	})
}

// story reads, changes the books, reads again, and tries all else that a connector
// can do; it returns what was read.
func story(t *testing.T, a *acme) []*stock {
	t.Helper()
	ctx := t.Context()
	if err := a.host.Check(ctx, a.conn); err != nil {
		t.Fatal(err)
	}
	list, err := a.host.Administrations(ctx, a.conn)
	if err != nil || len(list) != 1 || list[0].ID != a.company || list[0].Name != "De Korenaar" || list[0].Currency != "EUR" || list[0].TimeZone != "Europe/Amsterdam" {
		t.Fatalf("administrations %+v, %v", list, err)
	}
	all := a.pull(t, sdk.PullRequest{})
	var open sdk.Invoice
	for _, v := range all.Invoices {
		if v.Open == money.EUR(9680) {
			open = v
		}
	}
	a.pay(t, open)
	if err := a.books.DeleteInvoice(a.company, "2026-0006"); err != nil {
		t.Fatal(err)
	}
	changed := a.pull(t, sdk.PullRequest{Cursor: all.cursor})
	asked := a.pull(t, sdk.PullRequest{Invoices: []string{open.ID, "inv_999"}})
	if len(asked.Gone) != 1 || asked.Invoices[open.ID].Status != sdk.Paid {
		t.Errorf("asked for one that was paid and one that is gone: %+v", asked)
	}
	a.document(t, open.ID)
	a.webhook(t, open.ID)
	a.refuseTheKey(t)
	return []*stock{all, changed, asked}
}

// pay writes a payment twice, once with an answer that got lost.
func (a *acme) pay(t *testing.T, open sdk.Invoice) {
	t.Helper()
	w := sdk.Write{Key: "k1", Administration: a.company, Payment: &sdk.PaymentWrite{Invoice: open.ID, Amount: open.Open, ValueDate: date.MustParse("2026-03-02"), Reference: "tr_1"}}
	a.books.Kit().MustInject(emulator.Fault{Method: "POST", Path: "/v1/companies/*/invoices/*/payments", Do: emulator.Status, After: true, Status: http.StatusBadGateway})
	if o, err := a.host.Push(t.Context(), a.conn, w); err != nil || o.State != sdk.Uncertain {
		t.Errorf("a write without an answer: %+v, %v", o, err)
	}
	if o, err := a.host.Find(t.Context(), a.conn, w); err != nil || o.State != sdk.Applied || o.ExternalID == "" {
		t.Errorf("find: %+v, %v", o, err)
	}
	if o, err := a.host.Push(t.Context(), a.conn, w); err != nil || o.State != sdk.Applied {
		t.Errorf("again: %+v, %v", o, err)
	}
	w.Key, w.Payment.Invoice = "k2", "inv_999"
	if o, err := a.host.Push(t.Context(), a.conn, w); err != nil || o.State != sdk.Rejected || o.Message != "The invoice is not in Acme Books any more." {
		t.Errorf("on an invoice that is gone: %+v, %v", o, err)
	}
}

func (a *acme) document(t *testing.T, invoice string) {
	t.Helper()
	d, err := a.host.Document(t.Context(), a.conn, sdk.DocumentRequest{Administration: a.company, Invoice: invoice, Format: sdk.PDF})
	if err != nil || !strings.HasPrefix(string(d.Content), "%PDF") || d.ContentType != "application/pdf" {
		t.Errorf("document %q of %q with %d bytes: %v", d.Name, d.ContentType, len(d.Content), err)
	}
	if _, err := a.host.Document(t.Context(), a.conn, sdk.DocumentRequest{Administration: a.company, Invoice: "inv_999", Format: sdk.PDF}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no document: %v", err)
	}
}

// webhook subscribes twice, as after a restart, and believes signed calls only.
func (a *acme) webhook(t *testing.T, invoice string) {
	t.Helper()
	a.books.Webhooks().Hold()
	var sub sdk.Subscription
	for range 2 {
		var err error
		if sub, err = a.host.Subscribe(t.Context(), a.conn, sdk.SubscribeRequest{Administration: a.company, URL: "https://hub.example/hook"}); err != nil || len(sub.Secret) == 0 {
			t.Fatalf("subscribe: %+v, %v", sub, err)
		}
	}
	if err := a.books.SetDue(a.company, invoice[len("inv_"):], date.MustParse("2026-04-01")); err != nil {
		t.Fatal(err)
	}
	waiting := a.books.Webhooks().Waiting()
	if len(waiting) != 1 {
		t.Fatalf("%d calls wait, want 1", len(waiting))
	}
	body := []byte(waiting[0].Body)
	call := sdk.WebhookCall{Header: http.Header{"X-Acme-Signature": {acmebooks.Signature(body, string(sub.Secret))}}, Body: body}
	heard, err := a.host.Webhook(t.Context(), a.conn, call, sub.Secret)
	hints := heard.Hints
	if err != nil || len(hints) != 1 || hints[0].Stream != sdk.Invoices || hints[0].ID != invoice || hints[0].Administration != a.company || hints[0].Event == "" {
		t.Errorf("hints %+v, %v", hints, err)
	}
	call.Header.Set("X-Acme-Signature", acmebooks.Signature(body, "other"))
	if _, err := a.host.Webhook(t.Context(), a.conn, call, sub.Secret); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("a forged call: %v", err)
	}
	for range 2 {
		if err := a.host.Unsubscribe(t.Context(), a.conn, a.company, sub.ID); err != nil {
			t.Errorf("unsubscribe: %v", err)
		}
	}
}

func (a *acme) refuseTheKey(t *testing.T) {
	t.Helper()
	a.books.Kit().MustInject(emulator.Fault{Path: "/v1/companies", Do: emulator.Status, Status: http.StatusUnauthorized, Times: -1})
	if err := a.host.Check(t.Context(), a.conn); fault.Of(err).Code != "connection_unauthorised" {
		t.Errorf("a refused key: %v", err)
	}
}
