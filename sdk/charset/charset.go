// Package charset turns text files of unknown origin into UTF-8.
package charset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// ErrUnknown is wrapped when an encoding is not one of the supported ones.
var ErrUnknown = errors.New("unknown character encoding")

// Supported names the encodings for messages to people.
const Supported = "UTF-8, UTF-16, ISO-8859-1, ISO-8859-15 and Windows-1252"

// ByName returns the encoding of an XML or HTTP label. UTF-8 and its subset
// ASCII are returned as [encoding.Nop]. It returns ErrUnknown for any other
// than the supported ones.
func ByName(label string) (encoding.Encoding, error) {
	switch strings.ReplaceAll(strings.ToLower(strings.TrimSpace(label)), "_", "-") {
	case "utf-8", "utf8", "us-ascii", "ascii", "":
		return encoding.Nop, nil
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1", "l1":
		// Files that claim Latin 1 and hold 0x80-0x9f mean Windows-1252, where the
		// euro sign is; Latin 1 has only control characters there.
		return charmap.Windows1252, nil
	case "windows-1252", "cp1252", "cp-1252", "win-1252":
		return charmap.Windows1252, nil
	case "iso-8859-15", "iso8859-15", "latin-9", "latin9":
		return charmap.ISO8859_15, nil
	case "utf-16", "utf16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), nil
	}
	return nil, fmt.Errorf("%q: %w; use %s", label, ErrUnknown, Supported)
}

// Decode turns a text file into UTF-8 without a byte order mark and says which
// encoding it took. A mark decides; else valid UTF-8 is UTF-8; else the bytes
// are Windows-1252, or the DOS page 850 when its box and accent bytes fit better.
func Decode(b []byte) (text, name string) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return strings.ToValidUTF8(string(b[3:]), "\uFFFD"), "UTF-8"
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return decode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), b[2:]), "UTF-16LE"
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decode(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), b[2:]), "UTF-16BE"
	case utf8.Valid(b):
		return string(b), "UTF-8"
	case dos(b):
		return decode(charmap.CodePage850, b), "CP850"
	}
	return decode(charmap.Windows1252, b), "Windows-1252"
}

func decode(e encoding.Encoding, b []byte) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(out), "\uFFFD")
	}
	return string(out)
}

// dos reports whether the letters above ASCII read as Western accents in page
// 850 and not in Windows-1252: there 0x80-0x9f are é ü â ä à ç ê ë è ï î Ä É æ
// ô ö ò û ù ÿ Ö Ü, in Windows-1252 they are punctuation.
func dos(b []byte) bool {
	low, high := 0, 0
	for i, c := range b {
		switch {
		case c >= 0x80 && c <= 0x9f && i > 0 && letter(b[i-1]):
			low++
		case c >= 0xc0:
			high++
		}
	}
	return low > 0 && high == 0
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// NewReader decodes a stream in the encoding of a label.
func NewReader(label string, r io.Reader) (io.Reader, error) {
	e, err := ByName(label)
	if err != nil {
		return nil, err
	}
	if e == encoding.Nop {
		return r, nil
	}
	return e.NewDecoder().Reader(r), nil
}
