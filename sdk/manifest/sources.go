package manifest

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// Citation is where something that a connector relies on is written.
type Citation struct {
	// Fact is what is relied on, in a few words.
	Fact string
	// URL is where it is written.
	URL string
}

// sources reads where the facts come from, and what is not known for certain.
func (r *reader) sources(o *object, m *Manifest) {
	for i, n := range o.items("sources") {
		m.Sources = append(m.Sources, r.source(n, fmt.Sprintf("sources[%d]", i)))
	}
	m.Unsure = o.texts("unsure")
	for i, s := range m.Unsure {
		if s == "" || len(s) > 300 {
			r.fail(o.value["unsure"].Content[i], fmt.Sprintf("unsure[%d]", i), "expected a sentence of at most 300 characters")
		}
	}
}

func (r *reader) source(n *yaml.Node, path string) Citation {
	o := r.object(n, path)
	defer o.done()
	return Citation{
		Fact: o.matching("fact", true, func(s string) bool { return len(s) <= 160 }, "a few words"),
		URL:  o.matching("url", true, isHTTPS, "an https URL"),
	}
}
