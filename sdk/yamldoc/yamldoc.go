// Package yamldoc reads YAML files strictly: every key must be known, and every
// mistake is told with its file, its line and what was expected there.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Reader walks a YAML tree and notes every problem instead of stopping at the
// first.
type Reader struct {
	File     string
	problems Problems
	trace    func(Known)
}

// Fail notes a problem at a node.
func (r *Reader) Fail(n *yaml.Node, path, format string, args ...any) {
	r.FailAt(n.Line, path, format, args...)
}

// FailAt notes a problem at a line.
func (r *Reader) FailAt(line int, path, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.File, Line: line, Path: path, Message: fmt.Sprintf(format, args...)})
}

// Failed reports whether there are problems so far.
func (r *Reader) Failed() bool { return len(r.problems) > 0 }

// Err returns Problems in the order of the file, or nil when there are none.
func (r *Reader) Err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
	return r.problems
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// Document parses a file of at most size bytes that holds one YAML document
// without aliases. The error is Problems.
func (r *Reader) Document(data []byte, size int) (*yaml.Node, error) {
	problem := func(line int, format string, args ...any) error {
		return Problems{{File: r.File, Line: line, Message: fmt.Sprintf(format, args...)}}
	}
	if len(data) > size {
		return nil, problem(1, "larger than %d KiB", size>>10)
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, problem(1, "is empty")
		}
		line := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
			line, _ = strconv.Atoi(m[1])
		}
		return nil, problem(line, "not valid YAML: %s", yamlLine.ReplaceAllString(err.Error(), ""))
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, problem(doc.Line, "expected one YAML document, found more")
	}
	if alias := findAlias(&doc); alias != nil {
		return nil, problem(alias.Line, "aliases (*name) are not allowed; write the value out")
	}
	return doc.Content[0], nil
}

func findAlias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n
	}
	for _, c := range n.Content {
		if a := findAlias(c); a != nil {
			return a
		}
	}
	return nil
}

// Describe says what a node is, for "found ...".
func Describe(n *yaml.Node) string {
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
