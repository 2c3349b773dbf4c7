package payment_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// charge books a fee of 2.50 for a reminder of an invoice.
func (d *desk) charge(number string, message uuid.UUID) {
	d.T.Helper()
	d.In(func(tx store.Tx) error {
		return fee.Charge(context.Background(), tx, fee.New{
			Administration: d.Adm, Invoice: d.ID(number), Message: message, Law: "DE", On: date.MustParse("2026-03-02"), At: d.Clock.Now(),
			Fee: law.Fee{Amount: money.EUR(250), Basis: law.Basis{Citations: []law.Citation{{Article: "par. 280 BGB"}}}},
		})
	})
}

func (d *desk) fees(number string) (a fee.Account) {
	d.In(func(tx store.Tx) (err error) {
		a, err = fee.OfInvoice(context.Background(), tx, d.ID(number))
		return err
	})
	return a
}

// adds up what was asked, paid, credited and is open of the invoices.
func (d *desk) adds(t *testing.T) {
	t.Helper()
	d.In(func(tx store.Tx) error {
		var total, open, paid int64
		if err := tx.QueryRow(context.Background(), `select sum(i.total_minor)::bigint, sum(i.open_minor)::bigint, coalesce((select sum(a.amount_minor) from allocation a join payment p on p.id = a.payment_id
			where a.kind = 'principal' and a.reversed_at is null and a.reflected_at is null and p.state = 'booked'), 0)::bigint from invoice i where i.kind = 'invoice' and i.status in ('open', 'paid')`).Scan(&total, &open, &paid); err != nil {
			return err
		}
		if total == 5_000 {
			return nil // the other one was cancelled
		}
		if got := d.open(one) + d.open(two); total != paid+got || open-paid != got {
			t.Errorf("invoices of %d are not the %d paid and the %d open; the books have %d", total, paid, got, open)
		}
		return nil
	})
}

