package interpret

import (
	"errors"
	"fmt"
	"slices"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// windows reads the pages of a source: once, or again from the value reached
// whenever the package would page no further.
func (p *pull) windows(name string, s *recipe.Source, sc *recipe.Scope, t *tide, then func(*answer, []any) error) error {
	if s.Since == nil || s.Since.Pages == 0 {
		return p.read(name, s, &s.Fetch, sc, nil, nil, nil, then)
	}
	errWindow := errors.New("end of the window")
	reached := ""
	for {
		// What was reached in this window, which may be before what is known: the
		// overlap can be longer than what the package shows.
		pages, here := 0, &tide{p: t.p}
		err := p.read(name, s, &s.Fetch, sc, nil, nil, nil, func(a *answer, items []any) error {
			if err := then(a, items); err != nil {
				return err
			}
			local := *sc
			a.into(&local)
			for _, item := range items {
				if v, err := p.eval(s.Since.Value, &local, item); err == nil {
					_ = here.see(v, p.c.r.TimeZone)
				}
			}
			if pages++; pages >= s.Since.Pages {
				return errWindow
			}
			return nil
		})
		if !errors.Is(err, errWindow) {
			return err
		}
		if here.high == reached {
			return fmt.Errorf("%s: %w: after %d pages it is still at %s", p.c.title, errEndless, pages, reached)
		}
		reached = here.high
		sc[recipe.VarSince] = here.value()
	}
}

// read gets the pages of a source and sends their records, page by page or, when
// items belong together, after the last page. Then is called after each page.
func (p *pull) read(name string, s *recipe.Source, f *recipe.Fetch, sc *recipe.Scope, in any, asked map[string]bool, revisions map[string]string, then func(*answer, []any) error) error {
	var g *groups
	if s.Group != nil {
		g = &groups{items: map[string][]any{}}
	}
	err := p.pages(f, sc, in, func(a *answer, items []any) error {
		var err error
		if g == nil {
			err = p.send(name, s, sc, a, items, asked, revisions)
		} else {
			err = p.gatherGroups(s, sc, a, items, g)
		}
		if err != nil || then == nil {
			return err
		}
		return then(a, items)
	})
	if err != nil || g == nil {
		return err
	}
	for part := range slices.Chunk(g.order, 500) {
		lists := make([]any, len(part))
		for i, key := range part {
			lists[i] = g.items[key]
		}
		if err := p.send(name, s, sc, g.last, lists, asked, revisions); err != nil {
			return err
		}
	}
	return nil
}

// groups are items by their group, in the order in which the groups appeared.
type groups struct {
	items map[string][]any
	order []string
	held  int
	last  *answer
}

// maxGrouped bounds the items that are held for grouping.
const maxGrouped = 500_000

func (p *pull) gatherGroups(s *recipe.Source, sc *recipe.Scope, a *answer, items []any, g *groups) error {
	g.last = a
	local := *sc
	a.into(&local)
	for _, item := range items {
		key, err := p.keyOf(s.Group, &local, item, "")
		if err != nil {
			return err
		}
		if g.items[key] == nil {
			g.order = append(g.order, key)
		}
		g.items[key] = append(g.items[key], item)
	}
	if g.held += len(items); g.held > maxGrouped {
		return fmt.Errorf("%w: more than %d items to group", sdk.ErrInvalid, maxGrouped)
	}
	return nil
}
