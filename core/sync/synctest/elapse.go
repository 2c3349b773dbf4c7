package synctest

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/marketplace"
)

// Elapse moves back what the database dates by its own clock of subscriptions and
// of access, as if so much time had gone by.
func (b *Bench) Elapse(d time.Duration) {
	b.T.Helper()
	conn, err := pgx.Connect(b.T.Context(), b.DSN)
	if err != nil {
		b.T.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, q := range []string{
		"update subscription set expires_at = expires_at - $1::interval, renew_at = renew_at - $1::interval",
		"update connection set credentials_at = credentials_at - $1::interval, keep_after = keep_after - $1::interval",
		"update refresh_failure set after = after - $1::interval",
	} {
		if _, err := conn.Exec(b.T.Context(), q, d); err != nil {
			b.T.Fatal(err)
		}
	}
}

// Troubles are what the page of the connection says that the package does not do.
func (b *Bench) Troubles() []string {
	b.T.Helper()
	h, err := (&marketplace.Service{Store: b.Store, Real: b.Runner.Real}).Health(b.T.Context(), b.Tenant, b.Connection)
	if err != nil {
		b.T.Fatal(err)
	}
	return h.Troubles
}
