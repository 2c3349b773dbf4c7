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

func (r *reader) auth(n *yaml.Node, path string) Auth {
	o := r.object(n, path)
	defer o.done()
	a := Auth{
		Type:  oneOf(o, "type", "", OAuth2, Token, Basic, None),
		Name:  o.matching("name", true, isName, "a name of lower-case letters, digits and dashes"),
		Title: o.text("title", true),
		Help:  o.text("help", false),
	}
	switch a.Type {
	case OAuth2:
		a.AuthorizeURL = o.matching("authorize_url", true, isHTTPS, "an https URL")
		a.TokenURL = o.matching("token_url", true, isHTTPS, "an https URL")
		a.RevokeURL = o.matching("revoke_url", false, isHTTPS, "an https URL")
		a.Scopes = o.texts("scopes")
		a.ClientInHeader = oneOf(o, "client_in", "body", "body", "header") == "header"
		a.PKCE = o.flag("pkce")
		a.Params = o.dict("params")
		a.Lifetime = o.duration("lifetime")
		a.RefreshNotBefore = o.duration("refresh_not_before")
		a.Rotating = o.flag("rotating")
		a.Send = r.send(o)
	case Token:
		a.SecretField = o.text("secret_field", true)
		a.Send = r.send(o)
	case Basic:
		a.UserField = o.text("user_field", true)
		a.SecretField = o.text("secret_field", true)
	}
	return a
}

// send reads how the credential travels.
func (r *reader) send(o *object) Send {
	n := o.get("send")
	if n == nil {
		return Send{In: InHeader, Name: "Authorization", Prefix: "Bearer "}
	}
	so := r.object(n, o.at("send"))
	defer so.done()
	return Send{
		In:     oneOf(so, "in", InHeader, InHeader, InQuery),
		Name:   so.matching("name", true, isHeader, "a name of letters, digits and dashes"),
		Prefix: so.text("prefix", false),
	}
}

func (r *reader) limit(n *yaml.Node, path string) Limit {
	o := r.object(n, path)
	defer o.done()
	l := Limit{
		Scope:      oneOf(o, "scope", PerConnection, PerConnection, PerApp),
		Requests:   o.count("requests"),
		Per:        o.duration("per"),
		Concurrent: o.count("concurrent"),
		Paths:      o.texts("paths"),
	}
	if (l.Requests > 0) != (l.Per > 0) || (l.Requests > 0) == (l.Concurrent > 0) {
		r.fail(n, path, "expected either requests with per, or concurrent")
	}
	return l
}
