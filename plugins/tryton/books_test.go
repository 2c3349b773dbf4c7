package tryton_test

import (
	"encoding/base64"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const (
	host     = "tryton.studio.example"
	user     = "voldaan"
	password = "Zeer7Lang-x1"
)

// books are those of a company in a real Tryton, which the recipe reads into a
// database.
type books struct {
	*synctest.Bench
	*server
	t     *testing.T
	proxy *proxy
	party int
}

func open(t *testing.T) *books {
	t.Helper()
	s := begin(t)
	b := &books{server: s, t: t, proxy: newProxy(t, s.url)}
	do[args](s, "company", args{"name": "Studio Noord", "today": "2026-03-10", "user": user, "password": password})
	b.party = do[struct{ ID int }](s, "party", args{
		"name": "Bakkerij Zoet B.V.", "street": "Kade 7", "postal_code": "3511 EJ", "city": "Utrecht", "email": "a@zoet.example", "phone": "+31301234567", "vat": "NL123456789B13",
	}).ID
	srv := httptest.NewServer(b.proxy)
	t.Cleanup(srv.Close)
	dir, runtime := synctest.Recipe(t, ".")
	b.Bench = synctest.New(t, dir, "tryton", func(c *connect.Config) {
		c.Recipes = runtime
		c.Egress = broker.EgressConfig{Overrides: map[string]string{host: srv.URL}}
	})
	b.ConnectBySecret("tryton", "user", map[string]string{"url": "https://" + host + "/", "database": database, "user": user, "password": password, "payment_method": "Bank"})
	return b
}

// sold makes invoices of these prices without tax, and returns their ids. Tryton
// numbers them in the order of their days.
func (b *books) sold(day, term string, prices ...string) []string {
	b.t.Helper()
	made := do[struct{ IDs []int }](b.server, "invoices", args{"party": b.party, "date": day, "prices": prices, "term": term})
	var out []string
	for _, id := range made.IDs {
		out = append(out, strconv.Itoa(id))
	}
	return out
}

// endSession ends the connector's session.
func (b *books) endSession() {
	if n := do[int](b.server, "end", args{"file": b.file, "login": user}); n == 0 {
		b.t.Error("it had no session")
	}
}

func number(id string) int { n, _ := strconv.Atoi(id); return n }

// TestRealTryton goes through the life of books that are kept in a real Tryton
// with its own client: read, paid and changed there, and paid from here.
func TestRealTryton(t *testing.T) {
	t.Parallel()
	b := open(t)
	s := b.server
	ids := b.sold("2026-02-01", "30 days", "100", "200", "-50", "300", "400", "500")
	terms := b.sold("2026-02-01", "two parts", "1000")[0]
	b.proxy.count()

	t.Run("first load", func(t *testing.T) {
		if run := b.Must(); !run.FullLoad || run.Added != 9 { // seven invoices, the debtor and the company itself
			t.Fatalf("%+v %v", run, b.Problems())
		}
		if inv := b.Invoice(ids[0]); inv.Number != "1" || inv.Status != "open" || inv.TotalMinor != 12100 || inv.OpenMinor != 12100 || inv.Issued.String() != "2026-02-01" || inv.Due.String() != "2026-03-03" || inv.Currency != "EUR" {
			t.Errorf("%+v", inv)
		}
		if inv := b.Invoice(ids[2]); inv.Kind != "credit_note" || inv.TotalMinor != 6050 || inv.OpenMinor != 6050 {
			t.Errorf("the credit note: %+v", inv)
		}
		if inv := b.Invoice(terms); inv.OpenMinor != 121000 || inv.Due.String() != "2026-02-15" {
			t.Errorf("of two terms the first counts: %+v", inv)
		}
		if n := b.Count(`debtor where name = 'Bakkerij Zoet B.V.' and email = 'a@zoet.example' and city = 'Utrecht' and line1 = 'Kade 7' and postal_code = '3511 EJ' and kind = 'business'`); n != 1 {
			t.Error("the debtor is not as Tryton has it")
		}
		t.Logf("%d requests", b.proxy.count())
	})
	t.Run("nothing new", func(t *testing.T) {
		rows := b.Rows()
		if run := b.Must(); run.FullLoad || run.Added+run.Changed+run.Gone != 0 || b.Rows() != rows {
			t.Errorf("%+v", run)
		}
		if n := b.proxy.count(); n > 5 {
			t.Errorf("unchanged books take %d requests", n)
		}
	})
	t.Run("paid there, seen before the reminder", func(t *testing.T) {
		do[invoice](s, "pay", args{"id": number(ids[0]), "amount": "121.00", "date": "2026-02-20"})
		do[invoice](s, "pay", args{"id": number(ids[1]), "amount": "42.00", "date": "2026-02-20", "description": "bank 7"})
		b.proxy.count()
		b.Confirm(ids[0], ids[1])
		if n := b.proxy.count(); n != 1 {
			t.Errorf("the look before a reminder takes %d requests", n)
		}
		if paid, partly := b.Invoice(ids[0]), b.Invoice(ids[1]); paid.Status != "paid" || paid.OpenMinor != 0 || partly.Status != "open" || partly.OpenMinor != 20000 {
			t.Errorf("%s %d, %s %d", paid.Status, paid.OpenMinor, partly.Status, partly.OpenMinor)
		}
		if n := b.Count("payment where reference = 'bank 7' and amount_minor = 4200 and value_date = '2026-02-20'"); n != 1 {
			t.Error("the payment is not known")
		}
		if n := b.Count("collection where phase = 'closed'"); n == 0 {
			t.Error("a paid invoice is still reminded of")
		}
	})
	t.Run("a term paid there", func(t *testing.T) {
		do[invoice](s, "pay", args{"id": number(terms), "amount": "605.00", "date": "2026-02-14"})
		b.Must()
		if inv := b.Invoice(terms); inv.OpenMinor != 60500 || inv.Due.String() != "2026-03-17" {
			t.Errorf("%d open until %s, want the second term", inv.OpenMinor, inv.Due)
		}
	})
	t.Run("changed there", func(t *testing.T) {
		do[any](s, "due", args{"id": number(ids[4]), "date": "2026-06-30"})
		do[any](s, "email", args{"party": b.party, "value": "new@zoet.example"})
		b.Must()
		if inv := b.Invoice(ids[4]); inv.Due.String() != "2026-06-30" {
			t.Errorf("it is due on %s", inv.Due)
		}
		if n := b.Count("debtor where email = 'new@zoet.example'"); n != 1 {
			t.Error("the new address is not known")
		}
	})
	t.Run("credited and cancelled there", func(t *testing.T) {
		made := do[struct{ ID int }](s, "credit", args{"id": number(ids[3]), "refund": true, "date": "2026-03-01"})
		if state := do[invoice](s, "cancel", args{"id": number(ids[5])}).State; state != "cancelled" {
			t.Fatalf("it is %s", state)
		}
		b.Must()
		credited, note, cancelled := b.Invoice(ids[3]), b.Invoice(strconv.Itoa(made.ID)), b.Invoice(ids[5])
		if credited.OpenMinor != 0 || credited.Status == "open" || note.Kind != "credit_note" || note.OpenMinor != 0 || note.Status == "open" {
			t.Errorf("%s %d, %s %s %d", credited.Status, credited.OpenMinor, note.Kind, note.Status, note.OpenMinor)
		}
		if cancelled.Status != "void" || cancelled.OpenMinor != 0 {
			t.Errorf("%+v", cancelled)
		}
	})
	t.Run("R19 the PDF that Tryton keeps", func(t *testing.T) {
		if f := do[invoice](s, "look", args{"id": number(ids[1])}).Format; f == "pdf" {
			t.Log("this server makes PDFs itself")
		} else if b.Invoice(ids[1]).HasDocument {
			t.Errorf("a file of kind %s is taken for a PDF", f)
		}
		const file = "%PDF-1.4\n%%EOF\n"
		do[any](s, "file", args{"id": number(ids[1]), "pdf": base64.StdEncoding.EncodeToString([]byte(file))})
		b.Must()
		inv := b.Invoice(ids[1])
		if err := b.Runner.FetchDocument(t.Context(), b.Tenant, inv.ID); err != nil || !inv.HasDocument {
			t.Fatal(inv.HasDocument, err)
		}
		b.In(func(tx store.Tx) error {
			d, err := tx.DocumentOf(t.Context(), db.DocumentOfParams{SubjectID: inv.ID, Kind: "invoice"})
			if string(d.Content) != file {
				t.Errorf("%q", d.Content)
			}
			return err
		})
	})
	t.Run("paid from here", func(t *testing.T) { b.writeBack(t, ids[4]) })
	t.Run("a note", func(t *testing.T) {
		w := sdk.Write{Key: "n1", Note: &sdk.NoteWrite{Party: strconv.Itoa(b.party), Invoice: ids[1], Text: "Second reminder sent", Moment: b.Now()}}
		for range 2 {
			if out := b.push(t, w); out.State != sdk.Applied || out.ExternalID == "" {
				t.Errorf("%+v", out)
			}
		}
		if notes := do[[]string](s, "notes", args{"resource": "account.invoice," + ids[1]}); len(notes) != 1 || !strings.Contains(notes[0], "Second reminder") {
			t.Errorf("%q", notes)
		}
	})
	t.Run("refused", func(t *testing.T) {
		for why, w := range map[string]sdk.PaymentWrite{
			"greater than the amount to pay": {Invoice: ids[1], Amount: money.Of(999900, "EUR")},
			"The invoice is paid in Tryton":  {Invoice: ids[0], Amount: money.Of(100, "EUR")},
			"not in Tryton any more":         {Invoice: "4711", Amount: money.Of(100, "EUR")},
		} {
			w.ValueDate, w.Reference = date.MustParse("2026-03-05"), "tr_2"
			if out := b.push(t, sdk.Write{Key: "k2", Payment: &w}); out.State != sdk.Rejected || !strings.Contains(out.Message, why) {
				t.Errorf("%q: %+v", why, out)
			}
		}
	})
	t.Run("an ended session in mid-page, too many requests, a line that is cut", func(t *testing.T) {
		more := b.sold("2026-03-02", "30 days", "1", "2", "3")
		b.proxy.set(
			&trap{word: "account.invoice.search_read", before: b.endSession},
			&trap{word: "account.invoice.search_read", refuse: 429},
			&trap{word: "account.move.line.search_read", lose: true},
		)
		run, err := b.Sync()
		for range 3 {
			if err != nil {
				b.Advance(2 * time.Minute)
				run, err = b.Sync()
			}
		}
		if left := b.proxy.unsprung(); err != nil || run.Problem != "" || len(left) != 0 {
			t.Errorf("%+v: %v; %q did not happen", run, err, left)
		}
		for i, id := range more {
			if inv := b.Invoice(id); inv.Status != "open" || inv.TotalMinor != int64(121*(i+1)) {
				t.Errorf("%+v", inv)
			}
		}
		if state, why := b.State(); state != "connected" {
			t.Errorf("the connection is %s: %s", state, why)
		}
	})
	t.Run("a wrong password", func(t *testing.T) {
		do[any](s, "password", args{"login": user, "password": "Wachtzo5-Nyk"})
		b.endSession()
		if run, err := b.Sync(); err == nil {
			t.Fatalf("it lets us in: %+v", run)
		}
		if state, _ := b.State(); state == "connected" {
			t.Error("nobody is told")
		}
	})
}

// writeBack pays part of an invoice of which the answer is lost on the way, with
// a session that has just ended, and looks in Tryton how often it is there.
func (b *books) writeBack(t *testing.T, id string) {
	write := b.Received(b.Invoice(id), 4000)
	b.proxy.set(
		&trap{word: "invoice.pay.create", before: b.endSession},
		&trap{word: "invoice.pay.execute", lose: true},
	)
	tries := 0
	for err := b.Runner.WriteBack(t.Context(), b.Tenant, write); err != nil; err = b.Runner.WriteBack(t.Context(), b.Tenant, write) {
		if tries++; tries > 3 {
			t.Fatal(err)
		}
	}
	if left := b.proxy.unsprung(); len(left) != 0 {
		t.Errorf("%q did not happen", left)
	}
	there := do[invoice](b.server, "look", args{"id": number(id)})
	if there.Open != "444.00" || len(there.Payments) != 1 || there.Payments[0].Amount != "40.00" || there.Payments[0].Date != "2026-03-05" || !strings.HasPrefix(there.Payments[0].Text, "tr_1 voldaan:") {
		t.Errorf("Tryton has %+v", there)
	}
	b.Must()
	b.In(func(tx store.Tx) error {
		w, err := tx.WriteBack(t.Context(), write)
		if w.State != "applied" || w.ExternalID == "" {
			t.Errorf("it is %s: %s", w.State, w.LastError)
		}
		if err != nil {
			return err
		}
		open, err := tx.OpenOf(t.Context(), b.Invoice(id).ID)
		if inv := b.Invoice(id); inv.OpenMinor != 44400 || open != 44400 {
			t.Errorf("the books have %d open and we ask for %d", inv.OpenMinor, open)
		}
		return err
	})
}

// push writes to the books by the host.
func (b *books) push(t *testing.T, w sdk.Write) sdk.Outcome {
	t.Helper()
	conn := connect.Connection{
		Tenant: b.Tenant, ID: b.Connection, Connector: "tryton", Config: map[string]string{"url": "https://" + host, "database": database, "user": user},
	}
	w.Administration = "1"
	out, err := b.Host.Push(t.Context(), conn, w)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
