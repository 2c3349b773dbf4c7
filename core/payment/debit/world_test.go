package debit_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

const (
	testKey    = "test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM"
	creditorID = "NL08ZZZ502057730000"
	account    = "NL20INGB0001234567"
)

// desk is a creditor that collects, with an emulated Mollie on the same clock and a
// debtor who owes 100.00 on F1, due on 16 March.
type desk struct {
	*dunningtest.World
	mollie *emulator.Server
	debits *debit.Service
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00") // a Monday
	d := &desk{World: w}
	var err error
	if d.mollie, err = emulator.New(emulator.Config{Now: w.Clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.mollie.Close)
	srv := httptest.NewServer(d.mollie)
	t.Cleanup(srv.Close)
	key, err := mollie.ParseAPIKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mollie.New(mollie.Config{Key: key, BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	box, err := secret.Open(filepath.Join(t.TempDir(), "master.json"))
	if err != nil {
		t.Fatal(err)
	}
	till := &payment.Checkouts{Store: w.Store, Provider: client, Planner: w.Planner, Clock: w.Now, Real: w.Clock}
	d.debits = &debit.Service{Store: w.Store, Real: w.Clock, Planner: w.Planner, Checkouts: till, Provider: client, Books: w.Books, Teller: w.Steps, Box: box}
	till.Follower, w.Steps.Checkouts, w.Also = d.debits, till, d.debits.InvoicesChanged
	for kind, waker := range map[matter.Kind]matter.Waker{debit.DebitMatter: debit.Debits{Service: d.debits}, debit.MandateMatter: debit.Mandates{Service: d.debits}, debit.EndMatter: debit.Ends{Service: d.debits}} {
		w.Wakers[kind] = waker
	}
	d.configure(func(*db.DebitSetting) {})
	jan := dunningtest.Debtor("jan", sdk.Business)
	w.Books.Put(jan, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 10_000))
	w.Books.Sync()
	return d
}

func (d *desk) configure(change func(*db.DebitSetting)) {
	d.T.Helper()
	var s db.DebitSetting
	d.In(func(tx store.Tx) (err error) {
		s, err = debit.Setting(context.Background(), tx, d.Adm)
		return err
	})
	s.Enabled, s.Offered, s.CreditorID = true, true, creditorID
	change(&s)
	if err := d.debits.Configure(context.Background(), d.Tenant, s, "owner"); err != nil {
		d.T.Fatal(err)
	}
}

// sign lets the debtor tick the box, for a payment of invoices or of none, and
// returns the payment.
func (d *desk) sign(numbers ...string) (payment string) {
	d.T.Helper()
	ctx := context.Background()
	var o debit.Offer
	d.In(func(tx store.Tx) error {
		jan, err := tx.Debtor(ctx, d.DebtorID("jan"))
		if err != nil {
			return err
		}
		var ok bool
		if o, ok, err = d.debits.Offer(ctx, tx, jan, "nl"); err == nil && !ok {
			d.T.Fatal("no mandate is offered")
		}
		return err
	})
	q := debit.Consent{Tenant: d.Tenant, Debtor: d.DebtorID("jan"), Method: mollie.IDEAL, Language: "nl", Reference: o.Reference, Return: func(id uuid.UUID) string { return "https://pay.test/" + id.String() }}
	for _, n := range numbers {
		q.Invoices = append(q.Invoices, d.ID(n))
	}
	if _, err := d.debits.Begin(ctx, q); err != nil {
		d.T.Fatal(err)
	}
	return d.mollie.Payments()[0].ID
}

// mandated gives a mandate with a payment of a cent.
func (d *desk) mandated() db.Mandate {
	d.T.Helper()
	id := d.sign()
	if err := d.mollie.Pay(id, emulator.PayerSeed{Name: "J. Jansen", IBAN: account}); err != nil {
		d.T.Fatal(err)
	}
	d.webhook(id)
	d.Walk("2026-03-02 07:05")
	m := d.mandate()
	if m.State != "valid" {
		d.T.Fatalf("the mandate is %s: %s", m.State, m.Why)
	}
	return m
}

func (d *desk) mandate() (m db.Mandate) {
	d.In(func(tx store.Tx) error {
		list, err := tx.MandatesOf(context.Background(), d.DebtorID("jan"))
		if len(list) > 0 {
			m = list[0]
		}
		return err
	})
	return m
}

func (d *desk) webhook(id string) {
	d.T.Helper()
	if err := d.debits.Checkouts.Webhook(context.Background(), id); err != nil {
		d.T.Fatal(err)
	}
}

// collections are those of the debtor, the first planned first.
func (d *desk) collections() (out []db.Debit) {
	d.In(func(tx store.Tx) (err error) {
		out, err = tx.DebitsOf(context.Background(), d.DebtorID("jan"))
		slices.SortFunc(out, func(a, b db.Debit) int { return a.CreatedAt.Compare(b.CreatedAt) })
		return err
	})
	return out
}

func (d *desk) only() db.Debit {
	d.T.Helper()
	all := d.collections()
	if len(all) != 1 {
		d.T.Fatalf("%d collections: %+v", len(all), all)
	}
	return all[0]
}

// bank is the newest payment at the provider.
func (d *desk) bank() emulator.Summary { return d.mollie.Payments()[0] }

func (d *desk) open(number string) (open int64) {
	d.In(func(tx store.Tx) (err error) {
		open, err = tx.OpenOf(context.Background(), d.ID(number))
		return err
	})
	return open
}

func (d *desk) payments(number string) (out []db.PaymentsOfInvoiceRow) {
	d.In(func(tx store.Tx) (err error) {
		out, err = tx.PaymentsOfInvoice(context.Background(), d.ID(number))
		return err
	})
	return out
}

func (d *desk) tasks(kind string) (n int) {
	d.In(func(tx store.Tx) error {
		list, err := tx.OpenTasks(context.Background())
		for _, task := range list {
			if task.Kind == kind {
				n++
			}
		}
		return err
	})
	return n
}

// told are the texts of a step that the debtor got.
func (d *desk) told(step string) (out []string) {
	d.In(func(tx store.Tx) error {
		rows, err := tx.Query(context.Background(), `select body_text from message where step = $1 and state = 'sent' order by created_at`, step)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			out = append(out, text)
		}
		return rows.Err()
	})
	return out
}

// reminders are the demands that went out for an invoice.
func (d *desk) reminders(number string) (out []string) {
	for _, s := range d.Sent(number) {
		if strings.HasPrefix(s, "reminder") || s == "final_reminder" {
			out = append(out, s)
		}
	}
	return out
}

func day(s string) date.Date { return date.MustParse(s) }

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil || fault.Of(err).Code != code {
		t.Errorf("%v, want %s", err, code)
	}
}
