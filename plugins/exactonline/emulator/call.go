package emulator

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// call is a request that was let in.
type call struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	adm   string
	grant emulator.Grant
	res   *resource
	key   string // of one record, or ""
	// parent is the invoice whose lines are asked for, or "".
	parent string
}

type object = map[string]any

// apiError is an answer that refuses.
type apiError struct {
	status int
	text   string
}

func (e *apiError) Error() string { return e.text }

func refuse(status int, format string, a ...any) error {
	return &apiError{status, fmt.Sprintf(format, a...)}
}

// serve finds the resource of a path and lets the request in.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, w: w, r: r, adm: r.PathValue("division")}
	if err := c.handle(); err != nil {
		c.fail(err)
	}
}

func (c *call) handle() error {
	name, key, _ := strings.Cut(c.r.PathValue("resource"), "(")
	if of, lines, ok := strings.Cut(key, ")/"); ok { // the lines of an invoice
		name, key, c.parent = name[:strings.LastIndexByte(name, '/')+1]+lines, "", strings.Trim(strings.TrimPrefix(of, "guid"), "'")
	}
	c.key = strings.Trim(strings.TrimPrefix(strings.TrimSuffix(key, ")"), "guid"), "'")
	if err := c.enter(name); err != nil {
		return err
	}
	c.res = c.s.resources[strings.ToLower(name)]
	if c.res == nil || (c.adm == "current") != (strings.EqualFold(name, "Me")) {
		return refuse(http.StatusNotFound, "Resource not found for the segment '%s'", name)
	}
	if c.adm != "current" {
		if err := c.division(); err != nil {
			return err
		}
	}
	switch {
	case c.r.Method == http.MethodGet && c.key != "":
		return c.one()
	case c.r.Method == http.MethodGet:
		return c.list()
	case c.r.Method == http.MethodPost && c.res.post != nil && c.key == "":
		return c.res.post(c)
	case c.r.Method == http.MethodPut && c.res.put != nil && c.key != "":
		return c.res.put(c)
	case c.r.Method == http.MethodDelete && c.res.remove != nil && c.key != "":
		return c.res.remove(c)
	}
	return refuse(http.StatusMethodNotAllowed, "Method not allowed")
}

// enter authenticates, and counts the call against the limits.
func (c *call) enter(endpoint string) (err error) {
	if c.grant, err = c.s.oauth.Authenticate(c.r); err != nil {
		c.w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return refuse(http.StatusUnauthorized, "Unauthorized")
	}
	wall := c.s.kit.Wall()
	scope := c.grant.Client + "/" + c.adm
	c.s.blockedLock.Lock()
	until := c.s.blocked[scope+"/"+endpoint]
	c.s.blockedLock.Unlock()
	if wall.Before(until) {
		return refuse(http.StatusTooManyRequests, "Too many errors on this endpoint")
	}
	minute := c.s.minute.Take(scope, wall)
	h := c.w.Header()
	put := func(prefix string, q emulator.Quota) {
		if q.Limit > 0 {
			h.Set(prefix+"-Limit", strconv.Itoa(q.Limit))
			h.Set(prefix+"-Remaining", strconv.Itoa(q.Remaining))
			h.Set(prefix+"-Reset", strconv.FormatInt(q.Reset.UnixMilli(), 10))
		}
	}
	put("X-RateLimit-Minutely", minute)
	if !minute.OK {
		return refuse(http.StatusTooManyRequests, "Too many requests: the limit per minute is reached")
	}
	day := c.s.day.Take(scope, wall)
	put("X-RateLimit", day)
	if !day.OK {
		return refuse(http.StatusTooManyRequests, "Too many requests: the limit per day is reached")
	}
	return nil
}

func (c *call) division() error {
	denied := false
	c.s.extra.View(func(e *extra) { denied = e.Denied[c.adm] })
	if denied {
		return refuse(http.StatusForbidden, "Forbidden")
	}
	if errors.Is(c.s.View(c.adm, func(*ledger.Administration) error { return nil }), ledger.ErrNoAdministration) {
		return refuse(http.StatusNotFound, "The division does not exist")
	}
	return nil
}

func (c *call) fail(err error) {
	var e *apiError
	switch {
	case errors.As(err, &e):
	case errors.Is(err, ledger.ErrNotFound):
		e = &apiError{http.StatusNotFound, "Not found"}
	case errors.Is(err, ledger.ErrRefused):
		e = &apiError{http.StatusBadRequest, err.Error()}
	default:
		e = &apiError{http.StatusInternalServerError, "The emulator failed: " + err.Error()}
	}
	switch e.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		name, _, _ := strings.Cut(c.r.PathValue("resource"), "(")
		scope := c.grant.Client + "/" + c.adm + "/" + name
		if wall := c.s.kit.Wall(); !c.s.errors.Take(scope, wall).OK {
			c.s.blockedLock.Lock()
			c.s.blocked[scope] = wall.Add(time.Hour)
			c.s.blockedLock.Unlock()
		}
	}
	emulator.WriteJSON(c.w, e.status, errorBody(e.text))
}

// answer writes d as JSON, or as Atom for those who did not ask for JSON.
func (c *call) answer(status int, d any) error {
	if strings.Contains(c.r.Header.Get("Accept"), "json") {
		emulator.WriteJSON(c.w, status, object{"d": d})
		return nil
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = c.w.Write([]byte(`<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><content type="text">`))
	_ = xml.EscapeText(c.w, raw)
	_, _ = c.w.Write([]byte(`</content></feed>`))
	return nil
}

func (c *call) read(v any) error {
	if err := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 32<<20)).Decode(v); err != nil {
		return refuse(http.StatusBadRequest, "Error processing request stream: %v", err)
	}
	return nil
}
