package token_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// provider is a token endpoint whose refresh tokens work once.
type provider struct {
	*httptest.Server
	mu      sync.Mutex
	refresh string // the one that is good now
	access  string
	issued  int
	reused  int
	answer  func(w http.ResponseWriter, r *http.Request) bool // true when it answered
}

func newProvider(t *testing.T) *provider {
	p := &provider{refresh: "r0", access: "a0"}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.answer != nil && p.answer(w, r) {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("refresh_token") != p.refresh || r.FormValue("client_id") != "us" || r.FormValue("client_secret") != "s3cret" {
			p.reused++
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		p.issued++
		p.refresh, p.access = fmt.Sprint("r", p.issued), fmt.Sprint("a", p.issued)
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": p.access, "refresh_token": p.refresh, "token_type": "bearer", "expires_in": 600})
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) manifest() *manifest.Manifest {
	return &manifest.Manifest{Name: "acme", Title: "Acme", Auth: []manifest.Auth{{
		Name: "oauth", Type: manifest.OAuth2, AuthorizeURL: p.URL + "/authorize", TokenURL: p.URL + "/token", RevokeURL: p.URL + "/revoke",
		Scopes: []string{"invoices", "bank"}, PKCE: true, Rotating: true,
	}}}
}

// sealer turns bytes around: enough to see that nothing is stored in the clear.
type sealer struct{}

func (sealer) Seal(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return flip(b), nil }
func (sealer) Open(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return flip(b), nil }

func flip(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = ^b[i]
	}
	return out
}

func service(t *testing.T, p *provider, store token.Store, c clock.Clock) *token.Service {
	t.Helper()
	s, err := token.New(token.Config{
		Store: store, Sealer: sealer{}, HTTP: p.Client().Transport, Clock: c,
		App: func(context.Context, string) (token.App, error) {
			return token.App{ClientID: "us", ClientSecret: "s3cret"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var ref = token.Ref{Tenant: uuid.MustParse("10000000-0000-0000-0000-000000000000"), Connection: uuid.MustParse("20000000-0000-0000-0000-000000000000")}

func put(t *testing.T, s *token.Service, c token.Credentials) {
	t.Helper()
	if err := s.Put(t.Context(), ref, c); err != nil {
		t.Fatal(err)
	}
}

// A crowd in several hosts, where the token runs out under their hands again
// and again.
func TestSingleUseRefreshTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	store := token.NewMemory()
	var ahead atomic.Int64 // the clock jumps when the test says so
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	now := clock.Func(func() time.Time { return start.Add(time.Duration(ahead.Load())) })
	services := make([]*token.Service, 4)
	for i := range services {
		services[i] = service(t, p, store, now)
	}
	put(t, services[0], token.Credentials{Method: "oauth", Access: "a0", Refresh: "r0", Expiry: start})

	m := p.manifest()
	const rounds = 5
	for round := 1; round <= rounds; round++ {
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				s := services[i%len(services)]
				g, err := s.Get(t.Context(), ref, m)
				if err == nil && i%7 == 0 { // a package that refuses a token early
					g, err = s.Renew(t.Context(), ref, m, g.Generation-1)
				}
				if want := fmt.Sprint("a", round); err != nil || g.Access != want {
					t.Errorf("caller %d got %q, want %q: %v", i, g.Access, want, err)
				}
			})
		}
		wg.Wait()
		ahead.Add(int64(10 * time.Minute))
	}
	if p.reused != 0 || p.issued != rounds {
		t.Errorf("%d refreshes, %d of them with a used token; want %d and 0", p.issued+p.reused, p.reused, rounds)
	}
}

func TestRefusedTokenIsRenewedOnceForAll(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	store := token.NewMemory()
	a, b := service(t, p, store, nil), service(t, p, store, nil)
	put(t, a, token.Credentials{Access: "a0", Refresh: "r0"})
	var wg sync.WaitGroup
	for i := range 100 {
		s := []*token.Service{a, b}[i%2]
		wg.Go(func() {
			if g, err := s.Renew(t.Context(), ref, p.manifest(), 1); err != nil || g.Access != "a1" || g.Generation != 2 {
				t.Errorf("renewed to %q of generation %d: %v", g.Access, g.Generation, err)
			}
		})
	}
	wg.Wait()
	if p.issued != 1 || p.reused != 0 {
		t.Errorf("%d refreshes, %d with a used token", p.issued, p.reused)
	}
}

func TestInvalidGrantLooksAgainBeforeItGivesUp(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	s := service(t, p, token.NewMemory(), nil)
	put(t, s, token.Credentials{Access: "old", Refresh: "used-up"})
	// While the refresh is under way the user authorises again.
	p.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		put(t, s, token.Credentials{Access: "new", Refresh: "r0"})
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return true
	}
	if g, err := s.Renew(t.Context(), ref, p.manifest(), 1); err != nil || g.Access != "new" {
		t.Fatalf("got %q, %v; want the new credentials", g.Access, err)
	}
	// This time nobody helps.
	p.answer = nil
	put(t, s, token.Credentials{Access: "old", Refresh: "used-up"})
	_, err := s.Renew(t.Context(), ref, p.manifest(), 3)
	if !errors.Is(err, sdk.ErrAuth) || !strings.Contains(err.Error(), "Acme ended the access") {
		t.Errorf("a dead connection: %v", err)
	}
	calls := p.reused
	if _, err := s.Get(t.Context(), ref, p.manifest()); !errors.Is(err, sdk.ErrAuth) || p.reused != calls {
		t.Errorf("a dead connection is tried again: %v", err)
	}
}

func TestPassingTroubleKillsNothing(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	for name, answer := range map[string]func(http.ResponseWriter){
		"500":            func(w http.ResponseWriter) { w.WriteHeader(500) },
		"429":            func(w http.ResponseWriter) { w.Header().Set("Retry-After", "7"); w.WriteHeader(429) },
		"html":           func(w http.ResponseWriter) { w.WriteHeader(400); fmt.Fprint(w, "<html>") },
		"broken":         func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"moved":          func(w http.ResponseWriter) { w.Header().Set("Location", "/elsewhere"); w.WriteHeader(307) },
		"unknown client": func(w http.ResponseWriter) { w.WriteHeader(401); fmt.Fprint(w, `{"error":"invalid_client"}`) },
	} {
		store := token.NewMemory()
		s := service(t, p, store, nil)
		put(t, s, token.Credentials{Access: "a0", Refresh: "r0", Expiry: time.Now().Add(30 * time.Second)})
		calls := 0
		p.answer = func(w http.ResponseWriter, _ *http.Request) bool { calls++; answer(w); return true }
		if g, err := s.Get(t.Context(), ref, p.manifest()); err != nil || g.Access != "a0" {
			t.Errorf("%s: a token that is still good is not used: %v", name, err)
		}
		_, err := s.Renew(t.Context(), ref, p.manifest(), 1)
		if err == nil || errors.Is(err, sdk.ErrAuth) {
			t.Errorf("%s: %v", name, err)
		}
		if r, ok := errors.AsType[*sdk.RetryAfter](err); name == "429" && (!ok || r.Wait.Round(time.Second) != 7*time.Second) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "r0") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error repeats a secret: %v", name, err)
		}
		// Others do not try one after the other.
		var paused *sdk.RetryAfter
		if _, err := service(t, p, store, nil).Renew(t.Context(), ref, p.manifest(), 1); calls != 1 || !errors.As(err, &paused) || paused.Wait <= 0 {
			t.Errorf("%s: %d calls, then %v", name, calls, err)
		}
	}
}

