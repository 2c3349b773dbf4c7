package manifest

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// credentials checks that a way to sign in refers to what there is.
func (r *reader) credentials(n *yaml.Node, path string, m *Manifest, a Auth) {
	secret := func(key, name string) {
		if f := m.field(name); name != "" && (f == nil || !f.Secret) {
			r.fail(n, path+"."+key, "%q is not a form field with secret: true", name)
		}
	}
	secret("secret_field", a.SecretField)
	if a.UserField != "" && m.field(a.UserField) == nil {
		r.fail(n, path+".user_field", "%q is not a form field", a.UserField)
	}
	if c := a.ClientCertificate; c != nil {
		secret("certificate.certificate_field", c.CertificateField)
		secret("certificate.key_field", c.KeyField)
		secret("certificate.pfx_field", c.PFXField)
		secret("certificate.password_field", c.PasswordField)
	}
	for _, u := range r.refs {
		if strings.HasPrefix(u.path, path+".") {
			if why := m.unknown(a, u); why != "" {
				r.fail(u.node, u.path, "{{%s}}: %s", u.Ref, why)
			}
		}
	}
	for _, s := range a.Send {
		if s.In == InQuery || s.In == InBody || s.In == InBasic || s.Name == "" {
			continue
		}
		if s.In == InHeader && slices.Contains([]string{"host", "content-length", "transfer-encoding", "connection"}, strings.ToLower(s.Name)) {
			r.fail(n, path+".send", "the header %s is the host's own", s.Name)
		}
	}
}

// unknown says why a reference of a way to sign in leads nowhere, "" when it
// does not.
func (m *Manifest) unknown(a Auth, u usedRef) string {
	signing := strings.Contains(u.path, ".sign.")
	switch u.Space {
	case "secret":
		if f := m.field(u.Name); f == nil || !f.Secret {
			return "there is no form field of this name with secret: true"
		}
	case "config":
		if f := m.field(u.Name); f != nil && f.Secret {
			return "the form field is secret; write {{secret." + u.Name + "}}"
		} else if f == nil && !slices.Contains(a.Kept(), u.Name) {
			return "there is no form field and nothing kept of this name"
		}
	case "app":
		if u.Name != "client_id" && u.Name != "client_secret" && !slices.Contains(a.AppValues, u.Name) {
			return "name it in app_values, so that the operator knows to set it"
		}
	case "session":
		taken := false
		for _, list := range [][]Step{a.Login, a.Discover} {
			for _, s := range list {
				taken = taken || slices.ContainsFunc(s.Take, func(t Take) bool { return t.Name == u.Name })
			}
		}
		if !taken {
			return "no step takes a value of this name"
		}
	case "value":
		if _, ok := a.Values[u.Name]; !ok {
			return "there is nothing of this name in values"
		}
		if strings.Contains(u.path, ".values.") {
			return "values cannot refer to each other"
		}
	case "access":
		if a.Type != OAuth2 && a.Type != ClientCredentials {
			return "only OAuth2 has an access token"
		}
	case "request", "nonce":
		if !signing {
			return "only sign knows it"
		}
		if u.Space == "request" && !slices.Contains([]string{"method", "host", "path", "query", "uri", "url", "body"}, u.Name) {
			return "there are method, host, path, query, uri, url and body"
		}
	case "signature":
		if !strings.Contains(u.path, ".sign.header") && !strings.Contains(u.path, ".sign.query") {
			return "only header and query of sign know it"
		}
	case "now":
		if !slices.Contains([]string{"unix", "unix_ms", "iso", "http", "date"}, u.Name) {
			return "there are unix, unix_ms, iso, http and date"
		}
	}
	return ""
}
