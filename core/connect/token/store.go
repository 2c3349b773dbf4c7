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
}

// ErrNone means that a connection has no credentials.
var ErrNone = errors.New("the connection has no credentials")

// Store keeps one record per connection, shared by all hosts. Every method is
// one atomic step; now is the store's own clock, so that hosts need not agree
// on the time.
type Store interface {
	// Load returns the record, or ErrNone.
	//
	//	select sealed_credentials, token_generation from connection
	//	where id = $1 and sealed_credentials is not null
	Load(ctx context.Context, ref Ref) (Record, error)

	// TakeLease gives the lease to holder for ttl when nobody has it, or its time
	// is over, and returns the record as of that moment; ok is false when
	// somebody else has it. It returns ErrNone when there is no record.
	//
	//	update connection set lease_holder = $2, lease_until = now() + $3
	//	where id = $1 and sealed_credentials is not null
	//	  and (lease_until is null or lease_until < now())
	//	returning sealed_credentials, token_generation
	TakeLease(ctx context.Context, ref Ref, holder string, ttl time.Duration) (r Record, ok bool, err error)

	// CompareAndSwap writes sealed as the next generation and ends the lease,
	// when the generation is still the given one; ok is false when it is not.
	//
	//	update connection set sealed_credentials = $3,
	//	  token_generation = token_generation + 1, lease_holder = null, lease_until = null
	//	where id = $1 and token_generation = $2
	CompareAndSwap(ctx context.Context, ref Ref, generation int64, sealed []byte) (ok bool, err error)

	// Release ends the lease if holder has it.
	//
	//	update connection set lease_holder = null, lease_until = null
	//	where id = $1 and lease_holder = $2
	Release(ctx context.Context, ref Ref, holder string) error

	// Replace writes sealed as the next generation, whatever was there: the user
	// has authorised again. Nil removes the credentials.
	//
	//	update connection set sealed_credentials = $2,
	//	  token_generation = token_generation + 1, lease_holder = null, lease_until = null
	//	where id = $1
	Replace(ctx context.Context, ref Ref, sealed []byte) error
}

// Sealer encrypts the credentials of a connection at rest, bound to it.
type Sealer interface {
	Seal(ctx context.Context, ref Ref, plain []byte) ([]byte, error)
	Open(ctx context.Context, ref Ref, sealed []byte) ([]byte, error)
}
