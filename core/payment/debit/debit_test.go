package debit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"

	kit "github.com/voldaan/voldaan/sdk/emulator"
)

func play(t *testing.T, cases []scene) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.do(t, newDesk(t))
		})
	}
}

type scene struct {
	name string
	do   func(t *testing.T, d *desk)
}

func TestMandates(t *testing.T) {
	t.Parallel()
	play(t, []scene{
		{"R92 the payment of an invoice gives the mandate", func(t *testing.T, d *desk) {
			id := d.sign("F1")
			m := d.mandate()
			if m.State != "pending" || m.SignedOn != day("2026-03-02") || !strings.Contains(m.Wording, creditorID) || !strings.Contains(m.Wording, m.Reference) || !strings.Contains(m.Wording, "acht weken") {
				t.Errorf("%+v", m)
			}
			if err := d.mollie.Pay(id, emulator.PayerSeed{Name: "J. Jansen", IBAN: account}); err != nil {
				t.Fatal(err)
			}
			for range 2 { // R113
				d.webhook(id)
			}
			d.Walk("2026-03-02 07:05")
			m = d.mandate()
			if m.State != "valid" || m.AccountLast != "4567" || m.ProviderReference == "" || strings.Contains(string(m.SealedAccount), account) || len(m.SealedAccount) == 0 {
				t.Errorf("%+v", m)
			}
			if d.open("F1") != 0 || len(d.payments("F1")) != 1 || len(d.collections()) != 0 {
				t.Errorf("%d open, %d payments, %d collections", d.open("F1"), len(d.payments("F1")), len(d.collections()))
			}
		}},
		{"R92 a first payment that fails gives none", func(t *testing.T, d *desk) {
			for _, end := range []func(string) error{func(id string) error { return d.mollie.Fail(id, "") }, d.mollie.Cancel, d.mollie.Expire} {
				id := d.sign("F1")
				if err := end(id); err != nil {
					t.Fatal(err)
				}
				d.webhook(id)
				if m := d.mandate(); m.State != "not_given" {
					t.Errorf("%s: %s", m.State, m.Why)
				}
				d.Clock.Set(d.Clock.Now().Add(time.Second))
			}
			d.Walk("2026-03-10 00:00")
			if len(d.collections()) != 0 || d.open("F1") != 10_000 {
				t.Errorf("%d collections", len(d.collections()))
			}
		}},
		{"R92 a webhook that never came, and an account that came late", func(t *testing.T, d *desk) {
			id := d.sign()
			if err := d.mollie.Pay(id, emulator.PayerSeed{Late: true, IBAN: account}); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-03-05 00:00")
			if m := d.mandate(); m.State != "pending" {
				t.Fatalf("%s", m.State)
			}
			if err := d.mollie.ConfirmMandate(d.providerMandate(id)); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-03-06 12:00")
			if m := d.mandate(); m.State != "valid" {
				t.Fatalf("%s", m.State)
			}
		}},
		{"R40 the cent that confirms one is given back, and is no credit", func(t *testing.T, d *desk) {
			d.mandated()
			p, err := d.debits.Checkouts.Provider.GetPayment(context.Background(), d.bank().ID)
			if err != nil || p.Amount != money.EUR(1) || p.Refunded != money.EUR(1) || d.credit() != 0 {
				t.Errorf("%+v, %v; credit %d", p, err, d.credit())
			}
			d.Walk("2026-03-12 12:00")
			if d.credit() != 0 {
				t.Errorf("credit %d", d.credit())
			}
		}},
		{"one mandate at a time, and the text that was read", func(t *testing.T, d *desk) {
			d.mandated()
			_, err := d.debits.Begin(context.Background(), debit.Consent{Tenant: d.Tenant, Debtor: d.DebtorID("jan"), Method: "ideal", Language: "nl", Reference: "VD-OTHER", Return: nil})
			refused(t, err, "mandate_changed")
		}},
		{"R90 the debtor withdraws it: nothing queued is collected, and new terms begin", func(t *testing.T, d *desk) {
			m := d.mandated()
			d.Walk("2026-03-12 12:00")
			if c := d.only(); c.State != "announced" || d.State("F1").HeldRule != "R83" {
				t.Fatalf("%+v, held by %s", c, d.State("F1").HeldRule)
			}
			if err := d.debits.Revoke(context.Background(), d.Tenant, m.ID, "debtor"); err != nil {
				t.Fatal(err)
			}
			c := d.only()
			if c.State != "cancelled" || c.ReasonRule != "R90" || c.PayBy != day("2026-03-26") {
				t.Errorf("%+v", c)
			}
			if s := d.State("F1"); s.HeldRule != "" || s.NotBeforeRule != "R90" || s.NotBefore != day("2026-03-27") {
				t.Errorf("held by %q, not before %s by %s", s.HeldRule, s.NotBefore, s.NotBeforeRule)
			}
			d.Walk("2026-03-26 23:00")
			if got := d.told("mandate_ended"); len(got) != 1 || !strings.Contains(got[0], "26 maart 2026") || !strings.Contains(got[0], "100,00") {
				t.Errorf("told %q", got)
			}
			if n := len(d.reminders("F1")); n != 0 || len(d.mollie.Payments()) != 1 {
				t.Errorf("%d reminders, %d payments at the provider", n, len(d.mollie.Payments()))
			}
			d.Walk("2026-03-28 00:00")
			if n := len(d.reminders("F1")); n != 1 {
				t.Errorf("%d reminders after the new term\n%s", n, strings.Join(d.Story("F1"), "\n"))
			}
			refused(t, d.debits.Revoke(context.Background(), d.Tenant, m.ID, "debtor"), "mandate_ended")
		}},
		{"R90 what is at the provider and not at the bank yet is taken back", func(t *testing.T, d *desk) {
			m := d.mandated()
			d.Walk("2026-03-13 12:00")
			if c := d.only(); c.State != "submitted" {
				t.Fatalf("%+v", c)
			}
			if err := d.debits.Revoke(context.Background(), d.Tenant, m.ID, "an"); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-03-25 00:00")
			if c := d.only(); c.State != "cancelled" || d.open("F1") != 10_000 || d.State("F1").NotBeforeRule != "R90" {
				t.Errorf("%+v, %d open", c, d.open("F1"))
			}
		}},
		{"R90 the provider has it no longer", func(t *testing.T, d *desk) {
			m := d.mandated()
			d.Walk("2026-03-12 12:00")
			if err := d.mollie.EndMandate(m.ProviderID); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-03-20 00:00")
			if m := d.mandate(); m.State != "revoked" || d.only().State != "cancelled" || len(d.mollie.Payments()) != 1 {
				t.Errorf("mandate %s, collection %s, %d payments", m.State, d.only().State, len(d.mollie.Payments()))
			}
		}},
	})
}

