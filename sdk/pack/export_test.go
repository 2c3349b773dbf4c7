package pack

import (
	"bytes"
	"compress/flate"
	"crypto/ed25519"
	"crypto/sha256"
	"time"
)

// Crafted makes a package as an attacker's own tool would: any index, any files
// in any order, headers changed at will, and a true signature over it.
type Crafted struct {
	Index  *Index // made of Files when nil
	Files  []CraftedFile
	Header func(path string, central []byte) []byte // changes a header of the directory
	Key    PrivateKey
	Sign   func(*Signature) // changes the signature before it is made
	Now    time.Time
}

// CraftedFile is a file of a crafted package.
type CraftedFile struct {
	Path    string
	Content []byte
	Claim   []byte // what the index says it is, when set
}

// Bytes makes the package.
func (c *Crafted) Bytes() []byte {
	x := c.Index
	if x == nil {
		x = &Index{Format: Format, Name: "acme", Version: "1.0.0", Publisher: "acme"}
	}
	for _, f := range c.Files {
		content := f.Content
		if f.Claim != nil {
			content = f.Claim
		}
		x.Files = append(x.Files, Entry{Path: f.Path, Size: int64(len(f.Content)), SHA256: sha256.Sum256(content)})
	}
	raw := x.canonical()
	w := &writer{}
	_ = w.add(IndexFile, raw, flate.NoCompression)
	s := &Signature{Format: Format, Publisher: x.Publisher, Key: c.Key.Public().ID(), SignedAt: c.Now.UTC().Truncate(time.Second), Index: sha256.Sum256(raw)}
	if c.Sign != nil {
		c.Sign(s)
	}
	s.Signature = c.Key.Sign(s.message())
	_ = w.add(SignatureFile, s.canonical(), flate.NoCompression)
	for _, f := range c.Files {
		_ = w.add(f.Path, f.Content, flate.DefaultCompression)
	}
	start := w.b.Len()
	for _, r := range w.records {
		h := r.central()
		if c.Header != nil {
			h = c.Header(r.path, h)
		}
		w.b.Write(h)
	}
	w.b.Write(end(len(w.records), int64(w.b.Len()-start), int64(start)))
	return w.b.Bytes()
}

// KeyOf returns the same key for the same seed: the processes of a fuzz test
// must agree on it.
func KeyOf(seed byte) PrivateKey {
	return PrivateKey{key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))}
}
