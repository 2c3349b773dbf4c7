package manifest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// isNumber holds for what the host, the schema and a connector's code all read
// as a number.
const numberPattern = `^-?[0-9]{1,15}(\.[0-9]{1,9})?$`

var isNumber = regexp.MustCompile(numberPattern).MatchString

// FormProblem is an answer to the form that cannot be.
type FormProblem struct {
	Field   string // its name
	Message string // a sentence for the user
}

// FormProblems are all of them, in the order of the form.
type FormProblems []FormProblem

// Error returns one line per problem.
func (p FormProblems) Error() string {
	lines := make([]string, len(p))
	for i, v := range p {
		lines[i] = v.Message
	}
	return strings.Join(lines, "\n")
}

// Questions returns the fields of the form that concern a way to sign in, all of
// them when the name is empty.
func (m *Manifest) Questions(method string) []Field {
	var out []Field
	for _, f := range m.Form {
		if f.Auth == "" || f.Auth == method || method == "" {
			out = append(out, f)
		}
	}
	return out
}

// Fill returns the answers to the form with spaces around them taken off and
// defaults where there is none, secret ones included. The error is FormProblems
// when something required is missing or does not fit its type. Answers to
// questions that were not asked are left out.
func (m *Manifest) Fill(method string, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	var problems FormProblems
	for _, f := range m.Questions(method) {
		v := strings.TrimSpace(given[f.Name])
		if v == "" {
			v = f.Default
		}
		if v == "" {
			if f.Required {
				problems = append(problems, FormProblem{f.Name, "Fill in " + f.Title + "."})
			}
			continue
		}
		if why := f.refuses(v); why != "" {
			problems = append(problems, FormProblem{f.Name, why})
		}
		out[f.Name] = v
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}

// refuses says why an answer does not fit, without repeating it: it may be secret.
func (f Field) refuses(v string) string {
	switch f.Type {
	case URL:
		if u, err := url.Parse(v); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return f.Title + " must be an address that begins with https://, such as https://example.com."
		}
	case Number:
		if !isNumber(v) {
			return f.Title + " must be a number."
		}
	case Boolean:
		if v != "true" && v != "false" {
			return f.Title + " must be true or false."
		}
	case Choice:
		if !slices.ContainsFunc(f.Choices, func(o Option) bool { return o.Value == v }) {
			return f.Title + " must be one of the choices."
		}
	}
	return ""
}

// FormSchema returns the form as a JSON Schema (2020-12) of an object of texts,
// for those who connect by the REST API or draw the form themselves. Secret
// answers are writeOnly.
func (m *Manifest) FormSchema(method string) json.RawMessage {
	properties, required := map[string]any{}, []string{}
	for _, f := range m.Questions(method) {
		properties[f.Name] = f.schema()
		if f.Required && f.Default == "" && (f.Auth == "" || method != "") {
			required = append(required, f.Name)
		}
	}
	b, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Connect " + m.Title,
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
	}, "", "  ")
	if err != nil {
		panic(err) // texts and lists
	}
	return b
}

func (f Field) schema() map[string]any {
	s := map[string]any{"type": "string", "title": f.Title}
	if f.Help != "" {
		s["description"] = f.Help
	}
	if f.Default != "" {
		s["default"] = f.Default
	}
	if f.Secret {
		s["writeOnly"], s["format"] = true, "password"
	}
	switch f.Type {
	case URL:
		s["format"], s["pattern"] = "uri", "^https://"
	case Number:
		s["pattern"] = numberPattern
	case Boolean:
		s["enum"] = []string{"true", "false"}
	case Choice:
		var one []any
		for _, c := range f.Choices {
			one = append(one, map[string]any{"const": c.Value, "title": c.Title})
		}
		s["oneOf"] = one
	}
	return s
}

// FormMarkdown returns the form as a Markdown table, for a README.
func (m *Manifest) FormMarkdown() string {
	var b strings.Builder
	b.WriteString("| name | question | answer |\n|---|---|---|\n")
	for _, f := range m.Form {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, strings.TrimSpace(f.Title+". "+f.Help), f.answer())
	}
	return b.String()
}

// answer says in words what is expected.
func (f Field) answer() string {
	parts := []string{string(f.Type)}
	if f.Type == Choice {
		var values []string
		for _, c := range f.Choices {
			values = append(values, "`"+c.Value+"`")
		}
		parts[0] = "one of " + strings.Join(values, ", ")
	}
	if f.Secret {
		parts = append(parts, "secret")
	}
	if f.Required {
		parts = append(parts, "required")
	}
	if f.Default != "" {
		parts = append(parts, "`"+f.Default+"` when empty")
	}
	if f.Auth != "" {
		parts = append(parts, "for "+f.Auth)
	}
	return strings.Join(parts, "; ")
}
