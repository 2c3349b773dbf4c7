package conformance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

var webhookScenarios = []scenario{
	{
		area: Webhooks, name: "webhook", sentence: "The package calls on a payment: the call is recognised and names the invoice; changed by one letter, or without its signature, it is refused.",
		needs: manifest.Subscriptions, fresh: true,
		do: webhook,
	},
}

func webhook(ctx context.Context, s *stage) (string, error) {
	calls := make(chan sdk.WebhookCall, 64)
	ear := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		call := sdk.WebhookCall{Method: r.Method, URL: "http://" + r.Host + r.URL.RequestURI(), Header: r.Header.Clone(), Body: body}
		// The package may ask whether we are there before it hands out a secret.
		if heard, err := s.s.Webhook(r.Context(), call, nil); err == nil && heard.Greeting {
			_, _ = io.WriteString(w, heard.Reply)
			return
		}
		select {
		case calls <- call:
		default:
		}
	}))
	defer ear.Close()
	b, list, err := s.begun(ctx)
	if err != nil {
		return "", err
	}
	q := sdk.SubscribeRequest{Administration: s.adm, URL: ear.URL + "/hooks/1"}
	first, err := s.s.Subscribe(ctx, q)
	if err != nil {
		return "", wrong("Subscribe fails: %v", err)
	}
	sub, err := s.s.Subscribe(ctx, q)
	if err != nil || sub.ID == "" {
		return "", wrong("Subscribe, a second time: %+v, %v", sub.ID, err)
	}
	if len(sub.Secret) == 0 {
		sub.Secret = first.Secret
	}
	paid := list[4].Number
	if err := s.play.Books.Pay(paid, ""); err != nil {
		return "", broken{err}
	}
	want := b.byNumber(paid)
	var named []string
	var refused error // such as of a call that the first subscription sent
	timeout := time.After(12 * time.Second)
	for {
		var call sdk.WebhookCall
		select {
		case call = <-calls:
		case <-timeout:
			return "", wrong("no call names invoice %s within 12 seconds; named were %v (%v)", want, named, refused)
		case <-ctx.Done():
			return "", broken{ctx.Err()}
		}
		heard, err := s.s.Webhook(ctx, call, sub.Secret)
		if err != nil {
			refused = fmt.Errorf("a genuine call is refused: %w", err)
		}
		for _, h := range heard.Hints {
			named = append(named, h.ID)
		}
		if !slices.Contains(named, want) {
			continue
		}
		forged := sdk.WebhookCall{Method: call.Method, URL: call.URL, Header: call.Header.Clone(), Body: slices.Clone(call.Body)}
		for i, c := range forged.Body {
			if c >= '1' && c <= '8' {
				forged.Body[i]++
				break
			}
		}
		if _, err := s.s.Webhook(ctx, forged, sub.Secret); ClassOf(err) != Auth {
			return "", wrong("a call with a changed body is taken (%v)", err)
		}
		if _, err := s.s.Webhook(ctx, call, []byte("another secret")); ClassOf(err) != Auth && len(sub.Secret) > 0 {
			return "", wrong("a call signed with another secret is taken (%v)", err)
		}
		break
	}
	for range 2 {
		if err := s.s.Unsubscribe(ctx, s.adm, sub.ID); err != nil {
			return "", wrong("Unsubscribe fails, or does so when there is nothing left: %v", err)
		}
	}
	return fmt.Sprintf("%d calls", len(named)), nil
}
