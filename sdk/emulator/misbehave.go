package emulator

import (
	"bytes"
	"cmp"
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

type pageShiftKey struct{}

// PageShift returns how many pages a list has to be off: 0 as a rule, 1 when
// the page asked for is dropped, -1 when the one before is repeated. An
// emulator's list adds it to the page it shows; links to the next page stay
// those of the page shown.
func PageShift(r *http.Request) int {
	n, _ := r.Context().Value(pageShiftKey{}).(int)
	return n
}

const maintenance = "<!doctype html><title>Maintenance</title><p>We are working on it. Please come back later."

func (k *Kit) serve(w http.ResponseWriter, r *http.Request, vendor http.Handler) {
	f, ok := k.fire(r)
	if !ok {
		vendor.ServeHTTP(w, r)
		return
	}
	if f.DelayMS > 0 && !wait(r.Context(), time.Duration(f.DelayMS)*time.Millisecond) {
		return
	}
	switch f.Do {
	case Status:
		if f.After {
			vendor.ServeHTTP(newCapture(), r)
		}
		k.problem(w, f)
	case Truncate:
		truncate(w, r, vendor, f.Bytes)
	case WrongType:
		c := newCapture()
		vendor.ServeHTTP(c, r)
		w.Header().Set("Content-Type", cmp.Or(f.ContentType, "text/html; charset=utf-8"))
		w.WriteHeader(c.status)
		_, _ = w.Write([]byte(cmp.Or(f.Body, maintenance)))
	case DropPage:
		vendor.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), pageShiftKey{}, 1)))
	case RepeatPage:
		vendor.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), pageShiftKey{}, -1)))
	case ExpireToken:
		k.mu.Lock()
		expire := k.expire
		k.mu.Unlock()
		if expire != nil {
			expire(r)
		}
		vendor.ServeHTTP(w, r)
	case Reset:
		if f.After {
			vendor.ServeHTTP(newCapture(), r)
		}
		reset(w)
	default: // Delay has already waited
		vendor.ServeHTTP(w, r)
	}
}

func (k *Kit) problem(w http.ResponseWriter, f Fault) {
	contentType, body := k.cfg.Problem(f.Status)
	w.Header().Set("Content-Type", cmp.Or(f.ContentType, contentType))
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.WriteHeader(f.Status)
	if f.Body != "" {
		body = []byte(f.Body)
	}
	_, _ = w.Write(body)
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func truncate(w http.ResponseWriter, r *http.Request, vendor http.Handler, n int) {
	c := newCapture()
	vendor.ServeHTTP(c, r)
	n = min(cmp.Or(n, c.body.Len()/2), max(0, c.body.Len()-1))
	for key, values := range c.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(max(1, c.body.Len())))
	w.WriteHeader(c.status)
	_, _ = w.Write(c.body.Bytes()[:n])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) // the server closes the connection short of the announced length
}

// reset breaks the connection so that the other side sees it at once.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// recorder notes the status for the request log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// capture keeps an answer that will be spoilt or thrown away.
type capture struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func newCapture() *capture { return &capture{header: http.Header{}, status: http.StatusOK} }

func (c *capture) Header() http.Header { return c.header }

func (c *capture) WriteHeader(status int) {
	if !c.wrote {
		c.status, c.wrote = status, true
	}
}

func (c *capture) Write(b []byte) (int, error) {
	c.wrote = true
	return c.body.Write(b)
}
