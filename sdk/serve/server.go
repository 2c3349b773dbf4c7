package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/hashicorp/go-plugin"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// connectorPlugin registers the server with go-plugin.
type connectorPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	server *server
}

// GRPCServer registers the contract.
func (p *connectorPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	pb.RegisterConnectorServiceServer(s, p.server)
	return nil
}

// GRPCClient is the host's side; a connector has none.
func (p *connectorPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("a connector does not call connectors")
}

// server carries calls of the host to the author's code.
type server struct {
	pb.UnimplementedConnectorServiceServer
	connector sdk.Connector
	// manifests, when set, takes the place of connector: each call says by which
	// connector.yaml it is to be carried out.
	manifests *manifests
	host      pb.HostServiceClient
	log       *slog.Logger
}

// Register serves a connector on a gRPC server, for tests without a process. Host
// carries its requests and may be nil for a connector that makes none.
func Register(s grpc.ServiceRegistrar, c sdk.Connector, host pb.HostServiceClient, log *slog.Logger) {
	pb.RegisterConnectorServiceServer(s, newServer(c, host, log))
}

func newServer(c sdk.Connector, host pb.HostServiceClient, log *slog.Logger) *server {
	return &server{connector: c, host: host, log: log}
}

// session returns what the author's code works with, and its context with the
// deadline that the host has set.
func (s *server) session(ctx context.Context, m *pb.Session) (context.Context, *sdk.Session, context.CancelFunc) {
	cancel := context.CancelFunc(func() {})
	if ms := m.GetTimeoutMs(); ms > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
	}
	config := m.GetConfig()
	if config == nil {
		config = map[string]string{}
	}
	return ctx, &sdk.Session{
		HTTP:          &http.Client{Transport: NewTransport(s.host, m.GetToken())},
		Config:        config,
		WebhookSecret: m.GetWebhookSecret(),
		Log:           s.log.With("connection", m.GetConnection()),
	}, cancel
}

