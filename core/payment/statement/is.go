package statement

import (
	"bytes"
	"io"
)

// sniffed is how much of a file Is looks at.
const sniffed = 4096

// Is reports whether a file that begins like this is a bank statement, damaged
// or not, rather than some other document.
func Is(head []byte) bool {
	head = head[:min(len(head), sniffed)]
	if !isXML(head) {
		return isSWIFT(head)
	}
	head = bytes.ReplaceAll(head, []byte{0}, nil) // UTF-16
	return bytes.Contains(head, []byte("iso:20022:tech:xsd:camt")) || bytes.Contains(head, []byte("BkToCstmr"))
}

// Sniff is Is for a file that is open; the file is read from its beginning
// afterwards.
func Sniff(r io.ReadSeeker) (bool, error) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	_, err = r.Seek(0, io.SeekStart)
	return Is(head[:n]), err
}
