package interpret

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// maxAnswer bounds an answer in bytes: a hundred full invoices are a few
// megabytes, a long list of ids as well.
const maxAnswer = 64 << 20

// do makes a request and decodes its answer. An answer that the rules call a
// refusal comes back as a *refusal.
func (r *run) do(c *recipe.Call, sc *recipe.Scope, in any) (*answer, error) {
	return r.doAt(c, sc, in, "")
}

// doAt is do at another address, for the next page.
func (r *run) doAt(c *recipe.Call, sc *recipe.Scope, in any, address string) (*answer, error) {
	req, err := r.request(c, sc, in, address)
	if err != nil {
		return nil, err
	}
	a, err := r.send(req, maxAnswer)
	if err != nil {
		return nil, err
	}
	r.rest()
	return r.judge(c, sc, a)
}

// request builds the HTTP request.
func (r *run) request(c *recipe.Call, sc *recipe.Scope, in any, address string) (*http.Request, error) {
	if r.c.calls[c].values {
		if err := r.loadValues(sc); err != nil {
			return nil, err
		}
	}
	if address == "" {
		var err error
		if address, err = r.address(c, sc, in); err != nil {
			return nil, err
		}
	}
	body, kind, err := r.body(c, sc, in)
	if err != nil {
		return nil, err
	}
	ctx := r.ctx
	if c.Repeatable {
		ctx = sdk.Repeatable(ctx)
	}
	if c.Once {
		ctx = sdk.Once(ctx)
	}
	req, err := http.NewRequestWithContext(ctx, c.Request.Method, address, body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	req.Header.Set("Accept", accepts[c.Decode])
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for _, list := range []recipe.Named[recipe.Template]{r.c.r.Headers, c.Headers} {
		for i := range list {
			v, ok, err := list[i].Value.Render(r.think, sc, in, nil)
			if err != nil {
				return nil, err
			}
			if !ok {
				req.Header.Del(list[i].Name)
				continue
			}
			if strings.ContainsAny(v, "\r\n") {
				return nil, fmt.Errorf("%w: the header %s would have several lines", sdk.ErrInvalid, list[i].Name)
			}
			req.Header.Set(list[i].Name, v)
		}
	}
	return req, nil
}

var accepts = map[recipe.Decoding]string{
	"": "application/json", recipe.JSON: "application/json", recipe.AnXML: "application/xml, text/xml",
	recipe.CSV: "text/csv", recipe.Plain: "*/*", recipe.Nothing: "*/*",
}

func (r *run) address(c *recipe.Call, sc *recipe.Scope, in any) (string, error) {
	escape := segment
	if c.Request.Path.Alone() {
		escape = func(s string) string { return s } // a whole address, as the package gave it
	}
	path, ok, err := c.Request.Path.RenderPath(r.think, sc, in, escape)
	if err == nil && !ok {
		err = fmt.Errorf("%w: an expression in the path of line %d gives null", sdk.ErrInvalid, c.Request.Path.Line)
	}
	if err != nil {
		return "", err
	}
	address := path
	if strings.HasPrefix(path, "/") {
		base, ok, err := r.c.r.Base.Render(r.think, sc, in, nil)
		if err == nil && !ok {
			err = fmt.Errorf("%w: an expression of base gives null", sdk.ErrInvalid)
		}
		if err != nil {
			return "", err
		}
		address = strings.TrimSuffix(base, "/") + path
	}
	query := url.Values{}
	for i := range c.Query {
		v, err := c.Query[i].Value.Value(r.think, sc, in)
		if err != nil {
			return "", err
		}
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		for _, v := range list {
			text, ok := recipe.TextOf(v)
			if !ok {
				return "", fmt.Errorf("line %d: the parameter %s is %s; expected a text", c.Query[i].Line, c.Query[i].Name, recipe.TypeOf(v))
			}
			if v != nil {
				query.Add(c.Query[i].Name, text)
			}
		}
	}
	if len(query) > 0 {
		mark := "?"
		if strings.Contains(address, "?") {
			mark = "&"
		}
		address += mark + query.Encode()
	}
	return address, nil
}

// segment escapes for a path; a value cannot climb out of its place.
func segment(s string) string {
	if s == "." || s == ".." {
		return strings.ReplaceAll(s, ".", "%2E")
	}
	return url.PathEscape(s)
}

func (r *run) body(c *recipe.Call, sc *recipe.Scope, in any) (io.Reader, string, error) {
	switch {
	case c.Body != nil:
		v, ok, err := c.Body.Build(r.think, sc, in)
		if err != nil || !ok {
			return nil, "", err
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return nil, "", fmt.Errorf("%w: the body cannot be written as JSON: %w", sdk.ErrInvalid, err)
		}
		return bytes.NewReader(bytes.TrimRight(b.Bytes(), "\n")), "application/json", nil
	case len(c.Form) > 0:
		form := url.Values{}
		for i := range c.Form {
			v, ok, err := c.Form[i].Value.Render(r.think, sc, in, nil)
			if err != nil {
				return nil, "", err
			}
			if ok {
				form.Add(c.Form[i].Name, v)
			}
		}
		return strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", nil
	case c.XML != nil:
		s, err := r.markup(c.XML, sc, in, escapeXML)
		return strings.NewReader(s), "text/xml; charset=utf-8", err
	case c.RawBody != nil:
		s, err := r.markup(c.RawBody, sc, in, nil)
		return strings.NewReader(s), "text/plain; charset=utf-8", err
	}
	if c.Binary != nil {
		s, err := r.raw(c.Binary, sc, in)
		return bytes.NewReader(s), "application/octet-stream", err
	}
	return http.NoBody, "", nil
}

// raw is a body of bytes.
func (r *run) raw(e *recipe.Expr, sc *recipe.Scope, in any) ([]byte, error) {
	v, err := r.eval(e, sc, in)
	if err != nil {
		return nil, err
	}
	s, ok := v.(string)
	b, err := base64.StdEncoding.DecodeString(s)
	if !ok || err != nil {
		return nil, fmt.Errorf("%w: line %d of the recipe: expected a text in base64, found %s", sdk.ErrInvalid, e.Line, recipe.TypeOf(v))
	}
	return b, nil
}

// markup renders a text body; null is nothing there.
func (r *run) markup(t *recipe.Template, sc *recipe.Scope, in any, escape func(string) string) (string, error) {
	s, ok, err := t.Render(r.think, sc, in, escape)
	if err == nil && !ok {
		err = fmt.Errorf("%w: an expression in the body of line %d gives null", sdk.ErrInvalid, t.Line)
	}
	return s, err
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// send carries the request out and reads the answer up to limit bytes.
func (r *run) send(req *http.Request, limit int64) (*answer, error) {
	if r.http == nil {
		return nil, errors.New("this call has no way out")
	}
	resp, err := r.http.Do(req)
	if err != nil {
		if err := context.Cause(r.ctx); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("reach %s: %w", r.c.title, err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := &answer{status: resp.StatusCode, header: resp.Header, url: req.URL}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the answer of %s broke off: %w", r.c.title, err)
	}
	if int64(len(a.body)) > limit {
		return nil, fmt.Errorf("the answer of %s is larger than %d MiB", r.c.title, limit>>20)
	}
	if t, err := http.ParseTime(a.header.Get("Date")); err == nil {
		a.clock = recipe.Moment(t)
	} else {
		a.clock, _ = r.scope[recipe.VarNow].(string)
	}
	if r.c.usesText {
		a.text = string(a.body)
	}
	return a, nil
}