// finish is deferred around the author's code: it turns a panic and a returned
// error into what crosses the boundary.
func (s *server) finish(err *error, trailer func(metadata.MD)) {
	if r := recover(); r != nil {
		s.log.Error("panic in the connector", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		*err = status.Errorf(codes.Internal, "panic in the connector: %v", r)
	}
	md, st := wire.ToStatus(*err)
	if md != nil {
		trailer(md)
	}
	*err = st
}

func unary(ctx context.Context) func(metadata.MD) {
	return func(md metadata.MD) { _ = grpc.SetTrailer(ctx, md) }
}

var errCapability = status.Error(codes.Unimplemented, "the connector cannot do this")

// Check calls the author and tells what the program can do.
func (s *server) Check(ctx context.Context, m *pb.CheckRequest) (_ *pb.CheckResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	c, err := s.of(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	if err := c.Check(ctx, session); err != nil {
		return nil, err
	}
	return &pb.CheckResponse{Capabilities: capabilities(c)}, nil
}

func capabilities(c sdk.Connector) []pb.Capability {
	var list []pb.Capability
	if _, ok := c.(sdk.DocumentReader); ok {
		list = append(list, pb.Capability_CAPABILITY_DOCUMENTS)
	}
	if _, ok := c.(sdk.Writer); ok {
		list = append(list, pb.Capability_CAPABILITY_WRITES, pb.Capability_CAPABILITY_NOTES)
	}
	if _, ok := c.(sdk.WebhookReader); ok {
		list = append(list, pb.Capability_CAPABILITY_WEBHOOKS)
	}
	if _, ok := c.(sdk.Subscriber); ok {
		list = append(list, pb.Capability_CAPABILITY_SUBSCRIPTIONS)
	}
	if _, ok := c.(sdk.Reporter); ok {
		list = append(list, pb.Capability_CAPABILITY_MESSAGES)
	}
	if _, ok := c.(sdk.CreditReporter); ok {
		list = append(list, pb.Capability_CAPABILITY_CREDIT_REPORTS)
	}
	return list
}

// Administrations calls the author.
func (s *server) Administrations(ctx context.Context, m *pb.AdministrationsRequest) (_ *pb.AdministrationsResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	c, err := s.of(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	list, err := c.Administrations(ctx, session)
	if err != nil {
		return nil, err
	}
	return &pb.AdministrationsResponse{Administrations: wire.ToAdministrations(list)}, nil
}

// Pull runs the author's pull over the stream. What was sent to the sink before
// an error still reaches the host, so that nothing is read twice.
func (s *server) Pull(stream pb.ConnectorService_PullServer) (err error) {
	defer s.finish(&err, stream.SetTrailer)
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	start := first.GetStart()
	if start == nil {
		return fmt.Errorf("%w: the first message is not a start", sdk.ErrInvalid)
	}
	ctx, session, cancel := s.session(stream.Context(), start.GetSession())
	defer cancel()
	c, err := s.of(ctx, start.GetSession())
	if err != nil {
		return err
	}
	sink := newSink(ctx, stream)
	err = c.Pull(ctx, session, sdk.PullRequest{
		Administration: start.GetAdministration(), Cursor: start.GetCursor(), Invoices: start.GetInvoices(),
	}, sink)
	if sink.failed != nil {
		return sink.failed
	}
	return errors.Join(err, sink.flush())
}

// Document calls the author and streams the file.
func (s *server) Document(m *pb.DocumentRequest, stream pb.ConnectorService_DocumentServer) (err error) {
	defer s.finish(&err, stream.SetTrailer)
	ctx, session, cancel := s.session(stream.Context(), m.GetSession())
	defer cancel()
	c, err := s.of(ctx, m.GetSession())
	if err != nil {
		return err
	}
	reader, ok := c.(sdk.DocumentReader)
	if !ok {
		return errCapability
	}
	d, err := reader.Document(ctx, session, wire.FromDocumentRequest(m))
	if err != nil {
		return err
	}
	if len(d.Content) > wire.MaxDocument {
		return fmt.Errorf("%w: the document is larger than %d MiB", sdk.ErrInvalid, wire.MaxDocument>>20)
	}
	out := &pb.DocumentResponse{Name: wire.Text(d.Name), ContentType: wire.Text(d.ContentType)}
	for rest := d.Content; ; {
		n := min(len(rest), wire.ChunkSize)
		out.Content = rest[:n]
		if err := stream.Send(out); err != nil {
			return err
		}
		if rest = rest[n:]; len(rest) == 0 {
			return nil
		}
		out = &pb.DocumentResponse{}
	}
}

// Push calls the author.
func (s *server) Push(ctx context.Context, m *pb.PushRequest) (_ *pb.PushResponse, err error) {
	defer s.finish(&err, unary(ctx))
	o, err := s.write(ctx, m.GetSession(), m.GetWrite(), sdk.Writer.Push)
	return &pb.PushResponse{Outcome: o}, err
}

// Find calls the author.
func (s *server) Find(ctx context.Context, m *pb.FindRequest) (_ *pb.FindResponse, err error) {
	defer s.finish(&err, unary(ctx))
	o, err := s.write(ctx, m.GetSession(), m.GetWrite(), sdk.Writer.Find)
	return &pb.FindResponse{Outcome: o}, err
}

func (s *server) write(ctx context.Context, session *pb.Session, m *pb.Write,
	do func(sdk.Writer, context.Context, *sdk.Session, sdk.Write) (sdk.Outcome, error),
) (*pb.Outcome, error) {
	ctx, own, cancel := s.session(ctx, session)
	defer cancel()
	c, err := s.of(ctx, session)
	if err != nil {
		return nil, err
	}
	writer, ok := c.(sdk.Writer)
	if !ok {
		return nil, errCapability
	}
	w, err := wire.FromWrite(m)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	o, err := do(writer, ctx, own, w)
	if err != nil {
		return nil, err
	}
	return wire.ToOutcome(o), nil
}

// Webhook calls the author.
func (s *server) Webhook(ctx context.Context, m *pb.WebhookRequest) (_ *pb.WebhookResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	c, err := s.of(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	reader, ok := c.(sdk.WebhookReader)
	if !ok {
		return nil, errCapability
	}
	call := sdk.WebhookCall{Method: m.GetMethod(), URL: m.GetUrl(), Header: wire.FromHeader(m.GetHeader()), Body: m.GetBody()}
	if greeter, ok := c.(sdk.WebhookGreeter); ok {
		if reply, ok, err := greeter.Handshake(ctx, session, call); err != nil || ok {
			return &pb.WebhookResponse{Reply: &reply}, err
		}
	}
	hints, err := reader.Webhook(ctx, session, call)
	if err != nil {
		return nil, err
	}
	out := &pb.WebhookResponse{Hints: wire.ToHints(hints)}
	if replier, ok := c.(sdk.WebhookReplier); ok {
		reply, ok, err := replier.Reply(ctx, session, call)
		if err != nil {
			return nil, err
		}
		if ok {
			out.Answer = &reply
		}
	}
	return out, nil
}

// Subscribe calls the author.
func (s *server) Subscribe(ctx context.Context, m *pb.SubscribeRequest) (_ *pb.SubscribeResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	c, err := s.of(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	subscriber, ok := c.(sdk.Subscriber)
	if !ok {
		return nil, errCapability
	}
	got, err := subscriber.Subscribe(ctx, session, sdk.SubscribeRequest{Administration: m.GetAdministration(), URL: m.GetUrl(), Renew: m.GetRenew()})
	if err != nil {
		return nil, err
	}
	return wire.ToSubscription(got), nil
}

// Unsubscribe calls the author.
func (s *server) Unsubscribe(ctx context.Context, m *pb.UnsubscribeRequest) (_ *pb.UnsubscribeResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	c, err := s.of(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	subscriber, ok := c.(sdk.Subscriber)
	if !ok {
		return nil, errCapability
	}
	return &pb.UnsubscribeResponse{}, subscriber.Unsubscribe(ctx, session, m.GetAdministration(), m.GetId())
}

// Report calls the author.
func (s *server) Report(ctx context.Context, m *pb.ReportRequest) (_ *pb.ReportResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	c, err := s.of(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	reporter, ok := c.(sdk.Reporter)
	if !ok {
		return nil, errCapability
	}
	r, err := reporter.Report(ctx, session, wire.FromReportRequest(m))
	if err != nil {
		return nil, err
	}
	return &pb.ReportResponse{Report: wire.ToReport(r)}, nil
}
