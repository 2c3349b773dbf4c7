package interpret

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// listed reads a source whose list of ids tells what to fetch. The lists of all
// sources of a stream are compared together, as the host takes what is not in
// them for deleted.
func (p *pull) listed(name string, s *recipe.Source) error {
	if p.compared[name] == nil {
		if err := p.compare(s.Stream()); err != nil {
			return err
		}
	}
	w := p.compared[name]
	if s.Request.Missing() {
		return p.sendListed(name, s, w)
	}
	for ids := range slices.Chunk(w.ids, max(1, s.Batch)) {
		asked, err := p.fetch(name, s, &s.Fetch, s.Batch, ids, w.revisions)
		if err != nil {
			return err
		}
		if len(asked) > 0 {
			p.s.Log.Warn("records listed but not returned; the next pull asks again", "source", name, "count", len(asked))
		}
		if err := p.sink.Checkpoint(p.cursor.bytes()); err != nil {
			return err
		}
	}
	return nil
}

// sendListed hands over what the host wants of a list whose items are the records.
func (p *pull) sendListed(name string, s *recipe.Source, w *wanted) error {
	for ids := range slices.Chunk(w.ids, 500) {
		items := make([]any, len(ids))
		for i, id := range ids {
			items[i] = w.items[id]
		}
		sc := p.scope
		if err := p.send(name, s, &sc, w.last, items, nil, w.revisions); err != nil {
			return err
		}
		if err := p.sink.Checkpoint(p.cursor.bytes()); err != nil {
			return err
		}
	}
	return nil
}

// compare gathers the lists of a stream and asks the host what it wants.
func (p *pull) compare(stream string) error {
	var all []sdk.Revision
	var sources []string
	lists := map[string]*wanted{}
	for i := range p.c.r.Pull {
		e := &p.c.r.Pull[i]
		if e.Value.List == nil || e.Value.Stream() != stream {
			continue
		}
		w := &wanted{revisions: map[string]string{}, items: map[string]any{}}
		lists[e.Name], sources = w, append(sources, e.Name)
		if err := p.list(e.Name, &e.Value, w, &all); err != nil {
			return fmt.Errorf("list %s: %w", e.Name, err)
		}
	}
	if stream == "parties" {
		for _, r := range all {
			p.parties[r.ID] = true
		}
	}
	ids, err := p.sink.Compare(sdk.Stream(stream), all)
	if err != nil {
		return err
	}
	if err := p.sink.Progress(sdk.Stream(stream), len(ids)); err != nil {
		return err
	}
	for _, id := range ids {
		for _, name := range sources {
			if _, ok := lists[name].revisions[id]; ok {
				prefix := p.c.r.Pull.Get(name).Prefix
				lists[name].ids = append(lists[name].ids, strings.TrimPrefix(id, prefix))
				break
			}
		}
	}
	for _, name := range sources {
		p.compared[name] = lists[name]
	}
	return nil
}

func (p *pull) list(name string, s *recipe.Source, w *wanted, all *[]sdk.Revision) error {
	sc := p.scope
	return p.pages(&s.List.Fetch, &sc, nil, func(a *answer, items []any) error {
		local := sc
		a.into(&local)
		w.last = a
		with, err := p.attach(s.List.With, &local, items)
		if err != nil {
			return err
		}
		*all = slices.Grow(*all, len(items))
		for i, item := range items {
			if with != nil {
				local[recipe.VarWith] = with[i]
			}
			if s.List.Chosen != nil {
				yes, err := p.holds(s.List.Chosen, &local, item)
				if err != nil {
					return err
				}
				if !yes {
					continue
				}
			}
			id, err := p.keyOf(s.List.ID, &local, item, "id")
			if err != nil || id == "" {
				return fmt.Errorf("an entry of the list of %s has no readable id", name)
			}
			v, err := p.eval(s.List.Revision, &local, item)
			if err != nil {
				return err
			}
			revision, _ := recipe.TextOf(v)
			bare := id
			id = s.Prefix + id
			if _, twice := w.revisions[id]; !twice {
				w.revisions[id] = revision
				if s.Request.Missing() {
					w.items[bare] = item
				}
				*all = append(*all, sdk.Revision{ID: id, Revision: revision})
			}
		}
		return nil
	})
}

// fetch requests bare ids and hands over what comes. It returns those that did
// not.
func (p *pull) fetch(name string, s *recipe.Source, f *recipe.Fetch, batch int, ids []string, revisions map[string]string) (map[string]bool, error) {
	asked := make(map[string]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	sc := p.scope
	sc[recipe.VarIDs] = anys(ids)
	if batch <= 1 {
		sc[recipe.VarID] = ids[0]
	}
	return asked, p.read(name, s, f, &sc, nil, asked, revisions, nil)
}

// sweep lists all ids of a source's stream, so that the host finds what is not
// there any more. What it calls different is not asked for: changes come by
// since.
func (p *pull) sweep(name string, s *recipe.Source, st *state) error {
	every := s.Sweep.Every
	if every == 0 {
		every = 24 * time.Hour
	}
	if at, err := recipe.ParseMoment(st.Swept, time.UTC); err == nil && p.c.now().Sub(at) < every && !p.had[s.Sweep.After] {
		return nil
	}
	var all []sdk.Revision
	seen := map[string]bool{}
	sc := p.scope
	err := p.pages(&s.Sweep.Fetch, &sc, nil, func(a *answer, items []any) error {
		local := sc
		a.into(&local)
		for _, item := range items {
			id, err := p.keyOf(s.Sweep.ID, &local, item, "id")
			if err != nil || id == "" {
				return fmt.Errorf("an entry of the list of %s has no readable id", name)
			}
			if !seen[id] {
				seen[id] = true
				all = append(all, sdk.Revision{ID: s.Prefix + id})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(all) == 0 {
		// More likely an answer that was cut off than books that were emptied; those
		// show in the next full pull.
		p.s.Log.Warn("a list of all ids is empty and not believed", "source", name)
		return nil
	}
	if _, err := p.sink.Compare(sdk.Stream(s.Stream()), all); err != nil {
		return err
	}
	st.Swept, _ = p.scope[recipe.VarNow].(string)
	return nil
}
