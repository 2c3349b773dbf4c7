package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// NewTransport returns the transport of Session.HTTP: it carries requests
// through the host, for the call that the token belongs to.
func NewTransport(host pb.HostServiceClient, token string) http.RoundTripper {
	return &transport{host: host, token: token}
}

// transport carries HTTP requests through the host.
type transport struct {
	host  pb.HostServiceClient
	token string
}

// RoundTrip implements http.RoundTripper. Faults of the host (ErrAuth,
// RetryAfter) come back as they are, wrapped by http.Client.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	ctx, cancel := context.WithCancel(req.Context())
	stream, err := t.host.Exchange(ctx)
	if err != nil {
		cancel()
		return nil, wire.FromStatus(err, nil)
	}
	fail := func(err error) (*http.Response, error) {
		cancel()
		return nil, err
	}
	head := &pb.RequestHead{
		Token: t.token, Method: method(req), Url: req.URL.String(),
		Header: wire.ToHeader(req.Header), Repeatable: sdk.IsRepeatable(req.Context()), Once: sdk.IsOnce(req.Context()),
	}
	if err := send(stream, head, req.Body); err != nil {
		return fail(err)
	}
	first, err := stream.Recv()
	if err != nil {
		return fail(wire.FromStatus(err, stream.Trailer()))
	}
	h := first.GetHead()
	if h == nil {
		return fail(errors.New("the host answered without a head"))
	}
	return response(req, h, &body{stream: stream, cancel: cancel, rest: first.GetBody()}), nil
}

func method(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// send writes the head and the body. When the host hangs up early, its answer
// says why, so that the broken pipe itself is no error here.
func send(stream pb.HostService_ExchangeClient, head *pb.RequestHead, r io.Reader) error {
	buf := []byte(nil)
	if r != nil && r != http.NoBody {
		buf = make([]byte, wire.ChunkSize)
	}
	for total := 0; ; {
		n, readErr := 0, io.EOF
		if buf != nil {
			n, readErr = io.ReadFull(r, buf)
		}
		if readErr != nil && readErr != io.EOF && readErr != io.ErrUnexpectedEOF {
			return fmt.Errorf("read the request's body: %w", readErr)
		}
		if total += n; total > wire.MaxRequestBody {
			return fmt.Errorf("%w: the request's body is larger than %d MiB", sdk.ErrInvalid, wire.MaxRequestBody>>20)
		}
		if head != nil || n > 0 {
			if err := stream.Send(&pb.ExchangeRequest{Head: head, Body: buf[:n]}); err != nil {
				return nil
			}
		}
		head = nil
		if readErr != nil {
			_ = stream.CloseSend()
			return nil
		}
	}
}

func response(req *http.Request, h *pb.ResponseHead, b *body) *http.Response {
	return &http.Response{
		StatusCode: int(h.GetStatus()),
		Status:     fmt.Sprintf("%d %s", h.GetStatus(), http.StatusText(int(h.GetStatus()))),
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        wire.FromHeader(h.GetHeader()),
		Body:          b,
		ContentLength: h.GetContentLength(),
		Request:       req,
	}
}

// body reads the messages of the response one after the other.
type body struct {
	stream pb.HostService_ExchangeClient
	cancel context.CancelFunc
	rest   []byte
	err    error
}

func (b *body) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		m, err := b.stream.Recv()
		switch {
		case err == io.EOF:
			b.err = io.EOF
		case err != nil:
			b.err = wire.FromStatus(err, b.stream.Trailer())
		default:
			b.rest = m.GetBody()
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *body) Close() error {
	b.cancel()
	b.rest, b.err = nil, errors.New("read of a closed body")
	return nil
}
