// Command stream is the connector that the process boundary is measured with: it
// reads pages and sends batches of the size that it is asked for. With "bare" and
// a socket it is no connector but a gRPC server that streams messages of the same
// size, made once.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/voldaan/voldaan/deploy/bench/pages"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "bare" {
		if err := bare(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: wire.ProtocolVersion, MagicCookieKey: wire.CookieKey, MagicCookieValue: wire.CookieValue,
		},
		Plugins:    plugin.PluginSet{wire.PluginName: &program{}},
		Logger:     hclog.NewNullLogger(),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server { return grpc.NewServer(append(opts, options()...)...) },
	})
}

// options are those of package serve of the SDK.
func options() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(wire.MaxMessage),
		grpc.InitialWindowSize(wire.Window), grpc.InitialConnWindowSize(wire.Window),
		grpc.WriteBufferSize(wire.SocketBuffer), grpc.ReadBufferSize(wire.SocketBuffer),
	}
}

// bare serves the stream alone.
func bare(socket string) error {
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	s := grpc.NewServer(options()...)
	pb.RegisterConnectorServiceServer(s, &program{bare: true})
	return s.Serve(l)
}

type program struct {
	plugin.NetRPCUnsupportedPlugin
	pb.UnimplementedConnectorServiceServer
	bare bool
}

// GRPCServer implements plugin.GRPCPlugin.
func (p *program) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	pb.RegisterConnectorServiceServer(s, p)
	return nil
}

// GRPCClient implements plugin.GRPCPlugin.
func (*program) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("not a host")
}

// Check finds nothing wrong.
func (*program) Check(context.Context, *pb.CheckRequest) (*pb.CheckResponse, error) {
	return &pb.CheckResponse{}, nil
}

// Pull sends config "invoices" in batches of config "batch".
func (p *program) Pull(stream pb.ConnectorService_PullServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	c := first.GetStart().GetSession().GetConfig()
	n, err := strconv.Atoi(c["invoices"])
	if err != nil {
		return err
	}
	batch, err := strconv.Atoi(c["batch"])
	if err != nil {
		return err
	}
	s := &sink{stream: stream, free: make([]pb.Invoice, batch)}
	if p.bare {
		return s.repeat(n, batch)
	}
	if err := pages.Read(n, s.add); err != nil {
		return err
	}
	return s.flush()
}

// sink gathers messages that are used again, as the SDK's does.
type sink struct {
	stream pb.ConnectorService_PullServer
	msg    pb.PullResponse
	free   []pb.Invoice
}

func (s *sink) add(v sdk.Invoice) error {
	m := &s.free[len(s.msg.Invoices)]
	if err := wire.PutInvoice(m, &v); err != nil {
		return err
	}
	if s.msg.Invoices = append(s.msg.Invoices, m); len(s.msg.Invoices) == len(s.free) {
		return s.flush()
	}
	return nil
}

func (s *sink) flush() error {
	if len(s.msg.Invoices) == 0 {
		return nil
	}
	err := s.stream.Send(&s.msg)
	s.msg.Invoices = s.msg.Invoices[:0]
	return err
}

// repeat sends one message over and over: nothing is read or translated.
func (s *sink) repeat(n, batch int) error {
	errFull := errors.New("full")
	err := pages.Read(batch, func(v sdk.Invoice) error {
		m := &s.free[len(s.msg.Invoices)]
		if err := wire.PutInvoice(m, &v); err != nil {
			return err
		}
		if s.msg.Invoices = append(s.msg.Invoices, m); len(s.msg.Invoices) == batch {
			return errFull
		}
		return nil
	})
	if !errors.Is(err, errFull) {
		return err
	}
	for ; n > 0; n -= batch {
		if err := s.stream.Send(&s.msg); err != nil {
			return err
		}
	}
	return nil
}
