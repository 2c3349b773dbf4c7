package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// Directory keeps files in a folder: each content under its id, and index.json
// with everything else, replaced as a whole at each change. One process may use
// a folder at a time.
type Directory struct {
	root  string
	clock clock.Clock

	mu    sync.Mutex // protects index and the order of its writes
	index index
}

var _ Files = (*Directory)(nil)

// OpenDirectory opens a folder, and makes it when it is not there.
func OpenDirectory(root string, c clock.Clock) (*Directory, error) {
	if err := os.MkdirAll(filepath.Join(root, "files"), 0o700); err != nil {
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	d := &Directory{root: root, clock: c, index: newIndex()}
	b, err := os.ReadFile(d.indexPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d, nil
	case err != nil:
		return nil, fmt.Errorf("open inbox: %w", err)
	}
	if err := json.Unmarshal(b, &d.index); err != nil {
		return nil, fmt.Errorf("open inbox: %s is damaged: %w", d.indexPath(), err)
	}
	return d, nil
}

func (d *Directory) indexPath() string { return filepath.Join(d.root, "index.json") }

func (d *Directory) contentPath(id string) string { return filepath.Join(d.root, "files", id) }

// save writes the index so that a crash leaves the old or the new one.
func (d *Directory) save() error {
	b, err := json.Marshal(d.index)
	if err != nil {
		return err
	}
	return replace(d.indexPath(), b)
}

func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Put implements Files. The content is on disk before the index names it.
func (d *Directory) Put(_ context.Context, name string, content io.Reader) (filebox.File, bool, error) {
	b, err := Read(content)
	if err != nil {
		return filebox.File{}, false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f, fresh := d.index.add(name, b, d.clock)
	if !fresh {
		return f, false, nil
	}
	if err := errors.Join(replace(d.contentPath(f.ID), b), d.save()); err != nil {
		d.index.Files = d.index.Files[:len(d.index.Files)-1]
		return filebox.File{}, false, fmt.Errorf("store file: %w", err)
	}
	return f, true, nil
}

// Again implements Files. The content is under both ids until the index names
// the new one.
func (d *Directory) Again(_ context.Context, id string) (filebox.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.index.again(id, d.clock)
	if err != nil || f.ID == id {
		return f, err
	}
	if err := os.Link(d.contentPath(id), d.contentPath(f.ID)); err != nil {
		return filebox.File{}, fmt.Errorf("store file: %w", err)
	}
	if err := d.save(); err != nil {
		return filebox.File{}, fmt.Errorf("store file: %w", err)
	}
	return f, os.Remove(d.contentPath(id))
}

// List implements Files.
func (d *Directory) List(_ context.Context, after string, limit int, open bool) ([]filebox.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.index.list(after, limit, open), nil
}

// Get implements Files.
func (d *Directory) Get(_ context.Context, id string) (filebox.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.index.get(id)
}

// Open implements Files.
func (d *Directory) Open(ctx context.Context, id string) (io.ReadCloser, error) {
	if _, err := d.Get(ctx, id); err != nil {
		return nil, err
	}
	f, err := os.Open(d.contentPath(id))
	if err != nil {
		return nil, fmt.Errorf("open file %s: %w", id, err)
	}
	return f, nil
}

// Claim implements Files.
func (d *Directory) Claim(_ context.Context, id string, claims []filebox.Claim) (filebox.Claimed, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out, err := d.index.claim(id, claims)
	if err != nil {
		return filebox.Claimed{}, err
	}
	return out, d.save()
}

// Holders implements Files.
func (d *Directory) Holders(_ context.Context, key string) (filebox.Holders, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.index.holders(key)
}

// LatestList implements Files.
func (d *Directory) LatestList(_ context.Context, before string) (filebox.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.index.latestList(before)
}

// Settle implements Files.
func (d *Directory) Settle(_ context.Context, id string, o filebox.Outcome) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.index.settle(id, o); err != nil {
		return err
	}
	return d.save()
}

// Outcome implements Files.
func (d *Directory) Outcome(_ context.Context, id string) (filebox.Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.index.outcome(id)
}