func TestAPassingTroublePasses(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	s := service(t, p, token.NewMemory(), nil)
	put(t, s, token.Credentials{Access: "a0", Refresh: "r0"})
	p.answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); p.answer = nil; return true }
	var paused *sdk.RetryAfter
	if _, err := s.Renew(t.Context(), ref, p.manifest(), 1); err == nil {
		t.Fatal("no error")
	} else if _, err := s.Renew(t.Context(), ref, p.manifest(), 1); !errors.As(err, &paused) {
		t.Fatal(err)
	}
	time.Sleep(paused.Wait)
	if g, err := s.Renew(t.Context(), ref, p.manifest(), 1); err != nil || g.Access != "a1" {
		t.Errorf("after the trouble: %v", err)
	}
}

func TestRefreshNotEarlierThanAllowed(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	s := service(t, p, token.NewMemory(), clock.Func(func() time.Time { return now }))
	m := p.manifest()
	m.Auth[0].RefreshNotBefore = 30 * time.Second
	put(t, s, token.Credentials{Access: "a0", Refresh: "r0", Expiry: now.Add(31 * time.Second)})
	if g, err := s.Get(t.Context(), ref, m); err != nil || g.Access != "a0" {
		t.Errorf("31 s before the end: %q, %v", g.Access, err)
	}
	now = now.Add(10 * time.Second)
	if g, err := s.Get(t.Context(), ref, m); err != nil || g.Access != "a1" {
		t.Errorf("21 s before the end: %q, %v", g.Access, err)
	}
}

