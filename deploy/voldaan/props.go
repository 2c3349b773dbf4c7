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

	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var propsClient = &http.Client{Timeout: 10 * time.Second}

// control changes something in the emulated books, as a bookkeeper would.
func (p *player) control(method, path string, body any) error {
	return control(method, p.moneybird+"/_control/administrations/"+creditor.ID+path, body, nil)
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

// newest returns the text of the newest mail that fits, or "".
func (p *player) newest(address string, fits func(string) bool) (string, error) {
	list, err := p.sink.List(context.Background(), url.Values{"to": {address}})
	if err != nil {
		return "", err
	}
	best, at := "", time.Time{}
	for _, m := range list.Messages {
		var whole struct {
			Text string `json:"text"`
		}
		res, err := propsClient.Get(strings.TrimSuffix(p.sink.URL, "/") + "/api/messages/" + m.ID)
		if err != nil {
			return "", err
		}
		err = json.NewDecoder(res.Body).Decode(&whole)
		res.Body.Close()
		if err != nil {
			return "", err
		}
		if fits(whole.Text) && !m.Received.Before(at) {
			best, at = whole.Text, m.Received
		}
	}
	return best, nil
}

// payAt presses "pay" on the provider's checkout page.
func (p *player) payAt(c *http.Client, checkout string) error {
	res, err := c.PostForm(checkout, url.Values{"action": {"pay"}})
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
