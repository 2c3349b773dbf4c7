// Package token keeps the credentials of connections and refreshes access
// tokens, so that a refresh token that works once is used once, however many
// hosts and calls want it at the same moment.
//
// A refresh takes the connection's lease, calls the token endpoint and writes
// the answer if the generation is still the one it started from. Whoever finds
// the lease taken waits for the next generation.
package token

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Config of a Service.
type Config struct {
	Store  Store
	Sealer Sealer
	// App returns our registration for a connector.
	App func(ctx context.Context, connector string) (App, error)
	// HTTP carries calls to token endpoints; it must refuse private addresses.
	HTTP  http.RoundTripper
	Clock clock.Clock // real time when nil
	// Lease is how long a refresh may take, 30 s when zero. A call to a token
	// endpoint ends well before.
	Lease time.Duration
}

// Service hands out credentials that are fit for use.
type Service struct {
	Config
	// flights lets one renewal per connection through in this process; the lease
	// does the same between processes.
	mu      sync.Mutex
	flights map[flightKey]*flight
}

// New returns a service over a store.
func New(c Config) (*Service, error) {
	if c.Store == nil || c.Sealer == nil || c.App == nil || c.HTTP == nil {
		return nil, errors.New("token: Store, Sealer, App and HTTP must be set")
	}
	c.Lease = cmp.Or(c.Lease, 30*time.Second)
	if c.Clock == nil {
		c.Clock = clock.Real
	}
	return &Service{Config: c, flights: map[flightKey]*flight{}}, nil
}

// margin is how long before its end an access token counts as expired.
const margin = time.Minute

// Get returns credentials that are good for a call now, renewed when need be.
// The error wraps sdk.ErrAuth when a person must authorise again.
func (s *Service) Get(ctx context.Context, ref Ref, m *manifest.Manifest) (Grant, error) {
	g, err := s.load(ctx, ref)
	if err != nil {
		return Grant{}, err
	}
	auth, _ := m.Method(g.Method)
	if s.expiring(g, auth) {
		fresh, err := s.refresh(ctx, ref, m, g.Generation)
		switch {
		case err == nil:
			g = fresh
		case errors.Is(err, sdk.ErrAuth) || !s.Clock.Now().Before(g.Expiry):
			return fresh, err
		}
		// Else still good for a moment; the next call tries again.
	}
	if usesApp(auth) {
		if g.App, err = s.App(ctx, m.Name); err != nil {
			return g, fmt.Errorf("find our registration at %s: %w", m.Title, err)
		}
	}
	return g, nil
}

// Renew returns newer credentials than those of the generation, which the
// package has just refused. It returns sdk.ErrAuth when there is no way to get
// them.
func (s *Service) Renew(ctx context.Context, ref Ref, m *manifest.Manifest, refused int64) (Grant, error) {
	g, err := s.load(ctx, ref)
	if err != nil || g.Generation != refused {
		return g, err
	}
	auth, _ := m.Method(g.Method)
	if !auth.Renews(g.Refresh != "") {
		return g, fmt.Errorf("%w: %s does not accept the credentials; connect it again", sdk.ErrAuth, m.Title)
	}
	if early := g.Expiry.Add(-auth.RefreshNotBefore).Sub(s.Clock.Now()); auth.RefreshNotBefore > 0 && !g.Expiry.IsZero() && early > 0 {
		return g, &sdk.RetryAfter{Wait: early, Why: m.Title + " refused the access and gives no new one yet"}
	}
	if g, err = s.refresh(ctx, ref, m, refused); err == nil && usesApp(auth) {
		g.App, err = s.App(ctx, m.Name)
	}
	return g, err
}

// Put stores the credentials of a connection in place of whatever was there.
func (s *Service) Put(ctx context.Context, ref Ref, c Credentials) error {
	sealed, err := s.seal(ctx, ref, c)
	if err != nil {
		return err
	}
	return s.Store.Replace(ctx, ref, sealed, c.Kept)
}

