package emulator

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// OAuthClient is an application that was registered with the vendor.
type OAuthClient struct {
	Name         string
	Secret       string
	RedirectURIs []string // exact; none accepts any
}

// OAuthConfig says how the vendor grants access. The zero durations are a
// vendor without expiry.
type OAuthConfig struct {
	Vendor        string // shown on the consent page
	Clients       map[string]OAuthClient
	AuthorizePath string
	TokenPath     string
	RevokePath    string // "" has no revocation
	DefaultScope  string
	Scopes        []string // "" accepts any

	// ExpiresIn is the life of an access token; 0 never expires and leaves
	// expires_in out of the answer.
	ExpiresIn time.Duration
	// RotateRefresh makes a refresh token good for one use.
	RotateRefresh bool
	// EarliestRefresh refuses a refresh earlier than this before the expiry of
	// the access token; 0 allows it at any time.
	EarliestRefresh time.Duration
	// EarlyError is the refusal of a refresh that comes too early. Default: an
	// invalid_request with status 400.
	EarlyError TokenError
	// RefreshLife is how long a refresh token stays good unused; 0 is for ever.
	RefreshLife time.Duration
	// CodeLifetime is the life of an authorization code. Default: 10 minutes.
	CodeLifetime time.Duration
	// Answer changes the answer of the token endpoint into the vendor's form.
	Answer func(map[string]any)
}

// TokenError is a refusal of the token endpoint.
type TokenError struct {
	Status            int
	Code, Description string
}

// Grant is what a token allows.
type Grant struct {
	Client  string    `json:"client"`
	Scope   string    `json:"scope"`             // separated by spaces
	Subject string    `json:"subject,omitempty"` // what the emulator tied the token to
	Expires time.Time `json:"expires,omitzero"`
	Revoked bool      `json:"revoked,omitempty"`
	Family  string    `json:"family"` // one authorization
}

// HasScope reports whether the grant holds the scope.
func (g Grant) HasScope(scope string) bool { return slices.Contains(strings.Fields(g.Scope), scope) }

// Errors of Authenticate.
var (
	ErrNoToken      = errors.New("no token")
	ErrUnknownToken = errors.New("unknown token")
	ErrExpiredToken = errors.New("expired token")
	ErrRevokedToken = errors.New("revoked token")
)

// OAuth is a vendor's authorization server.
type OAuth struct {
	kit   *Kit
	cfg   OAuthConfig
	state *State[oauthState]
}

type oauthState struct {
	Codes   map[string]authCode `json:"codes"`
	Access  map[string]Grant    `json:"access"`
	Refresh map[string]refresh  `json:"refresh"`
}

type authCode struct {
	Grant     Grant     `json:"grant"`
	Redirect  string    `json:"redirect"`
	Challenge string    `json:"challenge,omitempty"`
	Expires   time.Time `json:"expires"`
}

