package catalog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/pack"
)

const (
	cacheFolder = ".programs"
	unfinished  = ".new-"
)

// makeCache makes the folder for unpacked programs, in the user's cache where
// the catalogue cannot be written to.
func (c *Catalog) makeCache() error {
	if c.cache == "" {
		c.cache = filepath.Join(c.dir, cacheFolder)
		if err := os.Mkdir(c.cache, 0o755); err != nil && !os.IsExist(err) {
			user, err := os.UserCacheDir()
			if err != nil {
				return fmt.Errorf("find a folder for programs: %w", err)
			}
			c.cache = filepath.Join(user, "voldaan", "programs")
		}
	}
	var err error
	if c.cache, err = filepath.Abs(c.cache); err != nil {
		return fmt.Errorf("find the folder for programs: %w", err)
	}
	if err := os.MkdirAll(c.cache, 0o755); err != nil {
		return fmt.Errorf("make the folder for programs: %w", err)
	}
	return checkOwn(c.cache)
}

// checkOwn makes sure that nobody but us can change what is in a folder.
func checkOwn(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder; remove it", dir)
	}
	if !ours(info) || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("others can put programs into %s (mode %04o); make it ours alone, or remove it", dir, info.Mode().Perm())
	}
	return nil
}

// stale is how long a program that no package has any more stays: another
// process may just have unpacked it.
const stale = time.Hour

// prune removes programs that no package has. A failure costs disk and no more.
func (c *Catalog) prune(packages map[string][]*Package) {
	used := map[string]bool{}
	for _, versions := range packages {
		for _, p := range versions {
			used[pack.Hash(p.SHA256).String()] = true
		}
	}
	entries, err := os.ReadDir(c.cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		if used[e.Name()] || !isHash(e.Name()) && !strings.HasPrefix(e.Name(), unfinished) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > stale {
			_ = os.RemoveAll(filepath.Join(c.cache, e.Name()))
		}
	}
}

func isHash(s string) bool { return new(pack.Hash).UnmarshalText([]byte(s)) == nil }

// verified opens a package file and checks its signature.
func verified(file string, ring pack.Ring, now time.Time) (*pack.Verified, *os.File, error) {
	p, f, err := pack.OpenFile(file)
	if err != nil {
		return nil, nil, err
	}
	v, err := p.Verify(ring, pack.Moment{Now: now, Listing: true})
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return v, f, nil
}
