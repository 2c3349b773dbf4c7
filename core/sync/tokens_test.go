package sync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// strict is a token endpoint with the rules of Exact Online: a refresh token works
// once and dies with its use, no refresh earlier than 30 seconds before the end
// of the access token's 10 minutes, and few calls in all.
type strict struct {
	*httptest.Server
	now func() time.Time

	mu                        stdsync.Mutex
	refresh, before           string // the one that is good, and the one before
	given                     time.Time
	issued                    int
	early, reused, over, left int
	// grace lets the token before give the last answer again.
	grace bool
	// lose is how many answers are lost after they took effect; hold delays one
	// until it is closed.
	lose int
	hold chan struct{}
	held chan struct{}
}

func newStrict(t *testing.T, now func() time.Time) *strict {
	p := &strict{refresh: "r0", now: now, given: now().Add(-time.Hour), left: 200}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *strict) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	if p.left--; p.left < 0 {
		p.over++
		p.mu.Unlock()
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	bad := func(code string) {
		p.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":%q}`, code)
	}
	token := r.FormValue("refresh_token")
	switch {
	case token == p.before && p.grace:
	case token != p.refresh:
		p.reused++
		bad("invalid_grant")
		return
	case p.now().Before(p.given.Add(10*time.Minute - 30*time.Second)):
		p.early++
		bad("access_token not expired")
		return
	default:
		p.issued++
		p.before, p.refresh, p.given = p.refresh, fmt.Sprint("r", p.issued), p.now()
	}
	answer := map[string]any{"access_token": fmt.Sprint("a", p.issued), "refresh_token": p.refresh, "expires_in": "600"}
	lost, hold := p.lose > 0, p.hold
	p.lose, p.hold = max(p.lose-1, 0), nil
	p.mu.Unlock()
	if hold != nil {
		close(p.held)
		<-hold
	}
	if lost {
		panic(http.ErrAbortHandler)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (p *strict) manifest() *manifest.Manifest {
	return &manifest.Manifest{Name: "strict", Title: "Strict Books", Auth: []manifest.Auth{{
		Name: "oauth", Type: manifest.OAuth2, TokenURL: p.URL + "/token", Rotating: true, RefreshNotBefore: 30 * time.Second,
	}}}
}

// vault is one connection in a real database, reached by several hosts.
type vault struct {
	dsn  string
	box  *secret.Box
	ref  token.Ref
	main *store.Store
}

func newVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{dsn: pgtest.New(t, store.Migrate, store.Schema()), ref: token.Ref{Tenant: uuid.New(), Connection: uuid.New()}}
	var err error
	if v.box, err = secret.Open(filepath.Join(t.TempDir(), "master.json")); err != nil {
		t.Fatal(err)
	}
	v.main = v.open(t)
	if err := v.main.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: v.ref.Tenant, Slug: "vault", Name: "Vault", TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := v.main.In(t.Context(), v.ref.Tenant, func(tx store.Tx) error {
		return tx.AddConnection(t.Context(), db.AddConnectionParams{ID: v.ref.Connection, TenantID: v.ref.Tenant, Connector: "strict", Title: "Strict", Config: []byte(`{"region":"nl"}`), State: "connected"})
	}); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *vault) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), v.dsn+"&pool_max_conns=4")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// host is a token service of its own over connections of its own.
