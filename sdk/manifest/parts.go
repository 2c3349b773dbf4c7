package manifest

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

func (r *reader) field(n *yaml.Node, path string) Field {
	o := r.object(n, path)
	defer o.done()
	f := Field{
		Name:     o.matching("name", true, isField, "a name of lower-case letters, digits and underscores"),
		Title:    o.text("title", true),
		Help:     o.text("help", false),
		Type:     oneOf(o, "type", Text, Text, URL, Number, Boolean, Choice, File),
		Required: o.flag("required"),
		Secret:   o.flag("secret"),
		Default:  o.text("default", false),
		Auth:     o.text("auth", false),
	}
	for i, c := range o.items("choices") {
		co := r.object(c, fmt.Sprintf("%s.choices[%d]", path, i))
		f.Choices = append(f.Choices, Option{Value: co.text("value", true), Title: co.text("title", true)})
		co.done()
	}
	if (f.Type == Choice) != (len(f.Choices) > 0) {
		r.fail(n, path+".choices", "choices and type: choice go together")
	}
	if f.Secret && f.Default != "" {
		r.fail(n, path+".default", "a secret has no default")
	}
	return f
}
