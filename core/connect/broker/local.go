package broker

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

type connectionKey struct{}

// ConnectionOf returns the connection that a local handler is asked by.
func ConnectionOf(ctx context.Context) (Connection, bool) {
	c, ok := ctx.Value(connectionKey{}).(Connection)
	return c, ok
}

// serveLocally runs a handler as if it were a server.
func serveLocally(h http.Handler, req *http.Request) (*http.Response, error) {
	r, w := io.Pipe()
	lw := &localWriter{pipe: w, header: http.Header{}, ready: make(chan struct{})}
	go func() {
		defer func() {
			if p := recover(); p != nil {
				_ = w.CloseWithError(fmt.Errorf("the local server failed: %v", p))
			}
			lw.WriteHeader(http.StatusOK)
			_ = w.Close()
		}()
		in := req.Clone(req.Context())
		if in.Body == nil {
			in.Body = http.NoBody
		}
		in.RequestURI, in.Host, in.RemoteAddr = req.URL.RequestURI(), req.URL.Host, "connector"
		h.ServeHTTP(lw, in)
	}()
	select {
	case <-lw.ready:
	case <-req.Context().Done():
		_ = r.CloseWithError(req.Context().Err())
		return nil, req.Context().Err()
	}
	return &http.Response{
		StatusCode: lw.status, Status: http.StatusText(lw.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: lw.sent, Body: r, ContentLength: -1, Request: req,
	}, nil
}

type localWriter struct {
	pipe   *io.PipeWriter
	header http.Header
	once   sync.Once
	ready  chan struct{}
	status int
	sent   http.Header
}

func (w *localWriter) Header() http.Header { return w.header }

func (w *localWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.ready)
	})
}

func (w *localWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(b)
}
