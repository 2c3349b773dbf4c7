package marketplace

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

// keepShelf is how long the list is kept in memory: versions are published by
// other processes too.
const keepShelf = 10 * time.Second

// Item is a connector on the shelf, in its newest version.
type Item struct {
	Package        *catalog.Package
	Publisher      string // its title
	Badge          Badge
	HasIcon        bool
	Registered     bool // published, rather than come with the installation
	sort, haystack string
}

// Name identifies the connector.
func (i *Item) Name() string { return i.Package.Manifest.Name }

// Manifest is that of the newest version.
func (i *Item) Manifest() *manifest.Manifest { return i.Package.Manifest }

// shelf is the list as it was at one moment; it is never changed.
type shelf struct {
	items     []*Item // by title
	byName    map[string]*Item
	kinds     []manifest.Kind
	countries []string
}

// Changed makes the next look see what has just changed.
func (s *Service) Changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
}

func (s *Service) shelf(ctx context.Context) (*shelf, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept != nil && time.Now().Before(s.until) {
		return s.kept, nil
	}
	versions := map[string]db.MarketVersionsRow{}
	if s.Register != nil {
		rows, err := s.Store.Door().MarketVersions(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the register: %w", err)
		}
		for _, r := range rows {
			versions[r.Name+"@"+r.Version] = r
		}
	}
	out := &shelf{byName: map[string]*Item{}}
	if s.Host != nil {
		for _, p := range s.Host.Catalog().List() {
			out.add(s.item(p, versions))
		}
	}
	slices.SortFunc(out.items, func(a, b *Item) int { return strings.Compare(a.sort, b.sort) })
	slices.Sort(out.kinds)
	slices.Sort(out.countries)
	s.kept, s.until = out, time.Now().Add(keepShelf)
	return out, nil
}

func (s *shelf) add(i *Item) {
	s.items, s.byName[i.Name()] = append(s.items, i), i
	if m := i.Manifest(); !slices.Contains(s.kinds, m.Kind) {
		s.kinds = append(s.kinds, m.Kind)
	}
	for _, c := range i.Manifest().Countries {
		if !slices.Contains(s.countries, c) {
			s.countries = append(s.countries, c)
		}
	}
}

func (s *Service) item(p *catalog.Package, versions map[string]db.MarketVersionsRow) *Item {
	m := p.Manifest
	i := &Item{Package: p, Publisher: m.Publisher, HasIcon: p.Has(pack.Icon)}
	if v, ok := versions[p.ID()]; ok {
		i.Registered, i.Publisher = true, cmp.Or(v.PublisherTitle, m.Publisher)
		i.Badge = badgeOf(v.VerifiedAt != nil, scoreOf(v.Report, v.Name, v.Version, false), scoreOf(v.Attested, v.Name, v.Version, true))
	} else {
		theirs, ours := s.packed(p), (*Score)(nil)
		if m.Publisher == s.Own && s.Own != "" {
			theirs, ours = nil, theirs
		}
		i.Badge = badgeOf(true, theirs, ours)
	}
	i.sort = strings.ToLower(m.Title) + "\x00" + m.Name
	i.haystack = strings.ToLower(strings.Join([]string{m.Title, m.Name, m.Summary, i.Publisher}, "\n"))
	return i
}

// packed is the report in a package, which is read once.
func (s *Service) packed(p *catalog.Package) *Score {
	if !p.Has(pack.Report) {
		return nil
	}
	if score, ok := s.reports[p.Digest]; ok {
		return score
	}
	raw, err := p.File(pack.Report)
	if err != nil {
		return nil // it was replaced since; the next scan knows
	}
	if s.reports == nil {
		s.reports = map[pack.Hash]*Score{}
	}
	s.reports[p.Digest] = scoreOf(raw, p.Manifest.Name, p.Manifest.Version, s.Own != "" && p.Manifest.Publisher == s.Own)
	return s.reports[p.Digest]
}
