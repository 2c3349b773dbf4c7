package payment_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// desk is a creditor with a debtor who owes 100.00 on F1 and 50.00 on F2.
type desk struct {
	*dunningtest.World
	psp  *provider
	till payment.Checkouts
	bank payment.Bank
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	jan := dunningtest.Debtor("jan", sdk.Business)
	jan.IBAN = "NL20INGB0001234567"
	w.Books.Put(jan, dunningtest.Invoice("FACT-2026-0001", "jan", "2026-03-02", "2026-03-16", 10_000), dunningtest.Invoice("FACT-2026-0002", "jan", "2026-03-02", "2026-03-16", 5_000))
	w.Books.Sync()
	d := &desk{World: w, psp: &provider{payments: map[string]mollie.Payment{}}}
	d.till = payment.Checkouts{Store: w.Store, Provider: d.psp, Planner: w.Planner, Clock: w.Now, Real: w.Clock}
	d.bank = payment.Bank{Store: w.Store, Planner: w.Planner, Clock: w.Now}
	return d
}

func (d *desk) start(numbers ...string) (providerID string) {
	d.T.Helper()
	ids := make([]uuid.UUID, len(numbers))
	for i, n := range numbers {
		ids[i] = d.ID(n)
	}
	if _, err := d.till.Start(context.Background(), payment.NewCheckout{
		Tenant: d.Tenant, Debtor: d.DebtorID("jan"), Invoices: ids, Method: mollie.IDEAL, Return: func(id uuid.UUID) string { return "https://pay.test/" + id.String() },
	}); err != nil {
		d.T.Fatal(err)
	}
	return d.psp.newest
}

func (d *desk) webhook(id string) {
	d.T.Helper()
	if err := d.till.Webhook(context.Background(), id); err != nil {
		d.T.Fatal(err)
	}
}

func (d *desk) open(number string) (open int64) {
	d.In(func(tx store.Tx) (err error) {
		open, err = tx.OpenOf(context.Background(), d.ID(number))
		return err
	})
	return open
}

func (d *desk) credit() (minor int64) {
	d.In(func(tx store.Tx) error {
		rows, err := tx.LedgerCredit(context.Background(), []uuid.UUID{d.DebtorID("jan")})
		for _, r := range rows {
			minor += r.Amount
		}
		return err
	})
	return minor
}

func (d *desk) payments(number string) (out []db.PaymentsOfInvoiceRow) {
	d.In(func(tx store.Tx) (err error) {
		out, err = tx.PaymentsOfInvoice(context.Background(), d.ID(number))
		return err
	})
	return out
}

