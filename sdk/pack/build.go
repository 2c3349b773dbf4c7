package pack

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// Source is what a package is made of.
type Source struct {
	// Files are the contents of all but the programs, by their path in the package.
	Files map[string][]byte
	// Programs are the contents of the program, by platform; none for a manifest
	// connector.
	Programs map[Platform][]byte
	// Fast packs without compression, for development.
	Fast bool
}

// FromFolder reads the files of a connector's folder that belong in a package,
// programs in program/<platform>/ included. Programs that lie elsewhere are
// added by platform, from their files.
func FromFolder(dir string, programs map[Platform]string) (*Source, error) {
	s := &Source{Files: map[string][]byte{}, Programs: map[Platform][]byte{}}
	for _, name := range []string{Manifest, Readme, Changelog, License, Icon, Report} {
		b, err := read(filepath.Join(dir, name), MaxText)
		if errors.Is(err, fs.ErrNotExist) && name != Manifest {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.Files[name] = b
	}
	m, err := manifest.Parse(filepath.Join(dir, Manifest), s.Files[Manifest])
	if err != nil {
		return nil, err
	}
	programs = maps.Clone(programs)
	if programs == nil {
		programs = map[Platform]string{}
	}
	folders, _ := filepath.Glob(filepath.Join(dir, programFolder, "*"))
	for _, f := range folders {
		if p := Platform(filepath.Base(f)); m.Program != "" && programs[p] == "" {
			programs[p] = filepath.Join(f, m.Program)
		}
	}
	for p, file := range programs {
		if s.Programs[p], err = read(file, MaxProgram); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// read reads a plain file of at most so many bytes.
func read(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", file, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrTooLarge, file, most)
	}
	return b, nil
}

// Build makes a package that is not signed yet. The same source gives the same
// bytes.
func Build(s *Source) ([]byte, error) {
	m, err := manifest.Parse(Manifest, s.Files[Manifest])
	if err != nil {
		return nil, err
	}
	files := maps.Clone(s.Files)
	for p, b := range s.Programs {
		if !isPlatform(string(p)) {
			return nil, fmt.Errorf("%q is not a platform such as linux-amd64 or any", p)
		}
		if m.Program == "" {
			return nil, fmt.Errorf("%s names no program, and there is one for %s", Manifest, p)
		}
		files[ProgramPath(p, m.Program)] = b
	}
	if m.Program != "" && len(s.Programs) == 0 {
		return nil, fmt.Errorf("there is no program; build %s into %s<platform>/, such as %s", m.Program, programFolder, ProgramPath(Host(), m.Program))
	}
	x := &Index{Format: Format, Name: m.Name, Version: m.Version, Publisher: m.Publisher}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		x.Files = append(x.Files, Entry{Path: path, Size: int64(len(files[path])), SHA256: sha256.Sum256(files[path])})
	}
	if !isName(x.Publisher) {
		return nil, fmt.Errorf("%s: publisher %q is not the name of a publisher: lower-case letters, digits and dashes", Manifest, x.Publisher)
	}
	if err := checkFiles(x.Files); err != nil {
		return nil, err
	}
	if icon, ok := files[Icon]; ok {
		if err := checkIcon(icon); err != nil {
			return nil, err
		}
	}
	level := flate.DefaultCompression
	if s.Fast {
		level = flate.NoCompression
	}
	w := &writer{}
	if err := w.add(IndexFile, x.canonical(), flate.NoCompression); err != nil {
		return nil, err
	}
	for _, e := range x.Files {
		if err := w.add(e.Path, files[e.Path], level); err != nil {
			return nil, err
		}
	}
	data, err := w.bytes()
	if err != nil {
		return nil, err
	}
	if _, err := Open(bytes.NewReader(data), int64(len(data))); err != nil {
		return nil, fmt.Errorf("the package would not be accepted: %w", err)
	}
	return data, nil
}

// Sign returns the package with a signature of the key, in place of one that it
// may have. Nothing is packed anew.
func Sign(data []byte, key PrivateKey, now time.Time) ([]byte, error) {
	from := bytes.NewReader(data)
	p, err := Open(from, int64(len(data)))
	if err != nil {
		return nil, err
	}
	w := &writer{}
	w.raw(p.records[0], p.raw)
	if err := w.add(SignatureFile, sign(p.raw, p.index.Publisher, key, now), flate.NoCompression); err != nil {
		return nil, err
	}
	for _, r := range p.records[1:] {
		if r.path == SignatureFile {
			continue
		}
		packed := data[r.data():r.end()]
		w.raw(&record{path: r.path, method: r.method, crc: r.crc, packed: r.packed, size: r.size}, packed)
	}
	return w.bytes()
}
