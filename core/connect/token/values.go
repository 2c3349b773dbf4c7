package token

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// App is our registration at a package: the OAuth2 client, and what else the
// package gave to us as its partner.
type App struct {
	ClientID     string
	ClientSecret string
	Values       map[string]string
}

// Grant is credentials with their generation and what belongs to them.
type Grant struct {
	Credentials
	Generation int64
	// Config is what the connection knows that is no secret.
	Config map[string]string
	App    App
}

// look finds the values that the templates of a way to sign in refer to.
func (g Grant) look(auth manifest.Auth, now time.Time) manifest.Lookup {
	return func(r manifest.Ref) (string, error) {
		missing := func(what string) error {
			return fmt.Errorf("%w: the connection has no %s %s; connect it again", sdk.ErrAuth, what, r.Name)
		}
		var v string
		switch r.Space {
		case "secret":
			if v = g.Fields[r.Name]; v == "" {
				return "", missing("secret")
			}
		case "config":
			return g.Config[r.Name], nil
		case "session":
			if v = g.Session[r.Name]; v == "" {
				return "", missing("session with")
			}
		case "access":
			if v = g.Access; v == "" {
				return "", missing("access token")
			}
		case "app":
			switch r.Name {
			case "client_id":
				v = g.App.ClientID
			case "client_secret":
				v = g.App.ClientSecret
			default:
				v = g.App.Values[r.Name]
			}
			if v == "" {
				return "", fmt.Errorf("%w: our registration at this package lacks %s; the operator must set it", sdk.ErrInvalid, r.Name)
			}
		case "value":
			return manifest.Expand(auth.Values[r.Name], g.look(manifest.Auth{}, now))
		case "now":
			return moment(r.Name, now), nil
		default:
			return "", fmt.Errorf("%w: {{%s}} has no meaning here", sdk.ErrInvalid, r)
		}
		return v, nil
	}
}

func moment(form string, now time.Time) string {
	switch form {
	case "unix":
		return strconv.FormatInt(now.Unix(), 10)
	case "unix_ms":
		return strconv.FormatInt(now.UnixMilli(), 10)
	case "http":
		return now.UTC().Format(http.TimeFormat)
	case "date":
		return now.UTC().Format(time.DateOnly)
	default:
		return now.UTC().Format("2006-01-02T15:04:05Z")
	}
}
