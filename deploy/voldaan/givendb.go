package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/deploy/postgres"
)

// databases are the names that the stack uses on its server.
type databases struct{ voldaan, temporal, visibility string }

var (
	devDatabases  = databases{"voldaan", "temporal", "temporal_visibility"}
	demoDatabases = databases{"voldaan_demo", "temporal_demo", "temporal_demo_visibility"}
)

// begins reports whether the story has yet to begin in this folder.
func (m *machine) begins() bool {
	_, err := os.Stat(m.clock())
	return errors.Is(err, os.ErrNotExist)
}

// startOver removes what an earlier demonstration left on a server that is given:
// there the folder that was removed did not hold it.
func (m *machine) startOver(ctx context.Context, s *postgres.Server) error {
	if os.Getenv(postgres.URLVariable) == "" || m.names != demoDatabases || !m.begins() {
		return nil
	}
	conn, err := pgx.Connect(ctx, s.Admin())
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Close(ctx)
	for _, name := range []string{m.names.voldaan, m.names.temporal, m.names.visibility} {
		if _, err := conn.Exec(ctx, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)"); err != nil {
			return fmt.Errorf("remove the database %s of an earlier demonstration: %w", name, err)
		}
	}
	return nil
}

// strangers refuses a database with a story of another folder: its keys, its
// clock and its emulated books are there.
func (m *machine) strangers(ctx context.Context, dsn string) error {
	if !m.begins() {
		return nil
	}
	opened, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer opened.Close()
	tenants, err := opened.Door().DoorTenants(ctx)
	if slices.ContainsFunc(tenants, func(t db.DoorTenantsRow) bool { return t.Slug == demoSlug }) {
		return fmt.Errorf("the database %s belongs to another folder than %s: drop it to start over, or set VOLDAAN_HOME to that folder", m.names.voldaan, m.stack.Dir())
	}
	return err
}
