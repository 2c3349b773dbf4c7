package rest

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/voldaan/voldaan/api/web/assets"
)

//go:embed docs.html
var docsPage string

// docs is the documentation, written once from the document: a page without a
// script, so that the hub's policy holds for it too.
type docs struct{ page []byte }

// ServeHTTP sends the page.
func (d docs) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(d.page)
}

type docOperation struct {
	ID, Method, Path, Summary, Description, Scope string
	Fields                                        []docField // parameters
	Body                                          string     // name of the schema of the request
	BodyFields                                    []docField
	BodyType                                      string
	Answers                                       []docAnswer
}

type docField struct {
	Name, In, Type, Link, Doc string
	Required                  bool
}

type docAnswer struct{ Status, Words, Type, Link string }

type docSchema struct {
	Name   string
	Doc    string
	Fields []docField
}

type docTag struct {
	Name       string
	Operations []docOperation
}

func newDocs(o *huma.OpenAPI) (docs, error) {
	t, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return docs{}, err
	}
	b := &docsBuilder{doc: o}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{
		"Title": o.Info.Title, "Version": o.Info.Version, "About": strings.Split(o.Info.Description, "\n\n"), "Style": assets.Path("app.css"), "Icon": assets.Path("favicon.svg"),
		"Tags": b.tags(), "Schemas": b.schemas(), "Base": Prefix,
	})
	return docs{out.Bytes()}, err
}

type docsBuilder struct{ doc *huma.OpenAPI }

func (b *docsBuilder) tags() (out []docTag) {
	paths := make([]string, 0, len(b.doc.Paths))
	for p := range b.doc.Paths {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, path := range paths {
		item := b.doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			i := slices.IndexFunc(out, func(t docTag) bool { return t.Name == op.Tags[0] })
			if i < 0 {
				i = len(out)
				out = append(out, docTag{Name: op.Tags[0]})
			}
			out[i].Operations = append(out[i].Operations, b.operation(op))
		}
	}
	slices.SortFunc(out, func(a, c docTag) int { return strings.Compare(a.Name, c.Name) })
	return out
}

func (b *docsBuilder) operation(op *huma.Operation) docOperation {
	d := docOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description}
	for _, s := range op.Security {
		if scopes, ok := s[bearer]; ok {
			d.Scope = strings.Join(scopes, " ")
		}
	}
	for _, p := range op.Parameters {
		name, link := b.typeOf(p.Schema)
		d.Fields = append(d.Fields, docField{Name: p.Name, In: p.In, Type: name, Link: link, Doc: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		for media, m := range op.RequestBody.Content {
			d.BodyType = media
			if m.Schema == nil {
				continue
			}
			d.Body, _ = b.typeOf(m.Schema)
			d.BodyFields = b.fields(b.resolve(m.Schema))
		}
	}
	statuses := make([]string, 0, len(op.Responses))
	for s := range op.Responses {
		statuses = append(statuses, s)
	}
	slices.Sort(statuses)
	for _, s := range statuses {
		a := docAnswer{Status: s, Words: op.Responses[s].Description}
		for _, m := range op.Responses[s].Content {
			a.Type, a.Link = b.typeOf(m.Schema)
		}
		d.Answers = append(d.Answers, a)
	}
	return d
}

func (b *docsBuilder) resolve(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return b.doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// typeOf is a schema's type in words, and the name of the schema to look up.
func (b *docsBuilder) typeOf(s *huma.Schema) (words, link string) {
	switch {
	case s == nil:
		return "any", ""
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return name, name
	case s.Type == huma.TypeArray:
		words, link = b.typeOf(s.Items)
		return "list of " + words, link
	case len(s.Enum) > 0:
		var parts []string
		for _, e := range s.Enum {
			if text, ok := e.(string); ok {
				parts = append(parts, `"`+text+`"`)
			}
		}
		return strings.Join(parts, " | "), ""
	case s.Format != "":
		return s.Format, ""
	}
	return s.Type, ""
}

func (b *docsBuilder) fields(s *huma.Schema) (out []docField) {
	if s == nil {
		return nil
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p := s.Properties[name]
		words, link := b.typeOf(p)
		out = append(out, docField{Name: name, Type: words, Link: link, Doc: p.Description, Required: slices.Contains(s.Required, name)})
	}
	return out
}

func (b *docsBuilder) schemas() (out []docSchema) {
	all := b.doc.Components.Schemas.Map()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out = append(out, docSchema{Name: name, Doc: all[name].Description, Fields: b.fields(all[name])})
	}
	return out
}