func (v *vault) host(t *testing.T, p *strict, lease time.Duration) *token.Service {
	t.Helper()
	s, err := token.New(token.Config{
		Store: booksync.Credentials{Store: v.open(t)}, Sealer: booksync.Sealer{Box: v.box}, HTTP: p.Client().Transport, Clock: clock.Func(p.now), Lease: lease,
		App: func(context.Context, string) (token.App, error) {
			return token.App{ClientID: "us", ClientSecret: "s3cret"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (v *vault) put(t *testing.T, s *token.Service, end time.Time) {
	t.Helper()
	if err := s.Put(t.Context(), v.ref, token.Credentials{Method: "oauth", Access: "a0", Refresh: "r0", Expiry: end}); err != nil {
		t.Fatal(err)
	}
}

// A thousand workers in ten hosts on one connection, round after round: one
// refresh each, never too early, never with a used token.
func TestThousandWorkersOnOneSingleUseToken(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	begin := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return begin.Add(time.Duration(ahead.Load())) }
	p, v := newStrict(t, now), newVault(t)
	hosts := make([]*token.Service, 10)
	for i := range hosts {
		hosts[i] = v.host(t, p, 20*time.Second)
	}
	v.put(t, hosts[0], begin)
	m := p.manifest()
	const rounds, workers = 4, 1000
	for round := 1; round <= rounds; round++ {
		var wg stdsync.WaitGroup
		var wrong atomic.Int64
		started := time.Now()
		for i := range workers {
			wg.Go(func() {
				s := hosts[i%len(hosts)]
				g, err := s.Get(t.Context(), v.ref, m)
				if err == nil && i%3 == 0 { // refused by the package with the token of the round before
					g, err = s.Renew(t.Context(), v.ref, m, g.Generation-1)
				}
				if err != nil || g.Access != fmt.Sprint("a", round) || g.Config["region"] != "nl" {
					if wrong.Add(1) < 5 {
						t.Errorf("round %d, worker %d got %q, %v", round, i, g.Access, err)
					}
				}
			})
		}
		wg.Wait()
		t.Logf("round %d: %d workers in %d hosts had access after %s", round, workers, len(hosts), time.Since(started).Round(time.Millisecond))
		ahead.Add(int64(9*time.Minute + 36*time.Second)) // 24 s before the end
	}
	if p.issued != rounds || p.early+p.reused+p.over != 0 {
		t.Errorf("%d refreshes, %d too early, %d with a used token, %d over the limit; want %d and 0", p.issued, p.early, p.reused, p.over, rounds)
	}
}

func real() time.Time { return time.Now() }

// crowd asks all hosts at once and returns the errors by their words.
func crowd(t *testing.T, v *vault, m *manifest.Manifest, hosts []*token.Service, generation int64) map[string]int {
	t.Helper()
	var mu stdsync.Mutex
	var wg stdsync.WaitGroup
	out := map[string]int{}
	for i := range 300 {
		wg.Go(func() {
			g, err := hosts[i%len(hosts)].Renew(t.Context(), v.ref, m, generation)
			what := "access " + g.Access
			var later *sdk.RetryAfter
			switch {
			case errors.Is(err, sdk.ErrAuth):
				what = "authorise again"
			case errors.As(err, &later):
				what = "later"
			case err != nil:
				what = "trouble"
			}
			mu.Lock()
			out[what]++
			mu.Unlock()
		})
	}
	wg.Wait()
	return out
}

func (p *strict) calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 200 - p.left
}

// The answer is lost after it took effect. Where the package gives it again,
// nothing happened; where it does not, a person is asked once, and the token
// endpoint is not asked for ever.
func TestLostAnswerOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		grace bool
		want  string
	}{
		"with grace":    {true, "access a1"},
		"without grace": {false, "authorise again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, v := newStrict(t, real), newVault(t)
			p.grace, p.lose = c.grace, 1
			hosts := []*token.Service{v.host(t, p, 10*time.Second), v.host(t, p, 10*time.Second), v.host(t, p, 10*time.Second)}
			v.put(t, hosts[0], time.Now())
			m := p.manifest()
			first := crowd(t, v, m, hosts, 1)
			if first["later"]+first["trouble"] != 300 || p.calls() != 1 {
				t.Errorf("the answer is lost: %v after %d calls", first, p.calls())
			}
			time.Sleep(2200 * time.Millisecond) // the pause after a failed attempt
			if second := crowd(t, v, m, hosts, 1); second[c.want] != 300 || p.calls() != 2 {
				t.Errorf("afterwards: %v after %d calls", second, p.calls())
			}
			if third := crowd(t, v, m, hosts, 1); third[c.want] != 300 || p.calls() != 2 {
				t.Errorf("and on: %v after %d calls", third, p.calls())
			}
			_, err := hosts[0].Get(t.Context(), v.ref, m)
			if !c.grace && (err == nil || !strings.Contains(err.Error(), "never arrived here")) {
				t.Errorf("the reader is told: %v", err)
			}
			// The person authorises again: all is well at once.
			if err := hosts[1].Put(t.Context(), v.ref, token.Credentials{Method: "oauth", Access: "new", Refresh: "x", Expiry: time.Now().Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
			if g, err := hosts[2].Get(t.Context(), v.ref, m); err != nil || g.Access != "new" {
				t.Errorf("authorised again: %q, %v", g.Access, err)
			}
		})
	}
}

// A host dies with the lease: before its call nothing is lost, after its call
// only the package's grace helps.
func TestHolderOfTheLeaseDies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		called, grace bool
		want          string
	}{
		"before its call":           {false, false, "access a1"},
		"after its call, grace":     {true, true, "access a1"},
		"after its call, no grace":  {true, false, "authorise again"},
		"before its call, no grace": {false, true, "access a1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, v := newStrict(t, real), newVault(t)
			p.grace = c.grace
			hosts := []*token.Service{v.host(t, p, 5*time.Second), v.host(t, p, 5*time.Second)}
			v.put(t, hosts[0], time.Now())
			if turn, err := (booksync.Credentials{Store: v.main}).TakeLease(t.Context(), v.ref, "dead", time.Second); err != nil || !turn.OK {
				t.Fatal(turn, err)
			}
			if c.called {
				resp, err := p.Client().PostForm(p.URL, map[string][]string{"refresh_token": {"r0"}})
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
			}
			started := time.Now()
			got := crowd(t, v, p.manifest(), hosts, 1)
			if got[c.want] != 300 || time.Since(started) < 800*time.Millisecond {
				t.Errorf("%v after %s", got, time.Since(started))
			}
		})
	}
}

