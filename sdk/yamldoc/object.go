package yamldoc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Object is a mapping being read. Its getters note which keys exist, so that
// Done can name those that do not.
type Object struct {
	*Reader
	Node  *yaml.Node
	Path  string
	value map[string]*yaml.Node
	known []string
}

// Object starts reading a mapping.
func (r *Reader) Object(n *yaml.Node, path string) *Object {
	o := &Object{Reader: r, Node: n, Path: path, value: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.Fail(n, path, "expected fields with values, found %s", Describe(n))
		return o
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if _, twice := o.value[k.Value]; twice {
			r.Fail(k, o.At(k.Value), "is there twice")
		}
		o.value[k.Value] = n.Content[i+1]
	}
	return o
}

// At is the path of a key.
func (o *Object) At(key string) string {
	if o.Path == "" {
		return key
	}
	return o.Path + "." + key
}

// Get returns the value of a key that is known here, or nil.
func (o *Object) Get(key string) *yaml.Node {
	o.known = append(o.known, key)
	o.saw(key, Known{})
	return o.value[key]
}

// Value returns the value of a key, or nil, without calling it known.
func (o *Object) Value(key string) *yaml.Node { return o.value[key] }

// Values returns the values by their keys.
func (o *Object) Values() map[string]*yaml.Node { return o.value }

// Done reports the keys that nobody asked for.
func (o *Object) Done() {
	for i := 0; o.Node.Kind == yaml.MappingNode && i < len(o.Node.Content); i += 2 {
		k := o.Node.Content[i]
		if slices.Contains(o.known, k.Value) {
			continue
		}
		if near := Nearest(k.Value, o.known); near != "" {
			o.Fail(k, o.At(k.Value), "unknown field; did you mean %s? Known here are %s", near, strings.Join(o.known, ", "))
		} else {
			o.Fail(k, o.At(k.Value), "unknown field; known here are %s", strings.Join(o.known, ", "))
		}
	}
}

func (o *Object) saw(key string, k Known) {
	if o.trace != nil {
		k.Path = o.At(key)
		o.trace(k)
	}
}

// Text reads a string; required ones may not be empty.
func (o *Object) Text(key string, required bool) string {
	o.saw(key, Known{Kind: AText, Required: required})
	return o.text(key, required)
}

func (o *Object) text(key string, required bool) string {
	n := o.Get(key)
	if n == nil {
		if required {
			o.Fail(o.Node, o.At(key), "is missing")
		}
		return ""
	}
	return o.Scalar(n, o.At(key), required)
}

// Scalar reads a node as text.
func (r *Reader) Scalar(n *yaml.Node, path string, required bool) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.Fail(n, path, "expected a text, found %s", Describe(n))
		return ""
	}
	if required && strings.TrimSpace(n.Value) == "" {
		r.Fail(n, path, "is empty")
	}
	return n.Value
}

// Matching reads a text of a form.
func (o *Object) Matching(key string, required bool, form func(string) bool, expected string) string {
	o.saw(key, Known{Kind: AText, Required: required, Expected: expected})
	s := o.text(key, required)
	if s != "" && !form(s) {
		o.Fail(o.value[key], o.At(key), "%q is not %s", s, expected)
	}
	return s
}

// Flag reads true or false.
func (o *Object) Flag(key string) bool {
	o.saw(key, Known{Kind: AFlag})
	n := o.Get(key)
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		o.Fail(n, o.At(key), "expected true or false, found %s", Describe(n))
	}
	return n.Value == "true"
}

// Count reads a whole number of 1 or more; 0 when it is not there.
func (o *Object) Count(key string) int {
	o.saw(key, Known{Kind: ANumber})
	n := o.Get(key)
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 1 {
		o.Fail(n, o.At(key), "expected a number of 1 or more, found %s", Describe(n))
	}
	return v
}

// Duration reads a time such as 30s; 0 when it is not there.
func (o *Object) Duration(key string) time.Duration {
	o.saw(key, Known{Kind: AText, Expected: "a time such as 30s, 5m or 24h"})
	n := o.Get(key)
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d <= 0 {
		o.Fail(n, o.At(key), "expected a time such as 30s, 5m or 24h, found %s", Describe(n))
	}
	return d
}

// Items returns the elements of a list.
func (o *Object) Items(key string) []*yaml.Node {
	o.saw(key, Known{Kind: AList})
	return o.items(key)
}

func (o *Object) items(key string) []*yaml.Node {
	n := o.Get(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		o.Fail(n, o.At(key), "expected a list, found %s", Describe(n))
		return nil
	}
	return n.Content
}

// Texts reads a list of texts, none of them empty.
func (o *Object) Texts(key string) []string {
	o.saw(key, Known{Kind: ATextList})
	var out []string
	for i, n := range o.items(key) {
		out = append(out, o.Scalar(n, fmt.Sprintf("%s[%d]", o.At(key), i), true))
	}
	return out
}

// Dict reads a mapping of texts.
func (o *Object) Dict(key string) map[string]string {
	o.saw(key, Known{Kind: ADict})
	n := o.Get(key)
	if n == nil {
		return nil
	}
	inner := o.Object(n, o.At(key))
	out := make(map[string]string, len(inner.value))
	for k, v := range inner.value {
		out[k] = o.Scalar(v, inner.At(k), false)
	}
	return out
}

// OneOf reads a text that must be one of a few.
func OneOf[T ~string](o *Object, key string, fallback T, allowed ...T) T {
	o.saw(key, Known{Kind: AText, Required: fallback == "", Allowed: texts(allowed)})
	n := o.Get(key)
	if n == nil {
		if fallback == "" {
			o.Fail(o.Node, o.At(key), "is missing; expected one of %s", strings.Join(texts(allowed), ", "))
		}
		return fallback
	}
	v := T(o.Scalar(n, o.At(key), true))
	if v != "" && !slices.Contains(allowed, v) {
		o.Fail(n, o.At(key), "%q is not one of %s", string(v), strings.Join(texts(allowed), ", "))
	}
	return v
}

// SomeOf reads a list of texts, each one of a few and none twice.
func SomeOf[T ~string](o *Object, key string, allowed ...T) []T {
	o.saw(key, Known{Kind: ATextList, Allowed: texts(allowed)})
	var out []T
	for i, n := range o.items(key) {
		path := fmt.Sprintf("%s[%d]", o.At(key), i)
		v := T(o.Scalar(n, path, true))
		switch {
		case v == "":
		case !slices.Contains(allowed, v):
			o.Fail(n, path, "%q is not one of %s", string(v), strings.Join(texts(allowed), ", "))
		case slices.Contains(out, v):
			o.Fail(n, path, "%q is there twice", string(v))
		default:
			out = append(out, v)
		}
	}
	return out
}

func texts[T ~string](values []T) []string {
	s := make([]string, len(values))
	for i, v := range values {
		s[i] = string(v)
	}
	return s
}