func TestFees(t *testing.T) {
	t.Parallel()
	paid := func(cents int64, text, ref string) statement.Line {
		return statement.Line{Amount: money.EUR(cents), CounterpartyName: "Debtor jan", CounterpartyIBAN: "NL20INGB0001234567", Text: text, BankReference: ref}
	}
	for _, tc := range []struct {
		name string
		do   func(t *testing.T, d *desk)
	}{
		{"R30 R32 a payment settles the invoice first, and the fee from what is left", func(t *testing.T, d *desk) {
			d.take(file(t, "S1", paid(10_250, "factuur "+one, "B1")))
			if a := d.fees(one); d.open(one) != 0 || a.Paid != 250 || a.Open().Positive() || d.credit() != 0 || d.tasks(fee.Task) != 0 {
				t.Errorf("open %d, fees %+v, credit %d", d.open(one), a, d.credit())
			}
		}},
		{"R30 a payment of the invoice alone leaves the fee, and nobody is reminded of it", func(t *testing.T, d *desk) {
			d.take(file(t, "S1", paid(10_000, "factuur "+one, "B1")))
			if a := d.fees(one); d.open(one) != 0 || a.Paid != 0 || a.Open() != money.EUR(250) || d.State(one).Phase != "closed" || d.State(one).NextStep != "" {
				t.Errorf("open %d, fees %+v, %+v", d.open(one), a, d.State(one))
			}
			if d.tasks(fee.Task) != 1 {
				t.Error("no person is asked about what is left")
			}
			// It is paid later, with the number of the invoice.
			d.take(file(t, "S2", paid(250, "kosten "+one, "B2")))
			if a := d.fees(one); a.Paid != 250 || d.credit() != 0 || d.tasks(fee.Task) != 0 {
				t.Errorf("fees %+v, credit %d", a, d.credit())
			}
		}},
		{"R29 a part of the invoice pays no fee", func(t *testing.T, d *desk) {
			d.take(file(t, "S1", paid(5_250, "factuur "+one, "B1")))
			if a := d.fees(one); d.open(one) != 4_750 || a.Paid != 0 {
				t.Errorf("open %d, fees %+v", d.open(one), a)
			}
		}},
		{"R1 one message costs once", func(t *testing.T, d *desk) {
			again := uuid.New()
			d.charge(two, again)
			d.charge(two, again)
			if a := d.fees(two); a.Charged != 250 {
				t.Errorf("fees %+v", a)
			}
		}},
		{"R104 waived, paid by the books, and owed again", func(t *testing.T, d *desk) {
			ctx := context.Background()
			waive := func(why string) error {
				return d.Store.In(ctx, d.Tenant, func(tx store.Tx) error { return d.Planner.WaiveFees(ctx, tx, d.ID(one), why, "anna") })
			}
			if err := waive(" "); !fault.Is(err, fault.Invalid) {
				t.Errorf("a waiver without a reason: %v", err)
			}
			if err := waive("A good customer"); err != nil {
				t.Fatal(err)
			}
			if a := d.fees(one); a.Waived != 250 || a.Open().Positive() {
				t.Errorf("fees %+v", a)
			}
			if err := waive("Twice"); !fault.Is(err, fault.Conflict) {
				t.Errorf("a second waiver: %v", err)
			}
			d.take(file(t, "S1", paid(10_250, "factuur "+one, "B1")))
			if d.credit() != 250 || d.fees(one).Paid != 0 {
				t.Errorf("credit %d: what is waived was paid", d.credit())
			}
			d.In(func(tx store.Tx) error { return d.Planner.RestoreFees(ctx, tx, d.ID(one), "", "anna") })
			if a := d.fees(one); a.Waived != 0 || a.Paid != 250 || d.credit() != 0 {
				t.Errorf("fees %+v, credit %d after it was undone", a, d.credit())
			}
			err := d.Store.In(ctx, d.Tenant, func(tx store.Tx) error { return d.Planner.RestoreFees(ctx, tx, d.ID(one), "", "anna") })
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("undone twice: %v", err)
			}
			d.In(func(tx store.Tx) error {
				list, err := fee.Entries(ctx, tx, d.ID(one))
				if err == nil && (len(list) != 3 || list[1].Why != "A good customer" || list[1].By != "anna") {
					t.Errorf("entries %+v", list)
				}
				return err
			})
		}},
		{"R27 an invoice that the books cancel costs nothing", func(t *testing.T, d *desk) {
			d.Books.Change(one, func(i *sdk.Invoice) { i.Status, i.Open = sdk.Void, money.EUR(0) })
			d.Books.Sync()
			if a := d.fees(one); a.Open().Positive() {
				t.Errorf("fees %+v", a)
			}
		}},
		{"R26 a payment that is taken back opens the fee again", func(t *testing.T, d *desk) {
			ctx := context.Background()
			r := payment.Receipt{
				ID: uuid.New(), Administration: d.Adm, Debtor: uuid.NullUUID{UUID: d.DebtorID("jan"), Valid: true}, Source: "manual", ExternalID: "M1", Amount: money.EUR(10_250),
				ValueDate: date.MustParse("2026-03-02"), SeenAt: d.Clock.Now(), Allocations: []payment.Allocation{{Invoice: d.ID(one), Amount: money.EUR(10_000), Method: "person"}},
			}
			d.In(func(tx store.Tx) error { return payment.Elsewhere(ctx, tx, d.Planner, r) })
			if a := d.fees(one); a.Paid != 250 {
				t.Fatalf("fees %+v", a)
			}
			d.In(func(tx store.Tx) error { return payment.TakeBack(ctx, tx, d.Planner, r) })
			if a := d.fees(one); a.Paid != 0 || a.Open() != money.EUR(250) || d.open(one) != 10_000 {
				t.Errorf("fees %+v, open %d", a, d.open(one))
			}
		}},
		{"R30 the portal takes the fee with the invoice, or alone", func(t *testing.T, d *desk) {
			ctx := context.Background()
			pay := func(want int64, ids ...uuid.UUID) {
				if _, err := d.till.Start(ctx, payment.NewCheckout{Tenant: d.Tenant, Debtor: d.DebtorID("jan"), Invoices: ids, Method: mollie.IDEAL, Return: func(uuid.UUID) string { return "https://pay.test/" }}); err != nil {
					t.Fatal(err)
				}
				if got := d.psp.payments[d.psp.newest].Amount; got != money.EUR(want) {
					t.Errorf("asked %s, want %d", got, want)
				}
				d.psp.set(d.psp.newest, mollie.Paid)
				d.webhook(d.psp.newest)
			}
			d.charge(two, uuid.New())
			pay(10_250, d.ID(one), d.fees(one).Item())
			if a := d.fees(one); d.open(one) != 0 || a.Paid != 250 || d.credit() != 0 {
				t.Errorf("open %d, fees %+v, credit %d", d.open(one), a, d.credit())
			}
			pay(250, d.fees(two).Item())
			if a := d.fees(two); d.open(two) != 5_000 || a.Paid != 250 || d.credit() != 0 {
				t.Errorf("open %d, fees %+v, credit %d", d.open(two), a, d.credit())
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.charge(one, uuid.New())
			tc.do(t, d)
			d.adds(t)
		})
	}
}
