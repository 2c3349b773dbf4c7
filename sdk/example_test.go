package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// acme is the smallest connector there is.
type acme struct{ sdk.Base }

func (acme) Check(ctx context.Context, s *sdk.Session) error { return get(ctx, s, "me", new(any)) }

func (acme) Administrations(context.Context, *sdk.Session) ([]sdk.Administration, error) {
	return []sdk.Administration{{ID: "1", Name: "Acme", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam"}}, nil
}

func (acme) Pull(ctx context.Context, s *sdk.Session, _ sdk.PullRequest, sink sdk.Sink) error {
	var bills []struct{ ID, Customer, Number, Date, Due, Total, Open string }
	if err := get(ctx, s, "bills", &bills); err != nil {
		return err
	}
	for _, b := range bills {
		total, err := money.Parse(b.Total, "EUR")
		if err != nil {
			if err := sink.Unreadable(sdk.Invoices, b.ID, "the total "+err.Error()); err != nil {
				return err
			}
			continue
		}
		open, _ := money.Parse(b.Open, "EUR")
		issued, _ := date.Parse(b.Date)
		due, _ := date.Parse(b.Due)
		if err := sink.Invoice(sdk.Invoice{
			ID: b.ID, PartyID: b.Customer, Number: b.Number, Kind: sdk.SalesInvoice, Status: sdk.Open,
			Issued: issued, Due: due, Total: total, Open: open,
		}); err != nil {
			return err
		}
	}
	return sink.Complete(sdk.Invoices)
}

func get(ctx context.Context, s *sdk.Session, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.acme.example/"+path, nil)
	if err != nil {
		return err
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusUnauthorized {
		return fmt.Errorf("%w: Acme refuses the token", sdk.ErrAuth)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// A connector implements three methods; its program is serve.Run(acme{}), and
// its tests run it against a server of their own.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":"7","customer":"c1","number":"2026-7","date":"2026-11-01","due":"2026-11-15","total":"121.00","open":"21"},
			{"id":"8","customer":"c1","number":"2026-8","total":"1.234,56"}]`)
	}))
	defer server.Close()
	session := sdktest.NewSession(&testing.T{}, sdktest.Options{Hosts: map[string]string{"api.acme.example": server.URL}})
	var got sdktest.Recorder
	if err := (acme{}).Pull(context.Background(), session, sdk.PullRequest{}, &got); err != nil {
		fmt.Println(err)
	}
	v, _ := got.Got.Invoice("7")
	fmt.Println(v.Number, "due", v.Due, "open", v.Open)
	fmt.Println("unreadable:", got.Got.Unreadable[0].ID)
	// Output:
	// 2026-7 due 2026-11-15 open EUR 21.00
	// unreadable: 8
}

func TestRetryAfterSaysWhenAndWhy(t *testing.T) {
	t.Parallel()
	var err error = fmt.Errorf("list bills: %w", &sdk.RetryAfter{Wait: 90 * time.Second, Why: "quota spent"})
	if r, ok := errors.AsType[*sdk.RetryAfter](err); !ok || r.Error() != "quota spent; try again in 1m30s" {
		t.Errorf("%v", err)
	}
}

func TestRepeatable(t *testing.T) {
	t.Parallel()
	if sdk.IsRepeatable(t.Context()) || !sdk.IsRepeatable(sdk.Repeatable(t.Context())) {
		t.Error("the mark is lost or invented")
	}
}
