package marketplace

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// ErrNoConnection is what another tenant's connection is, too.
var ErrNoConnection = fault.New(fault.NotFound, "connection_not_found", "This connection does not exist.")

// Connection returns a tenant's connection, also one that was removed.
func Connection(ctx context.Context, tx store.Tx, id uuid.UUID) (db.Connection, error) {
	row, err := tx.Connection(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, ErrNoConnection
	}
	return row, err
}

// Pause makes nothing be read or written over a connection until it is resumed;
// reminders of its books wait, since nobody can be asked whether they were paid.
// A sync that is under way ends as usual.
func (s *Service) Pause(ctx context.Context, who Actor, id uuid.UUID, why string) error {
	return s.Store.In(ctx, who.Tenant, func(tx store.Tx) error {
		return s.move(ctx, tx, who, id, Paused, db.MoveConnectionParams{ID: id, State: "paused", Reason: why, Before: []string{"connected", "broken"}})
	})
}

// Resume ends a pause and reads what changed meanwhile.
func (s *Service) Resume(ctx context.Context, who Actor, id uuid.UUID) error {
	var books []db.Administration
	if err := s.Store.In(ctx, who.Tenant, func(tx store.Tx) error {
		if err := s.move(ctx, tx, who, id, Resumed, db.MoveConnectionParams{ID: id, State: "connected", Before: []string{"paused"}}); err != nil {
			return err
		}
		var err error
		books, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: id, Valid: true})
		return err
	}); err != nil {
		return err
	}
	for _, a := range books {
		if err := s.SyncNow(ctx, who.Tenant, a.ID); err != nil {
			return fmt.Errorf("ask for a sync: %w", err)
		}
	}
	return nil
}

// move changes the state of a connection, if it is in one of those that this may
// begin in; in the one that it leads to, there is nothing to do.
func (s *Service) move(ctx context.Context, tx store.Tx, who Actor, id uuid.UUID, action string, to db.MoveConnectionParams) error {
	row, err := Connection(ctx, tx, id)
	if err != nil || row.State == to.State {
		return err
	}
	n, err := tx.MoveConnection(ctx, to)
	if err != nil {
		return fmt.Errorf("move the connection: %w", err)
	}
	if n == 0 {
		switch row.State {
		case "new":
			return fault.New(fault.Conflict, "connection_new", "Nobody has signed in to %s over this connection yet. Sign in first, or remove it.", row.Title)
		case "removed":
			return fault.New(fault.Conflict, "connection_removed", "This connection was removed. Connect %s again.", row.Title)
		default:
			return fault.New(fault.Conflict, "connection_not_paused", "This connection is not paused.")
		}
	}
	detail := map[string]string{}
	if to.Reason != "" {
		detail["why"] = to.Reason
	}
	return s.note(ctx, tx, who.By, action, ofConnection(id), detail)
}

// Ended is what came of removing a connection.
type Ended struct {
	Title string
	// Left says that the package did not confirm that our access has ended there;
	// here it has.
	Left bool
}

// Remove destroys the credentials of a connection, ends our access at the package
// and stops reading. What was read stays; its reminders wait for ever.
func (s *Service) Remove(ctx context.Context, who Actor, id uuid.UUID) (Ended, error) {
	var row db.Connection
	if err := s.Store.In(ctx, who.Tenant, func(tx store.Tx) (err error) {
		row, err = Connection(ctx, tx, id)
		return err
	}); err != nil || row.State == "removed" {
		return Ended{Title: row.Title}, err
	}
	left, err := s.Connections.End(ctx, who.Tenant, id)
	if err != nil {
		return Ended{}, err
	}
	last := false
	if err := s.Store.In(ctx, who.Tenant, func(tx store.Tx) error {
		others, err := tx.ConnectionsTo(ctx, row.Connector)
		if err != nil {
			return err
		}
		last = len(others) == 0
		detail := map[string]string{}
		if left != nil {
			detail["left"] = "true"
		}
		return s.note(ctx, tx, who.By, Removed, ofConnection(id), detail)
	}); err != nil {
		return Ended{}, err
	}
	if last && s.Register != nil {
		if err := s.Register.Forget(ctx, who.Tenant, row.Connector); err != nil {
			return Ended{}, err
		}
	}
	return Ended{Title: row.Title, Left: left != nil}, nil
}
