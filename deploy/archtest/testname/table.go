package testname

import (
	"go/ast"
	"go/token"
	"slices"
)

// cell is one element of a table.
type cell struct{ key, val value }

// values returns what a variable, or a field of one, holds: one value for a
// variable that was set, many for one that ranges over a table.
func (p *pack) values(e ast.Expr, at place) []value {
	switch x := e.(type) {
	case *ast.Ident:
		if r, rat := ranges(x.Name, at); r != nil {
			var out []value
			for _, c := range p.cells(r.X, rat) {
				if named(r.Key, x.Name) {
					out = append(out, c.key)
				} else {
					out = append(out, c.val)
				}
			}
			return out
		}
		if v, ok := p.find(x.Name, at); ok {
			if id, ok := v.expr.(*ast.Ident); ok { // tc := tc
				return p.values(id, v.at)
			}
			return []value{v}
		}
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		if !ok {
			return nil
		}
		if r, rat := ranges(id.Name, at); r != nil && named(r.Value, id.Name) {
			var out []value
			for _, c := range p.cells(r.X, rat) {
				if v, ok := p.field(c.val, x.Sel.Name); ok {
					out = append(out, v)
				}
			}
			return out
		}
		for _, v := range p.values(id, at) {
			if f, ok := p.field(v, x.Sel.Name); ok {
				return []value{f}
			}
		}
	}
	return nil
}

// cells returns the elements of a table that is written out.
func (p *pack) cells(e ast.Expr, at place) []cell {
	switch x := e.(type) {
	case *ast.Ident:
		var out []cell
		for _, v := range p.values(x, at) {
			if v.expr != e {
				out = append(out, p.cells(v.expr, v.at)...)
			}
		}
		return out
	case *ast.CallExpr: // a function that returns the table
		id, ok := x.Fun.(*ast.Ident)
		if !ok || p.funcs[id.Name] == nil || p.funcs[id.Name].Body == nil {
			return nil
		}
		f := p.funcs[id.Name]
		var out []cell
		for _, s := range f.Body.List {
			if r, ok := s.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
				out = append(out, p.cells(r.Results[0], place{around: []ast.Node{f, f.Body}, before: r.Pos()})...)
			}
		}
		return out
	case *ast.CompositeLit:
		var out []cell
		for _, el := range x.Elts {
			var c cell
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				c.key, el = value{expr: kv.Key, at: at}, kv.Value
			}
			c.val = value{expr: el, at: at, typ: p.element(x.Type)}
			out = append(out, c)
		}
		return out
	}
	return nil
}

// field returns a field of an element that is written out.
func (p *pack) field(of value, name string) (value, bool) {
	e := of.expr
	if ref, ok := e.(*ast.UnaryExpr); ok && ref.Op == token.AND {
		e = ref.X
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return value{}, false
	}
	typ := of.typ
	if lit.Type != nil {
		typ = lit.Type
	}
	for i, el := range lit.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			if named(kv.Key, name) {
				return value{expr: kv.Value, at: of.at}, true
			}
		} else if i == p.index(typ, name) {
			return value{expr: el, at: of.at}, true
		}
	}
	return value{}, false
}

// index is the place of a field in its struct, or -1.
func (p *pack) index(typ ast.Expr, name string) int {
	s := p.structure(typ)
	if s == nil {
		return -1
	}
	i := 0
	for _, f := range s.Fields.List {
		for _, n := range f.Names {
			if n.Name == name {
				return i
			}
			i++
		}
		if len(f.Names) == 0 {
			i++
		}
	}
	return -1
}

// ranges returns the innermost loop that sets a variable, and where it stands;
// nil when something nearer sets it.
func ranges(name string, at place) (*ast.RangeStmt, place) {
	for i := len(at.around) - 1; i >= 0; i-- {
		if r, ok := at.around[i].(*ast.RangeStmt); ok && (named(r.Key, name) || named(r.Value, name)) {
			at.around, at.before = at.around[:i], r.Pos()
			return r, at
		}
		if _, ok := declared(at.around[i], name, at.before); ok || takes(at.around[i], name) {
			return nil, at
		}
	}
	return nil, at
}

// find returns what a variable or a parameter was set to.
func (p *pack) find(name string, at place) (value, bool) {
	for i := len(at.around) - 1; i >= 0; i-- {
		if v, ok := declared(at.around[i], name, at.before); ok {
			at.around, at.before = at.around[:i+1], v.Pos()
			return value{expr: v, at: at}, true
		}
		if takes(at.around[i], name) {
			v, ok := at.given[name]
			return v, ok
		}
	}
	v, ok := p.vars[name]
	return value{expr: v, at: place{depth: at.depth}}, ok
}

// declared returns what a block sets a variable to before a position, the last
// of them.
func declared(n ast.Node, name string, before token.Pos) (found ast.Expr, ok bool) {
	block, isBlock := n.(*ast.BlockStmt)
	if !isBlock {
		return nil, false
	}
	for _, s := range block.List {
		if s.End() > before {
			break
		}
		set := map[string]ast.Expr{}
		switch s := s.(type) {
		case *ast.AssignStmt:
			if i := slices.IndexFunc(s.Lhs, func(e ast.Expr) bool { return named(e, name) }); i >= 0 && len(s.Lhs) == len(s.Rhs) {
				set[name] = s.Rhs[i]
			}
		case *ast.DeclStmt:
			if g, isGen := s.Decl.(*ast.GenDecl); isGen {
				for _, spec := range g.Specs {
					if v, isVar := spec.(*ast.ValueSpec); isVar {
						bind(set, v)
					}
				}
			}
		}
		if e, has := set[name]; has {
			found, ok = e, true
		}
	}
	return found, ok
}

// takes reports whether a function has a parameter of that name.
func takes(n ast.Node, name string) bool {
	var typ *ast.FuncType
	switch f := n.(type) {
	case *ast.FuncDecl:
		typ = f.Type
	case *ast.FuncLit:
		typ = f.Type
	default:
		return false
	}
	return slices.ContainsFunc(typ.Params.List, func(f *ast.Field) bool {
		return slices.ContainsFunc(f.Names, func(id *ast.Ident) bool { return id.Name == name })
	})
}

func named(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
