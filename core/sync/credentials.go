package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
		row, err := tx.ReadCredentials(ctx, ref.Connection)
		if err == nil || errors.Is(err, pgx.ErrNoRows) {
			r, err = record(row.SealedCredentials, row.TokenGeneration, row.Config)
		}
		return err
	})
	return r, err
}

func record(sealed []byte, generation int64, config json.RawMessage) (token.Record, error) {
	if len(sealed) == 0 {
		return token.Record{}, token.ErrNone
	}
	r := token.Record{Sealed: sealed, Generation: generation}
	if err := json.Unmarshal(config, &r.Config); err != nil {
		return r, fmt.Errorf("read the settings of the connection: %w", err)
	}
	return r, nil
}

// TakeLease gives the right to renew to one holder at a time.
func (c Credentials) TakeLease(ctx context.Context, ref token.Ref, holder string, ttl time.Duration) (t token.Turn, err error) {
	err = c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		t = token.Turn{}
		row, err := tx.LockCredentials(ctx, ref.Connection)
		if errors.Is(err, pgx.ErrNoRows) {
			return token.ErrNone
		}
		if err != nil || row.Leased {
			return err
		}
		failed, err := tx.RefreshFailure(ctx, ref.Connection)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if t.Record, err = record(row.SealedCredentials, row.TokenGeneration, row.Config); err != nil {
			return err
		}
		t.Failures, t.Why, t.Wait = int(failed.Failures), failed.Why, seconds(failed.Wait)
		// A lease that ran out belongs to somebody who died with it.
		died := row.LeaseHolder != nil
		if t.OK, t.Unsure = t.Wait <= 0, failed.Lost || died; !t.OK {
			return nil
		}
		if died && !failed.Lost {
			if err := tx.SetRefreshFailure(ctx, db.SetRefreshFailureParams{Connection: ref.Connection, Why: "a host died while it renewed the access", Lost: true}); err != nil {
				return err
			}
		}
		return tx.LeaseCredentials(ctx, db.LeaseCredentialsParams{ID: ref.Connection, Holder: holder, Lasting: ttl.Seconds()})
	})
	return t, err
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// CompareAndSwap writes new credentials if the generation is still the given one.
func (c Credentials) CompareAndSwap(ctx context.Context, ref token.Ref, generation int64, sealed []byte, kept map[string]string) (ok bool, err error) {
	err = c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		ok, err = write(ctx, tx, ref.Connection, generation, sealed, kept)
		return err
	})
	return ok, err
}

func write(ctx context.Context, tx store.Tx, connection uuid.UUID, generation int64, sealed []byte, kept map[string]string) (bool, error) {
	if kept == nil {
		kept = map[string]string{}
	}
	more, err := json.Marshal(kept)
	if err != nil {
		return false, err
	}
	n, err := tx.WriteCredentials(ctx, db.WriteCredentialsParams{ID: connection, Generation: generation, Sealed: sealed, Kept: more})
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.ForgetRefreshFailure(ctx, connection)
}

// Release gives the lease back.
func (c Credentials) Release(ctx context.Context, ref token.Ref, holder string, f *token.Failure) error {
	return c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		n, err := tx.EndLease(ctx, db.EndLeaseParams{ID: ref.Connection, Holder: holder})
		if err != nil || n == 0 || f == nil {
			return err
		}
		return tx.SetRefreshFailure(ctx, db.SetRefreshFailureParams{Connection: ref.Connection, Wait: f.Wait.Seconds(), Why: f.Why, Lost: f.Lost})
	})
}

// anyGeneration writes whatever is there.
const anyGeneration = -1

// Replace writes credentials whatever was there.
func (c Credentials) Replace(ctx context.Context, ref token.Ref, sealed []byte, kept map[string]string) error {
	return c.Store.In(ctx, ref.Tenant, func(tx store.Tx) error {
		_, err := write(ctx, tx, ref.Connection, anyGeneration, sealed, kept)
		return err
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
