package emulator

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// node is an XML element, read by local names and written without namespaces
// but those among its attributes.
type node struct {
	name  string
	attrs [][2]string
	text  string
	kids  []*node
}

// parse reads one document.
func parse(raw string) (*node, error) {
	dec := xml.NewDecoder(strings.NewReader(raw))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var stack []*node
	root := &node{}
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					n.attrs = append(n.attrs, [2]string{a.Name.Local, a.Value})
				}
			}
			parent := root
			if len(stack) > 0 {
				parent = stack[len(stack)-1]
			}
			parent.kids = append(parent.kids, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			}
		}
	}
	if len(root.kids) != 1 {
		return nil, errors.New("there is no document")
	}
	return root.kids[0], nil
}

// el makes an element; the pairs are attributes.
func el(name, text string, attrs ...string) *node {
	n := &node{name: name, text: text}
	for i := 0; i+1 < len(attrs); i += 2 {
		n.attrs = append(n.attrs, [2]string{attrs[i], attrs[i+1]})
	}
	return n
}

func (n *node) add(kids ...*node) *node {
	n.kids = append(n.kids, kids...)
	return n
}

// set puts attributes, in place of those of the same name.
func (n *node) set(attrs ...string) *node {
next:
	for i := 0; i+1 < len(attrs); i += 2 {
		for j := range n.attrs {
			if n.attrs[j][0] == attrs[i] {
				n.attrs[j][1] = attrs[i+1]
				continue next
			}
		}
		n.attrs = append(n.attrs, [2]string{attrs[i], attrs[i+1]})
	}
	return n
}

// fail marks an element with an error, as Twinfield does.
func (n *node) fail(msg string) *node { return n.set("msgtype", "error", "msg", msg, "result", "0") }

// mark puts an error on an element below, which is added when it is missing.
func (n *node) mark(name, msg string) {
	if !n.has(name) {
		n.add(el(name, ""))
	}
	n.at(name).fail(msg)
}

func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a[0] == name {
			return a[1]
		}
	}
	return ""
}

// at follows a path of names; it returns an empty element for none.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		found := &node{}
		for _, k := range n.kids {
			if strings.EqualFold(k.name, name) {
				found = k
				break
			}
		}
		n = found
	}
	return n
}

// has reports whether there is an element of a name.
func (n *node) has(name string) bool { return n.at(name).name != "" }

// get is the text at a path.
func (n *node) get(path ...string) string { return strings.TrimSpace(n.at(path...).text) }

// all are the elements of a name.
func (n *node) all(name string) (out []*node) {
	for _, k := range n.kids {
		if strings.EqualFold(k.name, name) {
			out = append(out, k)
		}
	}
	return out
}

// String writes the element.
func (n *node) String() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	b.WriteString("<" + n.name)
	for _, a := range n.attrs {
		b.WriteString(" " + a[0] + `="`)
		_ = xml.EscapeText(b, []byte(a[1]))
		b.WriteString(`"`)
	}
	text := n.text
	if len(n.kids) > 0 {
		text = strings.TrimSpace(text)
	}
	if len(n.kids) == 0 && text == "" {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	_ = xml.EscapeText(b, []byte(text))
	for _, k := range n.kids {
		k.write(b)
	}
	b.WriteString("</" + n.name + ">")
}
