package conformance

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/voldaan/voldaan/sdk/cassette"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Cassette returns an opener that plays a recording of a connector.
func Cassette(name string, c *cassette.Cassette, m *manifest.Manifest) Opener {
	var granted atomic.Int64
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
			Fresh: func() http.Handler { return &tape{Player: cassette.NewPlayer(c, nil)} },
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

// tape is a player that renews tokens too: a recording has none.
type tape struct{ *cassette.Player }

// ServeHTTP implements http.Handler.
func (t *tape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
