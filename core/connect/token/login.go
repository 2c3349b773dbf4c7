package token

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// steps signs in by requests of the manifest, each of which may use what the
// ones before it took.
func (s *Service) steps(ctx context.Context, m *manifest.Manifest, auth manifest.Auth, steps []manifest.Step, g Grant) (Credentials, error) {
	now := s.Clock.Now()
	next := Credentials{
		Method: auth.Name, Access: g.Access, Refresh: g.Refresh, Expiry: g.Expiry, Issued: now, Fields: g.Fields, WebhookSecret: g.WebhookSecret,
		Session: map[string]string{}, Kept: map[string]string{},
	}
	g.Session, g.Config = next.Session, maps.Clone(g.Config)
	if g.Config == nil {
		g.Config = map[string]string{}
	}
	for _, step := range steps {
		a, err := s.step(ctx, m, auth, step, g)
		if err != nil {
			return Credentials{}, err
		}
		for _, t := range step.Take {
			v := a.take(t)
			if v == "" && t.Name != "expires_in" && t.Name != "expires_at" {
				return Credentials{}, missing(m, a, t)
			}
			next.Session[t.Name] = v
		}
		if err := a.keep(step.Keep, next.Kept); err != nil {
			return Credentials{}, err
		}
		maps.Copy(g.Config, next.Kept)
	}
	if auth.Type == manifest.Session {
		next.Expiry = end(now, next.Session["expires_in"], next.Session["expires_at"], auth.Lifetime)
	}
	return next, nil
}

// missing says what an answer means that lacks a value: an answer that can be
// read says no, one that cannot be read comes from something else that is in
// the way.
func missing(m *manifest.Manifest, a *reply, t manifest.Take) error {
	readable := t.In == manifest.FromHeader || t.In == manifest.FromCookie || t.In == manifest.FromJSON && a.tree() != nil ||
		t.In == manifest.FromXML && len(document(a.body).Children) > 0
	if readable && a.status < 400 {
		return &deadError{"no " + t.Name}
	}
	return fmt.Errorf("%s answered the sign-in with %d and without %s", m.Title, a.status, t.Name)
}

func (s *Service) step(ctx context.Context, m *manifest.Manifest, auth manifest.Auth, step manifest.Step, g Grant) (*reply, error) {
	req, err := s.stepRequest(ctx, m, auth, step, g)
	if err != nil {
		return nil, err
	}
	a, err := s.send(req, m)
	if err != nil {
		return nil, fmt.Errorf("sign in at %s: %w", m.Title, err)
	}
	for _, text := range step.Refused {
		if bytes.Contains(a.body, []byte(text)) {
			return nil, &deadError{"refused"}
		}
	}
	switch {
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity:
		return nil, &deadError{fmt.Sprint(a.status)}
	case a.status >= 300:
		return nil, fmt.Errorf("%s answered the sign-in with %d", m.Title, a.status)
	}
	return a, nil
}

func (s *Service) stepRequest(ctx context.Context, m *manifest.Manifest, auth manifest.Auth, step manifest.Step, g Grant) (*http.Request, error) {
	look := g.look(auth, s.Clock.Now())
	address, err := m.ExpandURL(step.URL, look)
	if err != nil {
		return nil, fmt.Errorf("sign in at %s: %w", m.Title, err)
	}
	body, kind, err := fill(step.Body, look)
	if err != nil {
		return nil, err
	}
	method := step.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("sign in at %s: %w", m.Title, stripURL(err))
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, t := range step.Header {
		v, err := manifest.Expand(t, look)
		if err != nil {
			return nil, err
		}
		if strings.ContainsAny(v, "\r\n\x00") {
			return nil, fmt.Errorf("sign in at %s: a value for the header %s holds a line break", m.Title, name)
		}
		req.Header.Set(name, v)
	}
	return req, nil
}

// fill makes a body of its template; values are escaped as the format asks.
func fill(b manifest.Body, look manifest.Lookup) (body []byte, kind string, err error) {
	switch b.Format {
	case manifest.JSON:
		tree, err := fillTree(b.JSON, look)
		if err != nil {
			return nil, "", err
		}
		body, err = json.Marshal(tree)
		return body, "application/json", err
	case manifest.Form:
		form := map[string]string{}
		for k, t := range b.Form {
			if form[k], err = manifest.Expand(t, look); err != nil {
				return nil, "", err
			}
		}
		return encodeForm(form), "application/x-www-form-urlencoded", nil
	case manifest.XML:
		t, err := manifest.ParseTemplate(b.XML)
		if err != nil {
			return nil, "", err
		}
		text, err := t.ExpandEscaped(look, escapeXML)
		return []byte(text), "text/xml; charset=utf-8", err
	}
	return nil, "", nil
}

func fillTree(v any, look manifest.Lookup) (any, error) {
	switch v := v.(type) {
	case string:
		return manifest.Expand(v, look)
	case []any:
		out := make([]any, len(v))
		for i, c := range v {
			var err error
			if out[i], err = fillTree(c, look); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, c := range v {
			var err error
			if out[k], err = fillTree(c, look); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return v, nil
	}
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
