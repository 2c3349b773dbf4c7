package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// promiseIn is how many days ahead a debtor of the story promises to pay.
const promiseIn = 6

// promise opens the link in the first reminder, promises a day, and pays on it.
func (p *player) promise(a *part) error {
	m, _, err := p.received(a, demanded)
	if m == nil || err != nil {
		return err
	}
	var made []db.Promise
	if err := p.inBooks(func(ctx context.Context, tx store.Tx) (err error) {
		made, err = tx.PromisesOfInvoice(ctx, a.ids[0])
		return err
	}); err != nil {
		return err
	}
	if len(made) == 0 {
		on := p.today().AddDays(promiseIn)
		return p.inPortal(a, m, "/promise", url.Values{"invoice": {a.ids[0].String()}, "day": {on.String()}})
	}
	if p.today().Before(made[0].PayOn) {
		return nil
	}
	a.done, err = p.settle(a, m, 1, "/pay", url.Values{"invoice": {a.ids[0].String()}, "method": {"ideal"}})
	return err
}

// instalments is in how many parts a debtor of the story pays.
const instalments = 3

// payInParts opens the link in the first reminder, agrees a plan of weekly
// instalments, and pays each on its day.
func (p *player) payInParts(a *part) error {
	m, _, err := p.received(a, demanded)
	if m == nil || err != nil {
		return err
	}
	var plans []db.PaymentPlan
	var parts []db.PaymentPlanInstalment
	if err := p.inBooks(func(ctx context.Context, tx store.Tx) (err error) {
		if plans, err = tx.PlansOfInvoice(ctx, a.ids[0]); err == nil && len(plans) > 0 {
			parts, err = tx.PlanInstalments(ctx, plans[0].ID)
		}
		return err
	}); err != nil {
		return err
	}
	if len(plans) == 0 {
		return p.inPortal(a, m, "/plan", url.Values{
			"invoice": {a.ids[0].String()}, "n": {fmt.Sprint(instalments)}, "every": {"week"}, "first": {p.today().AddDays(2).String()},
		})
	}
	for i, part := range parts {
		if p.today().Before(part.Due) {
			return nil
		}
		paid, err := p.settle(a, m, i+1, "/plan/"+plans[0].ID.String()+"/pay", url.Values{"seq": {fmt.Sprint(part.Seq)}, "method": {"ideal"}})
		if !paid || err != nil {
			return err
		}
	}
	a.done = true
	return nil
}

var offeredMandate = regexp.MustCompile(`name="mandate" value="([^"]+)"`)

// payAndAgree pays the first invoice after its reminder and ticks the box that
// lets the creditor collect what comes after it.
func (p *player) payAndAgree(a *part) error {
	m, _, err := p.received(a, demanded)
	if m == nil || err != nil {
		return err
	}
	begun, err := p.payments(a.numbers[0])
	if err != nil {
		return err
	}
	form := url.Values{"invoice": {a.ids[0].String()}, "method": {"ideal"}}
	if len(begun) == 0 {
		v, err := p.visit(a, m)
		if err != nil {
			return err
		}
		page, err := v.get("/pay?invoice=" + a.ids[0].String())
		if err != nil {
			return err
		}
		found := offeredMandate.FindStringSubmatch(page)
		if found == nil {
			return fmt.Errorf("the page to pay on offers no mandate")
		}
		form.Set("mandate", found[1])
		return p.toCheckout(v, "/pay", form)
	}
	a.done, err = p.settle(a, m, 1, "/pay", form)
	return err
}

// settle pays for the n-th time online for the first invoice of a debtor, in the
// portal at path, and reports whether that is done. A payment that was begun is
// finished, not begun again.
func (p *player) settle(a *part, m *mailsink.Message, n int, path string, form url.Values) (bool, error) {
	begun, err := p.payments(a.numbers[0])
	if err != nil {
		return false, err
	}
	paid := 0
	for _, b := range begun {
		switch b.Status {
		case "paid":
			paid++
		case "open":
			return false, press(p.mollie + b.CheckoutURL)
		}
	}
	if paid >= n {
		return true, nil
	}
	v, err := p.visit(a, m)
	if err != nil {
		return false, err
	}
	return false, p.toCheckout(v, path, form)
}

// toCheckout starts a payment in the portal.
func (p *player) toCheckout(v *visitor, path string, form url.Values) error {
	res, err := v.post(path, form)
	if err != nil {
		return err
	}
	if checkout := res.Request.URL.String(); !strings.HasPrefix(checkout, p.mollie) {
		return fmt.Errorf("the payment was not started: %s answers %s", checkout, res.Status)
	}
	return nil
}

// inPortal sends one form of the portal.
func (p *player) inPortal(a *part, m *mailsink.Message, path string, form url.Values) error {
	v, err := p.visit(a, m)
	if err != nil {
		return err
	}
	res, err := v.post(path, form)
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("the portal refuses %s: %s", path, res.Status)
	}
	return err
}

func (p *player) inBooks(f func(ctx context.Context, tx store.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return p.store.In(ctx, p.tenant, func(tx store.Tx) error { return f(ctx, tx) })
}

// today is the day of the story.
func (p *player) today() date.Date { return date.Of(p.now().In(amsterdam())) }
