package rest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"gopkg.in/yaml.v3"
)

// document is the committed OpenAPI document, read as anybody else would: with
// nothing of the program that wrote it.
type document struct {
	root  map[string]any
	paths []contractPath
}

type contractPath struct {
	match *regexp.Regexp
	item  map[string]any
}

var contractOnce = sync.OnceValues(func() (*document, error) {
	raw, err := os.ReadFile(golden)
	if err != nil {
		return nil, err
	}
	d := &document{}
	if err := yaml.Unmarshal(raw, &d.root); err != nil {
		return nil, err
	}
	for path, item := range d.root["paths"].(map[string]any) {
		pattern := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`)
		d.paths = append(d.paths, contractPath{regexp.MustCompile("^" + pattern + "$"), item.(map[string]any)})
	}
	return d, nil
})

func contract(t *testing.T) *document {
	t.Helper()
	d, err := contractOnce()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// check fails the test when an answer is not what the document says.
func (d *document) check(t testing.TB, method, path string, a apitest.Answer) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	i := slices.IndexFunc(d.paths, func(p contractPath) bool { return p.match.MatchString(path) })
	if i < 0 {
		t.Errorf("%s is not in the document", path)
		return
	}
	op, _ := d.paths[i].item[strings.ToLower(method)].(map[string]any)
	responses, _ := op["responses"].(map[string]any)
	answer, ok := responses[strconv.Itoa(a.Status)].(map[string]any)
	if !ok {
		t.Errorf("%s %s answers %d, which the document does not know: %s", method, path, a.Status, a.Body)
		return
	}
	content, ok := answer["content"].(map[string]any)
	if !ok {
		if a.Body != "" {
			t.Errorf("%s %s: %d has a body that the document does not know: %s", method, path, a.Status, a.Body)
		}
		return
	}
	media, ok := content[a.Header.Get("Content-Type")].(map[string]any)
	if !ok {
		t.Errorf("%s %s: %d has the type %q", method, path, a.Status, a.Header.Get("Content-Type"))
		return
	}
	var v any
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Errorf("%s %s: %v", method, path, err)
		return
	}
	for _, wrong := range d.problems(media["schema"], v, "body") {
		t.Errorf("%s %s: %d: %s", method, path, a.Status, wrong)
	}
}

// problems lists where a value does not fit a schema.
func (d *document) problems(schema, v any, at string) (out []string) {
	s, _ := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		var node any = d.root
		for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			node = node.(map[string]any)[part]
		}
		return d.problems(node, v, at)
	}
	bad := func(format string, args ...any) { out = append(out, at+" "+fmt.Sprintf(format, args...)) }
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		bad("is %v, not one of %v", v, enum)
	}
	switch kind, _ := s["type"].(string); kind {
	case "object":
		o, ok := v.(map[string]any)
		if !ok {
			bad("is %T, not an object", v)
			return out
		}
		out = append(out, d.object(s, o, at)...)
	case "array":
		list, ok := v.([]any)
		if !ok {
			bad("is %T, not a list", v)
			return out
		}
		for i, x := range list {
			out = append(out, d.problems(s["items"], x, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case "string":
		text, ok := v.(string)
		if !ok {
			bad("is %T, not a text", v)
			return out
		}
		if wrong := format(s, text); wrong != "" {
			bad("is %q: %s", text, wrong)
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != float64(int64(n)) {
			bad("is %v, not a whole number", v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			bad("is %T, not true or false", v)
		}
	case "":
	default:
		bad("has the type %q, which this test does not know", kind)
	}
	return out
}

func (d *document) object(s, o map[string]any, at string) (out []string) {
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, ok := o[name.(string)]; !ok {
			out = append(out, fmt.Sprintf("%s lacks %s", at, name))
		}
	}
	for name, x := range o {
		p, ok := properties[name]
		switch {
		case ok:
			out = append(out, d.problems(p, x, at+"."+name)...)
		case s["additionalProperties"] == false:
			out = append(out, fmt.Sprintf("%s has %s, which is not in the document", at, name))
		}
	}
	return out
}

func format(s map[string]any, text string) string {
	var err error
	switch s["format"] {
	case "uuid":
		_, err = uuid.Parse(text)
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "date-time":
		_, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return err.Error()
	}
	if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(text) {
		return "does not match " + p
	}
	return ""
}
