package manifest

import (
	"github.com/voldaan/voldaan/sdk/recipe"
)

// recipe reads the recipe block, which stands in place of a program.
func (r *reader) recipe(o *object, m *Manifest) {
	n := o.get("recipe")
	switch {
	case n == nil && m.Program == "":
		r.fail(o.node, "recipe", "is missing; expected either recipe, or program with the name of a file beside connector.yaml")
		return
	case n == nil:
		return
	case m.Program != "":
		r.fail(n, "recipe", "recipe and program exclude each other")
	}
	if r.head {
		return
	}
	head := recipe.Head{Hosts: m.Hosts, Downloads: m.Downloads}
	for _, f := range m.Form {
		if f.Secret {
			head.Secret = append(head.Secret, f.Name)
		} else {
			head.Form = append(head.Form, f.Name)
		}
	}
	for _, a := range m.Auth {
		head.Form = append(head.Form, a.Kept()...)
	}
	for _, c := range m.Capabilities {
		head.Capabilities = append(head.Capabilities, string(c))
	}
	m.Recipe = recipe.Load(r.y, n, "recipe", head)
}
