package contain

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrSwapped means that a program is not the one that was installed.
var ErrSwapped = errors.New("the program is not the one that was installed; install the connector again")

// Program is a verified program, open. Nothing that happens to the file on disk
// changes it where the kernel lets us keep a sealed copy; elsewhere the open file
// is used, which a new file of the same name does not change.
type Program struct {
	file   *os.File
	sealed bool
	kind   kind
}

// kind is what a program needs of the system to run.
type kind string

const (
	static  kind = "static"  // nothing
	dynamic kind = "dynamic" // libraries
	script  kind = "script"  // an interpreter, which opens the program by name
)

// Open takes over an open program and makes sure that it has the hash. The caller
// closes it; processes that were started go on.
func (b *Box) Open(f *os.File, want [sha256.Size]byte) (_ *Program, err error) {
	p := &Program{file: f}
	h := sha256.New()
	if b.report.Has(SealedCopy) {
		err = p.copySealed(f, h)
	} else {
		_, err = io.Copy(h, f)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the program: %w", err), p.Close())
	}
	if [sha256.Size]byte(h.Sum(nil)) != want {
		return nil, errors.Join(ErrSwapped, p.Close())
	}
	p.kind = kindOf(p.file)
	return p, nil
}

// Static reports whether the program needs nothing of the system.
func (p *Program) Static() bool { return p.kind == static }

// Close gives the copy back.
func (p *Program) Close() error { return p.file.Close() }

// kindOf looks at the first bytes and at the program headers of a 64-bit ELF file,
// little endian. What is neither script nor ELF does not start anyway.
func kindOf(f io.ReaderAt) kind {
	var h [64]byte
	n, _ := f.ReadAt(h[:], 0)
	switch {
	case bytes.HasPrefix(h[:n], []byte("#!")):
		return script
	case n < len(h) || !bytes.HasPrefix(h[:], []byte(elf.ELFMAG)) || elf.Class(h[elf.EI_CLASS]) != elf.ELFCLASS64:
		return static
	}
	at, size := int64(binary.LittleEndian.Uint64(h[32:])), int64(binary.LittleEndian.Uint16(h[54:]))
	for i := range int64(binary.LittleEndian.Uint16(h[56:])) {
		var kind [4]byte
		if _, err := f.ReadAt(kind[:], at+i*size); err != nil {
			break
		}
		if elf.ProgType(binary.LittleEndian.Uint32(kind[:])) == elf.PT_INTERP {
			return dynamic
		}
	}
	return static
}
