package registry

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Resolve says which version of a connector a tenant gets, and notes that the
// tenant has it. A connector that is not in the register, as those that come with
// Voldaan, gives an empty choice.
func (r *Registry) Resolve(ctx context.Context, tenant uuid.UUID, connector string) (choice Choice, err error) {
	err = r.store.In(ctx, tenant, func(tx store.Tx) error {
		s := State{}
		if s.Candidates, err = candidates(ctx, tx, connector); err != nil || len(s.Candidates) == 0 {
			return err
		}
		pin, err := tx.ConnectorPin(ctx, connector)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read pin: %w", err)
		}
		have, err := tx.ConnectorInstall(ctx, connector)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read install: %w", err)
		}
		s.Pin, s.Installed = pin.Version, have.Version
		if choice, err = Resolve(tenant, connector, s); err != nil || choice.Version == have.Version {
			return err
		}
		if err := tx.UseConnector(ctx, db.UseConnectorParams{TenantID: tenant, Connector: connector, Version: choice.Version, InstalledAt: r.clock.Now()}); err != nil || r.moved == nil {
			return err
		}
		return r.moved(ctx, tx, connector, have.Version, choice)
	})
	return choice, err
}

func candidates(ctx context.Context, tx store.Tx, connector string) ([]Candidate, error) {
	rows, err := tx.ConnectorCandidates(ctx, connector)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	out := make([]Candidate, len(rows))
	for i, v := range rows {
		number, err := ParseVersion(v.Version)
		if err != nil {
			return nil, fmt.Errorf("read the register: %s: %w", connector, err)
		}
		out[i] = Candidate{
			Version: number, Percent: int(v.Percent), Halted: v.HaltedAt != nil, Yanked: v.YankedAt != nil, Why: v.YankedWhy, Revoked: v.RevokedAt != nil,
		}
	}
	return out, nil
}

// Version is Resolve for the connector host: nothing for a connector that is not
// in the register.
func (r *Registry) Version(ctx context.Context, tenant uuid.UUID, connector string) (string, error) {
	c, err := r.Resolve(ctx, tenant, connector)
	return c.Version, err
}

// Pin makes a tenant hold on to a version, which is also how a tenant agrees to a
// version with a major change.
func (r *Registry) Pin(ctx context.Context, tenant uuid.UUID, connector, version, who, why string) error {
	return r.store.In(ctx, tenant, func(tx store.Tx) error {
		s := State{Pin: version}
		var err error
		if s.Candidates, err = candidates(ctx, tx, connector); err != nil {
			return err
		}
		if _, err := Resolve(tenant, connector, s); err != nil {
			return fault.New(fault.Invalid, fault.Of(err).Code, "Version %s of the connector %s cannot be chosen.", version, connector).Because(err)
		}
		return tx.PinConnector(ctx, db.PinConnectorParams{TenantID: tenant, Connector: connector, Version: version, Why: why, PinnedBy: who, PinnedAt: r.clock.Now()})
	})
}

// Unpin lets a tenant get new versions again, of the line that it has.
func (r *Registry) Unpin(ctx context.Context, tenant uuid.UUID, connector string) error {
	return r.store.In(ctx, tenant, func(tx store.Tx) error {
		n, err := tx.UnpinConnector(ctx, connector)
		return one(n, err, "connector_not_pinned", "The connector %s is not held on to.", connector)
	})
}

// Forget notes that a tenant does not use a connector any more.
func (r *Registry) Forget(ctx context.Context, tenant uuid.UUID, connector string) error {
	return r.store.In(ctx, tenant, func(tx store.Tx) error {
		_, err := tx.DropConnectorInstall(ctx, connector)
		if err == nil {
			_, err = tx.UnpinConnector(ctx, connector)
		}
		return err
	})
}

// Use is how many tenants have a version.
type Use struct {
	Connector, Version string
	Tenants            int64
}

// Uses counts the tenants by version.
func (r *Registry) Uses(ctx context.Context) ([]Use, error) {
	rows, err := r.store.Door().DoorConnectorInstalls(ctx)
	if err != nil {
		return nil, fmt.Errorf("count installs: %w", err)
	}
	out := make([]Use, len(rows))
	for i, v := range rows {
		out[i] = Use{Connector: v.Connector, Version: v.Version, Tenants: v.Tenants}
	}
	return out, nil
}
