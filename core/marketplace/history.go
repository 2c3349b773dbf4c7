package marketplace

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Event is something that was done to a connection or to the connector that it
// uses.
type Event struct {
	ID     int64
	At     time.Time
	By     string // a member's name, "api:" and a program's, or voldaan
	Action string // such as Paused
	// Detail has from, to and why where the action has such.
	Detail map[string]string
}

// History returns what was done to a connection, the latest first: events before
// one, or from the last on when that is zero.
func History(ctx context.Context, tx store.Tx, connection db.Connection, before int64, most int) ([]Event, error) {
	return history(ctx, tx, []string{ofConnection(connection.ID), ofConnector(connection.Connector)}, before, most)
}

func history(ctx context.Context, tx store.Tx, subjects []string, before int64, most int) ([]Event, error) {
	q := db.AuditOfParams{Subjects: subjects, Most: int32(most)}
	if before > 0 {
		q.Before = &before
	}
	rows, err := tx.AuditOf(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = Event{ID: r.ID, At: r.At, By: r.Actor, Action: r.Action}
		if err := json.Unmarshal(r.Detail, &out[i].Detail); err != nil {
			return nil, fmt.Errorf("read the record: %w", err)
		}
	}
	return out, nil
}

// Events is History for those who have no transaction.
func (s *Service) Events(ctx context.Context, tenant, connection uuid.UUID, before int64, most int) (out []Event, err error) {
	err = s.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, err := Connection(ctx, tx, connection)
		if err == nil {
			out, err = History(ctx, tx, row, before, most)
		}
		return err
	})
	return out, err
}
