package interpret

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// Options are for tests; the zero value is right for production.
type Options struct {
	// Now is the clock for $now and for the age of webhook calls.
	Now func() time.Time
	// Thinking bounds the time that expressions take over one item; 10s when 0.
	Thinking time.Duration
}

// Connector carries out one recipe for all its connections. It holds no state
// between calls.
type Connector struct {
	sdk.Base
	title string
	r     *recipe.Recipe
	now   func() time.Time
	think time.Duration
	// What follows is worked out once per recipe.
	calls    map[*recipe.Call]plan
	usesText bool
	children map[string][]int // indexes into Pull by the name of the parent
}

// plan is what is known of a request beforehand.
type plan struct{ values bool }

var (
	_ sdk.Connector      = (*Connector)(nil)
	_ sdk.DocumentReader = (*Connector)(nil)
	_ sdk.Writer         = (*Connector)(nil)
	_ sdk.WebhookReader  = (*Connector)(nil)
	_ sdk.Subscriber     = (*Connector)(nil)
)

// New returns the connector that a manifest with a recipe describes.
func New(m *manifest.Manifest, o Options) (*Connector, error) {
	if m.Recipe == nil {
		return nil, fmt.Errorf("connector %s has a program and no recipe", m.Name)
	}
	c := &Connector{title: m.Title, r: m.Recipe, now: o.Now, think: cmp.Or(o.Thinking, thinking), calls: map[*recipe.Call]plan{}, children: map[string][]int{}}
	if c.now == nil {
		c.now = time.Now
	}
	base := recipe.Uses(&m.Recipe.Base, recipe.VarValues)
	m.Recipe.EachCall(func(call *recipe.Call) {
		c.calls[call] = plan{values: recipe.Uses(call, recipe.VarValues) || base && !call.Request.Absolute()}
	})
	c.usesText = recipe.Uses(m.Recipe, recipe.VarText)
	for i, e := range m.Recipe.Pull {
		if e.Value.Per != "" {
			c.children[e.Value.Per] = append(c.children[e.Value.Per], i)
		}
	}
	return c, nil
}

// Check makes the recipe's check, or lists the administrations.
func (c *Connector) Check(ctx context.Context, s *sdk.Session) error {
	k := c.r.Check
	if k == nil {
		list, err := c.Administrations(ctx, s)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("%w: %s shows no administration to this user; sign in as a user who may see one", sdk.ErrAuth, c.title)
		}
		return err
	}
	r := c.run(ctx, s, "")
	defer r.done()
	a, err := r.do(&k.Call, &r.scope, nil)
	if err != nil || k.Expect == nil {
		return err
	}
	sc := r.answered(a)
	good, err := r.holds(k.Expect, sc, a.value)
	if err != nil || good {
		return err
	}
	text, err := r.text(k.Message, sc, a.value)
	if err != nil || text == "" {
		text = c.title + " answers, but not as expected; sign in again"
	}
	return fmt.Errorf("%w: %s", sdk.ErrAuth, text)
}

// Administrations lists the sets of books.
func (c *Connector) Administrations(ctx context.Context, s *sdk.Session) ([]sdk.Administration, error) {
	r := c.run(ctx, s, "")
	defer r.done()
	a := c.r.Administrations
	var out []sdk.Administration
	seen := map[string]bool{}
	take := func(item, parent any) error {
		list, err := r.administration(&a.Map, item, parent)
		if err != nil {
			return err
		}
		for _, v := range list {
			if !seen[v.ID] {
				seen[v.ID] = true
				out = append(out, v)
			}
		}
		return nil
	}
	listing := func(parent any) error {
		if a.Request.Missing() {
			return take(map[string]any{}, parent)
		}
		sc := r.scope
		sc[recipe.VarParent] = parent
		return r.pages(&a.Fetch, &sc, parent, func(_ *answer, items []any) error {
			for _, item := range items {
				if err := take(item, parent); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var err error
	if a.Per == nil {
		err = listing(nil)
	} else {
		err = r.pages(a.Per, &r.scope, nil, func(_ *answer, items []any) error {
			for _, item := range items {
				if err := listing(item); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("list administrations: %w", err)
	}
	return out, nil
}

func (r *run) administration(m *recipe.Mapping, item, parent any) ([]sdk.Administration, error) {
	sc := r.scope
	sc[recipe.VarParent] = parent
	var out []sdk.Administration
	err := r.records(m, &sc, item, func(f *fields) error {
		f.required()
		if len(f.problems) > 0 {
			return fmt.Errorf("an administration of %s cannot be read: %w", r.c.title, errors.New(f.reason()))
		}
		out = append(out, sdk.Administration{
			ID: f.id(recipe.AdministrationID), Name: f.text(recipe.AdministrationName),
			Country: f.country(recipe.AdministrationCountry), Currency: money.Currency(f.currency(recipe.AdministrationCurrency)),
			TimeZone: f.text(recipe.AdministrationTimeZone), Language: f.text(recipe.AdministrationLanguage),
			ReadOnly: f.flag(recipe.AdministrationReadOnly), Account: f.id(recipe.AdministrationAccount),
		})
		return nil
	})
	return out, err
}
