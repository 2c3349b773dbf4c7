package connect

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// trailed is a gRPC error with the trailer that came with it.
type trailed struct {
	error
	md metadata.MD
}

func (t *trailed) Unwrap() error { return t.error }

// unary makes a gRPC call that keeps the trailer of an error.
func unary[Q, A any](ctx context.Context, do func(context.Context, Q, ...grpc.CallOption) (A, error), q Q) (A, error) {
	var md metadata.MD
	a, err := do(ctx, q, grpc.Trailer(&md))
	if err != nil {
		err = &trailed{error: err, md: md}
	}
	return a, err
}

// capabilities maps what a program says of itself to what its manifest says.
var capabilities = map[manifest.Capability]pb.Capability{
	manifest.Documents:     pb.Capability_CAPABILITY_DOCUMENTS,
	manifest.Payments:      pb.Capability_CAPABILITY_WRITES,
	manifest.Notes:         pb.Capability_CAPABILITY_NOTES,
	manifest.Webhooks:      pb.Capability_CAPABILITY_WEBHOOKS,
	manifest.Subscriptions: pb.Capability_CAPABILITY_SUBSCRIPTIONS,
	manifest.SendSMS:       pb.Capability_CAPABILITY_MESSAGES,
	manifest.SendVoice:     pb.Capability_CAPABILITY_MESSAGES,
	manifest.SendLetter:    pb.Capability_CAPABILITY_MESSAGES,
	manifest.SendDocument:  pb.Capability_CAPABILITY_MESSAGES,
	manifest.CreditReports: pb.Capability_CAPABILITY_CREDIT_REPORTS,
}

// Check proves that a connection works.
func (h *Host) Check(ctx context.Context, c Connection) error {
	_, err := h.within(ctx, c, h.limits.Check, "", nil, func(ctx context.Context, k *call) error {
		a, err := unary(ctx, k.lease.Connector.Check, &pb.CheckRequest{Session: k.session})
		if err != nil {
			return err
		}
		for _, claimed := range k.pkg.Manifest.Capabilities {
			if !slices.Contains(a.GetCapabilities(), capabilities[claimed]) {
				return stop{k.fault(fault.Internal, "connector_capability", "The connector %s cannot do what its connector.yaml says: %s.", claimed)}
			}
		}
		return nil
	})
	return err
}

// Administrations lists the sets of books of a connection.
func (h *Host) Administrations(ctx context.Context, c Connection) (list []sdk.Administration, err error) {
	_, err = h.within(ctx, c, h.limits.Check, "", nil, func(ctx context.Context, k *call) error {
		a, err := unary(ctx, k.lease.Connector.Administrations, &pb.AdministrationsRequest{Session: k.session})
		if err != nil {
			return err
		}
		if list, err = wire.FromAdministrations(a.GetAdministrations()); err != nil {
			return stop{k.fault(fault.Internal, "connector_protocol", "The connector %s sent something unreadable: %s.", err)}
		}
		return nil
	})
	return list, err
}

// Push carries out a write. An error means that nothing was written; when it is
// not known whether something was, the outcome is Uncertain and Find tells.
func (h *Host) Push(ctx context.Context, c Connection, w sdk.Write) (sdk.Outcome, error) {
	out := sdk.Outcome{State: sdk.Uncertain}
	answered := false
	begun, err := h.within(ctx, c, h.limits.Write, needs(w), nil, func(ctx context.Context, k *call) error {
		a, err := unary(ctx, k.lease.Connector.Push, &pb.PushRequest{Session: k.session, Write: wire.ToWrite(w)})
		if err != nil {
			return err
		}
		out, answered = wire.FromOutcome(a.GetOutcome()), true
		return nil
	})
	if err == nil || answered {
		return out, nil
	}
	// The author says "uncertain" where that is so; only when the author could
	// not speak any more is it for us to say.
	if begun != nil && begun.broker.Exchanges() > 0 && silenced(err) {
		return sdk.Outcome{State: sdk.Uncertain, Message: err.Error()}, nil
	}
	return sdk.Outcome{}, err
}

// needs is the capability that a write takes.
func needs(w sdk.Write) manifest.Capability {
	if w.Note != nil {
		return manifest.Notes
	}
	if w.Message != nil {
		return manifest.Sends(w.Message.Kind)
	}
	return manifest.Payments
}

