package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// till is the payment provider of the world, with the banks behind it.
type till struct {
	y        *year
	payments map[string]*mollie.Payment
	order    []string // ids of payments as they were made
	byKey    map[string]string
	calls    int

	customers map[string]*debtor
	mandates  map[string]*mandate
	reasons   map[string]string // why a payment was charged back, by its id
	// collected are the debits that were asked for, for the inspection.
	collected []collection
}

// mandate is a debtor's leave, as the bank knows it.
type mandate struct {
	mollie.Mandate
	debtor *debtor
	uses   int
	ended  time.Time
}

// collection is a debit that the hub asked for.
type collection struct {
	payment  string
	customer string
	mandate  string
	amount   money.Amount
	parts    []part
	at       time.Time
	wrong    string // why the bank would not have it
}

// part is what a debit was for.
type part struct {
	entry *entry
	minor int64
	known int64 // what was known to be open then
}

var errTill = errors.New("the payment provider is out of reach")

// stumble makes a call fail now and then.
func (t *till) stumble(what string) error {
	t.calls++
	if t.y.luck(tillDown, fmt.Sprintf("till %s %d", what, t.calls), 60) {
		return errTill
	}
	return nil
}

func notFound() error { return &mollie.Error{Status: http.StatusNotFound, Title: "Not Found"} }

// CreatePayment implements payment.Provider.
func (t *till) CreatePayment(ctx context.Context, key string, p mollie.NewPayment) (mollie.Payment, error) {
	if err := t.stumble("create"); err != nil {
		return mollie.Payment{}, err
	}
	if id, ok := t.byKey[key]; ok {
		return *t.payments[id], nil
	}
	label, err := json.Marshal(p.Metadata)
	if err != nil {
		return mollie.Payment{}, err
	}
	now := t.y.clock.Now()
	id := fmt.Sprintf("tr_%s%08d", t.y.land.code, len(t.payments)+1)
	zero := money.Of(0, p.Amount.Currency)
	made := &mollie.Payment{
		ID: id, Mode: "test", Status: mollie.Open, Amount: p.Amount, Description: p.Description, Method: p.Method, Metadata: label, Sequence: p.Sequence, CustomerID: p.CustomerID,
		CheckoutURL: "https://pay.test/" + id, CreatedAt: now, ExpiresAt: now.Add(15 * time.Minute), Refunded: zero, ChargedBack: zero, Remaining: zero,
	}
	if p.Sequence == mollie.Recurring {
		if err := t.collect(ctx, made, p); err != nil {
			return mollie.Payment{}, err
		}
	}
	t.payments[id], t.byKey[key], t.order = made, id, append(t.order, id)
	return *made, nil
}

// GetPayment implements payment.Provider.
func (t *till) GetPayment(_ context.Context, id string) (mollie.Payment, error) {
	if err := t.stumble("get"); err != nil {
		return mollie.Payment{}, err
	}
	p, ok := t.payments[id]
	if !ok {
		return mollie.Payment{}, notFound()
	}
	if p.Status == mollie.Open && !t.y.clock.Now().Before(p.ExpiresAt) {
		p.Status, p.ExpiredAt = mollie.Expired, p.ExpiresAt
	}
	return *p, nil
}

// ListChargebacks tells why money was taken back.
func (t *till) ListChargebacks(_ context.Context, payment string, _ mollie.ListOptions) (mollie.Page[mollie.Chargeback], error) {
	if err := t.stumble("chargebacks"); err != nil {
		return mollie.Page[mollie.Chargeback]{}, err
	}
	p, ok := t.payments[payment]
	if !ok || !p.ChargedBack.Positive() {
		return mollie.Page[mollie.Chargeback]{}, nil
	}
	return mollie.Page[mollie.Chargeback]{Items: []mollie.Chargeback{{ID: "chb_" + payment[3:], PaymentID: payment, Amount: p.ChargedBack, ReasonCode: t.reasons[payment]}}}, nil
}

// settle pays a checkout and calls the hub.
func (t *till) settle(id string) {
	p := t.payments[id]
	now := t.y.clock.Now()
	p.Status, p.PaidAt, p.Remaining = mollie.Paid, now, p.Amount
	if p.Sequence == mollie.First {
		m := &mandate{debtor: t.customers[p.CustomerID], Mandate: mollie.Mandate{
			ID: "mdt_" + id[3:], CustomerID: p.CustomerID, Status: mollie.MandateValid, Method: mollie.DirectDebit, Reference: "MD" + id[3:], SignedOn: date.Of(now.In(t.y.zone)),
			Account: t.customers[p.CustomerID].party.IBAN, Holder: t.customers[p.CustomerID].party.Name, CreatedAt: now,
		}}
		t.mandates[m.ID], p.MandateID = m, m.ID
	}
	t.tell(id)
}

