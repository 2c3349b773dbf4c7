// Package fault gives errors a code that callers can act on and a sentence that
// may be shown to the person who caused them.
package fault

import (
	"errors"
	"fmt"
)

// Kind says whose turn it is after an error.
type Kind string

// The kinds, with the HTTP status a boundary maps them to.
const (
	Invalid     Kind = "invalid"     // 422: the input is wrong; say what to change
	NotFound    Kind = "not_found"   // 404
	Conflict    Kind = "conflict"    // 409: true at another moment or for another state
	Denied      Kind = "denied"      // 403
	SignIn      Kind = "sign_in"     // 401
	Unavailable Kind = "unavailable" // 503: try again later, by itself
	Internal    Kind = "internal"    // 500: our mistake; the message is never shown
)

// Error carries a stable code, a sentence for the reader and the cause.
type Error struct {
	Kind    Kind
	Code    string // stable, snake_case: "administration_not_chosen"
	Message string // one sentence, what happened and what to do next
	Cause   error
}

// Error returns the sentence and the cause, for logs.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of a kind with a code and a formatted sentence.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Because returns a copy of e with a cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Of returns the fault inside err, or an Internal one around it.
func Of(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return &Error{Kind: Internal, Code: "internal", Message: "Something went wrong on our side. Nothing was changed; please try again.", Cause: err}
}

// Is reports whether err carries a fault of the kind.
func Is(err error, kind Kind) bool {
	var f *Error
	return errors.As(err, &f) && f.Kind == kind
}
