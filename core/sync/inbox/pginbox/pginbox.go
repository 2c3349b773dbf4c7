package pginbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/inbox"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// Boxes hands out the files of connections.
type Boxes struct {
	Store *store.Store
	// Now is the tenant's time.
	Now func(ctx context.Context, tx store.Tx) (time.Time, error)
}

// Of returns the files of one connection of a tenant. A connection of another
// tenant has none and takes none.
func (b Boxes) Of(tenant, connection uuid.UUID) inbox.Files {
	return files{Boxes: b, tenant: tenant, connection: connection}
}

// During returns the files of a connection as a sync sees them.
func (b Boxes) During(run, tenant, connection uuid.UUID) inbox.Files {
	return files{Boxes: b, tenant: tenant, connection: connection, run: uuid.NullUUID{UUID: run, Valid: run != uuid.Nil}}
}

// Handler answers the files connector, for the connection that asks. An outcome
// that it reports during a sync counts from when that sync is stored as a whole:
// what a file held is on its way until then, and must be read again when it gets
// lost.
func (b Boxes) Handler() http.Handler {
	return inbox.Handler(func(ctx context.Context) (inbox.Files, error) {
		c, ok := broker.ConnectionOf(ctx)
		if !ok {
			return nil, fault.New(fault.Denied, "no_connection", "Only a connector may ask for files.")
		}
		return b.During(c.Run, c.Tenant, c.ID), nil
	})
}

type files struct {
	Boxes
	tenant, connection uuid.UUID
	run                uuid.NullUUID // the sync under way
}

var _ inbox.Files = files{}

func (f files) in(ctx context.Context, do func(store.Tx) error) error {
	err := f.Store.In(ctx, f.tenant, do)
	if errors.Is(err, pgx.ErrNoRows) {
		return inbox.ErrNotFound
	}
	return err
}

// row is what is known of a file apart from its content.
type row = db.InboxFileRow

func idOf(seq int64) string { return fmt.Sprintf("%012d", seq) }

// seqOf returns inbox.ErrNotFound for an id that is none of ours.
func seqOf(id string) (int64, error) {
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil || idOf(seq) != id {
		return 0, inbox.ErrNotFound
	}
	return seq, nil
}

func fileOf(r row) filebox.File {
	return filebox.File{
		ID: idOf(r.Seq), Name: r.Name, Size: r.Size, Digest: hex.EncodeToString(r.Sha256), Received: r.ReceivedAt.UTC(),
		State: filebox.State(r.State), Kind: filebox.Kind(r.Kind),
	}
}

// Put implements inbox.Files.
func (f files) Put(ctx context.Context, name string, content io.Reader) (out filebox.File, fresh bool, err error) {
	b, err := inbox.Read(content)
	if err != nil {
		return filebox.File{}, false, err
	}
	sum := sha256.Sum256(b)
	err = f.in(ctx, func(tx store.Tx) error {
		now, err := f.Now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.AddInboxFile(ctx, db.AddInboxFileParams{
			Name: inbox.SafeName(name), Sha256: sum[:], Content: b, ReceivedAt: now, ConnectionID: f.connection,
		})
		if fresh = err == nil; err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("store file: %w", err)
		}
		r, err := tx.InboxFileBySum(ctx, db.InboxFileBySumParams{ConnectionID: f.connection, Sha256: sum[:]})
		out = fileOf(row(r))
		return err
	})
	return out, fresh, err
}

// Again implements inbox.Files.
func (f files) Again(ctx context.Context, id string) (out filebox.File, err error) {
	seq, err := seqOf(id)
	if err != nil {
		return out, err
	}
	err = f.in(ctx, func(tx store.Tx) error {
		r, err := tx.InboxFile(ctx, db.InboxFileParams{ConnectionID: f.connection, Seq: seq})
		if err != nil {
			return err
		}
		if out = fileOf(r); !out.State.Settled() {
			return nil
		}
		now, err := f.Now(ctx, tx)
		if err != nil {
			return err
		}
		last, err := tx.RepeatInboxFile(ctx, db.RepeatInboxFileParams{ConnectionID: f.connection, Seq: seq, Name: r.Name, ReceivedAt: now})
		if err != nil {
			return fmt.Errorf("bring file %s in again: %w", id, err)
		}
		out.ID, out.State, out.Kind, out.Received = idOf(last), filebox.Waiting, "", now.UTC()
		return nil
	})
	return out, err
}

