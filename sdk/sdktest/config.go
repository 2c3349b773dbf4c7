package sdktest

import (
	"fmt"
	"net/url"
	"reflect"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// CheckConfig fails the test when the struct that a connector passes to
// Session.Decode does not fit the form in the connector.yaml of a folder: when a
// field names no question, a secret one, or one of another type, and when a
// question is read by no field.
func CheckConfig(t testing.TB, dir string, config any) {
	t.Helper()
	m, err := manifest.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range unfit(m, reflect.TypeOf(config)) {
		t.Error(problem)
	}
}

func unfit(m *manifest.Manifest, config reflect.Type) (problems []string) {
	for config.Kind() == reflect.Pointer {
		config = config.Elem()
	}
	asked := map[string]manifest.Field{}
	for _, f := range m.Form {
		asked[f.Name] = f
	}
	read := map[string]bool{}
	for i := range config.NumField() {
		field := config.Field(i)
		name := field.Tag.Get("form")
		if name == "" {
			continue
		}
		read[name] = true
		at := config.Name() + "." + field.Name
		switch f, ok := asked[name]; {
		case !ok:
			problems = append(problems, fmt.Sprintf("%s: there is no form field %q in %s", at, name, manifest.FileName))
		case f.Secret:
			problems = append(problems, fmt.Sprintf("%s: %q is secret; the host keeps it and adds it to requests", at, name))
		case !fits(f.Type, field.Type):
			problems = append(problems, fmt.Sprintf("%s: %s does not fit %q, which is of type %s", at, field.Type, name, f.Type))
		}
	}
	for _, f := range m.Form {
		if !f.Secret && !read[f.Name] {
			problems = append(problems, fmt.Sprintf("the form asks for %q and no field of %s reads it", f.Name, config.Name()))
		}
	}
	return problems
}

// fits reports whether every answer of a type can be decoded into a field.
func fits(t manifest.FieldType, field reflect.Type) bool {
	switch t {
	case manifest.Number:
		return field.Kind() == reflect.Int || field.Kind() == reflect.Int64 || field.Kind() == reflect.Float64
	case manifest.Boolean:
		return field.Kind() == reflect.Bool
	case manifest.URL:
		return field == reflect.TypeFor[*url.URL]() || field.Kind() == reflect.String
	default:
		return field.Kind() != reflect.Bool && field != reflect.TypeFor[*url.URL]()
	}
}
