// Package inbox keeps the invoice files that arrive by upload, folder or SFTP
// until the files connector has taken them in.
package inbox

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// Files are the files of one connection. Every method may be called at any time
// and by several callers; a file that is not there is ErrNotFound.
type Files interface {
	// Put stores a file. The same content a second time is not stored again: Put
	// then returns the first file and false.
	Put(ctx context.Context, name string, content io.Reader) (f filebox.File, fresh bool, err error)

	// Again brings a settled file in once more, as the last one to arrive, with a
	// new id and the claims that it made: for a person who sends it again, after
	// other files or with other settings. A file that waits stays where it is.
	Again(ctx context.Context, id string) (filebox.File, error)

	// List returns up to limit files after an id, oldest first; with open set
	// only those without an outcome.
	List(ctx context.Context, after string, limit int, open bool) ([]filebox.File, error)

	// Get returns a file's description.
	Get(ctx context.Context, id string) (filebox.File, error)

	// Open returns a file's content.
	Open(ctx context.Context, id string) (io.ReadCloser, error)

	// Claim records which invoices a file delivers. A claim that is not shared
	// and contradicts an earlier one of another file, with another digest, is
	// returned as a conflict and not recorded. Claiming again changes nothing.
	Claim(ctx context.Context, id string, claims []filebox.Claim) (filebox.Claimed, error)

	// Holders returns the files that claimed an invoice.
	Holders(ctx context.Context, key string) (filebox.Holders, error)

	// LatestList returns the last file before an id that was taken as a list; an
	// empty id is after all.
	LatestList(ctx context.Context, before string) (filebox.File, error)

	// Settle records what came of a file. A second outcome replaces the first.
	Settle(ctx context.Context, id string, o filebox.Outcome) error

	// Outcome returns what came of a file, with state Waiting when nothing did yet.
	Outcome(ctx context.Context, id string) (filebox.Outcome, error)
}

// ErrNotFound is returned for a file or an invoice that is not there.
var ErrNotFound = fault.New(fault.NotFound, "file_not_found", "This file is not there.")

// Read takes a whole file within the limit. The error is a fault that tells a
// person what to do.
func Read(content io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(content, filebox.MaxBytes+1))
	switch {
	case err != nil:
		return nil, fault.New(fault.Unavailable, "file_read", "The file did not arrive whole. Please send it again.").Because(err)
	case len(b) > filebox.MaxBytes:
		return nil, fault.New(fault.Invalid, "file_size", "The file is larger than %d MiB. Split it, or leave attachments out.", filebox.MaxBytes>>20)
	case len(b) == 0:
		return nil, fault.New(fault.Invalid, "file_empty", "The file is empty.")
	}
	return b, nil
}

// SafeName keeps the last element of a name, without anything that a file
// system or a page could stumble over.
func SafeName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if name = strings.TrimLeft(name, "."); name == "" {
		name = "file"
	}
	if r := []rune(name); len(r) > 120 {
		name = string(r[:60]) + "…" + string(r[len(r)-59:])
	}
	return name
}

// refusal returns the sentence of an error that is the file's own fault.
func refusal(err error) (string, bool) {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return f.Message, true
	}
	return "", false
}
