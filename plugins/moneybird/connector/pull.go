package moneybird

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
)

// pageSize is the most that Moneybird returns for a list of ids.
const pageSize = 100

// everything is the filter for lists of invoices. Without one Moneybird shows
// this year only. Drafts and scheduled invoices are left out: they have no
// number and nobody owes them yet. An invoice that becomes a draft again thus
// leaves the list, and the host takes it as withdrawn.
const (
	period        = "period:20000101..20991231"
	everySales    = period + ",state:open|pending_payment|reminded|late|paid|uncollectible"
	everyExternal = period + ",state:all"
)

// Pull compares the lists of ids and versions with what the host has and fetches
// the rest a hundred at a time. The lists carry the whole state, so a run that
// broke off continues by comparing again: what was handed over is not wanted
// any more. The cursor only says that a first load took place.
func (c *Connector) Pull(ctx context.Context, s *sdk.Session, req sdk.PullRequest, sink sdk.Sink) error {
	p := &pull{c: c, call: c.call(s), s: s, administration: req.Administration, sink: sink}
	if len(req.Invoices) > 0 {
		return p.invoicesOnly(ctx, req.Invoices)
	}
	if err := p.parties(ctx); err != nil {
		return fmt.Errorf("pull contacts: %w", err)
	}
	if err := p.invoices(ctx); err != nil {
		return fmt.Errorf("pull invoices: %w", err)
	}
	return sink.Checkpoint(cursor)
}

var cursor = []byte(`{"v":1}`)

type pull struct {
	c              *Connector
	call           caller
	s              *sdk.Session
	administration string
	sink           sdk.Sink
	contacts       map[id]bool // listed or sent in this run
}

func (p *pull) parties(ctx context.Context) error {
	list, err := p.list(ctx, "contacts", "", url.Values{"include_archived": {"true"}})
	if err != nil {
		return err
	}
	p.contacts = make(map[id]bool, len(list))
	for _, r := range list {
		p.contacts[id(r.ID)] = true
	}
	wanted, err := p.sink.Compare(sdk.Parties, list)
	if err != nil {
		return err
	}
	if err := p.sink.Progress(sdk.Parties, len(wanted)); err != nil {
		return err
	}
	for ids := range slices.Chunk(wanted, pageSize) {
		err := fetch(ctx, p, sdk.Parties, "contacts", ids, func(k contact, revise func(id) string) error {
			party := p.c.party(p.administration, k)
			party.Revision = revise(k.Version)
			return p.sink.Party(party)
		})
		if err != nil {
			return err
		}
		if err := p.sink.Checkpoint(cursor); err != nil {
			return err
		}
	}
	return nil
}

func (p *pull) invoices(ctx context.Context) error {
	list, err := p.list(ctx, "sales_invoices", "", url.Values{"filter": {everySales}})
	if err != nil {
		return err
	}
	external, err := p.list(ctx, "external_sales_invoices", externalPrefix, url.Values{"filter": {everyExternal}})
	if err != nil {
		return err
	}
	wanted, err := p.sink.Compare(sdk.Invoices, append(list, external...))
	if err != nil {
		return err
	}
	if err := p.sink.Progress(sdk.Invoices, len(wanted)); err != nil {
		return err
	}
	own, imported := divide(wanted)
	for i, ids := range [][]string{own, imported} {
		for page := range slices.Chunk(ids, pageSize) {
			if _, err := p.page(ctx, i == 1, page); err != nil {
				return err
			}
			if err := p.sink.Checkpoint(cursor); err != nil {
				return err
			}
		}
	}
	return nil
}

// page fetches up to a hundred invoices of one kind and hands them over with
// their payments. It returns the bare ids that came.
func (p *pull) page(ctx context.Context, external bool, ids []string) (map[string]bool, error) {
	came := make(map[string]bool, len(ids))
	err := fetch(ctx, p, sdk.Invoices, resource(external), ids, func(in invoice, revise func(id) string) error {
		came[string(in.ID)] = true
		if in.Contact != nil && in.Contact.ID != "" && !p.contacts[in.Contact.ID] {
			if p.contacts == nil {
				p.contacts = map[id]bool{}
			}
			p.contacts[in.Contact.ID] = true
			if err := p.sink.Party(p.c.party(p.administration, *in.Contact)); err != nil {
				return err
			}
		}
		t := p.c.invoice(p.administration, external, in)
		if len(t.problems) > 0 {
			return p.sink.Unreadable(sdk.Invoices, t.invoice.ID, strings.Join(t.problems, "; "))
		}
		t.invoice.Revision = revise(in.Version)
		if err := p.sink.Invoice(t.invoice); err != nil {
			return err
		}
		for _, pay := range t.payments {
			if err := p.sink.Payment(pay); err != nil {
				return err
			}
		}
		return nil
	})
	return came, err
}

