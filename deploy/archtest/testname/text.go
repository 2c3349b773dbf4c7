package testname

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
)

var verb = regexp.MustCompile(`%[-+# 0-9.*]*[a-zA-Z]`)

// texts returns what a text can be, as far as the source tells; nil when it
// tells nothing.
func (p *pack) texts(e ast.Expr, at place) []string {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return p.texts(x.X, at)
	case *ast.BasicLit:
		if s, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING {
			return []string{s}
		}
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return joined(p.texts(x.X, at), p.texts(x.Y, at))
		}
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sprintf" && len(x.Args) > 0 {
			var out []string
			for _, s := range p.texts(x.Args[0], at) {
				out = append(out, verb.ReplaceAllString(s, Unknown))
			}
			return out
		}
	case *ast.Ident, *ast.SelectorExpr:
		var out []string
		for _, v := range p.values(x, at) {
			out = append(out, p.texts(v.expr, v.at)...)
		}
		return out
	}
	return nil
}

func joined(left, right []string) (out []string) {
	if left == nil && right == nil {
		return nil
	}
	if left == nil {
		left = []string{Unknown}
	}
	if right == nil {
		right = []string{Unknown}
	}
	for _, l := range left {
		for _, r := range right {
			out = append(out, l+r)
		}
	}
	return out
}
