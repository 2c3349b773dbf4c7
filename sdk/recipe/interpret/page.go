package interpret

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk/recipe"
)

// maxPages is far above any real set of books.
const maxPages = 10_000

// errEndless is for paging that goes around in circles.
var errEndless = errors.New("the pages do not end")

// pages makes a request for each page and hands over its items.
func (r *run) pages(f *recipe.Fetch, outer *recipe.Scope, in any, each func(*answer, []any) error) error {
	sc := *outer
	p := f.Paging
	if p == nil {
		a, err := r.do(&f.Call, &sc, in)
		if err != nil {
			return err
		}
		items, _, err := r.items(f, &sc, a)
		if err != nil {
			return err
		}
		return each(a, items)
	}
	limit := p.Limit
	if limit == 0 {
		limit = maxPages
	}
	sc[recipe.VarPage], sc[recipe.VarSize] = first(p), size(p)
	seen := map[string]bool{}
	var last []byte
	address := ""
	for number := 1; ; number++ {
		if number > limit {
			return fmt.Errorf("%s: %w: more than %d", r.c.title, errEndless, limit)
		}
		a, err := r.doAt(&f.Call, &sc, in, address)
		if err != nil {
			return err
		}
		items, count, err := r.items(f, &sc, a)
		if err != nil {
			return err
		}
		if count > 0 && bytes.Equal(last, a.body) {
			return fmt.Errorf("%s: %w: page %d is the same as the one before", r.c.title, errEndless, number)
		}
		last = a.body
		if err := each(a, items); err != nil {
			return err
		}
		more, err := r.next(f, &sc, a, count, &address)
		if err != nil || !more {
			return err
		}
		here, _ := recipe.TextOf(sc[recipe.VarPage])
		if here += "\n" + address; seen[here] {
			return fmt.Errorf("%s: %w: it goes back to where it was after page %d", r.c.title, errEndless, number)
		}
		seen[here] = true
	}
}

func first(p *recipe.Paging) any {
	switch {
	case p.First != nil:
		return *p.First
	case p.By == recipe.ByPage:
		return 1
	case p.By == recipe.ByOffset:
		return 0
	}
	return nil
}

func size(p *recipe.Paging) any {
	if p.Size > 0 {
		return p.Size
	}
	return nil
}

// items returns the items of an answer that are to be taken, and how many there
// were before the choice.
func (r *run) items(f *recipe.Fetch, sc *recipe.Scope, a *answer) ([]any, int, error) {
	if a.empty {
		return nil, 0, nil
	}
	a.into(sc)
	v := a.value
	if f.Each != nil {
		var err error
		if v, err = r.eval(f.Each, sc, v); err != nil {
			return nil, 0, fmt.Errorf("the answer of %s has another shape than documented: %w", r.c.title, err)
		}
	}
	list, ok := v.([]any)
	if !ok {
		return nil, 0, fmt.Errorf("the answer of %s is not the list that was asked for: found %s", r.c.title, recipe.TypeOf(v))
	}
	if f.Where == nil {
		return list, len(list), nil
	}
	taken := make([]any, 0, len(list))
	for _, item := range list {
		yes, err := r.holds(f.Where, sc, item)
		if err != nil {
			return nil, 0, err
		}
		if yes {
			taken = append(taken, item)
		}
	}
	return taken, len(list), nil
}

// next prepares the scope or the address for the next page, if there is one.
func (r *run) next(f *recipe.Fetch, sc *recipe.Scope, a *answer, count int, address *string) (bool, error) {
	p := f.Paging
	if a.empty {
		return false, nil
	}
	if p.More != nil {
		more, err := r.holds(p.More, sc, a.value)
		if err != nil || !more {
			return false, err
		}
	}
	short := p.More == nil && (count == 0 || p.Size > 0 && count < p.Size)
	switch p.By {
	case recipe.ByPage, recipe.ByOffset:
		if short || count == 0 && p.By == recipe.ByOffset {
			return false, nil
		}
		n := sc[recipe.VarPage].(int) + 1
		if p.By == recipe.ByOffset {
			n += count - 1
		}
		sc[recipe.VarPage] = n
		return true, nil
	case recipe.ByLast:
		if short {
			return false, nil
		}
	case recipe.ByLink:
		to := linkNext(strings.Join(a.header.Values("Link"), ", "))
		return r.follow(a, to, address)
	}
	in := a.value
	if p.By == recipe.ByLast {
		if in = r.lastItem(f, sc, a); in == nil {
			return false, nil
		}
	}
	v, err := r.eval(p.Next, sc, in)
	if err != nil {
		return false, err
	}
	text, ok := recipe.TextOf(v)
	if !ok {
		return false, fmt.Errorf("line %d of the recipe: next gives %s", p.Next.Line, recipe.TypeOf(v))
	}
	if text == "" || v == false {
		return false, nil
	}
	if p.By == recipe.ByURL {
		return r.follow(a, text, address)
	}
	sc[recipe.VarPage] = v
	return true, nil
}

func (r *run) lastItem(f *recipe.Fetch, sc *recipe.Scope, a *answer) any {
	v := a.value
	if f.Each != nil {
		v, _ = r.eval(f.Each, sc, v)
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

func (r *run) follow(a *answer, to string, address *string) (bool, error) {
	if to == "" {
		return false, nil
	}
	u, err := a.url.Parse(to)
	if err != nil || u.Scheme != a.url.Scheme {
		return false, fmt.Errorf("the address of the next page at %s cannot be read", r.c.title)
	}
	*address = u.String()
	return true, nil
}

// linkNext finds the address with rel="next" in a Link header.
func linkNext(header string) string {
	for header != "" {
		start := strings.IndexByte(header, '<')
		if start < 0 {
			return ""
		}
		end := strings.IndexByte(header[start:], '>')
		if end < 0 {
			return ""
		}
		target, rest := header[start+1:start+end], header[start+end+1:]
		params, after := rest, ""
		if i := strings.IndexByte(rest, '<'); i >= 0 {
			params, after = rest[:i], rest[i:]
		}
		for p := range strings.SplitSeq(strings.TrimRight(strings.TrimSpace(params), ","), ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(key, "rel") && strings.Contains(" "+strings.Trim(strings.ToLower(value), `"`)+" ", " next ") {
				return target
			}
		}
		header = after
	}
	return ""
}
