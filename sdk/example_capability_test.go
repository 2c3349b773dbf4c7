package sdk_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// played connects to a package that is answered by one function.
func played(answer http.HandlerFunc) (s *sdk.Session, stop func()) {
	server := httptest.NewServer(answer)
	return sdktest.NewSession(&testing.T{}, sdktest.Options{Hosts: map[string]string{"api.acme.example": server.URL}}), server.Close
}

// books is a connector that can do more than read.
type books struct{ acme }

const bills = "https://api.acme.example/bills/"

// Document fetches a file.
func (books) Document(ctx context.Context, s *sdk.Session, r sdk.DocumentRequest) (sdk.Document, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, bills+r.Invoice+".pdf", nil)
	if err != nil {
		return sdk.Document{}, err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return sdk.Document{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusNotFound {
		return sdk.Document{}, fmt.Errorf("%w: Acme has no PDF of bill %s", sdk.ErrGone, r.Invoice)
	}
	b, err := io.ReadAll(resp.Body)
	return sdk.Document{Name: r.Invoice + ".pdf", ContentType: "application/pdf", Content: b}, err
}

func ExampleDocumentReader() {
	s, stop := played(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/bills/7.pdf" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "%PDF-1.7")
	})
	defer stop()
	d, err := books{}.Document(context.Background(), s, sdk.DocumentRequest{Invoice: "7", Format: sdk.PDF})
	fmt.Println(d.Name, string(d.Content), err)
	_, err = books{}.Document(context.Background(), s, sdk.DocumentRequest{Invoice: "8", Format: sdk.PDF})
	fmt.Println(errors.Is(err, sdk.ErrGone), err)
	// Output:
	// 7.pdf %PDF-1.7 <nil>
	// true not there any more: Acme has no PDF of bill 8
}

