package token

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"golang.org/x/oauth2"
)

// SignIn is one sign-in by authorization code.
type SignIn struct {
	Method   string // of the manifest; empty means its first
	Redirect string // where the package sends the user back to
	// State must be unguessable and bound to the user's session; Verifier
	// (oauth2.GenerateVerifier) is kept between the two halves.
	State    string
	Verifier string
	// Config are the answers to the form that are no secret.
	Config map[string]string
	// Code and Back are what the user came back with: the code, and all parameters
	// of the address.
	Code string
	Back url.Values
}

// method returns a way to sign in by authorization code, and a grant that knows
// our registration.
func (s *Service) method(ctx context.Context, m *manifest.Manifest, in SignIn) (manifest.Auth, Grant, error) {
	auth, ok := m.Method(in.Method)
	if !ok || auth.Type != manifest.OAuth2 {
		return auth, Grant{}, fmt.Errorf("%w: %s has no OAuth2 sign-in called %q", sdk.ErrInvalid, m.Name, in.Method)
	}
	app, err := s.App(ctx, m.Name)
	if err != nil {
		return auth, Grant{}, fmt.Errorf("find our registration at %s: %w", m.Title, err)
	}
	return auth, Grant{App: app, Config: in.Config}, nil
}

// AuthorizeURL returns the page of the package where the user gives access.
func (s *Service) AuthorizeURL(ctx context.Context, m *manifest.Manifest, in SignIn) (string, error) {
	auth, g, err := s.method(ctx, m, in)
	if err != nil {
		return "", err
	}
	look := g.look(auth, s.Clock.Now())
	address, err := m.ExpandURL(auth.AuthorizeURL, look)
	if err != nil {
		return "", fmt.Errorf("%w: the sign-in page of %s: %w", sdk.ErrInvalid, m.Title, err)
	}
	id, err := manifest.Expand(cmp.Or(auth.ClientID, "{{app.client_id}}"), look)
	if err != nil {
		return "", err
	}
	q := url.Values{"response_type": {"code"}, "client_id": {id}, "redirect_uri": {in.Redirect}, "state": {in.State}}
	if len(auth.Scopes) > 0 {
		q.Set("scope", strings.Join(auth.Scopes, cmp.Or(auth.ScopeSeparator, " ")))
	}
	for k, t := range auth.Params {
		v, err := manifest.Expand(t, look)
		if err != nil {
			return "", err
		}
		q.Set(k, v)
	}
	if auth.PKCE {
		q.Set("code_challenge", oauth2.S256ChallengeFromVerifier(in.Verifier))
		q.Set("code_challenge_method", "S256")
	}
	return address + join(address) + q.Encode(), nil
}

// join is what stands between a URL and more of its query.
func join(address string) string {
	if strings.Contains(address, "?") {
		return "&"
	}
	return "?"
}

// Exchange turns the code that the user came back with into credentials.
func (s *Service) Exchange(ctx context.Context, m *manifest.Manifest, in SignIn) (Credentials, error) {
	auth, g, err := s.method(ctx, m, in)
	if err != nil {
		return Credentials{}, err
	}
	grant := map[string]string{"grant_type": "authorization_code", "code": in.Code, "redirect_uri": in.Redirect}
	if auth.PKCE {
		grant["code_verifier"] = in.Verifier
	}
	c, err := s.endpoint(ctx, m, auth, g, grant, in.Back)
	if err == nil {
		c, err = s.discover(ctx, m, auth, g, c)
	}
	if _, ok := errors.AsType[*deadError](err); ok {
		err = fmt.Errorf("%w: the sign-in at %s took too long or was used before; start it again", sdk.ErrInvalid, m.Title)
	}
	return c, err
}

