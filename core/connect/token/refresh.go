package token

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// refresh returns credentials of a later generation than old.
func (s *Service) refresh(ctx context.Context, ref Ref, m *manifest.Manifest, old int64) (Grant, error) {
	done, err := s.single(ctx, ref)
	if err != nil {
		return Grant{}, err
	}
	defer done()
	for holder := newHolder(); ; {
		g, err := s.load(ctx, ref)
		if err != nil || g.Generation != old {
			return g, err
		}
		taken := time.Now()
		r, ok, err := s.Store.TakeLease(ctx, ref, holder, s.Lease)
		switch {
		case errors.Is(err, ErrNone):
			return Grant{}, fmt.Errorf("%w: %w", sdk.ErrAuth, err)
		case err != nil:
			return Grant{}, fmt.Errorf("take the lease of the credentials: %w", err)
		case ok:
			return s.withLease(ctx, ref, m, old, holder, taken, r)
		}
		// Somebody else is at it: look again soon, not all at once.
		if err := sleep(ctx, 20*time.Millisecond+rand.N(80*time.Millisecond)); err != nil {
			return Grant{}, err
		}
	}
}

// withLease does the refresh that the lease allows.
func (s *Service) withLease(ctx context.Context, ref Ref, m *manifest.Manifest, old int64, holder string, taken time.Time, r Record) (Grant, error) {
	// The caller may go away, but a refresh under way must end in the store.
	ctx = context.WithoutCancel(ctx)
	written := false
	defer func() {
		if !written {
			_ = s.Store.Release(ctx, ref, holder)
		}
	}()
	g, err := s.open(ctx, ref, r)
	if err != nil || g.Generation != old {
		return g, err // refreshed between the look and the lease
	}
	// The call must end before the lease does: nobody else may use the token
	// while this one might.
	callCtx, cancel := context.WithDeadline(ctx, taken.Add(s.Lease*2/3))
	defer cancel()
	next, err := s.callTokenEndpoint(callCtx, m, g.Credentials)
	if dead, ok := errors.AsType[*deadError](err); ok {
		now, loadErr := s.load(ctx, ref)
		if loadErr != nil || now.Generation != old {
			return now, loadErr // the user authorised again meanwhile
		}
		next = g.Credentials
		next.Dead = fmt.Sprintf("%s ended the access (%s); connect it again", m.Title, dead.code)
	} else if err != nil {
		return Grant{}, err
	}
	sealed, err := s.seal(ctx, ref, next)
	if err != nil {
		return Grant{}, err
	}
	written, err = s.Store.CompareAndSwap(ctx, ref, old, sealed)
	if err != nil {
		return Grant{}, fmt.Errorf("write refreshed credentials: %w", err)
	}
	if !written {
		return s.load(ctx, ref)
	}
	return s.open(ctx, ref, Record{Sealed: sealed, Generation: old + 1})
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
