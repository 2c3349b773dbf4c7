package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"golang.org/x/oauth2"
)

// deadError means that the refresh token is of no use any more.
type deadError struct{ code string }

func (e *deadError) Error() string { return "refresh refused: " + e.code }

// config returns the OAuth2 client of a connector for one way to sign in.
func (s *Service) config(ctx context.Context, m *manifest.Manifest, method, redirect string) (*oauth2.Config, manifest.Auth, error) {
	auth, ok := m.Method(method)
	if !ok || auth.Type != manifest.OAuth2 {
		return nil, auth, fmt.Errorf("%w: %s has no OAuth2 sign-in called %q", sdk.ErrInvalid, m.Name, method)
	}
	app, err := s.App(ctx, m.Name)
	if err != nil {
		return nil, auth, fmt.Errorf("find our registration at %s: %w", m.Title, err)
	}
	style := oauth2.AuthStyleInParams
	if auth.ClientInHeader {
		style = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret,
		Endpoint:    oauth2.Endpoint{AuthURL: auth.AuthorizeURL, TokenURL: auth.TokenURL, AuthStyle: style},
		RedirectURL: redirect,
		Scopes:      auth.Scopes,
	}, auth, nil
}

// AuthorizeURL returns the page of the package where the user gives access.
// The state must be unguessable and bound to the user's session; the verifier
// (oauth2.GenerateVerifier) is kept for Exchange.
func (s *Service) AuthorizeURL(ctx context.Context, m *manifest.Manifest, method, redirect, state, verifier string) (string, error) {
	c, auth, err := s.config(ctx, m, method, redirect)
	if err != nil {
		return "", err
	}
	var opts []oauth2.AuthCodeOption
	for k, v := range auth.Params {
		opts = append(opts, oauth2.SetAuthURLParam(k, v))
	}
	if auth.PKCE {
		opts = append(opts, oauth2.S256ChallengeOption(verifier))
	}
	return c.AuthCodeURL(state, opts...), nil
}

// Exchange turns the code that the user came back with into credentials.
func (s *Service) Exchange(ctx context.Context, m *manifest.Manifest, method, redirect, code, verifier string) (Credentials, error) {
	c, auth, err := s.config(ctx, m, method, redirect)
	if err != nil {
		return Credentials{}, err
	}
	var opts []oauth2.AuthCodeOption
	if auth.PKCE {
		opts = append(opts, oauth2.VerifierOption(verifier))
	}
	t, err := c.Exchange(s.client(ctx), code, opts...)
	if err != nil {
		err = s.endpointError(m, err)
		if _, ok := errors.AsType[*deadError](err); ok {
			err = fmt.Errorf("%w: the sign-in at %s took too long or was used before; start it again", sdk.ErrInvalid, m.Title)
		}
		return Credentials{}, err
	}
	return s.credentials(auth, t, ""), nil
}

// callTokenEndpoint uses the refresh token.
func (s *Service) callTokenEndpoint(ctx context.Context, m *manifest.Manifest, old Credentials) (Credentials, error) {
	c, auth, err := s.config(ctx, m, old.Method, "")
	if err != nil {
		return Credentials{}, err
	}
	t, err := c.TokenSource(s.client(ctx), &oauth2.Token{RefreshToken: old.Refresh}).Token()
	if err != nil {
		return Credentials{}, s.endpointError(m, err)
	}
	next := s.credentials(auth, t, old.Refresh)
	next.Fields, next.WebhookSecret = old.Fields, old.WebhookSecret
	return next, nil
}

func (s *Service) credentials(auth manifest.Auth, t *oauth2.Token, refresh string) Credentials {
	c := Credentials{Method: auth.Name, Access: t.AccessToken, Refresh: refresh}
	if t.RefreshToken != "" {
		c.Refresh = t.RefreshToken
	}
	life := time.Duration(t.ExpiresIn) * time.Second
	if life <= 0 {
		life = auth.Lifetime
	}
	if life > 0 {
		c.Expiry = s.Clock.Now().Add(life)
	}
	return c
}

// client makes package oauth2 call through our egress, without redirects: a
// token endpoint that moves would take the secret along.
func (s *Service) client(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Transport:     s.HTTP,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// endpointError says what an error of the token endpoint means, without its
// body, which may repeat what was sent.
func (s *Service) endpointError(m *manifest.Manifest, err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return fmt.Errorf("reach the token endpoint of %s: %w", m.Title, stripURL(err))
	}
	status := refused.Response.StatusCode
	if wait, ok := budget.RetryAfter(status, refused.Response.Header, s.Clock.Now()); ok {
		return &sdk.RetryAfter{Wait: wait, Why: m.Title + " limits its token endpoint"}
	}
	if status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden {
		switch code := errorCode(refused); code {
		case "invalid_grant":
			return &deadError{code: code}
		case "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type", "invalid_request":
			return fmt.Errorf("%w: %s refuses our registration (%s); the operator must check the client id and secret", sdk.ErrInvalid, m.Title, code)
		}
	}
	return fmt.Errorf("the token endpoint of %s answered %d", m.Title, status)
}

// errorCode reads the code also where the answer is JSON but does not say so.
func errorCode(e *oauth2.RetrieveError) string {
	var body struct {
		Error string `json:"error"`
	}
	if e.ErrorCode == "" && json.Unmarshal(e.Body, &body) == nil {
		return body.Error
	}
	return e.ErrorCode
}

func stripURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// Revoke ends the access at the package, where it can be ended, and removes the
// credentials here in any case.
func (s *Service) Revoke(ctx context.Context, ref Ref, m *manifest.Manifest) error {
	g, loadErr := s.load(ctx, ref)
	if err := s.Store.Replace(ctx, ref, nil); err != nil {
		return fmt.Errorf("remove credentials: %w", err)
	}
	auth, ok := m.Method(g.Method)
	if loadErr != nil || !ok || auth.RevokeURL == "" {
		return nil
	}
	c, _, err := s.config(ctx, m, g.Method, "")
	if err != nil {
		return err
	}
	secret := g.Refresh
	if secret == "" {
		secret = g.Access
	}
	form := url.Values{"token": {secret}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, auth.RevokeURL, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.HTTP.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("revoke at %s: %w", m.Title, stripURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 400 {
		return fmt.Errorf("revoke at %s: it answered %d", m.Title, resp.StatusCode)
	}
	return nil
}
