package testname

import (
	"go/ast"
	"maps"
	"slices"
)

// maxDepth is how many helpers deep a name is followed.
const maxDepth = 5

// subtests returns what a test gives to Run, itself or through helpers.
func (p *pack) subtests(f *ast.FuncDecl) []string {
	var names []string
	p.walk(f.Body, place{around: []ast.Node{f}}, func(name string) { names = append(names, name) })
	return names
}

// walk calls say for every name that is given to Run below n.
func (p *pack) walk(n ast.Node, at place, say func(string)) {
	around := slices.Clone(at.around)
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			around = around[:len(around)-1]
			return true
		}
		if set, ok := n.(*ast.AssignStmt); ok && helper(set) {
			return false // its names are those of its calls
		}
		if call, ok := n.(*ast.CallExpr); ok {
			here := at
			here.around, here.before = slices.Clone(around), call.Pos()
			if isRun(call) {
				for _, name := range p.texts(call.Args[0], here) {
					say(name)
				}
			}
			p.follow(call, here, say)
		}
		around = append(around, n)
		return true
	})
}

// follow walks into the helper that is called.
func (p *pack) follow(call *ast.CallExpr, at place, say func(string)) {
	if at.depth >= maxDepth {
		return
	}
	var typ *ast.FuncType
	var body *ast.BlockStmt
	inner := place{given: map[string]value{}, depth: at.depth + 1}
	if id, ok := call.Fun.(*ast.Ident); ok {
		if v, ok := p.find(id.Name, at); ok {
			lit, ok := v.expr.(*ast.FuncLit)
			if !ok {
				return
			}
			typ, body = lit.Type, lit.Body
			inner.around, inner.before = append(slices.Clone(v.at.around), lit), v.at.before
			maps.Copy(inner.given, v.at.given)
		}
	}
	if f := p.callee(call); body == nil && f != nil {
		typ, body, inner.around = f.Type, f.Body, []ast.Node{f}
	}
	if body == nil || !p.runs(body) {
		return
	}
	i := 0
	for _, field := range typ.Params.List {
		for _, name := range field.Names {
			if _, rest := field.Type.(*ast.Ellipsis); i < len(call.Args) && !rest {
				inner.given[name.Name] = value{expr: call.Args[i], at: at}
			}
			i++
		}
	}
	p.walk(body, inner, say)
}

// helper reports whether a statement does nothing but name a function that takes
// the names of subtests.
func helper(s *ast.AssignStmt) bool {
	if len(s.Rhs) != 1 {
		return false
	}
	f, ok := s.Rhs[0].(*ast.FuncLit)
	return ok && slices.ContainsFunc(f.Type.Params.List, func(p *ast.Field) bool { return named(p.Type, "string") })
}

// runs reports whether a body runs subtests, itself or through helpers.
func (p *pack) runs(body *ast.BlockStmt) bool {
	if known, ok := p.running[body]; ok {
		return known
	}
	p.running[body] = false // while it is being found out, for helpers that call themselves
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !found {
			found = isRun(call) || p.callee(call) != nil && p.runs(p.callee(call).Body)
		}
		return !found
	})
	p.running[body] = found
	return found
}

// callee returns the declared helper that is called, or nil.
func (p *pack) callee(call *ast.CallExpr) *ast.FuncDecl {
	var f *ast.FuncDecl
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		f = p.funcs[fun.Name]
	case *ast.SelectorExpr:
		f = p.funcs[fun.Sel.Name]
	}
	if _, method := call.Fun.(*ast.SelectorExpr); f == nil || f.Body == nil || method != (f.Recv != nil) {
		return nil
	}
	return f
}

func isRun(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Run" && len(call.Args) == 2
}
