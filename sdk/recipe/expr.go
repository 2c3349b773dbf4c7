package recipe

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// Expr is a jq expression, compiled. The nil Expr gives null.
type Expr struct {
	Source string
	Line   int
	vars   []Var
	quick  quick
	code   *gojq.Code
}

// Uses reports whether the expression mentions a variable.
func (e *Expr) Uses(v Var) bool { return e != nil && slices.Contains(e.vars, v) }

// Eval returns the first value that the expression gives, null when it gives
// none. The context bounds its time.
func (e *Expr) Eval(ctx context.Context, s *Scope, in any) (any, error) {
	if e == nil {
		return nil, nil
	}
	if e.quick != nil {
		return e.quick(s, in)
	}
	var few [4]any
	values := few[:0]
	for _, v := range e.vars {
		values = append(values, s[v])
	}
	bound := &allowance{Context: ctx}
	v, ok := e.code.RunWithContext(bound, in, values...).Next()
	if !ok {
		return nil, nil
	}
	if err, is := v.(error); is {
		if bound.over != nil || errors.Is(err, errMade) {
			return nil, fmt.Errorf("the expression in line %d %w", e.Line, err)
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("the expression in line %d takes too long: %w", e.Line, err)
		}
		return nil, err
	}
	return v, nil
}

// True evaluates a condition; null and false are false.
func (e *Expr) True(ctx context.Context, s *Scope, in any) (bool, error) {
	v, err := e.Eval(ctx, s, in)
	return v != nil && v != false, err
}

// forbidden are functions of jq that reach outside of the expression, or whose
// answer changes from one moment to the next.
var forbidden = map[string]string{
	"input": "", "inputs": "", "debug": "", "stderr": "", "input_filename": "", "input_line_number": "",
	"env": "", "$ENV": "", "halt": "", "halt_error": "", "get_search_list": "", "modulemeta": "", "$__prog_args": "",
	"now": "use $now", "localtime": "use in_layout", "strflocaltime": "use in_layout", "gmtime": "use in_layout",
	"limit": "", "$__loc__": "",
}

// grammar holds what the expressions of one recipe share.
type grammar struct {
	defs      []*gojq.FuncDef
	functions []function
	depth     int // of functions of the recipe within one another
	// unread says that the functions of the recipe cannot be read, and bad which of
	// them are not in order.
	unread bool
	bad    map[string]bool
}

// compile reads an expression that may use the given variables.
func (l *grammar) compile(text string, line int, allowed []Var) (*Expr, []fieldUse, error) {
	q, err := gojq.Parse(text)
	if err != nil {
		return nil, nil, syntax(text, err)
	}
	if len(q.Imports) > 0 || q.Meta != nil {
		return nil, nil, errors.New("import and include are not known here")
	}
	use := usage{map[string]bool{}, map[string]bool{}, nil}
	use.walk(q, nil)
	defs := l.needed(&use)
	for name := range use.calls {
		if l.bad[name] {
			return nil, nil, errFunctions
		}
	}
	for name := range use.calls {
		if hint, no := forbidden[name]; no && !l.defined(name) {
			return nil, nil, fmt.Errorf("%s is not allowed here%s", name, prefixed("; ", hint))
		}
	}
	e := &Expr{Source: text, Line: line}
	var names []string
	for _, v := range Variables {
		if !use.vars[v.Name] {
			continue
		}
		if !slices.Contains(allowed, v.Var) {
			return nil, nil, fmt.Errorf("%s is not known here; known are %s", v.Name, varNames(allowed))
		}
		e.vars, names = append(e.vars, v.Var), append(names, v.Name)
	}
	if e.quick = l.quicken(q); e.quick != nil {
		return e, use.fields, nil
	}
	if err := bounded(reflect.ValueOf(q)); err != nil {
		return nil, nil, err
	}
	whole := *q
	whole.FuncDefs = append(slices.Clone(defs), q.FuncDefs...)
	if e.code, err = gojq.Compile(&whole, l.options(names)...); err != nil {
		if l.unread && strings.Contains(err.Error(), "function not defined") {
			return nil, nil, errFunctions
		}
		return nil, nil, l.explain(err, allowed)
	}
	return e, use.fields, nil
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func varNames(vars []Var) string {
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = Variables[v].Name
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// syntax says where a text stops being jq.
func syntax(text string, err error) error {
	var p *gojq.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("not jq: %w", err)
	}
	at := min(max(p.Offset, 0), len(text))
	line := 1 + strings.Count(text[:at], "\n")
	where := ""
	if strings.Contains(strings.TrimSpace(text), "\n") {
		where = fmt.Sprintf(" in its line %d", line)
	}
	if p.Token == "" {
		return fmt.Errorf("not jq: it ends too early%s", where)
	}
	return fmt.Errorf("not jq: unexpected %q%s", p.Token, where)
}

// explain adds what would have been known to the compiler's complaint.
func (l *grammar) explain(err error, allowed []Var) error {
	text := err.Error()
	if _, name, ok := strings.Cut(text, "function not defined: "); ok {
		bare, _, _ := strings.Cut(name, "/")
		var known []string
		for _, f := range l.functions {
			known = append(known, f.name)
		}
		for _, d := range l.defs {
			known = append(known, d.Name)
		}
		if near := nearest(bare, known); near != "" {
			return fmt.Errorf("the function %s is not known; did you mean %s?", name, near)
		}
		return fmt.Errorf("the function %s is not known; a text needs quotes, a field a dot", name)
	}
	if _, name, ok := strings.Cut(text, "variable not defined: "); ok {
		return fmt.Errorf("%s is not known here; known are %s", name, varNames(allowed))
	}
	return errors.New(text)
}

func (l *grammar) defined(name string) bool { return l.definition(name) != nil }

// definition returns the recipe's function of a name; with several of that name,
// the last.
func (l *grammar) definition(name string) *gojq.FuncDef {
	for i := len(l.defs) - 1; i >= 0; i-- {
		if l.defs[i].Name == name {
			return l.defs[i]
		}
	}
	return nil
}

// needed returns the recipe's functions that are used, directly or by one
// another, and adds what they use.
func (l *grammar) needed(use *usage) []*gojq.FuncDef {
	in := make([]bool, len(l.defs))
	for again := true; again; {
		again = false
		for i, d := range l.defs {
			if in[i] || !use.calls[d.Name] {
				continue
			}
			in[i], again = true, true
			use.definition(d, nil)
		}
	}
	var out []*gojq.FuncDef
	for i, d := range l.defs {
		if in[i] {
			out = append(out, d)
		}
	}
	return out
}