// A host that stood still for longer than its lease comes back with good access,
// after another one was told that the old token is used: what is good wins.
func TestLateAnswerBeatsADeclarationOfDeath(t *testing.T) {
	t.Parallel()
	p, v := newStrict(t, real), newVault(t)
	p.hold, p.held = make(chan struct{}), make(chan struct{})
	hold := p.hold
	slow, quick := v.host(t, p, 20*time.Second), v.host(t, p, 20*time.Second)
	v.put(t, slow, time.Now())
	m := p.manifest()
	done := make(chan error, 1)
	go func() {
		g, err := slow.Renew(t.Context(), v.ref, m, 1)
		if err == nil && g.Access != "a1" {
			err = fmt.Errorf("got %q", g.Access)
		}
		done <- err
	}()
	<-p.held
	// Its lease runs out while it stands still.
	if err := v.main.In(t.Context(), v.ref.Tenant, func(tx store.Tx) error {
		_, err := tx.Exec(t.Context(), "update connection set lease_until = now() - interval '1 second'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := quick.Renew(t.Context(), v.ref, m, 1); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("the quick one: %v", err)
	}
	close(hold)
	if err := <-done; err != nil {
		t.Errorf("the slow one: %v", err)
	}
	if g, err := quick.Get(t.Context(), v.ref, m); err != nil || g.Access != "a1" || p.reused != 1 {
		t.Errorf("in the end: %q, %v after %d uses of a used token", g.Access, err, p.reused)
	}
}

// When the token endpoint itself is spent, nobody asks it again before it said.
func TestSpentTokenEndpoint(t *testing.T) {
	t.Parallel()
	p, v := newStrict(t, real), newVault(t)
	p.left = 0
	hosts := []*token.Service{v.host(t, p, 10*time.Second), v.host(t, p, 10*time.Second)}
	v.put(t, hosts[0], time.Now())
	for range 3 {
		if got := crowd(t, v, p.manifest(), hosts, 1); got["later"] != 300 {
			t.Errorf("%v", got)
		}
	}
	if p.over != 1 {
		t.Errorf("it was asked %d times", p.over)
	}
}
