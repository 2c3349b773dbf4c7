// Package catalog knows which connectors an installation has, by reading their
// folders and never by running anything.
//
// A catalogue is a folder of packages, each with a connector.yaml and a program,
// and a file connectors.lock with the SHA-256 of both in the form of sha256sum.
// What the lock does not name, or names otherwise, is not offered; the program
// is hashed at every launch, by the supervisor.
package catalog

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// LockFile is the name of the lock in a catalogue's folder.
const LockFile = "connectors.lock"

// Package is one version of a connector.
type Package struct {
	Manifest *manifest.Manifest
	// Source is the manifest's file as it was installed.
	Source []byte
	// Program is the path of the program, empty for a connector that is a manifest
	// and nothing else.
	Program string
	// SHA256 is what the program must hash to.
	SHA256 [sha256.Size]byte
}

// Name returns the connector's name.
func (p *Package) Name() string { return p.Manifest.Name }

// ID returns name and version, as "moneybird@1.0.0".
func (p *Package) ID() string { return p.Manifest.Name + "@" + p.Manifest.Version }

// Problem says why a folder is not offered.
type Problem struct {
	Folder string
	Err    error
}

// Catalog is what was found at the last scan. It is safe for concurrent use.
type Catalog struct {
	dir string

	mu       sync.RWMutex
	packages map[string][]*Package // by name, newest first
	problems []Problem
}

// Open scans a folder. A package that is not in order is a problem of its own
// and hides no other; only a folder or lock that cannot be read is an error.
func Open(dir string) (*Catalog, error) {
	c := &Catalog{dir: dir}
	return c, c.Scan()
}

// Scan reads the folder again.
func (c *Catalog) Scan() error {
	lock, err := readLock(filepath.Join(c.dir, LockFile))
	if err != nil {
		return err
	}
	folders, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	packages, problems := map[string][]*Package{}, []Problem(nil)
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		p, err := read(c.dir, f.Name(), lock)
		if err == nil {
			for _, other := range packages[p.Name()] {
				if other.Manifest.Version == p.Manifest.Version {
					err = fmt.Errorf("%s is also in %s, which is offered", p.ID(), filepath.Base(filepath.Dir(other.Program)))
				}
			}
		}
		if err != nil {
			problems = append(problems, Problem{Folder: f.Name(), Err: err})
			continue
		}
		packages[p.Name()] = append(packages[p.Name()], p)
	}
	for _, versions := range packages {
		slices.SortFunc(versions, func(a, b *Package) int { return compare(b.Manifest.Version, a.Manifest.Version) })
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.packages, c.problems = packages, problems
	return nil
}

// Get returns a version of a connector, the newest when version is empty. The
// error is a fault of kind NotFound.
func (c *Catalog) Get(name, version string) (*Package, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, p := range c.packages[name] {
		if version == "" || p.Manifest.Version == version {
			return p, nil
		}
	}
	if version != "" && len(c.packages[name]) > 0 {
		return nil, fault.New(fault.NotFound, "connector_version_unknown", "Version %s of the connector %s is not installed.", version, name)
	}
	return nil, fault.New(fault.NotFound, "connector_unknown", "There is no connector called %s here.", name)
}

// List returns the newest version of every connector, by title.
func (c *Catalog) List() []*Package {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*Package, 0, len(c.packages))
	for _, versions := range c.packages {
		out = append(out, versions[0])
	}
	slices.SortFunc(out, func(a, b *Package) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Manifest.Title), strings.ToLower(b.Manifest.Title)), strings.Compare(a.Name(), b.Name()))
	})
	return out
}

// Problems returns why folders are not offered.
func (c *Catalog) Problems() []Problem {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.problems)
}

func read(dir, folder string, lock map[string]string) (*Package, error) {
	path := filepath.Join(dir, folder)
	file := filepath.Join(path, manifest.FileName)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	want, ok := lock[folder+"/"+manifest.FileName]
	if !ok {
		return nil, fmt.Errorf("%s does not name it; install it, or lock it in development", LockFile)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
		return nil, fmt.Errorf("%s was changed after it was installed", manifest.FileName)
	}
	m, err := manifest.Parse(file, data)
	if err != nil {
		return nil, err
	}
	p := &Package{Manifest: m, Source: data}
	if m.Program == "" {
		return p, nil
	}
	p.Program = filepath.Join(path, m.Program)
	sum, err := hex.DecodeString(lock[folder+"/"+m.Program])
	if err != nil || len(sum) != sha256.Size {
		return nil, fmt.Errorf("%s does not name its program %s", LockFile, m.Program)
	}
	p.SHA256 = [sha256.Size]byte(sum)
	return p, nil
}

// readLock reads lines of the form "sha256  folder/file".
func readLock(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read lock: %w", err)
	}
	lock := map[string]string{}
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" {
			continue
		}
		sum, name, ok := strings.Cut(line, "  ")
		if !ok || len(sum) != 2*sha256.Size {
			return nil, fmt.Errorf("%s:%d: expected a SHA-256, two spaces and folder/file", file, i+1)
		}
		lock[name] = sum
	}
	return lock, nil
}

// Lock writes the lock for what a folder holds now: the act of trusting it.
// Packages whose manifest cannot be read are left out.
func Lock(dir string) error {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	var b bytes.Buffer
	for _, f := range folders {
		m, err := manifest.Load(filepath.Join(dir, f.Name()))
		if !f.IsDir() || err != nil {
			continue
		}
		for _, name := range []string{manifest.FileName, m.Program} {
			if name == "" {
				continue
			}
			data, err := os.ReadFile(filepath.Join(dir, f.Name(), name))
			if err != nil {
				return fmt.Errorf("lock %s: %w", m.Name, err)
			}
			fmt.Fprintf(&b, "%x  %s/%s\n", sha256.Sum256(data), f.Name(), name)
		}
	}
	file := filepath.Join(dir, LockFile)
	if err := os.WriteFile(file+".new", b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return os.Rename(file+".new", file)
}

// compare orders versions that the manifest has found to be of the form
// MAJOR.MINOR.PATCH.
func compare(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}
