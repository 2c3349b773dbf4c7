package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/voldaan/voldaan/sdk"
)

// Webhook checks the signature and says what the call is about. The host reads
// that record itself and believes nothing else of the call.
func (Connector) Webhook(_ context.Context, s *sdk.Session, c sdk.WebhookCall) ([]sdk.Hint, error) {
	given, err := hex.DecodeString(c.Header.Get("X-Acme-Signature"))
	mac := hmac.New(sha256.New, s.WebhookSecret)
	mac.Write(c.Body)
	if err != nil || len(s.WebhookSecret) == 0 || !hmac.Equal(given, mac.Sum(nil)) {
		return nil, fmt.Errorf("%w: the signature of the call is wrong", sdk.ErrAuth)
	}
	var e struct{ ID, Company, Type, Record string }
	if err := json.Unmarshal(c.Body, &e); err != nil {
		return nil, fmt.Errorf("%w: the call cannot be read: %w", sdk.ErrInvalid, err)
	}
	kind, _, _ := strings.Cut(e.Type, ".")
	if kind == "payment" {
		return nil, nil // its invoice changes with it, which is told as well
	}
	stream, ok := streams[kind]
	if !ok || e.Record == "" {
		return nil, nil
	}
	return []sdk.Hint{{Administration: e.Company, Stream: stream, ID: e.Record, Event: e.ID}}, nil
}

// Subscribe asks for calls. The secret is told once, when a webhook is made: one
// that is there for the address is made anew.
func (c Connector) Subscribe(ctx context.Context, s *sdk.Session, r sdk.SubscribeRequest) (sdk.Subscription, error) {
	path := webhooks(r.Administration)
	var there struct{ Data []struct{ ID, URL string } }
	if err := get(ctx, s, path, &there); err != nil {
		return sdk.Subscription{}, err
	}
	for _, h := range there.Data {
		if h.URL == r.URL {
			if err := c.Unsubscribe(ctx, s, r.Administration, h.ID); err != nil {
				return sdk.Subscription{}, err
			}
		}
	}
	var made struct{ ID, Secret string }
	if err := call(ctx, s, http.MethodPost, path, map[string]string{"url": r.URL}, &made); err != nil {
		return sdk.Subscription{}, err
	}
	return sdk.Subscription{ID: made.ID, Secret: []byte(made.Secret)}, nil
}

// Unsubscribe ends that.
func (Connector) Unsubscribe(ctx context.Context, s *sdk.Session, administration, id string) error {
	err := call(ctx, s, http.MethodDelete, webhooks(administration)+"/"+url.PathEscape(id), nil, nil)
	if errors.Is(err, sdk.ErrGone) {
		return nil
	}
	return err
}

func webhooks(administration string) string {
	return "/companies/" + url.PathEscape(administration) + "/webhooks"
}
