package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/date"
)

// player acts the debtors of the story from outside, as people would: it reads
// mail, opens links, pays on the provider's page. It keeps nothing of its own:
// after a restart it looks what has been done and goes on.
type player struct {
	store     *store.Store
	tenant    uuid.UUID
	adm       uuid.UUID
	sink      mailsink.Log
	hub       string
	moneybird string // control API of the emulator
	now       func() time.Time
	bank      func(ctx context.Context, name string, r io.Reader) error
	notes     func(string)
}

// part is one debtor of the cast as the books have them.
type part struct {
	actor
	ids     []uuid.UUID // our ids of the invoices
	numbers []string
	done    bool
}

// play lets everybody act until the story's last day is over.
func (p *player) play(ctx context.Context, parts []*part) error {
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	last := storyOrigin.AddDate(0, 0, storyDays)
	for p.now().Before(last) {
		for _, a := range parts {
			if a.done || a.act == nil {
				continue
			}
			if err := a.act(p, a); err != nil && ctx.Err() == nil {
				p.notes(fmt.Sprintf("%s: %v", a.numbers[0], err))
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
	return nil
}

// invoice reads our state of an invoice.
func (p *player) invoice(id uuid.UUID) (c db.Collection, steps map[string]db.StepRecord, err error) {
	steps = map[string]db.StepRecord{}
	err = p.store.In(context.Background(), p.tenant, func(tx store.Tx) error {
		if c, err = tx.Collection(context.Background(), id); errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := tx.LedgerSteps(context.Background(), []uuid.UUID{c.DebtorID})
		for _, r := range rows {
			if r.InvoiceID == id {
				steps[r.Step] = r
			}
		}
		return err
	})
	return c, steps, err
}

// reminded reports whether a step went out for the first invoice.
func (p *player) reminded(a *part, step string) bool {
	_, steps, err := p.invoice(a.ids[0])
	return err == nil && steps[step].Outcome == "sent"
}

// payInBooks books the payment at the source on the morning of reminder 2,
// before its hour: only a look at the source at that moment can know.
func (p *player) payInBooks(a *part) error {
	c, _, err := p.invoice(a.ids[0])
	if err != nil || c.NextStep != "reminder_2" || c.NextAt == nil || !p.now().After(c.NextAt.Add(-5*time.Hour)) {
		return err
	}
	a.done = true
	return p.control("POST", "/invoices/"+a.numbers[0]+"/pay", map[string]string{"date": date.Of(p.now()).String()})
}

// payByStatement lets a bank statement with the payment come in a week early.
func (p *player) payByStatement(a *part) error {
	if !p.reminded(a, "invoice") || p.now().Before(march2.AddDays(7).At(12, 0, amsterdam())) {
		return nil
	}
	file, err := statementOf(a, march2.AddDays(7))
	if err != nil {
		return err
	}
	a.done = true
	return p.bank(context.Background(), "delinde-2026-03-09.xml", strings.NewReader(file))
}

// payOneOfTwo pays the first of two invoices in the books after the reminder
// for both.
func (p *player) payOneOfTwo(a *part) error {
	if !p.reminded(a, "reminder_1") {
		return nil
	}
	a.done = true
	return p.control("POST", "/invoices/"+a.numbers[0]+"/pay", map[string]string{"date": date.Of(p.now()).String()})
}

// payOnline opens the link in the reminder, asks for the code, pays with iDEAL.
func (p *player) payOnline(a *part) error {
	v, err := p.visit(a, "reminder_1")
	if err != nil || v == nil {
		return err
	}
	res, err := v.post("/pay", url.Values{"invoice": {a.ids[0].String()}, "method": {"ideal"}})
	if err != nil {
		return err
	}
	checkout := res.Request.URL.String()
	if strings.HasPrefix(checkout, p.hub) {
		return fmt.Errorf("the payment was not started: %s answers %s", checkout, res.Status)
	}
	a.done = true
	return p.payAt(v.client, checkout)
}

// dispute opens the link in the reminder and does not agree.
func (p *player) dispute(a *part) error {
	v, err := p.visit(a, "reminder_1")
	if err != nil || v == nil {
		return err
	}
	res, err := v.post("/dispute", url.Values{"invoice": {a.ids[0].String()}, "reason": {"quality"}, "text": {"De helft van de menukaarten is verkeerd gedrukt."}})
	if err != nil {
		return err
	}
	if res.StatusCode >= 400 {
		return fmt.Errorf("the dispute was refused: %s", res.Status)
	}
	a.done = true
	return nil
}

// visitor is a debtor in the portal.
type visitor struct {
	client *http.Client
	base   string
}

var portalLink = regexp.MustCompile(`/p/[A-Za-z0-9_-]{20,}`)

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// visit enters the portal by the link of a message; nil when it has not come.
func (p *player) visit(a *part, step string) (*visitor, error) {
	if !p.reminded(a, step) {
		return nil, nil
	}
	text, err := p.newest(a.contact.Email, func(s string) bool { return portalLink.MatchString(s) && strings.Contains(s, a.numbers[0]) })
	if err != nil || text == "" {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{client: &http.Client{Jar: jar, Timeout: 10 * time.Second}, base: p.hub + portalLink.FindString(text)}
	before, err := p.count(a.contact.Email)
	if err != nil {
		return nil, err
	}
	if _, err := v.post("/code", nil); err != nil {
		return nil, err
	}
	var code string
	for range 100 {
		if n, err := p.count(a.contact.Email); err != nil || n > before {
			text, err := p.newest(a.contact.Email, func(s string) bool { return sixDigits.MatchString(s) && !strings.Contains(s, a.numbers[0]) })
			if err != nil {
				return nil, err
			}
			code = sixDigits.FindString(text)
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if code == "" {
		return nil, errors.New("the code did not come")
	}
	res, err := v.post("/verify", url.Values{"code": {code}})
	if err == nil && res.StatusCode >= 400 {
		err = fmt.Errorf("the code was refused: %s", res.Status)
	}
	return v, err
}

func (v *visitor) post(path string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res, res.Body.Close()
}

// parts finds our ids of the cast's invoices through the numbers in the books.
func (p *player) parts(numbers map[string]string) []*part {
	var out []*part
	for _, a := range cast {
		one := &part{actor: a}
		for _, i := range a.invoices {
			one.numbers = append(one.numbers, i.Number)
			one.ids = append(one.ids, sync.InvoiceID(p.adm, numbers[i.Number]))
		}
		out = append(out, one)
	}
	return out
}
