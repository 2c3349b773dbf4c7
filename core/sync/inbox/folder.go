package inbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// Folder takes in what people and programs drop into a folder.
//
//	<folder>/           dropped here
//	<folder>/working/   taken in, waiting for the connector
//	<folder>/done/      taken in whole; or in part, with a .reason.txt beside it
//	<folder>/failed/    refused, with a .reason.txt beside it
//
// A file is taken when two scans see it with the same size and time, so that one
// that is still being written is left alone. Everything is found again after a
// crash: a file is in exactly one of the folders, and storing one twice stores
// it once.
type Folder struct {
	root  string
	files Files
	log   *slog.Logger
	seen  map[string]stamp // of the last scan, by name
}

type stamp struct {
	size int64
	at   time.Time
}

// WatchFolder prepares a folder and makes the ones inside it.
func WatchFolder(root string, files Files, log *slog.Logger) (*Folder, error) {
	for _, sub := range []string{"", "working", "done", "failed"} {
		if err := os.MkdirAll(filepath.Join(root, sub), 0o750); err != nil {
			return nil, fmt.Errorf("watch folder: %w", err)
		}
	}
	return &Folder{root: root, files: files, log: log, seen: map[string]stamp{}}, nil
}

// Run scans until the context ends. A scan that fails is tried again.
func (w *Folder) Run(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if err := w.Scan(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn("dropped files", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Scan takes in the files that are complete, and puts away those of which the
// outcome is known. It goes on past a file that fails and returns what failed.
func (w *Folder) Scan(ctx context.Context) error {
	return errors.Join(w.take(ctx), w.putAway(ctx))
}

// unfinished are the names that programs give to files that they still write.
func unfinished(name string) bool {
	lower := strings.ToLower(name)
	for _, end := range []string{".part", ".tmp", ".filepart", ".crdownload", ".partial", ".swp", "~", ".reason.txt"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$")
}

func (w *Folder) take(ctx context.Context) error {
	entries, err := os.ReadDir(w.root)
	if err != nil {
		return fmt.Errorf("read the folder: %w", err)
	}
	now := map[string]stamp{}
	var failed []error
	for _, e := range entries {
		if !e.Type().IsRegular() || unfinished(e.Name()) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone between the two looks
		}
		s := stamp{info.Size(), info.ModTime()}
		now[e.Name()] = s
		if w.seen[e.Name()] != s {
			continue
		}
		if err := w.takeOne(ctx, e.Name()); err != nil {
			failed = append(failed, err)
		}
	}
	w.seen = now
	return errors.Join(failed...)
}

func (w *Folder) takeOne(ctx context.Context, name string) error {
	path := filepath.Join(w.root, name)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open a dropped file: %w", err)
	}
	file, fresh, err := w.files.Put(ctx, name, f)
	_ = f.Close()
	if sentence, refused := refusal(err); refused {
		return w.move(path, "failed", name, sentence)
	}
	if err != nil {
		return err
	}
	if !fresh && file.Repeatable() {
		if file, err = w.files.Again(ctx, file.ID); err != nil {
			return err
		}
	}
	if file.State.Settled() {
		return w.move(path, "done", name, fmt.Sprintf("This file was brought in before, on %s as %s. It was not taken in again.", file.Received.Format("2 January 2006 15:04"), file.Name))
	}
	return os.Rename(path, w.free(filepath.Join(w.root, "working"), file.ID+"--"+SafeName(name)))
}

// putAway moves the files in working/ of which the connector is done.
func (w *Folder) putAway(ctx context.Context) error {
	entries, err := os.ReadDir(filepath.Join(w.root, "working"))
	if err != nil {
		return fmt.Errorf("read the folder: %w", err)
	}
	var failed []error
	for _, e := range entries {
		id, name, found := strings.Cut(e.Name(), "--")
		if !found || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(w.root, "working", e.Name())
		o, err := w.files.Outcome(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			// The store was emptied: bring the file in once more.
			err = os.Rename(path, w.free(w.root, name))
		case err != nil:
		case o.State == filebox.Refused:
			err = w.move(path, "failed", name, Reason(o))
		case o.State == filebox.Partly:
			err = w.move(path, "done", name, Reason(o))
		case o.State == filebox.Taken:
			err = w.move(path, "done", name, "")
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("put away file %s: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// move puts a file into a sub-folder, its reason first, so that no file is ever
// there without.
func (w *Folder) move(path, sub, name, reason string) error {
	target := w.free(filepath.Join(w.root, sub), SafeName(name))
	if reason != "" {
		if err := os.WriteFile(target+".reason.txt", []byte(reason+"\n"), 0o640); err != nil {
			return err
		}
	}
	return os.Rename(path, target)
}

// free finds a name that is not taken yet.
func (w *Folder) free(dir, name string) string {
	path := filepath.Join(dir, name)
	ext := filepath.Ext(name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path
		}
		path = filepath.Join(dir, fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext))
	}
}

// Reason tells in plain text what came of a file: how many invoices were taken
// and, row by row, what was not.
func Reason(o filebox.Outcome) string {
	var b strings.Builder
	switch o.State {
	case filebox.Partly:
		fmt.Fprintf(&b, "Taken from this file: %d. Not taken:\n\n", o.Documents)
	case filebox.Refused:
		b.WriteString("Nothing of this file was taken.\n\n")
	}
	for _, p := range o.Problems {
		b.WriteString((&invoicefile.Problem{Row: p.Row, Sentence: p.Sentence}).Error() + "\n")
	}
	return strings.TrimSpace(b.String())
}
