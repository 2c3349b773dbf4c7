package token

import (
	"context"
	"time"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// IdleAfter is how long access by a way to sign in may lie unused before it should
// be renewed: two thirds of what the package bears, so that there is time to try
// again. It is 0 for access that does not end by lying unused.
func IdleAfter(auth manifest.Auth) time.Duration {
	if auth.Type != manifest.OAuth2 {
		return 0
	}
	return auth.RefreshLifetime * 2 / 3
}

// KeepAlive renews access that was not used for IdleAfter. It takes the lease like
// any other renewal, so that a refresh token that works once is used once. The
// error wraps sdk.ErrAuth when a person must authorise again.
func (s *Service) KeepAlive(ctx context.Context, ref Ref, m *manifest.Manifest) error {
	g, err := s.load(ctx, ref)
	if err != nil {
		return err
	}
	auth, _ := m.Method(g.Method)
	after := IdleAfter(auth)
	if after == 0 || g.Refresh == "" || s.Clock.Now().Sub(g.Issued) < after {
		return nil
	}
	_, err = s.refresh(ctx, ref, m, g.Generation)
	return err
}
