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
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// maxStrikes is how often a reader may die over a file before the file is put
// aside, so that those behind it get their turn.
const maxStrikes = 3

// Blame counts the death of a reader against the file that it had opened last in
// a sync, and refuses the file when that is too often.
func Blame(ctx context.Context, tx store.Tx, connection, run uuid.UUID) error {
	f, err := tx.BlameInboxFile(ctx, db.BlameInboxFileParams{ConnectionID: connection, Run: run})
	if errors.Is(err, pgx.ErrNoRows) || err == nil && f.Strikes < maxStrikes {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the file that stops the reader: %w", err)
	}
	problems, err := json.Marshal([]invoicefile.Problem{{
		Code:     "reader_died",
		Sentence: fmt.Sprintf("The program that reads files ended %d times over %s. Nothing of it was taken; send the file in another form, or to the operator of this installation.", f.Strikes, f.Name),
	}})
	if err != nil {
		return err
	}
	_, err = tx.SettleInboxFile(ctx, db.SettleInboxFileParams{ConnectionID: connection, Seq: f.Seq, Problems: problems, Outcome: string(filebox.Refused)})
	return err
}