// tasks counts the open ones of a kind.
func (d *desk) behaved(kind string) (n int) {
	d.In(func(tx store.Tx) error {
		return tx.QueryRow(context.Background(), "select count(*) from behaviour_event where kind = $1", kind).Scan(&n)
	})
	return n
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

const one, two = "FACT-2026-0001", "FACT-2026-0002"

func TestCheckout(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   func(t *testing.T, d *desk)
	}{
		{"R28 R113 a payment of one invoice, told many times at once", func(t *testing.T, d *desk) {
			id := d.start(one)
			d.psp.set(id, mollie.Paid)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if err := d.till.Webhook(context.Background(), id); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if d.open(one) != 0 || d.open(two) != 5_000 || d.credit() != 0 || len(d.payments(one)) != 1 {
				t.Errorf("open %d and %d, credit %d, %d payments", d.open(one), d.open(two), d.credit(), len(d.payments(one)))
			}
			if s := d.State(one); s.Phase != "closed" || s.ClosedOn != date.MustParse("2026-03-02") {
				t.Errorf("phase %s on %s", s.Phase, s.ClosedOn)
			}
			due, err := d.Store.Door().DoorClaimOutbox(context.Background(), db.DoorClaimOutboxParams{Kinds: []string{payment.KindWriteBack}, Most: 9, Lease: time.Minute})
			if err != nil || len(due) != 1 {
				t.Errorf("the books are told %d times, %v", len(due), err)
			}
		}},
		{"R113 calls out of order leave the state of the provider", func(t *testing.T, d *desk) {
			id := d.start(one)
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			d.webhook(id) // the call for "pending" comes after that for "paid"
			if d.open(one) != 0 {
				t.Errorf("%d is open", d.open(one))
			}
		}},
		{"R113 a forged call changes nothing and fails nobody", func(t *testing.T, d *desk) {
			for _, id := range []string{"tr_doesnotexist", "'; drop table payment", "", "../v2/customers"} {
				d.webhook(id)
			}
			if d.psp.asked != 1 {
				t.Errorf("the provider was asked %d times; only what has the form of an id is worth a question", d.psp.asked)
			}
		}},
		{"R113 a call that comes before its id is stored", func(t *testing.T, d *desk) {
			d.psp.early = func(id string) {
				d.psp.set(id, mollie.Paid)
				d.webhook(id)
			}
			id := d.start(one)
			if d.open(one) != 0 {
				t.Errorf("%d is open", d.open(one))
			}
			d.webhook(id)
			if len(d.payments(one)) != 1 || d.credit() != 0 {
				t.Errorf("%d payments, credit %d", len(d.payments(one)), d.credit())
			}
		}},
		{"R32 what is paid too much is credit of the debtor", func(t *testing.T, d *desk) {
			id := d.start(one)
			d.Books.Pay(one, 7_000, date.MustParse("2026-03-02")) // by bank, meanwhile
			d.Books.Sync()
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			// The books have room for 30.00 of the 100.00.
			if d.open(one) != 0 || d.credit() != 7_000 {
				t.Errorf("open %d, credit %d", d.open(one), d.credit())
			}
		}},
		{"R26 a charge-back opens the invoice again", func(t *testing.T, d *desk) {
			id := d.start(one, two)
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			if d.State(one).Phase != "closed" || d.State(two).Phase != "closed" {
				t.Fatalf("phases %s and %s", d.State(one).Phase, d.State(two).Phase)
			}
			d.psp.chargeBack(id, 15_000)
			d.webhook(id)
			d.webhook(id)
			if d.open(one) != 10_000 || d.open(two) != 5_000 || d.credit() != 0 {
				t.Errorf("open %d and %d, credit %d", d.open(one), d.open(two), d.credit())
			}
			if s := d.State(one); s.Phase == "closed" || s.NotBeforeRule != "R26" {
				t.Errorf("phase %s, not before by %q", s.Phase, s.NotBeforeRule)
			}
			d.psp.chargeBack(id, 0) // the debtor's bank takes it back
			d.webhook(id)
			if d.open(one) != 0 || d.credit() != 0 {
				t.Errorf("after it was undone %d is open, credit %d", d.open(one), d.credit())
			}
		}},
		{"R26 a charge-back that nobody told of is found when the books drop the payment", func(t *testing.T, d *desk) {
			d.Wakers[payment.Dropped] = payment.Doubts{Checkouts: &d.till}
			id := d.start(one)
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			booked := dunningtest.Invoice(one, "jan", "2026-03-02", "2026-03-16", 10_000)
			booked.Open, booked.Status, booked.Revision = money.EUR(0), sdk.Paid, "paid"
			paid := sdk.Payment{ID: "B1", PartyID: "jan", InvoiceID: one, Amount: money.EUR(10_000), ValueDate: date.MustParse("2026-03-02"), Reference: id}
			d.Books.Apply(booksync.Batch{Invoices: []sdk.Invoice{booked}, Payments: []sdk.Payment{paid}})
			d.psp.chargeBack(id, 10_000) // and no call comes
			booked.Open, booked.Status, booked.Revision = money.EUR(10_000), sdk.Open, "open"
			d.Books.Apply(booksync.Batch{Invoices: []sdk.Invoice{booked}, Gone: map[sdk.Stream][]string{sdk.Payments: {"B1"}}})
			if d.open(one) != 0 {
				t.Errorf("%d is open before the provider was asked", d.open(one))
			}
			d.Walk("2026-03-02 07:30")
			if d.open(one) != 10_000 || d.State(one).Phase == "closed" || d.tasks("charge_back") != 1 {
				t.Errorf("open %d, phase %s, %d tasks", d.open(one), d.State(one).Phase, d.tasks("charge_back"))
			}
		}},
		{"R26 a part charged back opens exactly that part, what was settled last first", func(t *testing.T, d *desk) {
			id := d.start(one, two)
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			want := func(openOne, openTwo, credit int64) {
				t.Helper()
				if d.open(one) != openOne || d.open(two) != openTwo || d.credit() != credit {
					t.Errorf("open %d and %d, credit %d, want %d, %d and %d", d.open(one), d.open(two), d.credit(), openOne, openTwo, credit)
				}
			}
			d.psp.chargeBack(id, 4_000)
			for range 3 {
				d.webhook(id)
			}
			if total := d.open(one) + d.open(two); total != 4_000 {
				t.Fatalf("%d is open again, want 4000", total)
			}
			first := d.open(one) == 0
			d.psp.chargeBack(id, 6_000) // 20.00 more
			d.webhook(id)
			if first {
				want(1_000, 5_000, 0)
			} else {
				want(6_000, 0, 0)
			}
			d.psp.chargeBack(id, 0) // the bank takes all of it back
			d.webhook(id)
			want(0, 0, 0)
			if s := d.State(one); s.Phase != "closed" || !s.ReversedOn.IsZero() {
				t.Errorf("phase %s, to be told of %s", s.Phase, s.ReversedOn)
			}
			d.psp.chargeBack(id, 15_000)
			d.webhook(id)
			want(10_000, 5_000, 0)
		}},
		{"R26 R32 what settled nothing is charged back first", func(t *testing.T, d *desk) {
			id := d.start(one)
			d.Books.Pay(one, 7_000, date.MustParse("2026-03-02"))
			d.Books.Sync()
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			d.psp.chargeBack(id, 5_000)
			d.webhook(id)
			if d.open(one) != 0 || d.credit() != 2_000 {
				t.Errorf("open %d, credit %d", d.open(one), d.credit())
			}
		}},
		{"R26 what the books count is open again once they are corrected, and not twice", func(t *testing.T, d *desk) {
			d.Walk("2026-03-10 00:00")
			id := d.start(one)
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			d.Books.Pay(one, 10_000, date.MustParse("2026-03-02")) // the write-back of it
			d.Books.Sync()
			if d.open(one) != 0 || d.credit() != 0 {
				t.Fatalf("open %d, credit %d", d.open(one), d.credit())
			}
			d.psp.chargeBack(id, 4_000)
			d.webhook(id)
			if d.open(one) != 0 {
				t.Errorf("%d is open while the books say paid", d.open(one))
			}
			if n := d.tasks("charge_back"); n != 1 {
				t.Errorf("%d tasks, want one to correct the books", n)
			}
			d.webhook(id)
			if n := d.behaved("charge_back"); n != 1 {
				t.Errorf("%d charge-backs are held against the debtor, want one a payment", n)
			}
			d.Books.Change(one, func(i *sdk.Invoice) { i.Status, i.Open = sdk.Open, money.EUR(4_000) }) // a person lowers it to 60.00
			d.Books.Sync()
			if d.open(one) != 4_000 || d.State(one).NextStep != "payment_reversed" {
				t.Errorf("open %d, next %s", d.open(one), d.State(one).NextStep)
			}
		}},
		{"R26 the debtor is told neutrally, once, before anything else", func(t *testing.T, d *desk) {
			d.Walk("2026-03-20 00:00")
			id := d.start(one)
			d.psp.set(id, mollie.Paid)
			d.webhook(id)
			d.psp.chargeBack(id, 4_000)
			d.webhook(id)
			if s := d.State(one); s.NextStep != "payment_reversed" || s.NextRule != "R26" || s.NextAt.In(dunningtest.Amsterdam).Format("2006-01-02") != "2026-03-23" {
				t.Fatalf("next %s by %s at %v", s.NextStep, s.NextRule, s.NextAt)
			}
			d.Walk("2026-03-26 23:00")
			var told []db.Message
			for _, m := range d.Messages(one) {
				if m.Step == "payment_reversed" {
					told = append(told, m)
				}
			}
			if len(told) != 1 || !strings.Contains(told[0].BodyText, "40,00") || !strings.Contains(told[0].BodyText, "20 maart 2026") || strings.Contains(told[0].BodyText, "uiterlijk") || strings.Contains(told[0].BodyText, "herinnering") {
				t.Fatalf("%d messages: %+v", len(told), told)
			}
			if s := d.State(one); s.NextStep != "reminder_2" || s.NextAt.Before(dunningtest.At("2026-03-27 00:00")) || !s.ReversedOn.IsZero() {
				t.Errorf("next %s at %v, to be told of %s", s.NextStep, s.NextAt, s.ReversedOn)
			}
			d.psp.chargeBack(id, 5_000) // and once more
			d.webhook(id)
			d.Walk("2026-04-01 00:00")
			n := 0
			for _, m := range d.Messages(one) {
				if m.Step == "payment_reversed" && m.State == "sent" {
					n++
				}
			}
			if n != 2 {
				t.Errorf("told %d times of two charge-backs\n%s", n, strings.Join(d.Story(one), "\n"))
			}
		}},
		{"R26 a booking that is undone and done again reaches nobody", func(t *testing.T, d *desk) {
			d.Walk("2026-03-10 00:00")
			before := len(d.Messages(one))
			d.Books.Pay(one, 10_000, date.MustParse("2026-03-02"))
			d.Books.Sync()
			d.Books.Change(one, func(i *sdk.Invoice) { i.Status, i.Open = sdk.Open, money.EUR(10_000) })
			d.Books.Sync()
			if s := d.State(one); s.NextStep != "payment_reversed" || s.NextAt.Before(dunningtest.At("2026-03-11 00:00")) {
				t.Fatalf("next %s at %v", s.NextStep, s.NextAt)
			}
			d.Books.Change(one, func(i *sdk.Invoice) { i.Status, i.Open = sdk.Paid, money.EUR(0) })
			d.Books.Sync()
			d.Walk("2026-03-20 00:00")
			if n := len(d.Messages(one)); n != before {
				t.Errorf("%d messages more", n-before)
			}
		}},
		{"R6 a payment under way, then failed", func(t *testing.T, d *desk) {
			id := d.start(one)
			d.Walk("2026-03-19 00:00")
			d.psp.set(id, mollie.Pending)
			d.webhook(id)
			d.Walk("2026-03-20 00:00")
			if !d.Said(one, "held", "R6") || slices.Contains(d.Sent(one), "reminder_1") || !slices.Contains(d.Sent(two), "reminder_1") {
				t.Errorf("%v, and the other %v", d.Story(one), d.Story(two))
			}
			d.psp.set(id, mollie.Failed)
			d.webhook(id)
			if s := d.State(one); s.HeldRule != "" {
				t.Errorf("held by %q", s.HeldRule)
			}
		}},
		{"nothing is open any more", func(t *testing.T, d *desk) {
			d.Books.Pay(one, 10_000, date.MustParse("2026-03-02"))
			d.Books.Sync()
			_, err := d.till.Start(context.Background(), payment.NewCheckout{Tenant: d.Tenant, Debtor: d.DebtorID("jan"), Invoices: []uuid.UUID{d.ID(one)}, Return: func(uuid.UUID) string { return "" }})
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%v", err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.do(t, newDesk(t))
		})
	}
}

