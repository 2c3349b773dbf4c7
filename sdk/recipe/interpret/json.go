package interpret

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds nested lists and objects.
const maxDepth = 200

// decodeJSON reads a document. Numbers stay text, so that no amount becomes a
// float; texts share the memory of the body. It takes a third of the time of
// encoding/json, which is half of what a pull costs.
func decodeJSON(body []byte) (any, error) {
	p := parser{s: strings.TrimPrefix(string(body), "\xef\xbb\xbf")}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w at byte %d", err, p.i)
	}
	if p.space(); p.i < len(p.s) {
		return nil, errors.New("not JSON: something follows the document")
	}
	return v, nil
}

type parser struct {
	s string
	i int
	// fields is how many the last object had; the next is likely alike.
	fields int
}

var (
	errEnds = errors.New("it breaks off")
	errBad  = errors.New("an unexpected sign")
	errDeep = errors.New("nested too deeply")
)

func (p *parser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\n', '\r', '\t':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (any, error) {
	if p.i >= len(p.s) {
		return nil, errEnds
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	switch c := p.s[p.i]; {
	case c == '"':
		return p.text()
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == 't':
		return true, p.word("true")
	case c == 'f':
		return false, p.word("false")
	case c == 'n':
		return nil, p.word("null")
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return nil, errBad
}

func (p *parser) word(w string) error {
	if !strings.HasPrefix(p.s[p.i:], w) {
		return errBad
	}
	p.i += len(w)
	return nil
}

func (p *parser) object(depth int) (any, error) {
	p.i++
	m := make(map[string]any, min(p.fields, 64))
	if p.space(); p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		return m, nil
	}
	for {
		p.space()
		if p.i >= len(p.s) {
			return nil, errEnds
		}
		if p.s[p.i] != '"' {
			return nil, errBad
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ':' {
			return nil, p.bad()
		}
		p.i++
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		m[key] = v
		p.space()
		if p.i >= len(p.s) {
			return nil, errEnds
		}
		switch p.s[p.i] {
		case ',':
			p.i++
		case '}':
			p.i++
			p.fields = len(m)
			return m, nil
		default:
			return nil, errBad
		}
	}
}

func (p *parser) list(depth int) (any, error) {
	p.i++
	out := []any{}
	if p.space(); p.i < len(p.s) && p.s[p.i] == ']' {
		p.i++
		return out, nil
	}
	for {
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		p.space()
		if p.i >= len(p.s) {
			return nil, errEnds
		}
		switch p.s[p.i] {
		case ',':
			p.i++
		case ']':
			p.i++
			return out, nil
		default:
			return nil, errBad
		}
	}
}

func (p *parser) bad() error {
	if p.i >= len(p.s) {
		return errEnds
	}
	return errBad
}

// text reads a text; one with escapes or broken UTF-8 is left to encoding/json.
func (p *parser) text() (string, error) {
	start := p.i
	plain := true
	for p.i++; p.i < len(p.s); p.i++ {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			body := p.s[start+1 : p.i-1]
			if plain || utf8.ValidString(body) && !strings.Contains(body, `\`) {
				return body, nil
			}
			var s string
			if err := json.Unmarshal([]byte(p.s[start:p.i]), &s); err != nil {
				return "", errBad
			}
			return s, nil
		case c == '\\':
			plain = false
			p.i++
		case c < ' ':
			return "", errBad
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return "", errEnds
}

func (p *parser) digits() bool {
	start := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	return p.i > start
}

func (p *parser) number() (any, error) {
	start := p.i
	if p.s[p.i] == '-' {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '0' {
		p.i++
	} else if !p.digits() {
		return nil, p.bad()
	}
	if p.i < len(p.s) && p.s[p.i] == '.' {
		if p.i++; !p.digits() {
			return nil, p.bad()
		}
	}
	if p.i < len(p.s) && (p.s[p.i] == 'e' || p.s[p.i] == 'E') {
		if p.i++; p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		if !p.digits() {
			return nil, p.bad()
		}
	}
	return json.Number(p.s[start:p.i]), nil
}
