package contract

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"time"
)

type checker struct {
	doc      *Document
	problems []string
}

func (c *checker) add(at, format string, args ...any) {
	if len(c.problems) < 25 {
		c.problems = append(c.problems, at+" "+fmt.Sprintf(format, args...))
	}
}

// check compares v with a schema and notes what is wrong.
func (c *checker) check(schema, v any, at string) {
	s := object(c.doc.resolve(schema))
	if s == nil {
		return
	}
	if !c.kind(s, v, at) {
		return
	}
	if want := list(s["enum"]); want != nil && !slices.ContainsFunc(want, func(e any) bool { return same(e, v) }) {
		c.add(at, "is %v, which is not one of %v", v, want)
	}
	if want, ok := s["const"]; ok && !same(want, v) {
		c.add(at, "is %v, not %v", v, want)
	}
	for _, part := range list(s["allOf"]) {
		c.check(part, v, at)
	}
	c.either(list(s["anyOf"]), v, at)
	c.either(list(s["oneOf"]), v, at)
	switch v := v.(type) {
	case string:
		c.text(s, v, at)
	case float64:
		if low, ok := number(s["minimum"]); ok && v < low {
			c.add(at, "is %v, below %v", v, low)
		}
		if high, ok := number(s["maximum"]); ok && v > high {
			c.add(at, "is %v, above %v", v, high)
		}
	case []any:
		for i, e := range v {
			c.check(s["items"], e, fmt.Sprintf("%s[%d]", at, i))
		}
	case map[string]any:
		c.fields(s, v, at)
	}
}

func (c *checker) either(options []any, v any, at string) {
	if len(options) == 0 {
		return
	}
	var first []string
	for _, o := range options {
		try := checker{doc: c.doc}
		try.check(o, v, at)
		if len(try.problems) == 0 {
			return
		}
		if first == nil {
			first = try.problems
		}
	}
	c.add(at, "fits none of %d forms (first: %s)", len(options), first[0])
}

func (c *checker) kind(s map[string]any, v any, at string) bool {
	var allowed []string
	switch t := s["type"].(type) {
	case string:
		allowed = []string{t}
	case []any:
		for _, e := range t {
			if e == nil {
				e = "null"
			}
			allowed = append(allowed, fmt.Sprint(e))
		}
	}
	if len(allowed) == 0 {
		return true
	}
	is := "null"
	switch n := v.(type) {
	case string:
		is = "string"
	case bool:
		is = "boolean"
	case float64:
		is = "number"
		if n == float64(int64(n)) && slices.Contains(allowed, "integer") {
			is = "integer"
		}
	case []any:
		is = "array"
	case map[string]any:
		is = "object"
	}
	if slices.Contains(allowed, is) {
		return true
	}
	c.add(at, "is a %s, not a %v", is, allowed)
	return false
}

func (c *checker) text(s map[string]any, v, at string) {
	if p, ok := s["pattern"].(string); ok {
		if re, err := regexp.Compile(p); err == nil && !re.MatchString(v) {
			c.add(at, "%q does not match %s", v, p)
		}
	}
	if n, ok := number(s["maxLength"]); ok && len([]rune(v)) > int(n) {
		c.add(at, "is longer than %v", n)
	}
	if n, ok := number(s["minLength"]); ok && len([]rune(v)) < int(n) {
		c.add(at, "is shorter than %v", n)
	}
	var err error
	switch s["format"] {
	case "date":
		_, err = time.Parse("2006-01-02", v)
	case "date-time":
		_, err = time.Parse(time.RFC3339Nano, v)
	}
	if err != nil {
		c.add(at, "%q is not a %v", v, s["format"])
	}
}

func (c *checker) fields(s map[string]any, v map[string]any, at string) {
	for _, name := range list(s["required"]) {
		if _, ok := v[fmt.Sprint(name)]; !ok {
			c.add(at, "lacks %v", name)
		}
	}
	props := object(s["properties"])
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if p, ok := props[name]; ok {
			c.check(p, v[name], at+"."+name)
		}
	}
	if s["unevaluatedProperties"] == false || s["additionalProperties"] == false {
		known := map[string]any{}
		c.doc.properties(s, known)
		for _, name := range names {
			if _, ok := known[name]; !ok {
				c.add(at, "has %s, which is not documented", name)
			}
		}
	}
}

// properties collects the documented fields of a schema and its parts.
func (d *Document) properties(schema any, into map[string]any) {
	s := object(d.resolve(schema))
	for name, p := range object(s["properties"]) {
		into[name] = p
	}
	for _, k := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range list(s[k]) {
			d.properties(part, into)
		}
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// same compares a value of the document with one of the answer.
func same(want, got any) bool {
	if n, ok := number(want); ok {
		m, ok := number(got)
		return ok && n == m
	}
	return reflect.DeepEqual(want, got)
}
