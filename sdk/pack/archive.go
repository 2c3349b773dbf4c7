package pack

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// Sizes and marks of the zip format.
const (
	localSize, centralSize, endSize = 30, 46, 22
	localMark, centralMark, endMark = 0x04034b50, 0x02014b50, 0x06054b50
	stored, deflated                = 0, 8
	maxName                         = 200
)

// record is one file in an archive.
type record struct {
	path         string
	method       uint16
	crc          uint32
	packed, size uint32
	offset       uint32 // of its local header
}

// mode is what unpacking with another tool gives the file.
func (r *record) mode() uint32 {
	if strings.HasPrefix(r.path, programFolder) {
		return 0o100755
	}
	return 0o100644
}

// common is what the two headers of a file share, from "version needed" on.
func (r *record) common(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(b, 20) // version needed
	b = le.AppendUint16(b, 0)  // flags
	b = le.AppendUint16(b, r.method)
	b = le.AppendUint16(b, 0)    // time
	b = le.AppendUint16(b, 0x21) // 1 January 1980: a package has no times
	b = le.AppendUint32(b, r.crc)
	b = le.AppendUint32(b, r.packed)
	b = le.AppendUint32(b, r.size)
	b = le.AppendUint16(b, uint16(len(r.path)))
	return le.AppendUint16(b, 0) // extra
}

func (r *record) local() []byte {
	b := r.common(binary.LittleEndian.AppendUint32(nil, localMark))
	return append(b, r.path...)
}

func (r *record) central() []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint32(nil, centralMark), 3<<8|20) // made on Unix
	b = r.common(b)
	b = append(b, 0, 0, 0, 0, 0, 0) // comment, disk, internal attributes
	b = le.AppendUint32(b, r.mode()<<16)
	b = le.AppendUint32(b, r.offset)
	return append(b, r.path...)
}

func (r *record) data() int64 { return int64(r.offset) + localSize + int64(len(r.path)) }
func (r *record) end() int64  { return r.data() + int64(r.packed) }

func end(n int, size, offset int64) []byte {
	le := binary.LittleEndian
	b := append(le.AppendUint32(nil, endMark), 0, 0, 0, 0)
	b = le.AppendUint16(le.AppendUint16(b, uint16(n)), uint16(n))
	b = le.AppendUint32(le.AppendUint32(b, uint32(size)), uint32(offset))
	return append(b, 0, 0)
}

// writer makes an archive in memory.
type writer struct {
	b       bytes.Buffer
	records []*record
}

// add packs a file; level is one of package flate, NoCompression to store it.
func (w *writer) add(path string, content []byte, level int) error {
	packed := content
	r := &record{path: path, crc: crc32.ChecksumIEEE(content), size: uint32(len(content))}
	if level != flate.NoCompression {
		var b bytes.Buffer
		f, err := flate.NewWriter(&b, level)
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		if b.Len() < len(content) {
			r.method, packed = deflated, b.Bytes()
		}
	}
	r.packed = uint32(len(packed))
	w.raw(r, packed)
	return nil
}

func (w *writer) raw(r *record, packed []byte) {
	r.offset = uint32(w.b.Len())
	w.b.Write(r.local())
	w.b.Write(packed)
	w.records = append(w.records, r)
}

func (w *writer) bytes() ([]byte, error) {
	start := w.b.Len()
	for _, r := range w.records {
		w.b.Write(r.central())
	}
	w.b.Write(end(len(w.records), int64(w.b.Len()-start), int64(start)))
	if w.b.Len() > MaxPackage {
		return nil, fmt.Errorf("%w: %d MiB, at most %d are allowed; leave out a platform or strip the programs", ErrTooLarge, w.b.Len()>>20, MaxPackage>>20)
	}
	return w.b.Bytes(), nil
}

