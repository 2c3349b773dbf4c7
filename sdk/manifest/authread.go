package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// secretField reports whether the form asks for a secret by a name.
func (r *reader) secretField(name string) bool {
	return slices.ContainsFunc(r.form, func(f Field) bool { return f.Name == name && f.Secret })
}

func (r *reader) auth(n *yaml.Node, path string) Auth {
	o := r.object(n, path)
	defer o.done()
	a := Auth{
		Type:      oneOf(o, "type", "", OAuth2, ClientCredentials, Token, Basic, Session, Signed, Certificate, None),
		Name:      o.matching("name", true, isName, "a name of lower-case letters, digits and dashes"),
		Title:     o.text("title", true),
		Help:      o.text("help", false),
		AppValues: o.texts("app_values"),
		Values:    o.templates("values"),

		WebhookSecret: o.text("webhook_secret", false),
	}
	if w := a.WebhookSecret; w != "" && w != "client_secret" && !slices.Contains(a.AppValues, w) && !r.secretField(w) {
		r.fail(n, path+".webhook_secret", "expected client_secret, a name of app_values or a secret field of the form, found %q", w)
	}
	switch a.Type {
	case OAuth2:
		a.AuthorizeURL = o.urlTemplate("authorize_url", true)
		a.Params = o.templates("params")
		a.PKCE = o.flag("pkce")
		a.RevokeURL = o.urlTemplate("revoke_url", false)
		a.RefreshNotBefore = o.duration("refresh_not_before")
		a.Rotating = o.flag("rotating")
		a.RefreshLifetime = o.duration("refresh_lifetime")
		a.Grace = o.duration("grace")
		r.tokenEndpoint(o, &a)
	case ClientCredentials:
		r.tokenEndpoint(o, &a)
	case Token:
		a.SecretField = o.text("secret_field", false)
	case Basic:
		a.UserField, a.SecretField = o.text("user_field", false), o.text("secret_field", false)
		user, password := o.template("user"), o.template("password")
		if (a.UserField == "") == !o.has("user") || a.SecretField != "" && o.has("password") {
			r.fail(n, path, "expected user_field or user, and secret_field or password")
		}
		if a.UserField != "" {
			user = "{{" + r.where(a.UserField) + "}}"
		}
		if a.SecretField != "" {
			password = "{{secret." + a.SecretField + "}}"
		}
		a.Send = append(a.Send, Send{In: InBasic, User: user, Password: password})
	case Session:
		a.Login = r.steps(o, "login")
		if len(a.Login) == 0 {
			r.fail(n, path+".login", "is missing; expected the requests that open a session")
		}
		if l := o.get("logout"); l != nil {
			step := r.step(l, o.at("logout"))
			a.Logout = &step
		}
		a.Lifetime = o.duration("lifetime")
	case Signed:
		if s := o.get("sign"); s == nil {
			r.fail(n, path+".sign", "is missing; expected how requests are signed")
		} else {
			a.Sign = r.sign(s, o.at("sign"))
		}
	}
	if c := o.get("certificate"); c != nil {
		co := r.object(c, o.at("certificate"))
		a.ClientCertificate = &ClientCertificate{
			CertificateField: co.text("certificate_field", false), KeyField: co.text("key_field", false),
			PFXField: co.text("pfx_field", false), PasswordField: co.text("password_field", false),
		}
		if v := a.ClientCertificate; (v.CertificateField == "") != (v.KeyField == "") || (v.PFXField == "") == (v.CertificateField == "") {
			r.fail(c, co.path, "expected certificate_field with key_field, or pfx_field")
		}
		co.done()
	} else if a.Type == Certificate {
		r.fail(n, path+".certificate", "is missing; expected the form fields with the certificate")
	}
	if e := o.get("expired"); e != nil {
		eo := r.object(e, o.at("expired"))
		for i, s := range eo.texts("status") {
			code, err := strconv.Atoi(s)
			if err != nil || code < 200 || code > 599 {
				r.fail(eo.value["status"].Content[i], fmt.Sprintf("%s[%d]", eo.at("status"), i), "expected a status such as 401, found %q", s)
			}
			a.Expired.Status = append(a.Expired.Status, code)
		}
		a.Expired.Body = eo.texts("body")
		eo.done()
	}
	a.Send = append(a.Send, r.sends(o, a)...)
	return a
}

