package recipe

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// errFunctions stands for a mistake that is in functions and was told there.
var errFunctions = errors.New("a function of the recipe is not in order")

// parseDefs reads the functions of a recipe and tries each by itself, so that a
// mistake is told once, where it is: fail gets the line of the text, from 0.
func (l *grammar) parseDefs(text string, fail func(line int, problem string)) {
	q, err := gojq.Parse(text + "\n.")
	if err != nil {
		l.unread = true
		fail(lineOf(text, err), syntax(text, err).Error())
		return
	}
	l.defs = q.FuncDefs
	every := make([]Var, len(Variables))
	for i, v := range Variables {
		every[i] = v.Var
	}
	for i, d := range l.defs {
		use := usage{map[string]bool{}, map[string]bool{}, nil}
		use.definition(d, nil)
		if slices.ContainsFunc(l.defs[:i], func(d *gojq.FuncDef) bool { return use.calls[d.Name] && l.bad[d.Name] }) {
			l.spoil(d.Name)
			continue
		}
		if err := l.tryDef(i, &use, every); err != nil {
			l.spoil(d.Name)
			fail(defLine(text, l.defs[:i+1]), fmt.Sprintf("the function %s: %s", d.Name, err))
		}
	}
}

func (l *grammar) spoil(name string) {
	if l.bad == nil {
		l.bad = map[string]bool{}
	}
	l.bad[name] = true
}

// tryDef compiles a function with those before it.
func (l *grammar) tryDef(i int, use *usage, every []Var) error {
	for name := range use.calls {
		if hint, no := forbidden[name]; no && !slices.ContainsFunc(l.defs[:i], func(d *gojq.FuncDef) bool { return d.Name == name }) {
			return fmt.Errorf("%s is not allowed here%s", name, prefixed("; ", hint))
		}
	}
	if err := bounded(reflect.ValueOf(l.defs[i].Body)); err != nil {
		return err
	}
	whole := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity}}
	for _, d := range l.defs[:i+1] {
		if !l.bad[d.Name] {
			whole.FuncDefs = append(whole.FuncDefs, d)
		}
	}
	var names []string
	for _, v := range Variables {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	if _, err := gojq.Compile(whole, l.options(slices.Compact(names))...); err != nil {
		return l.explain(err, every)
	}
	return nil
}

func (l *grammar) options(variables []string) []gojq.CompilerOption {
	out := []gojq.CompilerOption{gojq.WithVariables(variables), gojq.WithEnvironLoader(func() []string { return nil })}
	for _, f := range l.functions {
		out = append(out, gojq.WithFunction(f.name, f.min, f.max, f.call))
	}
	return append(out, boundFunctions...)
}

// lineOf is the line of a text, from 0, at which it stops being jq.
func lineOf(text string, err error) int {
	if p, ok := errors.AsType[*gojq.ParseError](err); ok {
		at := min(max(p.Offset-len(p.Token), 0), len(strings.TrimRight(text, "\n")))
		return strings.Count(text[:at], "\n")
	}
	return 0
}

// defLine is the line of a text, from 0, at which the last of some definitions
// begins.
func defLine(text string, defs []*gojq.FuncDef) int {
	name, nth := defs[len(defs)-1].Name, 0
	for _, d := range defs {
		if d.Name == name {
			nth++
		}
	}
	found := regexp.MustCompile(`\bdef\s+`+regexp.QuoteMeta(name)+`\b`).FindAllStringIndex(text, nth)
	if len(found) == 0 {
		return 0
	}
	return strings.Count(text[:found[len(found)-1][0]], "\n")
}
