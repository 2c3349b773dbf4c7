package manifest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Ref names a value that the host knows. Space says where it comes from; see
// the README of this package for all of them.
type Ref struct {
	Space string // secret, config, app, session, value, request, now; or access, nonce, signature
	Name  string // empty for the last three
}

// String returns "space.name".
func (r Ref) String() string {
	if r.Name == "" {
		return r.Space
	}
	return r.Space + "." + r.Name
}

// Lookup returns the value of a Ref, or an error that says what to do about its
// absence.
type Lookup func(Ref) (string, error)

// Template is a text with placeholders such as {{secret.api_key}}, which may
// pass their value through filters: {{secret.api_key|base64}}.
type Template struct{ parts []part }

type part struct {
	literal string
	ref     Ref // when literal is empty
	filters []string
}

// filters turn one text, which may be any bytes, into another.
var filters = map[string]func(string) string{
	"base64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64url": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"hex":       func(s string) string { return hex.EncodeToString([]byte(s)) },
	"md5":       func(s string) string { b := md5.Sum([]byte(s)); return string(b[:]) },
	"sha1":      func(s string) string { b := sha1.Sum([]byte(s)); return string(b[:]) },
	"sha256":    func(s string) string { b := sha256.Sum256([]byte(s)); return string(b[:]) },
	"sha512":    func(s string) string { b := sha512.Sum512([]byte(s)); return string(b[:]) },
	"upper":     strings.ToUpper,
	"lower":     strings.ToLower,
	"url":       url.QueryEscape,
}

var (
	placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)
	refForm     = regexp.MustCompile(`^(?:(secret|config|app|session|value|request|now)\.([a-z][a-z0-9_]*)|(access|nonce|signature))$`)
)

// ParseTemplate reads a template.
func ParseTemplate(text string) (Template, error) {
	var t Template
	end := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > end {
			t.parts = append(t.parts, part{literal: text[end:m[0]]})
		}
		end = m[1]
		inner := strings.Split(text[m[2]:m[3]], "|")
		form := refForm.FindStringSubmatch(strings.TrimSpace(inner[0]))
		if form == nil {
			return t, fmt.Errorf("%q is not a value such as secret.api_key, config.region, app.client_id, session.token or access", strings.TrimSpace(inner[0]))
		}
		p := part{ref: Ref{Space: form[1] + form[3], Name: form[2]}}
		for _, f := range inner[1:] {
			f = strings.TrimSpace(f)
			if filters[f] == nil {
				return t, fmt.Errorf("%q is not a filter; there are base64, base64url, hex, md5, sha1, sha256, sha512, upper, lower and url", f)
			}
			p.filters = append(p.filters, f)
		}
		t.parts = append(t.parts, p)
	}
	if rest := text[end:]; rest != "" {
		t.parts = append(t.parts, part{literal: rest})
	}
	for _, p := range t.parts {
		if strings.Contains(p.literal, "{{") || strings.Contains(p.literal, "}}") {
			return t, fmt.Errorf("%q has {{ or }} without its other half", text)
		}
	}
	return t, nil
}

// Refs returns the values that the template needs.
func (t Template) Refs() []Ref {
	var out []Ref
	for _, p := range t.parts {
		if p.literal == "" {
			out = append(out, p.ref)
		}
	}
	return out
}

// Expand fills the template in.
func (t Template) Expand(look Lookup) (string, error) { return t.expand(look, nil) }

// ExpandEscaped fills the template in with each value as escape returns it.
func (t Template) ExpandEscaped(look Lookup, escape func(string) string) (string, error) {
	return t.expand(look, func(_, v string, _ part) (string, error) { return escape(v), nil })
}

// expand passes each value through escape, with the text that precedes it.
func (t Template) expand(look Lookup, escape func(before, value string, p part) (string, error)) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.literal != "" {
			b.WriteString(p.literal)
			continue
		}
		v, err := look(p.ref)
		if err != nil {
			return "", err
		}
		for _, f := range p.filters {
			v = filters[f](v)
		}
		if escape != nil {
			if v, err = escape(b.String(), v, p); err != nil {
				return "", err
			}
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

// Expand fills in a text that the loader has checked.
func Expand(text string, look Lookup) (string, error) {
	t, err := ParseTemplate(text)
	if err != nil {
		return "", err
	}
	return t.Expand(look)
}

var (
	// label is what a text may be that a user filled in for a part of a host name.
	label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)
	// labels is what a choice may be, which the manifest itself offers.
	labels = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
)

// ExpandURL fills in a URL of the manifest. What is filled in cannot change what
// the URL is: in the host it is a label, in the path a segment, in the query a
// value. A template that begins with a placeholder begins with a base URL.
func (m *Manifest) ExpandURL(text string, look Lookup) (string, error) {
	t, err := ParseTemplate(text)
	if err != nil {
		return "", err
	}
	out, err := t.expand(look, func(before, v string, p part) (string, error) {
		scheme, rest, hasScheme := strings.Cut(before, "://")
		switch {
		case before == "":
			u, err := url.Parse(strings.TrimSuffix(v, "/"))
			if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
				return "", fmt.Errorf("%s must be an address that begins with https://", p.ref.Name)
			}
			return u.String(), nil
		case hasScheme && scheme != "" && !strings.ContainsAny(rest, "/?"):
			form := label
			if f := m.field(p.ref.Name); p.ref.Space == "config" && f != nil && f.Type == Choice {
				form = labels
			}
			if !form.MatchString(v) {
				return "", fmt.Errorf("%q cannot be a part of the name of a server; look again at %s", v, p.ref.Name)
			}
			return v, nil
		case strings.Contains(rest, "?"):
			return url.QueryEscape(v), nil
		default:
			return url.PathEscape(v), nil
		}
	})
	if err != nil {
		return "", err
	}
	if !isHTTPS(out) {
		return "", fmt.Errorf("%q is not an https URL", out)
	}
	return out, nil
}