// tokenEndpoint reads what the two kinds of OAuth2 have in common.
func (r *reader) tokenEndpoint(o *object, a *Auth) {
	a.TokenURL = o.urlTemplate("token_url", true)
	a.Scopes = o.texts("scopes")
	a.ScopeSeparator = o.text("scope_separator", false)
	in := oneOf(o, "client_in", "body", "body", "header", "nowhere")
	a.ClientInHeader, a.ClientNowhere = in == "header", in == "nowhere"
	a.ClientID, a.ClientSecret = o.template("client_id"), o.template("client_secret")
	a.TokenParams = o.templates("token_params")
	a.TokenJSON = oneOf(o, "token_body", Form, Form, JSON) == JSON
	a.Lifetime = o.duration("lifetime")
	if n := o.get("answer"); n != nil {
		ao := r.object(n, o.at("answer"))
		a.Answer = Answer{
			Access: ao.text("access", false), Refresh: ao.text("refresh", false), ExpiresIn: ao.text("expires_in", false),
			ExpiresAt: ao.text("expires_at", false), Error: ao.text("error", false),
		}
		ao.done()
	}
	a.Keep = r.takes(o, "keep", FromJSON, FromRedirect)
	a.Discover = r.steps(o, "discover")
}

func (r *reader) steps(o *object, key string) []Step {
	var out []Step
	for i, n := range o.items(key) {
		out = append(out, r.step(n, fmt.Sprintf("%s[%d]", o.at(key), i)))
	}
	return out
}

func (r *reader) step(n *yaml.Node, path string) Step {
	o := r.object(n, path)
	defer o.done()
	s := Step{
		Method:  oneOf(o, "method", "POST", "GET", "POST", "PUT", "DELETE"),
		URL:     o.urlTemplate("url", true),
		Header:  o.templates("header"),
		Take:    r.takes(o, "take", FromJSON, FromXML, FromHeader, FromCookie),
		Keep:    r.takes(o, "keep", FromJSON, FromXML, FromHeader),
		Refused: o.texts("refused"),
	}
	if b := o.get("json"); b != nil {
		s.Body = Body{Format: JSON, JSON: r.tree(b, o.at("json"))}
	}
	if f := o.templates("form"); f != nil {
		s.Body = Body{Format: Form, Form: f}
	}
	if x := o.template("xml"); x != "" {
		s.Body = Body{Format: XML, XML: x}
	}
	if o.count3("json", "form", "xml") > 1 {
		r.fail(n, path, "expected one of json, form and xml")
	}
	return s
}

// count3 returns how many of the keys are there.
func (o *object) count3(keys ...string) (n int) {
	for _, k := range keys {
		if o.has(k) {
			n++
		}
	}
	return n
}

func (o *object) has(key string) bool { return o.value[key] != nil }

// tree reads a JSON body; its texts are templates.
func (r *reader) tree(n *yaml.Node, path string) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = r.tree(n.Content[i+1], path+"."+n.Content[i].Value)
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for i, c := range n.Content {
			out = append(out, r.tree(c, fmt.Sprintf("%s[%d]", path, i)))
		}
		return out
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	case "!!int", "!!float":
		v, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			r.fail(n, path, "%q is not a number", n.Value)
		}
		return v
	}
	r.parse(n, path, n.Value)
	return n.Value
}

func (r *reader) takes(o *object, key string, allowed ...Source) []Take {
	var out []Take
	for i, n := range o.items(key) {
		to := r.object(n, fmt.Sprintf("%s[%d]", o.at(key), i))
		t := Take{
			Name:  to.matching("name", true, isField, "a name of lower-case letters, digits and underscores"),
			In:    oneOf(to, "in", allowed[0], allowed...),
			At:    to.text("at", true),
			Hosts: to.texts("hosts"),
		}
		for j, h := range t.Hosts {
			if !isHost(h) {
				r.fail(to.value["hosts"].Content[j], fmt.Sprintf("%s[%d]", to.at("hosts"), j), "%q is not a host name such as api.example.com or *.example.com", h)
			}
		}
		to.done()
		out = append(out, t)
	}
	return out
}

func (r *reader) sign(n *yaml.Node, path string) *Sign {
	o := r.object(n, path)
	defer o.done()
	s := &Sign{
		Scheme:    oneOf(o, "scheme", HMAC, HMAC, OAuth1),
		Algorithm: oneOf(o, "algorithm", "sha256", "sha256", "sha1", "sha512", "md5"),
		Header:    o.templates("header"),
		Query:     o.templates("query"),
	}
	if s.Scheme == OAuth1 {
		s.ConsumerKey, s.ConsumerSecret = o.required("consumer_key"), o.required("consumer_secret")
		s.Token, s.TokenSecret, s.Realm = o.template("token"), o.template("token_secret"), o.template("realm")
		return s
	}
	s.Key, s.Text = o.required("key"), o.required("text")
	s.KeyEncoding = oneOf(o, "key_encoding", "text", "text", "base64", "hex")
	s.Encoding = oneOf(o, "encoding", "base64", "base64", "base64url", "hex")
	if len(s.Header)+len(s.Query) == 0 {
		r.fail(n, path, "expected header or query with {{signature}}")
	}
	return s
}

