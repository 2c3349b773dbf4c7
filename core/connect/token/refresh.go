package token

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// flight is one renewal under way in this process; all who want the same one
// wait for it.
type flight struct {
	done  chan struct{}
	grant Grant
	err   error
}

type flightKey struct {
	Ref
	old int64
}

// refresh returns credentials of a later generation than old. The caller may go
// away: a renewal under way ends in the store.
func (s *Service) refresh(ctx context.Context, ref Ref, m *manifest.Manifest, old int64) (Grant, error) {
	key := flightKey{ref, old}
	s.mu.Lock()
	f := s.flights[key]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		s.flights[key] = f
		go func() {
			// Longer than the lease of a holder that died, and one attempt of our own.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*s.Lease)
			defer cancel()
			f.grant, f.err = s.renew(ctx, ref, m, old)
			if errors.Is(f.err, context.DeadlineExceeded) {
				f.err = &sdk.RetryAfter{Wait: s.Lease, Why: "the access to " + m.Title + " is being renewed elsewhere"}
			}
			s.mu.Lock()
			delete(s.flights, key)
			s.mu.Unlock()
			close(f.done)
		}()
	}
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.grant, f.err
	case <-ctx.Done():
		return Grant{}, ctx.Err()
	}
}

// renew waits for the lease, or for another holder's result.
func (s *Service) renew(ctx context.Context, ref Ref, m *manifest.Manifest, old int64) (Grant, error) {
	for holder := uuid.NewString(); ; {
		g, err := s.load(ctx, ref)
		if err != nil || g.Generation != old {
			return g, err
		}
		taken := time.Now()
		t, err := s.Store.TakeLease(ctx, ref, holder, s.Lease)
		switch {
		case errors.Is(err, ErrNone):
			return Grant{}, fmt.Errorf("%w: %w", sdk.ErrAuth, err)
		case err != nil:
			return Grant{}, fmt.Errorf("take the lease of the credentials: %w", err)
		case t.OK:
			return s.withLease(ctx, ref, m, old, holder, taken, t)
		case t.Wait > 0:
			return Grant{}, &sdk.RetryAfter{Wait: t.Wait, Why: t.Why}
		}
		// Somebody else is at it: look again soon, not all at once.
		if err := sleep(ctx, 20*time.Millisecond+rand.N(80*time.Millisecond)); err != nil {
			return Grant{}, err
		}
	}
}

const (
	// firstPause is how long nobody tries after a failed attempt; it doubles with
	// each further one up to lastPause.
	firstPause = 2 * time.Second
	lastPause  = 5 * time.Minute
)

type refKey struct{}

// RefOf returns the connection that a request for new credentials is made for.
func RefOf(ctx context.Context) (Ref, bool) {
	ref, ok := ctx.Value(refKey{}).(Ref)
	return ref, ok
}

// withLease does the renewal that the lease allows. Whatever way it ends, the
// lease does: by the write, or by a release that says what went wrong, so that
// the many who wait do not try one after the other.
func (s *Service) withLease(ctx context.Context, ref Ref, m *manifest.Manifest, old int64, holder string, taken time.Time, t Turn) (_ Grant, err error) {
	written := false
	defer func() {
		if !written {
			_ = s.Store.Release(ctx, ref, holder, s.failure(m, t, err))
		}
	}()
	g, err := s.open(ctx, ref, t.Record)
	if err != nil || g.Generation != old {
		return g, err // renewed between the look and the lease
	}
	// The call must end before the lease does: nobody else may use the token
	// while this one might.
	callCtx, cancel := context.WithDeadline(context.WithValue(ctx, refKey{}, ref), taken.Add(s.Lease*2/3))
	defer cancel()
	next, err := s.obtain(callCtx, m, g)
	if dead, ok := errors.AsType[*deadError](err); ok {
		now, loadErr := s.load(ctx, ref)
		if loadErr != nil || now.Generation != old {
			return now, loadErr // the user authorised again meanwhile
		}
		next, err = g.Credentials, nil
		next.Dead, next.DeadOf = farewell(m, g, dead, t.Unsure, s.Clock.Now()), old
	} else if err != nil {
		return Grant{}, err
	}
	out, ok, err := s.write(ctx, ref, old, g.Config, next)
	written = ok
	return out, err
}

// farewell is why a person must authorise again.
func farewell(m *manifest.Manifest, g Grant, dead *deadError, unsure bool, now time.Time) string {
	auth, _ := m.Method(g.Method)
	if auth.Type != manifest.OAuth2 {
		return fmt.Sprintf("%s does not accept what was filled in to sign in (%s); connect it again", m.Title, dead.code)
	}
	if life := auth.RefreshLifetime; life > 0 && !g.Issued.IsZero() && now.Sub(g.Issued) > life {
		return fmt.Sprintf("%s ends access that nobody uses for %d days; connect it again", m.Title, int(life.Hours()/24))
	}
	if unsure {
		return fmt.Sprintf("%s gave out new access that never arrived here, and does not take the old one any more (%s); connect it again", m.Title, dead.code)
	}
	return fmt.Sprintf("%s ended the access (%s); connect it again", m.Title, dead.code)
}

// write stores credentials as the next generation. Where somebody was faster,
// theirs count; only a mere declaration of death gives way to good credentials.
func (s *Service) write(ctx context.Context, ref Ref, old int64, config map[string]string, next Credentials) (_ Grant, written bool, _ error) {
	sealed, err := s.seal(ctx, ref, next)
	if err != nil {
		return Grant{}, false, err
	}
	generation := old
	for range 3 {
		ok, err := s.Store.CompareAndSwap(ctx, ref, generation, sealed, next.Kept)
		if err != nil {
			return Grant{}, false, fmt.Errorf("write renewed credentials: %w", err)
		}
		if ok {
			config = maps.Clone(config)
			if config == nil {
				config = map[string]string{}
			}
			maps.Copy(config, next.Kept)
			g, err := s.open(ctx, ref, Record{Sealed: sealed, Generation: generation + 1, Config: config})
			return g, true, err
		}
		now, err := s.load(ctx, ref)
		if next.Dead != "" || now.Dead == "" || now.DeadOf != old {
			return now, false, err
		}
		generation = now.Generation
	}
	g, err := s.load(ctx, ref)
	return g, false, err
}

// failure is what a failed attempt tells the others, nil when there was none.
func (s *Service) failure(m *manifest.Manifest, t Turn, err error) *Failure {
	if err == nil || errors.Is(err, sdk.ErrAuth) {
		return nil
	}
	f := &Failure{Wait: min(firstPause<<min(t.Failures, 12), lastPause), Why: m.Title + " could not renew the access"}
	if r, ok := errors.AsType[*sdk.RetryAfter](err); ok {
		f.Wait, f.Why = max(f.Wait, r.Wait), r.Why
	}
	_, f.Lost = errors.AsType[*lostError](err)
	return f
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
