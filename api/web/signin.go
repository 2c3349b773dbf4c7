package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/signin"
	"github.com/voldaan/voldaan/core/fault"
)

// sessionAge is how long the cookie of a sign-in stays; the session itself ends
// sooner, in the database.
const sessionAge = 12 * time.Hour

func (s *site) signInRoutes() {
	s.mux.HandleFunc("GET /sign-in", s.signInPage)
	s.mux.HandleFunc("POST /sign-in", s.signIn)
	s.mux.HandleFunc("POST /theme", s.setTheme)
	s.look("POST /sign-out", (*visit).signOut)
}

func (s *site) signInPage(w http.ResponseWriter, r *http.Request) {
	next := local(r.URL.Query().Get("next"), "/")
	if _, err := s.memberOf(r); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	m := s.signInModel(r, next)
	if cookie(r, sessionCookie) != "" {
		m.Note = "Your session has ended. Please sign in again."
	}
	if err := s.show(w, r, http.StatusOK, signin.Page(m)); err != nil {
		s.fail(w, r, nil, err)
	}
}

func (s *site) signInModel(r *http.Request, next string) signin.Model {
	m := signin.Model{Theme: theme(r), Next: next}
	if s.Demo && s.DemoEmail != "" {
		m.Demo = &signin.Demo{Email: s.DemoEmail, Password: s.DemoPassword}
	}
	return m
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formBytes)
	email, next := strings.TrimSpace(r.FormValue("email")), local(r.FormValue("next"), "/")
	succeeded, err := s.doors.try(s.client(r), email)
	var token string
	if err == nil {
		token, err = s.Directory.SignIn(r.Context(), email, r.FormValue("password"))
	}
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			s.fail(w, r, nil, err)
			return
		}
		m := s.signInModel(r, next)
		m.Email, m.Error = email, f.Message
		if err := s.show(w, r, http.StatusUnprocessableEntity, signin.Page(m)); err != nil {
			s.fail(w, r, nil, err)
		}
		return
	}
	succeeded()
	s.keep(w, sessionCookie, token, "/", sessionAge)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (v *visit) signOut() error {
	if err := v.Directory.SignOut(v.r.Context(), v.member, cookie(v.r, sessionCookie)); err != nil {
		return err
	}
	v.drop(v.w, sessionCookie, "/")
	return v.done("/sign-in", component.Flash{})
}

func (s *site) setTheme(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formBytes)
	if t := r.FormValue("theme"); t == "light" || t == "dark" {
		s.keep(w, themeCookie, t, "/", 365*24*time.Hour)
	} else {
		s.drop(w, themeCookie, "/")
	}
	http.Redirect(w, r, back(r, "/"), http.StatusSeeOther)
}
