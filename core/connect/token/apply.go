package token

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

var errNoSecret = fmt.Errorf("%w: the connection has no credentials; connect it again", sdk.ErrAuth)

// Apply puts the credentials into a request to one of the manifest's hosts: into
// its headers, its query, the named places of its body, and a signature over all
// of it last. Body is the request's body as the connector wrote it.
func (g Grant) Apply(req *http.Request, auth manifest.Auth, body []byte, now time.Time) error {
	look := g.look(auth, now)
	for _, s := range auth.Send {
		if !concerns(s.Paths, req.URL.Path) {
			continue
		}
		if s.In == manifest.InBody {
			v, err := manifest.Expand(s.Value, look)
			if err != nil {
				return err
			}
			if body, err = place(body, s, v); err != nil {
				return err
			}
			continue
		}
		if err := g.put(req, auth, s, look); err != nil {
			return err
		}
	}
	if len(body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	if auth.Sign != nil {
		return sign(req, *auth.Sign, body, look, now)
	}
	return nil
}

func concerns(paths []string, path string) bool {
	for _, p := range paths {
		if strings.Contains(path, p) {
			return true
		}
	}
	return len(paths) == 0
}

// primary is the credential that travels where the manifest does not say which.
func (g Grant) primary(auth manifest.Auth) string {
	switch auth.Type {
	case manifest.OAuth2, manifest.ClientCredentials:
		return g.Access
	case manifest.Token:
		return g.Fields[auth.SecretField]
	default:
		return ""
	}
}

func (g Grant) put(req *http.Request, auth manifest.Auth, s manifest.Send, look manifest.Lookup) error {
	if s.In == manifest.InBasic {
		user, err := manifest.Expand(s.User, look)
		if err != nil {
			return err
		}
		password, err := manifest.Expand(s.Password, look)
		if err != nil {
			return err
		}
		req.SetBasicAuth(user, password)
		return nil
	}
	v := g.primary(auth)
	if s.Value != "" {
		var err error
		if v, err = manifest.Expand(s.Value, look); err != nil {
			return err
		}
	} else if v == "" {
		return errNoSecret
	}
	v = s.Prefix + v
	if s.In != manifest.InQuery && strings.ContainsAny(v, "\r\n\x00") {
		return fmt.Errorf("%w: the credential for %s holds a line break; fill it in again", sdk.ErrAuth, s.Name)
	}
	switch s.In {
	case manifest.InQuery:
		q := req.URL.Query()
		q.Set(s.Name, v)
		req.URL.RawQuery = q.Encode()
	case manifest.InCookie:
		if old := req.Header.Get("Cookie"); old != "" {
			v = old + "; " + s.Name + "=" + v
		} else {
			v = s.Name + "=" + v
		}
		req.Header.Set("Cookie", v)
	default:
		req.Header.Set(s.Name, v)
	}
	return nil
}

// shortest is the length from which on a secret is looked for in answers; a
// shorter one would blot out innocent text.
const shortest = 8

// secrets are the texts that must not leave the host.
func (g Grant) secrets() []string {
	var out []string
	add := func(s string) {
		if len(s) >= shortest {
			out = append(out, s)
			if q := url.QueryEscape(s); q != s {
				out = append(out, q)
			}
		}
	}
	add(g.Access)
	add(g.Refresh)
	add(g.App.ClientSecret)
	for _, m := range []map[string]string{g.Fields, g.Session, g.App.Values} {
		for name, v := range m {
			if name != "expires_in" && name != "expires_at" {
				add(v)
			}
		}
	}
	return out
}

// Redact blots the secrets out of what a package answered, keeping its length.
// It returns b itself when there are none in it.
func (g Grant) Redact(b []byte) []byte {
	copied := false
	for _, s := range g.secrets() {
		for from := 0; ; {
			i := bytes.Index(b[from:], []byte(s))
			if i < 0 {
				break
			}
			if !copied {
				b, copied = bytes.Clone(b), true
			}
			from += i
			for j := range len(s) {
				b[from+j] = '*'
			}
			from += len(s)
		}
	}
	return b
}

// RedactHeader is Redact for the values of headers.
func (g Grant) RedactHeader(h http.Header) http.Header {
	for _, values := range h {
		for i, v := range values {
			values[i] = string(g.Redact([]byte(v)))
		}
	}
	return h
}
