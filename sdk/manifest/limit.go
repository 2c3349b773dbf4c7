package manifest

import (
	"fmt"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Scope says who shares a limit.
type Scope string

// The scopes.
const (
	PerConnection     Scope = "connection"
	PerAdministration Scope = "administration" // of one connection
	PerApp            Scope = "app"            // all connections of this connector
)

// Limit is a rate limit of the package. Either Requests and Per or Concurrent
// is set.
type Limit struct {
	Scope      Scope
	Requests   int
	Per        time.Duration
	Concurrent int
	// Paths limits it to requests whose path contains one of these texts, Methods
	// to requests of these methods.
	Paths   []string
	Methods []string
	// Headers are the package's own names for what it tells about this limit. Those
	// of the drafts and conventions (RateLimit, RateLimit-*, X-RateLimit-*,
	// X-Rate-Limit-*) are known anyway.
	Headers LimitHeaders
}

// LimitHeaders are names of headers in answers.
type LimitHeaders struct {
	Limit     string
	Remaining string
	// Reset is seconds to wait, seconds or milliseconds since 1970, RFC 3339 or an
	// HTTP date; which one it is shows from the value.
	Reset string
	// Usage holds "used/limit" somewhere, as in "api-usage=18/100000".
	Usage string
}

// Concerns reports whether the limit holds for a request.
func (l Limit) Concerns(method, path string) bool {
	return (len(l.Methods) == 0 || contains(l.Methods, func(m string) bool { return m == method })) &&
		(len(l.Paths) == 0 || contains(l.Paths, func(p string) bool { return strings.Contains(path, p) }))
}

func contains(list []string, is func(string) bool) bool {
	for _, v := range list {
		if is(v) {
			return true
		}
	}
	return false
}

func (r *reader) limit(n *yaml.Node, path string) Limit {
	o := r.object(n, path)
	defer o.done()
	l := Limit{
		Scope:      oneOf(o, "scope", PerConnection, PerConnection, PerAdministration, PerApp),
		Requests:   o.count("requests"),
		Per:        o.duration("per"),
		Concurrent: o.count("concurrent"),
		Paths:      o.texts("paths"),
		Methods:    someOf(o, "methods", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
	}
	if (l.Requests > 0) != (l.Per > 0) || (l.Requests > 0) == (l.Concurrent > 0) {
		r.fail(n, path, "expected either requests with per, or concurrent")
	}
	if h := o.get("headers"); h != nil {
		ho := r.object(h, o.at("headers"))
		name := func(key string) string {
			return ho.matching(key, false, isHeader, "a name of letters, digits and dashes")
		}
		l.Headers = LimitHeaders{Limit: name("limit"), Remaining: name("remaining"), Reset: name("reset"), Usage: name("usage")}
		ho.done()
		if l.Concurrent > 0 {
			r.fail(h, fmt.Sprintf("%s.headers", path), "only a limit with requests is told by headers")
		}
	}
	return l
}
