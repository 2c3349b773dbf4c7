package conformance

import (
	"context"
	"errors"
	"net/http"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Target is a connector that can be called.
type Target interface {
	Manifest() *manifest.Manifest
	// Connect opens a connection of its own whose requests are answered by a
	// handler, as if that were the package. Connections may be used at once.
	Connect(ctx context.Context, a Access, answer http.Handler) (Session, error)
	// Usage tells what the connector's process uses now; ok is false when that
	// cannot be known.
	Usage() (u Usage, ok bool)
}

// Access is what a user would give when connecting.
type Access struct {
	Config map[string]string // answers to the form, without the secret ones
	Method string            // name of the way to sign in; empty for the first
	// Token and Refresh are what OAuth2 gave.
	Token, Refresh string
	// Secrets are the secret answers, and the user name where there is one.
	Secrets map[string]string
}

// Session is a connection at a connector. The errors of its methods are told
// apart by [ClassOf].
type Session interface {
	Check(ctx context.Context) error
	Administrations(ctx context.Context) ([]sdk.Administration, error)
	// Pull gives the sink whole batches: each ends with its checkpoint, if any.
	Pull(ctx context.Context, r sdk.PullRequest, sink sdk.Sink) error
	Document(ctx context.Context, r sdk.DocumentRequest) (sdk.Document, error)
	Push(ctx context.Context, w sdk.Write) (sdk.Outcome, error)
	Find(ctx context.Context, w sdk.Write) (sdk.Outcome, error)
	Report(ctx context.Context, r sdk.ReportRequest) (sdk.DeliveryReport, error)
	Companies(ctx context.Context, q sdk.CompanyQuery) ([]sdk.Company, error)
	CreditReport(ctx context.Context, r sdk.CreditRequest) (sdk.CreditReport, error)
	Webhook(ctx context.Context, call sdk.WebhookCall, secret []byte) (Heard, error)
	Subscribe(ctx context.Context, r sdk.SubscribeRequest) (sdk.Subscription, error)
	Unsubscribe(ctx context.Context, administration, id string) error
	Close()
}

// Heard is what a call of a package came to.
type Heard struct {
	Hints []sdk.Hint
	// Greeting says that the call only asks whether we are there, and wants to read
	// Reply.
	Greeting bool
	Reply    string
}

// Usage is what a process uses.
type Usage struct {
	Memory  int64 // resident, in bytes
	Files   int   // open
	Threads int
	CPU     float64 // seconds since its start
}

// Class says what kind of failure an error is.
type Class string

// The classes. The first five are what a connector may say; the others are found
// by the host.
const (
	Wait    Class = "wait"    // come back later: sdk.RetryAfter
	Auth    Class = "auth"    // a person must authorise again: sdk.ErrAuth
	Invalid Class = "invalid" // can never succeed: sdk.ErrInvalid
	Gone    Class = "gone"    // not there any more: sdk.ErrGone
	Resync  Class = "resync"  // start again: sdk.ErrResync
	Passing Class = "passing" // any other error: tried again
	Denied  Class = "denied"  // asked for an address that it may not call
	Crash   Class = "crash"   // panicked, exited or spoke nonsense
	Hang    Class = "hang"    // did not end
)

// Failure is an error of a class that its text does not show.
type Failure struct {
	Class Class
	Err   error
}

// Error is that of the error behind it.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the error behind it.
func (f *Failure) Unwrap() error { return f.Err }

// ClassOf returns the class of an error of a session, "" for nil.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		return f.Class
	}
	if _, ok := errors.AsType[*sdk.RetryAfter](err); ok {
		return Wait
	}
	for class, is := range map[Class]error{Auth: sdk.ErrAuth, Resync: sdk.ErrResync, Gone: sdk.ErrGone, Invalid: sdk.ErrInvalid, Hang: context.DeadlineExceeded} {
		if errors.Is(err, is) {
			return class
		}
	}
	return Passing
}
