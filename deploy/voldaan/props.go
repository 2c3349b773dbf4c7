package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	molliemu "github.com/voldaan/voldaan/core/payment/mollie/emulator"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var propsClient = &http.Client{Timeout: 10 * time.Second}

// books is the control path of the creditor's books.
func (p *player) books(path string) string {
	return "/_control/administrations/" + creditor.ID + path
}

// paidInBooks reports whether the first invoice is paid there.
func (p *player) paidInBooks(a *part) (bool, error) {
	var list []struct{ Number, State string }
	if err := control("GET", p.moneybird+p.books("/invoices"), nil, &list); err != nil {
		return false, err
	}
	for _, i := range list {
		if i.Number == a.numbers[0] {
			return i.State == "paid", nil
		}
	}
	return false, nil
}

// payments are those that the provider knows for one invoice alone.
func (p *player) payments(number string) (out []molliemu.Summary, err error) {
	var all []molliemu.Summary
	err = control("GET", p.mollie+"/_control/payments", nil, &all)
	for _, one := range all {
		if one.Description == number {
			out = append(out, one)
		}
	}
	return out, err
}

func control(method, address string, body, answer any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, address, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := propsClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
		return fmt.Errorf("%s %s: %s %s", method, address, res.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(answer)
}

// count returns how many mails an address got.
func (p *player) count(address string) (int, error) {
	list, err := p.sink.List(context.Background(), url.Values{"to": {address}})
	return list.Total, err
}

// text is what a mail says.
func (p *player) text(id string) (string, error) {
	var whole struct{ Text string }
	err := control("GET", strings.TrimSuffix(p.sink.URL, "/")+"/api/messages/"+url.PathEscape(id), nil, &whole)
	return whole.Text, err
}

// newest returns the text of the newest mail that fits, or "".
func (p *player) newest(address string, fits func(string) bool) (string, error) {
	list, err := p.sink.List(context.Background(), url.Values{"to": {address}})
	if err != nil {
		return "", err
	}
	for _, m := range list.Messages {
		if text, err := p.text(m.ID); err != nil || fits(text) {
			return text, err
		}
	}
	return "", nil
}

// press presses "pay" on the provider's checkout page.
func press(checkout string) error {
	res, err := propsClient.PostForm(checkout, url.Values{"action": {"pay"}})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return fmt.Errorf("the checkout page answers %s", res.Status)
	}
	return nil
}

// statementOf is the bank's statement of a day on which a debtor paid.
func statementOf(a *part, day date.Date) (string, error) {
	total, err := money.Parse(a.invoices[0].Total, "EUR")
	if err != nil {
		return "", err
	}
	s, err := statement.Compose(creditor.IBAN, "2026-068", "68", day, money.EUR(1_250_000),
		statement.Line{Amount: total, CounterpartyName: a.contact.CompanyName, CounterpartyIBAN: "NL02RABO0123456789", Text: "Betaling factuur " + a.numbers[0], BankReference: "2026030900017"},
	)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = statement.WriteCAMT053(&b, day.At(23, 0, amsterdam()), s)
	return b.String(), err
}
