// Package bailifftest is the SFTP server of a bailiff for tests: it lets one key in
// and serves a folder.
package bailifftest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// Server is an SFTP server.
type Server struct {
	Address     string
	Fingerprint string // of its own key
	User        string

	mu  sync.Mutex
	cut int64
}

// NewServer serves a folder to who signs in with a public key, until the test ends.
func NewServer(t testing.TB, root, authorized string) *Server {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	known, _, _, _, err := ssh.ParseAuthorizedKey([]byte(authorized))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Fingerprint: ssh.FingerprintSHA256(own.PublicKey()), User: "voldaan"}
	config := &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() == s.User && bytes.Equal(key.Marshal(), known.Marshal()) {
			return nil, nil
		}
		return nil, errors.New("not known")
	}}
	config.AddHostKey(own)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s.Address = l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn, config, root)
		}
	}()
	return s
}

func serve(conn net.Conn, config *ssh.ServerConfig, root string) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		_ = conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		if c.ChannelType() != "session" {
			_ = c.Reject(ssh.UnknownChannelType, "")
			continue
		}
		channel, in, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range in {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		}()
		server, err := sftp.NewServer(channel, sftp.WithServerWorkingDirectory(root))
		if err != nil {
			return
		}
		go func() {
			if err := server.Serve(); errors.Is(err, io.EOF) {
				_ = server.Close()
			}
		}()
	}
}

// Cut lets every further connection break after our side wrote so many bytes; zero
// mends it.
func (s *Server) Cut(after int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = after
}

// Dial reaches the server.
func (s *Server) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut == 0 {
		return conn, nil
	}
	return &brittle{Conn: conn, left: s.cut}, nil
}

// brittle is a line that breaks.
type brittle struct {
	net.Conn
	left int64
}

// Write breaks the line when it has carried what it can.
func (b *brittle) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		_ = b.Close()
		return 0, errors.New("the line broke")
	}
	return b.Conn.Write(p)
}
