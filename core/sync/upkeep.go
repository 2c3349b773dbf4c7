package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"golang.org/x/sync/errgroup"
)

// Upkeep does for connections what must be done although nobody uses them: it
// renews access that ends when it lies idle, and subscriptions that end by
// themselves. Any number of them may run at once; what one of them drops, another
// picks up.
type Upkeep struct {
	Connections *Connections
	Every       time.Duration // a minute when zero
}

const (
	upkeepAtOnce  = 100
	upkeepAbreast = 4
	// upkeepClaim is how long a host that dies keeps others from its work.
	upkeepClaim = 10 * time.Minute
	// keepAgain is when access that could not be renewed is tried again. Days are
	// left then, see token.IdleAfter.
	keepAgain = time.Hour
	// keepDead is when access is tried again that a person must give anew.
	keepDead = 24 * time.Hour
)

// Run works until ctx ends. What fails is tried again.
func (u *Upkeep) Run(ctx context.Context) error {
	every := u.Every
	if every <= 0 {
		every = time.Minute
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := u.Once(ctx); err != nil && ctx.Err() == nil {
			u.Connections.Runner.Log.WarnContext(ctx, "keep connections up", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once does what is due now. What a package refuses is noted at its connection and
// is no error.
func (u *Upkeep) Once(ctx context.Context) error {
	return errors.Join(u.keepAccess(ctx), u.renewSubscriptions(ctx))
}

// keepAccess renews access that would end because nobody uses it.
func (u *Upkeep) keepAccess(ctx context.Context) error {
	due := u.idle()
	if len(due.Connectors) == 0 {
		return nil
	}
	rows, err := u.Connections.Store.Door().DoorIdleAccess(ctx, due)
	if err != nil {
		return fmt.Errorf("find access that nobody uses: %w", err)
	}
	return abreast(rows, func(row db.DoorIdleAccessRow) error { return u.keepAlive(ctx, row.TenantID, row.ConnectionID) })
}

// idle lists how old access may be, by connector and way to sign in; of several
// versions the shortest time counts.
func (u *Upkeep) idle() (p db.DoorIdleAccessParams) {
	p.Most = upkeepAtOnce
	cat := u.Connections.Host.Catalog()
	for _, newest := range cat.List() {
		ages := map[string]time.Duration{}
		for _, pkg := range cat.Versions(newest.Name()) {
			for _, auth := range pkg.Manifest.Auth {
				if age := token.IdleAfter(auth); age > 0 && (ages[auth.Name] == 0 || age < ages[auth.Name]) {
					ages[auth.Name] = age
				}
			}
		}
		for method, age := range ages {
			p.Connectors, p.Methods, p.Ages = append(p.Connectors, newest.Name()), append(p.Methods, method), append(p.Ages, age)
		}
	}
	return p
}

func (u *Upkeep) keepAlive(ctx context.Context, tenant, connection uuid.UUID) error {
	c := u.Connections
	var mine int64
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		mine, err = tx.ClaimKeeping(ctx, db.ClaimKeepingParams{ID: connection, Lasting: upkeepClaim})
		return err
	}); err != nil || mine == 0 {
		return err
	}
	m, _, err := c.manifest(ctx, tenant, connection)
	if err != nil {
		return err
	}
	note := db.NoteKeepingParams{ID: connection, Wait: keepAgain}
	cause := c.Host.Tokens().KeepAlive(ctx, token.Ref{Tenant: tenant, Connection: connection}, m)
	dead := errors.Is(cause, sdk.ErrAuth)
	switch {
	case dead:
		note.Problem, note.Wait = fmt.Sprintf("%s ended the access while nobody used it. Sign in again.", m.Title), keepDead
	case cause != nil:
		note.Problem = fmt.Sprintf("The access to %s ends when nobody uses it, and could not be renewed. It is tried again by itself.", m.Title)
		if r, ok := errors.AsType[*sdk.RetryAfter](cause); ok {
			note.Wait = max(note.Wait, r.Wait)
		}
	}
	if cause != nil {
		c.Runner.Log.WarnContext(ctx, "access that nobody uses was not renewed", "connection", connection, "error", cause)
	}
	return c.Store.In(ctx, tenant, func(tx store.Tx) error {
		if dead {
			if err := tx.SetConnectionState(ctx, db.SetConnectionStateParams{ID: connection, State: "broken", StateReason: note.Problem}); err != nil {
				return err
			}
		}
		return tx.NoteKeeping(ctx, note)
	})
}

// renewSubscriptions renews those that end soon.
func (u *Upkeep) renewSubscriptions(ctx context.Context) error {
	if s := u.Connections.Runner.Subscriptions; s == nil || s.URL == "" {
		return nil
	}
	rows, err := u.Connections.Store.Door().DoorEndingSubscriptions(ctx, upkeepAtOnce)
	if err != nil {
		return fmt.Errorf("find subscriptions that end: %w", err)
	}
	return abreast(rows, func(row db.DoorEndingSubscriptionsRow) error {
		return u.Connections.Runner.renew(ctx, row.TenantID, row.AdministrationID)
	})
}

// renew prolongs a subscription at its package, or replaces it. A failure is kept
// for the user to see and tried again, also after the end: the regular runs go on
// without calls.
func (r *Runner) renew(ctx context.Context, tenant, administration uuid.UUID) error {
	var sub db.Subscription
	err := r.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		sub, err = tx.ClaimSubscription(ctx, db.ClaimSubscriptionParams{AdministrationID: administration, Lasting: upkeepClaim})
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // another host is at it
	}
	if err != nil {
		return fmt.Errorf("claim a subscription: %w", err)
	}
	keep, cause := r.prolong(ctx, tenant, sub)
	if cause != nil {
		r.Log.WarnContext(ctx, "a subscription was not renewed", "administration", administration, "error", cause)
	}
	return r.Store.In(ctx, tenant, func(tx store.Tx) error {
		if cause != nil {
			return tx.FailSubscription(ctx, db.FailSubscriptionParams{AdministrationID: administration, Problem: fault.Of(cause).Message})
		}
		return tx.RenewSubscription(ctx, keep)
	})
}

func (r *Runner) prolong(ctx context.Context, tenant uuid.UUID, sub db.Subscription) (keep db.RenewSubscriptionParams, err error) {
	var adm db.Administration
	var conn connect.Connection
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) error {
		adm, conn, err = r.connection(ctx, tx, sub.AdministrationID)
		return err
	}); err != nil {
		return keep, err
	}
	keep.AdministrationID, keep.Url = adm.ID, r.Subscriptions.address(conn.ID, adm.ID)
	got, err := r.Host.Subscribe(ctx, conn, sdk.SubscribeRequest{Administration: adm.ExternalID, URL: keep.Url, Renew: sub.ExternalID})
	if err != nil {
		return keep, err
	}
	keep.ExternalID, keep.ExpiresAt = got.ID, ending(got)
	if len(got.Secret) > 0 {
		if keep.SealedSecret, err = r.Subscriptions.Sealer.Seal(ctx, token.Ref{Tenant: tenant, Connection: conn.ID}, got.Secret); err != nil {
			return keep, fmt.Errorf("seal the secret of a subscription: %w", err)
		}
	}
	return keep, nil
}

// ending is when a subscription ends, nil for one that does not.
func ending(s sdk.Subscription) *time.Time {
	if s.Expires.IsZero() {
		return nil
	}
	return &s.Expires
}

// abreast does all of the work, several at a time.
func abreast[T any](work []T, do func(T) error) error {
	var g errgroup.Group
	g.SetLimit(upkeepAbreast)
	for _, w := range work {
		g.Go(func() error { return do(w) })
	}
	return g.Wait()
}
