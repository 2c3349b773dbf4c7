package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/yamldoc"
	"gopkg.in/yaml.v3"
)

// Problem is one mistake in a manifest.
type Problem = yamldoc.Problem

// Problems are all mistakes that were found, in the order of the file.
type Problems = yamldoc.Problems

// reader walks a YAML tree and notes every problem instead of stopping at the
// first.
type reader struct {
	file     string
	problems Problems
	// form is the part that was read, for what comes after it.
	form []Field
	refs []usedRef
}

func (r *reader) fail(n *yaml.Node, path, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: n.Line, Path: path, Message: fmt.Sprintf(format, args...)})
}

// object is a mapping being read. Its getters note which keys exist, so that
// done can name those that do not.
type object struct {
	*reader
	node  *yaml.Node
	path  string
	value map[string]*yaml.Node
	key   map[string]*yaml.Node
	known []string
}

func (r *reader) object(n *yaml.Node, path string) *object {
	o := &object{reader: r, node: n, path: path, value: map[string]*yaml.Node{}, key: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.fail(n, path, "expected fields with values, found %s", describe(n))
		return o
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if _, twice := o.value[k.Value]; twice {
			r.fail(k, o.at(k.Value), "is there twice")
		}
		o.key[k.Value], o.value[k.Value] = k, n.Content[i+1]
	}
	return o
}

func (o *object) at(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

func (o *object) get(key string) *yaml.Node {
	o.known = append(o.known, key)
	return o.value[key]
}

// done reports the keys that nobody asked for.
func (o *object) done() {
	for i := 0; o.node.Kind == yaml.MappingNode && i < len(o.node.Content); i += 2 {
		if k := o.node.Content[i]; !slices.Contains(o.known, k.Value) {
			o.fail(k, o.at(k.Value), "unknown field; known here are %s", strings.Join(o.known, ", "))
		}
	}
}

// text reads a string; required ones may not be empty.
func (o *object) text(key string, required bool) string {
	n := o.get(key)
	if n == nil {
		if required {
			o.fail(o.node, o.at(key), "is missing")
		}
		return ""
	}
	return o.scalar(n, o.at(key), required)
}

func (r *reader) scalar(n *yaml.Node, path string, required bool) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.fail(n, path, "expected a text, found %s", describe(n))
		return ""
	}
	if required && strings.TrimSpace(n.Value) == "" {
		r.fail(n, path, "is empty")
	}
	return n.Value
}

// matching reads a text of a form.
func (o *object) matching(key string, required bool, form func(string) bool, expected string) string {
	s := o.text(key, required)
	if s != "" && !form(s) {
		o.fail(o.value[key], o.at(key), "%q is not %s", s, expected)
	}
	return s
}

func (o *object) flag(key string) bool {
	n := o.get(key)
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		o.fail(n, o.at(key), "expected true or false, found %s", describe(n))
	}
	return n.Value == "true"
}

func (o *object) count(key string) int {
	n := o.get(key)
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 1 {
		o.fail(n, o.at(key), "expected a number of 1 or more, found %s", describe(n))
	}
	return v
}

func (o *object) duration(key string) time.Duration {
	n := o.get(key)
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d <= 0 {
		o.fail(n, o.at(key), "expected a time such as 30s, 5m or 24h, found %s", describe(n))
	}
	return d
}

// items returns the elements of a list.
func (o *object) items(key string) []*yaml.Node {
	n := o.get(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		o.fail(n, o.at(key), "expected a list, found %s", describe(n))
		return nil
	}
	return n.Content
}

func (o *object) texts(key string) []string {
	var out []string
	for i, n := range o.items(key) {
		out = append(out, o.scalar(n, fmt.Sprintf("%s[%d]", o.at(key), i), true))
	}
	return out
}

// dict reads a mapping of texts.
func (o *object) dict(key string) map[string]string {
	n := o.get(key)
	if n == nil {
		return nil
	}
	inner := o.object(n, o.at(key))
	out := make(map[string]string, len(inner.value))
	for k, v := range inner.value {
		out[k] = o.scalar(v, inner.at(k), false)
	}
	return out
}

// oneOf reads a text that must be one of a few.
func oneOf[T ~string](o *object, key string, fallback T, allowed ...T) T {
	n := o.get(key)
	if n == nil {
		if fallback == "" {
			o.fail(o.node, o.at(key), "is missing; expected one of %s", list(allowed))
		}
		return fallback
	}
	v := T(o.scalar(n, o.at(key), true))
	if v != "" && !slices.Contains(allowed, v) {
		o.fail(n, o.at(key), "%q is not one of %s", string(v), list(allowed))
	}
	return v
}

// someOf reads a list of texts, each one of a few and none twice.
func someOf[T ~string](o *object, key string, allowed ...T) []T {
	var out []T
	for i, n := range o.items(key) {
		path := fmt.Sprintf("%s[%d]", o.at(key), i)
		v := T(o.scalar(n, path, true))
		switch {
		case v == "":
		case !slices.Contains(allowed, v):
			o.fail(n, path, "%q is not one of %s", string(v), list(allowed))
		case slices.Contains(out, v):
			o.fail(n, path, "%q is there twice", string(v))
		default:
			out = append(out, v)
		}
	}
	return out
}

func list[T ~string](values []T) string {
	s := make([]string, len(values))
	for i, v := range values {
		s[i] = string(v)
	}
	return strings.Join(s, ", ")
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "fields"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	case yaml.ScalarNode:
		if n.Tag == "!!null" || n.Value == "" {
			return "nothing"
		}
		return strconv.Quote(n.Value)
	default:
		return "nothing"
	}
}
