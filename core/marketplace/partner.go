package marketplace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store/db"
)

// Partner is how the connectors of a publisher do: counts, and never who uses
// them.
type Partner struct {
	ID, Title  string
	Verified   bool
	Connectors []PartnerConnector
}

// PartnerConnector is one of them.
type PartnerConnector struct {
	Name     string
	Installs int64 // tenants
	Versions []PartnerVersion
}

// PartnerVersion is one version, the newest first.
type PartnerVersion struct {
	Version
	Installs        int64
	Calls, Failures int64 // in the last 30 days; failures that are its own doing
	Days            []Day
}

// Day is a day's calls, in UTC.
type Day struct {
	On              time.Time
	Calls, Failures int64
}

// FailureRate is failures of calls, in hundredths of a percent.
func (v *PartnerVersion) FailureRate() int64 {
	if v.Calls == 0 {
		return 0
	}
	return v.Failures * 10_000 / v.Calls
}

var errNoPublisher = fault.New(fault.NotFound, "publisher_unknown", "There is no such publisher here.")

// PublisherOf returns the publisher that a tenant is, or "" when it is none.
func (s *Service) PublisherOf(ctx context.Context, tenant uuid.UUID) (string, error) {
	if s.Register == nil {
		return "", nil
	}
	p, err := s.Store.Door().PublisherOf(ctx, tenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return p.ID, err
}

// Partner returns how the connectors of a publisher do.
func (s *Service) Partner(ctx context.Context, publisher string) (*Partner, error) {
	if s.Register == nil {
		return nil, errNoPublisher
	}
	q := s.Store.Door()
	p, err := q.Publisher(ctx, publisher)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNoPublisher
	}
	if err != nil {
		return nil, fmt.Errorf("read the publisher: %w", err)
	}
	out := &Partner{ID: p.ID, Title: p.Title, Verified: p.VerifiedAt != nil, Connectors: []PartnerConnector{}}
	owned, err := q.ConnectorPackages(ctx)
	if err != nil {
		return nil, fmt.Errorf("list connectors: %w", err)
	}
	uses, err := s.Register.Uses(ctx)
	if err != nil {
		return nil, err
	}
	since := s.Real.Now().Add(-lookBack)
	tallies, err := q.MarketTallies(ctx, db.MarketTalliesParams{Publisher: publisher, Since: since})
	if err != nil {
		return nil, fmt.Errorf("count calls: %w", err)
	}
	for _, c := range owned {
		if c.PublisherID != publisher {
			continue
		}
		list, err := s.Register.Versions(ctx, c.Name)
		if err != nil {
			return nil, err
		}
		out.Connectors = append(out.Connectors, partnerConnector(c.Name, s.published(list), uses, tallies))
	}
	slices.SortFunc(out.Connectors, func(a, b PartnerConnector) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func partnerConnector(name string, versions []Version, uses []registry.Use, tallies []db.MarketTalliesRow) PartnerConnector {
	out := PartnerConnector{Name: name, Versions: []PartnerVersion{}}
	for _, v := range versions {
		pv := PartnerVersion{Version: v}
		number := v.Version.String()
		for _, u := range uses {
			if u.Connector == name && u.Version == number {
				pv.Installs += u.Tenants
			}
		}
		for _, t := range tallies {
			if t.Name == name && t.Version == number {
				pv.Calls, pv.Failures = pv.Calls+t.Calls, pv.Failures+t.Failures
				pv.Days = append(pv.Days, Day{On: t.Day, Calls: t.Calls, Failures: t.Failures})
			}
		}
		out.Installs += pv.Installs
		out.Versions = append(out.Versions, pv)
	}
	return out
}
