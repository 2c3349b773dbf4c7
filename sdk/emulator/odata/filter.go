package odata

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Row is a record to filter.
type Row = map[string]any

// Filter is a parsed $filter.
type Filter struct {
	eval   func(Row) (any, error)
	fields map[string]bool
}

// ParseFilter reads a $filter; "" passes everything. Its error says what was
// not understood.
func ParseFilter(text string) (*Filter, error) {
	f := &Filter{fields: map[string]bool{}}
	if strings.TrimSpace(text) == "" {
		return f, nil
	}
	p := &parser{tokens: lex(text), fields: f.fields}
	eval, err := p.or()
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("unexpected %q in the filter", p.peek())
	}
	f.eval = eval
	return f, err
}

// Fields returns the fields that the filter names.
func (f *Filter) Fields() []string {
	var out []string
	for name := range f.fields {
		out = append(out, name)
	}
	return out
}

// Pass reports whether a row passes; an unknown field is an error.
func (f *Filter) Pass(r Row) (bool, error) {
	if f.eval == nil {
		return true, nil
	}
	v, err := f.eval(r)
	ok, _ := v.(bool)
	return ok, err
}

type expr = func(Row) (any, error)

type parser struct {
	tokens []string
	fields map[string]bool
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) or() (expr, error) {
	return p.chain("or", p.and, func(a, b bool) bool { return a || b })
}

func (p *parser) and() (expr, error) {
	return p.chain("and", p.not, func(a, b bool) bool { return a && b })
}

func (p *parser) chain(word string, sub func() (expr, error), join func(a, b bool) bool) (expr, error) {
	left, err := sub()
	for err == nil && p.peek() == word {
		p.next()
		var right expr
		if right, err = sub(); err != nil {
			break
		}
		a := left
		left = func(r Row) (any, error) {
			x, err := a(r)
			if err != nil {
				return nil, err
			}
			y, err := right(r)
			return join(x == true, y == true), err
		}
	}
	return left, err
}

func (p *parser) not() (expr, error) {
	if p.peek() != "not" {
		return p.compare()
	}
	p.next()
	sub, err := p.not()
	return func(r Row) (any, error) {
		v, err := sub(r)
		return v != true, err
	}, err
}

func (p *parser) compare() (expr, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	op := p.peek()
	switch op {
	case "eq", "ne", "gt", "ge", "lt", "le":
	default:
		return left, nil
	}
	p.next()
	right, err := p.operand()
	return func(r Row) (any, error) {
		a, err := left(r)
		if err != nil {
			return nil, err
		}
		b, err := right(r)
		if err != nil {
			return nil, err
		}
		if a == nil || b == nil {
			return op == "eq" && a == b || op == "ne" && a != b, nil
		}
		n, err := Compare(a, b)
		switch op {
		case "eq":
			return n == 0, err
		case "ne":
			return n != 0, err
		case "gt":
			return n > 0, err
		case "ge":
			return n >= 0, err
		case "lt":
			return n < 0, err
		}
		return n <= 0, err
	}, err
}

func (p *parser) operand() (expr, error) {
	t := p.next()
	switch {
	case t == "":
		return nil, fmt.Errorf("the filter ends too soon")
	case t == "(":
		sub, err := p.or()
		if err == nil && p.next() != ")" {
			err = fmt.Errorf("a bracket is not closed")
		}
		return sub, err
	case p.peek() == "(":
		return p.call(t)
	}
	if v, ok := literal(t); ok {
		return func(Row) (any, error) { return v, nil }, nil
	}
	p.fields[t] = true
	return func(r Row) (any, error) {
		v, ok := r[t]
		if !ok {
			return nil, fmt.Errorf("no property %q exists", t)
		}
		return v, nil
	}, nil
}

func (p *parser) call(name string) (expr, error) {
	p.next()
	var args []expr
	for p.peek() != ")" {
		a, err := p.or()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
		if p.peek() == "," {
			p.next()
		}
	}
	p.next()
	fn, n := function(name)
	if fn == nil || len(args) != n {
		return nil, fmt.Errorf("no function %s of %d arguments", name, len(args))
	}
	return func(r Row) (any, error) {
		texts := make([]string, n)
		for i, a := range args {
			v, err := a(r)
			if err != nil {
				return nil, err
			}
			if v != nil {
				texts[i] = fmt.Sprint(v)
			}
		}
		return fn(texts), nil
	}, nil
}

func function(name string) (func([]string) any, int) {
	low := strings.ToLower
	switch name {
	case "trim":
		return func(a []string) any { return strings.TrimSpace(a[0]) }, 1
	case "tolower":
		return func(a []string) any { return low(a[0]) }, 1
	case "toupper":
		return func(a []string) any { return strings.ToUpper(a[0]) }, 1
	case "substringof":
		return func(a []string) any { return strings.Contains(low(a[1]), low(a[0])) }, 2
	case "contains":
		return func(a []string) any { return strings.Contains(low(a[0]), low(a[1])) }, 2
	case "startswith":
		return func(a []string) any { return strings.HasPrefix(low(a[0]), low(a[1])) }, 2
	case "endswith":
		return func(a []string) any { return strings.HasSuffix(low(a[0]), low(a[1])) }, 2
	}
	return nil, 0
}

// Compare orders two values that are not nil; it returns an error for kinds that
// cannot be compared.
func Compare(a, b any) (int, error) {
	if x, ok := a.(time.Time); ok {
		if y, ok := moment(b); ok {
			return x.Compare(y), nil
		}
		return 0, fmt.Errorf("a date is compared with %v", b)
	}
	if x, ok := rational(a); ok {
		if y, ok := rational(b); ok {
			return x.Cmp(y), nil
		}
		return 0, fmt.Errorf("a number is compared with %v", b)
	}
	return strings.Compare(strings.ToLower(fmt.Sprint(a)), strings.ToLower(fmt.Sprint(b))), nil
}

func moment(v any) (time.Time, bool) {
	switch x := v.(type) {
	case time.Time:
		return x, true
	case string:
		return parseTime(x)
	}
	return time.Time{}, false
}

func rational(v any) (*big.Rat, bool) {
	switch x := v.(type) {
	case int:
		return big.NewRat(int64(x), 1), true
	case int64:
		return big.NewRat(x, 1), true
	case json.Number:
		return new(big.Rat).SetString(x.String())
	}
	return nil, false
}
