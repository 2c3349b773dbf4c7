package interpret

import (
	"errors"
	"fmt"
	"slices"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// maxKept bounds the records that one lookup keeps during a call.
const maxKept = 200_000

// found is what a lookup has found so far, by key; nil is for nothing there.
type found struct {
	values map[string]any
	loaded bool
}

// attach looks up what the items of a page need, and returns $with for each.
func (r *run) attach(with recipe.Named[recipe.Expr], sc *recipe.Scope, items []any) ([]map[string]any, error) {
	if len(with) == 0 {
		return nil, nil
	}
	out := make([]map[string]any, len(items))
	for i := range out {
		out[i] = make(map[string]any, len(with))
	}
	for w := range with {
		name := with[w].Name
		keys := make([]string, len(items))
		for i, item := range items {
			sc[recipe.VarItem], sc[recipe.VarWith] = item, out[i]
			v, err := r.eval(&with[w].Value, sc, item)
			if err != nil {
				continue // an item without a readable key has nothing attached
			}
			keys[i], _ = recipe.TextOf(v)
			if v == false {
				keys[i] = ""
			}
		}
		f, err := r.lookUp(name, keys)
		if err != nil {
			return nil, fmt.Errorf("look up %s: %w", name, err)
		}
		for i, key := range keys {
			if key != "" {
				out[i][name] = f.values[key]
			}
		}
	}
	sc[recipe.VarWith] = nil
	return out, nil
}

// lookUp makes sure that the keys have been looked for.
func (r *run) lookUp(name string, keys []string) (*found, error) {
	f := r.lookups[name]
	if f == nil {
		f = &found{values: map[string]any{}}
		r.lookups[name] = f
	}
	l := r.c.r.Lookups.Get(name)
	if l.All {
		if f.loaded || !slices.ContainsFunc(keys, func(key string) bool { return key != "" }) {
			return f, nil
		}
		f.loaded = true
		sc := r.scope
		return f, r.gather(l, &sc, f, nil)
	}
	var missing []string
	for _, key := range keys {
		if _, known := f.values[key]; !known && key != "" && !slices.Contains(missing, key) {
			missing = append(missing, key)
		}
	}
	if len(f.values)+len(missing) > maxKept {
		clear(f.values)
	}
	if l.Batch > 0 {
		for part := range slices.Chunk(missing, l.Batch) {
			sc := r.scope
			sc[recipe.VarKeys] = anys(part)
			for _, key := range part {
				f.values[key] = nil
			}
			if err := r.gather(l, &sc, f, part); err != nil {
				return nil, err
			}
		}
		return f, nil
	}
	for _, key := range missing {
		v, err := r.lookUpOne(l, key)
		if err != nil {
			return nil, err
		}
		f.values[key] = v
	}
	return f, nil
}

func (r *run) lookUpOne(l *recipe.Lookup, key string) (any, error) {
	sc := r.scope
	sc[recipe.VarKey] = key
	if l.Each != nil || l.Paging != nil {
		all := []any{}
		err := r.pages(&l.Fetch, &sc, nil, func(_ *answer, items []any) error {
			all = append(all, items...)
			return nil
		})
		if errors.Is(err, sdk.ErrGone) {
			return nil, nil
		}
		if err != nil || l.Value == nil {
			return all, err
		}
		return r.eval(l.Value, &sc, all)
	}
	a, err := r.do(&l.Call, &sc, nil)
	if errors.Is(err, sdk.ErrGone) {
		return nil, nil
	}
	if err != nil || l.Value == nil || a.value == nil {
		if err != nil {
			return nil, err
		}
		return a.value, nil
	}
	a.into(&sc)
	return r.eval(l.Value, &sc, a.value)
}

// gather reads items and keeps them by their keys; only those asked for, when
// wanted is set.
func (r *run) gather(l *recipe.Lookup, sc *recipe.Scope, f *found, wanted []string) error {
	return r.pages(&l.Fetch, sc, nil, func(a *answer, items []any) error {
		local := *sc
		a.into(&local)
		for _, item := range items {
			key, err := r.keyOf(l.Key, &local, item, "id")
			if err != nil {
				return err
			}
			if key == "" || wanted != nil && !slices.Contains(wanted, key) {
				continue
			}
			v := item
			if l.Value != nil {
				if v, err = r.eval(l.Value, &local, item); err != nil {
					return err
				}
			}
			if l.Many {
				list, _ := f.values[key].([]any)
				v = append(list, v)
			}
			f.values[key] = v
		}
		if len(f.values) > maxKept {
			return fmt.Errorf("%w: more than %d records to look up", sdk.ErrInvalid, maxKept)
		}
		return nil
	})
}

// keyOf evaluates a key; without an expression it is a field of the item.
func (r *run) keyOf(e *recipe.Expr, sc *recipe.Scope, item any, field string) (string, error) {
	if e == nil {
		m, _ := item.(map[string]any)
		s, _ := recipe.TextOf(m[field])
		return s, nil
	}
	v, err := r.eval(e, sc, item)
	if err != nil {
		return "", err
	}
	s, ok := recipe.TextOf(v)
	if !ok {
		return "", fmt.Errorf("line %d of the recipe: expected an id, found %s", e.Line, recipe.TypeOf(v))
	}
	return s, nil
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
