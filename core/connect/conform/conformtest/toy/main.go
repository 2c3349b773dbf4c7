// Command toy is a connector that does everything right, or one thing wrong.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/serve"
)

func main() { serve.Run(toy{}) }

type toy struct{ sdk.Base }

// What can be wrong, as the answer "broken" of the form says.
const (
	dropsPages       = "drops pages"       // goes on after a page that fails
	writesTwice      = "writes twice"      // tries a write again when it failed
	ignoresDeletions = "ignores deletions" // never asks what was deleted
	floats           = "floats"            // reckons money in binary fractions
	hangs            = "hangs"             // waits for nothing
	ignores429       = "ignores 429"       // takes it for the end of a list
	believesHTML     = "believes html"     // takes what it cannot read for an empty list
	hammers          = "hammers"           // does not wait
	leaks            = "leaks"             // keeps what it read
	spins            = "spins"             // keeps computing after its call ended
	believesAnyone   = "believes anyone"   // checks no signature
	saysGone         = "says complete"     // takes a first page for everything
	blames           = "blames the user"   // says that access is refused when the package is down
	panics           = "panics"            // on an empty answer
)

const base = "https://api.toy.example/v1"

func (toy) Check(ctx context.Context, s *sdk.Session) error {
	return call(ctx, s, http.MethodGet, "/me", nil, new(any))
}

func (toy) Administrations(ctx context.Context, s *sdk.Session) ([]sdk.Administration, error) {
	var me struct{ ID, Name string }
	if err := call(ctx, s, http.MethodGet, "/me", nil, &me); err != nil {
		return nil, err
	}
	return []sdk.Administration{{ID: me.ID, Name: me.Name, Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl"}}, nil
}

type page struct {
	Customers []struct{ ID, Name, Email string } `json:"customers"`
	Invoices  []invoice                          `json:"invoices"`
	Deleted   []string                           `json:"deleted"`
	Total     *int                               `json:"total"`
	Seq       *int64                             `json:"seq"`
	Page      int                                `json:"page"`
	More      bool                               `json:"more"`
}

type invoice struct {
	ID, Customer, Number, Date, Due, Total, Open string
	Payments                                     []struct{ ID, Amount, Date, Key string }
}

// cursor is how far the list of changes was read, and where in the list of
// invoices a first load stands.
type cursor struct {
	Seq  int64 `json:"seq"`
	Page int   `json:"page,omitempty"`
}

var kept [][]byte

func (c toy) Pull(ctx context.Context, s *sdk.Session, q sdk.PullRequest, sink sdk.Sink) error {
	broken := s.Config["broken"]
	if len(q.Invoices) > 0 {
		return c.named(ctx, s, q.Invoices, sink)
	}
	switch broken {
	case hangs:
		<-make(chan struct{})
	case leaks:
		junk := make([]byte, 24<<20)
		for i := range junk {
			junk[i] = byte(i)
		}
		kept = append(kept, junk)
	case spins:
		for range 4 {
			go func() {
				for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
					_ = fmt.Sprint(end)
				}
			}()
		}
	}
	var at cursor
	if len(q.Cursor) > 0 {
		if err := json.Unmarshal(q.Cursor, &at); err != nil {
			return sdk.ErrResync
		}
	}
	var customers page
	if err := call(ctx, s, http.MethodGet, "/customers", nil, &customers); err != nil {
		return err
	}
	for _, k := range customers.Customers {
		if err := sink.Party(sdk.Party{ID: k.ID, Name: k.Name, Email: k.Email, Kind: sdk.Unknown}); err != nil {
			return err
		}
	}
	since, seq, seen := at.Seq, at.Seq, 0
	for n := at.Page + 1; ; n++ {
		var p page
		err := call(ctx, s, http.MethodGet, fmt.Sprintf("/invoices?since=%d&page=%d", since, n), nil, &p)
		switch {
		case err != nil && broken == dropsPages && n > 1 && n < 4:
			continue
		case err != nil && broken == dropsPages, err != nil && broken == ignores429 && isWait(err):
			return sink.Checkpoint([]byte(`{"seq":999999}`))
		case err != nil:
			return err
		case p.Seq == nil || p.Total == nil:
			if broken == believesHTML {
				return sink.Checkpoint([]byte(`{"seq":999999}`))
			}
			if broken == panics {
				panic("nothing there")
			}
			return errors.New("the answer is not a page of invoices")
		case p.Page != n:
			return fmt.Errorf("page %d came instead of %d", p.Page, n)
		}
		if n == 1 {
			seq = *p.Seq
		}
		if err := hand(s, p.Invoices, sink); err != nil {
			return err
		}
		if broken == saysGone {
			return errors.Join(sink.Complete(sdk.Invoices), sink.Checkpoint([]byte(`{}`)))
		}
		if broken != ignoresDeletions {
			for _, id := range p.Deleted {
				if err := sink.Gone(sdk.Invoices, id); err != nil {
					return err
				}
			}
		}
		if seen += len(p.Invoices); !p.More {
			if at.Page == 0 && seen < *p.Total && broken != dropsPages {
				return fmt.Errorf("%d invoices came of %d; a page is missing", seen, *p.Total)
			}
			break
		}
		// What changes while this goes on is after the first page's seq.
		if err := checkpoint(sink, cursor{Seq: since, Page: n}); err != nil {
			return err
		}
	}
	if at.Page > 0 {
		seq = at.Seq // the changes since the load began are read next
	}
	return checkpoint(sink, cursor{Seq: seq})
}

func isWait(err error) bool {
	_, ok := errors.AsType[*sdk.RetryAfter](err)
	return ok
}

func checkpoint(sink sdk.Sink, c cursor) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return sink.Checkpoint(b)
}

