package recipe

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/voldaan/voldaan/sdk/yamldoc"
)

// Head is what a recipe must know of the rest of connector.yaml.
type Head struct {
	// Form and Secret are the names of the form's fields.
	Form, Secret []string
	// Hosts and Downloads are the entries of those lists.
	Hosts, Downloads []string
	// Capabilities are those that the connector claims.
	Capabilities []string
}

// Load reads a recipe block and notes what is wrong with the reader.
func Load(r *yamldoc.Reader, n *yaml.Node, path string, head Head) *Recipe {
	l := &loader{Reader: r, head: head, vars: []Var{VarAdministration, VarForm, VarValues, VarNow, VarTitle}}
	recipe := &Recipe{TimeZone: time.UTC}
	if n.Kind != yaml.MappingNode {
		r.Fail(n, path, "expected fields with values, found %s", yamldoc.Describe(n))
		return recipe
	}
	l.prepare(n, path)
	l.structure(n, path, reflect.ValueOf(recipe).Elem())
	if recipe.TimeZone == nil {
		recipe.TimeZone = time.UTC
	}
	l.check(n, path, recipe)
	return recipe
}

type loader struct {
	*yamldoc.Reader
	head     Head
	language grammar
	vars     []Var
	uses     []use
	record   string
}

// use is a field of a variable that an expression mentions.
type use struct {
	fieldUse
	line int
	path string
}

// prepare reads what every expression needs before the first is compiled.
func (l *loader) prepare(n *yaml.Node, path string) {
	zone := time.UTC
	if v := child(n, "time_zone"); v != nil {
		if z, err := zoneOf(v.Value); err == nil {
			zone = z
		}
	}
	l.language.functions = functions(zone)
	if v := child(n, "functions"); v != nil && v.Kind == yaml.ScalarNode {
		first := v.Line
		if v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			first++
		}
		l.language.parseDefs(v.Value, func(line int, problem string) {
			l.FailAt(first+line, path+".functions", "%s", problem)
		})
	}
}

func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// structure reads a mapping into a struct by its tags.
func (l *loader) structure(n *yaml.Node, path string, v reflect.Value) {
	o := l.Object(n, path)
	l.fields(o, v)
	o.Done()
}

func (l *loader) fields(o *yamldoc.Object, v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		key, ok := f.Tag.Lookup("key")
		if !ok {
			continue
		}
		if key == ",inline" {
			l.fields(o, v.Field(i))
			continue
		}
		n := o.Get(key)
		if n == nil {
			if f.Tag.Get("must") == "yes" {
				l.Fail(o.Node, o.At(key), "is missing; expected %s", kindOf(f))
			}
			continue
		}
		l.within(f.Tag, func() { l.value(n, o.At(key), v.Field(i), f.Tag) })
	}
}

// within adds the variables and the record that a tag names while f runs.
func (l *loader) within(tag reflect.StructTag, f func()) {
	vars, record := l.vars, l.record
	if names := tag.Get("vars"); names != "" {
		l.vars = slices.Clone(vars)
		for name := range strings.FieldsSeq(names) {
			for _, v := range Variables {
				if v.Name == name {
					l.vars = append(l.vars, v.Var)
				}
			}
		}
	}
	if kind := tag.Get("fields"); kind != "" {
		l.record = kind
	}
	f()
	l.vars, l.record = vars, record
}

