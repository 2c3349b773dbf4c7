package inbox_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/sync/inbox"
)

// sftpServer serves a folder to the user "books" with the password "pw".
func sftpServer(t *testing.T, root string) (address, fingerprint string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PasswordCallback: func(c ssh.ConnMetadata, pw []byte) (*ssh.Permissions, error) {
		if c.User() == "books" && string(pw) == "pw" {
			return nil, nil
		}
		return nil, errors.New("no")
	}}
	config.AddHostKey(signer)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveSFTP(conn, config, root)
		}
	}()
	return l.Addr().String(), ssh.FingerprintSHA256(signer.PublicKey())
}

func serveSFTP(conn net.Conn, config *ssh.ServerConfig, root string) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
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

func TestSFTP(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(root, "out", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("b.XML", "b")
	write("a.xml", "a")
	write("c.xml.part", "half")
	write("notes.txt", "n")
	write("empty.xml", "")
	write("old/x.xml", "x")
	address, key := sftpServer(t, root)
	files := inbox.NewMemory(noon{})
	from := inbox.SFTP{Address: address, User: "books", Auth: []ssh.AuthMethod{ssh.Password("pw")}, HostKey: key, Folder: "out", Pattern: "*.xml", Done: "done", Timeout: 20 * time.Second}
	got, err := from.Fetch(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Files) != 2 || got.Files[0].Name != "a.xml" || got.Files[1].Name != "b.XML" || len(got.Refused) != 1 || got.Refused[0].Name != "empty.xml" {
		t.Errorf("%+v", got)
	}
	left, _ := filepath.Glob(filepath.Join(root, "out", "*"))
	moved, _ := filepath.Glob(filepath.Join(root, "out", "done", "*"))
	if len(left) != 5 || len(moved) != 2 { // part, txt, empty, old, done
		t.Errorf("left %v, moved %v", left, moved)
	}
	write("a again.xml", "a")
	from.Done = ""
	for range 2 {
		if got, err = from.Fetch(t.Context(), files); err != nil || len(got.Files) != 0 || got.Repeated != 1 {
			t.Errorf("%+v %v", got, err)
		}
	}
}

func TestSFTPRefuses(t *testing.T) {
	t.Parallel()
	address, key := sftpServer(t, t.TempDir())
	good := inbox.SFTP{Address: address, User: "books", Auth: []ssh.AuthMethod{ssh.Password("pw")}, HostKey: key, Timeout: 20 * time.Second}
	for name, tt := range map[string]struct {
		change     func(*inbox.SFTP)
		code, says string
	}{
		"other host key": {func(s *inbox.SFTP) { s.HostKey = "SHA256:" + strings.Repeat("A", 43) }, "sftp_host_key", "shows another key"},
		"no host key":    {func(s *inbox.SFTP) { s.HostKey = "" }, "sftp_host_key", "not confirmed"},
		"wrong password": {func(s *inbox.SFTP) { s.Auth = []ssh.AuthMethod{ssh.Password("guess")} }, "sftp_sign_in", "does not let books in"},
		"no such folder": {func(s *inbox.SFTP) { s.Folder = "nowhere" }, "sftp_folder", "nowhere"},
		"nobody there":   {func(s *inbox.SFTP) { s.Address = "127.0.0.1:1" }, "sftp_dial", "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := good
			tt.change(&s)
			_, err := s.Fetch(t.Context(), inbox.NewMemory(noon{}))
			if f := fault.Of(err); err == nil || f.Code != tt.code || !strings.Contains(f.Message, tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
	if shown, err := (inbox.SFTP{Address: address, Timeout: 10 * time.Second}).ShownKey(t.Context()); err != nil || shown != key {
		t.Errorf("%s %v", shown, err)
	}
}
