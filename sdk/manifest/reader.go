package manifest

import (
	"time"

	"github.com/voldaan/voldaan/sdk/yamldoc"
	"gopkg.in/yaml.v3"
)

// Problem is one mistake in a manifest.
type Problem = yamldoc.Problem

// Problems are all mistakes that were found, in the order of the file.
type Problems = yamldoc.Problems

// reader reads the parts of a manifest.
type reader struct {
	y *yamldoc.Reader
	// head leaves the recipe out.
	head bool
	// form is the part that was read, for what comes after it.
	form []Field
	refs []usedRef
}

func (r *reader) fail(n *yaml.Node, path, format string, args ...any) {
	r.y.Fail(n, path, format, args...)
}

// object is a mapping being read.
type object struct {
	*reader
	y     *yamldoc.Object
	node  *yaml.Node
	path  string
	value map[string]*yaml.Node
}

func (r *reader) object(n *yaml.Node, path string) *object {
	y := r.y.Object(n, path)
	return &object{reader: r, y: y, node: n, path: path, value: y.Values()}
}

func (o *object) at(key string) string                  { return o.y.At(key) }
func (o *object) get(key string) *yaml.Node             { return o.y.Get(key) }
func (o *object) done()                                 { o.y.Done() }
func (o *object) text(key string, required bool) string { return o.y.Text(key, required) }
func (o *object) flag(key string) bool                  { return o.y.Flag(key) }
func (o *object) count(key string) int                  { return o.y.Count(key) }
func (o *object) duration(key string) time.Duration     { return o.y.Duration(key) }
func (o *object) items(key string) []*yaml.Node         { return o.y.Items(key) }
func (o *object) texts(key string) []string             { return o.y.Texts(key) }
func (o *object) dict(key string) map[string]string     { return o.y.Dict(key) }

func (o *object) matching(key string, required bool, form func(string) bool, expected string) string {
	return o.y.Matching(key, required, form, expected)
}

func oneOf[T ~string](o *object, key string, fallback T, allowed ...T) T {
	return yamldoc.OneOf(o.y, key, fallback, allowed...)
}

func someOf[T ~string](o *object, key string, allowed ...T) []T {
	return yamldoc.SomeOf(o.y, key, allowed...)
}