// invoicesOnly serves the gate: one call, and a second look only for an id that
// did not come back, because "gone" is a strong word.
func (p *pull) invoicesOnly(ctx context.Context, ids []string) error {
	own, imported := divide(ids)
	for i, list := range [][]string{own, imported} {
		external := i == 1
		for page := range slices.Chunk(list, pageSize) {
			came, err := p.page(ctx, external, page)
			if err != nil {
				return fmt.Errorf("read invoices: %w", err)
			}
			for _, bare := range page {
				if came[bare] {
					continue
				}
				_, err := p.call.ok(ctx, http.MethodGet, p.c.url(p.administration, resource(external), escape(bare)), nil)
				switch {
				case errors.Is(err, sdk.ErrGone):
					if err := p.sink.Gone(sdk.Invoices, invoiceID(external, id(bare))); err != nil {
						return err
					}
				case err != nil:
					return fmt.Errorf("read invoice %s: %w", bare, err)
				default:
					return fmt.Errorf("invoice %s exists, but Moneybird left it out of its answer", bare)
				}
			}
		}
	}
	return nil
}

func divide(ids []string) (own, external []string) {
	for _, s := range ids {
		if bare, ext := splitID(s); ext {
			external = append(external, bare)
		} else {
			own = append(own, bare)
		}
	}
	return own, external
}

// list gets the ids and versions of a resource. Ids that come twice are taken once.
func (p *pull) list(ctx context.Context, resource, prefix string, query url.Values) ([]sdk.Revision, error) {
	a, err := p.call.ok(ctx, http.MethodGet, p.c.url(p.administration, resource, "synchronization")+"?"+query.Encode(), nil)
	if err != nil {
		return nil, goneIsInvalid(err)
	}
	var list []sdk.Revision
	seen := map[id]bool{}
	revise := reviser(a.header)
	err = eachElement(a.body, func(raw []byte) error {
		var v version
		if err := decode(raw, &v); err != nil || v.ID == "" {
			return fmt.Errorf("an entry of the list of %s has no readable id: %.80s", resource, raw)
		}
		if !seen[v.ID] {
			seen[v.ID] = true
			list = append(list, sdk.Revision{ID: prefix + string(v.ID), Revision: revise(v.Version)})
		}
		return nil
	})
	return list, err
}

// fetch posts ids and hands over each record that was asked for, once.
func fetch[T any](ctx context.Context, p *pull, stream sdk.Stream, resource string, ids []string, each func(T, func(id) string) error) error {
	// The POST only reads.
	a, err := p.call.ok(sdk.Repeatable(ctx), http.MethodPost, p.c.url(p.administration, resource, "synchronization"), map[string]any{"ids": ids})
	if err != nil {
		return goneIsInvalid(err)
	}
	open := make(map[id]bool, len(ids))
	for _, s := range ids {
		open[id(s)] = true
	}
	revise := reviser(a.header)
	err = eachElement(a.body, func(raw []byte) error {
		var key struct {
			ID id `json:"id"`
		}
		if err := decode(raw, &key); err != nil || !open[key.ID] {
			return nil // not asked for, or here for the second time
		}
		delete(open, key.ID)
		var v T
		if err := decode(raw, &v); err != nil {
			return p.sink.Unreadable(stream, invoiceID(resource == "external_sales_invoices", key.ID),
				clip("the record in Moneybird has another shape than documented: "+err.Error()))
		}
		return each(v, revise)
	})
	if err != nil {
		return err
	}
	if len(open) > 0 {
		p.s.Log.Warn("records listed but not returned; the next pull asks again", "resource", resource, "count", len(open))
	}
	return nil
}

// goneIsInvalid: a missing list means a wrong administration, not a deleted record.
func goneIsInvalid(err error) error {
	if errors.Is(err, sdk.ErrGone) {
		return fmt.Errorf("%w: this Moneybird access does not reach the administration any more; choose it again", sdk.ErrInvalid)
	}
	return err
}

// reviser marks versions that may still move. A version is a second, so a record
// that changes twice within one keeps its version: what was read in the same
// second as it was written is read once more later.
func reviser(h http.Header) func(id) string {
	at, err := http.ParseTime(h.Get("Date"))
	return func(v id) string {
		n, bad := strconv.ParseInt(string(v), 10, 64)
		if err != nil || bad != nil {
			return string(v)
		}
		if age := at.Sub(time.Unix(n, 0)); age.Abs() <= 2*time.Second {
			return string(v) + "~"
		}
		return string(v)
	}
}
