package inbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/sync/inbox"
	"github.com/voldaan/voldaan/core/sync/inbox/inboxtest"
)

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
	address, key := inboxtest.SFTPServer(t, root)
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
	address, key := inboxtest.SFTPServer(t, t.TempDir())
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
