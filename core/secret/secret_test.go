package secret_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/voldaan/voldaan/core/secret"
)

func TestBox(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys", "master.json")
	box, err := secret.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := box.Seal([]byte("refresh-token"), "connection/1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("refresh-token")) {
		t.Error("the sealed value shows the plain one")
	}
	if _, err := box.Open(sealed, "connection/2"); err == nil {
		t.Error("a value sealed for one connection was opened for another")
	}
	again, err := secret.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(sealed, "connection/1"); err != nil || string(plain) != "refresh-token" {
		t.Errorf("opened %q, %v after a restart", plain, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the master key file has mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestTwoProcessesAgreeOnANewKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.json")
	boxes := make([]*secret.Box, 8)
	var wg sync.WaitGroup
	for i := range boxes {
		wg.Go(func() { boxes[i], _ = secret.Open(path) })
	}
	wg.Wait()
	sealed, err := boxes[0].Seal([]byte("x"), "p")
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range boxes {
		if _, err := b.Open(sealed, "p"); err != nil {
			t.Errorf("box %d cannot open what box 0 sealed: %v", i, err)
		}
	}
}
