package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// maxAnswer bounds the answer to a request that signs in.
const maxAnswer = 1 << 20

// reply is an answer to a request that signs in.
type reply struct {
	status int
	header http.Header
	body   []byte
	// redirect are the parameters of the address that the user came back to.
	redirect url.Values

	json any
	xml  *xmldoc.Node
}

func (r *reply) tree() any {
	if r.json == nil {
		d := json.NewDecoder(bytes.NewReader(r.body))
		d.UseNumber()
		_ = d.Decode(&r.json)
	}
	return r.json
}

// take returns a value of the answer, "" when it is not there, or is null or
// false.
func (r *reply) take(t manifest.Take) string {
	switch t.In {
	case manifest.FromHeader:
		return r.header.Get(t.At)
	case manifest.FromCookie:
		for _, c := range (&http.Response{Header: r.header}).Cookies() {
			if c.Name == t.At {
				return c.Value
			}
		}
		return ""
	case manifest.FromRedirect:
		return r.redirect.Get(t.At)
	case manifest.FromXML:
		if r.xml == nil {
			r.xml = document(r.body)
		}
		return fromXML(r.xml, t.At)
	default:
		return fromJSON(r.tree(), t.At)
	}
}

func document(body []byte) *xmldoc.Node {
	d := xmldoc.NewReader(bytes.NewReader(body), xmldoc.Limits{Bytes: maxAnswer, Elements: 10_000})
	root, err := d.Root()
	if err != nil {
		return &xmldoc.Node{}
	}
	n, err := d.Node(root)
	if err != nil {
		return &xmldoc.Node{}
	}
	return &xmldoc.Node{Children: []*xmldoc.Node{n}}
}

// fromXML follows element names from the root on; a last name that begins with
// @ is an attribute.
func fromXML(n *xmldoc.Node, at string) string {
	path, attr, ok := strings.Cut(at, "@")
	if path = strings.Trim(path, "/"); path != "" {
		n = n.Child(path)
	}
	switch {
	case n == nil:
		return ""
	case ok:
		return n.Attribute(attr)
	default:
		return n.Text
	}
}

// fromJSON follows keys and indexes joined by dots; a key may hold dots itself.
func fromJSON(v any, at string) string {
	if at == "" {
		switch v := v.(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		case bool:
			if v {
				return "true"
			}
		}
		return ""
	}
	switch v := v.(type) {
	case map[string]any:
		if whole, ok := v[at]; ok {
			return fromJSON(whole, "")
		}
		for i, c := range at {
			if c == '.' {
				if inner, ok := v[at[:i]]; ok {
					if s := fromJSON(inner, at[i+1:]); s != "" {
						return s
					}
				}
			}
		}
	case []any:
		key, rest, _ := strings.Cut(at, ".")
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(v) {
			return fromJSON(v[i], rest)
		}
	}
	return ""
}

// keep takes the values for the connection's config.
func (r *reply) keep(takes []manifest.Take, into map[string]string) error {
	for _, t := range takes {
		v := r.take(t)
		if v == "" {
			continue // not every answer repeats it
		}
		if len(t.Hosts) > 0 {
			u, err := url.Parse(strings.TrimSuffix(v, "/"))
			if err != nil || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
				(&manifest.Manifest{Hosts: t.Hosts}).Allow(u.Hostname(), nil) != manifest.Full {
				return fmt.Errorf("the package names %q as its server for %s, which connector.yaml does not allow", v, t.Name)
			}
			v = u.String()
		}
		into[t.Name] = v
	}
	return nil
}

// end returns when something ends that was given now: after a number of seconds
// or at a moment, whichever is there, else after its usual life. The zero time
// means never.
func end(now time.Time, in, at string, life time.Duration) time.Time {
	if s, err := strconv.ParseFloat(strings.TrimSpace(in), 64); err == nil && s > 0 {
		return now.Add(time.Duration(s * float64(time.Second)))
	}
	if at = strings.TrimSpace(at); at != "" {
		if n, err := strconv.ParseFloat(at, 64); err == nil && n > 1e12 {
			return time.UnixMilli(int64(n))
		} else if err == nil && n > 1e9 {
			return time.Unix(int64(n), 0)
		}
		for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
			if t, err := time.Parse(form, at); err == nil {
				return t
			}
		}
	}
	if life > 0 {
		return now.Add(life)
	}
	return time.Time{}
}

// read takes the answer in, bounded.
func read(resp *http.Response) (*reply, error) {
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	return &reply{status: resp.StatusCode, header: resp.Header, body: body}, nil
}