func TestLeaseOfADeadHostRunsOut(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	store := token.NewMemory()
	s := service(t, p, store, nil)
	put(t, s, token.Credentials{Access: "a0", Refresh: "r0"})
	if turn, err := store.TakeLease(t.Context(), ref, "a host that died", 300*time.Millisecond); !turn.OK || err != nil {
		t.Fatal(turn, err)
	}
	start := time.Now()
	if g, err := s.Renew(t.Context(), ref, p.manifest(), 1); err != nil || g.Access != "a1" {
		t.Errorf("got %q, %v", g.Access, err)
	}
	if waited := time.Since(start); waited < 200*time.Millisecond {
		t.Errorf("the lease was not respected: %s", waited)
	}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	store := token.NewMemory()
	s := service(t, p, store, nil)
	url, err := s.AuthorizeURL(t.Context(), p.manifest(), token.SignIn{Redirect: "https://hub.example/callback", State: "state-1", Verifier: "verifier"})
	if err != nil || !strings.Contains(url, "scope=invoices+bank") || !strings.Contains(url, "code_challenge=") || strings.Contains(url, "s3cret") {
		t.Errorf("authorize at %s, %v", url, err)
	}
	p.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.FormValue("code") != "good" || r.FormValue("code_verifier") != "verifier" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"a0","refresh_token":"r0"}`)
		return true
	}
	if _, err := s.Exchange(t.Context(), p.manifest(), token.SignIn{Method: "oauth", Redirect: "https://hub.example/callback", Code: "bad", Verifier: "verifier"}); !errors.Is(err, sdk.ErrInvalid) {
		t.Errorf("a bad code: %v", err)
	}
	c, err := s.Exchange(t.Context(), p.manifest(), token.SignIn{Method: "oauth", Redirect: "https://hub.example/callback", Code: "good", Verifier: "verifier"})
	if err != nil || c.Access != "a0" || c.Refresh != "r0" || !c.Expiry.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	put(t, s, c)
	if r, _ := store.Load(t.Context(), ref); bytes.Contains(r.Sealed, []byte("r0")) {
		t.Error("stored in the clear")
	}
	revoked := ""
	p.answer = func(_ http.ResponseWriter, r *http.Request) bool { revoked = r.FormValue("token"); return true }
	if err := s.Revoke(t.Context(), ref, p.manifest()); err != nil || revoked != "r0" {
		t.Errorf("revoked %q, %v", revoked, err)
	}
	if _, err := s.Get(t.Context(), ref, p.manifest()); !errors.Is(err, sdk.ErrAuth) || !errors.Is(err, token.ErrNone) {
		t.Errorf("after sign-out: %v", err)
	}
}

func TestSecretsStayOutOfLogs(t *testing.T) {
	t.Parallel()
	c := token.Credentials{Method: "oauth", Access: "SECRET-a", Refresh: "SECRET-r", Fields: map[string]string{"x": "SECRET-f"}, WebhookSecret: []byte("SECRET-w")}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("connected", "credentials", c)
	fmt.Fprintf(&b, "%v %+v %#v %s", c, c, c, c)
	if strings.Contains(b.String(), "SECRET") {
		t.Error(b.String())
	}
}