// load returns what is stored. Credentials that are dead are an error.
func (s *Service) load(ctx context.Context, ref Ref) (Grant, error) {
	r, err := s.Store.Load(ctx, ref)
	if errors.Is(err, ErrNone) {
		return Grant{}, fmt.Errorf("%w: %w", sdk.ErrAuth, err)
	}
	if err != nil {
		return Grant{}, fmt.Errorf("load credentials: %w", err)
	}
	return s.open(ctx, ref, r)
}

func (s *Service) open(ctx context.Context, ref Ref, r Record) (Grant, error) {
	plain, err := s.Sealer.Open(ctx, ref, r.Sealed)
	if err != nil {
		return Grant{}, fmt.Errorf("open credentials: %w", err)
	}
	c, err := decode(plain)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Credentials: c, Generation: r.Generation, Config: r.Config}
	if c.Dead != "" {
		return g, fmt.Errorf("%w: %s", sdk.ErrAuth, c.Dead)
	}
	return g, nil
}

func (s *Service) seal(ctx context.Context, ref Ref, c Credentials) ([]byte, error) {
	plain, err := encode(c)
	if err != nil {
		return nil, err
	}
	sealed, err := s.Sealer.Seal(ctx, ref, plain)
	if err != nil {
		return nil, fmt.Errorf("seal credentials: %w", err)
	}
	return sealed, nil
}

// expiring reports whether new credentials are due: there are none yet, or they
// are at their end, by the package's own rule when it has one.
func (s *Service) expiring(g Grant, auth manifest.Auth) bool {
	switch auth.Type {
	case manifest.OAuth2:
		if g.Refresh == "" {
			return false
		}
	case manifest.ClientCredentials:
		if g.Access == "" {
			return true
		}
	case manifest.Session:
		if len(g.Session) == 0 {
			return true
		}
	default:
		return false
	}
	if g.Expiry.IsZero() {
		return false
	}
	early := margin
	if !g.Issued.IsZero() {
		early = min(early, g.Expiry.Sub(g.Issued)/4)
	}
	if auth.RefreshNotBefore > 0 {
		// A little later than the first allowed moment, for clocks that differ.
		early = min(early, auth.RefreshNotBefore*5/6)
	}
	return !s.Clock.Now().Before(g.Expiry.Add(-early))
}

// WebhookSecret returns what signs the package's calls to us: the connection's
// own, or that of our registration; nil when there is neither.
func (s *Service) WebhookSecret(ctx context.Context, ref Ref, m *manifest.Manifest) ([]byte, error) {
	g, err := s.load(ctx, ref)
	if err != nil {
		return nil, err
	}
	auth, _ := m.Method(g.Method)
	if len(g.WebhookSecret) > 0 || auth.WebhookSecret == "" {
		return g.WebhookSecret, nil
	}
	if own, ok := g.Fields[auth.WebhookSecret]; ok {
		return []byte(own), nil
	}
	app, err := s.App(ctx, m.Name)
	if err != nil {
		return nil, fmt.Errorf("find our registration at %s: %w", m.Title, err)
	}
	if auth.WebhookSecret == "client_secret" {
		return []byte(app.ClientSecret), nil
	}
	return []byte(app.Values[auth.WebhookSecret]), nil
}

// AppSecrets are the secrets of our registration that a package may sign calls
// with which are for no connection in particular, one for each way to sign in that
// has such a secret; none where we are not registered.
func (s *Service) AppSecrets(ctx context.Context, m *manifest.Manifest) (out [][]byte) {
	for _, auth := range m.Auth {
		if auth.WebhookSecret == "" {
			continue
		}
		app, err := s.App(ctx, m.Name)
		if err != nil {
			return nil
		}
		secret := []byte(app.Values[auth.WebhookSecret])
		if auth.WebhookSecret == "client_secret" {
			secret = []byte(app.ClientSecret)
		}
		if len(secret) > 0 && !slices.ContainsFunc(out, func(have []byte) bool { return bytes.Equal(have, secret) }) {
			out = append(out, secret)
		}
	}
	return out
}
