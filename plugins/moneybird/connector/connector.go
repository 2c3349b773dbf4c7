// Package moneybird reads debtors, sales invoices and payments from Moneybird
// and registers payments there.
package moneybird

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Home is where Moneybird lives.
const Home = "https://moneybird.com"

// Options are for tests; the zero value is right for production.
type Options struct {
	// Home replaces [Home]; no slash at the end.
	Home string
	// Now is the wall clock that the age of a webhook call is measured with.
	Now func() time.Time
}

// Connector speaks Moneybird API v2. It holds no state.
type Connector struct {
	sdk.Base
	home string
	now  func() time.Time
}

var (
	_ sdk.Connector      = (*Connector)(nil)
	_ sdk.DocumentReader = (*Connector)(nil)
	_ sdk.Writer         = (*Connector)(nil)
	_ sdk.WebhookReader  = (*Connector)(nil)
)

// New returns the connector.
func New(o Options) *Connector {
	c := &Connector{home: cmp.Or(o.Home, Home), now: o.Now}
	if c.now == nil {
		c.now = time.Now
	}
	return c
}

// Check lists the administrations: the one call that needs no scope and that
// every token may make.
func (c *Connector) Check(ctx context.Context, s *sdk.Session) error {
	list, err := c.Administrations(ctx, s)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("%w: this Moneybird user has no administration; sign in as a user who may see one", sdk.ErrAuth)
	}
	return nil
}

// Administrations lists the administrations of the user who gave access.
func (c *Connector) Administrations(ctx context.Context, s *sdk.Session) ([]sdk.Administration, error) {
	var list []administration
	err := c.call(s).getArray(ctx, c.url("", "administrations"), func(raw []byte) error {
		var a administration
		if err := decode(raw, &a); err != nil {
			return fmt.Errorf("read an administration: %w", err)
		}
		list = append(list, a)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list administrations: %w", err)
	}
	out := make([]sdk.Administration, 0, len(list))
	for _, a := range list {
		out = append(out, sdk.Administration{
			ID: string(a.ID), Name: clip(a.Name), Country: a.Country,
			Currency: money.Currency(strings.ToUpper(a.Currency)), TimeZone: a.TimeZone,
			Language: a.Language, ReadOnly: a.Suspended,
		})
	}
	return out, nil
}

// url returns the address of a resource of an administration; an empty
// administration is for the resources above them.
func (c *Connector) url(administration string, path ...string) string {
	parts := []string{c.home, "api/v2"}
	if administration != "" {
		parts = append(parts, escape(administration))
	}
	return strings.Join(append(parts, path...), "/") + ".json"
}
