package mollie

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Error is a request that Mollie refused, or that got no usable answer.
type Error struct {
	Op     string // what was tried: "create payment"
	Status int    // HTTP status; 0 without an answer
	Title  string
	Detail string // Mollie's sentence for people who integrate
	Field  string // the field at fault, when one is
	// RetryAfter is how long Mollie asks to wait; 0 when it does not say.
	RetryAfter time.Duration
	Cause      error
}

// Error returns one line for logs. It never holds the key.
func (e *Error) Error() string {
	s := "mollie: " + e.Op + ": "
	switch {
	case e.Status == 0:
		return s + "no answer: " + fmt.Sprint(e.Cause)
	case e.Field != "":
		return fmt.Sprintf("%s%d %s: %s (field %s)", s, e.Status, e.Title, e.Detail, e.Field)
	case e.Cause != nil:
		return fmt.Sprintf("%s%d %s: %v", s, e.Status, e.Title, e.Cause)
	}
	return fmt.Sprintf("%s%d %s: %s", s, e.Status, e.Title, e.Detail)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Retryable reports whether the same request may succeed later. Repeat a write
// with the idempotency key of the first try, and it takes effect once.
func (e *Error) Retryable() bool {
	if errors.Is(e.Cause, context.Canceled) {
		return false
	}
	switch {
	case e.Status == 0, e.Status == http.StatusRequestTimeout, e.Status == http.StatusTooManyRequests, e.Status >= 500:
		return true
	}
	// An answer of 2xx that could not be read: the write may have taken effect.
	return e.Status < 300
}

// NotFound reports whether Mollie does not know the id, which is also how a
// forged webhook looks.
func (e *Error) NotFound() bool {
	return e.Status == http.StatusNotFound || e.Status == http.StatusGone
}

// Unauthorized reports whether the API key is not, or no longer, good.
func (e *Error) Unauthorized() bool { return e.Status == http.StatusUnauthorized }

// AsError returns the Error inside err, or nil.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
