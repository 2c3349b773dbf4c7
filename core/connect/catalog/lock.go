package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Lock trusts the connectors that lie in a folder unpacked, as they are now: it
// packs each, signs it with a key that is made on the spot and forgotten, and
// trusts that key for the publishers they name. It is for development and tests.
// Folders whose manifest cannot be read are left out.
func Lock(dir string) error {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	key, err := pack.GenerateKey()
	if err != nil {
		return err
	}
	trusted := map[string]bool{}
	for _, f := range folders {
		m, err := manifest.Load(filepath.Join(dir, f.Name()))
		if !f.IsDir() || err != nil {
			continue
		}
		if err := lock(filepath.Join(dir, f.Name()), m, key); err != nil {
			return fmt.Errorf("lock %s: %w", m.Name, err)
		}
		trusted[m.Publisher] = true
	}
	for name := range trusted {
		if err := Trust(dir, Publisher{Name: name, Keys: []pack.TrustedKey{{Public: key.Public()}}}); err != nil {
			return err
		}
	}
	return nil
}

// lock packs a folder with a program beside its manifest into a file beside it.
func lock(folder string, m *manifest.Manifest, key pack.PrivateKey) error {
	programs := map[pack.Platform]string{}
	if m.Program != "" {
		programs[pack.Host()] = filepath.Join(folder, m.Program)
	}
	s, err := pack.FromFolder(folder, programs)
	if err != nil {
		return err
	}
	s.Fast = true
	data, err := pack.Build(s)
	if err != nil {
		return err
	}
	if data, err = pack.Sign(data, key, time.Now()); err != nil {
		return err
	}
	return replaceFile(folder+pack.Extension, data)
}
