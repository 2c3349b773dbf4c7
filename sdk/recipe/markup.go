package recipe

import (
	"bytes"
	"fmt"
	"io"

	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// XML reads a document as a value: an element is an object of its children by
// local name, children of the same name are a list, attributes are "@name", own
// text beside either is "#text". An element with text alone is that text, an
// empty one null.
func XML(data []byte) (any, error) {
	x := xmldoc.NewReader(bytes.NewReader(data), xmldoc.Limits{Elements: 1_000_000})
	start, err := x.Root()
	if err != nil {
		return nil, fmt.Errorf("not XML: %w", err)
	}
	n, err := x.Node(start)
	if err != nil {
		return nil, fmt.Errorf("not XML: %w", err)
	}
	if err := x.End(); err != nil && err != io.EOF {
		return nil, fmt.Errorf("not XML: %w", err)
	}
	return map[string]any{n.Name: element(n)}, nil
}

func element(n *xmldoc.Node) any {
	m := make(map[string]any, len(n.Children)+len(n.Attr))
	for _, a := range n.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
		case a.Name.Local == "nil" && (a.Value == "true" || a.Value == "1"):
			return nil
		default:
			m["@"+a.Name.Local] = a.Value
		}
	}
	if len(n.Children) == 0 && len(m) == 0 {
		if n.Text == "" {
			return nil
		}
		return n.Text
	}
	for _, c := range n.Children {
		v := element(c)
		switch have := m[c.Name].(type) {
		case nil:
			if _, twice := m[c.Name]; twice {
				m[c.Name] = []any{nil, v}
			} else {
				m[c.Name] = v
			}
		case []any:
			m[c.Name] = append(have, v)
		default:
			m[c.Name] = []any{have, v}
		}
	}
	if n.Text != "" {
		m["#text"] = n.Text
	}
	return m
}

func fromXML(in any, _ []any) any {
	s, ok := in.(string)
	if !ok {
		return fmt.Errorf("from_xml needs a text, found %s", TypeOf(in))
	}
	v, err := XML([]byte(s))
	if err != nil {
		return err
	}
	return v
}
