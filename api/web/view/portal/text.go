package portal

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed texts/*.yaml
var textFiles embed.FS

// wording is one text in its two forms of address.
type wording struct{ formal, informal string }

// UnmarshalYAML reads a plain text, or a formal and an informal one.
func (w *wording) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		w.formal, w.informal = n.Value, n.Value
		return nil
	}
	var forms struct{ Formal, Informal string }
	if err := n.Decode(&forms); err != nil {
		return err
	}
	w.formal, w.informal = forms.Formal, forms.Informal
	return nil
}

var texts = func() map[string]map[string]wording {
	entries, err := textFiles.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	all := map[string]map[string]wording{}
	for _, e := range entries {
		raw, err := textFiles.ReadFile("texts/" + e.Name())
		if err != nil {
			panic(err)
		}
		words := map[string]wording{}
		if err := yaml.Unmarshal(raw, &words); err != nil {
			panic(fmt.Errorf("read texts/%s: %w", e.Name(), err))
		}
		all[strings.TrimSuffix(e.Name(), ".yaml")] = words
	}
	return all
}()

// Languages are the languages that the debtor's pages speak.
func Languages() []string { return slices.Sorted(maps.Keys(texts)) }

// say returns a text in a language, English when the language is not there. An
// unknown key is a mistake in the program and shows as itself.
func say(lang string, formal bool, key string, args ...any) string {
	words, ok := texts[lang]
	if !ok {
		words = texts["en"]
	}
	w, ok := words[key]
	if !ok {
		return key
	}
	text := w.informal
	if formal {
		text = w.formal
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}
