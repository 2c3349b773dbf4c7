package recipe

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Template is a text with expressions between {{ and }}.
type Template struct {
	Line  int
	parts []part
}

type part struct {
	text string
	expr *Expr
}

// Empty reports whether there is no text at all.
func (t *Template) Empty() bool { return t == nil || len(t.parts) == 0 }

// Literal returns the text in front of the first expression, and whether that is
// all of it.
func (t *Template) Literal() (string, bool) {
	if t.Empty() {
		return "", true
	}
	if t.parts[0].expr != nil {
		return "", false
	}
	return t.parts[0].text, len(t.parts) == 1
}

// Alone reports whether the template is one expression and nothing else.
func (t *Template) Alone() bool { return t != nil && len(t.parts) == 1 && t.parts[0].expr != nil }

// Exprs returns the expressions.
func (t *Template) Exprs() []*Expr {
	var out []*Expr
	if t != nil {
		for _, p := range t.parts {
			if p.expr != nil {
				out = append(out, p.expr)
			}
		}
	}
	return out
}

// Render fills the template in; escape is applied to what is inserted. It
// returns false when an expression gives null.
func (t *Template) Render(ctx context.Context, s *Scope, in any, escape func(string) string) (string, bool, error) {
	return t.render(ctx, s, in, func(v any) (string, bool) {
		text, ok := TextOf(v)
		if escape != nil {
			text = escape(text)
		}
		return text, ok
	})
}

// RenderPath is Render for a path, where a list is several segments.
func (t *Template) RenderPath(ctx context.Context, s *Scope, in any, escape func(string) string) (string, bool, error) {
	return t.render(ctx, s, in, func(v any) (string, bool) {
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		out := make([]string, len(list))
		for i, v := range list {
			text, ok := TextOf(v)
			if !ok || many && text == "" {
				return "", false
			}
			out[i] = escape(text)
		}
		return strings.Join(out, "/"), len(out) > 0
	})
}

func (t *Template) render(ctx context.Context, s *Scope, in any, write func(any) (string, bool)) (string, bool, error) {
	if t.Empty() {
		return "", true, nil
	}
	if len(t.parts) == 1 && t.parts[0].expr == nil {
		return t.parts[0].text, true, nil
	}
	var b strings.Builder
	for _, p := range t.parts {
		if p.expr == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := p.expr.Eval(ctx, s, in)
		if err != nil {
			return "", false, fmt.Errorf("line %d: %w", t.Line, err)
		}
		if v == nil {
			return "", false, nil
		}
		text, ok := write(v)
		if !ok {
			return "", false, fmt.Errorf("line %d: expected a text, the expression gives %s", t.Line, TypeOf(v))
		}
		b.WriteString(text)
	}
	return b.String(), true, nil
}

// Value is Render for a place that takes any value: a template that is one
// expression keeps its type.
func (t *Template) Value(ctx context.Context, s *Scope, in any) (any, error) {
	if len(t.parts) == 1 && t.parts[0].expr != nil {
		v, err := t.parts[0].expr.Eval(ctx, s, in)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", t.Line, err)
		}
		return v, nil
	}
	text, ok, err := t.Render(ctx, s, in, nil)
	if err != nil || !ok {
		return nil, err
	}
	return text, nil
}

var errUnclosed = errors.New("{{ without }}")

// split cuts a text at its expressions: odd elements are expressions.
func split(text string) ([]string, error) {
	var out []string
	for {
		before, rest, found := strings.Cut(text, "{{")
		out = append(out, before)
		if !found {
			return out, nil
		}
		end := closing(rest)
		if end < 0 {
			return nil, errUnclosed
		}
		out = append(out, rest[:end])
		text = rest[end+2:]
	}
}

// closing finds the }} that ends an expression: not one inside a text or of an
// object in an object.
func closing(s string) int {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == '}' && depth > 0:
			depth--
		case c == '}':
			if i+1 < len(s) && s[i+1] == '}' {
				return i
			}
			return -1
		}
	}
	return -1
}

// Request is a method and a path or URL.
type Request struct {
	Method string
	Path   Template
}

// Missing reports whether there is no request.
func (r *Request) Missing() bool { return r.Method == "" }

// Absolute reports whether the path is a whole URL.
func (r *Request) Absolute() bool {
	text, _ := r.Path.Literal()
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// Body is a JSON body, or a part of one. One of the fields is set.
type Body struct {
	Object []Entry[Body]
	List   []Body
	Text   *Template
	// Constant is a number, a flag or null.
	Constant any
	kind     byte
}

// Build fills the body in. It returns false when the whole is to be left out.
func (b *Body) Build(ctx context.Context, s *Scope, in any) (any, bool, error) {
	switch b.kind {
	case 'o':
		m := make(map[string]any, len(b.Object))
		for i := range b.Object {
			v, ok, err := b.Object[i].Value.Build(ctx, s, in)
			if err != nil {
				return nil, false, err
			}
			if ok {
				m[b.Object[i].Name] = v
			}
		}
		return m, true, nil
	case 'l':
		list := make([]any, 0, len(b.List))
		for i := range b.List {
			v, ok, err := b.List[i].Build(ctx, s, in)
			if err != nil {
				return nil, false, err
			}
			if ok {
				list = append(list, v)
			}
		}
		return list, true, nil
	case 't':
		v, err := b.Text.Value(ctx, s, in)
		return v, v != nil, err
	}
	return b.Constant, true, nil
}