// List implements inbox.Files.
func (f files) List(ctx context.Context, after string, limit int, open bool) (out []filebox.File, err error) {
	seq := int64(0)
	if after != "" {
		if seq, err = seqOf(after); err != nil {
			return nil, err
		}
	}
	out = []filebox.File{}
	err = f.in(ctx, func(tx store.Tx) error {
		rows, err := tx.InboxFiles(ctx, db.InboxFilesParams{ConnectionID: f.connection, After: seq, Open: open, Most: int32(min(limit, math.MaxInt32))})
		for _, r := range rows {
			out = append(out, fileOf(row(r)))
		}
		return err
	})
	return out, err
}

// Get implements inbox.Files.
func (f files) Get(ctx context.Context, id string) (out filebox.File, err error) {
	seq, err := seqOf(id)
	if err != nil {
		return out, err
	}
	err = f.in(ctx, func(tx store.Tx) error {
		out, err = f.get(ctx, tx, seq)
		return err
	})
	return out, err
}

func (f files) get(ctx context.Context, tx store.Tx, seq int64) (filebox.File, error) {
	r, err := tx.InboxFile(ctx, db.InboxFileParams{ConnectionID: f.connection, Seq: seq})
	return fileOf(r), err
}

// Open implements inbox.Files.
func (f files) Open(ctx context.Context, id string) (io.ReadCloser, error) {
	seq, err := seqOf(id)
	if err != nil {
		return nil, err
	}
	var content []byte
	if err := f.in(ctx, func(tx store.Tx) error {
		if f.run.Valid {
			if err := tx.OpenInboxFile(ctx, db.OpenInboxFileParams{ConnectionID: f.connection, Seq: seq, Run: f.run.UUID}); err != nil {
				return fmt.Errorf("note that file %s is read: %w", id, err)
			}
		}
		content, err = tx.InboxContent(ctx, db.InboxContentParams{ConnectionID: f.connection, Seq: seq})
		return err
	}); err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// LatestList implements inbox.Files.
func (f files) LatestList(ctx context.Context, before string) (out filebox.File, err error) {
	seq := int64(math.MaxInt64)
	if before != "" {
		if seq, err = seqOf(before); err != nil {
			return out, err
		}
	}
	err = f.in(ctx, func(tx store.Tx) error {
		r, err := tx.LatestInboxList(ctx, db.LatestInboxListParams{ConnectionID: f.connection, Before: seq})
		out = fileOf(row(r))
		return err
	})
	return out, err
}

// Settle implements inbox.Files.
func (f files) Settle(ctx context.Context, id string, o filebox.Outcome) error {
	seq, err := seqOf(id)
	if err != nil {
		return err
	}
	problems, err := json.Marshal(append([]invoicefile.Problem{}, o.Problems...))
	if err != nil {
		return fmt.Errorf("note the outcome of file %s: %w", id, err)
	}
	return f.in(ctx, func(tx store.Tx) error {
		n, err := tx.SettleInboxFile(ctx, db.SettleInboxFileParams{
			ConnectionID: f.connection, Seq: seq, Kind: string(o.Kind), Documents: int32(o.Documents), Problems: problems, Run: f.run, Outcome: string(o.State),
		})
		if err == nil && n == 0 {
			return inbox.ErrNotFound
		}
		return err
	})
}

// Outcome implements inbox.Files.
func (f files) Outcome(ctx context.Context, id string) (o filebox.Outcome, err error) {
	seq, err := seqOf(id)
	if err != nil {
		return o, err
	}
	err = f.in(ctx, func(tx store.Tx) error {
		r, err := tx.InboxOutcome(ctx, db.InboxOutcomeParams{ConnectionID: f.connection, Seq: seq})
		if err != nil {
			return err
		}
		if o.State = filebox.State(r.State); !o.State.Settled() {
			return nil
		}
		o = filebox.Outcome{State: o.State, Kind: filebox.Kind(r.Kind), Documents: int(r.Documents)}
		if err := json.Unmarshal(r.Problems, &o.Problems); err != nil {
			return fmt.Errorf("read the outcome of file %s: %w", id, err)
		}
		if len(o.Problems) == 0 {
			o.Problems = nil
		}
		return nil
	})
	return o, err
}
