package contract

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Document is an OpenAPI document.
type Document struct {
	root  map[string]any
	paths []pathRule
}

type pathRule struct {
	template string
	match    *regexp.Regexp
	open     int // number of parameters: the fewest win
}

// Open reads an OpenAPI document in YAML or JSON.
func Open(file string) (*Document, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	var v any
	if err := yaml.Unmarshal(raw, &v); err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	root, ok := plain(v).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("read contract: %s is not an OpenAPI document", file)
	}
	d := &Document{root: root}
	for template := range object(root["paths"]) {
		d.paths = append(d.paths, rule(template))
	}
	sort.Slice(d.paths, func(i, j int) bool { return d.paths[i].open < d.paths[j].open })
	return d, nil
}

var param = regexp.MustCompile(`\\\{[^}]*\\\}`)

func rule(template string) pathRule {
	quoted := regexp.QuoteMeta(template)
	open := len(param.FindAllString(quoted, -1))
	quoted = strings.ReplaceAll(quoted, `\{format\}`, `(?:\.json|\.xml)?`)
	return pathRule{template: template, open: open, match: regexp.MustCompile("^" + param.ReplaceAllString(quoted, `[^/]+?`) + "$")}
}

// Check returns what is wrong with an answer; path is the path below the
// server of the document. A nil slice is a clean exchange.
func (d *Document) Check(method, path string, status int, contentType string, body []byte) []string {
	schema, err := d.response(method, path, status, contentType)
	if err != nil {
		return []string{err.Error()}
	}
	if schema == nil || !strings.Contains(contentType, "json") {
		return nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return []string{fmt.Sprintf("%s %s: the body is not JSON: %v", method, path, err)}
	}
	c := checker{doc: d}
	c.check(schema, v, "$")
	for i, p := range c.problems {
		c.problems[i] = fmt.Sprintf("%s %s %d: %s", method, path, status, p)
	}
	return c.problems
}

// Absent returns the documented fields that an answer (or the first element of
// a list) leaves out. They may be optional; a faithful emulator has them all.
func (d *Document) Absent(method, path string, status int, contentType string, body []byte) ([]string, error) {
	schema, err := d.response(method, path, status, contentType)
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
		schema = d.resolve(object(schema)["items"])
	}
	props := map[string]any{}
	d.properties(schema, props)
	have := object(v)
	var absent []string
	for name := range props {
		if _, ok := have[name]; !ok {
			absent = append(absent, name)
		}
	}
	sort.Strings(absent)
	return absent, nil
}

// Examples returns the document's own examples of an answer, as JSON.
func (d *Document) Examples(method, template string, status int) [][]byte {
	op := object(object(object(d.root["paths"])[template])[strings.ToLower(method)])
	answer := object(d.resolve(object(op["responses"])[strconv.Itoa(status)]))
	var out [][]byte
	for _, media := range object(answer["content"]) {
		for _, ex := range object(object(media)["examples"]) {
			if b, err := json.Marshal(object(d.resolve(ex))["value"]); err == nil {
				out = append(out, b)
			}
		}
	}
	return out
}

// Template returns the documented path that a path belongs to, or "".
func (d *Document) Template(path string) string {
	for _, r := range d.paths {
		if r.match.MatchString(path) {
			return r.template
		}
	}
	return ""
}

func (d *Document) response(method, path string, status int, contentType string) (any, error) {
	var op map[string]any
	for _, r := range d.paths {
		if !r.match.MatchString(path) {
			continue
		}
		if op = object(object(object(d.root["paths"])[r.template])[strings.ToLower(method)]); op != nil {
			break
		}
	}
	if op == nil {
		return nil, fmt.Errorf("%s %s is not in the contract", method, path)
	}
	answers := object(op["responses"])
	answer, ok := answers[strconv.Itoa(status)]
	if !ok {
		if answer, ok = answers["default"]; !ok {
			return nil, fmt.Errorf("%s %s may not answer %d", method, path, status)
		}
	}
	content := object(object(d.resolve(answer))["content"])
	if len(content) == 0 {
		return nil, nil
	}
	kind, _, _ := strings.Cut(contentType, ";")
	media, ok := content[strings.TrimSpace(kind)]
	if !ok {
		media, ok = content["*/*"]
	}
	if !ok {
		return nil, fmt.Errorf("%s %s %d may not answer %q", method, path, status, contentType)
	}
	return object(media)["schema"], nil
}

// resolve follows $ref; siblings of a $ref are kept beside it.
func (d *Document) resolve(v any) any {
	for range 10 {
		m := object(v)
		ref, ok := m["$ref"].(string)
		if !ok {
			return v
		}
		var at any = d.root
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = object(at)[strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")]
		}
		v = at
	}
	return v
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// plain turns the maps of a YAML document into maps with text keys.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	case map[any]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[fmt.Sprint(k)] = plain(e)
		}
		return m
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}
