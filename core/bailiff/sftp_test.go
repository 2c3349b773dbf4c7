package bailiff_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/ssh"

	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/bailiff/bailifftest"
	"github.com/voldaan/voldaan/core/fault"
)

// counter is an SFTP server, the way to it, and the folder that it serves.
func counter(t *testing.T) (*bailifftest.Server, bailiff.SFTP, string) {
	t.Helper()
	private, public, err := bailiff.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	server := bailifftest.NewServer(t, root, public)
	key, err := ssh.ParsePrivateKey([]byte(private))
	if err != nil {
		t.Fatal(err)
	}
	return server, bailiff.SFTP{
		Address: server.Address, User: server.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKey: server.Fingerprint, Folder: "in", Now: time.Now(), Dial: server.Dial,
	}, root
}

// parcel has an archive that does not shrink.
func parcel(size int) bailiff.Parcel {
	archive := make([]byte, size)
	for i := range archive {
		archive[i] = byte(rand.Uint32())
	}
	return bailiff.Parcel{ID: uuid.New(), Case: "Z2026-0001", Creditor: "Bakkerij", PaysTo: "bailiff", Name: "dossier.zip", Archive: archive}
}

// files are what lies openly in a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, f := range list {
		if !f.IsDir() && !strings.HasPrefix(f.Name(), ".") {
			names = append(names, f.Name())
		}
	}
	return names
}

func TestSFTP(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R107 a case arrives whole, with what it is beside it", func(t *testing.T) {
		t.Parallel()
		_, way, root := counter(t)
		p := parcel(300_000)
		for range 2 {
			if _, err := way.HandOver(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		name := "Z2026-0001 " + p.ID.String()[:8]
		if got := files(t, filepath.Join(root, "in")); !slices.Equal(got, []string{name + ".json", name + ".zip"}) {
			t.Fatalf("the folder has %q", got)
		}
		archive, _ := os.ReadFile(filepath.Join(root, "in", name+".zip"))
		raw, _ := os.ReadFile(filepath.Join(root, "in", name+".json"))
		var said bailiff.Parcel
		if err := json.Unmarshal(raw, &said); err != nil || said.ID != p.ID || said.Case != p.Case || len(said.Archive) != 0 || !bytes.Equal(archive, p.Archive) {
			t.Errorf("%d bytes arrived, with %s %v", len(archive), raw, err)
		}
	})
	t.Run("a line that is cut goes on where it ended, and nothing appears half or twice", func(t *testing.T) {
		t.Parallel()
		server, way, root := counter(t)
		p := parcel(600_000)
		folder := filepath.Join(root, "in")
		server.Cut(220_000)
		attempts, taken := 0, 0
		for ; attempts < 20; attempts++ {
			_, err := way.HandOver(ctx, p)
			// The bailiff takes away what is announced.
			for _, name := range files(t, folder) {
				if !strings.HasSuffix(name, ".json") {
					continue
				}
				got, rerr := os.ReadFile(filepath.Join(folder, strings.TrimSuffix(name, ".json")+".zip"))
				if rerr != nil || !bytes.Equal(got, p.Archive) {
					t.Fatalf("it was announced when %d of %d bytes were there: %v", len(got), len(p.Archive), rerr)
				}
				taken++
				_ = os.Remove(filepath.Join(folder, name))
				_ = os.Remove(filepath.Join(folder, strings.TrimSuffix(name, ".json")+".zip"))
			}
			if err == nil {
				break
			}
			if !fault.Is(err, fault.Unavailable) {
				t.Fatal(err)
			}
		}
		// Each attempt carries about 200 kB: from the beginning it would never end.
		if attempts < 2 || attempts > 6 || taken != 1 {
			t.Errorf("%d attempts, taken %d times", attempts, taken)
		}
		server.Cut(0)
		if _, err := way.HandOver(ctx, p); err != nil || len(files(t, folder)) != 0 {
			t.Errorf("it appeared again: %q %v", files(t, folder), err)
		}
	})
	t.Run("a server with another key gets nothing to hear", func(t *testing.T) {
		t.Parallel()
		_, way, root := counter(t)
		_, other, _ := counter(t)
		right := way.HostKey
		way.HostKey = other.HostKey
		if _, err := way.HandOver(ctx, parcel(10)); fault.Of(err).Code != "sftp_host_key" || !strings.Contains(err.Error(), right) {
			t.Errorf("the answer is %v", err)
		}
		way.HostKey, way.Auth = right, other.Auth
		if _, err := way.HandOver(ctx, parcel(10)); fault.Of(err).Code != "sftp_sign_in" {
			t.Errorf("the answer is %v", err)
		}
		if got := files(t, filepath.Join(root, "in")); len(got) != 0 {
			t.Errorf("the folder has %q", got)
		}
	})
	t.Run("R109 notes go out once and answers come in order", func(t *testing.T) {
		t.Parallel()
		_, way, root := counter(t)
		n := bailiff.Note{ID: "n1", Case: "Z2026-0001", Kind: "payment", Text: "The debtor paid us.", Minor: 100, Currency: "EUR"}
		for range 2 {
			if err := way.Tell(ctx, n); err != nil {
				t.Fatal(err)
			}
		}
		if got := files(t, filepath.Join(root, "in", "notes")); !slices.Equal(got, []string{"n1.json"}) {
			t.Errorf("notes %q", got)
		}
		if said, next, err := way.Collect(ctx, ""); err != nil || len(said) != 0 || next != "" {
			t.Errorf("before they answered: %v %q %v", said, next, err)
		}
		replies := filepath.Join(root, "in", "replies")
		put := func(name, content string, at time.Time) {
			t.Helper()
			if err := os.MkdirAll(replies, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(replies, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(filepath.Join(replies, name), at, at); err != nil {
				t.Fatal(err)
			}
		}
		old := way.Now.Add(-time.Hour)
		put("2026-05-20-1.json", `{"case": "Z2026-0001", "kind": "question", "text": "Where?"}`, old)
		put("2026-05-20-2.json", `nonsense`, old)
		put("2026-05-20-3.json", `{"case": "Z2026-0001", "kind": "st`, way.Now)
		put("2026-05-20-4.json", `{"case": "Z2026-0001", "kind": "status", "text": "Later"}`, old)
		said, next, err := way.Collect(ctx, "")
		if err != nil || len(said) != 2 || said[0].Kind != "question" || said[0].ID != "2026-05-20-1.json" || !said[1].Loose || next != "2026-05-20-2.json" {
			t.Fatalf("%+v %q %v", said, next, err)
		}
		put("2026-05-20-3.json", `{"id": "x", "case": "Z2026-0001", "kind": "status", "text": "Served"}`, way.Now)
		said, next, err = way.Collect(ctx, next)
		if err != nil || len(said) != 2 || said[0].ID != "x" || said[1].Text != "Later" || next != "2026-05-20-4.json" {
			t.Errorf("%+v %q %v", said, next, err)
		}
	})
}
