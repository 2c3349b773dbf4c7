package recipe

import (
	"fmt"
	"strconv"

	"github.com/itchyny/gojq"
)

// quick evaluates an expression without the machine of jq. Most fields of a
// mapping are a path, an alternative of paths or a function on one; taking those
// directly makes a record several times cheaper. It gives exactly what jq gives.
type quick func(s *Scope, in any) (any, error)

// quicken returns nil for what only the machine can do.
func (l *grammar) quicken(q *gojq.Query) quick {
	if len(q.FuncDefs) > 0 || len(q.Patterns) > 0 {
		return nil
	}
	if q.Term != nil {
		return l.quickTerm(q.Term)
	}
	if q.Left == nil || q.Right == nil {
		return nil
	}
	switch q.Op {
	case gojq.OpPipe, gojq.OpAlt, gojq.OpEq, gojq.OpNe, gojq.OpAnd, gojq.OpOr:
	default:
		return nil
	}
	left, right := l.quicken(q.Left), l.quicken(q.Right)
	if left == nil || right == nil {
		return nil
	}
	switch q.Op {
	case gojq.OpPipe:
		return func(s *Scope, in any) (any, error) {
			v, err := left(s, in)
			if err != nil {
				return nil, err
			}
			return right(s, v)
		}
	case gojq.OpAlt:
		return func(s *Scope, in any) (any, error) {
			if v, err := left(s, in); err != nil || v != nil && v != false {
				return v, err
			}
			return right(s, in)
		}
	case gojq.OpAnd, gojq.OpOr:
		or := q.Op == gojq.OpOr
		return func(s *Scope, in any) (any, error) {
			v, err := left(s, in)
			if err != nil || (v != nil && v != false) == or {
				return or, err
			}
			v, err = right(s, in)
			return v != nil && v != false, err
		}
	default:
		same := q.Op == gojq.OpEq
		return func(s *Scope, in any) (any, error) {
			a, err := left(s, in)
			if err != nil {
				return nil, err
			}
			b, err := right(s, in)
			if err != nil {
				return nil, err
			}
			x, xok := a.(string)
			if y, yok := b.(string); xok && yok {
				return (x == y) == same, nil
			}
			return (gojq.Compare(a, b) == 0) == same, nil
		}
	}
}

func (l *grammar) quickTerm(t *gojq.Term) quick {
	var path []string
	for _, s := range t.SuffixList {
		name, ok := indexName(s.Index)
		if s.Iter || s.Optional || !ok {
			return nil
		}
		path = append(path, name)
	}
	switch t.Type {
	case gojq.TermTypeIdentity:
		return follow(input, path)
	case gojq.TermTypeIndex:
		name, ok := indexName(t.Index)
		if !ok {
			return nil
		}
		return follow(input, append([]string{name}, path...))
	case gojq.TermTypeString:
		if t.Str.Queries != nil || len(path) > 0 {
			return nil
		}
		return constant(t.Str.Str)
	case gojq.TermTypeNumber:
		if n, err := strconv.Atoi(t.Number); err == nil && len(path) == 0 {
			return constant(n)
		}
	case gojq.TermTypeArray:
		return follow(l.quickList(t.Array), path)
	case gojq.TermTypeIf:
		return follow(l.quickIf(t.If), path)
	case gojq.TermTypeNull:
		return constant(nil)
	case gojq.TermTypeTrue:
		return constant(true)
	case gojq.TermTypeFalse:
		return constant(false)
	case gojq.TermTypeQuery:
		return follow(l.quicken(t.Query), path)
	case gojq.TermTypeFunc:
		return follow(l.quickCall(t.Func), path)
	}
	return nil
}