// discover asks what else the connection must know, once it has a token.
func (s *Service) discover(ctx context.Context, m *manifest.Manifest, auth manifest.Auth, g Grant, c Credentials) (Credentials, error) {
	if len(auth.Discover) == 0 {
		return c, nil
	}
	g.Credentials, g.Config = c, maps.Clone(g.Config)
	if g.Config == nil {
		g.Config = map[string]string{}
	}
	maps.Copy(g.Config, c.Kept)
	g.Session = nil
	next, err := s.steps(ctx, m, auth, auth.Discover, g)
	if err != nil {
		return c, err
	}
	c.Session = next.Session
	maps.Copy(c.Kept, next.Kept)
	return c, nil
}

// obtain gets new credentials without a person.
func (s *Service) obtain(ctx context.Context, m *manifest.Manifest, old Grant) (Credentials, error) {
	auth, ok := m.Method(old.Method)
	if !ok {
		return Credentials{}, fmt.Errorf("%w: %s does not know the sign-in %q any more; connect it again", sdk.ErrAuth, m.Title, old.Method)
	}
	var err error
	if old.App, err = s.App(ctx, m.Name); err != nil && (auth.Type == manifest.OAuth2 || usesApp(auth) || len(auth.AppValues) > 0) {
		return Credentials{}, fmt.Errorf("find our registration at %s: %w", m.Title, err)
	}
	switch auth.Type {
	case manifest.OAuth2:
		next, err := s.endpoint(ctx, m, auth, old, map[string]string{"grant_type": "refresh_token", "refresh_token": old.Refresh}, nil)
		return next, err
	case manifest.ClientCredentials:
		grant := map[string]string{"grant_type": "client_credentials"}
		if len(auth.Scopes) > 0 {
			grant["scope"] = strings.Join(auth.Scopes, cmp.Or(auth.ScopeSeparator, " "))
		}
		next, err := s.endpoint(ctx, m, auth, old, grant, nil)
		if err == nil && len(old.Session) == 0 {
			next, err = s.discover(ctx, m, auth, old, next)
		}
		return next, err
	case manifest.Session:
		return s.steps(ctx, m, auth, auth.Login, old)
	default:
		return Credentials{}, fmt.Errorf("%w: %s does not accept the credentials; connect it again", sdk.ErrAuth, m.Title)
	}
}

// Revoke ends the access at the package, where it can be ended, and removes the
// credentials here in any case.
func (s *Service) Revoke(ctx context.Context, ref Ref, m *manifest.Manifest) error {
	g, loadErr := s.load(ctx, ref)
	if err := s.Store.Replace(ctx, ref, nil, nil); err != nil {
		return fmt.Errorf("remove credentials: %w", err)
	}
	auth, ok := m.Method(g.Method)
	if loadErr != nil || !ok || auth.RevokeURL == "" && (auth.Logout == nil || len(g.Session) == 0) {
		return nil
	}
	var err error
	if g.App, err = s.App(ctx, m.Name); err != nil && auth.Type == manifest.OAuth2 {
		return fmt.Errorf("find our registration at %s: %w", m.Title, err)
	}
	if auth.Logout != nil {
		_, err := s.step(ctx, m, auth, *auth.Logout, g)
		return err
	}
	look := g.look(auth, s.Clock.Now())
	address, err := m.ExpandURL(auth.RevokeURL, look)
	if err != nil {
		return fmt.Errorf("revoke at %s: %w", m.Title, err)
	}
	form := map[string]string{"token": cmp.Or(g.Refresh, g.Access)}
	if !auth.ClientInHeader {
		form["client_id"], form["client_secret"] = g.App.ClientID, g.App.ClientSecret
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(encodeForm(form)))
	if err != nil {
		return fmt.Errorf("revoke: %w", stripURL(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if auth.ClientInHeader {
		req.SetBasicAuth(url.QueryEscape(g.App.ClientID), url.QueryEscape(g.App.ClientSecret))
	}
	a, err := s.send(req, m)
	if err != nil {
		return fmt.Errorf("revoke at %s: %w", m.Title, err)
	}
	if a.status >= 400 {
		return fmt.Errorf("revoke at %s: it answered %d", m.Title, a.status)
	}
	return nil
}
