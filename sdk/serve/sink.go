package serve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// flushAfter bounds how long a record waits for its batch to fill, so that the
// progress bar moves while a slow package is read.
const flushAfter = time.Second

// sink gathers records into messages. The messages and their records are used
// again after they have been sent: gRPC has marshalled them by then.
type sink struct {
	ctx      context.Context
	stream   pb.ConnectorService_PullServer
	msg      pb.PullResponse
	parties  slab[pb.Party]
	invoices slab[pb.Invoice]
	payments slab[pb.Payment]
	records  int
	bytes    int
	since    time.Time
	// failed is the first error of the stream; it is final.
	failed error
}

func newSink(ctx context.Context, stream pb.ConnectorService_PullServer) *sink {
	return &sink{ctx: ctx, stream: stream}
}

// slab hands out records that stay allocated between messages.
type slab[T any] struct {
	free []*T
	used int
}

func (s *slab[T]) next() *T {
	if s.used == len(s.free) {
		block := make([]T, max(16, min(len(s.free), wire.BatchRecords)))
		for i := range block {
			s.free = append(s.free, &block[i])
		}
	}
	s.used++
	return s.free[s.used-1]
}

// put adds a record of about size bytes: the slab's next one, filled.
func put[T, R any](s *sink, sl *slab[T], list *[]*T, fill func(*T, *R) error, record *R, size int) error {
	if err := s.room(size); err != nil {
		return err
	}
	m := sl.next()
	if err := fill(m, record); err != nil {
		sl.used--
		return fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	*list = append(*list, m)
	return s.added(size)
}

func (s *sink) Party(p sdk.Party) error {
	size := len(p.ID) + len(p.Revision) + len(p.Name) + len(p.Attention) + len(p.Email) + len(p.Phone) +
		len(p.Address.Line1) + len(p.Address.Line2) + len(p.Address.PostalCode) + len(p.Address.City) + len(p.Address.Country) +
		len(p.Language) + len(p.IBAN) + len(p.VATNumber) + len(p.Registration) + len(p.URL)
	return put(s, &s.parties, &s.msg.Parties, wire.PutParty, &p, size)
}

func (s *sink) Invoice(v sdk.Invoice) error {
	size := len(v.ID) + len(v.Revision) + len(v.PartyID) + len(v.Number) + len(v.Reference) +
		len(v.PaymentReference) + len(v.Credits) + len(v.URL)
	return put(s, &s.invoices, &s.msg.Invoices, wire.PutInvoice, &v, size)
}

func (s *sink) Payment(p sdk.Payment) error {
	size := len(p.ID) + len(p.Revision) + len(p.PartyID) + len(p.InvoiceID) + len(p.Reference) + len(p.CreditNote)
	return put(s, &s.payments, &s.msg.Payments, wire.PutPayment, &p, size)
}

func (s *sink) Unreadable(stream sdk.Stream, id, reason string) error {
	if len(reason) > maxReason {
		reason = reason[:maxReason]
	}
	size := len(id) + len(reason)
	if err := s.room(size); err != nil {
		return err
	}
	s.msg.Unreadable = append(s.msg.Unreadable, &pb.Unreadable{Stream: wire.ToStream(stream), Id: wire.Text(id), Reason: wire.Text(reason)})
	return s.added(size)
}

const maxReason = 1000

func (s *sink) Gone(stream sdk.Stream, id string) error {
	if s.failed != nil {
		return s.failed
	}
	if len(s.msg.Complete) > 0 {
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.msg.Gone = append(s.msg.Gone, &pb.Gone{Stream: wire.ToStream(stream), Id: wire.Text(id)})
	return s.added(len(id))
}

func (s *sink) Complete(stream sdk.Stream) error {
	s.msg.Complete = append(s.msg.Complete, wire.ToStream(stream))
	return s.failed
}

func (s *sink) Progress(stream sdk.Stream, expected int) error {
	s.msg.Progress = append(s.msg.Progress, &pb.Progress{Stream: wire.ToStream(stream), Expected: int64(expected)})
	return s.flush()
}

// Checkpoint rides along with the batch in hand, or the next one. Records that
// come after it in the same batch are covered by no checkpoint yet and would be
// sent again, which is harmless.
func (s *sink) Checkpoint(cursor []byte) error {
	if s.failed != nil {
		return s.failed
	}
	s.msg.Checkpoint = append(make([]byte, 0, len(cursor)), cursor...)
	if s.records > 0 && time.Since(s.since) >= flushAfter {
		return s.flush()
	}
	return nil
}

// room makes sure that a record may be added to the message in hand: what is
// gone or complete takes effect after the records of its message.
func (s *sink) room(size int) error {
	if s.failed != nil {
		return s.failed
	}
	if size > wire.BatchBytes {
		return fmt.Errorf("%w: a record of %d bytes; the largest is %d", sdk.ErrInvalid, size, wire.BatchBytes)
	}
	if len(s.msg.Gone) > 0 || len(s.msg.Complete) > 0 {
		return s.flush()
	}
	return nil
}

func (s *sink) added(size int) error {
	if s.records == 0 {
		s.since = time.Now()
	}
	s.records++
	s.bytes += size
	if s.records >= wire.BatchRecords || s.bytes >= wire.BatchBytes {
		return s.flush()
	}
	return nil
}

func (s *sink) flush() error {
	if s.failed != nil {
		return s.failed
	}
	m := &s.msg
	if s.records == 0 && len(m.Complete) == 0 && len(m.Progress) == 0 && m.Checkpoint == nil {
		return nil
	}
	if s.failed = s.ctx.Err(); s.failed != nil {
		return s.failed
	}
	s.failed = s.stream.Send(m)
	m.Parties, m.Invoices, m.Payments = m.Parties[:0], m.Invoices[:0], m.Payments[:0]
	m.Gone, m.Complete, m.Progress, m.Unreadable, m.Checkpoint = nil, nil, nil, nil, nil
	s.parties.used, s.invoices.used, s.payments.used, s.records, s.bytes = 0, 0, 0, 0, 0
	return s.failed
}

// Compare sends the list in parts and gathers the answer.
func (s *sink) Compare(stream sdk.Stream, list []sdk.Revision) ([]string, error) {
	if err := s.flush(); err != nil {
		return nil, err
	}
	for rest := list; ; {
		n := min(len(rest), wire.CompareChunk)
		part := &pb.Compare{Stream: wire.ToStream(stream), Revisions: wire.ToRevisions(rest[:n]), More: n < len(rest)}
		if s.failed = s.stream.Send(&pb.PullResponse{Compare: part}); s.failed != nil {
			return nil, s.failed
		}
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
	}
	var wanted []string
	for {
		m, err := s.stream.Recv()
		if err != nil {
			s.failed = err
			return nil, err
		}
		w := m.GetWanted()
		if w == nil {
			s.failed = errors.New("the host did not answer a compare")
			return nil, s.failed
		}
		wanted = append(wanted, w.GetIds()...)
		if !w.GetMore() {
			return wanted, nil
		}
	}
}