// quickList is [a, b, c].
func (l *grammar) quickList(a *gojq.Array) quick {
	if a.Query == nil {
		return nil
	}
	var parts []quick
	var add func(q *gojq.Query) bool
	add = func(q *gojq.Query) bool {
		if q.Op == gojq.OpComma && q.Left != nil && len(q.FuncDefs) == 0 && len(q.Patterns) == 0 {
			return add(q.Left) && add(q.Right)
		}
		part := l.quicken(q)
		parts = append(parts, part)
		return part != nil
	}
	if !add(a.Query) {
		return nil
	}
	return func(s *Scope, in any) (any, error) {
		out := make([]any, len(parts))
		for i, part := range parts {
			v, err := part(s, in)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	}
}

// quickIf is if a then b elif c then d else e end.
func (l *grammar) quickIf(t *gojq.If) quick {
	cond, then := l.quicken(t.Cond), l.quicken(t.Then)
	var otherwise quick
	switch {
	case len(t.Elif) > 0:
		otherwise = l.quickIf(&gojq.If{Cond: t.Elif[0].Cond, Then: t.Elif[0].Then, Elif: t.Elif[1:], Else: t.Else})
	case t.Else != nil:
		otherwise = l.quicken(t.Else)
	default:
		otherwise = func(_ *Scope, in any) (any, error) { return in, nil }
	}
	if cond == nil || then == nil || otherwise == nil {
		return nil
	}
	return func(s *Scope, in any) (any, error) {
		v, err := cond(s, in)
		if err != nil {
			return nil, err
		}
		if v != nil && v != false {
			return then(s, in)
		}
		return otherwise(s, in)
	}
}

func constant(v any) quick { return func(*Scope, any) (any, error) { return v, nil } }

// indexName returns the name of a plain step .name or ."name".
func indexName(i *gojq.Index) (string, bool) {
	switch {
	case i == nil || i.IsSlice || i.Start != nil || i.End != nil:
		return "", false
	case i.Name != "":
		return i.Name, true
	case i.Str != nil && i.Str.Queries == nil:
		return i.Str.Str, true
	}
	return "", false
}

func input(_ *Scope, in any) (any, error) { return in, nil }

// follow takes a path of names from what inner gives; nil stays nil.
func follow(inner quick, path []string) quick {
	if inner == nil || len(path) == 0 {
		return inner
	}
	return func(s *Scope, in any) (any, error) {
		in, err := inner(s, in)
		if err != nil {
			return nil, err
		}
		for _, name := range path {
			switch m := in.(type) {
			case map[string]any:
				in = m[name]
			case nil:
				return nil, nil
			default:
				return nil, fmt.Errorf("expected an object with %q, found %s", name, TypeOf(in))
			}
		}
		return in, nil
	}
}

// quickCall is a variable, or a function of ours with plain arguments.
func (l *grammar) quickCall(f *gojq.Func) quick {
	if len(f.Args) == 0 {
		for _, v := range Variables {
			if v.Name == f.Name {
				return func(s *Scope, _ any) (any, error) { return s[v.Var], nil }
			}
		}
	}
	if d := l.definition(f.Name); d != nil {
		if len(d.Args) > 0 || len(f.Args) > 0 || l.depth > 8 {
			return nil
		}
		l.depth++
		defer func() { l.depth-- }()
		return l.quicken(d.Body)
	}
	if f.Name == "not" && len(f.Args) == 0 {
		return func(_ *Scope, in any) (any, error) { return in == nil || in == false, nil }
	}
	for _, own := range l.functions {
		if own.name != f.Name || len(f.Args) < own.min || len(f.Args) > own.max {
			continue
		}
		args := make([]quick, len(f.Args))
		for i, a := range f.Args {
			if args[i] = l.quicken(a); args[i] == nil {
				return nil
			}
		}
		return func(s *Scope, in any) (any, error) {
			var few [3]any
			values := few[:len(args)]
			for i, a := range args {
				v, err := a(s, in)
				if err != nil {
					return nil, err
				}
				values[i] = v
			}
			v := own.call(in, values)
			if err, bad := v.(error); bad {
				return nil, err
			}
			return v, nil
		}
	}
	return nil
}
