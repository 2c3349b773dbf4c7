package manifest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/recipe"
	"github.com/voldaan/voldaan/sdk/yamldoc"
)

// SchemaJSON returns the JSON Schema of connector.yaml, for editors. The head is
// what the reader asks for, the recipe comes from its own types, so that the
// schema cannot differ from what is accepted.
func SchemaJSON() []byte {
	block, defs := recipe.Schema()
	root := &shape{}
	for _, doc := range probes() {
		r := &reader{y: &yamldoc.Reader{}}
		r.y.Trace(root.note)
		node, err := r.y.Document([]byte(doc), maxSize)
		if err != nil {
			panic(err) // the probes are ours
		}
		r.manifest(node)
	}
	schema := root.schema()
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "connector.yaml"
	schema["properties"].(map[string]any)["recipe"] = block
	schema["$defs"] = defs
	schema["oneOf"] = []any{map[string]any{"required": []any{"program"}}, map[string]any{"required": []any{"recipe"}}}
	b, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(err) // maps of texts
	}
	return append(b, '\n')
}

// probes are manifests that make the reader ask for every key there is.
func probes() []string {
	const rest = "\nprogram: x\nform: [{choices: [{}]}]\nlimits: [{headers: {}}]\nsources: [{}]\n"
	out := []string{rest}
	const take = "[{hosts: []}]"
	const step = "{take: " + take + ", keep: " + take + "}"
	const common = ", certificate: {}, expired: {}, send: [{in: header}, {in: basic}, {in: body}]"
	for _, t := range []AuthType{OAuth2, ClientCredentials, Token, Basic, Session, Signed, Certificate, None} {
		for _, sign := range []Scheme{HMAC, OAuth1} {
			out = append(out, "auth: [{type: "+string(t)+common+", answer: {}, keep: "+take+", discover: ["+step+"], login: ["+step+"], logout: "+step+", sign: {scheme: "+string(sign)+"}}]"+rest)
		}
	}
	return append(out, "auth: [{type: none, send: {in: header}}]"+rest)
}

// shape is what may stand at a place of the file.
type shape struct {
	known  yamldoc.Known
	asked  int // how often, against required
	must   int
	fields map[string]*shape
	list   bool // a list of objects
	single bool // an object
}

var index = regexp.MustCompile(`\[\d+\]`)

// note adds a key that the reader asked for.
func (s *shape) note(k yamldoc.Known) {
	at := s
	path := strings.Split(index.ReplaceAllString(k.Path, "[]"), ".")
	for i, step := range path {
		name, list := strings.CutSuffix(step, "[]")
		if at.fields == nil {
			at.fields = map[string]*shape{}
		}
		next := at.fields[name]
		if next == nil {
			next = &shape{}
			at.fields[name] = next
		}
		next.list, next.single = next.list || list, next.single || !list && i < len(path)-1
		at = next
		if i == len(path)-1 && k.Kind != "" {
			if at.asked++; k.Required {
				at.must++
			}
			for _, a := range k.Allowed {
				if !slices.Contains(at.known.Allowed, a) {
					at.known.Allowed = append(at.known.Allowed, a)
				}
			}
			at.known.Kind, at.known.Expected = k.Kind, k.Expected
		}
	}
}

func (s *shape) schema() map[string]any {
	if s.fields != nil {
		properties, required := map[string]any{}, []any{}
		most := 0
		for _, f := range s.fields {
			most = max(most, f.asked)
		}
		for name, f := range s.fields {
			properties[name] = f.schema()
			if f.must == most && most > 0 {
				required = append(required, name)
			}
		}
		slices.SortFunc(required, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
		if len(required) > 0 {
			o["required"] = required
		}
		list := map[string]any{"type": "array", "items": o}
		switch {
		case s.list && s.single:
			return map[string]any{"anyOf": []any{o, list}}
		case s.list:
			return list
		}
		return o
	}
	text := map[string]any{"type": []any{"string", "number", "boolean"}}
	if len(s.known.Allowed) > 0 {
		var one []any
		for _, a := range s.known.Allowed {
			one = append(one, a)
		}
		text = map[string]any{"type": "string", "enum": one}
	}
	if s.known.Expected != "" {
		text["description"] = s.known.Expected
	}
	switch s.known.Kind {
	case yamldoc.AFlag:
		return map[string]any{"type": "boolean"}
	case yamldoc.ANumber:
		return map[string]any{"type": "integer", "minimum": 1}
	case yamldoc.AList:
		return map[string]any{"type": "array"}
	case yamldoc.ATextList:
		return map[string]any{"type": "array", "items": text}
	case yamldoc.ADict:
		return map[string]any{"type": "object", "additionalProperties": map[string]any{"type": []any{"string", "number", "boolean"}}}
	case yamldoc.AText:
		return text
	}
	return map[string]any{} // read by hand
}
