package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/voldaan/voldaan/sdk/cassette"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Cassette returns an opener that plays a recording of a connector.
func Cassette(name string, c *cassette.Cassette, m *manifest.Manifest) Opener {
	var granted atomic.Int64
	opened := logins(m, c.Config)
	return func(*Clock) (*Play, error) {
		access := Access{Config: c.Config, Token: "token-of-a-cassette", Secrets: map[string]string{}}
		for _, a := range m.Auth {
			if a.Type == manifest.OAuth2 && access.Refresh == "" {
				access.Refresh = "refresh-of-" + name
			}
		}
		for _, f := range m.Form {
			if f.Secret {
				access.Secrets[f.Name] = "secret-of-a-cassette"
			}
		}
		return &Play{
			On: "cassette " + name, Hosts: cassette.NewPlayer(c, nil).Hosts(), Administration: c.Administration,
			Fresh: func() http.Handler { return &tape{Player: cassette.NewPlayer(c, nil), logins: opened} },
			Grant: func() (Access, error) {
				a := access
				if a.Refresh != "" {
					a.Refresh = fmt.Sprintf("%s-%d", a.Refresh, granted.Add(1))
				}
				return a, nil
			},
		}, nil
	}
}

// tape is a player that renews tokens and opens sessions too: a recording has none
// of it.
type tape struct {
	*cassette.Player
	logins map[string][]byte // what opening a session answers, by path
}

// logins are answers to the requests that open a session with JSON, by path.
func logins(m *manifest.Manifest, config map[string]string) map[string][]byte {
	out := map[string][]byte{}
	for _, a := range m.Auth {
		for _, step := range a.Login {
			address := step.URL
			for name, v := range config {
				address = strings.ReplaceAll(address, "{{config."+name+"}}", v)
			}
			_, rest, _ := strings.Cut(address, "://")
			_, path, _ := strings.Cut(rest, "/")
			answer := map[string]any{}
			for _, t := range slices.Concat(step.Take, step.Keep) {
				if t.In != "" && t.In != manifest.FromJSON {
					continue
				}
				var v any = "session-of-a-cassette"
				if t.Name == "expires_in" {
					v = 3600
				}
				put(answer, strings.Split(t.At, "."), v)
			}
			if body, err := json.Marshal(listed(answer)); err == nil && len(answer) > 0 {
				out["/"+path] = body
			}
		}
	}
	return out
}

// listed makes lists of the objects whose keys are places in a list.
func listed(v any) any {
	o, ok := v.(map[string]any)
	if !ok {
		return v
	}
	list := make([]any, len(o))
	for k, child := range o {
		o[k] = listed(child)
		if i, err := strconv.Atoi(k); err == nil && i >= 0 && i < len(list) {
			list[i] = o[k]
		} else {
			list = nil
		}
	}
	if len(list) > 0 {
		return list
	}
	return o
}

func put(o map[string]any, at []string, v any) {
	for ; len(at) > 1; at = at[1:] {
		next, ok := o[at[0]].(map[string]any)
		if !ok {
			next = map[string]any{}
			o[at[0]] = next
		}
		o = next
	}
	o[at[0]] = v
}

// ServeHTTP implements http.Handler.
func (t *tape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if body, ok := t.logins[r.URL.Path]; ok && r.Method == http.MethodPost && r.Context().Value(signingIn{}) != nil {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
		return
	}
	if r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if strings.Contains(string(body), "grant_type=refresh_token") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"renewed","token_type":"bearer","expires_in":3600}`)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	t.Player.ServeHTTP(w, r)
}
