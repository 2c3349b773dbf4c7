package emulator

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// sessions are the API tokens, each of one administration, and what they opened.
type sessions struct {
	Tokens map[string]string  `json:"tokens"` // token -> administration
	Open   map[string]session `json:"open"`
}

type session struct {
	Administration string    `json:"administration"`
	Expires        time.Time `json:"expires"`
}

// SeedToken makes an API token of an administration; "" is given one.
func (s *Server) SeedToken(adm, token string) (string, error) {
	token = cmp.Or(token, rand.Text())
	return token, s.sessions.Update(func(v *sessions) error { v.Tokens[token] = adm; return nil })
}

func (s *Server) startSession(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AccessToken string `json:"accessToken"`
		Source      string `json:"source"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in); err != nil {
		fail(w, invalid("DATA_01", "", "Geen content body meegestuurd."))
		return
	}
	if in.Source == "" || len(in.Source) > 10 {
		fail(w, invalid("ERR_001", "source", "Source is verplicht en ten hoogste 10 tekens."))
		return
	}
	id := rand.Text() + rand.Text()
	err := s.sessions.Update(func(v *sessions) error {
		adm, ok := v.Tokens[in.AccessToken]
		if !ok {
			return errUnauthenticated
		}
		for old, one := range v.Open {
			if !s.kit.Wall().Before(one.Expires) {
				delete(v.Open, old)
			}
		}
		v.Open[id] = session{adm, s.kit.Wall().Add(s.cfg.SessionLife)}
		return nil
	})
	if err != nil {
		fail(w, err)
		return
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]any{"token": id, "expiresIn": int(s.cfg.SessionLife.Seconds())})
}

func (s *Server) endSession(id string) {
	_ = s.sessions.Update(func(v *sessions) error { delete(v.Open, id); return nil })
}

// enter lets a request in: a session that is alive, and the rate limit.
func (c *call) enter() error {
	id := c.r.Header.Get("Authorization")
	var one session
	var ok bool
	c.s.sessions.View(func(v *sessions) { one, ok = v.Open[id] })
	if !ok || !c.s.kit.Wall().Before(one.Expires) {
		return errUnauthenticated
	}
	c.adm = one.Administration
	if q := c.s.limit.Take(id, c.s.kit.Wall()); !q.OK {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(q.Reset.Sub(c.s.kit.Wall()).Seconds())+1))
		return &apiError{Status: http.StatusTooManyRequests, Code: "ERR_001", Title: "Too Many Requests"}
	}
	return nil
}

func (s *Server) sessionControls() {
	s.kit.Control("POST /_control/tokens", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Administration string `json:"administration"`
			Token          string `json:"token"`
		}
		if !emulator.ReadControl(w, r, &in) {
			return
		}
		token, err := s.SeedToken(in.Administration, in.Token)
		if err != nil {
			fail(w, err)
			return
		}
		emulator.WriteJSON(w, http.StatusCreated, map[string]string{"token": token})
	})
	s.kit.Control("DELETE /_control/sessions", func(w http.ResponseWriter, _ *http.Request) {
		_ = s.sessions.Update(func(v *sessions) error { clear(v.Open); return nil })
		w.WriteHeader(http.StatusNoContent)
	})
}
