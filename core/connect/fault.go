package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// stop is an error that the host itself raises in a call: it is final and
// needs no explanation.
type stop struct{ error }

func (s stop) Unwrap() error { return s.error }

// flood ends the process of a call that sends without end, and returns the
// fault.
func (k *call) flood(format string, args ...any) error {
	why := fmt.Sprintf(format, args...)
	k.lease.Cut(why)
	return stop{k.fault(fault.Internal, "connector_flood", "The connector %s was stopped: %s.", why)}
}

// fault makes a fault whose sentence begins with the connector's title.
func (k *call) fault(kind fault.Kind, code, format string, args ...any) *fault.Error {
	return fault.New(kind, code, format, append([]any{k.pkg.Manifest.Title}, args...)...)
}

// explain turns the error of a call into a fault.
func (k *call) explain(ctx, callCtx context.Context, err error) error {
	if s, ok := errors.AsType[stop](err); ok {
		return s.error
	}
	switch {
	case errors.Is(context.Cause(callCtx), errDeadline):
		why := fmt.Sprintf("a call did not end %s after its deadline", k.host.limits.Grace)
		if k.timeout == 0 {
			why = fmt.Sprintf("a pull gave no sign of life for %s", k.host.limits.Silence)
		}
		k.lease.Hung(why)
		return k.fault(fault.Unavailable, "connector_hung", "The connector %s hangs (%s) and is started again.", why)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	var trailer *trailed
	f := wire.FromStatus(err, nil)
	if errors.As(err, &trailer) {
		f = wire.FromStatus(trailer.error, trailer.md)
	}
	code := codes.Unknown
	if w, ok := errors.AsType[*wire.Fault](f); ok {
		code = w.Code
	}
	// Nobody but us ends a call before its time, and then ctx says so.
	broken := code == codes.Unavailable || code == codes.Canceled || code == codes.Internal && isTransport(err)
	if broken {
		if cause, gone := k.lease.Crash(); gone {
			return k.fault(fault.Unavailable, "connector_crashed", "The connector %s stopped in the middle of a call: %s.", cause)
		}
	}
	if code == codes.ResourceExhausted && strings.Contains(f.Error(), "larger than max") {
		return errors.Unwrap(k.flood("it sent a message of more than %d MiB", wire.MaxMessage>>20))
	}
	if known := k.broker.Fault(); known != nil {
		f = errors.Join(known, f)
	}
	return k.classify(code, f)
}

// classify says whose turn it is after an error of the connector.
func (k *call) classify(code codes.Code, err error) error {
	title := k.pkg.Manifest.Title
	switch {
	case errors.Is(err, sdk.ErrAuth):
		return fault.New(fault.Denied, "connection_unauthorised", "%s does not let us in any more. Connect it again.", title).Because(err)
	case isRetry(err):
		r, _ := errors.AsType[*sdk.RetryAfter](err)
		return fault.New(fault.Unavailable, "connection_limited", "%s asks us to wait %s.", title, r.Wait.Round(time.Second)).Because(err)
	case errors.Is(err, sdk.ErrResync):
		return fault.New(fault.Conflict, "cursor_expired", "%s cannot continue where the last sync ended; a full sync is needed.", title).Because(err)
	case errors.Is(err, sdk.ErrGone):
		return fault.New(fault.NotFound, "record_gone", "%s does not have this record any more.", title).Because(err)
	case errors.Is(err, wire.ErrDenied):
		return fault.New(fault.Internal, "connector_denied", "The connector %s asked for an address that it may not call.", title).Because(err)
	case errors.Is(err, sdk.ErrInvalid):
		return fault.New(fault.Invalid, "connector_refused", "%s does not accept this: %s", title, sentence(err)).Because(cmp.Or(errors.Unwrap(err), err))
	case code == codes.Unimplemented:
		return fault.New(fault.Invalid, "connector_cannot", "The connector %s cannot do this.", title).Because(err)
	case code == codes.Internal:
		return fault.New(fault.Internal, "connector_failed", "The connector %s failed. Its publisher must look at it.", title).Because(err)
	default:
		return fault.New(fault.Unavailable, "package_unreachable", "%s cannot be reached right now. We try again by ourselves.", title).Because(err)
	}
}

func isRetry(err error) bool {
	_, ok := errors.AsType[*sdk.RetryAfter](err)
	return ok
}

// sentence shortens an error for a person to read.
func sentence(err error) string {
	s := strings.TrimSuffix(strings.SplitN(err.Error(), "\n", 2)[0], ".")
	if len(s) > 300 {
		s = s[:300] + " ..."
	}
	return s + "."
}

// isTransport tells a broken connection from an error of the connector's code.
func isTransport(err error) bool {
	s, _ := status.FromError(err)
	return !strings.HasPrefix(s.Message(), "panic in the connector")
}
