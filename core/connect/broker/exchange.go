package broker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// readAhead is how much of an answer is read before any of it is handed on, so
// that an answer that breaks off can be asked for again.
const readAhead = 1 << 20

// answer is an HTTP response of which the beginning has been read.
type answer struct {
	status int
	header http.Header
	length int64
	start  []byte
	rest   io.Reader // nil when start is all
	close  func()
}

// exchange sends a request until there is an answer for the connector.
func (c *Call) exchange(ctx context.Context, r *request) (*answer, error) {
	b, m := c.port.broker, c.target.Manifest
	who := budget.Spender{Connector: m.Name, Connection: c.connection.ID, Administration: c.connection.Administration, Priority: c.connection.Priority}
	limits := m.Limits
	if r.access != manifest.Full {
		limits = nil
	}
	var g token.Grant
	var auth manifest.Auth
	for attempt, renewed := 1, false; ; attempt++ {
		var err error
		if !renewed {
			if g, auth, err = c.credentials(ctx, r); err != nil {
				return nil, err
			}
		}
		permit, err := b.Budget.Acquire(ctx, who, limits, r.method, r.url.Path)
		if err != nil {
			return nil, err
		}
		a, sent, err := c.attempt(ctx, r, auth, g, permit)
		last := attempt >= b.Attempts
		switch {
		case errors.Is(err, sdk.ErrAuth), errors.Is(err, sdk.ErrInvalid), errors.Is(err, ErrPrivate), ctx.Err() != nil:
			return a, err
		case err != nil:
			if last || sent && !r.repeatable {
				return nil, err
			}
		case !renewed && r.access == manifest.Full && auth.Renews(g.Refresh != "") && auth.Ended(a.status, a.start):
			a.close()
			if g, err = b.Credentials.Renew(ctx, c.connection.ref(), m, g.Generation); err != nil {
				return nil, err
			}
			b.Stats.Renewed.Add(1)
			renewed = true
			attempt--
			continue
		case a.status == http.StatusTooManyRequests:
			// The budget knows how long to wait.
			b.Stats.Limited.Add(1)
			a.close()
			if last {
				wait, _ := budget.RetryAfter(a.status, a.header, time.Now())
				return nil, budget.Spent(m.Title, wait)
			}
			continue
		case a.status >= 500 && a.status != http.StatusNotImplemented && r.repeatable && !last:
			a.close()
		default:
			return a, nil
		}
		renewed = false
		pause := b.Backoff << (attempt - 1)
		if err := sleep(ctx, pause/2+rand.N(pause)); err != nil {
			return nil, err
		}
	}
}

// credentials returns what the request signs in with: nothing for downloads.
func (c *Call) credentials(ctx context.Context, r *request) (token.Grant, manifest.Auth, error) {
	m := c.target.Manifest
	if first, _ := m.Method(""); r.access != manifest.Full || len(m.Auth) == 1 && first.Type == manifest.None {
		return token.Grant{}, manifest.Auth{Type: manifest.None}, nil
	}
	g, err := c.port.broker.Credentials.Get(ctx, c.connection.ref(), m)
	if err != nil {
		return g, manifest.Auth{}, err
	}
	auth, ok := m.Method(g.Method)
	if !ok {
		return g, auth, fmt.Errorf("%w: %s does not know the sign-in %q any more; connect it again", sdk.ErrAuth, m.Title, g.Method)
	}
	return g, auth, nil
}

// attempt sends the request once. Sent says whether the package may have seen
// it.
func (c *Call) attempt(ctx context.Context, r *request, auth manifest.Auth, g token.Grant, permit budget.Permit) (_ *answer, sent bool, err error) {
	b := c.port.broker
	status, header := 0, http.Header(nil)
	finished := false
	done := func() { permit.Done(status, header) }
	defer func() {
		if !finished {
			done()
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer func() {
		if !finished {
			cancel()
		}
	}()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent = true }})
	ctx = context.WithValue(ctx, connectionKey{}, c.connection)
	g.Config = overlay(c.connection.Config, g.Config)
	if auth.ClientCertificate != nil && r.access == manifest.Full {
		cert, err := b.Egress.mutual.certificate(c.connection.ID, auth, g)
		if err != nil {
			return nil, false, err
		}
		ctx = withCertificate(ctx, cert)
	}
	out, err := r.build(ctx, auth, g)
	if err != nil {
		return nil, false, err
	}
	b.Stats.Attempts.Add(1)
	began := time.Now()
	resp, err := b.Egress.RoundTrip(out)
	if err != nil {
		if errors.Is(err, ErrPrivate) {
			b.Stats.Denied.Add(1)
		}
		return nil, sent, fmt.Errorf("reach %s: %w", r.url.Hostname(), err)
	}
	status, header = resp.StatusCode, resp.Header
	start, err := io.ReadAll(io.LimitReader(resp.Body, readAhead))
	start = g.Redact(start) // a package that repeats what it got tells the connector nothing
	c.touch()
	b.Stats.BytesIn.Add(int64(len(start)))
	b.Log.LogAttrs(ctx, slog.LevelDebug, "exchange",
		slog.String("connector", c.target.Manifest.Name), slog.String("connection", c.connection.ID.String()),
		slog.String("method", r.method), slog.String("host", r.url.Hostname()), slog.Int("status", status),
		slog.Duration("took", time.Since(began)))
	if err != nil {
		_ = resp.Body.Close()
		return nil, true, fmt.Errorf("the answer of %s broke off: %w", r.url.Hostname(), err)
	}
	a := &answer{status: status, header: g.RedactHeader(clean(resp.Header)), length: resp.ContentLength, start: start, close: func() {}}
	if len(start) < readAhead {
		_ = resp.Body.Close()
		if r.method != http.MethodHead {
			a.length = int64(len(start))
		}
		return a, true, nil
	}
	finished = true
	a.rest = io.LimitReader(resp.Body, b.MaxBody-readAhead+1)
	a.close = func() {
		_ = resp.Body.Close()
		cancel()
		done()
	}
	return a, true, nil
}

// overlay is what the call was made with and, above it, what is stored: signing
// in may have learned more since.
func overlay(config, stored map[string]string) map[string]string {
	out := maps.Clone(config)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, stored)
	return out
}

func clean(h http.Header) http.Header {
	out := h.Clone()
	for _, name := range theirs {
		out.Del(name)
	}
	return out
}

// read fills p with the next bytes of the answer. It returns an error when the
// answer is too large.
func (a *answer) read(p []byte, total *int64, limit int64) (int, error) {
	if len(a.start) > 0 {
		n := copy(p, a.start)
		a.start = a.start[n:]
		*total += int64(n)
		return n, nil
	}
	if a.rest == nil {
		return 0, io.EOF
	}
	n, err := io.ReadFull(a.rest, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	*total += int64(n)
	if *total > limit {
		return n, fmt.Errorf("%w: the answer is larger than %d MiB", sdk.ErrInvalid, limit>>20)
	}
	return n, err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
