package emulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// call is a request that was let in.
type call struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	adm   string
	grant emulator.Grant
}

// apiError is an answer that refuses.
type apiError struct {
	status int
	body   any
}

func (e *apiError) Error() string { return http.StatusText(e.status) }

// symbolic is the error body with a sentence and a code per field.
func symbolic(status int, sentence string, fields ...string) *apiError {
	codes := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		codes[fields[i]] = fields[i+1]
	}
	return &apiError{status, map[string]any{"error": sentence, "symbolic": codes}}
}

func notFound(field string) *apiError {
	return symbolic(http.StatusNotFound, "record not found", field, "not_found")
}

// invalid collects what is wrong with a record, for 422.
type invalid struct {
	errors  map[string][]string
	details map[string][]map[string]string
}

func (v *invalid) add(field, sentence, code string) {
	if v.errors == nil {
		v.errors, v.details = map[string][]string{}, map[string][]map[string]string{}
	}
	v.errors[field] = append(v.errors[field], sentence)
	v.details[field] = append(v.details[field], map[string]string{"error": code})
}

// err returns the refusal, or nil when nothing is wrong.
func (v *invalid) err() error {
	if v.errors == nil {
		return nil
	}
	return &apiError{http.StatusUnprocessableEntity, map[string]any{"error": v.errors, "details": v.details}}
}

var errNoAdministration = symbolic(http.StatusNotFound, "record not found", "administration_id", "not_found")

// readOnly marks the subject of a personal token that may not write.
const readOnly = ":ro"

// handle adds a route below the administration; need is the scopes of which the
// token must have one.
func (s *Server) handle(mux *http.ServeMux, method, path, need string, fn func(*call) error) {
	mux.HandleFunc(method+" /api/v2/{administration}"+path, func(w http.ResponseWriter, r *http.Request) {
		s.tick()
		c := &call{s: s, w: w, r: r, adm: r.PathValue("administration")}
		if err := c.admit(need); err != nil {
			c.fail(err)
			return
		}
		if err := fn(c); err != nil {
			c.fail(err)
		}
	})
}

// admit applies the rate limit, the token and the administration, in this
// order.
func (c *call) admit(need string) error {
	if err := c.meter(); err != nil {
		return err
	}
	if err := c.authenticate(); err != nil {
		return err
	}
	subject, _ := strings.CutSuffix(c.grant.Subject, readOnly)
	if subject != "" && subject != c.adm {
		return errNoAdministration
	}
	known, suspended := false, false
	c.s.books.View(func(b *books) {
		if a := b.Administrations[c.adm]; a != nil {
			known, suspended = true, a.Suspended
		}
	})
	if !known {
		return errNoAdministration
	}
	if !c.allowed(need) {
		return symbolic(http.StatusUnauthorized, "No access to "+strings.ReplaceAll(need, " ", " or "))
	}
	reads := c.r.Method == http.MethodGet || strings.HasSuffix(c.r.URL.Path, "/synchronization")
	if strings.HasSuffix(c.grant.Subject, readOnly) && !reads {
		return symbolic(http.StatusForbidden, "This token can only read", "token", "read_only")
	}
	if suspended && !reads {
		return symbolic(http.StatusForbidden, "The administration is suspended", "administration", "suspended")
	}
	return nil
}

func (c *call) meter() error {
	key := emulator.Bearer(c.r)
	if key == "" {
		key = "anonymous"
	}
	q := c.s.limit.Take(key, c.s.kit.Wall())
	if q.Limit > 0 {
		h := c.w.Header()
		h.Set("RateLimit-Limit", strconv.Itoa(q.Limit))
		h.Set("RateLimit-Remaining", strconv.Itoa(q.Remaining))
		h.Set("RateLimit-Reset", itoa(q.Reset.Unix()+1))
		if !q.OK {
			h.Set("Retry-After", itoa(q.Reset.Unix()+1))
			return &apiError{http.StatusTooManyRequests, "Retry later"}
		}
	}
	return nil
}

func (c *call) authenticate() (err error) {
	c.grant, err = c.s.oauth.Authenticate(c.r)
	if err == nil {
		return nil
	}
	c.w.Header().Set("WWW-Authenticate", `Bearer realm="Moneybird", error="invalid_token"`)
	switch {
	case errors.Is(err, emulator.ErrExpiredToken):
		return symbolic(http.StatusUnauthorized, "The access token expired", "access_token", "expired")
	case errors.Is(err, emulator.ErrRevokedToken):
		return symbolic(http.StatusUnauthorized, "The access token was revoked", "access_token", "revoked")
	}
	return symbolic(http.StatusUnauthorized, "The access token is invalid", "access_token", "invalid")
}

func (c *call) allowed(need string) bool {
	if need == "" {
		return true
	}
	for one := range strings.FieldsSeq(need) {
		if c.grant.HasScope(one) {
			return true
		}
	}
	return false
}

func (c *call) fail(err error) {
	var e *apiError
	if !errors.As(err, &e) {
		c.s.kit.Log().Error("moneybird emulator", "path", c.r.URL.Path, "error", err)
		e = symbolic(http.StatusInternalServerError, "The emulator failed: "+err.Error())
	}
	emulator.WriteJSON(c.w, e.status, e.body)
}

// raw answers with JSON that is ready.
func (c *call) raw(status int, body []byte) error {
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
	return nil
}

func (c *call) json(status int, body any) error {
	emulator.WriteJSON(c.w, status, body)
	return nil
}

func (c *call) empty() error {
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// read decodes the body; an empty body is an empty object. Fields that are not
// documented are refused, as the contract says.
func (c *call) read(v any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, 4<<20))
	if err != nil {
		return symbolic(http.StatusBadRequest, "The request is too large", "body", "too_large")
	}
	if len(strings.TrimSpace(string(raw))) == 0 {
		return nil
	}
	if kind, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";"); strings.TrimSpace(kind) != "application/json" {
		return symbolic(http.StatusBadRequest, "Send application/json", "content_type", "invalid")
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return symbolic(http.StatusBadRequest, "The body is invalid: "+err.Error(), "body", "invalid")
	}
	return nil
}

// view reads the administration.
func (c *call) view(fn func(*administration) error) (err error) {
	c.s.books.View(func(b *books) {
		if a := b.Administrations[c.adm]; a != nil {
			err = fn(a)
		} else {
			err = errNoAdministration
		}
	})
	return err
}

func (c *call) change(fn func(*change) error) error { return c.s.change(c.adm, fn) }

// ident is an id in a request: text or a number.
type ident string

// UnmarshalJSON accepts both forms.
func (i *ident) UnmarshalJSON(b []byte) error {
	s := string(b)
	if s == "null" {
		return nil
	}
	*i = ident(strings.Trim(s, `"`))
	return nil
}

// flag is a boolean in a request: true or "true".
type flag bool

// UnmarshalJSON accepts both forms.
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag(strings.Trim(string(b), `"`) == "true")
	return nil
}
