package manifest_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

const formManifest = `name: acme
title: Acme
kind: accounting
version: 1.0.0
publisher: acme
summary: Acme's books.
program: acme
reads: [invoices]
auth:
  - {name: key, title: Key, type: token, secret_field: api_key}
  - {name: none, title: None, type: none}
form:
  - {name: api_key, title: API key, secret: true, required: true, auth: key}
  - {name: server, title: Server, type: url, required: true, help: Where you sign in.}
  - {name: days, title: Days, type: number, default: "30"}
  - {name: drafts, title: Drafts, type: boolean}
  - name: region
    title: Region
    type: choice
    default: eu
    choices: [{value: eu, title: Europe}, {value: us, title: America}]
hosts: ["{server}"]
`

// formSchema is as much of JSON Schema as a form uses.
type formSchema struct {
	Required   []string
	Properties map[string]struct {
		Pattern   string
		Enum      []string
		OneOf     []struct{ Const string }
		WriteOnly bool
	}
}

func (s formSchema) validate(given map[string]string) bool {
	for _, name := range s.Required {
		if given[name] == "" {
			return false
		}
	}
	for name, v := range given {
		p, ok := s.Properties[name]
		known := len(p.OneOf) == 0
		for _, o := range p.OneOf {
			known = known || o.Const == v
		}
		if !ok || !known || len(p.Enum) > 0 && !slices.Contains(p.Enum, v) || !regexp.MustCompile(p.Pattern).MatchString(v) {
			return false
		}
	}
	return true
}

func form(t *testing.T) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Parse(manifest.FileName, []byte(formManifest))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFormAndSchemaAgree gives the same answers to the host's check and to the
// JSON Schema.
func TestFormAndSchemaAgree(t *testing.T) {
	t.Parallel()
	m := form(t)
	var schema formSchema
	if err := json.Unmarshal(m.FormSchema("key"), &schema); err != nil {
		t.Fatal(err)
	}
	good := map[string]string{"api_key": "k", "server": "https://acme.example"}
	for _, change := range []struct {
		field, value, problem string
	}{
		{"", "", ""}, {"days", "12.5", ""}, {"drafts", "true", ""}, {"region", "us", ""},
		{"api_key", "", "Fill in API key."}, {"server", "http://acme.example", "Server must be an address that begins with https://"},
		{"server", "", "Fill in Server."}, {"days", "many", "Days must be a number."}, {"days", "1e9", "Days must be a number."},
		{"drafts", "on", "Drafts must be true or false."}, {"region", "mars", "Region must be one of the choices."},
	} {
		given := maps.Clone(good)
		if given[change.field] = change.value; change.value == "" {
			delete(given, change.field)
		}
		_, err := m.Fill("key", given)
		if bySchema := schema.validate(given); (err == nil) != bySchema {
			t.Errorf("%+v: %v, but the schema says %v", change, err, bySchema)
		}
		if change.problem == "" {
			if err != nil {
				t.Errorf("%+v: %v", change, err)
			}
		} else if p, ok := errors.AsType[manifest.FormProblems](err); !ok || p[0].Field != change.field || !strings.Contains(p[0].Message, change.problem) {
			t.Errorf("%+v: %v", change, err)
		}
	}
	if !schema.Properties["api_key"].WriteOnly || schema.Properties["server"].WriteOnly {
		t.Errorf("%+v", schema)
	}
}

func TestFillTakesDefaultsAndOnlyWhatIsAsked(t *testing.T) {
	t.Parallel()
	got, err := form(t).Fill("none", map[string]string{"server": " https://acme.example ", "api_key": "k", "other": "x"})
	if want := map[string]string{"server": "https://acme.example", "days": "30", "region": "eu"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestFormMarkdown(t *testing.T) {
	t.Parallel()
	got := form(t).FormMarkdown()
	for _, want := range []string{
		"| `api_key` | API key. | text; secret; required; for key |", "| `server` | Server. Where you sign in. | url; required |",
		"| `region` | Region. | one of `eu`, `us`; `eu` when empty |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

// TestShippedForms holds the forms of the connectors that are shipped to what
// their own defaults say.
func TestShippedForms(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../plugins/*/connector.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no connectors: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := manifest.Parse(file, data)
		if err != nil {
			continue // its own tests tell
		}
		for _, f := range m.Form {
			given := map[string]string{f.Name: f.Default}
			_, err := m.Fill("", given)
			if p, ok := errors.AsType[manifest.FormProblems](err); ok {
				for _, one := range p {
					if one.Field == f.Name && f.Default != "" {
						t.Errorf("%s: the default of %s: %s", file, f.Name, one.Message)
					}
				}
			}
		}
	}
}
