package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
)

// Limits of what one process may have under way, and one call may ask in total.
const (
	maxConcurrent = 64
	maxExchanges  = 1_000_000
	maxHeld       = 128 << 20 // bytes of bodies
)

// Server returns a gRPC server for the port. The caller gives it a listener
// that only the one connector process can reach.
func (p *Port) Server() *grpc.Server {
	s := grpc.NewServer(
		grpc.MaxRecvMsgSize(wire.ChunkSize+64<<10),
		grpc.MaxConcurrentStreams(maxConcurrent),
		grpc.InitialWindowSize(wire.Window), grpc.InitialConnWindowSize(wire.Window),
	)
	pb.RegisterHostServiceServer(s, p)
	return s
}

// Exchange implements the wire contract.
func (p *Port) Exchange(stream pb.HostService_ExchangeServer) error {
	err := p.exchange(stream)
	md, st := wire.ToStatus(err)
	if md != nil {
		stream.SetTrailer(md)
	}
	return st
}

func (p *Port) exchange(stream pb.HostService_ExchangeServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	c := p.call(first.GetHead().GetToken())
	if c == nil {
		return fmt.Errorf("%w: a request outside a call of the host", wire.ErrDenied)
	}
	if c.exchanges.Add(1) > maxExchanges {
		return fmt.Errorf("%w: more than %d requests in one call", wire.ErrDenied, maxExchanges)
	}
	p.broker.Stats.Exchanges.Add(1)
	c.touch()
	defer c.touch()

	ctx, stop := within(stream.Context(), c.ctx)
	defer stop()
	body, err := p.receive(stream, first.GetBody())
	defer p.held.Add(-int64(len(body)))
	if err != nil {
		return err
	}
	r, err := p.check(c, first.GetHead(), body)
	if err != nil {
		return err
	}
	// Only while we wait for the package is it not the connector that is slow: one
	// that neither sends nor takes what it asked for gives no sign of life.
	c.busy.Add(1)
	a, err := c.exchange(ctx, r)
	c.busy.Add(-1)
	if err != nil {
		p.broker.Stats.Failed.Add(1)
		if _, limited := errors.AsType[*sdk.RetryAfter](err); limited || errors.Is(err, sdk.ErrAuth) {
			c.note(err)
		}
		return err
	}
	defer a.close()
	c.note(nil)
	if err := c.tap(r, a); err != nil {
		return err
	}
	return p.send(stream, c, a)
}

// within returns a context that ends with either, with the earlier deadline.
func within(ctx, call context.Context) (context.Context, func()) {
	cancelDeadline := func() {}
	if d, ok := call.Deadline(); ok {
		ctx, cancelDeadline = context.WithDeadline(ctx, d)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(call, func() { cancel(context.Cause(call)) })
	return ctx, func() { stop(); cancel(nil); cancelDeadline() }
}

// receive reads a body. What it returns counts as held, also with an error.
func (p *Port) receive(stream pb.HostService_ExchangeServer, first []byte) ([]byte, error) {
	body := first
	p.held.Add(int64(len(first)))
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return body, err
		}
		n := len(m.GetBody())
		if len(body)+n > wire.MaxRequestBody {
			return body, fmt.Errorf("%w: the request's body is larger than %d MiB", sdk.ErrInvalid, wire.MaxRequestBody>>20)
		}
		body = append(body, m.GetBody()...)
		if p.held.Add(int64(n)) > maxHeld {
			return body, fmt.Errorf("%w: requests of more than %d MiB under way in one process", sdk.ErrInvalid, maxHeld>>20)
		}
	}
}

func (p *Port) send(stream pb.HostService_ExchangeServer, c *Call, a *answer) error {
	m := &pb.ExchangeResponse{Head: &pb.ResponseHead{Status: int32(a.status), Header: wire.ToHeader(a.header), ContentLength: a.length}}
	buf := make([]byte, min(wire.ChunkSize, max(len(a.start), bytes.MinRead)))
	if a.rest != nil {
		buf = make([]byte, wire.ChunkSize)
	}
	for total := int64(0); ; {
		c.busy.Add(1)
		n, readErr := a.read(buf, &total, p.broker.MaxBody)
		c.busy.Add(-1)
		c.touch()
		if readErr != nil && readErr != io.EOF {
			return readErr
		}
		if m.Body = buf[:n]; n > 0 || m.Head != nil {
			if err := stream.Send(m); err != nil {
				return err
			}
		}
		if readErr == io.EOF {
			return nil
		}
		m = &pb.ExchangeResponse{}
	}
}
