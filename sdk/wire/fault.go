package wire

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// retryAfterTrailer carries the wait of sdk.RetryAfter in milliseconds.
const retryAfterTrailer = "voldaan-retry-after-ms"

// maxMessage bounds the text of an error that crosses the boundary.
const maxMessage = 2000

// ErrDenied means that connector.yaml does not name the address.
var ErrDenied = errors.New("address not allowed")

// faults maps the errors that both sides know to codes. The order decides when
// an error wraps several.
var faults = []struct {
	err  error
	code codes.Code
}{
	{sdk.ErrAuth, codes.Unauthenticated},
	{ErrDenied, codes.PermissionDenied},
	{sdk.ErrResync, codes.OutOfRange},
	{sdk.ErrGone, codes.NotFound},
	{sdk.ErrInvalid, codes.InvalidArgument},
	{context.DeadlineExceeded, codes.DeadlineExceeded},
	{context.Canceled, codes.Canceled},
}

// ToStatus turns an error of the author or of the host into a gRPC status. The
// trailer is to be sent along when it is not nil.
func ToStatus(err error) (metadata.MD, error) {
	if err == nil {
		return nil, nil
	}
	text := Text(err.Error())
	if len(text) > maxMessage {
		text = Text(text[:maxMessage]) + " ..."
	}
	if r, ok := errors.AsType[*sdk.RetryAfter](err); ok {
		ms := max(r.Wait.Milliseconds(), 1)
		return metadata.Pairs(retryAfterTrailer, strconv.FormatInt(ms, 10)), status.Error(codes.ResourceExhausted, text)
	}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return nil, status.Error(f.code, text)
		}
	}
	if s, ok := status.FromError(err); ok {
		return nil, status.Error(s.Code(), text)
	}
	return nil, status.Error(codes.Unknown, text)
}

// Fault is an error of the other side. It wraps the fault of package sdk that
// its code stands for, and keeps the words.
type Fault struct {
	Code    codes.Code
	Message string
	cause   error
}

// Error returns the words of the other side.
func (f *Fault) Error() string { return f.Message }

// Unwrap returns the fault of package sdk, or nil.
func (f *Fault) Unwrap() error { return f.cause }

// FromStatus turns what a gRPC call returned into a Fault that wraps what
// ToStatus was given.
func FromStatus(err error, trailer metadata.MD) error {
	if err == nil {
		return nil
	}
	s, _ := status.FromError(err)
	f := &Fault{Code: s.Code(), Message: s.Message()}
	if f.Code == codes.ResourceExhausted {
		if v := trailer.Get(retryAfterTrailer); len(v) > 0 {
			if ms, err := strconv.ParseInt(v[0], 10, 64); err == nil && ms > 0 && ms < int64(7*24*time.Hour/time.Millisecond) {
				f.cause = &sdk.RetryAfter{Wait: time.Duration(ms) * time.Millisecond, Why: f.Message}
			}
		}
		return f
	}
	for _, known := range faults {
		if known.code == f.Code {
			f.cause = known.err
		}
	}
	return f
}
