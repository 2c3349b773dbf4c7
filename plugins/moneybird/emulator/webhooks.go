package emulator

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// hookCall is one announcement to one webhook.
type hookCall struct{ hook, url, body string }

// hookCalls draws the announcements of a change for the webhooks that want
// them.
func (c *change) hookCalls() (out []hookCall) {
	for _, h := range c.a.Webhooks {
		if !h.Deactivated.IsZero() {
			continue
		}
		for _, n := range c.calls {
			if h.wants(n.action) {
				out = append(out, hookCall{h.ID, h.URL, string(hookBody(c.a, h, n.kind, n.id, n.state, n.action, n.entity()))})
			}
		}
	}
	return out
}

func hookBody(a *administration, h *webhook, kind, entity, state, action string, body any) []byte {
	return must(object{
		"administration_id": id(a.ID), "webhook_id": id(h.ID), "webhook_token": h.Token, "entity_type": or(kind),
		"entity_id": orID(entity), "state": or(state), "action": action, "entity": body,
	})
}

// wants reports whether a webhook asked for an event, by its name or by the
// name of a group that the event starts with.
func (h *webhook) wants(action string) bool {
	for _, e := range h.Events {
		if action == e || strings.HasPrefix(action, e+"_") {
			return true
		}
	}
	return len(h.Events) == 0
}

// sign writes the header Moneybird-Signature.
func sign(r *http.Request, secret string, body []byte, at time.Time) {
	t := itoa(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	r.Header.Set("Moneybird-Signature", "t="+t+",v1="+hex.EncodeToString(mac.Sum(nil)))
}

// signHook signs an attempt with its own moment; a webhook that was deleted is
// no longer called.
func (s *Server) signHook(r *http.Request, d emulator.Delivery) bool {
	if _, h := s.hook(d.Group); h != nil {
		sign(r, h.Secret, []byte(d.Body), s.kit.Wall())
		return true
	}
	return false
}

func (s *Server) noteHook(d emulator.Delivery, status int, body string) {
	adm, _ := s.hook(d.Group)
	_ = s.change(adm, func(c *change) error {
		for _, h := range c.a.Webhooks {
			if h.ID == d.Group {
				h.Status, h.Body = status, body
			}
		}
		return nil
	})
}

// hook finds a webhook by its id.
func (s *Server) hook(id string) (adm string, found *webhook) {
	s.books.View(func(b *books) {
		for _, a := range b.Administrations {
			for _, h := range a.Webhooks {
				if h.ID == id {
					one := *h
					adm, found = a.ID, &one
				}
			}
		}
	})
	return adm, found
}

func (h *webhook) render(a *administration, withSecret bool) object {
	events := h.Events
	if events == nil {
		events = []string{}
	}
	var status any
	if h.Status != 0 {
		status = h.Status
	}
	o := object{
		"id": id(h.ID), "administration_id": id(a.ID), "url": h.URL, "enabled_events": events,
		"last_http_status": status, "last_http_body": or(h.Body), "token": h.Token, "deactivated_at": orAt(h.Deactivated),
	}
	if withSecret {
		o["secret"] = h.Secret
	}
	return o
}

func (c *call) listWebhooks() error {
	out := []object{}
	err := c.view(func(a *administration) error {
		for _, h := range a.Webhooks {
			out = append(out, h.render(a, false))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

// createWebhook calls the address before it accepts it.
func (c *call) createWebhook() error {
	var in struct {
		URL    string   `json:"url"`
		Events []string `json:"enabled_events"`
		Old    any      `json:"events"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Old != nil {
		return symbolic(http.StatusBadRequest, "'events' has been removed from webhooks, use 'enabled_events'", "events", "removed")
	}
	if strings.TrimSpace(in.URL) == "" {
		return symbolic(http.StatusBadRequest, "Url is required", "url", "required")
	}
	var bad invalid
	if u, err := url.Parse(in.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		bad.add("url", "is invalid", "invalid")
		return bad.err()
	}
	h := &webhook{URL: in.URL, Events: in.Events, Token: randomText(12), Secret: randomText(32)}
	if err := c.change(func(ch *change) error { h.ID = ch.b.nextID(); return nil }); err != nil {
		return err
	}
	if !c.answers(h) {
		bad.add("url", "does not respond with a 200 status", "unreachable")
		return bad.err()
	}
	var body object
	err := c.change(func(ch *change) error {
		ch.a.Webhooks = append(ch.a.Webhooks, h)
		body = h.render(ch.a, true)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, body)
}

func (c *call) answers(h *webhook) bool {
	var body []byte
	_ = c.view(func(a *administration) error {
		body = hookBody(a, h, "", "", "", "test_webhook", object{})
		return nil
	})
	ctx, cancel := context.WithTimeout(c.r.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	sign(r, h.Secret, body, c.s.kit.Wall())
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4096))
	return resp.StatusCode == http.StatusOK
}

func (c *call) deleteWebhook() error {
	err := c.change(func(ch *change) error {
		for i, h := range ch.a.Webhooks {
			if h.ID == c.r.PathValue("id") {
				ch.a.Webhooks = append(ch.a.Webhooks[:i:i], ch.a.Webhooks[i+1:]...)
				return nil
			}
		}
		return notFound("id")
	})
	if err != nil {
		return err
	}
	return c.empty()
}

// switchWebhook activates or deactivates.
func (c *call) switchWebhook(active bool) error {
	var body object
	err := c.change(func(ch *change) error {
		for _, h := range ch.a.Webhooks {
			if h.ID != c.r.PathValue("id") {
				continue
			}
			h.Deactivated = time.Time{}
			if !active {
				h.Deactivated = ch.now
			}
			body = h.render(ch.a, false)
			return nil
		}
		return &apiError{http.StatusNotFound, map[string]string{"error": "Record not found for model name: Webhook"}}
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Subscribed lists the URLs that an administration's webhooks call.
func (s *Server) Subscribed(adm string) (urls []string) {
	s.books.View(func(b *books) {
		if a := b.Administrations[adm]; a != nil {
			for _, h := range a.Webhooks {
				urls = append(urls, h.URL)
			}
		}
	})
	return urls
}
