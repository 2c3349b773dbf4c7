// Package xmldoc reads XML documents of strangers: in the common encodings,
// within limits, and without a document type, entities or anything external.
package xmldoc

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/voldaan/voldaan/sdk/charset"
)

// Errors that a document can be refused with; each comes with a sentence.
var (
	// ErrHostile is for what no honest document has: a document type, entities,
	// or a size or depth beyond the limits.
	ErrHostile = errors.New("document refused")
	// ErrSyntax is for a document that is not well-formed or breaks off.
	ErrSyntax = errors.New("not readable as XML")
)

// Limits bound what one document may cost.
type Limits struct {
	Bytes    int64 // of the file as it comes
	Depth    int   // of nested elements
	Elements int   // in all
	Text     int   // bytes of one element's own text
}

// Default suits invoices with an embedded PDF of 20 MiB and statements of a
// hundred thousand entries.
var Default = Limits{Bytes: 64 << 20, Depth: 64, Elements: 10_000_000, Text: 32 << 20}

// Reader goes through a document element by element.
type Reader struct {
	d        *xml.Decoder
	limits   Limits
	source   *meter
	depth    int
	elements int
}

// NewReader starts on a document. Zero limits are taken from Default.
func NewReader(r io.Reader, l Limits) *Reader {
	l.Bytes, l.Depth = or(l.Bytes, Default.Bytes), or(l.Depth, Default.Depth)
	l.Elements, l.Text = or(l.Elements, Default.Elements), or(l.Text, Default.Text)
	m := &meter{r: r, left: l.Bytes}
	x := &Reader{limits: l, source: m}
	head := bufio.NewReaderSize(m, 4096)
	input, wide := unicodeInput(head)
	x.d = xml.NewDecoder(input)
	x.d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if wide {
			// The mark already decided; the label names what was decoded.
			return r, nil
		}
		return charset.NewReader(label, r)
	}
	return x
}

// unicodeInput decodes UTF-16 by its byte order mark, or by the zeros that a
// document without one starts with, and drops the mark of UTF-8.
func unicodeInput(r *bufio.Reader) (io.Reader, bool) {
	head, _ := r.Peek(4)
	label := ""
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = r.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		_, _ = r.Discard(2)
		label = "utf-16le"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		_, _ = r.Discard(2)
		label = "utf-16be"
	case bytes.HasPrefix(head, []byte("<\x00?\x00")):
		label = "utf-16le"
	case bytes.HasPrefix(head, []byte("\x00<\x00?")):
		label = "utf-16be"
	default:
		return r, false
	}
	if label == "" {
		return r, false
	}
	decoded, err := charset.NewReader(label, r)
	if err != nil {
		return r, false
	}
	return decoded, true
}

// Root moves to the root element.
func (x *Reader) Root() (xml.StartElement, error) {
	for {
		t, err := x.token()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, nil
		case xml.EndElement:
			return xml.StartElement{}, fmt.Errorf("%w: it has no root element", ErrSyntax)
		case xml.CharData:
			if len(bytes.Trim(t, " \t\r\n\ufeff")) > 0 {
				return xml.StartElement{}, fmt.Errorf("%w: there is text before its root element", ErrSyntax)
			}
		}
	}
}

// Child moves to the next element inside the current one, or returns false at
// its end. The child has to be read with Node, Skip or further calls of Child.
func (x *Reader) Child() (xml.StartElement, bool, error) {
	for {
		t, err := x.token()
		if err != nil {
			return xml.StartElement{}, false, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, true, nil
		case xml.EndElement:
			return xml.StartElement{}, false, nil
		}
	}
}

// Skip passes over the rest of the current element.
func (x *Reader) Skip() error {
	for target := x.depth - 1; x.depth > target; {
		if _, err := x.token(); err != nil {
			return err
		}
	}
	return nil
}

// End reads to the end of the document, so that what comes after the root, or
// is missing there, is noticed.
func (x *Reader) End() error {
	for {
		_, err := x.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// token reads one token within the limits. io.EOF comes only between documents.
func (x *Reader) token() (xml.Token, error) {
	t, err := x.d.Token()
	if err != nil {
		return nil, x.broken(err)
	}
	switch t := t.(type) {
	case xml.StartElement:
		x.depth++
		x.elements++
		if x.depth > x.limits.Depth {
			return nil, fmt.Errorf("%w: it is nested deeper than %d levels", ErrHostile, x.limits.Depth)
		}
		if x.elements > x.limits.Elements {
			return nil, fmt.Errorf("%w: it has more than %d elements", ErrHostile, x.limits.Elements)
		}
	case xml.EndElement:
		x.depth--
	case xml.Directive:
		return nil, fmt.Errorf("%w: it carries a document type (<!%s …), which an invoice or statement never needs; send it without", ErrHostile, word(t))
	case xml.ProcInst:
		if t.Target != "xml" {
			return nil, fmt.Errorf("%w: it carries a processing instruction (<?%s …)", ErrHostile, word([]byte(t.Target)))
		}
	}
	return t, nil
}

// broken names an error of the decoder.
func (x *Reader) broken(err error) error {
	switch {
	case x.source.left < 0:
		return fmt.Errorf("%w: it is larger than %d MiB", ErrHostile, x.limits.Bytes>>20)
	case errors.Is(err, charset.ErrUnknown):
		return fmt.Errorf("%w: %w", ErrSyntax, charset.ErrUnknown)
	case errors.Is(err, io.EOF) && x.depth == 0:
		if x.elements == 0 {
			return fmt.Errorf("%w: it is empty", ErrSyntax)
		}
		return io.EOF
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it breaks off before its end", ErrSyntax)
	}
	var s *xml.SyntaxError
	if errors.As(err, &s) {
		if s.Msg == "unexpected EOF" {
			return fmt.Errorf("%w: it breaks off before its end (line %d)", ErrSyntax, s.Line)
		}
		if strings.Contains(s.Msg, "invalid character entity") {
			return fmt.Errorf("%w: it uses an entity that XML does not define (line %d)", ErrHostile, s.Line)
		}
		return fmt.Errorf("%w: line %d: %s", ErrSyntax, s.Line, s.Msg)
	}
	return fmt.Errorf("%w: %w", ErrSyntax, err)
}

// word is the first word of a token, for a message.
func word(b []byte) string {
	f := strings.Fields(strings.ToValidUTF8(string(b[:min(len(b), 40)]), "?"))
	if len(f) == 0 {
		return ""
	}
	return f[0]
}

// meter counts down the bytes of the file and ends the stream below zero.
type meter struct {
	r    io.Reader
	left int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left < 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > m.left+1 {
		p = p[:m.left+1]
	}
	n, err := m.r.Read(p)
	m.left -= int64(n)
	return n, err
}

func or[T int | int64](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
