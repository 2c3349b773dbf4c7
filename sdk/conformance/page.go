package conformance

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"html/template"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"lines": func(s string) []string { return strings.Split(s, "\n") },
}).Parse(pageText))

// JSON returns the report as a file.
func (r *Report) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "  ")
	return append(b, '\n'), err
}

// Page returns the report as a page of HTML that needs nothing else.
func (r *Report) Page() ([]byte, error) {
	type section struct {
		Area    Area
		Tally   *Tally
		Results []Result
	}
	var sections []section
	for _, a := range areas {
		s := section{Area: a, Tally: r.Areas[a]}
		for _, x := range r.Results {
			if x.Area == a {
				s.Results = append(s.Results, x)
			}
		}
		if len(s.Results) > 0 {
			sections = append(sections, s)
		}
	}
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{"R": r, "Sections": sections})
	return b.Bytes(), err
}
