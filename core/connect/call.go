package connect

import (
	"context"
	"errors"
	"time"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/manifest"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// call is one call into a connector.
type call struct {
	host    *Host
	pkg     *catalog.Package
	lease   *supervisor.Lease
	broker  *broker.Call
	session *pb.Session
	timeout time.Duration // 0 for none
	count   *counters
	cancel  context.CancelCauseFunc
}

// errDeadline is the cause of a context that the host ended because a call did
// not end by itself.
var errDeadline = errors.New("the call did not end")

// within runs one call. The function gets a context that ends some grace after
// the deadline that the connector was given; what it returns is the error of
// the gRPC call.
func (h *Host) within(ctx context.Context, c Connection, timeout time.Duration, need manifest.Capability, secret []byte,
	do func(context.Context, *call) error,
) (begun *call, _ error) {
	pkg, err := h.get(ctx, c)
	if err != nil {
		return nil, err
	}
	count := h.counters(pkg)
	count.calls.Add(1)
	if begun, err = h.run(ctx, c, pkg, timeout, need, secret, do); err != nil {
		count.failures.Add(1)
		if ownFault(err) {
			count.faults.Add(1)
		}
	}
	return begun, err
}

// ownFault reports whether an error is the connector's own doing, rather than
// that of the package, the connection or the network.
func ownFault(err error) bool {
	switch fault.Of(err).Code {
	case "connector_start", "connector_crashed", "connector_hung", "connector_flood", "connector_failed", "connector_protocol",
		"connector_denied", "connector_capability", "connector_quarantined":
		return true
	default:
		return false
	}
}

func (h *Host) run(ctx context.Context, c Connection, pkg *catalog.Package, timeout time.Duration, need manifest.Capability, secret []byte,
	do func(context.Context, *call) error,
) (*call, error) {
	if need != "" && !pkg.Manifest.Has(need) {
		return nil, fault.New(fault.Invalid, "connector_cannot", "The connector %s cannot do this.", pkg.Manifest.Title)
	}
	program, err := h.program(pkg, c.Tenant)
	if err != nil {
		return nil, err
	}
	lease, err := h.supervisor.Acquire(ctx, program)
	if err != nil {
		return nil, err
	}
	defer lease.Done()
	if d, ok := ctx.Deadline(); ok && (timeout == 0 || time.Until(d) < timeout) {
		timeout = max(time.Until(d), time.Millisecond)
	}

	// What the connector asks of us ends with its deadline, the call itself a
	// little later: a connector that is still not done by then hangs.
	askCtx, stopAsking := context.WithCancel(ctx)
	defer stopAsking()
	callCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() {
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			cancel(ctx.Err())
		}
	})()
	if timeout > 0 {
		askCtx, stopAsking = context.WithTimeout(askCtx, timeout)
		defer stopAsking()
		defer time.AfterFunc(timeout+h.limits.Grace, func() { cancel(errDeadline) }).Stop()
	}
	b := lease.Port.Open(askCtx, target(pkg), broker.Connection{ID: c.ID, Tenant: c.Tenant, Config: c.Config, Run: c.Run, Priority: c.Priority, Administration: c.Administration})
	defer b.Close()
	k := &call{
		host: h, pkg: pkg, lease: lease, broker: b, timeout: timeout, count: h.counters(pkg), cancel: cancel,
		session: &pb.Session{Token: b.Token, Connection: c.ID.String(), Config: c.Config, WebhookSecret: secret, TimeoutMs: timeout.Milliseconds(), Manifest: source(pkg)},
	}
	if err := do(callCtx, k); err != nil {
		return k, k.explain(ctx, callCtx, err)
	}
	return k, nil
}

func (c Connection) ref() token.Ref { return token.Ref{Tenant: c.Tenant, Connection: c.ID} }
