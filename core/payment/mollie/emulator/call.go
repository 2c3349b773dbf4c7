package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

const hal = "application/hal+json"

type object = map[string]any

// call is a request that was let in.
type call struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	base    string // public address
	profile string
	mode    string
	body    []byte
}

// problem is an answer that refuses.
type problem struct {
	status        int
	detail, field string
}

func (p *problem) Error() string { return p.detail }

func unprocessable(field, detail string) *problem {
	return &problem{http.StatusUnprocessableEntity, detail, field}
}

func noEntity(kind, id string) *problem {
	return &problem{http.StatusNotFound, "No " + kind + " exists with token " + id + ".", ""}
}

func problemBody(p *problem) []byte {
	o := object{
		"status": p.status, "title": http.StatusText(p.status), "detail": p.detail,
		"_links": object{"documentation": link("https://docs.mollie.com/errors", "text/html")},
	}
	if p.field != "" {
		o["field"] = p.field
	}
	return must(o)
}

// faultDetail is what Mollie says when it fails on request.
func faultDetail(status int) string {
	switch status {
	case http.StatusTooManyRequests:
		return "You have exceeded the rate limit. Please slow down your requests."
	case http.StatusServiceUnavailable:
		return "Payment platform for this payment method temporarily not available"
	}
	return http.StatusText(status)
}

func link(href, kind string) object { return object{"href": href, "type": kind} }

func must(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only maps, texts and numbers come here
	}
	return b
}

var keyForm = regexp.MustCompile(`^(live|test)_[A-Za-z0-9]{30,}$`)

// handle adds a route of the API.
func (s *Server) handle(mux *http.ServeMux, pattern string, fn func(*call) (int, any, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		s.tick()
		c := &call{s: s, w: w, r: r, base: s.public(r)}
		if err := c.admit(); err != nil {
			c.fail(err)
			return
		}
		status, body, err := fn(c)
		if err != nil {
			c.fail(err)
			return
		}
		c.answer(status, body)
	})
}

func (c *call) answer(status int, body any) {
	if body == nil {
		c.w.WriteHeader(status)
		return
	}
	raw, ok := body.(json.RawMessage)
	if !ok {
		raw = must(body)
	}
	c.w.Header().Set("Content-Type", hal)
	c.w.WriteHeader(status)
	_, _ = c.w.Write(raw)
}

func (c *call) fail(err error) {
	var p *problem
	if !errors.As(err, &p) {
		c.s.kit.Log().Error("mollie emulator", "path", c.r.URL.Path, "error", err)
		p = &problem{status: http.StatusInternalServerError, detail: "The emulator failed: " + err.Error()}
	}
	c.w.Header().Set("Content-Type", hal)
	c.w.WriteHeader(p.status)
	_, _ = c.w.Write(problemBody(p))
}

// admit checks the key and the rate, and reads the body.
func (c *call) admit() error {
	key := emulator.Bearer(c.r)
	if m := keyForm.FindStringSubmatch(key); m == nil || len(c.s.cfg.Keys) > 0 && !slices.Contains(c.s.cfg.Keys, key) {
		return &problem{http.StatusUnauthorized, "Missing authentication, or failed to authenticate", ""}
	} else {
		c.mode = m[1]
	}
	sum := sha256.Sum256([]byte(key))
	c.profile = "pfl_" + hex.EncodeToString(sum[:])[:10]
	if q := c.s.limit.Take(key, c.s.kit.Wall()); !q.OK {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(q.Reset.Sub(c.s.kit.Wall())/time.Second)+1))
		return &problem{http.StatusTooManyRequests, faultDetail(http.StatusTooManyRequests), ""}
	}
	var err error
	if c.body, err = io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, 1<<20)); err != nil {
		return &problem{http.StatusRequestEntityTooLarge, "The request is too large", ""}
	}
	return nil
}

// read decodes a JSON body.
func (c *call) read(v any) error {
	if len(strings.TrimSpace(string(c.body))) == 0 {
		return nil
	}
	if kind, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";"); strings.TrimSpace(kind) != "application/json" {
		return &problem{http.StatusUnsupportedMediaType, "The request body must be application/json", ""}
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		var t *json.UnmarshalTypeError
		if errors.As(err, &t) {
			return unprocessable(t.Field, "The '"+t.Field+"' field has the wrong type")
		}
		return &problem{http.StatusBadRequest, "The request body is not valid JSON", ""}
	}
	return nil
}

const replayLife = time.Hour

// write runs fn once per idempotency key; a repetition gets the first answer.
// The effect and the answer are kept in one step, so that a process that dies
// in between forgets both.
func (c *call) write(fn func(*change) (int, any, error)) (status int, body any, err error) {
	key := c.r.Header.Get("Idempotency-Key")
	sum := sha256.Sum256([]byte(c.r.Method + " " + c.r.URL.Path + "\n" + string(c.body)))
	print, wall := hex.EncodeToString(sum[:]), c.s.kit.Wall()
	err = c.s.change(func(ch *change) error {
		slot := c.profile + " " + c.mode + " " + key
		if old, ok := ch.t.Replays[slot]; key != "" && ok && wall.Before(old.Until) {
			if old.Print != print {
				return unprocessable("", "The idempotency key was already used for another request")
			}
			status, body = old.Status, any(nil)
			if len(old.Body) > 0 {
				body = old.Body
			}
			return nil
		}
		if status, body, err = fn(ch); err != nil || key == "" {
			return err
		}
		kept := replay{Print: print, Status: status, Until: wall.Add(replayLife)}
		if body != nil {
			kept.Body = must(body)
		}
		for k, old := range ch.t.Replays {
			if !wall.Before(old.Until) {
				delete(ch.t.Replays, k)
			}
		}
		ch.t.Replays[slot] = kept
		return nil
	})
	return status, body, err
}

// payment returns the payment of the path, when it is the caller's.
func (c *call) payment(t *till) (*payment, error) {
	id := c.r.PathValue("id")
	p := t.Payments[id]
	if p == nil || p.Profile != c.profile || p.Mode != c.mode {
		return nil, noEntity("payment", id)
	}
	return p, nil
}