func file(t *testing.T, id string, lines ...statement.Line) *bytes.Reader {
	t.Helper()
	s, err := statement.Compose("NL91ABNA0417164300", id, id, date.MustParse("2026-03-05"), money.EUR(100), lines...)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := statement.WriteCAMT053(&out, dunningtest.At("2026-03-05 08:00"), s); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(out.Bytes())
}

func (d *desk) take(f *bytes.Reader) payment.ImportReport {
	d.T.Helper()
	rep, err := d.bank.Import(context.Background(), d.Tenant, d.Adm, "statement.xml", f)
	if err != nil {
		d.T.Fatal(err)
	}
	return rep
}

func (d *desk) lines() (out []db.BankLine) {
	d.In(func(tx store.Tx) error {
		list, err := tx.BankStatements(context.Background())
		if err != nil {
			return err
		}
		ids := make([]uuid.UUID, len(list))
		for i, s := range list {
			ids[i] = s.ID
		}
		rows, err := tx.BankLines(context.Background(), ids)
		out = rows
		return err
	})
	return out
}

func TestBank(t *testing.T) {
	t.Parallel()
	paid := func(cents int64, text, ref string) statement.Line {
		return statement.Line{Amount: money.EUR(cents), CounterpartyName: "Debtor jan", CounterpartyIBAN: "NL20INGB0001234567", Text: text, BankReference: ref}
	}
	for _, tc := range []struct {
		name string
		do   func(t *testing.T, d *desk)
	}{
		{"R28 by number, and the same statement twice", func(t *testing.T, d *desk) {
			lines := []statement.Line{paid(10_000, "factuur "+one, "B1"), paid(3_000, "deel van "+two, "B2")}
			if rep := d.take(file(t, "S1", lines...)); rep.Statements != 1 || rep.Lines != 2 || rep.Matched != 2 {
				t.Errorf("%+v", rep)
			}
			if rep := d.take(file(t, "S1", lines...)); rep.Known != 1 || rep.Lines != 0 {
				t.Errorf("again: %+v", rep)
			}
			// The bank reports the same movements in a statement of another name.
			if rep := d.take(file(t, "S2", lines...)); rep.Statements != 1 || rep.Lines != 0 {
				t.Errorf("in another statement: %+v", rep)
			}
			if d.open(one) != 0 || d.open(two) != 2_000 || d.credit() != 0 {
				t.Errorf("open %d and %d, credit %d", d.open(one), d.open(two), d.credit())
			}
			if s := d.State(one); s.Phase != "closed" || s.ClosedOn != date.MustParse("2026-03-05") {
				t.Errorf("R2: phase %s on %s", s.Phase, s.ClosedOn)
			}
		}},
		{"each line meets what the one before it left open", func(t *testing.T, d *desk) {
			rep := d.take(file(t, "S1", paid(10_000, "factuur "+one, "B1"), paid(10_000, "factuur "+one, "B2")))
			if rep.Matched != 1 || d.open(one) != 0 || d.credit() != 0 {
				t.Errorf("%+v, open %d, credit %d", rep, d.open(one), d.credit())
			}
		}},
		{"R32 too much", func(t *testing.T, d *desk) {
			d.take(file(t, "S1", paid(12_500, "factuur "+one, "B1")))
			if d.open(one) != 0 || d.credit() != 2_500 {
				t.Errorf("open %d, credit %d: %+v", d.open(one), d.credit(), d.lines())
			}
		}},
		{"a returned payment is for a person", func(t *testing.T, d *desk) {
			back := paid(-10_000, "terugboeking "+one, "B1")
			back.Reversal, back.ReturnReason = true, "MD06"
			returned := paid(10_000, "retour "+one, "B2")
			returned.ReturnReason = "AC04"
			rep := d.take(file(t, "S1", back, returned))
			if rep.Reversals != 2 || rep.Matched != 0 || d.open(one) != 10_000 {
				t.Errorf("%+v, open %d", rep, d.open(one))
			}
			for _, l := range d.lines() {
				if l.State != "reversal" {
					t.Errorf("line of %d is %s", l.AmountMinor, l.State)
				}
			}
		}},
		{"R35 a suggestion that a person confirms, once", func(t *testing.T, d *desk) {
			line := statement.Line{Amount: money.EUR(5_000), CounterpartyName: "Debtor Jan", Text: "bedankt", BankReference: "B1"}
			if rep := d.take(file(t, "S1", line)); rep.Suggested != 1 || d.open(two) != 5_000 {
				t.Fatalf("%+v: %+v", rep, d.lines())
			}
			id := d.lines()[0].ID
			if err := d.bank.Confirm(context.Background(), d.Tenant, id, "anna"); err != nil {
				t.Fatal(err)
			}
			if d.open(two) != 0 || d.lines()[0].State != "matched" {
				t.Errorf("open %d, line %s", d.open(two), d.lines()[0].State)
			}
			if err := d.bank.Confirm(context.Background(), d.Tenant, id, "anna"); !fault.Is(err, fault.Conflict) {
				t.Errorf("confirmed twice: %v", err)
			}
			if err := d.bank.Confirm(context.Background(), d.Tenant, uuid.New(), "anna"); !fault.Is(err, fault.NotFound) {
				t.Errorf("a line that is not: %v", err)
			}
		}},
		{"what nobody knows is kept and booked nowhere", func(t *testing.T, d *desk) {
			rep := d.take(file(t, "S1", statement.Line{Amount: money.EUR(777), CounterpartyName: "Someone", Text: "gift", BankReference: "B1"}, statement.Line{Amount: money.EUR(-200), Text: "bank costs", BankReference: "B2"}))
			states := []string{d.lines()[0].State, d.lines()[1].State}
			slices.Sort(states)
			if rep.Unmatched != 1 || !slices.Equal(states, []string{"ignored", "unmatched"}) {
				t.Errorf("%+v, %v", rep, states)
			}
		}},
		{"a file that is none leaves nothing", func(t *testing.T, d *desk) {
			if _, err := d.bank.Import(context.Background(), d.Tenant, d.Adm, "x", bytes.NewReader([]byte("hello"))); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v", err)
			}
		}},
		{"R2 money that the books have already is linked, not added", func(t *testing.T, d *desk) {
			d.Books.Pay(one, 4_000, date.MustParse("2026-03-05"))
			d.Books.Sync()
			d.take(file(t, "S1", paid(4_000, "factuur "+one, "B1")))
			if d.open(one) != 6_000 || d.credit() != 0 || len(d.payments(one)) != 1 {
				t.Errorf("open %d, credit %d, %d payments", d.open(one), d.credit(), len(d.payments(one)))
			}
			d.Books.Sync()
			if d.open(one) != 6_000 {
				t.Errorf("after a sync %d is open", d.open(one))
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.do(t, newDesk(t))
		})
	}
}

