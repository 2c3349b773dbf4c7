package recipe

import (
	"maps"
	"reflect"
	"strings"

	"github.com/itchyny/gojq"
)

// usage is what an expression takes from outside of itself: variables, functions
// and fields of variables. What it binds by itself hides what has the same name.
type usage struct {
	vars, calls map[string]bool
	fields      []fieldUse
}

type fieldUse struct{ variable, field string }

// names are those that an expression binds at some place.
type names map[string]bool

func (n names) with(more ...string) names {
	out := maps.Clone(n)
	if out == nil {
		out = names{}
	}
	for _, m := range more {
		out[m] = true
	}
	return out
}

var (
	queryType   = reflect.TypeFor[gojq.Query]()
	funcType    = reflect.TypeFor[gojq.Func]()
	reduceType  = reflect.TypeFor[gojq.Reduce]()
	foreachType = reflect.TypeFor[gojq.Foreach]()
	keyValType  = reflect.TypeFor[gojq.ObjectKeyVal]()
	termType    = reflect.TypeFor[gojq.Term]()
)

// walk collects the names in a part of a syntax tree.
func (u *usage) walk(part any, bound names) { u.tree(reflect.ValueOf(part), bound) }

func (u *usage) tree(v reflect.Value, bound names) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			u.tree(v.Elem(), bound)
		}
	case reflect.Slice:
		for i := range v.Len() {
			u.tree(v.Index(i), bound)
		}
	case reflect.Struct:
		if !u.binds(v, bound) {
			for i := range v.NumField() {
				u.tree(v.Field(i), bound)
			}
		}
	}
}

// binds notes what a node mentions, and walks those that bind names.
func (u *usage) binds(v reflect.Value, bound names) (done bool) {
	switch v.Type() {
	case queryType:
		q := v.Addr().Interface().(*gojq.Query)
		if len(q.FuncDefs) == 0 && len(q.Patterns) == 0 {
			return false
		}
		for _, d := range q.FuncDefs {
			bound = bound.with(d.Name)
			u.definition(d, bound)
		}
		u.walk(q.Term, bound)
		u.walk(q.Left, bound)
		u.walk(q.Patterns, bound)
		u.walk(q.Right, bound.with(patternNames(q.Patterns...)...))
		return true
	case reduceType:
		r := v.Addr().Interface().(*gojq.Reduce)
		inner := bound.with(patternNames(r.Patterns...)...)
		u.walk(r.Query, bound)
		u.walk(r.Patterns, bound)
		u.walk(r.Start, bound)
		u.walk(r.Update, inner)
		return true
	case foreachType:
		f := v.Addr().Interface().(*gojq.Foreach)
		inner := bound.with(patternNames(f.Patterns...)...)
		u.walk(f.Query, bound)
		u.walk(f.Patterns, bound)
		u.walk(f.Start, bound)
		u.walk(f.Update, inner)
		u.walk(f.Extract, inner)
		return true
	case funcType:
		u.call(v.Addr().Interface().(*gojq.Func).Name, bound)
	case keyValType:
		if k := v.Addr().Interface().(*gojq.ObjectKeyVal); strings.HasPrefix(k.Key, "$") && k.Val == nil {
			u.call(k.Key, bound) // {$id}
		}
	case termType:
		t := v.Addr().Interface().(*gojq.Term)
		if t.Func == nil || !strings.HasPrefix(t.Func.Name, "$") || bound[t.Func.Name] || len(t.SuffixList) == 0 {
			return false
		}
		if i := t.SuffixList[0].Index; i != nil && i.Name != "" {
			u.fields = append(u.fields, fieldUse{t.Func.Name, i.Name})
		}
	}
	return false
}

func (u *usage) call(name string, bound names) {
	if bound[name] {
		return
	}
	if strings.HasPrefix(name, "$") {
		u.vars[name] = true
	}
	u.calls[name] = true
}

// definition collects the names in the body of a function; a parameter $a is both a
// variable and a function.
func (u *usage) definition(d *gojq.FuncDef, bound names) {
	inner := bound.with(d.Name)
	for _, a := range d.Args {
		inner = inner.with(a, strings.TrimPrefix(a, "$"))
	}
	u.walk(d.Body, inner)
}

// patternNames are the variables that a pattern such as {id: $id} binds.
func patternNames(list ...*gojq.Pattern) (out []string) {
	for _, p := range list {
		if p == nil {
			continue
		}
		if p.Name != "" {
			out = append(out, p.Name)
		}
		out = append(out, patternNames(p.Array...)...)
		for _, o := range p.Object {
			if strings.HasPrefix(o.Key, "$") {
				out = append(out, o.Key)
			}
			out = append(out, patternNames(o.Val)...)
		}
	}
	return out
}
