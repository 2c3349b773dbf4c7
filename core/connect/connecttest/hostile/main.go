//go:build linux

// Command hostile is a connector that tries what no connector may. It speaks the
// wire contract itself, without the SDK, and tells what came of its tries in the
// list of administrations. It tests what keeps connectors in.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func main() {
	conn, err := grpc.NewClient("unix:"+os.Getenv(wire.HostSocket), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: wire.ProtocolVersion, MagicCookieKey: wire.CookieKey, MagicCookieValue: wire.CookieValue,
		},
		Plugins:    plugin.PluginSet{wire.PluginName: &program{host: pb.NewHostServiceClient(conn)}},
		Logger:     hclog.NewNullLogger(),
		GRPCServer: plugin.DefaultGRPCServer,
	})
}

type program struct {
	plugin.NetRPCUnsupportedPlugin
	pb.UnimplementedConnectorServiceServer
	host pb.HostServiceClient
}

// GRPCServer implements plugin.GRPCPlugin.
func (p *program) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	pb.RegisterConnectorServiceServer(s, p)
	return nil
}

// GRPCClient implements plugin.GRPCPlugin.
func (p *program) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("not a host")
}

// Check does well, or what config "check" asks.
func (p *program) Check(ctx context.Context, q *pb.CheckRequest) (*pb.CheckResponse, error) {
	switch q.GetSession().GetConfig()["check"] {
	case "exit":
		os.Exit(7)
	case "wait":
		time.Sleep(time.Second)
	case "late":
		time.Sleep(time.Duration(q.GetSession().GetTimeoutMs())*time.Millisecond + 200*time.Millisecond)
	case "never":
		select {}
	}
	return &pb.CheckResponse{}, nil
}

// Administrations tries what config "try" names and tells what came of it: "done"
// and perhaps more, or the error.
func (p *program) Administrations(ctx context.Context, q *pb.AdministrationsRequest) (*pb.AdministrationsResponse, error) {
	c := q.GetSession().GetConfig()
	var list []*pb.Administration
	for name := range strings.SplitSeq(c["try"], ",") {
		text, err := "done", error(nil)
		if f, ok := tries[name]; ok {
			text, err = f(c)
		} else {
			text, err = p.ask(ctx, name, q.GetSession())
		}
		if err != nil {
			text = "refused: " + err.Error()
		}
		list = append(list, &pb.Administration{Id: name, Name: text})
	}
	return &pb.AdministrationsResponse{Administrations: list}, nil
}

// Webhook hints at an administration that is not ours.
func (p *program) Webhook(_ context.Context, q *pb.WebhookRequest) (*pb.WebhookResponse, error) {
	return &pb.WebhookResponse{Hints: []*pb.Hint{{Administration: string(q.GetBody()), Stream: pb.Stream_STREAM_INVOICES, Id: "i1"}}}, nil
}

// ask uses the host's service, with the token of this call or a stolen one.
func (p *program) ask(ctx context.Context, name string, s *pb.Session) (string, error) {
	tok := s.GetToken()
	if stolen := s.GetConfig()["token"]; stolen != "" {
		tok = stolen
	}
	switch name {
	case "token":
		return tok, nil
	case "manifest":
		m, err := p.host.Manifest(ctx, &pb.ManifestRequest{Token: tok})
		return "done " + s.GetManifest() + "\n" + string(m.GetContent()), err
	case "fetch":
		stream, err := p.host.Exchange(ctx)
		if err != nil {
			return "", err
		}
		head := &pb.RequestHead{Token: tok, Method: "GET", Url: s.GetConfig()["url"]}
		if err := errors.Join(stream.Send(&pb.ExchangeRequest{Head: head}), stream.CloseSend()); err != nil {
			return "", err
		}
		m, err := stream.Recv()
		return fmt.Sprintf("done %d %s", m.GetHead().GetStatus(), m.GetBody()), err
	}
	return "", errors.New("not known")
}

var tries = map[string]func(config map[string]string) (string, error){
	"tcp":  dial("tcp"),
	"udp":  send,
	"unix": dial("unix"),
	"abstract": func(c map[string]string) (string, error) {
		return dial("unix")(map[string]string{"address": "@" + c["address"]})
	},
	"env": func(map[string]string) (string, error) {
		parent, _ := os.ReadFile("/proc/" + strconv.Itoa(os.Getppid()) + "/environ")
		return "done " + strings.Join(os.Environ(), "\n") + string(parent), nil
	},
	"read": func(c map[string]string) (string, error) {
		b, err := os.ReadFile(c["file"])
		return "done " + string(b), err
	},
	"write": func(c map[string]string) (string, error) {
		return "done", os.WriteFile(c["file"], []byte("evil"), 0o600)
	},
	"list": func(c map[string]string) (string, error) {
		entries, err := os.ReadDir(c["file"])
		return fmt.Sprint("done ", len(entries)), err
	},
	"remember": func(c map[string]string) (string, error) {
		if remembered != "" {
			return "done " + remembered, nil
		}
		remembered = c["secret"]
		return "", errors.New("nothing yet")
	},
	"own": func(map[string]string) (string, error) {
		f, err := os.CreateTemp("", "x")
		if err != nil {
			return "", err
		}
		_, err = f.WriteString("x")
		return "done", errors.Join(err, f.Close(), os.Remove(f.Name()))
	},
	"zone": func(map[string]string) (string, error) {
		_, err := time.LoadLocation("Europe/Amsterdam")
		return "done", err
	},
	"signal": func(c map[string]string) (string, error) {
		pid, err := strconv.Atoi(c["pid"])
		return "done", errors.Join(err, syscall.Kill(pid, 0))
	},
	"fork":   fork,
	"calls":  calls,
	"memory": private,
	"shared": shared,
	"disk": func(map[string]string) (string, error) {
		for i := 0; ; i++ {
			if err := os.WriteFile(fmt.Sprintf("%s/%d", os.TempDir(), i), make([]byte, 4<<20), 0o600); err != nil {
				return "", err
			}
		}
	},
	"stderr": pour(2),
	"stdout": pour(1),
}

// remembered is what one call leaves for the next.
var remembered string

func dial(network string) func(map[string]string) (string, error) {
	return func(c map[string]string) (string, error) {
		conn, err := net.DialTimeout(network, c["address"], 2*time.Second)
		if err != nil {
			return "", err
		}
		return "done", conn.Close()
	}
}

func send(c map[string]string) (string, error) {
	conn, err := net.Dial("udp", c["address"])
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(conn, "secret")
	return "done", errors.Join(err, conn.Close())
}

func pour(fd int) func(map[string]string) (string, error) {
	return func(map[string]string) (string, error) {
		line := []byte(strings.Repeat("la", 500) + "\n")
		for {
			if _, err := syscall.Write(fd, line); err != nil {
				return "", err
			}
		}
	}
}
