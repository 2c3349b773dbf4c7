package pginbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// Recent is a file with what came of it.
type Recent struct {
	File    filebox.File
	Outcome filebox.Outcome
}

// Recent lists the last files of a connection, the newest first.
func (b Boxes) Recent(ctx context.Context, tenant, connection uuid.UUID) (out []Recent, err error) {
	err = b.Store.In(ctx, tenant, func(tx store.Tx) error {
		rows, err := tx.RecentInboxFiles(ctx, connection)
		if err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		for _, r := range rows {
			f := Recent{File: fileOf(row{Seq: r.Seq, Name: r.Name, Size: r.Size, ReceivedAt: r.ReceivedAt, State: r.State, Kind: r.Kind})}
			if f.File.State.Settled() {
				f.Outcome = filebox.Outcome{State: f.File.State, Kind: f.File.Kind, Documents: int(r.Documents)}
				if err := json.Unmarshal(r.Problems, &f.Outcome.Problems); err != nil {
					return fmt.Errorf("read the outcome of file %s: %w", f.File.ID, err)
				}
			}
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

// Held tells, in sentences, what is wrong with invoices that a file delivered
// and that could be read all the same.
func (b Boxes) Held(ctx context.Context, tenant, connection uuid.UUID, file string) (out []string, err error) {
	seq, err := seqOf(file)
	if err != nil {
		return nil, err
	}
	err = b.Store.In(ctx, tenant, func(tx store.Tx) error {
		rows, err := tx.InboxHeld(ctx, db.InboxHeldParams{ConnectionID: connection, Seq: seq})
		for _, r := range rows {
			out = append(out, r.Message)
		}
		return err
	})
	return out, err
}

// NewestWaiting is the id of the last file that nobody read yet, "" when there
// is none.
func (b Boxes) NewestWaiting(ctx context.Context, tenant, connection uuid.UUID) (id string, err error) {
	err = b.Store.In(ctx, tenant, func(tx store.Tx) error {
		seq, err := tx.NewestWaitingFile(ctx, connection)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		id = idOf(seq)
		return err
	})
	return id, err
}
