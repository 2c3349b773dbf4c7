package recipe

import (
	"fmt"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"
)

// mapping reads the fields of a record: each a jq expression, a table, or one of
// the words that the field knows.
func (l *loader) mapping(n *yaml.Node, path string) Mapping {
	defs := Fields[l.record]
	m := Mapping{Line: n.Line, Kind: l.record, Fields: make([]*FieldValue, len(defs))}
	o := l.Object(n, path)
	if v := o.Get("each"); v != nil {
		m.Each = l.expr(v, o.At("each"))
	}
	if v := o.Get("when"); v != nil {
		m.When = l.expr(v, o.At("when"))
	}
	if v := o.Get("like"); v != nil {
		m.Like = l.Scalar(v, o.At("like"), true)
	}
	for i, d := range defs {
		v := o.Get(d.Name)
		if v == nil {
			if d.Must && m.Like == "" {
				l.Fail(n, o.At(d.Name), "is missing; a record of %s needs it", l.record)
			}
			continue
		}
		m.Fields[i] = l.fieldValue(v, o.At(d.Name), d)
	}
	o.Done()
	return m
}

// inherit fills in the fields of mappings that are like those of another source.
func (l *loader) inherit(path string, r *Recipe) {
	mappings := func(s *Source) []*Mapping { return []*Mapping{s.Party, s.Invoice, s.Payment, s.Gone} }
	for i := range r.Pull {
		e := &r.Pull[i]
		for k, m := range mappings(&e.Value) {
			if m == nil || m.Like == "" {
				continue
			}
			at := path + "." + e.Name + "." + m.Kind + ".like"
			var from *Mapping
			for j := range i {
				if r.Pull[j].Name == m.Like {
					from = mappings(&r.Pull[j].Value)[k]
				}
			}
			if from == nil {
				l.FailAt(m.Line, at, "%q is not a source before this one with %s%s", m.Like, m.Kind, meant(m.Like, r.Pull.Names()))
				continue
			}
			for f := range m.Fields {
				if m.Fields[f] == nil {
					m.Fields[f] = from.Fields[f]
				}
			}
			if m.Each == nil {
				m.Each = from.Each
			}
			if m.When == nil {
				m.When = from.When
			}
		}
	}
}

var (
	isCode     = regexp.MustCompile(`^[A-Z]{2,3}$`).MatchString
	codeFields = []string{"currency", "country"}
)

func (l *loader) fieldValue(n *yaml.Node, path string, d FieldDef) *FieldValue {
	if n.Kind == yaml.MappingNode {
		return l.table(n, path, d)
	}
	f := &FieldValue{Line: n.Line}
	word := n.Value
	switch {
	case n.Kind != yaml.ScalarNode:
	case known(d.Enum, word), slices.Contains(codeFields, d.Name) && isCode(word):
		f.Expr = &Expr{Source: word, Line: n.Line, quick: constant(word)}
		return f
	case d.Kind == FlagField && (word == "true" || word == "false"):
		f.Expr = &Expr{Source: word, Line: n.Line, quick: constant(word == "true")}
		return f
	case d.Kind == EnumField && isEntry(word) && !l.language.defined(word):
		l.Fail(n, path, "%q is not one of %s%s", word, joined(d.Enum), meant(word, d.Enum))
		return f
	}
	f.Expr = l.expr(n, path)
	return f
}

// table reads {of: .state, is: {late: open, paid: paid}, otherwise: draft}.
func (l *loader) table(n *yaml.Node, path string, d FieldDef) *FieldValue {
	f := &FieldValue{Line: n.Line, Table: map[string]string{}}
	o := l.Object(n, path)
	defer o.Done()
	if v := o.Get("of"); v != nil {
		f.Expr = l.expr(v, o.At("of"))
	} else {
		l.Fail(n, o.At("of"), "is missing; a table is of: an expression, is: its values")
	}
	check := func(v *yaml.Node, at, value string) {
		if len(d.Enum) > 0 && value != "" && !known(d.Enum, value) {
			l.Fail(v, at, "%q is not one of %s%s", value, joined(d.Enum), meant(value, d.Enum))
		}
	}
	is := o.Get("is")
	if is == nil || is.Kind != yaml.MappingNode {
		l.Fail(n, o.At("is"), "expected values with what they become, such as {late: open}")
		return f
	}
	inner := l.Object(is, o.At("is"))
	for i := 0; i+1 < len(is.Content); i += 2 {
		k, v := is.Content[i], is.Content[i+1]
		value := l.Scalar(v, inner.At(k.Value), false)
		check(v, inner.At(k.Value), value)
		f.Table[k.Value] = value
	}
	if v := o.Get("otherwise"); v != nil {
		s := ""
		if v.Tag != "!!null" {
			s = l.Scalar(v, o.At("otherwise"), false)
		}
		check(v, o.At("otherwise"), s)
		f.Otherwise = &s
	}
	return f
}

// describeField says what a field takes, for the schema and the table.
func describeField(d FieldDef) string {
	if d.Doc == "" {
		return fmt.Sprintf("jq giving %s.", d.kind())
	}
	return fmt.Sprintf("jq giving %s. %s", d.kind(), d.Doc)
}