// state is what became of a payment.
func (t *till) state(id string) string {
	p := t.payments[id]
	switch {
	case p == nil:
		return "refused"
	case p.ChargedBack.Positive():
		return "charged back"
	}
	return string(p.Status)
}

// tell calls the hub about a payment, sometimes twice, sometimes late, sometimes
// never.
func (t *till) tell(id string) {
	name := fmt.Sprintf("webhook %s %s %d", id, t.payments[id].Status, t.payments[id].ChargedBack.Minor)
	switch {
	case t.y.luck(hookLost, "lost "+name, 30):
	case t.y.luck(hookLate, "late "+name, 30):
		t.y.call(id, 5*time.Hour, 0)
	case t.y.luck(hookTwice, "twice "+name, 15):
		t.y.call(id, time.Second, 0)
		t.y.call(id, 2*time.Second, 0)
	default:
		t.y.call(id, time.Second, 0)
	}
}

// call brings the provider's word to the hub; a call that fails comes again.
func (y *year) call(id string, after time.Duration, tries int) {
	y.diary.add(y.clock.Now().Add(after), func(ctx context.Context) error {
		if err := y.checkouts.Webhook(ctx, id); err != nil && tries < 8 {
			y.call(id, time.Minute<<tries, tries+1)
		}
		return nil
	})
}

// CreateCustomer implements mollie.Mandates.
func (t *till) CreateCustomer(_ context.Context, key string, c mollie.NewCustomer) (mollie.Customer, error) {
	if err := t.stumble("customer"); err != nil {
		return mollie.Customer{}, err
	}
	id, ok := t.byKey[key]
	if !ok {
		id = fmt.Sprintf("cst_%s%06d", t.y.land.code, len(t.customers)+1)
		t.byKey[key] = id
		for _, d := range t.y.debtors {
			if d.party.Name == c.Name {
				t.customers[id] = d
			}
		}
	}
	return mollie.Customer{ID: id, Name: c.Name}, nil
}

// ListMandates implements mollie.Mandates.
func (t *till) ListMandates(_ context.Context, customer string, _ mollie.ListOptions) (out mollie.Page[mollie.Mandate], _ error) {
	for i := len(t.order) - 1; i >= 0; i-- {
		if m := t.mandates[t.payments[t.order[i]].MandateID]; m != nil && m.CustomerID == customer && t.payments[t.order[i]].Sequence == mollie.First {
			out.Items = append(out.Items, m.Mandate)
		}
	}
	return out, t.stumble("mandates")
}

// GetMandate implements mollie.Mandates.
func (t *till) GetMandate(_ context.Context, customer, id string) (mollie.Mandate, error) {
	if err := t.stumble("mandate"); err != nil {
		return mollie.Mandate{}, err
	}
	m := t.mandates[id]
	if m == nil || m.CustomerID != customer {
		return mollie.Mandate{}, notFound()
	}
	return m.Mandate, nil
}

// RevokeMandate implements mollie.Mandates.
func (t *till) RevokeMandate(_ context.Context, _, customer, id string) error {
	if err := t.stumble("revoke"); err != nil {
		return err
	}
	if m := t.mandates[id]; m == nil || m.CustomerID != customer || m.Status != mollie.MandateValid {
		return notFound()
	}
	t.end(id)
	return nil
}

// end makes a mandate not count any more.
func (t *till) end(id string) {
	m := t.mandates[id]
	m.Status, m.ended = mollie.MandateInvalid, t.y.clock.Now()
}

// CancelPayment implements debit.Provider: what is not with the bank yet.
func (t *till) CancelPayment(_ context.Context, _, id string) (mollie.Payment, error) {
	if err := t.stumble("cancel"); err != nil {
		return mollie.Payment{}, err
	}
	p := t.payments[id]
	if p == nil {
		return mollie.Payment{}, notFound()
	}
	if p.Status != mollie.Pending || !t.y.clock.Now().Before(p.CreatedAt.Add(6*time.Hour)) {
		return mollie.Payment{}, &mollie.Error{Status: http.StatusUnprocessableEntity, Detail: "The payment cannot be canceled"}
	}
	p.Status, p.CanceledAt = mollie.Canceled, t.y.clock.Now()
	return *p, nil
}

// CreateRefund implements debit.Provider.
func (t *till) CreateRefund(_ context.Context, key, payment string, r mollie.NewRefund) (mollie.Refund, error) {
	if err := t.stumble("refund"); err != nil {
		return mollie.Refund{}, err
	}
	p := t.payments[payment]
	if p == nil || r.Amount.Minor > p.Remaining.Minor {
		return mollie.Refund{}, &mollie.Error{Status: http.StatusUnprocessableEntity, Detail: "The amount is higher than the maximum"}
	}
	p.Refunded.Minor += r.Amount.Minor
	p.Remaining.Minor -= r.Amount.Minor
	return mollie.Refund{ID: "re_" + key, PaymentID: payment, Amount: r.Amount}, nil
}

