package connect

import (
	"context"
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// Batch is a run of records in the order in which they count: the records, then
// what is gone, then which streams are complete. It and its slices belong to the
// host again when the sink returns.
type Batch struct {
	Parties    []sdk.Party
	Invoices   []sdk.Invoice
	Payments   []sdk.Payment
	Unreadable []Unreadable
	Gone       []Gone
	Complete   []sdk.Stream
	// Expected is about how many records of a stream are to come, for the progress
	// bar.
	Expected map[sdk.Stream]int
	// Checkpoint is where a later pull can continue once this batch is stored,
	// nil when the batch ends without one. It may be kept.
	Checkpoint []byte
}

// Gone names a record that was deleted at the source.
type Gone struct {
	Stream sdk.Stream
	ID     string
}

// Unreadable names a record that exists but cannot be told, with the reason for
// the user.
type Unreadable struct {
	Stream sdk.Stream
	ID     string
	Reason string
}

// BatchSink takes what a pull sends, from one goroutine. An error ends the pull,
// which returns it.
type BatchSink interface {
	// Batch stores a batch with its checkpoint, in one transaction.
	Batch(ctx context.Context, b *Batch) error
	// Compare takes the complete list of a stream and returns the ids that are
	// not there in that revision. What is not in the list was deleted.
	Compare(ctx context.Context, s sdk.Stream, list []sdk.Revision) (wanted []string, err error)
}

func (b *Batch) reset() {
	*b = Batch{
		Parties: b.Parties[:0], Invoices: b.Invoices[:0], Payments: b.Payments[:0], Unreadable: b.Unreadable[:0],
		Gone: b.Gone[:0], Complete: b.Complete[:0],
	}
}

// records returns how many there are, for the limits.
func (b *Batch) records() int64 {
	return int64(len(b.Parties) + len(b.Invoices) + len(b.Payments) + len(b.Unreadable) + len(b.Gone))
}

// fill reads a message. A record that has an id but is otherwise wrong becomes
// an unreadable one; one without an id is an error of the connector.
func (b *Batch) fill(m *pb.PullResponse) error {
	b.reset()
	for _, r := range m.GetParties() {
		v, err := wire.FromParty(r)
		if err != nil {
			return err
		}
		b.Parties = append(b.Parties, v)
	}
	for _, r := range m.GetInvoices() {
		v, err := wire.FromInvoice(r)
		if err == nil {
			b.Invoices = append(b.Invoices, v)
		} else if err = b.unreadable(sdk.Invoices, r.GetId(), err); err != nil {
			return err
		}
	}
	for _, r := range m.GetPayments() {
		v, err := wire.FromPayment(r)
		if err == nil {
			b.Payments = append(b.Payments, v)
		} else if err = b.unreadable(sdk.Payments, r.GetId(), err); err != nil {
			return err
		}
	}
	for _, r := range m.GetUnreadable() {
		if err := b.unreadable(wire.FromStream(r.GetStream()), r.GetId(), errors.New(r.GetReason())); err != nil {
			return err
		}
	}
	for _, r := range m.GetGone() {
		g := Gone{Stream: wire.FromStream(r.GetStream()), ID: r.GetId()}
		if g.Stream == "" || g.ID == "" {
			return fmt.Errorf("a deletion of stream %q without an id or a known stream", r.GetStream())
		}
		b.Gone = append(b.Gone, g)
	}
	for _, s := range m.GetComplete() {
		if wire.FromStream(s) == "" {
			return fmt.Errorf("stream %q is not known", s)
		}
		b.Complete = append(b.Complete, wire.FromStream(s))
	}
	for _, p := range m.GetProgress() {
		if b.Expected == nil {
			b.Expected = map[sdk.Stream]int{}
		}
		b.Expected[wire.FromStream(p.GetStream())] = int(max(p.GetExpected(), 0))
	}
	b.Checkpoint = m.Checkpoint
	return nil
}

func (b *Batch) unreadable(s sdk.Stream, id string, why error) error {
	if errors.Is(why, wire.ErrNoID) || s == "" || id == "" {
		return why
	}
	b.Unreadable = append(b.Unreadable, Unreadable{Stream: s, ID: wire.Text(id), Reason: wire.Text(why.Error())})
	return nil
}
