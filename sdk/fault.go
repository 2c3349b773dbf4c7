package sdk

import (
	"errors"
	"fmt"
	"time"
)

// Faults that the host knows; wrap them with %w and a sentence for the user.
var (
	// ErrAuth means that the connection must be authorised again by a person.
	ErrAuth = errors.New("not authorised")
	// ErrInvalid means that the request can never succeed as it is.
	ErrInvalid = errors.New("invalid request")
	// ErrGone means that the record does not exist at the source.
	ErrGone = errors.New("not there any more")
	// ErrResync means that the cursor is of no use any more; the host starts a
	// full pull.
	ErrResync = errors.New("cursor expired")
)

// RetryAfter asks the host to come back later.
type RetryAfter struct {
	Wait time.Duration
	Why  string
}

// Error says when and why.
func (e *RetryAfter) Error() string {
	return fmt.Sprintf("%s; try again in %s", e.Why, e.Wait.Round(time.Second))
}
