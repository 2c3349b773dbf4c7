package token

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// deadError means that the credentials are of no use any more.
type deadError struct{ code string }

func (e *deadError) Error() string { return "refused: " + e.code }

// lostError means that a request went out and no answer was understood: it may
// have taken effect.
type lostError struct{ error }

func (e *lostError) Unwrap() error { return e.error }

// endpoint sends a grant to the token endpoint and reads the credentials in the
// answer.
func (s *Service) endpoint(ctx context.Context, m *manifest.Manifest, auth manifest.Auth, old Grant, grant map[string]string, back url.Values) (Credentials, error) {
	look := old.look(auth, s.Clock.Now())
	req, err := s.tokenRequest(ctx, m, auth, look, grant)
	if err != nil {
		return Credentials{}, err
	}
	a, err := s.send(req, m)
	if err != nil {
		return Credentials{}, fmt.Errorf("reach the token endpoint of %s: %w", m.Title, err)
	}
	a.redirect = back
	names := auth.Answer
	access := fromJSON(a.tree(), cmp.Or(names.Access, "access_token"))
	if a.status >= 300 || access == "" {
		return Credentials{}, s.refusal(m, auth, a, fromJSON(a.tree(), cmp.Or(names.Error, "error")))
	}
	now := s.Clock.Now()
	next := Credentials{
		Method: auth.Name, Access: access, Issued: now, Kept: map[string]string{},
		Refresh:       cmp.Or(fromJSON(a.tree(), cmp.Or(names.Refresh, "refresh_token")), old.Refresh),
		Expiry:        end(now, fromJSON(a.tree(), cmp.Or(names.ExpiresIn, "expires_in")), fromJSON(a.tree(), cmp.Or(names.ExpiresAt, "expires_at")), auth.Lifetime),
		Fields:        old.Fields,
		WebhookSecret: old.WebhookSecret,
		Session:       old.Session,
	}
	return next, a.keep(auth.Keep, next.Kept)
}

func (s *Service) tokenRequest(ctx context.Context, m *manifest.Manifest, auth manifest.Auth, look manifest.Lookup, grant map[string]string) (*http.Request, error) {
	address, err := m.ExpandURL(auth.TokenURL, look)
	if err != nil {
		return nil, fmt.Errorf("the token endpoint of %s: %w", m.Title, err)
	}
	form := map[string]string{}
	for k, v := range grant {
		form[k] = v
	}
	for k, t := range auth.TokenParams {
		if form[k], err = manifest.Expand(t, look); err != nil {
			return nil, err
		}
	}
	var id, secret string
	if !auth.ClientNowhere {
		if id, err = manifest.Expand(cmp.Or(auth.ClientID, "{{app.client_id}}"), look); err != nil {
			return nil, err
		}
		// A public client has no secret.
		if secret, err = manifest.Expand(cmp.Or(auth.ClientSecret, "{{app.client_secret}}"), look); err != nil && (auth.ClientSecret != "" || !auth.PKCE) {
			return nil, err
		}
		if !auth.ClientInHeader {
			form["client_id"] = id
			if secret != "" {
				form["client_secret"] = secret
			}
		}
	}
	body, kind := encodeForm(form), "application/x-www-form-urlencoded"
	if auth.TokenJSON {
		if body, err = json.Marshal(form); err != nil {
			return nil, err
		}
		kind = "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the token endpoint of %s: %w", m.Title, stripURL(err))
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	if auth.ClientInHeader {
		req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) // RFC 6749, section 2.3.1
	}
	return req, nil
}

func encodeForm(form map[string]string) []byte {
	v := url.Values{}
	for k, s := range form {
		v.Set(k, s)
	}
	return []byte(v.Encode())
}

// send makes a request that signs in. It follows no redirects: one would take
// the secrets along.
func (s *Service) send(req *http.Request, m *manifest.Manifest) (*reply, error) {
	resp, err := s.HTTP.RoundTrip(req)
	if err != nil {
		return nil, &lostError{stripURL(err)}
	}
	a, err := read(resp)
	if err != nil {
		return nil, &lostError{stripURL(err)}
	}
	if wait, ok := budget.RetryAfter(a.status, a.header, s.Clock.Now()); ok {
		return nil, &sdk.RetryAfter{Wait: wait, Why: m.Title + " limits its sign-in"}
	}
	if a.status >= 500 || a.status == http.StatusRequestTimeout {
		return nil, &lostError{fmt.Errorf("it answered %d", a.status)}
	}
	return a, nil
}

// refusal says what an answer of the token endpoint without a token means,
// without its body, which may repeat what was sent.
func (s *Service) refusal(m *manifest.Manifest, auth manifest.Auth, a *reply, code string) error {
	ours := auth.Type == manifest.OAuth2 || auth.ClientSecret == "" && !auth.ClientNowhere
	switch code {
	case "invalid_grant":
		return &deadError{code}
	case "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type", "invalid_request":
		if !ours {
			return &deadError{code}
		}
		return fmt.Errorf("%w: %s refuses our registration (%s); the operator must check the client id and secret", sdk.ErrInvalid, m.Title, code)
	case "":
		if a.status < 300 {
			return &lostError{fmt.Errorf("the token endpoint of %s answered %d without a token", m.Title, a.status)}
		}
	}
	return fmt.Errorf("the token endpoint of %s answered %d", m.Title, a.status)
}

func stripURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// usesApp reports whether a way to sign in needs our registration when a request
// is sent, and not only for its tokens.
func usesApp(a manifest.Auth) bool {
	has := func(s string) bool { return strings.Contains(s, "{{app.") || strings.Contains(s, "{{ app.") }
	for _, s := range a.Send {
		if has(s.Value) || has(s.User) || has(s.Password) {
			return true
		}
	}
	for _, v := range a.Values {
		if has(v) {
			return true
		}
	}
	if a.Sign != nil {
		for _, v := range []string{a.Sign.Key, a.Sign.Text, a.Sign.ConsumerKey, a.Sign.ConsumerSecret, a.Sign.Token, a.Sign.TokenSecret} {
			if has(v) {
				return true
			}
		}
		for _, v := range a.Sign.Header {
			if has(v) {
				return true
			}
		}
	}
	return false
}
