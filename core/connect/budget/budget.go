// Package budget spends the rate limits of other people's interfaces: shared by
// all who call with one connection, with a share kept for what cannot wait.
package budget

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// ErrSpent comes with *sdk.RetryAfter when it is a limit that asks to wait, and
// not a package that is out of order.
var ErrSpent = errors.New("the rate limit is spent")

// Spent returns ErrSpent with the time to wait.
func Spent(who string, wait time.Duration) error {
	return fmt.Errorf("%w: %w", ErrSpent, &sdk.RetryAfter{Wait: wait, Why: who + " lets no more requests through for now"})
}

// Priority says who goes first when little is left.
type Priority int

// The priorities.
const (
	// Background is for syncs: it leaves a share of every limit untouched.
	Background Priority = iota
	// Urgent is for the gate's reads, for writes and for a waiting user.
	Urgent
)

// Spender is who sends a request.
type Spender struct {
	Connector  string
	Connection uuid.UUID
	// Administration is the package's name for the books that it is about, where
	// it is about some.
	Administration string
	Priority       Priority
}

// Budget hands out permission to send requests. An implementation is safe for
// concurrent use; one in a database is shared by several hosts.
type Budget interface {
	// Acquire waits until a request may be sent under all limits that
	// concern it. When the wait would outlast the deadline of ctx or the budget's
	// patience it returns at once with ErrSpent and *sdk.RetryAfter. Every permit is to be
	// given back with Done.
	Acquire(ctx context.Context, who Spender, limits []manifest.Limit, method, path string) (Permit, error)
}

// Permit is the permission to send one request.
type Permit interface {
	// Done tells how the request was answered, so that the budget learns what is
	// left. A status of 0 means that there was no answer.
	Done(status int, header http.Header)
}
