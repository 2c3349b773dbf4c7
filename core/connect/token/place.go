package token

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// place puts a secret where the manifest says, if the connector wrote the
// placeholder there and nothing else. The same text anywhere else stays as it
// is: a connector that could put a secret into a note could read it back from
// there. All other bytes stay as they were.
func place(body []byte, s manifest.Send, secret string) ([]byte, error) {
	if !bytes.Contains(body, []byte("{{")) && !bytes.Contains(body, []byte("%7B%7B")) && !bytes.Contains(body, []byte("%7b%7b")) {
		return body, nil
	}
	var spans []span
	var err error
	switch s.Format {
	case manifest.JSON:
		spans, err = findJSON(body, strings.Split(s.At, "."), s.Value)
	case manifest.XML:
		spans, err = findXML(body, strings.Split(strings.Trim(s.At, "/"), "/"), s.Value)
	default:
		spans = findForm(body, s.At, s.Value)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the body is not %s, where connector.yaml has a credential at %s", sdk.ErrInvalid, s.Format, s.At)
	}
	var out []byte
	end := 0
	for _, sp := range spans {
		out = append(out, body[end:sp.from]...)
		switch s.Format {
		case manifest.JSON:
			quoted, err := json.Marshal(secret)
			if err != nil {
				return nil, fmt.Errorf("%w: a credential cannot be written as JSON", sdk.ErrInvalid)
			}
			out = append(out, quoted...)
		case manifest.XML:
			out = append(out, escapeXML(secret)...)
		default:
			out = append(out, url.QueryEscape(secret)...)
		}
		end = sp.to
	}
	return append(out, body[end:]...), nil
}

// span is a part of a body.
type span struct{ from, to int }

// level is how deep a reader is in a document: the key or index that it is at.
type level struct {
	key   string
	index int // -1 in an object
}

// findJSON returns the spans of strings, with their quotes, that stand at the
// path and are equal to want.
func findJSON(body []byte, path []string, want string) ([]span, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var stack []level
	var out []span
	expectKey := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(stack) > 0 {
				return nil, io.ErrUnexpectedEOF
			}
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if delim, ok := t.(json.Delim); ok && (delim == ']' || delim == '}') {
			stack = stack[:len(stack)-1]
			expectKey = len(stack) > 0 && stack[len(stack)-1].index < 0
			continue
		}
		if expectKey {
			stack[len(stack)-1].key = t.(string)
			expectKey = false
			continue
		}
		if n := len(stack) - 1; n >= 0 && stack[n].index >= 0 {
			stack[n].key = strconv.Itoa(stack[n].index)
			stack[n].index++
		}
		switch v := t.(type) {
		case json.Delim:
			l := level{index: -1}
			if v == '[' {
				l.index = 0
			}
			stack = append(stack, l)
			expectKey = v == '{'
			continue
		case string:
			if v == want && at(stack, path) {
				to := int(d.InputOffset())
				from, ok := opening(body[:to], v)
				if !ok {
					return nil, errors.New("an odd way to write the placeholder")
				}
				out = append(out, span{from, to})
			}
		}
		expectKey = len(stack) > 0 && stack[len(stack)-1].index < 0
	}
}

// opening returns where the string literal begins that ends with text; it must
// be written without escapes.
func opening(text []byte, v string) (int, bool) {
	from := len(text) - len(v) - 2
	return from, from >= 0 && string(text[from:]) == `"`+v+`"`
}

func at(stack []level, path []string) bool {
	if len(stack) != len(path) {
		return false
	}
	for i, l := range stack {
		if path[i] != "*" && path[i] != l.key {
			return false
		}
	}
	return true
}

// element is an open element on the way of findXML.
type element struct {
	matches bool
	counts  map[string]int // of its children by name
	from    int            // of its content
	plain   bool           // nothing but text so far
}

// findXML returns the spans of the content of elements on the path whose whole
// content is want.
func findXML(body []byte, path []string, want string) ([]span, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	stack := []element{{matches: true, counts: map[string]int{}}}
	var out []span
	for {
		before := int(d.InputOffset())
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(stack) != 1 {
				return nil, io.ErrUnexpectedEOF
			}
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		top := &stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			top.plain = false
			top.counts[t.Name.Local]++
			depth := len(stack) - 1
			ok := top.matches && depth < len(path) && fits(path[depth], t.Name.Local, top.counts[t.Name.Local])
			stack = append(stack, element{matches: ok, counts: map[string]int{}, from: int(d.InputOffset()), plain: true})
		case xml.EndElement:
			if len(stack) == 1 {
				return nil, errors.New("an end without a start")
			}
			if top.matches && top.plain && len(stack)-1 == len(path) && string(body[top.from:before]) == want {
				out = append(out, span{top.from, before})
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
		case xml.Directive:
			return nil, errors.New("a document type") // entities could say anything
		default:
			top.plain = false
		}
	}
}

// fits reports whether an element, the nth of its name, is meant by a step such
// as name, name[2] or *.
func fits(step, name string, n int) bool {
	step, index, ok := strings.Cut(step, "[")
	if step != "*" && step != name {
		return false
	}
	return !ok || strings.TrimSuffix(index, "]") == strconv.Itoa(n)
}

// findForm returns the spans of the values of a field that are equal to want.
func findForm(body []byte, field, want string) []span {
	var out []span
	for from := 0; from <= len(body); {
		to := len(body)
		if i := bytes.IndexByte(body[from:], '&'); i >= 0 {
			to = from + i
		}
		if eq := bytes.IndexByte(body[from:to], '='); eq >= 0 {
			k, errK := url.QueryUnescape(string(body[from : from+eq]))
			v, errV := url.QueryUnescape(string(body[from+eq+1 : to]))
			if errK == nil && errV == nil && k == field && v == want {
				out = append(out, span{from + eq + 1, to})
			}
		}
		from = to + 1
	}
	return out
}