type refresh struct {
	Grant   Grant     `json:"grant"`
	Access  string    `json:"access"` // the access token it came with
	Used    bool      `json:"used,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
}

// OAuth opens the authorization server and makes the fault ExpireToken expire
// its tokens.
func (k *Kit) OAuth(cfg OAuthConfig) (*OAuth, error) {
	if cfg.CodeLifetime == 0 {
		cfg.CodeLifetime = 10 * time.Minute
	}
	state, err := OpenState(k, "oauth", &oauthState{Codes: map[string]authCode{}, Access: map[string]Grant{}, Refresh: map[string]refresh{}})
	if err != nil {
		return nil, err
	}
	o := &OAuth{kit: k, cfg: cfg, state: state}
	k.OnExpireToken(func(r *http.Request) { o.Expire(Bearer(r)) })
	return o, nil
}

// Register adds the authorization server's routes.
func (o *OAuth) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+o.cfg.AuthorizePath, o.ask)
	mux.HandleFunc("POST "+o.cfg.AuthorizePath, o.decide)
	mux.HandleFunc("POST "+o.cfg.TokenPath, o.token)
	if o.cfg.RevokePath != "" {
		mux.HandleFunc("POST "+o.cfg.RevokePath, o.revoke)
	}
}

// Bearer returns the bearer token of a request, or "".
func Bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// Authenticate returns the grant of a request's bearer token, or one of the
// errors above.
func (o *OAuth) Authenticate(r *http.Request) (Grant, error) { return o.Check(Bearer(r)) }

// Check is Authenticate for a token that came another way.
func (o *OAuth) Check(token string) (Grant, error) {
	if token == "" {
		return Grant{}, ErrNoToken
	}
	var g Grant
	var ok bool
	o.state.View(func(s *oauthState) { g, ok = s.Access[token] })
	switch {
	case !ok:
		return Grant{}, ErrUnknownToken
	case g.Revoked:
		return Grant{}, ErrRevokedToken
	case !g.Expires.IsZero() && !o.kit.Wall().Before(g.Expires):
		return Grant{}, ErrExpiredToken
	}
	return g, nil
}

// Issue makes an access token outside of the code flow, as a personal token; it
// does not expire.
func (o *OAuth) Issue(scope, subject string) (string, error) {
	token := secret()
	err := o.state.Update(func(s *oauthState) error {
		s.Access[token] = Grant{Scope: scope, Subject: subject, Family: secret()}
		return nil
	})
	return token, err
}

// Adopt makes a token of the caller's choice good, for fixed settings of a
// development stack.
func (o *OAuth) Adopt(token, scope, subject string) error {
	return o.state.Update(func(s *oauthState) error {
		s.Access[token] = Grant{Scope: scope, Subject: subject, Family: secret()}
		return nil
	})
}

// Expire ends an access token now; its refresh token stays good.
func (o *OAuth) Expire(access string) {
	_ = o.state.Update(func(s *oauthState) error {
		if g, ok := s.Access[access]; ok {
			g.Expires = o.kit.Wall().Add(-time.Second)
			s.Access[access] = g
		}
		return nil
	})
}

// RevokeAll ends every token of every application, as a user who removes the
// connection at the vendor does.
func (o *OAuth) RevokeAll() {
	_ = o.state.Update(func(s *oauthState) error {
		for t, g := range s.Access {
			if g.Client != "" {
				g.Revoked = true
				s.Access[t] = g
			}
		}
		s.Refresh = map[string]refresh{}
		return nil
	})
}

// grant makes the tokens of one answer; the caller holds the state.
func (o *OAuth) grant(s *oauthState, g Grant) map[string]any {
	access, next := secret(), secret()
	now := o.kit.Wall()
	if o.cfg.ExpiresIn > 0 {
		g.Expires = now.Add(o.cfg.ExpiresIn)
	}
	s.Access[access] = g
	s.Refresh[next] = refresh{Grant: g, Access: access, Expires: o.refreshExpiry()}
	out := map[string]any{"access_token": access, "token_type": "bearer", "refresh_token": next, "scope": g.Scope, "created_at": now.Unix()}
	if o.cfg.ExpiresIn > 0 {
		out["expires_in"] = int(o.cfg.ExpiresIn.Seconds())
	}
	return out
}

func (o *OAuth) refreshExpiry() time.Time {
	if o.cfg.RefreshLife == 0 {
		return time.Time{}
	}
	return o.kit.Wall().Add(o.cfg.RefreshLife)
}

type oauthError struct{ code, description string }

func (e oauthError) Error() string { return e.code + ": " + e.description }

// Error names the code and what is wrong.
func (e TokenError) Error() string { return e.Code + ": " + e.Description }

func (o *OAuth) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, oauthError{"invalid_request", "send a form"})
		return
	}
	id, ok := o.client(r)
	if !ok {
		refuse(w, http.StatusUnauthorized, oauthError{"invalid_client", "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."})
		return
	}
	var answer map[string]any
	err := o.state.Update(func(s *oauthState) (err error) {
		switch r.PostForm.Get("grant_type") {
		case "authorization_code":
			answer, err = o.redeem(s, id, r.PostForm)
		case "refresh_token":
			answer, err = o.refresh(s, id, r.PostForm.Get("refresh_token"))
		default:
			err = oauthError{"unsupported_grant_type", "The authorization grant type is not supported by the authorization server."}
		}
		return err
	})
	var oe oauthError
	var te TokenError
	switch {
	case errors.As(err, &te):
		refuse(w, te.Status, oauthError{te.Code, te.Description})
	case errors.As(err, &oe):
		refuse(w, http.StatusBadRequest, oe)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		if o.cfg.Answer != nil {
			o.cfg.Answer(answer)
		}
		w.Header().Set("Cache-Control", "no-store")
		WriteJSON(w, http.StatusOK, answer)
	}
}

func (o *OAuth) redeem(s *oauthState, client string, form url.Values) (map[string]any, error) {
	c, ok := s.Codes[form.Get("code")]
	bad := oauthError{"invalid_grant", "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."}
	if !ok || c.Grant.Client != client || !o.kit.Wall().Before(c.Expires) || c.Redirect != form.Get("redirect_uri") {
		return nil, bad
	}
	if c.Challenge != "" {
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != c.Challenge {
			return nil, bad
		}
	}
	delete(s.Codes, form.Get("code"))
	return o.grant(s, c.Grant), nil
}

func (o *OAuth) refresh(s *oauthState, client, token string) (map[string]any, error) {
	old, ok := s.Refresh[token]
	if !ok || old.Used || old.Grant.Client != client {
		return nil, oauthError{"invalid_grant", "The refresh token is unknown, was used before or was revoked."}
	}
	if !old.Expires.IsZero() && !o.kit.Wall().Before(old.Expires) {
		return nil, oauthError{"invalid_grant", "The refresh token expired."}
	}
	access := s.Access[old.Access]
	if o.cfg.EarliestRefresh > 0 && o.kit.Wall().Before(access.Expires.Add(-o.cfg.EarliestRefresh)) {
		if o.cfg.EarlyError != (TokenError{}) {
			return nil, o.cfg.EarlyError
		}
		return nil, oauthError{"invalid_request", "The access token is not yet due for a refresh."}
	}
	if o.cfg.RotateRefresh {
		old.Used = true
		s.Refresh[token] = old
		return o.grant(s, old.Grant), nil
	}
	answer := o.grant(s, old.Grant)
	delete(s.Refresh, answer["refresh_token"].(string))
	answer["refresh_token"] = token
	s.Refresh[token] = refresh{Grant: old.Grant, Access: answer["access_token"].(string), Expires: o.refreshExpiry()}
	return answer, nil
}

func (o *OAuth) revoke(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, oauthError{"invalid_request", "send a form"})
		return
	}
	if _, ok := o.client(r); !ok {
		refuse(w, http.StatusForbidden, oauthError{"unauthorized_client", "You are not authorized to revoke this token"})
		return
	}
	token := r.PostForm.Get("token")
	_ = o.state.Update(func(s *oauthState) error {
		family := s.Access[token].Family
		if f, ok := s.Refresh[token]; ok {
			family = f.Grant.Family
		}
		if family == "" {
			return nil
		}
		for t, g := range s.Access {
			if g.Family == family {
				g.Revoked = true
				s.Access[t] = g
			}
		}
		for t, f := range s.Refresh {
			if f.Grant.Family == family {
				delete(s.Refresh, t)
			}
		}
		return nil
	})
	WriteJSON(w, http.StatusOK, map[string]any{})
}

// Client authenticates the application of a request by basic authentication or
// by its form, and returns its id.
func (o *OAuth) Client(r *http.Request) (string, bool) {
	_ = r.ParseForm()
	return o.client(r)
}

// client authenticates an application by basic authentication or by the form.
func (o *OAuth) client(r *http.Request) (string, bool) {
	id, pass, basic := r.BasicAuth()
	if basic {
		if u, err := url.QueryUnescape(id); err == nil {
			id = u
		}
		if u, err := url.QueryUnescape(pass); err == nil {
			pass = u
		}
	} else {
		id, pass = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	c, ok := o.cfg.Clients[id]
	return id, ok && subtle.ConstantTimeCompare([]byte(c.Secret), []byte(pass)) == 1
}

func refuse(w http.ResponseWriter, status int, e oauthError) {
	WriteJSON(w, status, map[string]string{"error": e.code, "error_description": e.description})
}

// secret returns 256 random bits as text.
func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
