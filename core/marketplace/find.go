package marketplace

import (
	"context"
	"encoding/base64"
	"slices"
	"sort"
	"strings"

	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Query narrows the shelf down. What is empty does not.
type Query struct {
	Text       string // each word must occur in name, title, summary or publisher
	Kind       manifest.Kind
	Country    string // connectors for anywhere are in it
	Capability manifest.Capability
	Level      registry.Level // at least
	After      string         // Next of the page before
	Most       int            // 48 when zero
}

// Found is a page of the shelf.
type Found struct {
	Items []*Item
	Total int    // that the query finds, on all pages
	All   int    // on the shelf
	Next  string // "" on the last page
	// Kinds and Countries are those that the shelf has.
	Kinds     []manifest.Kind
	Countries []string
}

const page = 48

// Find returns a page of the shelf, by title.
func (s *Service) Find(ctx context.Context, q Query) (*Found, error) {
	list, err := s.shelf(ctx)
	if err != nil {
		return nil, err
	}
	after, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil {
		return nil, fault.New(fault.Invalid, "cursor_unreadable", "This cursor is not one of this list. Begin again without it.")
	}
	if q.Most <= 0 {
		q.Most = page
	}
	words := strings.Fields(strings.ToLower(q.Text))
	out := &Found{All: len(list.items), Kinds: list.kinds, Countries: list.countries}
	begin := sort.Search(len(list.items), func(i int) bool { return list.items[i].sort > string(after) })
	if len(after) == 0 {
		begin = 0
	}
	for i, item := range list.items {
		if !q.fits(item, words) {
			continue
		}
		out.Total++
		switch {
		case i < begin:
		case len(out.Items) < q.Most:
			out.Items = append(out.Items, item)
		case out.Next == "":
			out.Next = base64.RawURLEncoding.EncodeToString([]byte(out.Items[q.Most-1].sort))
		}
	}
	return out, nil
}

func (q Query) fits(i *Item, words []string) bool {
	m := i.Manifest()
	for _, w := range words {
		if !strings.Contains(i.haystack, w) {
			return false
		}
	}
	return (q.Kind == "" || m.Kind == q.Kind) &&
		(q.Country == "" || len(m.Countries) == 0 || slices.Contains(m.Countries, q.Country)) &&
		(q.Capability == "" || m.Has(q.Capability)) &&
		rank[i.Badge.Level] >= rank[q.Level]
}

// Item returns a connector of the shelf, or a fault of kind NotFound.
func (s *Service) Item(ctx context.Context, name string) (*Item, error) {
	list, err := s.shelf(ctx)
	if err != nil {
		return nil, err
	}
	if i := list.byName[name]; i != nil {
		return i, nil
	}
	return nil, fault.New(fault.NotFound, "connector_unknown", "There is no connector called %s here.", name)
}
