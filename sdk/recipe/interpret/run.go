package interpret

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// thinking bounds the time that expressions take over one item, or over all of
// an answer where it is only counted.
const thinking = 10 * time.Second

// run is the work on one call of the host.
type run struct {
	c       *Connector
	ctx     context.Context
	think   context.Context
	stop    context.CancelFunc
	s       *sdk.Session
	http    *http.Client
	scope   recipe.Scope
	values  map[string]any
	lookups map[string]*found
}

func (c *Connector) run(ctx context.Context, s *sdk.Session, administration string) *run {
	r := &run{c: c, ctx: ctx, s: s, lookups: map[string]*found{}, stop: func() {}}
	if s.HTTP != nil {
		// A redirect is an answer here: only downloads follow one, by hand.
		client := *s.HTTP
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r.http = &client
	}
	form := make(map[string]any, len(s.Config))
	for k, v := range s.Config {
		form[k] = v
	}
	r.scope[recipe.VarAdministration] = administration
	r.scope[recipe.VarForm] = form
	r.scope[recipe.VarNow] = recipe.Moment(c.now())
	r.scope[recipe.VarTitle] = c.title
	r.rest()
	return r
}

// rest gives the expressions a new allowance of time.
func (r *run) rest() {
	r.stop()
	r.think, r.stop = context.WithTimeout(r.ctx, r.c.think)
}

func (r *run) done() { r.stop() }

// eval evaluates an expression; nil gives null.
func (r *run) eval(e *recipe.Expr, sc *recipe.Scope, in any) (any, error) {
	if e == nil {
		return nil, nil
	}
	if e.Uses(recipe.VarValues) {
		if err := r.loadValues(sc); err != nil {
			return nil, err
		}
	}
	v, err := e.Eval(r.think, sc, in)
	if err != nil {
		return nil, fmt.Errorf("line %d of the recipe: %w", e.Line, err)
	}
	return v, nil
}

func (r *run) holds(e *recipe.Expr, sc *recipe.Scope, in any) (bool, error) {
	v, err := r.eval(e, sc, in)
	return v != nil && v != false, err
}

// text evaluates to a text for people.
func (r *run) text(e *recipe.Expr, sc *recipe.Scope, in any) (string, error) {
	v, err := r.eval(e, sc, in)
	if err != nil {
		return "", err
	}
	s, ok := recipe.TextOf(v)
	if !ok {
		return "", fmt.Errorf("line %d of the recipe: expected a text, found %s", e.Line, recipe.TypeOf(v))
	}
	return recipe.Clean(s), nil
}

// loadValues asks for the values of the recipe when they are first used.
func (r *run) loadValues(sc *recipe.Scope) error {
	if r.values == nil {
		r.values = map[string]any{}
		r.scope[recipe.VarValues] = r.values
		for i := range r.c.r.Values {
			e := &r.c.r.Values[i]
			in := any(map[string]any{})
			local := r.scope
			if !e.Value.Request.Missing() {
				a, err := r.do(&e.Value.Call, &r.scope, nil)
				if err != nil {
					r.values = nil
					return fmt.Errorf("ask for %s: %w", e.Name, err)
				}
				in, local = a.value, *r.answered(a)
			}
			v, err := r.eval(e.Value.Value, &local, in)
			if err != nil {
				r.values = nil
				return fmt.Errorf("ask for %s: %w", e.Name, err)
			}
			r.values[e.Name] = v
		}
	}
	sc[recipe.VarValues] = r.values
	return nil
}

// answered returns the scope for expressions on an answer.
func (r *run) answered(a *answer) *recipe.Scope {
	sc := r.scope
	a.into(&sc)
	return &sc
}
