package marketplace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Version is one version of a connector.
type Version struct {
	registry.Entry
	Badge Badge
	// Offered says that tenants may choose it.
	Offered bool
}

// Hold is a version that a tenant holds on to.
type Hold struct {
	Version, Why, By string
	At               time.Time
}

// Update is a newer version than the one in use, and what it changes.
type Update struct {
	Version string
	Changes []registry.Change
	// Ask says that it waits until the tenant agrees: it is a major change.
	Ask bool
}

// Mine is what a tenant has of a connector.
type Mine struct {
	Installed bool
	Using     string // "" when nothing is
	Since     time.Time
	Why       string // it is that version
	Hold      *Hold
	Update    *Update
	// Problem is why no version can be used now, "" when one can.
	Problem string
}

// Versions returns the versions of a connector, the newest first. One that came
// with the installation has none but its own.
func (s *Service) Versions(ctx context.Context, item *Item) ([]Version, error) {
	if s.Register != nil {
		list, err := s.Register.Versions(ctx, item.Name())
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return s.published(list), nil
		}
	}
	p := item.Package
	number, err := registry.ParseVersion(p.Manifest.Version)
	if err != nil {
		return nil, err
	}
	v := Version{Badge: item.Badge, Offered: true, Entry: registry.Entry{
		Name: item.Name(), Version: number, Publisher: p.Manifest.Publisher, PublisherTitle: item.Publisher, Level: item.Badge.Level,
		Source: string(p.Source), Digest: p.Digest, SignedBy: p.Signature.Key, SignedAt: p.Signature.SignedAt, Percent: 100,
	}}
	for path, to := range map[string]*string{pack.Readme: &v.Readme, pack.Changelog: &v.Changelog} {
		if p.Has(path) {
			b, err := p.File(path)
			if err != nil {
				return nil, err
			}
			*to = string(b)
		}
	}
	if p.Has(pack.Report) {
		if v.Report, err = p.File(pack.Report); err != nil {
			return nil, err
		}
	}
	return []Version{v}, nil
}

func (s *Service) published(list []registry.Entry) []Version {
	out := make([]Version, len(list))
	for i, e := range list {
		score := scoreOf(e.Report, e.Name, e.Version.String(), e.Attested)
		out[i] = Version{Entry: e, Badge: Badge{Level: e.Level, Score: score, Known: e.Known}, Offered: e.YankedAt == nil && !e.Revoked}
	}
	slices.SortFunc(out, func(a, b Version) int { return b.Version.Compare(a.Version) })
	return out
}

// Of returns what a tenant has of a connector with some versions, and notes
// nothing.
func (s *Service) Of(ctx context.Context, tx store.Tx, item *Item, versions []Version) (Mine, error) {
	name := item.Name()
	pin, err := tx.ConnectorPin(ctx, name)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Mine{}, fmt.Errorf("read pin: %w", err)
	}
	var m Mine
	if err == nil {
		m.Hold = &Hold{Version: pin.Version, Why: pin.Why, By: pin.PinnedBy, At: pin.PinnedAt}
	}
	have, err := tx.ConnectorInstall(ctx, name)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Mine{}, fmt.Errorf("read install: %w", err)
	}
	m.Installed, m.Since = err == nil, have.ChangedAt
	if !item.Registered {
		m.Using, m.Why = item.Manifest().Version, "it comes with this installation"
		return m, nil
	}
	choice, err := registry.Resolve(tx.Tenant, name, state(versions, pin.Version, have.Version))
	if err != nil {
		m.Problem = fault.Of(err).Message
		m.Using = have.Version
	} else {
		m.Using, m.Why = choice.Version, choice.Why
	}
	m.Update, err = update(m.Using, versions)
	return m, err
}

func state(versions []Version, pin, installed string) registry.State {
	st := registry.State{Pin: pin, Installed: installed}
	for _, v := range versions {
		st.Candidates = append(st.Candidates, registry.Candidate{
			Version: v.Version, Percent: v.Percent, Halted: v.HaltedAt != nil, Yanked: v.YankedAt != nil, Why: v.YankedWhy, Revoked: v.Revoked,
		})
	}
	return st
}