// Push books a payment under the key of the write, by which Acme knows a repeat.
func (books) Push(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	body, err := json.Marshal(map[string]string{"key": w.Key, "amount": w.Payment.Amount.Decimal(), "on": w.Payment.ValueDate.String()})
	if err != nil {
		return sdk.Outcome{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, bills+w.Payment.Invoice+"/payments", bytes.NewReader(body))
	if err != nil {
		return sdk.Outcome{}, err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil || resp.StatusCode >= 500 {
		// It may have been booked: the host asks Find before it tries again.
		return sdk.Outcome{State: sdk.Uncertain}, nil
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 400 {
		return sdk.Outcome{State: sdk.Rejected, Message: "The bill is closed."}, nil
	}
	return sdk.Outcome{State: sdk.Applied, ExternalID: "p-" + w.Key}, nil
}

// Find looks whether it was booked.
func (books) Find(ctx context.Context, s *sdk.Session, w sdk.Write) (sdk.Outcome, error) {
	var there []struct{ Key, ID string }
	if err := get(ctx, s, "bills/"+w.Payment.Invoice+"/payments", &there); err != nil {
		return sdk.Outcome{}, err
	}
	for _, p := range there {
		if p.Key == w.Key {
			return sdk.Outcome{State: sdk.Applied, ExternalID: p.ID}, nil
		}
	}
	return sdk.Outcome{State: sdk.Rejected, Message: "The payment is not there."}, nil
}

// A write whose answer got lost is uncertain, and found afterwards.
func ExampleWriter() {
	var booked []map[string]string
	s, stop := played(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_ = json.NewEncoder(w).Encode(booked)
			return
		}
		var p map[string]string
		_ = json.NewDecoder(r.Body).Decode(&p)
		p["id"] = "p-" + p["key"]
		booked = append(booked, p)
		w.WriteHeader(http.StatusBadGateway)
	})
	defer stop()
	w := sdk.Write{Key: "k1", Payment: &sdk.PaymentWrite{Invoice: "7", Amount: money.EUR(2100), ValueDate: date.MustParse("2026-11-21")}}
	o, err := books{}.Push(context.Background(), s, w)
	fmt.Println(o.State, err)
	o, err = books{}.Find(context.Background(), s, w)
	fmt.Println(o.State, o.ExternalID, err)
	// Output:
	// uncertain <nil>
	// applied p-k1 <nil>
}

// Webhook believes signed calls, and of those only what they are about.
func (books) Webhook(_ context.Context, s *sdk.Session, c sdk.WebhookCall) ([]sdk.Hint, error) {
	given, err := hex.DecodeString(c.Header.Get("X-Signature"))
	if err != nil || !hmac.Equal(given, sign(s.WebhookSecret, c.Body)) {
		return nil, fmt.Errorf("%w: the signature is wrong", sdk.ErrAuth)
	}
	var e struct{ Bill, Event string }
	if err := json.Unmarshal(c.Body, &e); err != nil {
		return nil, fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	return []sdk.Hint{{Administration: "1", Stream: sdk.Invoices, ID: e.Bill, Event: e.Event}}, nil
}

func sign(secret, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return mac.Sum(nil)
}

func ExampleWebhookReader() {
	s := &sdk.Session{WebhookSecret: []byte("sesam")}
	body := []byte(`{"bill":"7","event":"e1"}`)
	call := sdk.WebhookCall{Header: http.Header{}, Body: body}
	call.Header.Set("X-Signature", hex.EncodeToString(sign(s.WebhookSecret, body)))
	hints, err := books{}.Webhook(context.Background(), s, call)
	fmt.Println(hints[0].Stream, hints[0].ID, err)
	call.Header.Set("X-Signature", "00")
	_, err = books{}.Webhook(context.Background(), s, call)
	fmt.Println(err)
	// Output:
	// invoices 7 <nil>
	// not authorised: the signature is wrong
}

// Subscribe asks Acme to call; it gives back the subscription that there is.
func (books) Subscribe(ctx context.Context, s *sdk.Session, r sdk.SubscribeRequest) (sdk.Subscription, error) {
	var made struct{ ID, Secret string }
	if err := get(sdk.Repeatable(ctx), s, "hooks?url="+r.URL, &made); err != nil {
		return sdk.Subscription{}, err
	}
	return sdk.Subscription{ID: made.ID, Secret: []byte(made.Secret)}, nil
}

// Unsubscribe ends that.
func (books) Unsubscribe(context.Context, *sdk.Session, string, string) error { return nil }

func ExampleSubscriber() {
	s, stop := played(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"id":"h1","secret":"made for %s"}`, r.FormValue("url"))
	})
	defer stop()
	sub, err := books{}.Subscribe(context.Background(), s, sdk.SubscribeRequest{Administration: "1", URL: "https://hub.example/h"})
	fmt.Println(sub.ID, string(sub.Secret), err)
	// Output: h1 made for https://hub.example/h <nil>
}

// The type says at compile time what the connector can do.
var (
	_ sdk.Connector      = books{}
	_ sdk.DocumentReader = books{}
	_ sdk.Writer         = books{}
	_ sdk.WebhookReader  = books{}
	_ sdk.Subscriber     = books{}
)

func ExampleConnector() {
	s, stop := played(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	defer stop()
	var c sdk.Connector = acme{}
	fmt.Println(c.Check(context.Background(), s))
	list, err := c.Administrations(context.Background(), s)
	fmt.Println(list[0].Name, list[0].Currency, err)
	// Output:
	// not authorised: Acme refuses the token
	// Acme EUR <nil>
}

// A package that lists ids with revisions cheaply: only what the host does not have
// is fetched, and what is not in the list is known to be deleted.
func ExampleSink() {
	pull := func(sink sdk.Sink) error {
		wanted, err := sink.Compare(sdk.Parties, []sdk.Revision{{ID: "c1", Revision: "3"}, {ID: "c2", Revision: "1"}})
		if err != nil {
			return err
		}
		for _, id := range wanted {
			if err := sink.Party(sdk.Party{ID: id, Revision: "3", Name: "Hotel Zeezicht", Kind: sdk.Business}); err != nil {
				return err
			}
		}
		if err := sink.Gone(sdk.Invoices, "7"); err != nil {
			return err
		}
		return sink.Checkpoint([]byte("2026-11-21"))
	}
	host := &sdktest.Recorder{Known: map[sdk.Stream]map[string]string{sdk.Parties: {"c1": "2", "c2": "1"}}}
	fmt.Println(pull(host))
	fmt.Println(len(host.Got.Parties), host.Got.Parties[0].ID, "gone:", host.Got.Gone[0].ID, "cursor:", string(host.Got.Cursor()))
	// Output:
	// <nil>
	// 1 c1 gone: 7 cursor: 2026-11-21
}

// The host waits: as a durable timer when it is long.
func ExampleRetryAfter() {
	err := fmt.Errorf("list bills: %w", &sdk.RetryAfter{Wait: 90 * time.Second, Why: "Acme counts 500 requests a day"})
	fmt.Println(err)
	if r, ok := errors.AsType[*sdk.RetryAfter](err); ok {
		fmt.Println(r.Wait)
	}
	// Output:
	// list bills: Acme counts 500 requests a day; try again in 1m30s
	// 1m30s
}

// A search that is a POST may be sent again when its answer got lost.
func ExampleRepeatable() {
	req, err := http.NewRequestWithContext(sdk.Repeatable(context.Background()), http.MethodPost, "https://api.acme.example/search", nil)
	fmt.Println(sdk.IsRepeatable(req.Context()), err)
	// Output: true <nil>
}

// A connector embeds Base, and goes on compiling when Connector grows.
func ExampleBase() {
	type Connector struct {
		sdk.Base
		home string
	}
	fmt.Println(Connector{home: "https://api.acme.example"}.home)
	// Output: https://api.acme.example
}

func ExampleSession_Decode() {
	type Config struct {
		Days   int  `form:"days"`
		Drafts bool `form:"drafts"`
	}
	cfg := Config{Days: 30}
	fmt.Println((&sdk.Session{Config: map[string]string{"drafts": "true"}}).Decode(&cfg), cfg.Days, cfg.Drafts)
	fmt.Println((&sdk.Session{Config: map[string]string{"days": "some"}}).Decode(&cfg))
	// Output:
	// <nil> 30 true
	// invalid request: the settings of the connection: days: "some" is not a whole number
}
