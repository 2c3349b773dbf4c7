package xmldoc

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Node is an element with all that is in it. Names are local ones: the prefixes
// that documents choose say nothing, and a namespace changes with each version.
type Node struct {
	Name     string
	Space    string // namespace
	Attr     []xml.Attr
	Text     string // own text, trimmed
	Children []*Node
}

// Node reads the rest of the element that start began.
func (x *Reader) Node(start xml.StartElement) (*Node, error) {
	n := &Node{Name: start.Name.Local, Space: start.Name.Space, Attr: start.Attr}
	var text strings.Builder
	for {
		t, err := x.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			child, err := x.Node(t)
			if err != nil {
				return nil, err
			}
			n.Children = append(n.Children, child)
		case xml.CharData:
			if text.Len()+len(t) > x.limits.Text {
				return nil, fmt.Errorf("%w: the text of %s is larger than %d MiB", ErrHostile, n.Name, x.limits.Text>>20)
			}
			text.Write(t)
		case xml.EndElement:
			n.Text = strings.TrimSpace(text.String())
			return n, nil
		}
	}
}

// Child returns the first child on a path of names, "Acct/Id/IBAN", or nil.
// It works on a nil node.
func (n *Node) Child(path string) *Node {
	for name := range strings.SplitSeq(path, "/") {
		if n == nil {
			return nil
		}
		n = n.first(name)
	}
	return n
}

func (n *Node) first(name string) *Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// All returns every child of a name, after an optional path before it:
// "NtryDtls/TxDtls" follows each NtryDtls.
func (n *Node) All(path string) []*Node {
	if n == nil {
		return nil
	}
	name, rest, deeper := strings.Cut(path, "/")
	var out []*Node
	for _, c := range n.Children {
		switch {
		case c.Name != name:
		case deeper:
			out = append(out, c.All(rest)...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// Get returns the text of the first child on a path that is there, or "".
func (n *Node) Get(paths ...string) string {
	for _, p := range paths {
		if c := n.Child(p); c != nil && c.Text != "" {
			return c.Text
		}
	}
	return ""
}

// Attribute returns an attribute by its local name, or "".
func (n *Node) Attribute(name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}
