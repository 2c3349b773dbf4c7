// Package serve runs a connector as the program that the host starts.
package serve

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Run serves the connector until the host ends the process. It is the whole of
// a connector's main function.
//
// What the program prints and what it logs through Session.Log reaches the
// operator's log; a panic in a call becomes that call's error.
func Run(c sdk.Connector) { run(func(s *server) { s.connector = c }) }

// RunManifests serves every connector that is a connector.yaml and nothing else:
// each call names the one to be carried out, the host hands it out, and open
// makes the connector.
func RunManifests(open func(manifest []byte) (sdk.Connector, error)) {
	run(func(s *server) { s.manifests = newManifests(open) })
}

func run(with func(*server)) {
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	host, err := dialHost(os.Getenv(wire.HostSocket))
	if err != nil {
		log.Error("cannot reach the host", "error", err)
		os.Exit(1)
	}
	s := newServer(nil, host, log)
	with(s)
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  wire.ProtocolVersion,
			MagicCookieKey:   wire.CookieKey,
			MagicCookieValue: wire.CookieValue,
		},
		Plugins:    plugin.PluginSet{wire.PluginName: &connectorPlugin{server: s}},
		Logger:     hclog.NewNullLogger(),
		GRPCServer: newGRPCServer,
	})
}

func newGRPCServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts,
		grpc.MaxRecvMsgSize(wire.MaxMessage),
		grpc.InitialWindowSize(wire.Window), grpc.InitialConnWindowSize(wire.Window),
		grpc.WriteBufferSize(wire.SocketBuffer), grpc.ReadBufferSize(wire.SocketBuffer),
	)...)
}

// dialHost connects lazily: a process that only answers locally needs no host.
func dialHost(socket string) (pb.HostServiceClient, error) {
	if socket == "" {
		socket = "not-started-by-a-host"
	}
	conn, err := grpc.NewClient("unix:"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithInitialWindowSize(wire.Window), grpc.WithInitialConnWindowSize(wire.Window),
	)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", socket, err)
	}
	return pb.NewHostServiceClient(conn), nil
}
