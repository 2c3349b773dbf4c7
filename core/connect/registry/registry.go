package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Config of a Registry. Store, Blobs and Log must be set.
type Config struct {
	Store *store.Store
	Blobs blob.Blobs
	Log   *slog.Logger
	Clock clock.Clock // real time when nil
	Plan  Plan
	// Moved is told, in the same transaction, that a tenant went from one version of
	// a connector to another; nil for nobody. From is empty for the first.
	Moved func(ctx context.Context, tx store.Tx, connector, from string, to Choice) error
}

// Registry is the register of an installation. It is safe for concurrent use,
// also by several processes.
type Registry struct {
	store *store.Store
	blobs blob.Blobs
	log   *slog.Logger
	clock clock.Clock
	plan  Plan
	moved func(ctx context.Context, tx store.Tx, connector, from string, to Choice) error
}

// New returns a registry.
func New(c Config) (*Registry, error) {
	if c.Store == nil || c.Blobs == nil || c.Log == nil {
		return nil, errors.New("registry: Store, Blobs and Log must be set")
	}
	if c.Clock == nil {
		c.Clock = clock.Func(time.Now)
	}
	return &Registry{store: c.Store, blobs: c.Blobs, log: c.Log, clock: c.Clock, plan: c.Plan.complete(), moved: c.Moved}, nil
}

// in runs f in a transaction that sees no tenant: the register is of the
// installation.
func (r *Registry) in(ctx context.Context, f func(store.Tx) error) error {
	return r.store.In(ctx, uuid.Nil, f)
}

// RegisterPublisher makes a publisher known. It is community until somebody has
// made sure who they are.
func (r *Registry) RegisterPublisher(ctx context.Context, id, title string) error {
	n, err := r.store.Door().AddPublisher(ctx, db.AddPublisherParams{ID: id, Title: title, CreatedAt: r.clock.Now()})
	if err != nil {
		return fmt.Errorf("register publisher %s: %w", id, err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "publisher_exists", "There is a publisher %s already.", id)
	}
	return nil
}

// VerifyPublisher notes that somebody made sure who a publisher is, and how.
func (r *Registry) VerifyPublisher(ctx context.Context, id, how string) error {
	now := r.clock.Now()
	n, err := r.store.Door().VerifyPublisher(ctx, db.VerifyPublisherParams{ID: id, VerifiedAt: &now, VerifiedHow: how})
	return one(n, err, "publisher_unknown", "There is no publisher %s.", id)
}

// AddKey registers a key of a publisher; expires may be zero for never.
func (r *Registry) AddKey(ctx context.Context, publisher string, key pack.PublicKey, expires time.Time) error {
	if _, err := r.store.Door().Publisher(ctx, publisher); errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "publisher_unknown", "There is no publisher %s.", publisher)
	}
	p := db.AddPublisherKeyParams{ID: key.ID(), PublisherID: publisher, PublicKey: key.Bytes(), RegisteredAt: r.clock.Now()}
	if !expires.IsZero() {
		p.ExpiresAt = &expires
	}
	if err := r.store.Door().AddPublisherKey(ctx, p); err != nil {
		return fmt.Errorf("register key %s of %s: %w", key.ID(), publisher, err)
	}
	return nil
}

// RevokeKey takes the trust out of all that a key signed.
func (r *Registry) RevokeKey(ctx context.Context, publisher, key, why string) error {
	now := r.clock.Now()
	n, err := r.store.Door().RevokePublisherKey(ctx, db.RevokePublisherKeyParams{PublisherID: publisher, ID: key, RevokedAt: &now, RevokedWhy: why})
	return one(n, err, "key_unknown", "%s has no key %s that can be revoked.", publisher, key)
}

// Reserve gives a name to a publisher before there is anything to publish.
func (r *Registry) Reserve(ctx context.Context, publisher, name string) error {
	return r.in(ctx, func(tx store.Tx) error { return r.reserve(ctx, tx, publisher, name) })
}

// reserve makes sure that a name is the publisher's.
func (r *Registry) reserve(ctx context.Context, tx store.Tx, publisher, name string) error {
	if err := tx.LockConnector(ctx, name); err != nil {
		return fmt.Errorf("reserve %s: %w", name, err)
	}
	if _, err := tx.ReserveConnector(ctx, db.ReserveConnectorParams{Name: name, PublisherID: publisher, ReservedAt: r.clock.Now()}); err != nil {
		return fmt.Errorf("reserve %s: %w", name, err)
	}
	owner, err := tx.ConnectorOwner(ctx, name)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.New(fault.Conflict, "connector_name_alike", "There is a connector whose name reads like %s. Choose another name.", name)
	case err != nil:
		return fmt.Errorf("reserve %s: %w", name, err)
	case owner != publisher:
		return fault.New(fault.Denied, "connector_name_taken", "The name %s belongs to another publisher. Choose another name.", name)
	}
	return nil
}

// keys returns the keys of publishers, all of them when publisher is empty.
func (r *Registry) keys(ctx context.Context, q *db.Queries, publisher string) (pack.Ring, error) {
	list := q.AllPublisherKeys
	if publisher != "" {
		list = func(ctx context.Context) ([]db.PublisherKey, error) { return q.PublisherKeys(ctx, publisher) }
	}
	rows, err := list(ctx)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	ring := pack.Ring{}
	for _, k := range rows {
		public, err := pack.NewPublicKey(k.PublicKey)
		if err != nil {
			return nil, fmt.Errorf("read key %s: %w", k.ID, err)
		}
		t := pack.TrustedKey{Public: public, Why: k.RevokedWhy}
		if k.ExpiresAt != nil {
			t.ExpiresAt = *k.ExpiresAt
		}
		if k.RevokedAt != nil {
			t.RevokedAt = *k.RevokedAt
		}
		ring[k.PublisherID] = append(ring[k.PublisherID], t)
	}
	return ring, nil
}

// one turns "no row" into a fault of kind NotFound.
func one(n int64, err error, code, format string, args ...any) error {
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, code, format, args...)
	}
	return nil
}
