package pack

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// Package is a package whose headers, index and signature were read, and nothing
// else. Nobody has vouched for it yet.
type Package struct {
	from      io.ReaderAt
	records   []*record
	raw       []byte // index.json
	index     *Index
	signature *Signature
}

// Open reads the headers of a package, its index and its signature. from must
// stay readable as long as the package is used.
func Open(from io.ReaderAt, size int64) (*Package, error) {
	records, err := readArchive(from, size)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 || records[0].path != IndexFile {
		return nil, fmt.Errorf("%w: it does not begin with %s", ErrFormat, IndexFile)
	}
	p := &Package{from: from, records: records}
	if p.raw, err = p.small(records[0]); err != nil {
		return nil, err
	}
	if p.index, err = parseIndex(p.raw); err != nil {
		return nil, err
	}
	files := records[1:]
	if len(files) > 0 && files[0].path == SignatureFile {
		b, err := p.small(files[0])
		if err != nil {
			return nil, err
		}
		if p.signature, err = parseSignature(b); err != nil {
			return nil, err
		}
		files = files[1:]
	}
	if len(files) != len(p.index.Files) {
		return nil, fmt.Errorf("%w: %s lists %d files and there are %d", ErrFormat, IndexFile, len(p.index.Files), len(files))
	}
	for i, r := range files {
		if e := p.index.Files[i]; e.Path != r.path || e.Size != int64(r.size) {
			return nil, fmt.Errorf("%w: %s lists %s with %d bytes, and there is %s with %d", ErrFormat, IndexFile, e.Path, e.Size, r.path, r.size)
		}
	}
	return p, nil
}

// small reads a file that is stored as it is.
func (p *Package) small(r *record) ([]byte, error) {
	if r.method != stored {
		return nil, fmt.Errorf("%w: %s is compressed", ErrFormat, r.path)
	}
	b := make([]byte, r.size)
	if _, err := p.from.ReadAt(b, r.data()); err != nil {
		return nil, fmt.Errorf("read %s: %w", r.path, err)
	}
	return b, nil
}

// OpenFile opens a package file. The caller closes the file when done with the
// package.
func OpenFile(name string) (*Package, *os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("open package: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: it is not a plain file", ErrFormat)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	p, err := Open(f, info.Size())
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return p, f, nil
}

// Index returns what the package says of itself.
func (p *Package) Index() *Index { return p.index }

// Signature returns the signature, nil when there is none. It was not checked.
func (p *Package) Signature() *Signature { return p.signature }

// Manifest returns connector.yaml as the index has it, for those who only look at
// it: nobody has vouched for it.
func (p *Package) Manifest() ([]byte, error) { return (&Verified{p: p}).Read(Manifest) }

// Digest identifies what is in the package, however it is signed or compressed:
// the SHA-256 of its index.
func (p *Package) Digest() Hash { return sha256.Sum256(p.raw) }

// Verified is a package with a signature in order. It is the only way to the
// contents, and Verify the only way to it.
type Verified struct {
	p        *Package
	source   []byte // of the manifest
	manifest *manifest.Manifest
}

// Verify checks the signature against the keys that are trusted, and then that
// the manifest is the signed one and says the same as the index. The error wraps
// one of this package's and says what to do.
func (p *Package) Verify(keys Ring, at Moment) (*Verified, error) {
	if err := keys.check(p.signature, p.index, p.Digest(), at); err != nil {
		return nil, err
	}
	v, err := p.contents(at.Listing)
	if err != nil || !at.Publishing || !v.Has(Icon) {
		return v, err
	}
	icon, err := v.Read(Icon)
	if err == nil {
		err = checkIcon(icon)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (p *Package) contents(listing bool) (*Verified, error) {
	v := &Verified{p: p}
	var err error
	if v.source, err = v.Read(Manifest); err != nil {
		return nil, err
	}
	parse := manifest.Parse
	if listing {
		parse = manifest.ParseHead
	}
	if v.manifest, err = parse(Manifest, v.source); err != nil {
		return nil, err
	}
	m, x := v.manifest, p.index
	if m.Name != x.Name || m.Version != x.Version || m.Publisher != x.Publisher {
		return nil, fmt.Errorf("%w: %s is of %s@%s by %s, and %s of %s by %s", ErrFormat, Manifest, m.Name, m.Version, m.Publisher, IndexFile, x.ID(), x.Publisher)
	}
	programs := 0
	for _, e := range x.Files {
		if _, name, ok := program(e.Path); ok {
			programs++
			if name != m.Program {
				return nil, fmt.Errorf("%w: %s is not the program %q that %s names", ErrFormat, e.Path, m.Program, Manifest)
			}
		}
	}
	if m.Program != "" && programs == 0 {
		return nil, fmt.Errorf("%w: it has no program %s", ErrFormat, m.Program)
	}
	return v, nil
}

// Index returns what the package is and holds.
func (v *Verified) Index() *Index { return v.p.index }

// Signature returns who signed it.
func (v *Verified) Signature() *Signature { return v.p.signature }

// Digest is Package.Digest.
func (v *Verified) Digest() Hash { return v.p.Digest() }

// Manifest returns the manifest.
func (v *Verified) Manifest() *manifest.Manifest { return v.manifest }

// Source returns the manifest as its file has it.
func (v *Verified) Source() []byte { return v.source }

// Has reports whether there is a file of this path.
func (v *Verified) Has(path string) bool { _, ok := v.p.index.Entry(path); return ok }

// Read returns a file, or an error that wraps ErrSwapped when it is not the one
// that was signed.
func (v *Verified) Read(path string) ([]byte, error) {
	var b bytes.Buffer
	err := v.Copy(&b, path)
	return b.Bytes(), err
}

// Copy writes a file to w. After an error, what was written is not to be used.
func (v *Verified) Copy(w io.Writer, path string) error {
	e, ok := v.p.index.Entry(path)
	if !ok {
		return fmt.Errorf("%s has no %s", v.p.index.ID(), path)
	}
	i := slices.IndexFunc(v.p.records, func(r *record) bool { return r.path == path })
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), v.p.records[i].open(v.p.from))
	if corrupt := flate.CorruptInputError(0); errors.As(err, &corrupt) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s of %s: %w; get the package again", ErrSwapped, path, v.p.index.ID(), err)
	}
	if err != nil {
		return fmt.Errorf("copy %s of %s: %w", path, v.p.index.ID(), err)
	}
	if n != e.Size || Hash(h.Sum(nil)) != e.SHA256 {
		return fmt.Errorf("%w: %s of %s; get the package again", ErrSwapped, path, v.p.index.ID())
	}
	return nil
}

// Platforms returns for which platforms there is a program, none for a manifest
// connector.
func (v *Verified) Platforms() []Platform {
	var out []Platform
	for _, e := range v.p.index.Files {
		if p, _, ok := program(e.Path); ok {
			out = append(out, p)
		}
	}
	return out
}

// Program returns the program for a platform: the one made for it, or the one
// for any.
func (v *Verified) Program(on Platform) (Entry, bool) {
	for _, p := range []Platform{on, Any} {
		if e, ok := v.p.index.Entry(ProgramPath(p, v.manifest.Program)); ok {
			return e, true
		}
	}
	return Entry{}, false
}
