package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/connect/registry"
)

// own is the publisher of the connectors that come with the program.
const own = "voldaan"

// strangers tells programs that somebody looked at from those that nobody did: a
// program of a partner runs only where it has no network and no files of ours,
// and in a process for each tenant, until it is certified.
type strangers struct {
	versions func(ctx context.Context, connector string) ([]registry.Entry, error)
	log      *slog.Logger

	mu    sync.Mutex
	known map[string]judgement // by name@version, protected by mu
}

type judgement struct {
	certified bool
	until     time.Time
}

// levelLasts is how long a level is taken for granted.
const levelLasts = time.Minute

// needs is a connect.Config.Needs.
func (s *strangers) needs(pkg *catalog.Package) []contain.Feature {
	if !s.stranger(pkg) {
		return nil
	}
	return []contain.Feature{contain.Network, contain.Files}
}

// stranger reports whether nobody vouches for the program of a package. When that
// cannot be found out, nobody does.
func (s *strangers) stranger(pkg *catalog.Package) bool {
	if pkg.Manifest.Publisher == own {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if j, ok := s.known[pkg.ID()]; ok && time.Now().Before(j.until) {
		return !j.certified
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	entries, err := s.versions(ctx, pkg.Name())
	if err != nil {
		s.log.Warn("the level of a connector is not known; it is run as a stranger's", "connector", pkg.ID(), "error", err)
	}
	j := judgement{until: time.Now().Add(levelLasts)}
	for _, e := range entries {
		if e.Name+"@"+e.Version.String() == pkg.ID() {
			j.certified = e.Level == registry.Certified
		}
	}
	if s.known == nil {
		s.known = map[string]judgement{}
	}
	s.known[pkg.ID()] = j
	return !j.certified
}