// providerMandate is the mandate of a first payment.
func (d *desk) providerMandate(payment string) string {
	d.T.Helper()
	p, err := d.debits.Checkouts.Provider.GetPayment(context.Background(), payment)
	if err != nil {
		d.T.Fatal(err)
	}
	return p.MandateID
}

func TestCollections(t *testing.T) {
	t.Parallel()
	play(t, []scene{
		{"R84 an announcement by letter is posted so that it is there in time", func(t *testing.T, d *desk) {
			jan := dunningtest.Debtor("jan", sdk.Business)
			jan.Email = ""
			d.Books.Put(jan)
			d.Books.Sync()
			d.mandated()
			if c := d.only(); c.State != "scheduled" || c.CollectOn != day("2026-03-23") {
				t.Fatalf("%+v", c) // 14 days and 5 for the post is Saturday 21 March
			}
			d.Walk("2026-03-02 18:00")
			c := d.only()
			if c.State != "announced" || c.CollectOn.DaysSince(c.AnnouncedOn) < 14+dunning.PostDays {
				t.Fatalf("%+v", c)
			}
			letters := 0
			for _, m := range d.Messages("F1") {
				if m.Step == "debit_notice" && m.Channel == "letter" && strings.Contains(m.BodyText, "23 maart 2026") {
					letters++
				}
			}
			if letters != 1 {
				t.Errorf("%d letters say it", letters)
			}
		}},
		{"R83 R84 announced, collected, paid, and never reminded", func(t *testing.T, d *desk) {
			d.mandated()
			c := d.only()
			if c.State != "scheduled" || c.CollectOn != day("2026-03-16") || c.AmountMinor != 10_000 {
				t.Fatalf("%+v", c)
			}
			d.Walk("2026-03-02 18:00")
			c = d.only()
			if c.State != "announced" || c.AnnouncedOn != day("2026-03-02") || c.CollectOn.DaysSince(c.AnnouncedOn) < 14 {
				t.Fatalf("%+v", c)
			}
			notice := d.told("debit_notice")
			if len(notice) != 1 {
				t.Fatalf("%d announcements", len(notice))
			}
			for _, want := range []string{"100,00", "16 maart 2026", creditorID, d.mandate().ProviderReference, "4567"} {
				if !strings.Contains(notice[0], want) {
					t.Errorf("the announcement does not say %s:\n%s", want, notice[0])
				}
			}
			d.Walk("2026-03-16 12:00")
			if c = d.only(); c.State != "submitted" || d.bank().Method != "directdebit" || d.bank().Amount != money.EUR(10_000) {
				t.Fatalf("%+v, %+v", c, d.bank())
			}
			d.Walk("2026-03-30 00:00")
			if c = d.only(); c.State != "paid" || c.SettledOn.IsZero() || c.BankReference == "" || d.open("F1") != 0 || d.State("F1").Phase != "closed" {
				t.Errorf("%+v, %d open, phase %s", c, d.open("F1"), d.State("F1").Phase)
			}
			if n := d.reminders("F1"); len(n) != 0 || !d.Said("F1", "held", "R83") {
				t.Errorf("reminded %v\n%s", n, strings.Join(d.Story("F1"), "\n"))
			}
			due, err := d.Store.Door().DoorClaimOutbox(context.Background(), db.DoorClaimOutboxParams{Kinds: []string{payment.KindWriteBack}, Most: 9, Lease: time.Minute})
			if err != nil || len(due) != 1 {
				t.Errorf("the books are told %d times, %v", len(due), err)
			}
			d.Books.Pay("F1", 10_000, c.SettledOn) // the write-back of it
			d.Books.Sync()
			if d.open("F1") != 0 || d.credit() != 0 {
				t.Errorf("counted twice: open %d, credit %d", d.open("F1"), d.credit())
			}
		}},
		{"D3 what was paid online is found before it is collected, though no webhook told", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-02 18:00")
			if _, err := d.debits.Checkouts.Start(context.Background(), payment.NewCheckout{
				Tenant: d.Tenant, Debtor: d.DebtorID("jan"), Invoices: []uuid.UUID{d.ID("F1")}, Method: mollie.IDEAL, Locale: "nl_NL", Return: func(id uuid.UUID) string { return "https://pay.test/" + id.String() },
			}); err != nil {
				t.Fatal(err)
			}
			online := d.bank().ID
			if err := d.mollie.Pay(online, emulator.PayerSeed{Name: "J. Jansen", IBAN: account}); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-03-18 12:00")
			if c := d.only(); c.State != "cancelled" || d.bank().ID != online || d.open("F1") != 0 {
				t.Errorf("%+v, and the last payment is %+v with %d open", c, d.bank(), d.open("F1"))
			}
		}},
		{"R83 R6 a payment under way at the provider is not collected as well", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-12 12:00")
			if _, err := d.debits.Checkouts.Start(context.Background(), payment.NewCheckout{
				Tenant: d.Tenant, Debtor: d.DebtorID("jan"), Invoices: []uuid.UUID{d.ID("F1")}, Method: mollie.IDEAL, Return: func(id uuid.UUID) string { return "https://pay.test/" + id.String() },
			}); err != nil {
				t.Fatal(err)
			}
			d.In(func(tx store.Tx) error {
				_, err := tx.Exec(context.Background(), `update checkout set state = 'pending', provider_id = '' where method = 'ideal' and state = 'open'`)
				return err
			})
			d.Walk("2026-03-18 00:00")
			if c := d.only(); c.State != "cancelled" || !strings.Contains(c.Why, "R6") || d.open("F1") != 10_000 {
				t.Errorf("%+v, %d open", c, d.open("F1"))
			}
		}},
		{"R83 R84 the notice takes the collection past the due date, and no reminder comes in between", func(t *testing.T, d *desk) {
			d.mandated()
			d.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-06", 5_000))
			d.Books.Sync()
			i := slices.IndexFunc(d.collections(), func(c db.Debit) bool { return c.AmountMinor == 5_000 })
			if c := d.collections()[i]; c.CollectOn != day("2026-03-16") {
				t.Fatalf("%+v", c)
			}
			d.Walk("2026-03-24 00:00")
			if n := d.reminders("F2"); len(n) != 0 || d.open("F2") != 0 {
				t.Errorf("reminded %v, %d open", n, d.open("F2"))
			}
		}},
		{"R84 a term that was agreed on stays agreed on", func(t *testing.T, d *desk) {
			d.configure(func(s *db.DebitSetting) { s.LeadDays = 3 })
			d.mandated()
			d.configure(func(s *db.DebitSetting) { s.LeadDays = 14 })
			d.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-06", 5_000))
			d.Books.Sync()
			if c := d.collections(); !slices.ContainsFunc(c, func(c db.Debit) bool { return c.AmountMinor == 5_000 && c.CollectOn == day("2026-03-06") }) {
				t.Errorf("%+v", c)
			}
		}},
		{"R84 no address, no collection", func(t *testing.T, d *desk) {
			d.configure(func(s *db.DebitSetting) { s.Enabled = false })
			d.mandated()
			d.In(func(tx store.Tx) error {
				_, err := tx.Exec(context.Background(), `update debtor set email = '', line1 = ''`)
				return err
			})
			if err := d.debits.Collect(context.Background(), d.Tenant, d.ID("F1"), "an"); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-03-03 00:00")
			if c := d.only(); c.State != "cancelled" || d.tasks("debit_untold") != 1 {
				t.Errorf("%+v, %d tasks", c, d.tasks("debit_untold"))
			}
		}},
		{"what was paid since the last sync is not collected", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-12 00:00")
			d.Books.Pay("F1", 10_000, day("2026-03-11")) // no sync
			d.Walk("2026-03-20 00:00")
			if c := d.only(); c.State != "cancelled" || len(d.mollie.Payments()) != 1 {
				t.Errorf("%+v, %d payments", c, len(d.mollie.Payments()))
			}
		}},
		{"only the rest is collected when a part was paid", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-12 00:00")
			d.Books.Pay("F1", 4_000, day("2026-03-11"))
			d.Walk("2026-03-20 00:00")
			if c := d.only(); c.State != "paid" || c.AmountMinor != 6_000 || d.open("F1") != 0 || d.bank().Amount != money.EUR(6_000) {
				t.Errorf("%+v, %d open, collected %s", c, d.open("F1"), d.bank().Amount)
			}
		}},
		{"R21 R84 a due date that moves later takes the collection along, announced again", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-12 00:00") // announced for 16 March
			d.Books.Change("F1", func(i *sdk.Invoice) { i.Due = day("2026-04-30") })
			d.Books.Sync()
			d.Walk("2026-04-13 00:00")
			if c := d.only(); c.State != "scheduled" || c.CollectOn != day("2026-04-30") || d.open("F1") != 10_000 || len(d.mollie.Payments()) != 1 {
				t.Fatalf("%+v, %d open, %d payments", c, d.open("F1"), len(d.mollie.Payments()))
			}
			d.Walk("2026-05-08 00:00")
			told := d.told("debit_notice")
			if c := d.only(); c.State != "paid" || d.open("F1") != 0 || len(told) != 2 || !strings.Contains(told[1], "30 april 2026") || len(d.reminders("F1")) != 0 {
				t.Errorf("%+v, %d open, reminded %v, told %q", c, d.open("F1"), d.reminders("F1"), told)
			}
		}},
		{"R24 an invoice that the books move to another debtor is not collected of the first", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-12 00:00")
			d.Books.Put(dunningtest.Debtor("piet", sdk.Business))
			d.Books.Change("F1", func(i *sdk.Invoice) { i.PartyID = "piet" })
			d.Books.Sync()
			d.Walk("2026-03-20 00:00")
			if c := d.only(); c.State != "cancelled" || len(d.mollie.Payments()) != 1 {
				t.Errorf("%+v, %d payments", c, len(d.mollie.Payments()))
			}
		}},
		{"R70 R75 what is disputed or on a plan is not collected", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-12 00:00")
			d.In(func(tx store.Tx) error {
				_, err := d.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: d.ID("F1"), Reason: receivable.OnPlan, By: "an"})
				return err
			})
			d.Walk("2026-03-20 00:00")
			if c := d.only(); c.State != "cancelled" || len(d.mollie.Payments()) != 1 || d.State("F1").HeldRule != "R75" {
				t.Errorf("%+v, held by %s", c, d.State("F1").HeldRule)
			}
		}},
		{"limits of a collection and of a month", func(t *testing.T, d *desk) {
			d.configure(func(s *db.DebitSetting) { s.LimitMinor, s.MonthMinor = 12_000, 15_000 })
			d.mandated()
			d.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-16", 5_000), dunningtest.Invoice("F3", "jan", "2026-03-02", "2026-03-16", 1_000), dunningtest.Invoice("F4", "jan", "2026-03-02", "2026-04-20", 13_000))
			d.Books.Sync()
			sum := int64(0)
			for _, c := range d.collections() {
				sum += c.AmountMinor
			}
			if sum > 15_000 || d.tasks("debit_limit") != 2 {
				t.Errorf("%d is collected in March, %d tasks", sum, d.tasks("debit_limit"))
			}
		}},
		{"off for a debtor", func(t *testing.T, d *desk) {
			d.mandated()
			if err := d.debits.Choose(context.Background(), d.Tenant, d.DebtorID("jan"), "off", "an"); err != nil {
				t.Fatal(err)
			}
			if c := d.only(); c.State != "cancelled" {
				t.Errorf("%+v", c)
			}
			d.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-30", 5_000))
			d.Books.Sync()
			d.only()
		}},
		{"R113 webhooks twice, out of order and at once leave one payment", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-16 12:00")
			d.webhook(d.bank().ID) // before there is an outcome
			d.Clock.Set(dunningtest.At("2026-03-18 12:00"))
			var all sync.WaitGroup
			for range 6 {
				all.Go(func() {
					if err := d.debits.Checkouts.Webhook(context.Background(), d.bank().ID); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if d.open("F1") != 0 || len(d.payments("F1")) != 1 || d.only().State != "paid" {
				t.Errorf("%d open, %d payments, %s", d.open("F1"), len(d.payments("F1")), d.only().State)
			}
		}},
		{"R9 an answer that was lost does not collect twice", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-13 08:00")
			d.Clock.Set(dunningtest.At("2026-03-13 09:00"))
			d.mollie.Kit().MustInject(kit.Fault{Method: "POST", Path: "/v2/payments", Do: kit.Truncate})
			err := debit.Debits{Service: d.debits}.Wake(context.Background(), d.Tenant, d.only().ID)
			if err == nil {
				t.Fatal("a broken answer went unnoticed")
			}
			if c := d.only(); c.State != "announced" || len(d.mollie.Payments()) != 2 {
				t.Fatalf("%+v, %d payments", c, len(d.mollie.Payments()))
			}
			d.Walk("2026-03-20 00:00")
			if c := d.only(); c.State != "paid" || len(d.mollie.Payments()) != 2 || len(d.payments("F1")) != 1 {
				t.Errorf("%+v, %d payments at the provider, %d of the invoice", c, len(d.mollie.Payments()), len(d.payments("F1")))
			}
		}},
		{"books that do not answer", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-13 08:00")
			d.Clock.Set(dunningtest.At("2026-03-13 09:00"))
			d.Books.Down(errors.New("closed for maintenance"))
			if err := (debit.Debits{Service: d.debits}).Wake(context.Background(), d.Tenant, d.only().ID); err == nil || len(d.mollie.Payments()) != 1 {
				t.Errorf("collected blindly: %v, %d payments", err, len(d.mollie.Payments()))
			}
		}},
	})
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

