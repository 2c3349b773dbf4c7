package connect

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
)

// maxCompare bounds the complete list of a stream.
const maxCompare = 5_000_000

// Pull reads the records of one administration into the sink; see
// sdk.Connector. An error of the sink comes back as it is.
func (h *Host) Pull(ctx context.Context, c Connection, r sdk.PullRequest, sink BatchSink) error {
	timeout := time.Duration(0)
	if len(r.Invoices) > 0 {
		timeout = h.limits.Targeted
	}
	_, err := h.within(ctx, c, timeout, "", nil, func(callCtx context.Context, k *call) error {
		codec := newPullCodec()
		stream, err := k.lease.Connector.Pull(callCtx, grpc.ForceCodecV2(codec))
		if err != nil {
			return err
		}
		// When sending fails, receiving says why.
		_ = stream.Send(&pb.PullRequest{Message: &pb.PullRequest_Start{Start: &pb.PullStart{
			Session: k.session, Administration: r.Administration, Cursor: r.Cursor, Invoices: r.Invoices,
		}}})
		p := &pull{call: k, ctx: ctx, stream: stream, codec: codec, sink: sink, most: h.limits.Records}
		if len(r.Invoices) > 0 {
			p.most = h.limits.TargetedRecords
		}
		defer p.watch(h.limits.Silence)()
		return p.run()
	})
	return err
}

// pull is the host's side of the stream.
type pull struct {
	*call
	ctx     context.Context // of the caller, for the sink
	stream  pb.ConnectorService_PullClient
	codec   *pullCodec
	sink    BatchSink
	batch   Batch
	most    int64 // records that may come
	records int64
	bytes   int64
	list    []sdk.Revision // parts of a compare so far
	// waiting is since when we wait for a message, Unix nanoseconds, 0 when we do
	// not.
	waiting atomic.Int64
}

func (p *pull) run() error {
	for {
		m, err := p.receive()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &trailed{error: err, md: p.stream.Trailer()}
		}
		size := int64(p.codec.size)
		p.bytes += size
		p.count.bytes.Add(size)
		if m.GetCompare() != nil {
			err = p.compare(m.GetCompare())
		} else {
			err = p.take(m)
		}
		if err != nil {
			return err
		}
	}
}

// receive waits for the next message.
func (p *pull) receive() (*pb.PullResponse, error) {
	p.waiting.Store(time.Now().UnixNano())
	defer p.waiting.Store(0)
	return p.stream.Recv()
}

// watch ends a pull whose connector gives no sign of life for too long: neither
// a message while we wait for one, nor a request for us to carry out.
func (p *pull) watch(silence time.Duration) (stop func()) {
	tick := time.NewTicker(max(silence/8, time.Millisecond))
	done := make(chan struct{})
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			since := p.waiting.Load()
			last := max(since, p.broker.LastSign().UnixNano())
			if since > 0 && !p.broker.Busy() && time.Since(time.Unix(0, last)) > silence {
				p.cancel(errDeadline)
				return
			}
		}
	}()
	return func() { close(done) }
}

// take hands a batch to the sink.
func (p *pull) take(m *pb.PullResponse) error {
	if err := p.batch.fill(m); err != nil {
		return p.unreadable(err)
	}
	n := p.batch.records()
	p.records += max(n, 1) // an empty message counts too
	p.count.records.Add(n)
	if p.records > p.most {
		return p.flood("it sent more than %d records in one pull", p.most)
	}
	if p.bytes > p.host.limits.Bytes {
		return p.flood("it sent more than %d MiB in one pull", p.host.limits.Bytes>>20)
	}
	if err := p.sink.Batch(p.ctx, &p.batch); err != nil {
		return stop{err}
	}
	return nil
}

// compare gathers the parts of a list and answers after the last one.
func (p *pull) compare(m *pb.Compare) error {
	var err error
	if p.list, err = wire.FromRevisions(p.list, m.GetRevisions()); err != nil {
		return p.unreadable(err)
	}
	if len(p.list) > maxCompare {
		return p.flood("it listed more than %d records", maxCompare)
	}
	if m.GetMore() {
		return nil
	}
	s := wire.FromStream(m.GetStream())
	if s == "" {
		return p.unreadable(io.ErrUnexpectedEOF)
	}
	wanted, err := p.sink.Compare(p.ctx, s, p.list)
	if err != nil {
		return stop{err}
	}
	p.list = nil
	for {
		n := min(len(wanted), wire.CompareChunk)
		part := &pb.Wanted{Ids: wanted[:n], More: n < len(wanted)}
		// When sending fails, receiving says why.
		_ = p.stream.Send(&pb.PullRequest{Message: &pb.PullRequest_Wanted{Wanted: part}})
		if wanted = wanted[n:]; len(wanted) == 0 {
			return nil
		}
	}
}

func (p *pull) unreadable(err error) error {
	return stop{p.fault(fault.Internal, "connector_protocol", "The connector %s sent something unreadable: %s.", err)}
}
