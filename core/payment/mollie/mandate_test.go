package mollie_test

import (
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// purse is a debtor at an emulated Mollie, on a clock of its own.
type purse struct {
	*testing.T
	*mollie.Client
	*emulator.Server
	now      atomic.Int64
	customer string
}

func newPurse(t *testing.T) *purse {
	t.Helper()
	p := &purse{T: t}
	p.now.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Unix()) // a Monday
	clock := func() time.Time { return time.Unix(p.now.Load(), 0).UTC() }
	var err error
	if p.Server, err = emulator.New(emulator.Config{Now: clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Server.Close)
	srv := httptest.NewServer(p.Server)
	t.Cleanup(srv.Close)
	if p.Client, err = mollie.New(mollie.Config{Key: key(t), BaseURL: srv.URL}); err != nil {
		t.Fatal(err)
	}
	c, err := p.CreateCustomer(t.Context(), "customer", mollie.NewCustomer{Name: "Jan de Vries", Locale: "nl_NL", Metadata: map[string]string{"debtor": "7"}})
	if err != nil || c.Name != "Jan de Vries" {
		t.Fatalf("%+v, %v", c, err)
	}
	p.customer = c.ID
	return p
}

func (p *purse) pass(days int) { p.now.Add(int64(days) * 24 * 3600) }

func (p *purse) first() mollie.Payment {
	p.Helper()
	got, err := p.CreatePayment(p.Context(), fmt.Sprint("first", p.now.Load()), mollie.NewPayment{
		Amount: money.EUR(1), Description: "mandate", RedirectURL: "https://hub.example/back", Method: mollie.IDEAL, Sequence: mollie.First, CustomerID: p.customer,
	})
	if err != nil || got.Sequence != mollie.First || got.CustomerID != p.customer {
		p.Fatalf("%+v, %v", got, err)
	}
	return got
}

func (p *purse) mandate(id string) mollie.Mandate {
	p.Helper()
	m, err := p.GetMandate(p.Context(), p.customer, id)
	if err != nil {
		p.Fatal(err)
	}
	return m
}

func (p *purse) collect(key string) (mollie.Payment, error) {
	return p.CreatePayment(p.Context(), key, mollie.NewPayment{Amount: money.EUR(1210), Description: "2026-0042", Method: mollie.DirectDebit, Sequence: mollie.Recurring, CustomerID: p.customer})
}

func (p *purse) read(id string) mollie.Payment {
	p.Helper()
	got, err := p.GetPayment(p.Context(), id)
	if err != nil {
		p.Fatal(err)
	}
	return got
}

func TestMandate(t *testing.T) {
	t.Parallel()
	t.Run("R92 a first payment that is paid makes a mandate", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t)
		f := p.first()
		if m := p.mandate(f.MandateID); m.Status != mollie.MandatePending {
			t.Errorf("before it is paid: %+v", m)
		}
		if _, err := p.collect("too soon"); mollie.AsError(err) == nil || mollie.AsError(err).Status != 422 {
			t.Errorf("collected without a mandate: %v", err)
		}
		if err := p.Pay(f.ID, emulator.PayerSeed{Name: "J. de Vries", IBAN: "NL20INGB0001234567"}); err != nil {
			t.Fatal(err)
		}
		m := p.mandate(f.MandateID)
		if m.Status != mollie.MandateValid || m.Account != "NL20INGB0001234567" || m.Holder != "J. de Vries" || m.Method != mollie.DirectDebit || m.Reference == "" || m.SignedOn != date.MustParse("2026-03-02") {
			t.Errorf("%+v", m)
		}
	})
	t.Run("R92 one that fails makes none", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t)
		for i, end := range []func(string) error{p.Cancel, p.Expire, func(id string) error { return p.Fail(id, "") }} {
			p.pass(1)
			f := p.first()
			if err := end(f.ID); err != nil {
				t.Fatal(err)
			}
			if m := p.mandate(f.MandateID); m.Status != mollie.MandateInvalid {
				t.Errorf("%d: %+v", i, m)
			}
		}
		if _, err := p.collect("none"); err == nil {
			t.Error("collected without a mandate")
		}
	})
	t.Run("an IBAN that arrives later", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t)
		f := p.first()
		if err := p.Pay(f.ID, emulator.PayerSeed{Late: true}); err != nil {
			t.Fatal(err)
		}
		if m := p.mandate(f.MandateID); m.Status != mollie.MandatePending {
			t.Errorf("%+v", m)
		}
		if err := p.ConfirmMandate(f.MandateID); err != nil {
			t.Fatal(err)
		}
		if m := p.mandate(f.MandateID); m.Status != mollie.MandateValid {
			t.Errorf("%+v", m)
		}
	})
	t.Run("R90 revoked", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t)
		f := p.first()
		if err := p.Pay(f.ID, emulator.PayerSeed{}); err != nil {
			t.Fatal(err)
		}
		if err := p.RevokeMandate(t.Context(), "r", p.customer, f.MandateID); err != nil {
			t.Fatal(err)
		}
		_, err := p.GetMandate(t.Context(), p.customer, f.MandateID)
		if e := mollie.AsError(err); e == nil || !e.NotFound() {
			t.Errorf("%v", err)
		}
		if list, err := p.ListMandates(t.Context(), p.customer, mollie.ListOptions{}); err != nil || len(list.Items) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := p.collect("after"); err == nil {
			t.Error("collected by a revoked mandate")
		}
	})
}

