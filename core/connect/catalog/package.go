package catalog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Package is one version of a connector.
type Package struct {
	Manifest *manifest.Manifest
	// Source is the manifest's file as it was signed.
	Source []byte
	// Program is the path of the program, which is there once Open was called;
	// empty for a manifest connector.
	Program string
	// SHA256 is what the program must hash to; zero for a manifest connector.
	SHA256 [sha256.Size]byte
	// Digest identifies everything in the package.
	Digest pack.Hash
	// Signature says who signed it; it was checked.
	Signature pack.Signature

	file string // the package
	has  map[string]bool
	path string // of the program in it
	ring pack.Ring
	c    *Catalog

	unpack sync.Mutex // one at a time
}

// Name returns the connector's name.
func (p *Package) Name() string { return p.Manifest.Name }

// ID returns name and version, as "moneybird@1.0.0".
func (p *Package) ID() string { return p.Manifest.Name + "@" + p.Manifest.Version }

// read opens a package and checks its signature.
func (c *Catalog) read(name string, ring pack.Ring) (*Package, error) {
	file := filepath.Join(c.dir, name)
	v, f, err := verified(file, ring, c.clock.Now())
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	p := &Package{Manifest: v.Manifest(), Source: v.Source(), Digest: v.Digest(), Signature: *v.Signature(), file: file, ring: ring, c: c}
	p.has = map[string]bool{}
	for _, name := range []string{pack.Readme, pack.Changelog, pack.Icon, pack.Report} {
		p.has[name] = v.Has(name)
	}
	if p.Manifest.Program == "" {
		return p, nil
	}
	e, ok := v.Program(pack.Host())
	if !ok {
		return nil, fmt.Errorf("it has programs for %v and none for %s; ask its publisher for one", v.Platforms(), pack.Host())
	}
	p.path, p.SHA256 = e.Path, e.SHA256
	p.Program = filepath.Join(c.cache, e.SHA256.String(), p.Manifest.Program)
	return p, nil
}

// Has reports whether the package has a text: pack.Readme, pack.Changelog,
// pack.Icon or pack.Report.
func (p *Package) Has(path string) bool { return p.has[path] }

// File returns a file of the package, such as pack.Readme. The error wraps
// fs.ErrNotExist when there is none.
func (p *Package) File(path string) ([]byte, error) {
	v, f, err := p.again()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if !v.Has(path) {
		return nil, fmt.Errorf("%s of %s: %w", path, p.ID(), fs.ErrNotExist)
	}
	return v.Read(path)
}

// again opens the package that was scanned, and no other in its place.
func (p *Package) again() (*pack.Verified, *os.File, error) {
	v, f, err := verified(p.file, p.ring, p.c.clock.Now())
	if err != nil {
		return nil, nil, err
	}
	if v.Digest() != p.Digest {
		return nil, nil, errors.Join(fmt.Errorf("%s was replaced since it was read; it is read again at the next scan", filepath.Base(p.file)), f.Close())
	}
	return v, f, nil
}

// Open opens the program, unpacking it when it was never started before. What is
// in the file may have been changed on disk since: whoever runs it compares it
// with SHA256 first and runs the open file.
func (p *Package) Open() (*os.File, error) {
	if p.Program == "" {
		return nil, fmt.Errorf("%s has no program of its own", p.ID())
	}
	if f, err := os.Open(p.Program); !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	p.unpack.Lock()
	defer p.unpack.Unlock()
	if f, err := os.Open(p.Program); !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := p.unpackProgram(); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", p.ID(), err)
	}
	return os.Open(p.Program)
}

func (p *Package) unpackProgram() error {
	v, f, err := p.again()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := checkOwn(p.c.cache); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(p.c.cache, unfinished)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	err = v.Copy(tmp, p.path)
	if err == nil {
		err = errors.Join(tmp.Chmod(0o755), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	folder := filepath.Dir(p.Program)
	if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := checkOwn(folder); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), p.Program)
}
