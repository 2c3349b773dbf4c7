package sync

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Credentials keeps the sealed credentials of connections in Postgres, so that
// all hubs and workers share one generation and one lease.
type Credentials struct {
	Store *store.Store
}

var _ token.Store = Credentials{}

// Load returns what is stored, or token.ErrNone.
func (c Credentials) Load(ctx context.Context, ref token.Ref) (r token.Record, err error) {
	err = c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		r, err = load(ctx, tx, ref.Connection)
		return err
	})
	return r, err
}

func load(ctx context.Context, tx store.Tx, connection uuid.UUID) (token.Record, error) {
	row, err := tx.Credentials(ctx, connection)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && len(row.SealedCredentials) == 0 {
		return token.Record{}, token.ErrNone
	}
	return token.Record{Sealed: row.SealedCredentials, Generation: row.TokenGeneration}, err
}

// TakeLease gives the right to refresh to one holder at a time.
func (c Credentials) TakeLease(ctx context.Context, ref token.Ref, holder string, ttl time.Duration) (r token.Record, ok bool, err error) {
	err = c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		n, err := tx.TakeLease(ctx, db.TakeLeaseParams{ID: ref.Connection, Holder: holder, Lasting: ttl})
		if err != nil || n == 0 {
			return err
		}
		ok = true
		r, err = load(ctx, tx, ref.Connection)
		return err
	})
	return r, ok, err
}

// CompareAndSwap writes new credentials if the generation is still the given one.
func (c Credentials) CompareAndSwap(ctx context.Context, ref token.Ref, generation int64, sealed []byte) (ok bool, err error) {
	err = c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		n, err := tx.SwapCredentials(ctx, db.SwapCredentialsParams{ID: ref.Connection, Generation: generation, SealedCredentials: sealed})
		ok = n == 1
		return err
	})
	return ok, err
}

// Release gives the lease back.
func (c Credentials) Release(ctx context.Context, ref token.Ref, holder string) error {
	return c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		return tx.DropLease(ctx, db.DropLeaseParams{ID: ref.Connection, Holder: holder})
	})
}

// Replace writes credentials whatever was there.
func (c Credentials) Replace(ctx context.Context, ref token.Ref, sealed []byte) error {
	return c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		return tx.ReplaceCredentials(ctx, db.ReplaceCredentialsParams{ID: ref.Connection, SealedCredentials: sealed})
	})
}

// Sealer seals credentials for their connection.
type Sealer struct {
	Box *secret.Box
}

// Seal encrypts for one connection of one tenant.
func (s Sealer) Seal(_ context.Context, ref token.Ref, plain []byte) ([]byte, error) {
	return s.Box.Seal(plain, purpose(ref))
}

// Open decrypts what was sealed for the same connection.
func (s Sealer) Open(_ context.Context, ref token.Ref, sealed []byte) ([]byte, error) {
	return s.Box.Open(sealed, purpose(ref))
}

func purpose(ref token.Ref) string {
	return "connection/" + ref.Tenant.String() + "/" + ref.Connection.String()
}