// sends reads where the credentials travel, a list or a single place.
func (r *reader) sends(o *object, a Auth) []Send {
	n := o.get("send")
	switch {
	case n == nil && (a.Type == OAuth2 || a.Type == ClientCredentials || a.Type == Token):
		if a.Type == Token && a.SecretField == "" {
			r.fail(o.node, o.at("secret_field"), "is missing; expected secret_field, or send with values")
		}
		return []Send{{In: InHeader, Name: "Authorization", Prefix: "Bearer "}}
	case n == nil && a.Type == Session:
		r.fail(o.node, o.at("send"), "is missing; expected where the values of login travel")
		return nil
	case n == nil:
		return nil
	case n.Kind == yaml.MappingNode:
		return []Send{r.send(n, o.at("send"), a)}
	}
	var out []Send
	for i, item := range o.items("send") {
		out = append(out, r.send(item, fmt.Sprintf("%s[%d]", o.at("send"), i), a))
	}
	return out
}

func (r *reader) send(n *yaml.Node, path string, a Auth) Send {
	o := r.object(n, path)
	defer o.done()
	s := Send{In: oneOf(o, "in", InHeader, InHeader, InQuery, InCookie, InBasic, InBody), Paths: o.texts("paths"), Value: o.template("value")}
	primary := a.Type == OAuth2 || a.Type == ClientCredentials || a.Type == Token && a.SecretField != ""
	switch s.In {
	case InBasic:
		s.User, s.Password = o.template("user"), o.template("password")
	case InBody:
		s.Format = oneOf(o, "format", "", JSON, Form, XML)
		s.At = o.text("at", true)
		if s.Value == "" {
			r.fail(n, path+".value", "is missing; expected what the connector writes at the place, such as \"{{secret.api_key}}\"")
		}
	default:
		s.Name = o.matching("name", true, isHeader, "a name of letters, digits and dashes")
		s.Prefix = o.text("prefix", false)
		if s.Value == "" && !primary {
			r.fail(n, path+".value", "is missing; expected a text such as \"{{secret.api_key}}\"")
		}
		if s.Value != "" && s.Prefix != "" {
			r.fail(n, path+".prefix", "is of no use beside value")
		}
	}
	return s
}

// template reads a template and checks its form.
func (o *object) template(key string) string {
	s := o.text(key, false)
	if s != "" {
		o.parse(o.value[key], o.at(key), s)
	}
	return s
}

func (o *object) required(key string) string {
	s := o.text(key, true)
	if s != "" {
		o.parse(o.value[key], o.at(key), s)
	}
	return s
}

// templates reads a mapping of names to templates.
func (o *object) templates(key string) map[string]string {
	out := o.dict(key)
	for _, k := range slices.Sorted(maps.Keys(out)) {
		o.parse(o.value[key], o.at(key)+"."+k, out[k])
	}
	return out
}

func (o *object) urlTemplate(key string, required bool) string {
	s := o.text(key, required)
	if s != "" {
		o.parse(o.value[key], o.at(key), s)
		if !urlForm(s) {
			o.fail(o.value[key], o.at(key), "%q is not an https URL", s)
		}
	}
	return s
}

// urlForm reports whether a URL template is an https URL once it is filled in.
func urlForm(s string) bool {
	t, err := ParseTemplate(s)
	if err != nil {
		return true // reported already
	}
	if len(t.parts) > 0 && t.parts[0].literal == "" {
		return true
	}
	s, err = t.expand(func(Ref) (string, error) { return "x", nil }, nil)
	return err == nil && isHTTPS(s)
}

// parse reports a template that cannot be read, and remembers what it refers to.
func (r *reader) parse(n *yaml.Node, path, text string) {
	t, err := ParseTemplate(text)
	if err != nil {
		r.fail(n, path, "%s", err)
		return
	}
	for _, ref := range t.Refs() {
		r.refs = append(r.refs, usedRef{ref, n, path})
	}
}

// usedRef is where a template refers to a value.
type usedRef struct {
	Ref
	node *yaml.Node
	path string
}

// where is how a template refers to a form field; the form is read before auth.
func (r *reader) where(field string) string {
	for _, f := range r.form {
		if f.Name == field && f.Secret {
			return "secret." + field
		}
	}
	return "config." + field
}
