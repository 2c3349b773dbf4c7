package token

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Ref names a connection.
type Ref struct {
	Tenant     uuid.UUID
	Connection uuid.UUID
}

// Record is the sealed credentials of a connection.
type Record struct {
	Sealed []byte
	// Generation grows with every write and fences concurrent ones.
	Generation int64
	// Config is what the connection knows that is no secret.
	Config map[string]string
}

// Turn is the answer to somebody who wants to renew credentials.
type Turn struct {
	Record
	// OK says that the lease is given.
	OK bool
	// Wait is how long nobody may try because the last attempt failed; 0 where
	// somebody else has the lease.
	Wait time.Duration
	// Why is the reason that the last failed attempt gave.
	Why string
	// Failures counts the failed attempts in a row.
	Failures int
	// Unsure says that an attempt before this one may have taken effect although
	// its answer was never written: its answer was lost, or its holder died.
	Unsure bool
}

// Failure is how an attempt ended that brought nothing.
type Failure struct {
	Wait time.Duration
	Why  string
	// Lost says that the attempt may have taken effect.
	Lost bool
}

// ErrNone means that a connection has no credentials.
var ErrNone = errors.New("the connection has no credentials")

// Store keeps one record per connection, shared by all hosts. Every method is
// one atomic step; now is the store's own clock, so that hosts need not agree
// on the time.
type Store interface {
	// Load returns the record, or ErrNone.
	Load(ctx context.Context, ref Ref) (Record, error)

	// TakeLease gives the lease to holder for ttl when nobody has it, or its time
	// is over, and no failed attempt asked to wait. The record is as of that
	// moment. It returns ErrNone when there is no record.
	TakeLease(ctx context.Context, ref Ref, holder string, ttl time.Duration) (Turn, error)

	// CompareAndSwap writes sealed as the next generation, adds kept to the
	// connection's config and ends the lease, when the generation is still the
	// given one; ok is false when it is not.
	CompareAndSwap(ctx context.Context, ref Ref, generation int64, sealed []byte, kept map[string]string) (ok bool, err error)

	// Release ends the lease if holder has it. With a failure nobody gets the lease
	// before its wait is over.
	Release(ctx context.Context, ref Ref, holder string, f *Failure) error

	// Replace writes sealed as the next generation, whatever was there: the user
	// has authorised again. Nil removes the credentials.
	Replace(ctx context.Context, ref Ref, sealed []byte, kept map[string]string) error
}

// Sealer encrypts the credentials of a connection at rest, bound to it.
type Sealer interface {
	Seal(ctx context.Context, ref Ref, plain []byte) ([]byte, error)
	Open(ctx context.Context, ref Ref, sealed []byte) ([]byte, error)
}
