package interpret

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	seen     map[string]bool // keys that requests were made for
	had      map[string]bool // sources that had items
}

// wanted are ids that the host asked for, with their revisions.
type wanted struct {
	ids       []string
	revisions map[string]string
	// items are those of the list, by bare id, where they are the records.
	items map[string]any
	last  *answer
}

// Pull reads the sources of the recipe, or the given invoices.
func (c *Connector) Pull(ctx context.Context, s *sdk.Session, req sdk.PullRequest, sink sdk.Sink) error {
	p := &pull{run: c.run(ctx, s, req.Administration), sink: sink, parties: map[string]bool{}, full: map[string]bool{}, had: map[string]bool{}, compared: map[string]*wanted{}}
	defer p.done()
	if len(req.Invoices) > 0 {
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
	page := func(a *answer, items []any) error {
		p.had[name] = p.had[name] || len(items) > 0
		if begun == "" {
			begun = a.clock
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
	}
	if err := p.windows(name, s, &sc, t, page); err != nil {
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
	// One bad record among others is told as such; nothing but that is no answer.
	if len(items) > 0 && !slices.ContainsFunc(items, func(v any) bool { return !nothing(v) }) {
		return fmt.Errorf("%s answered with nothing where the source %s must have a record of %s; where that means that there is none, say so under errors, as in {status: 200, when: . == null, is: gone}", p.c.title, name, s.Stream())
	}
	kept := items
	if asked != nil {
		kept = nil
	}
	for i, item := range items {
		p.rest() // the host may have taken its time for the records before
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

// nothing reports whether an item has nothing of which a record could be made: an
// answer without content that each turned into a list.
func nothing(item any) bool {
	switch v := item.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case string:
		return v == ""
	}
	return false
}
