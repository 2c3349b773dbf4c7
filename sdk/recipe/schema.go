package recipe

import (
	"maps"
	"reflect"
	"strings"
	"time"
)

// Schema returns the JSON Schema of a recipe block, with the definitions that it
// refers to as #/$defs/name.
func Schema() (block map[string]any, defs map[string]any) {
	s := &schema{defs: map[string]any{
		"expression": map[string]any{"type": []any{"string", "boolean", "number"}, "description": "jq; the dot is what is at hand."},
		"template":   map[string]any{"type": []any{"string", "number", "boolean"}, "description": "Text with jq between {{ and }}."},
		"duration":   map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`},
	}}
	s.defs["errors"] = map[string]any{"type": "array", "items": s.object(reflect.TypeFor[Rule]())}
	return s.object(reflect.TypeFor[Recipe]()), s.defs
}

type schema struct{ defs map[string]any }

func ref(name string) map[string]any { return map[string]any{"$ref": "#/$defs/" + name} }

// object describes a struct, as a definition that is referred to by its name.
func (s *schema) object(t reflect.Type) map[string]any {
	name := typeName(t)
	if _, known := s.defs[name]; !known {
		s.defs[name] = nil // breaks circles
		properties, required := map[string]any{}, []any{}
		s.fields(t, properties, &required)
		o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
		if len(required) > 0 {
			o["required"] = required
		}
		s.defs[name] = o
	}
	return ref(name)
}

func (s *schema) fields(t reflect.Type, properties map[string]any, required *[]any) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, ok := f.Tag.Lookup("key")
		switch {
		case !ok:
			continue
		case key == ",inline":
			s.fields(f.Type, properties, required)
			continue
		}
		p := maps.Clone(s.value(f.Type, f.Tag))
		p["description"] = f.Tag.Get("doc")
		properties[key] = p
		if f.Tag.Get("must") == "yes" {
			*required = append(*required, key)
		}
	}
}

func (s *schema) value(t reflect.Type, tag reflect.StructTag) map[string]any {
	switch t {
	case reflect.TypeFor[*Expr](), reflect.TypeFor[Expr]():
		return ref("expression")
	case reflect.TypeFor[Template](), reflect.TypeFor[*Template]():
		return ref("template")
	case reflect.TypeFor[Request]():
		return map[string]any{"type": "string", "pattern": "^(" + strings.Join(methods, "|") + ") (/|https://|\\{\\{)"}
	case reflect.TypeFor[*Body]():
		return map[string]any{}
	case reflect.TypeFor[Mapping](), reflect.TypeFor[*Mapping]():
		return s.mapping(tag.Get("fields"))
	case reflect.TypeFor[time.Duration]():
		return ref("duration")
	case reflect.TypeFor[*time.Location](), reflect.TypeFor[Definitions]():
		return map[string]any{"type": "string"}
	case reflect.TypeFor[[]Class]():
		one := map[string]any{"type": []any{"string", "integer"}, "pattern": `^[1-5](\d\d|xx)$`}
		return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one}}}
	case reflect.TypeFor[[]Rule]():
		return ref("errors")
	}
	if t.Kind() == reflect.Pointer {
		return s.value(t.Elem(), tag)
	}
	word := map[string]any{"type": "string"}
	if one := strings.Fields(tag.Get("one")); len(one) > 0 {
		word["enum"] = anys(one)
	}
	switch t.Kind() {
	case reflect.String:
		return word
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Slice:
		if inner, named := namedElem(t); named {
			return map[string]any{"type": "object", "additionalProperties": s.value(inner, "")}
		}
		if t.Elem().Kind() == reflect.String {
			return map[string]any{"type": "array", "items": word}
		}
		return map[string]any{"type": "array", "items": s.object(t.Elem())}
	}
	return s.object(t)
}

// mapping describes the fields of a kind of record.
func (s *schema) mapping(kind string) map[string]any {
	name := "mapping-" + kind
	if _, known := s.defs[name]; !known {
		properties := map[string]any{
			"each": map[string]any{"$ref": "#/$defs/expression", "description": "The list of records in an item."},
			"when": map[string]any{"$ref": "#/$defs/expression", "description": "Whether there is a record."},
			"like": map[string]any{"type": "string", "description": "Source whose mapping gives the fields that are not given here."},
		}
		for _, d := range Fields[kind] {
			of := map[string]any{"type": "string"}
			if len(d.Enum) > 0 {
				of["enum"] = append(anys(d.Enum), "")
			}
			table := map[string]any{
				"type": "object", "required": []any{"of", "is"}, "additionalProperties": false,
				"properties": map[string]any{
					"of": ref("expression"), "is": map[string]any{"type": "object", "additionalProperties": of},
					"otherwise": map[string]any{"anyOf": []any{of, map[string]any{"type": "null"}}},
				},
			}
			properties[d.Name] = map[string]any{"description": describeField(d), "anyOf": []any{ref("expression"), table}}
		}
		s.defs[name] = map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	}
	return ref(name)
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}
