package files

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/sdk/invoicefile/openitems"
)

// cursor is where a pull stands. A first load goes through every file that was
// ever received; after it the files that wait are all there is to do, and the
// host's store knows which those are.
type cursor struct {
	Version int    `json:"v"`
	Loading bool   `json:"loading,omitempty"`
	After   string `json:"after,omitempty"`
}

func (c cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // three plain fields
	}
	return b
}

// page is how many files are listed at a time.
const page = 100

// Pull takes in the files one by one. What comes of a file is reported when all
// it holds was sent; the host lets that count when it has stored it too. So a
// crash takes a file in once more, which is harmless, and never loses it.
func (c *Connector) Pull(ctx context.Context, s *sdk.Session, req sdk.PullRequest, sink sdk.Sink) error {
	m, err := mapping(s)
	if err != nil {
		return err
	}
	p := &pull{box: filebox.NewClient(s.HTTP), s: s, m: m, sink: sink}
	if len(req.Invoices) > 0 {
		return p.invoicesOnly(ctx, req.Invoices)
	}
	at := cursor{Version: 1, Loading: true}
	if len(req.Cursor) > 0 {
		at = cursor{}
		if err := json.Unmarshal(req.Cursor, &at); err != nil || at.Version != 1 {
			return fmt.Errorf("%w: it was not made by this connector", sdk.ErrResync)
		}
	}
	after := at.After
	for {
		files, err := p.box.List(ctx, after, page, !at.Loading)
		if err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		if len(files) == 0 {
			return sink.Checkpoint(cursor{Version: 1}.bytes())
		}
		for _, f := range files {
			after = f.ID
			next := cursor{Version: 1}
			if at.Loading {
				next = cursor{Version: 1, Loading: true, After: after}
			}
			if err := p.file(ctx, f, next); err != nil {
				return fmt.Errorf("take in file %s: %w", f.ID, err)
			}
		}
	}
}

type pull struct {
	box  filebox.Client
	s    *sdk.Session
	m    openitems.Mapping
	sink sdk.Sink
}

// file takes in one file and reports its outcome.
func (p *pull) file(ctx context.Context, f filebox.File, next cursor) error {
	r, err := p.read(ctx, f)
	if err != nil {
		return err
	}
	if err := r.admit(ctx, p); err != nil {
		return err
	}
	if err := p.hand(r); err != nil {
		return err
	}
	if err := p.complain(r); err != nil {
		return err
	}
	if err := p.sink.Checkpoint(next.bytes()); err != nil {
		return err
	}
	o := r.outcome()
	p.s.Log.Info("file taken in", "file", f.ID, "state", string(o.State), "invoices", o.Documents, "problems", len(o.Problems))
	return p.box.Settle(ctx, f.ID, o)
}

// hand gives the sink what a file holds.
func (p *pull) hand(r *result) error {
	if err := p.sink.Progress(sdk.Invoices, len(r.documents)+len(r.settled)); err != nil {
		return err
	}
	parties := map[string]bool{}
	for _, d := range r.documents {
		if !parties[d.Debtor.ID] {
			parties[d.Debtor.ID] = true
			d.Debtor.Revision = r.file.Digest
			if err := p.sink.Party(d.Debtor); err != nil {
				return err
			}
		}
		d.Invoice.Revision = r.file.Digest
		if err := p.sink.Invoice(d.Invoice); err != nil {
			return err
		}
	}
	for _, i := range r.settled {
		i.Revision = r.file.Digest
		if err := p.sink.Invoice(i); err != nil {
			return err
		}
	}
	return nil
}

// complain tells what a file holds that cannot be read, and takes back what was
// said of an earlier one that this one replaces.
func (p *pull) complain(r *result) error {
	invoices, rest := r.unreadable()
	for _, id := range slices.Sorted(maps.Keys(invoices)) {
		if err := p.sink.Unreadable(sdk.Invoices, id, invoices[id]); err != nil {
			return err
		}
	}
	if rest != "" {
		return p.sink.Unreadable(sdk.Invoices, r.key(p.s.Config), rest)
	}
	return p.sink.Gone(sdk.Invoices, r.key(p.s.Config))
}

// invoicesOnly reads the file that delivered each invoice last. What no file
// delivered is gone.
func (p *pull) invoicesOnly(ctx context.Context, ids []string) error {
	read := map[string]*result{}
	for _, id := range ids {
		h, err := p.box.Holders(ctx, id)
		if gone(err) {
			if err := p.sink.Gone(sdk.Invoices, id); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		r, ok := read[h.Latest.ID]
		if !ok {
			if r, err = p.read(ctx, h.Latest); err != nil {
				return err
			}
			read[h.Latest.ID] = r
		}
		r.mark(map[string]bool{id: h.Owner.ID != "" && r.kind == filebox.List}, p.s.Config["sent"])
		if err := p.handOne(r, id); err != nil {
			return err
		}
	}
	return nil
}

func (p *pull) handOne(r *result, id string) error {
	for _, d := range r.documents {
		if d.Invoice.ID == id {
			only := &result{file: r.file}
			only.documents = append(only.documents, d)
			return p.hand(only)
		}
	}
	for _, i := range r.settled {
		if i.ID == id {
			return p.hand(&result{file: r.file, settled: []sdk.Invoice{i}})
		}
	}
	return nil
}
