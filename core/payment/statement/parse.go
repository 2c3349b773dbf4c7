package statement

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/charset"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// MaxBytes is the largest file that is read.
const MaxBytes = 64 << 20

// Parse reads every statement of a file, whole or not at all. It does not judge
// balances: call Verify on each statement before booking anything of it.
// An error is a fault of kind Invalid whose message says what is wrong.
func Parse(r io.Reader) ([]Statement, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "statement_read", "The statement could not be read to its end. Please send it again.").Because(err)
	}
	if len(data) > MaxBytes {
		return nil, fault.New(fault.Invalid, "statement_size", "The file is larger than %d MiB. Ask the bank for shorter periods.", MaxBytes>>20)
	}
	var list []Statement
	switch {
	case isXML(data):
		list, err = parseCAMT(bytes.NewReader(data))
	case isSWIFT(data):
		text, _ := charset.Decode(data)
		list, err = parseMT940(text)
	case len(bytes.TrimSpace(data)) == 0:
		return nil, fault.New(fault.Invalid, "statement_empty", "The file is empty.")
	default:
		return nil, fault.New(fault.Invalid, "statement_format", "This is neither a CAMT nor an MT940 file. Download the statement from the bank in one of these formats (CAMT.053 is the best).")
	}
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "statement_empty", "There is no statement in the file.")
	}
	for i := range list {
		identify(&list[i])
	}
	return list, nil
}

// isXML looks past a byte order mark and the zeros of UTF-16.
func isXML(b []byte) bool {
	head := bytes.ReplaceAll(b[:min(len(b), 200)], []byte{0}, nil)
	head = bytes.TrimLeft(head, "\xef\xbb\xbf\xff\xfe \t\r\n")
	return bytes.HasPrefix(head, []byte("<"))
}

func isSWIFT(b []byte) bool {
	text, _ := charset.Decode(b[:min(len(b), 4096)])
	return strings.Contains(text, ":20:") && (strings.Contains(text, ":25:") || strings.Contains(text, ":28"))
}

// unreadable turns an error of the XML reader into a fault.
func unreadable(err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, xmldoc.ErrHostile):
		return fault.New(fault.Invalid, "statement_hostile", "The statement was refused unread, because no bank sends such a file: %s.", plain(err)).Because(err)
	}
	return fault.New(fault.Invalid, "statement_syntax", "The statement is damaged: %s. Download it from the bank again.", plain(err)).Because(err)
}

func plain(err error) string {
	_, words, found := strings.Cut(err.Error(), ": ")
	if !found {
		return err.Error()
	}
	return words
}
