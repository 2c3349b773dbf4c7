package interpret

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// given reads given invoices and what belongs to them, for the gate.
func (p *pull) given(ids []string) error {
	by := map[string][]string{}
	for _, id := range ids {
		if e := p.c.reader(id); e != nil {
			by[e.Name] = append(by[e.Name], strings.TrimPrefix(id, e.Value.Prefix))
		}
	}
	for i := range p.c.r.Pull {
		e := &p.c.r.Pull[i]
		if len(by[e.Name]) == 0 {
			continue
		}
		fetch, batch := &e.Value.Fetch, e.Value.Batch
		if o := e.Value.Only; o != nil {
			if !o.Request.Missing() {
				fetch, batch = &o.Fetch, o.Batch
			} else if o.Batch > 0 {
				batch = o.Batch
			}
		}
		for part := range slices.Chunk(by[e.Name], max(1, batch)) {
			asked, err := p.fetch(e.Name, &e.Value, fetch, batch, part, nil)
			if errors.Is(err, sdk.ErrGone) && len(part) == 1 {
				err = nil
			}
			if err != nil {
				return notThere(fmt.Errorf("read invoices: %w", err), p.c.title)
			}
			for _, id := range part {
				if !asked[id] {
					continue
				}
				if err := p.missing(&e.Value, id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// missing looks a second time for an invoice that did not come, because "gone"
// is a strong word.
func (p *pull) missing(s *recipe.Source, id string) error {
	if s.Only != nil && s.Only.Confirm != nil {
		sc := p.scope
		sc[recipe.VarID] = id
		_, err := p.do(s.Only.Confirm, &sc, nil)
		switch {
		case err == nil:
			return fmt.Errorf("invoice %s exists, but %s left it out of its answer", id, p.c.title)
		case !errors.Is(err, sdk.ErrGone):
			return fmt.Errorf("read invoice %s: %w", id, err)
		}
	}
	return p.sink.Gone(sdk.Invoices, s.Prefix+id)
}

// reader is the source that reads an invoice by its id: the one with the longest
// prefix that fits.
func (c *Connector) reader(id string) *recipe.Entry[recipe.Source] {
	var best *recipe.Entry[recipe.Source]
	for i := range c.r.Pull {
		e := &c.r.Pull[i]
		s := &e.Value
		if s.Invoice == nil || s.Only == nil && s.List == nil || !strings.HasPrefix(id, s.Prefix) {
			continue
		}
		if best == nil || len(s.Prefix) > len(best.Value.Prefix) {
			best = e
		}
	}
	return best
}