// readArchive reads the headers of an archive. Each is built anew from its
// values and compared, so that there is one way to write an archive: no comment,
// gap, overlap, link, device, encryption or second opinion about a name or size.
func readArchive(r io.ReaderAt, size int64) ([]*record, error) {
	if size > MaxPackage {
		return nil, fmt.Errorf("%w: %d MiB, at most %d are allowed", ErrTooLarge, size>>20, MaxPackage>>20)
	}
	if size < endSize {
		return nil, fmt.Errorf("%w: it has only %d bytes; get it again", ErrFormat, size)
	}
	tail := make([]byte, endSize)
	if _, err := r.ReadAt(tail, size-endSize); err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	le := binary.LittleEndian
	n, length, start := int(le.Uint16(tail[10:])), int64(le.Uint32(tail[12:])), int64(le.Uint32(tail[16:]))
	if !bytes.Equal(tail, end(n, length, start)) || start+length+endSize != size {
		return nil, fmt.Errorf("%w: it is cut off or made by another tool; get it again, or make it with: voldaan connector pack", ErrFormat)
	}
	if n > MaxFiles+2 || length > (MaxFiles+2)*(centralSize+maxName) {
		return nil, fmt.Errorf("%w: %d files, at most %d are allowed", ErrTooLarge, n, MaxFiles+2)
	}
	directory := make([]byte, length)
	if _, err := r.ReadAt(directory, start); err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	var records []*record
	at, seen, total := int64(0), map[string]bool{}, int64(0)
	for range n {
		rec, rest, err := readRecord(directory, at)
		if err != nil {
			return nil, err
		}
		folded := strings.ToLower(rec.path)
		if seen[folded] {
			return nil, fmt.Errorf("%w: %q is there twice", ErrPath, rec.path)
		}
		if total += int64(rec.size); total > MaxTotal {
			return nil, fmt.Errorf("%w: more than %d MiB unpacked", ErrTooLarge, MaxTotal>>20)
		}
		local := make([]byte, localSize+len(rec.path))
		if rec.end() > start {
			return nil, fmt.Errorf("%w: %s reaches beyond its place", ErrFormat, rec.path)
		}
		if _, err := r.ReadAt(local, at); err != nil {
			return nil, fmt.Errorf("read package: %w", err)
		}
		if !bytes.Equal(local, rec.local()) {
			return nil, fmt.Errorf("%w: the two headers of %s differ", ErrFormat, rec.path)
		}
		seen[folded], directory, at = true, rest, rec.end()
		records = append(records, rec)
	}
	if len(directory) > 0 || at != start {
		return nil, fmt.Errorf("%w: it has bytes that belong to no file", ErrFormat)
	}
	return records, nil
}

// readRecord reads the next header of the directory; its file must begin at an
// offset.
func readRecord(b []byte, at int64) (*record, []byte, error) {
	le := binary.LittleEndian
	if len(b) < centralSize {
		return nil, nil, fmt.Errorf("%w: its directory is cut off; get it again", ErrFormat)
	}
	n := int(le.Uint16(b[28:]))
	if n > maxName || len(b) < centralSize+n {
		return nil, nil, fmt.Errorf("%w: a name of %d bytes in its directory", ErrFormat, n)
	}
	r := &record{
		path: string(b[centralSize : centralSize+n]), method: le.Uint16(b[10:]), crc: le.Uint32(b[16:]),
		packed: le.Uint32(b[20:]), size: le.Uint32(b[24:]), offset: uint32(at),
	}
	if r.path != IndexFile && r.path != SignatureFile {
		if err := checkPath(r.path); err != nil {
			return nil, nil, err
		}
	}
	if mode := le.Uint32(b[38:]) >> 16; mode&0o170000 != 0o100000 && mode != 0 {
		return nil, nil, fmt.Errorf("%w: %s is a link, folder or device, not a plain file", ErrPath, r.path)
	}
	if int64(r.size) > maxSize(r.path) {
		return nil, nil, fmt.Errorf("%w: %s has %d bytes, at most %d are allowed", ErrTooLarge, r.path, r.size, maxSize(r.path))
	}
	if r.size > freeSize && int64(r.size) > MaxRatio*int64(r.packed) {
		return nil, nil, fmt.Errorf("%w: %s is packed to less than 1/%d, as a bomb is", ErrTooLarge, r.path, MaxRatio)
	}
	if r.method != stored && r.method != deflated || r.method == stored && r.packed != r.size || !bytes.Equal(b[:centralSize+n], r.central()) {
		return nil, nil, fmt.Errorf("%w: the header of %s is not one that this package writes", ErrFormat, r.path)
	}
	return r, b[centralSize+n:], nil
}

// open returns the unpacked bytes of a file, not one more than its header says.
func (r *record) open(from io.ReaderAt) io.Reader {
	section := io.NewSectionReader(from, r.data(), int64(r.packed))
	if r.method == stored {
		return section
	}
	return io.LimitReader(flate.NewReader(section), int64(r.size)+1)
}