func TestDirectDebit(t *testing.T) {
	t.Parallel()
	ready := func(t *testing.T) (*purse, string) {
		p := newPurse(t)
		f := p.first()
		if err := p.Pay(f.ID, emulator.PayerSeed{}); err != nil {
			t.Fatal(err)
		}
		return p, f.MandateID
	}
	t.Run("settles after days", func(t *testing.T) {
		t.Parallel()
		p, mandate := ready(t)
		d, err := p.collect("k")
		if err != nil || d.Status != mollie.Pending || d.MandateID != mandate || d.Details.DueDate != date.MustParse("2026-03-03") || d.Details.CreditorID == "" || d.Details.MandateReference == "" || !d.Cancelable {
			t.Fatalf("%+v, %v", d, err)
		}
		p.pass(1)
		if d = p.read(d.ID); d.Status != mollie.Pending {
			t.Errorf("the day after: %s", d.Status)
		}
		p.pass(1)
		if d = p.read(d.ID); d.Status != mollie.Paid {
			t.Errorf("two days after: %s", d.Status)
		}
	})
	t.Run("is cancelled before it is with the bank", func(t *testing.T) {
		t.Parallel()
		p, _ := ready(t)
		d, err := p.collect("k")
		if err != nil {
			t.Fatal(err)
		}
		if d, err = p.CancelPayment(t.Context(), "c", d.ID); err != nil || d.Status != mollie.Canceled {
			t.Errorf("%+v, %v", d, err)
		}
		p.pass(9)
		if d = p.read(d.ID); d.Status != mollie.Canceled {
			t.Errorf("later: %s", d.Status)
		}
	})
	for _, code := range []string{"AM04", "AC01", "AC04", "AC06", "MD01", "MD07", "MS02", "MS03"} {
		t.Run(code+" refuses", func(t *testing.T) {
			t.Parallel()
			p, mandate := ready(t)
			if err := p.Refuse(emulator.RefusalSeed{Of: "Jan de Vries", Code: code}); err != nil {
				t.Fatal(err)
			}
			d, err := p.collect("k")
			if err != nil {
				t.Fatal(err)
			}
			p.pass(3)
			if d = p.read(d.ID); d.Status != mollie.Failed || d.Details.BankReasonCode != code || d.Details.BankReason == "" {
				t.Errorf("%+v", d)
			}
			ends := code != "AM04" && code != "MS02" && code != "MS03"
			if m := p.mandate(mandate); (m.Status == mollie.MandateInvalid) != ends {
				t.Errorf("mandate %s", m.Status)
			}
		})
	}
	t.Run("R87 charged back within eight weeks, or thirteen months when unauthorised", func(t *testing.T) {
		t.Parallel()
		p, _ := ready(t)
		d, err := p.collect("k")
		if err != nil {
			t.Fatal(err)
		}
		p.pass(3)
		if d = p.read(d.ID); d.Status != mollie.Paid {
			t.Fatal(d.Status)
		}
		p.pass(57)
		if _, err := p.ChargeBack(d.ID, emulator.ChargebackSeed{Code: "MD06"}); err == nil {
			t.Error("an authorised debit was given back after eight weeks")
		}
		if _, err := p.ChargeBack(d.ID, emulator.ChargebackSeed{Code: "MD01"}); err != nil {
			t.Error(err)
		}
		back, err := p.ListChargebacks(t.Context(), d.ID, mollie.ListOptions{})
		if err != nil || len(back.Items) != 1 || back.Items[0].ReasonCode != "MD01" || back.Items[0].Reason == "" {
			t.Errorf("%+v, %v", back, err)
		}
		if d = p.read(d.ID); d.Status != mollie.Paid || d.ChargedBack != money.EUR(1210) {
			t.Errorf("%+v", d)
		}
	})
	t.Run("returned by the bank days after it was paid", func(t *testing.T) {
		t.Parallel()
		p, _ := ready(t)
		if err := p.Refuse(emulator.RefusalSeed{Code: "AM04", Returned: true, Days: 2}); err != nil {
			t.Fatal(err)
		}
		d, err := p.collect("k")
		if err != nil {
			t.Fatal(err)
		}
		p.pass(2)
		if d = p.read(d.ID); d.Status != mollie.Paid || !d.ChargedBack.IsZero() {
			t.Errorf("%+v", d)
		}
		p.pass(2)
		if d = p.read(d.ID); d.ChargedBack != money.EUR(1210) {
			t.Errorf("%+v", d)
		}
		if d, err = p.collect("again"); err != nil {
			t.Fatal(err)
		}
		p.pass(6)
		if d = p.read(d.ID); d.Status != mollie.Paid || !d.ChargedBack.IsZero() {
			t.Errorf("the next one: %+v", d)
		}
	})
}