func TestRefusals(t *testing.T) {
	t.Parallel()
	refuse := func(t *testing.T, d *desk, seed emulator.RefusalSeed) {
		t.Helper()
		if err := d.mollie.Refuse(seed); err != nil {
			t.Fatal(err)
		}
	}
	cases := []scene{
		{"R85 no money: tried once more on a better day, and not reminded while it waits", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: "AM04"})
			d.mandated()
			d.Walk("2026-03-20 00:00")
			all := d.collections()
			if len(all) != 2 || all[0].State != "failed" || !all[0].WillRetry || all[0].ReasonRule != "R85" {
				t.Fatalf("%+v", all)
			}
			if again := all[1]; again.Attempt != 2 || again.CollectOn != day("2026-03-26") || again.State != "announced" || d.State("F1").HeldRule != "R83" {
				t.Errorf("%+v, held by %q", again, d.State("F1").HeldRule)
			}
			if got := d.told("debit_retry"); len(got) != 1 || !strings.Contains(got[0], "26 maart 2026") || !strings.Contains(got[0], creditorID) {
				t.Errorf("told %q", got)
			}
			d.Walk("2026-04-10 00:00")
			all = d.collections()
			if all[1].State != "paid" || all[0].WillRetry || d.open("F1") != 0 || len(d.reminders("F1")) != 0 {
				t.Errorf("%+v, %d open, reminded %v", all, d.open("F1"), d.reminders("F1"))
			}
		}},
		{"R85 R86 no money twice: to be transferred, with a fresh term", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: "AM04", Times: 3})
			d.mandated()
			d.Walk("2026-03-31 00:00")
			all := d.collections()
			if len(all) != 2 || all[1].State != "failed" || all[0].WillRetry || all[1].WillRetry || d.mandate().State != "valid" {
				t.Fatalf("%+v, mandate %s", all, d.mandate().State)
			}
			if got := d.told("debit_failed"); len(got) != 1 || !strings.Contains(got[0], "13 april 2026") {
				t.Errorf("told %q; pay by %s", got, all[1].PayBy)
			}
			d.Walk("2026-04-13 23:00")
			if n := d.reminders("F1"); len(n) != 0 {
				t.Errorf("reminded within the fresh term: %v", n)
			}
			d.Walk("2026-04-16 00:00")
			if n := d.reminders("F1"); len(n) != 1 {
				t.Errorf("reminded %v\n%s", n, strings.Join(d.Story("F1"), "\n"))
			}
		}},
		{"R85 returned for lack of money after it was paid", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: "AM04", Returned: true, Days: 2})
			d.mandated()
			d.Walk("2026-03-18 12:00")
			if d.open("F1") != 0 {
				t.Fatalf("%d open", d.open("F1"))
			}
			d.Walk("2026-03-20 12:00")
			d.webhook(d.bank().ID)
			if d.open("F1") != 10_000 || len(d.collections()) != 2 || d.State("F1").HeldRule != "R83" {
				t.Fatalf("%d open, %+v, held by %q", d.open("F1"), d.collections(), d.State("F1").HeldRule)
			}
			d.Walk("2026-04-10 00:00")
			if d.open("F1") != 0 || len(d.told("payment_reversed")) != 0 || len(d.told("debit_retry")) != 1 || len(d.reminders("F1")) != 0 {
				t.Errorf("%d open, told %v, reminded %v", d.open("F1"), d.told("payment_reversed"), d.reminders("F1"))
			}
		}},
		{"R86 MD07 everything stops, and nothing is said", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: "MD07"})
			d.mandated()
			d.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-04-10", 5_000))
			d.Books.Sync()
			d.Walk("2026-06-01 00:00")
			if m := d.mandate(); m.State != "suspended" || d.tasks("legal") != 1 || d.State("F1").HeldRule != "R97" {
				t.Errorf("mandate %s, %d tasks, held by %q", m.State, d.tasks("legal"), d.State("F1").HeldRule)
			}
			if n := len(d.reminders("F1")) + len(d.reminders("F2")) + len(d.told("debit_failed")) + len(d.told("mandate_ended")); n != 0 {
				t.Errorf("%d messages to somebody who died", n)
			}
			if c := d.collections(); !slices.ContainsFunc(c, func(c db.Debit) bool { return c.AmountMinor == 5_000 && c.State == "cancelled" }) {
				t.Errorf("%+v", c)
			}
		}},
		{"R86 R97 MD07 is a legal stop on record, which a person lifts", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: "MD07"})
			d.mandated()
			d.Walk("2026-04-01 00:00")
			var stops []db.LegalStop
			d.In(func(tx store.Tx) (err error) {
				stops, err = tx.LegalStopsOfDebtor(context.Background(), d.DebtorID("jan"))
				return err
			})
			if len(stops) != 1 || stops[0].Kind != "death" || stops[0].RecordedBy != "voldaan" || !strings.Contains(stops[0].Source, "MD07") {
				t.Fatalf("%+v", stops)
			}
			lift := arrangement.Desk{Store: d.Store, Real: d.Clock, Planner: d.Planner, Teller: d.Steps}
			d.In(func(tx store.Tx) error {
				return lift.Lift(context.Background(), tx, stops[0].ID, "It was somebody else", "an")
			})
			if s := d.State("F1"); s.HeldRule != "" || d.tasks("legal") != 0 {
				t.Errorf("held by %q, %d tasks", s.HeldRule, d.tasks("legal"))
			}
		}},
		{"R87 refunded within eight weeks: exactly that is open again, with its history", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-04-20 12:00")
			id := d.bank().ID
			if _, err := d.mollie.ChargeBack(id, emulator.ChargebackSeed{Code: "MD06", Value: "60.00"}); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				d.webhook(id)
			}
			c := d.only()
			if c.State != "reversed" || c.BackMinor != 6_000 || c.ReasonRule != "R87" || d.open("F1") != 6_000 || len(d.payments("F1")) != 1 || d.mandate().State != "suspended" {
				t.Errorf("%+v, %d open, %d payments, mandate %s", c, d.open("F1"), len(d.payments("F1")), d.mandate().State)
			}
			if s := d.State("F1"); s.Phase == "closed" || s.NotBeforeRule != "R87" || s.NotBefore != day("2026-05-05") {
				t.Errorf("phase %s, not before %s by %s", s.Phase, s.NotBefore, s.NotBeforeRule)
			}
			d.Walk("2026-05-04 23:00")
			if got := d.told("debit_reversed"); len(got) != 1 || !strings.Contains(got[0], "60,00") || !strings.Contains(got[0], "4 mei 2026") || len(d.told("payment_reversed")) != 0 {
				t.Errorf("told %q and %q", got, d.told("payment_reversed"))
			}
			if n := d.reminders("F1"); len(n) != 0 {
				t.Errorf("reminded %v", n)
			}
			d.Walk("2026-05-09 00:00")
			if n := d.reminders("F1"); len(n) != 1 {
				t.Errorf("reminded %v\n%s", n, strings.Join(d.Story("F1"), "\n"))
			}
		}},
		{"R87 R26 a reversal that is undone before anybody heard of it reaches nobody", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2026-03-20 20:00") // a Friday evening
			id := d.bank().ID
			back, err := d.mollie.ChargeBack(id, emulator.ChargebackSeed{Code: "MD06"})
			if err != nil {
				t.Fatal(err)
			}
			d.webhook(id)
			if err := d.mollie.ReverseChargeBack(back); err != nil {
				t.Fatal(err)
			}
			d.webhook(id)
			d.Walk("2026-04-10 00:00")
			if c := d.only(); c.State != "paid" || d.open("F1") != 0 || len(d.told("debit_reversed"))+len(d.told("payment_reversed")) != 0 {
				t.Errorf("%+v, %d open, told %q", c, d.open("F1"), d.told("debit_reversed"))
			}
		}},
		{"R87 unauthorised, ten months later, without a webhook", func(t *testing.T, d *desk) {
			d.mandated()
			d.Walk("2027-01-20 12:00")
			if _, err := d.mollie.ChargeBack(d.bank().ID, emulator.ChargebackSeed{Code: "MD01"}); err != nil {
				t.Fatal(err)
			}
			d.Walk("2027-05-01 00:00")
			if c := d.only(); c.State != "reversed" || d.open("F1") != 10_000 || d.tasks("debit_unauthorised") != 1 || len(d.told("debit_reversed")) != 1 {
				t.Errorf("%+v, %d open, %d tasks", c, d.open("F1"), d.tasks("debit_unauthorised"))
			}
		}},
		{"R88 refused: a person is asked, and nothing happens by itself", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: "MS02"})
			d.mandated()
			d.Walk("2026-05-01 00:00")
			c := d.only()
			if c.State != "failed" || !c.Asked || d.tasks("debit_refused") != 1 || len(d.reminders("F1")) != 0 || len(d.told("debit_failed")) != 0 || d.State("F1").HeldRule != "R83" {
				t.Fatalf("%+v, %d tasks, held by %q", c, d.tasks("debit_refused"), d.State("F1").HeldRule)
			}
			if err := d.debits.Answer(context.Background(), d.Tenant, c.ID, false, "an"); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-05-06 00:00")
			if got := d.told("debit_failed"); len(got) != 1 || d.tasks("debit_refused") != 0 || d.State("F1").HeldRule != "" {
				t.Errorf("told %d times, held by %q", len(got), d.State("F1").HeldRule)
			}
			refused(t, d.debits.Answer(context.Background(), d.Tenant, c.ID, true, "an"), "debit_not_asked")
		}},
		{"R88 it is a dispute", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: "MS02"})
			d.mandated()
			d.Walk("2026-03-25 00:00")
			if err := d.debits.Answer(context.Background(), d.Tenant, d.only().ID, true, "an"); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-05-06 00:00")
			if s := d.State("F1"); s.HeldRule != "R70" || d.tasks("dispute") != 1 || len(d.told("debit_failed")) != 0 {
				t.Errorf("held by %q, %d tasks", s.HeldRule, d.tasks("dispute"))
			}
		}},
		{"R91 charged back after its case was closed: the case goes on, and costs are not charged again", func(t *testing.T, d *desk) {
			d.configure(func(s *db.DebitSetting) { s.Enabled = false })
			d.mandated()
			d.Walk("2026-04-16 00:00") // into a case
			costs := func() (n int, state string) {
				d.In(func(tx store.Tx) error {
					return tx.QueryRow(context.Background(), `select count(e.id) filter (where e.kind = 'costs'), coalesce(min(c.state), '') from collection_case c left join claim_entry e on e.case_id = c.id`).Scan(&n, &state)
				})
				return n, state
			}
			if n, state := costs(); n != 1 || state != "open" {
				t.Fatalf("%d costs, case %s\n%s", n, state, strings.Join(d.Story("F1"), "\n"))
			}
			if err := d.debits.Collect(context.Background(), d.Tenant, d.ID("F1"), "an"); err != nil {
				t.Fatal(err)
			}
			d.Walk("2026-05-10 00:00")
			if d.only().State != "paid" {
				t.Fatalf("%+v", d.only())
			}
			// In a case costs and interest come first (R30): the rest is transferred.
			if rest := d.open("F1"); rest > 0 {
				d.Books.Pay("F1", rest, day("2026-05-08"))
				d.Books.Sync()
			}
			d.In(func(tx store.Tx) error {
				_, err := tx.Exec(context.Background(), `update collection_case set state = 'closed', closed_at = now(), closed_code = 'paid', closed_why = 'paid' where state <> 'closed'`)
				return err
			})
			if _, err := d.mollie.ChargeBack(d.bank().ID, emulator.ChargebackSeed{Code: "MD06"}); err != nil {
				t.Fatal(err)
			}
			d.webhook(d.bank().ID)
			d.Walk("2026-07-01 00:00")
			if n, state := costs(); n != 1 || state == "closed" || d.open("F1") == 0 {
				t.Errorf("%d costs, case %s, %d open\n%s", n, state, d.open("F1"), strings.Join(d.Story("F1"), "\n"))
			}
		}},
	}
	for _, code := range []string{"AC01", "AC04", "AC06", "MD01"} {
		cases = append(cases, scene{"R86 " + code + " no retry, suspended, to be transferred with a fresh term", func(t *testing.T, d *desk) {
			refuse(t, d, emulator.RefusalSeed{Code: code})
			d.mandated()
			d.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-04-10", 5_000))
			d.Books.Sync()
			d.Walk("2026-03-20 00:00")
			all := d.collections()
			if all[0].State != "failed" || all[0].ReasonCode != code || all[0].WillRetry || all[1].State != "cancelled" || len(all) != 2 || d.mandate().State != "suspended" {
				t.Fatalf("%+v, mandate %s", all, d.mandate().State)
			}
			payBy := all[0].PayBy
			if got := d.told("debit_failed"); len(got) != 1 || !strings.Contains(got[0], "100,00") || payBy.DaysSince(day("2026-03-17")) < 13 {
				t.Errorf("told %q, pay by %s", got, payBy)
			}
			if s := d.State("F1"); s.NotBeforeRule != "R86" || s.HeldRule != "" {
				t.Errorf("not before %s by %s, held by %q", s.NotBefore, s.NotBeforeRule, s.HeldRule)
			}
			d.Walk(payBy.String() + " 23:00")
			if n := d.reminders("F1"); len(n) != 0 {
				t.Errorf("reminded %v", n)
			}
		}})
	}
	play(t, cases)
}

func TestForecast(t *testing.T) {
	t.Parallel()
	t.Run("R89 the money of a B2B debit is final weeks before that of a Core debit", func(t *testing.T) {
		t.Parallel()
		on := day("2026-03-16")
		if core, b2b := sepa.Final(sepa.Core, on), sepa.Final(sepa.B2B, on); core.DaysSince(b2b) < 40 || b2b.DaysSince(on) > 10 {
			t.Errorf("Core %s, B2B %s", core, b2b)
		}
	})
}
