package interpret

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// pull is one pull of an administration.
type pull struct {
	*run
	sink    sdk.Sink
	cursor  *cursor
	parties map[string]bool // listed or sent in this run
	// full holds, per source that completes a stream, whether it told all of it.
	full map[string]bool
	// compared holds what the host wants of each listed source.
	compared map[string]*wanted
	// only is set when the pull reads given invoices.
	only bool
}

// wanted are ids that the host asked for, with their revisions.
type wanted struct {
	ids       []string
	revisions map[string]string
}

// Pull reads the sources of the recipe, or the given invoices.
func (c *Connector) Pull(ctx context.Context, s *sdk.Session, req sdk.PullRequest, sink sdk.Sink) error {
	p := &pull{run: c.run(ctx, s, req.Administration), sink: sink, parties: map[string]bool{}, full: map[string]bool{}, compared: map[string]*wanted{}}
	defer p.done()
	if len(req.Invoices) > 0 {
		p.only = true
		return p.given(req.Invoices)
	}
	var err error
	if p.cursor, err = readCursor(req.Cursor); err != nil {
		return err
	}
	for i := range c.r.Pull {
		e := &c.r.Pull[i]
		if e.Value.Per != "" {
			continue
		}
		if err := p.source(e.Name, &e.Value); err != nil {
			return notThere(fmt.Errorf("pull %s: %w", e.Name, err), c.title)
		}
	}
	for _, stream := range []sdk.Stream{sdk.Parties, sdk.Invoices, sdk.Payments} {
		if p.complete(stream) {
			if err := sink.Complete(stream); err != nil {
				return err
			}
		}
	}
	return sink.Checkpoint(p.cursor.bytes())
}

// notThere: a missing list means a wrong administration, not a deleted record.
func notThere(err error, title string) error {
	if errors.Is(err, sdk.ErrGone) {
		return fmt.Errorf("%w: this access to %s does not reach the administration any more; choose it again (%s)", sdk.ErrInvalid, title, err)
	}
	return err
}

