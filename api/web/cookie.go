package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/api/web/view/component"
)

const (
	sessionCookie = api.SessionCookie
	themeCookie   = "voldaan_theme"
	flashCookie   = "voldaan_flash"
	oauthCookie   = "voldaan_connect"
)

// keep sets a cookie that scripts cannot read. It goes along when somebody
// follows a link to us, and with nothing else from elsewhere.
func (s *site) keep(w http.ResponseWriter, name, value, path string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	})
}

// drop removes a cookie.
func (s *site) drop(w http.ResponseWriter, name, path string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: path, MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

func theme(r *http.Request) string {
	if t := cookie(r, themeCookie); t == "light" || t == "dark" {
		return t
	}
	return ""
}

// flash lets the next page say what was done. It is a cookie, so that the page
// that shows it still changes nothing (W1).
func (s *site) flash(w http.ResponseWriter, f component.Flash) {
	b, err := json.Marshal(f)
	if err != nil {
		return // a message less, nothing lost
	}
	s.keep(w, flashCookie, base64.RawURLEncoding.EncodeToString(b), "/", time.Minute)
}

// flashed returns what the last action left to say, once.
func (s *site) flashed(w http.ResponseWriter, r *http.Request) *component.Flash {
	v := cookie(r, flashCookie)
	if v == "" {
		return nil
	}
	s.drop(w, flashCookie, "/")
	b, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil {
		return nil
	}
	var f component.Flash
	if json.Unmarshal(b, &f) != nil || f.Text == "" {
		return nil
	}
	return &f
}