// silenced reports whether a call ended without the connector's own answer.
func silenced(err error) bool {
	switch fault.Of(err).Code {
	case "connector_crashed", "connector_hung", "connector_flood", "connector_failed", "internal":
		return true
	default:
		return false
	}
}

// Find looks for the effect of an earlier write.
func (h *Host) Find(ctx context.Context, c Connection, w sdk.Write) (out sdk.Outcome, err error) {
	_, err = h.within(ctx, c, h.limits.Write, needs(w), nil, func(ctx context.Context, k *call) error {
		a, err := unary(ctx, k.lease.Connector.Find, &pb.FindRequest{Session: k.session, Write: wire.ToWrite(w)})
		out = wire.FromOutcome(a.GetOutcome())
		return err
	})
	return out, err
}

// Webhook lets the connector verify a call of the package. The hints say what to
// read, nothing more. The secret signs the calls; the connection's own is taken
// when it is empty, or that of our registration. The error wraps sdk.ErrAuth for a wrong signature.
func (h *Host) Webhook(ctx context.Context, c Connection, w sdk.WebhookCall, secret []byte) (out Heard, err error) {
	if len(secret) == 0 && c.ID != uuid.Nil {
		pkg, err := h.get(ctx, c)
		if err != nil {
			return out, err
		}
		secret, err = h.tokens.WebhookSecret(ctx, c.ref(), pkg.Manifest)
		if err != nil {
			return out, fault.New(fault.Denied, "connection_unauthorised", "The connection has no credentials.").Because(err)
		}
	}
	_, err = h.within(ctx, c, h.limits.Webhook, manifest.Webhooks, secret, func(ctx context.Context, k *call) error {
		a, err := unary(ctx, k.lease.Connector.Webhook, &pb.WebhookRequest{
			Session: k.session, Method: w.Method, Url: wire.Text(w.URL), Header: wire.ToHeader(w.Header), Body: w.Body,
		})
		out = Heard{Hints: wire.FromHints(a.GetHints()), Reply: a.GetReply(), Greeting: a != nil && a.Reply != nil}
		if a != nil && a.Answer != nil {
			out.Reply = a.GetAnswer()
		}
		return err
	})
	return out, err
}

// Heard is what a call of a package came to.
type Heard struct {
	Hints []sdk.Hint
	// Greeting says that the call only asked whether we are there; Reply is what the
	// package wants to read, also in answer to hints.
	Greeting bool
	Reply    string
}

// Subscribe asks the package to call a URL on changes of an administration.
func (h *Host) Subscribe(ctx context.Context, c Connection, r sdk.SubscribeRequest) (got sdk.Subscription, err error) {
	_, err = h.within(ctx, c, h.limits.Write, manifest.Subscriptions, nil, func(ctx context.Context, k *call) error {
		a, err := unary(ctx, k.lease.Connector.Subscribe, &pb.SubscribeRequest{Session: k.session, Administration: r.Administration, Url: r.URL, Renew: r.Renew})
		got = wire.FromSubscription(a)
		return err
	})
	return got, err
}

// Unsubscribe ends a subscription.
func (h *Host) Unsubscribe(ctx context.Context, c Connection, administration, id string) error {
	_, err := h.within(ctx, c, h.limits.Write, manifest.Subscriptions, nil, func(ctx context.Context, k *call) error {
		_, err := unary(ctx, k.lease.Connector.Unsubscribe, &pb.UnsubscribeRequest{Session: k.session, Administration: administration, Id: id})
		return err
	})
	return err
}

// Report asks what became of a message. The error wraps sdk.ErrGone when the
// package knows of none.
func (h *Host) Report(ctx context.Context, c Connection, r sdk.ReportRequest) (out sdk.DeliveryReport, err error) {
	_, err = h.within(ctx, c, h.limits.Targeted, manifest.Sends(r.Kind), nil, func(ctx context.Context, k *call) error {
		q := wire.ToReportRequest(r)
		q.Session = k.session
		a, err := unary(ctx, k.lease.Connector.Report, q)
		if err != nil {
			return err
		}
		if out, err = wire.FromReport(a.GetReport()); err != nil {
			return stop{k.fault(fault.Internal, "connector_protocol", "The connector %s sent something unreadable: %s.", err)}
		}
		return nil
	})
	return out, err
}
