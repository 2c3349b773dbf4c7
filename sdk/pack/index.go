package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Format is the version of the package format that this code writes and reads.
const Format = 1

// Hash is a SHA-256, written in hex.
type Hash [sha256.Size]byte

// String returns the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText returns the hash in hex.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads a hash in lower-case hex.
func (h *Hash) UnmarshalText(text []byte) error {
	if n, err := hex.Decode(h[:], text[:min(len(text), 2*sha256.Size)]); err != nil || n != sha256.Size || len(text) != 2*sha256.Size {
		return fmt.Errorf("%q is not a SHA-256 in hex", text)
	}
	return nil
}

// Entry is one file of a package.
type Entry struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"` // unpacked, in bytes
	SHA256 Hash   `json:"sha256"`
}

// Index says what a package is and what is in it.
type Index struct {
	Format    int     `json:"format"`
	Name      string  `json:"name"`
	Version   string  `json:"version"`
	Publisher string  `json:"publisher"`
	Files     []Entry `json:"files"` // by path
}

// ID returns name and version, as "moneybird@1.0.0".
func (x *Index) ID() string { return x.Name + "@" + x.Version }

// Entry returns a file of the package.
func (x *Index) Entry(path string) (Entry, bool) {
	for _, e := range x.Files {
		if e.Path == path {
			return e, true
		}
	}
	return Entry{}, false
}

// canonical returns the one way to write the index.
func (x *Index) canonical() []byte {
	b, err := json.MarshalIndent(x, "", " ")
	if err != nil {
		panic(err) // it has only texts and numbers
	}
	return append(b, '\n')
}

// parseIndex reads an index and refuses one that is not written canonically: two
// readers of it must not see two different things.
func parseIndex(data []byte) (*Index, error) {
	var x Index
	if err := strict(data, &x); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, IndexFile, err)
	}
	if x.Format != Format {
		return nil, fmt.Errorf("%w: format %d, and this version reads format %d; a newer Voldaan may read it", ErrFormat, x.Format, Format)
	}
	if !isName(x.Name) || !isVersion(x.Version) || !isName(x.Publisher) {
		return nil, fmt.Errorf("%w: %s: name %q, version %q or publisher %q is not well formed", ErrFormat, IndexFile, x.Name, x.Version, x.Publisher)
	}
	if err := checkFiles(x.Files); err != nil {
		return nil, err
	}
	if !bytes.Equal(x.canonical(), data) {
		return nil, fmt.Errorf("%w: %s is not written as this package writes it; pack the connector again", ErrFormat, IndexFile)
	}
	return &x, nil
}

func checkFiles(files []Entry) error {
	if len(files) > MaxFiles {
		return fmt.Errorf("%w: %d files, at most %d are allowed", ErrTooLarge, len(files), MaxFiles)
	}
	seen, total := map[string]bool{}, int64(0)
	for _, e := range files {
		if err := checkPath(e.Path); err != nil {
			return err
		}
		// Some file systems take README.md and readme.md for one file.
		folded := strings.ToLower(e.Path)
		if seen[folded] {
			return fmt.Errorf("%w: %q is there twice", ErrPath, e.Path)
		}
		seen[folded] = true
		if e.Size < 0 || e.Size > maxSize(e.Path) {
			return fmt.Errorf("%w: %s has %d bytes, at most %d are allowed", ErrTooLarge, e.Path, e.Size, maxSize(e.Path))
		}
		if total += e.Size; total > MaxTotal {
			return fmt.Errorf("%w: more than %d MiB unpacked", ErrTooLarge, MaxTotal>>20)
		}
	}
	if !seen[Manifest] {
		return fmt.Errorf("%w: it has no %s", ErrFormat, Manifest)
	}
	if !slices.IsSortedFunc(files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) }) {
		return fmt.Errorf("%w: %s does not list files in order", ErrFormat, IndexFile)
	}
	return nil
}

// strict decodes JSON and refuses fields that are not known and what follows.
func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one value")
	}
	return nil
}