// update is the newest version that is offered, when it is newer than the one in
// use.
func update(using string, versions []Version) (*Update, error) {
	now := slices.IndexFunc(versions, func(v Version) bool { return v.Version.String() == using })
	for i, v := range versions {
		if now < 0 || i >= now {
			break
		}
		if !v.Offered || v.HaltedAt != nil {
			continue
		}
		changes, err := registry.Diff([]byte(versions[now].Source), []byte(v.Source))
		if err != nil {
			return nil, fmt.Errorf("compare %s with %s: %w", using, v.Version, err)
		}
		return &Update{Version: v.Version.String(), Changes: changes, Ask: registry.Weightiest(changes) == registry.Major}, nil
	}
	return nil, nil
}

var errNoVersions = fault.New(fault.Conflict, "connector_bundled", "This connector comes with the installation, and its version with it: there is none to choose.")

// Install takes a connector into use in the version that is meant for the tenant.
func (s *Service) Install(ctx context.Context, who Actor, connector string) (string, error) {
	item, err := s.Item(ctx, connector)
	if err != nil {
		return "", err
	}
	if !item.Registered {
		return item.Manifest().Version, nil
	}
	c, err := s.Register.Resolve(ctx, who.Tenant, connector)
	if err != nil {
		return "", err
	}
	return c.Version, s.noteConnector(ctx, who, connector, Installed, map[string]string{"to": c.Version})
}

// Uninstall ends the use of a connector to which the tenant has no connection any
// more, and lets go of its version.
func (s *Service) Uninstall(ctx context.Context, who Actor, connector string) error {
	item, err := s.Item(ctx, connector)
	if err != nil {
		return err
	}
	if err := s.Store.In(ctx, who.Tenant, func(tx store.Tx) error {
		rows, err := tx.ConnectionsTo(ctx, connector)
		if err == nil && len(rows) > 0 {
			err = fault.New(fault.Conflict, "connector_in_use", "You have a connection to %s. Remove it first.", item.Manifest().Title)
		}
		return err
	}); err != nil || s.Register == nil {
		return err
	}
	if err := s.Register.Forget(ctx, who.Tenant, connector); err != nil {
		return err
	}
	return s.noteConnector(ctx, who, connector, Uninstalled, nil)
}

// Choose brings a tenant to a version. With hold it stays there until it is let
// go; without, it goes on to newer ones of that line, if the roll-out has it so.
func (s *Service) Choose(ctx context.Context, who Actor, connector, version, why string, hold bool) error {
	item, err := s.Item(ctx, connector)
	if err != nil {
		return err
	}
	if !item.Registered {
		return errNoVersions
	}
	if err := s.Register.Pin(ctx, who.Tenant, connector, version, who.By, why); err != nil {
		return err
	}
	if err := s.noteConnector(ctx, who, connector, Held, map[string]string{"to": version, "why": why}); err != nil {
		return err
	}
	if _, err := s.Host.Catalog().Get(connector, version); err != nil {
		if err := s.Refresh(ctx); err != nil {
			return err
		}
	}
	if _, err := s.Register.Resolve(ctx, who.Tenant, connector); err != nil || hold {
		return err
	}
	// It may let go where that does not take it back at once.
	versions, err := s.Versions(ctx, item)
	if err != nil {
		return err
	}
	if next, err := registry.Resolve(who.Tenant, connector, state(versions, "", version)); err != nil || next.Version != version {
		return nil //nolint:nilerr // it stays where it was brought
	}
	return s.Register.Unpin(ctx, who.Tenant, connector)
}

// Release lets a tenant get new versions again.
func (s *Service) Release(ctx context.Context, who Actor, connector string) error {
	if s.Register == nil {
		return errNoVersions
	}
	if err := s.Register.Unpin(ctx, who.Tenant, connector); err != nil {
		return err
	}
	if err := s.noteConnector(ctx, who, connector, Released, nil); err != nil {
		return err
	}
	_, err := s.Register.Resolve(ctx, who.Tenant, connector)
	return err
}

func (s *Service) noteConnector(ctx context.Context, who Actor, connector, action string, detail map[string]string) error {
	return s.Store.In(ctx, who.Tenant, func(tx store.Tx) error {
		return s.note(ctx, tx, who.By, action, ofConnector(connector), detail)
	})
}
