package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/assets"
	"github.com/voldaan/voldaan/core/fault"
)

// trace is what is known of a request for the log; handlers fill in whose it is.
type trace struct {
	id             string
	tenant, member uuid.UUID
}

type traceKey struct{}

func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		return t
	}
	return &trace{}
}

// answer remembers what was sent, for the log and for a panic.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// observe gives each request an id, logs it by route and ids alone (W3), and
// turns a panic into an error page.
func (s *site) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		t := &trace{id: rand.Text()[:16]}
		r = r.WithContext(context.WithValue(r.Context(), traceKey{}, t))
		a := &answer{ResponseWriter: w}
		w.Header().Set("X-Request-Id", t.id)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // panics with exactly this value
					panic(p)
				}
				s.log.ErrorContext(r.Context(), "panic in a handler", "request", t.id, "route", route(r), "panic", p, "stack", string(debug.Stack()))
				if a.status == 0 {
					s.fail(a, r, nil, fault.Of(nil))
				}
			}
			s.log.LogAttrs(r.Context(), slog.LevelInfo, "request", traceAttrs(t, r, a, time.Since(start))...)
		}()
		next.ServeHTTP(a, r)
	})
}

func traceAttrs(t *trace, r *http.Request, a *answer, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("request", t.id), slog.String("route", route(r)), slog.Int("status", a.status),
		slog.Int64("bytes", a.bytes), slog.Duration("took", took),
	}
	if t.tenant != uuid.Nil {
		attrs = append(attrs, slog.String("tenant", t.tenant.String()))
	}
	if t.member != uuid.Nil {
		attrs = append(attrs, slog.String("member", t.member.String()))
	}
	return attrs
}

// route is the pattern that answered, never the path: paths hold tokens.
func route(r *http.Request) string {
	if r.Pattern == "" {
		return r.Method + " ?"
	}
	return r.Pattern
}

// headers sets what every answer carries; a handler may loosen the policy.
func (s *site) headers(next http.Handler) http.Handler {
	policy := assets.PagePolicy()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		h.Set("Cache-Control", "no-store")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

const (
	formBytes   = 1 << 20  // the largest form
	uploadBytes = 48 << 20 // the largest upload, its form around it included
)
