package interpret

import (
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// made reads the sources that are made for each of these items.
func (p *pull) made(parent string, items []any) error {
	for _, i := range p.c.children[parent] {
		e := &p.c.r.Pull[i]
		chosen := items
		if e.Value.PerWhen != nil {
			chosen = nil
			for _, item := range items {
				sc := p.scope
				sc[recipe.VarParent] = item
				yes, err := p.holds(e.Value.PerWhen, &sc, item)
				if err != nil {
					return err
				}
				if yes {
					chosen = append(chosen, item)
				}
			}
		}
		chosen, keys, err := p.different(e, chosen)
		if err != nil {
			return err
		}
		size := max(1, e.Value.Batch)
		for i := 0; i < len(chosen); i += size {
			part := chosen[i:min(i+size, len(chosen))]
			sc := p.scope
			sc[recipe.VarParent] = part[0]
			if e.Value.Batch > 0 {
				sc[recipe.VarParents] = part
			}
			if keys != nil {
				ids := keys[i : i+len(part)]
				sc[recipe.VarIDs] = ids
				if len(ids) == 1 {
					sc[recipe.VarID] = ids[0]
				}
			}
			err := p.read(e.Name, &e.Value, &e.Value.Fetch, &sc, part[0], nil, nil, nil)
			if errors.Is(err, sdk.ErrGone) {
				continue // deleted between the two requests
			}
			if err != nil {
				return fmt.Errorf("read %s: %w", e.Name, err)
			}
		}
	}
	return nil
}

// different returns the items whose key was not seen in this pull, with the keys.
func (p *pull) different(e *recipe.Entry[recipe.Source], items []any) (chosen, keys []any, err error) {
	if e.Value.PerKey == nil {
		return items, nil, nil
	}
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	for _, item := range items {
		sc := p.scope
		sc[recipe.VarParent] = item
		key, err := p.keyOf(e.Value.PerKey, &sc, item, "")
		if err != nil {
			return nil, nil, err
		}
		if at := e.Name + "\x00" + key; key != "" && !p.seen[at] {
			p.seen[at] = true
			chosen, keys = append(chosen, item), append(keys, key)
		}
	}
	return chosen, keys, nil
}