// source reads one source and what is made for its items.
func (p *pull) source(name string, s *recipe.Source) error {
	if s.List != nil {
		return p.listed(name, s)
	}
	sc, st := p.scope, p.cursor.of(name)
	var t *tide
	begun := ""
	whole := true
	if s.Since != nil {
		t = &tide{p: s.Since}
		if st.Since != "" && !p.stale(s.Since, st) {
			sc[recipe.VarSince] = t.start(st)
			whole = sc[recipe.VarSince] == nil
		}
	}
	err := p.pages(&s.Fetch, &sc, nil, func(a *answer, items []any) error {
		if begun == "" {
			begun = a.clock
		}
		if err := p.send(name, s, &sc, a, items, nil, nil); err != nil {
			return err
		}
		if t == nil || s.Since.Clock {
			return nil
		}
		local := sc
		a.into(&local)
		for _, item := range items {
			v, err := p.eval(s.Since.Value, &local, item)
			if err == nil {
				err = t.see(v, p.c.r.TimeZone)
			}
			if err != nil {
				p.s.Log.Warn("an item does not say when it changed", "source", name, "error", err.Error())
			}
		}
		if !s.Since.Ordered || whole && st.Full != "" {
			return nil // reading everything again must not lose the place
		}
		st.Since = t.high
		return p.sink.Checkpoint(p.cursor.bytes())
	})
	if err != nil {
		return err
	}
	if s.Since != nil {
		if s.Since.Clock {
			st.Since = begun
		} else {
			st.Since = t.high
		}
		if whole {
			st.Full, _ = p.scope[recipe.VarNow].(string)
		}
	}
	p.full[name] = whole
	if s.Sweep != nil && !whole {
		if err := p.sweep(name, s, st); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return p.sink.Checkpoint(p.cursor.bytes())
}

// stale tells whether it is time to read everything again.
func (p *pull) stale(s *recipe.Progress, st *state) bool {
	at, err := recipe.ParseMoment(st.Full, time.UTC)
	return s.FullEvery > 0 && (err != nil || p.c.now().Sub(at) >= s.FullEvery)
}

// completes are the streams that a full pull of the source tells whole.
func completes(s *recipe.Source, c *Connector) []string {
	if s.Completes != nil {
		return *s.Completes
	}
	if s.Per != "" || s.List != nil {
		return nil
	}
	if stream := s.Stream(); stream != "" {
		return []string{stream}
	}
	for i := range c.r.Pull {
		if e := &c.r.Pull[i]; e.Name != "" && e.Value.Per != "" && c.r.Pull.Get(e.Value.Per) == s && e.Value.Stream() != "" {
			return []string{e.Value.Stream()}
		}
	}
	return nil
}

// complete tells whether every source of a stream told all of it.
func (p *pull) complete(stream sdk.Stream) bool {
	any := false
	for i := range p.c.r.Pull {
		e := &p.c.r.Pull[i]
		if slices.Contains(completes(&e.Value, p.c), string(stream)) {
			if !p.full[e.Name] {
				return false
			}
			any = true
		}
	}
	return any
}

// send maps the items of an answer, hands the records over, and reads the
// sources that are made for each item. Asked, when set, are the bare ids that
// may come; others are dropped, and what came is taken out of it.
func (p *pull) send(name string, s *recipe.Source, outer *recipe.Scope, a *answer, items []any, asked map[string]bool, revisions map[string]string) error {
	sc := *outer
	a.into(&sc)
	with, err := p.attach(s.With, &sc, items)
	if err != nil {
		return err
	}
	kept := items
	if asked != nil {
		kept = nil
	}
	for i, item := range items {
		if with != nil {
			sc[recipe.VarWith] = with[i]
		}
		if asked != nil {
			id := p.idOf(s, &sc, item)
			if !asked[id] {
				continue // not asked for, or here for the second time
			}
			delete(asked, id)
			kept = append(kept, item)
		}
		if err := p.item(s, &sc, item, revisions); err != nil {
			return err
		}
	}
	return p.made(name, kept)
}

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
		for part := range slices.Chunk(chosen, max(1, e.Value.Batch)) {
			sc := p.scope
			sc[recipe.VarParent] = part[0]
			if e.Value.Batch > 0 {
				sc[recipe.VarParents] = part
			}
			err := p.pages(&e.Value.Fetch, &sc, part[0], func(a *answer, items []any) error {
				return p.send(e.Name, &e.Value, &sc, a, items, nil, nil)
			})
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

// item hands over the records of one item. One that cannot be read is told as
// such; it never ends the run.
func (p *pull) item(s *recipe.Source, sc *recipe.Scope, item any, revisions map[string]string) error {
	stream := s.Stream()
	prefix := func(of string) string {
		if of == stream {
			return s.Prefix
		}
		return ""
	}
	if s.Party != nil {
		err := p.mapped(s.Party, sc, item, sdk.Parties, prefix("parties"), func(f *fields) error {
			v := f.party()
			if len(f.problems) > 0 {
				return p.unreadable(sdk.Parties, v.ID, item, f)
			}
			if stream != "parties" {
				if p.parties[v.ID] {
					return nil
				}
			} else {
				v.Revision = cmp.Or(v.Revision, revisions[v.ID])
			}
			p.parties[v.ID] = true
			return p.sink.Party(v)
		})
		if err != nil {
			return err
		}
	}
	var last *sdk.Invoice
	unread := false
	if s.Invoice != nil {
		err := p.mapped(s.Invoice, sc, item, sdk.Invoices, prefix("invoices"), func(f *fields) error {
			v := f.invoice()
			if len(f.problems) > 0 {
				unread = true
				return p.unreadable(sdk.Invoices, v.ID, item, f)
			}
			v.Revision = cmp.Or(v.Revision, revisions[v.ID])
			last = &v
			return p.sink.Invoice(v)
		})
		if err != nil {
			return err
		}
	}
	if s.Payment != nil && !unread {
		err := p.mapped(s.Payment, sc, item, sdk.Payments, prefix("payments"), func(f *fields) error {
			v := f.payment(last)
			if len(f.problems) > 0 {
				return p.unreadable(sdk.Payments, v.ID, item, f)
			}
			return p.sink.Payment(v)
		})
		if err != nil {
			return err
		}
	}
	if s.Gone == nil {
		return nil
	}
	return p.mapped(s.Gone, sc, item, "", s.Prefix, func(f *fields) error {
		of, id := f.enum(recipe.GoneStream), f.own(recipe.GoneID)
		if of == "" || id == "" {
			return nil
		}
		return p.sink.Gone(sdk.Stream(of), id)
	})
}

// mapped is records, where an item of another shape is unreadable.
func (p *pull) mapped(m *recipe.Mapping, sc *recipe.Scope, item any, stream sdk.Stream, prefix string, each func(*fields) error) error {
	err := p.records(m, sc, item, func(f *fields) error {
		f.prefix = prefix
		return each(f)
	})
	var shape *shapeError
	if !errors.As(err, &shape) || stream == "" {
		if shape != nil {
			return nil
		}
		return err
	}
	id := ""
	if f := m.Fields[0]; f != nil && m.Each == nil {
		if v, err := p.eval(f.Expr, sc, item); err == nil {
			id, _ = recipe.TextOf(v)
		}
	}
	if id == "" {
		id = nameless(item)
	}
	return p.sink.Unreadable(stream, prefix+id, recipe.Clean("the record has another shape than documented: "+err.Error()))
}

func (p *pull) unreadable(stream sdk.Stream, id string, item any, f *fields) error {
	if id == "" {
		id = nameless(item)
	}
	return p.sink.Unreadable(stream, id, recipe.Clip(f.reason(), recipe.MaxText))
}

// idOf is the bare id of the record that an item is.
func (p *pull) idOf(s *recipe.Source, sc *recipe.Scope, item any) string {
	m := s.Invoice
	if m == nil {
		m = s.Party
	}
	if m == nil {
		m = s.Payment
	}
	if m == nil || m.Fields[0] == nil {
		return ""
	}
	sc[recipe.VarItem] = item
	in := item
	if m.Each != nil {
		v, err := p.eval(m.Each, sc, item)
		list, ok := v.([]any)
		if err != nil || !ok || len(list) == 0 {
			return ""
		}
		in = list[0]
	}
	v, err := p.eval(m.Fields[0].Expr, sc, in)
	if err != nil {
		return ""
	}
	id, _ := recipe.TextOf(v)
	return strings.TrimSpace(id)
}