// TestTwoImportsAtOnce brings in files whose lines concern the same debtors in
// opposite orders, beside a sync of all of them.
func TestTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 07:00")
	bank := payment.Bank{Store: w.Store, Planner: w.Planner, Clock: w.Now}
	const n = 30
	for i := range n {
		id := fmt.Sprintf("K%04d", i)
		w.Books.Put(dunningtest.Debtor(id, sdk.Business), dunningtest.Invoice("FACT-"+id, id, "2026-03-02", "2026-03-16", 10_000))
	}
	w.Books.Sync()
	var all sync.WaitGroup
	for f := range 4 {
		var lines []statement.Line
		for i := range n {
			at := i
			if f%2 == 1 {
				at = n - 1 - i
			}
			lines = append(lines, statement.Line{Amount: money.EUR(1_000), CounterpartyName: "x", Text: fmt.Sprintf("deel FACT-K%04d", at), BankReference: fmt.Sprintf("B%d-%d", f, at)})
		}
		all.Go(func() {
			if _, err := bank.Import(context.Background(), w.Tenant, w.Adm, "s.xml", file(t, fmt.Sprint("S", f), lines...)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Go(func() {
		for i := range n {
			w.Books.Change(fmt.Sprintf("FACT-K%04d", i), func(inv *sdk.Invoice) { inv.Reference = "PO 1" })
		}
		w.Books.Sync()
	})
	all.Wait()
	w.In(func(tx store.Tx) error {
		for i := range n {
			open, err := tx.OpenOf(context.Background(), booksync.InvoiceID(w.Adm, fmt.Sprintf("FACT-K%04d", i)))
			if err != nil || open != 6_000 {
				t.Errorf("%d: %d is open, %v", i, open, err)
			}
		}
		return nil
	})
}

// provider is Mollie as checkouts see it.
type provider struct {
	mu       sync.Mutex
	payments map[string]mollie.Payment
	newest   string
	asked    int
	early    func(id string) // called before the caller learns of its payment
}

func (p *provider) CreatePayment(_ context.Context, _ string, n mollie.NewPayment) (mollie.Payment, error) {
	metadata, err := json.Marshal(n.Metadata)
	if err != nil {
		return mollie.Payment{}, err
	}
	p.mu.Lock()
	p.newest = fmt.Sprintf("tr_%d", len(p.payments))
	made := mollie.Payment{ID: p.newest, Status: mollie.Open, Amount: n.Amount, Metadata: metadata, CheckoutURL: "https://mollie.test/" + p.newest}
	p.payments[p.newest] = made
	early := p.early
	p.mu.Unlock()
	if early != nil {
		early(made.ID)
	}
	return made, nil
}

func (p *provider) GetPayment(_ context.Context, id string) (mollie.Payment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	found, ok := p.payments[id]
	if !ok {
		return mollie.Payment{}, &mollie.Error{Op: "get payment", Status: 404, Title: "Not Found"}
	}
	return found, nil
}

func (p *provider) set(id string, s mollie.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made := p.payments[id]
	if made.Status = s; s == mollie.Paid {
		made.PaidAt = dunningtest.At("2026-03-02 07:30")
	}
	p.payments[id] = made
}

func (p *provider) chargeBack(id string, cents int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	made := p.payments[id]
	made.ChargedBack = money.EUR(cents)
	p.payments[id] = made
}
