package interpret

import (
	"cmp"
	"errors"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

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