var isEntry = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`).MatchString

// value reads a node into a field of any type of the language.
func (l *loader) value(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) {
	switch p := v.Addr().Interface().(type) {
	case **Expr:
		*p = l.expr(n, path)
		return
	case *Expr:
		if e := l.expr(n, path); e != nil {
			*p = *e
		}
		return
	case *Template:
		*p = l.template(n, path)
		return
	case *Request:
		*p = l.request(n, path)
		return
	case *Body:
		*p = l.body(n, path)
		return
	case *Mapping:
		*p = l.mapping(n, path)
		return
	case *Definitions:
		*p = Definitions(l.Scalar(n, path, true))
		return
	case **time.Location:
		z, err := zoneOf(l.Scalar(n, path, true))
		if err != nil {
			l.Fail(n, path, "%s", err)
		}
		*p = z
		return
	case *time.Duration:
		d, err := time.ParseDuration(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || d <= 0 {
			l.Fail(n, path, "expected a time such as 30s, 5m or 24h, found %s", yamldoc.Describe(n))
		}
		*p = d
		return
	case *[]Class:
		*p = l.classes(n, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		l.value(n, path, v.Elem(), tag)
	case reflect.String:
		v.SetString(l.word(n, path, tag))
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			l.Fail(n, path, "expected true or false, found %s", yamldoc.Describe(n))
		}
		v.SetBool(n.Value == "true")
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || i < 0 || i > 1_000_000 {
			l.Fail(n, path, "expected a number of 0 or more, found %s", yamldoc.Describe(n))
		}
		v.SetInt(int64(i))
	case reflect.Struct:
		l.structure(n, path, v)
		if p, ok := v.Addr().Interface().(*Paging); ok {
			l.paging(n, path, p)
		}
	case reflect.Slice:
		l.slice(n, path, v, tag)
	default:
		panic("no way to read " + v.Type().String())
	}
}

func (l *loader) word(n *yaml.Node, path string, tag reflect.StructTag) string {
	s := l.Scalar(n, path, true)
	if allowed := strings.Fields(tag.Get("one")); len(allowed) > 0 && s != "" && !known(allowed, s) {
		l.Fail(n, path, "%q is not one of %s%s", s, joined(allowed), meant(s, allowed))
	}
	return s
}

func meant(s string, allowed []string) string {
	if near := nearest(s, allowed); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// slice reads a list, or a mapping with names when the elements have them.
func (l *loader) slice(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) {
	elem := v.Type().Elem()
	if elem.Kind() == reflect.Struct && elem.NumField() == 3 && elem.Field(0).Name == "Name" && elem.Field(2).Name == "Value" {
		o := l.Object(n, path)
		header := elem.Field(2).Type == reflect.TypeFor[Template]()
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if !header && !isEntry(k.Value) {
				l.Fail(k, o.At(k.Value), "%q is not a name of small letters, digits and underscores", k.Value)
			}
			e := reflect.New(elem).Elem()
			e.Field(0).SetString(k.Value)
			e.Field(1).SetInt(int64(k.Line))
			l.value(n.Content[i+1], o.At(k.Value), e.Field(2), "")
			v.Set(reflect.Append(v, e))
		}
		return
	}
	if n.Kind != yaml.SequenceNode {
		l.Fail(n, path, "expected a list, found %s", yamldoc.Describe(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(n.Content)))
	for i, c := range n.Content {
		e := reflect.New(elem).Elem()
		l.value(c, fmt.Sprintf("%s[%d]", path, i), e, tag)
		v.Set(reflect.Append(v, e))
	}
}

// expr reads a jq expression.
func (l *loader) expr(n *yaml.Node, path string) *Expr {
	s := l.Scalar(n, path, true)
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return l.compile(s, n, path)
}

func (l *loader) compile(s string, n *yaml.Node, path string) *Expr {
	line := n.Line
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line++
	}
	e, uses, err := l.language.compile(s, line, l.vars)
	if errors.Is(err, errFunctions) {
		return nil // the cause was told
	}
	if err != nil {
		l.Fail(n, path, "%s, in %s", err, strings.TrimSpace(Clip(s, 80)))
		return nil
	}
	for _, u := range uses {
		l.uses = append(l.uses, use{u, line, path})
	}
	return e
}

// template reads a text with expressions between {{ and }}.
func (l *loader) template(n *yaml.Node, path string) Template {
	return l.templateOf(l.Scalar(n, path, false), n, path)
}

func (l *loader) templateOf(s string, n *yaml.Node, path string) Template {
	t := Template{Line: n.Line}
	texts, err := split(s)
	if err != nil {
		l.Fail(n, path, "%s, in %s", err, Clip(s, 80))
		return t
	}
	for i, text := range texts {
		switch {
		case i%2 == 1 && strings.TrimSpace(text) == "":
			l.Fail(n, path, "{{ }} without an expression")
		case i%2 == 1 && isCredential(text):
			t.parts = append(t.parts, part{text: "{{" + text + "}}"})
		case i%2 == 1:
			if e := l.compile(text, n, path); e != nil {
				t.parts = append(t.parts, part{expr: e})
			}
		case text != "":
			t.parts = append(t.parts, part{text: text})
		}
	}
	return t
}

// isCredential holds for a placeholder of the host, such as {{session.id}}: the
// recipe writes it at its place in a body, the host puts the credential there.
var isCredential = regexp.MustCompile(`^(access|(secret|session|app|value)\.[a-z][a-z0-9_]*)(\|[a-z0-9]+)*$`).MatchString

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

func (l *loader) request(n *yaml.Node, path string) Request {
	s := l.Scalar(n, path, true)
	method, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	rest = strings.TrimSpace(rest)
	if !known(methods, method) || !strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "https://") && !strings.HasPrefix(rest, "{{") {
		l.Fail(n, path, "expected a method and a path or URL, such as GET /invoices/{{ .id }}, found %q", Clip(s, 80))
		return Request{}
	}
	return Request{Method: method, Path: l.templateOf(rest, n, path)}
}

func (l *loader) body(n *yaml.Node, path string) Body {
	switch n.Kind {
	case yaml.MappingNode:
		b := Body{kind: 'o'}
		o := l.Object(n, path)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			b.Object = append(b.Object, Entry[Body]{k.Value, k.Line, l.body(n.Content[i+1], o.At(k.Value))})
		}
		return b
	case yaml.SequenceNode:
		b := Body{kind: 'l'}
		for i, c := range n.Content {
			b.List = append(b.List, l.body(c, fmt.Sprintf("%s[%d]", path, i)))
		}
		return b
	}
	switch n.Tag {
	case "!!int":
		if i, err := strconv.Atoi(n.Value); err == nil {
			return Body{Constant: i}
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && f == f && f-f == 0 {
			return Body{Constant: f}
		}
	case "!!bool":
		return Body{Constant: n.Value == "true"}
	case "!!null":
		return Body{}
	}
	t := l.template(n, path)
	return Body{kind: 't', Text: &t}
}

var isClass = regexp.MustCompile(`^[1-5](\d\d|xx)$`).MatchString

func (l *loader) classes(n *yaml.Node, path string) []Class {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	var out []Class
	for _, c := range nodes {
		if c.Kind != yaml.ScalarNode || !isClass(c.Value) {
			l.Fail(c, path, "expected a status such as 404 or 4xx, found %s", yamldoc.Describe(c))
			continue
		}
		out = append(out, Class(c.Value))
	}
	return out
}

// kindOf says what a key takes, for messages, the schema and the table.
func kindOf(f reflect.StructField) string {
	t := f.Type
	if t.Kind() == reflect.Pointer && t != reflect.TypeFor[*Expr]() && t != reflect.TypeFor[*time.Location]() {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[*Expr](), reflect.TypeFor[Expr]():
		return "jq"
	case reflect.TypeFor[Template]():
		return "template"
	case reflect.TypeFor[Request]():
		return "METHOD template"
	case reflect.TypeFor[Body]():
		return "values with templates"
	case reflect.TypeFor[Mapping]():
		return "mapping of " + f.Tag.Get("fields")
	case reflect.TypeFor[Definitions]():
		return "jq definitions"
	case reflect.TypeFor[time.Duration]():
		return "time"
	case reflect.TypeFor[*time.Location]():
		return "time zone"
	case reflect.TypeFor[[]Class]():
		return "statuses"
	}
	if one := f.Tag.Get("one"); one != "" {
		s := "one of " + joined(strings.Fields(one))
		if t.Kind() == reflect.Slice {
			s = "some of " + joined(strings.Fields(one))
		}
		return s
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "number"
	case reflect.Slice:
		if inner, ok := namedElem(t); ok {
			switch inner {
			case reflect.TypeFor[Template]():
				return "names with templates"
			case reflect.TypeFor[Expr]():
				return "names with jq"
			}
			return "names with " + typeName(inner)
		}
		if t.Elem().Kind() == reflect.String {
			return "texts"
		}
		return "list of " + typeName(t.Elem())
	}
	return typeName(t)
}

func namedElem(t reflect.Type) (reflect.Type, bool) {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Struct || t.Elem().NumField() != 3 || t.Elem().Field(2).Name != "Value" {
		return nil, false
	}
	return t.Elem().Field(2).Type, true
}

// typeNames are the names of the language's parts where a Go name would not do.
var typeNames = map[string]string{"Progress": "since", "WriteBack": "write", "LookUp": "look", "SubscribeCall": "subscribe", "RenewCall": "renew", "ReportBack": "report", "Fetch": "fetch", "Call": "request"}

func typeName(t reflect.Type) string {
	if n, ok := typeNames[t.Name()]; ok {
		return n
	}
	return strings.ToLower(t.Name())
}