// collect takes a debit in, as the bank would: by a mandate that stands.
func (t *till) collect(ctx context.Context, p *mollie.Payment, q mollie.NewPayment) error {
	now := t.y.clock.Now()
	c := collection{payment: p.ID, customer: q.CustomerID, mandate: q.MandateID, amount: q.Amount, at: now}
	m := t.mandates[q.MandateID]
	switch {
	case m == nil:
		c.wrong = "there is no such mandate"
	case m.CustomerID != q.CustomerID:
		c.wrong = "the mandate is somebody else's"
	case m.Status != mollie.MandateValid:
		c.wrong = "the mandate ended on " + m.ended.Format("2 Jan 15:04")
	}
	var label struct{ Checkout uuid.UUID }
	if err := json.Unmarshal(p.Metadata, &label); err != nil {
		return err
	}
	if c.wrong == "" {
		var err error
		if c.parts, err = t.y.parts(ctx, label.Checkout, now); err != nil {
			return err
		}
	}
	t.collected = append(t.collected, c)
	if c.wrong != "" {
		return &mollie.Error{Status: http.StatusUnprocessableEntity, Detail: "No suitable mandates found for customer"}
	}
	m.uses++
	p.Status, p.Method, p.MandateID, p.CheckoutURL, p.ExpiresAt = mollie.Pending, mollie.DirectDebit, m.ID, "", time.Time{}
	due := t.y.bankDay(date.Of(now.In(t.y.zone)).AddDays(1))
	t.y.diary.add(t.y.bankDay(due.AddDays(1)).At(9, 0, t.y.zone), func(context.Context) error {
		if p.Status == mollie.Pending {
			t.y.outcome(p, m, c.parts)
		}
		return nil
	})
	return nil
}

// parts reads what a debit is for from what the hub told the bookkeeper.
func (y *year) parts(ctx context.Context, debit uuid.UUID, at time.Time) (out []part, err error) {
	err = y.quiet(func() error {
		return y.in(ctx, func(tx store.Tx) error {
			rows, err := tx.DebitInvoices(ctx, debit)
			for _, r := range rows {
				if e := y.entry(r.InvoiceID); e != nil && r.AmountMinor > 0 {
					out = append(out, part{e, r.AmountMinor, e.knownOpen(at)})
				}
			}
			return err
		})
	})
	return out, err
}

// outcome is what the debtor's bank makes of a debit.
func (y *year) outcome(p *mollie.Payment, m *mandate, parts []part) {
	fail := func(kind trouble, code string) {
		y.faults.fire(kind)
		p.Status, p.FailedAt, p.Details.BankReasonCode = mollie.Failed, y.clock.Now(), code
	}
	nth := m.uses
	switch {
	case y.Faults && m.debtor.manner == poor && nth%2 == 1:
		fail(debitPoor, "AM04")
	case y.Faults && m.debtor.manner == closing:
		fail(debitClosed, "AC04")
		y.till.end(m.ID)
	case y.Faults && m.debtor.manner == refusing && nth%2 == 1:
		fail(debitRefused, "MS02")
	default:
		now := y.clock.Now()
		p.Status, p.PaidAt, p.Remaining = mollie.Paid, now, p.Amount
		for _, part := range parts {
			part.entry.paid = append(part.entry.paid, movement{minor: part.minor, value: date.Of(now.In(y.zone)), seen: now, by: p.ID})
			y.writeBack(part.entry, p.ID)
		}
		if y.Faults && m.debtor.manner == regretting && nth%2 == 1 {
			y.diary.add(now.AddDate(0, 0, 9), func(context.Context) error {
				y.faults.fire(debitBack)
				y.till.reasons[p.ID] = "MD06"
				y.reversed(p)
				return nil
			})
		}
	}
	y.till.tell(p.ID)
}

// reversed takes a payment back from the creditor; the bookkeeper opens its
// invoices again.
func (y *year) reversed(p *mollie.Payment) {
	p.ChargedBack = p.Amount
	for _, b := range y.shops {
		for _, e := range b.entries {
			for i := range e.paid {
				if e.paid[i].by != p.ID || e.paid[i].back {
					continue
				}
				e.paid[i].back = true
				y.diary.add(y.clock.Now().Add(30*time.Hour), func(context.Context) error {
					e.reopen(p.ID)
					return nil
				})
			}
		}
	}
	y.till.tell(p.ID)
}

// idOf is how the hub names an entry.
func (e *entry) id() uuid.UUID {
	if e.own != uuid.Nil {
		return e.own
	}
	return sync.InvoiceID(e.debtor.books.id, e.invoice.ID)
}