func (toy) named(ctx context.Context, s *sdk.Session, ids []string, sink sdk.Sink) error {
	for _, id := range ids {
		var v invoice
		err := call(ctx, s, http.MethodGet, "/invoices/"+id, nil, &v)
		if errors.Is(err, sdk.ErrGone) {
			err = sink.Gone(sdk.Invoices, id)
		} else if err == nil {
			err = hand(s, []invoice{v}, sink)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func hand(s *sdk.Session, list []invoice, sink sdk.Sink) error {
	for _, v := range list {
		amount := func(text string) (money.Amount, error) {
			if s.Config["broken"] == floats {
				f, err := strconv.ParseFloat(text, 64)
				return money.EUR(int64(f * 100)), err
			}
			return money.Parse(text, "EUR")
		}
		total, err1 := amount(v.Total)
		open, err2 := amount(v.Open)
		issued, err3 := date.Parse(v.Date)
		due, err4 := date.Parse(v.Due)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			if err := sink.Unreadable(sdk.Invoices, v.ID, strings.ReplaceAll(err.Error(), "\n", "; ")); err != nil {
				return err
			}
			continue
		}
		status := sdk.Open
		if open.IsZero() {
			status = sdk.Paid
		}
		if err := sink.Invoice(sdk.Invoice{
			ID: v.ID, PartyID: v.Customer, Number: v.Number, Kind: sdk.SalesInvoice, Status: status, Issued: issued, Due: due, Total: total, Open: open, Document: true,
		}); err != nil {
			return err
		}
		for _, p := range v.Payments {
			paid, err := money.Parse(p.Amount, "EUR")
			on, err2 := date.Parse(p.Date)
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			if err := sink.Payment(sdk.Payment{ID: p.ID, PartyID: v.Customer, InvoiceID: v.ID, Amount: paid, ValueDate: on, Reference: p.Key}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (toy) Document(ctx context.Context, s *sdk.Session, q sdk.DocumentRequest) (sdk.Document, error) {
	var raw json.RawMessage
	if err := call(ctx, s, http.MethodGet, "/invoices/"+q.Invoice+"/pdf", nil, &raw); err != nil {
		return sdk.Document{}, err
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return sdk.Document{}, err
	}
	return sdk.Document{Name: "invoice.pdf", ContentType: "application/pdf", Content: []byte(text)}, nil
}

func (c toy) Push(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	if s.Config["broken"] != writesTwice {
		if o, err := c.Find(ctx, s, w); err != nil || o.State == sdk.Applied {
			return o, err
		}
	}
	body := map[string]string{"amount": w.Payment.Amount.Decimal(), "date": w.Payment.ValueDate.String(), "key": w.Key}
	var made struct{ ID string }
	var err error
	for range 3 {
		err = call(ctx, s, http.MethodPost, "/invoices/"+w.Payment.Invoice+"/payments", body, &made)
		if err == nil && made.ID != "" || s.Config["broken"] != writesTwice {
			break
		}
	}
	switch {
	case err == nil && made.ID != "":
		return sdk.Outcome{State: sdk.Applied, ExternalID: made.ID}, nil
	case err == nil, !errors.Is(err, sdk.ErrAuth) && !errors.Is(err, sdk.ErrInvalid) && !isWait(err):
		return sdk.Outcome{State: sdk.Uncertain, Message: "Toy did not say."}, nil
	}
	return sdk.Outcome{}, err
}

func (toy) Find(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	var v invoice
	if err := call(ctx, s, http.MethodGet, "/invoices/"+w.Payment.Invoice, nil, &v); err != nil {
		return sdk.Outcome{}, err
	}
	for _, p := range v.Payments {
		if p.Key == w.Key {
			return sdk.Outcome{State: sdk.Applied, ExternalID: p.ID}, nil
		}
	}
	return sdk.Outcome{State: sdk.Rejected, Message: "There is no such payment."}, nil
}

func (toy) Webhook(_ context.Context, s *sdk.Session, w sdk.WebhookCall) ([]sdk.Hint, error) {
	if s.Config["broken"] == believesAnyone {
		return []sdk.Hint{{Stream: sdk.Invoices, ID: "1"}}, nil
	}
	return nil, fmt.Errorf("%w: Toy signs nothing", sdk.ErrAuth)
}

// call asks Toy and reads the answer.
func call(ctx context.Context, s *sdk.Session, method, path string, in, out any) error {
	broken := s.Config["broken"]
	for attempt := 0; ; attempt++ {
		err := once(ctx, s, method, path, in, out)
		switch {
		case broken == hammers && err != nil && attempt < 20:
			continue
		case broken == blames && err != nil:
			return fmt.Errorf("%w: %w", sdk.ErrAuth, errors.New(err.Error()))
		}
		return err
	}
}

func once(ctx context.Context, s *sdk.Session, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		return err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%w: Toy refuses the key", sdk.ErrAuth)
	case resp.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: Toy does not have it", sdk.ErrGone)
	case resp.StatusCode == http.StatusTooManyRequests:
		return &sdk.RetryAfter{Wait: time.Minute, Why: "Toy asks to wait"}
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("the toy answers %d", resp.StatusCode)
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil && (s.Config["broken"] != believesHTML && s.Config["broken"] != panics || strings.HasPrefix(path, "/customers")) {
		return fmt.Errorf("the toy's answer cannot be read: %w", err)
	}
	return nil
}
