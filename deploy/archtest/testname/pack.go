package testname

import (
	"go/ast"
	"go/token"
)

// pack is what the test files of one folder declare, by name. A package and its
// external tests are taken together.
type pack struct {
	tests   []*ast.FuncDecl
	funcs   map[string]*ast.FuncDecl // also methods; without a body where two share a name
	types   map[string]ast.Expr
	vars    map[string]ast.Expr
	running map[*ast.BlockStmt]bool // whether a body runs subtests, as far as known
}

func newPack() *pack {
	return &pack{funcs: map[string]*ast.FuncDecl{}, types: map[string]ast.Expr{}, vars: map[string]ast.Expr{}, running: map[*ast.BlockStmt]bool{}}
}

func (p *pack) add(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if isTest(d) {
				p.tests = append(p.tests, d)
				continue
			}
			if _, twice := p.funcs[d.Name.Name]; twice {
				d = &ast.FuncDecl{Name: d.Name, Type: d.Type}
			}
			p.funcs[d.Name.Name] = d
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					p.types[s.Name.Name] = s.Type
				case *ast.ValueSpec:
					bind(p.vars, s)
				}
			}
		}
	}
}

// bind notes the values of a declaration, where each name has its own.
func bind(to map[string]ast.Expr, s *ast.ValueSpec) {
	if len(s.Names) != len(s.Values) {
		return
	}
	for i, n := range s.Names {
		to[n.Name] = s.Values[i]
	}
}

// structure returns the struct type that an expression names, or nil.
func (p *pack) structure(t ast.Expr) *ast.StructType {
	for range 5 {
		switch x := t.(type) {
		case *ast.StructType:
			return x
		case *ast.StarExpr:
			t = x.X
		case *ast.Ident:
			t = p.types[x.Name]
		default:
			return nil
		}
	}
	return nil
}

// element returns the type of what a slice, array or map holds, or nil.
func (p *pack) element(t ast.Expr) ast.Expr {
	switch x := t.(type) {
	case *ast.ArrayType:
		return x.Elt
	case *ast.MapType:
		return x.Value
	case *ast.Ident:
		if under, ok := p.types[x.Name]; ok {
			return p.element(under)
		}
	}
	return nil
}

// place is where an expression stands: what is around it, the outermost first,
// and what the names of the parameters of its function were given.
type place struct {
	around []ast.Node
	before token.Pos // what is declared later does not count
	given  map[string]value
	depth  int
}

// value is an expression, where it stands, and the type that the table around
// it says it has.
type value struct {
	expr ast.Expr
	at   place
	typ  ast.Expr
}
