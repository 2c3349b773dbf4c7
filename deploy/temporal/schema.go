package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/schema"
	v12 "go.temporal.io/server/schema/postgresql/v12"
	toolschema "go.temporal.io/server/tools/common/schema"
	toolsql "go.temporal.io/server/tools/sql"
)

// schemaLock keeps two starting servers from laying out the same database at once.
const schemaLock = 0x566f6c6461616e

const duplicateDatabase = "42P04"

// prepareSchema makes the two databases where they are missing and brings both schemas up to date.
// A crash half-way is harmless: a new schema is laid in one transaction, an upgrade is repeatable.
func prepareSchema(ctx context.Context, o options) error {
	for _, d := range []struct{ database, schema, version string }{
		{o.database, "postgresql/v12/temporal", v12.Version},
		{o.visibility, "postgresql/v12/visibility", v12.VisibilityVersion},
	} {
		if err := createDatabase(ctx, o, d.database); err != nil {
			return err
		}
		if err := migrate(ctx, o, d.database, d.schema, d.version); err != nil {
			return fmt.Errorf("bring database %s up to date: %w", d.database, err)
		}
	}
	return nil
}

func createDatabase(ctx context.Context, o options, name string) error {
	if conn, err := pgx.Connect(ctx, o.dsn(name)); err == nil {
		return conn.Close(ctx)
	}
	conn, err := pgx.Connect(ctx, o.postgres.String())
	if err != nil {
		return fmt.Errorf("reach Postgres at %s: %w", o.address(), err)
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == duplicateDatabase {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create database %s (the user needs CREATEDB): %w", name, err)
	}
	return nil
}

func migrate(ctx context.Context, o options, database, schemaName, version string) error {
	conn, err := pgx.Connect(ctx, o.dsn(database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(schemaLock)); err != nil {
		return fmt.Errorf("wait for the schema lock: %w", err)
	}
	current, err := schemaVersion(ctx, conn)
	switch {
	case err != nil:
		return err
	case current == "":
		return layOut(ctx, conn, database, schemaName, version)
	case current == version:
		return nil
	}
	return upgrade(sqlConfig(o, database, 2), schemaName)
}

// schemaVersion is the version recorded in the database, empty for a database without a schema.
func schemaVersion(ctx context.Context, conn *pgx.Conn) (string, error) {
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('schema_version') IS NOT NULL").Scan(&exists); err != nil || !exists {
		return "", err
	}
	var version string
	err := conn.QueryRow(ctx, "SELECT curr_version FROM schema_version WHERE version_partition = 0 AND db_name = current_database()").Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return version, err
}

// layOut creates the newest schema in one transaction, so that it is there whole or not at all.
func layOut(ctx context.Context, conn *pgx.Conn, database, schemaName, version string) error {
	ddl, err := fs.ReadFile(schema.Assets(), schemaName+"/schema.sql")
	if err != nil {
		return err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	// The simple protocol runs the whole file in one round trip.
	if _, err := tx.Conn().PgConn().Exec(ctx, versionTables+string(ddl)).ReadAll(); err != nil {
		if strings.Contains(err.Error(), "btree_gin") {
			return fmt.Errorf("the extension btree_gin is missing, install postgresql-contrib: %w", err)
		}
		return err
	}
	now := time.Now().UTC()
	if _, err := tx.Exec(ctx, `INSERT INTO schema_version (version_partition, db_name, creation_time, curr_version, min_compatible_version)
		VALUES (0, $1, $2, $3, $3)`, database, now, version); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO schema_update_history (version_partition, year, month, update_time, old_version, new_version, manifest_md5, description)
		VALUES (0, $1, $2, $3, '0', $4, '', 'initial version')`, now.Year(), int(now.Month()), now, version); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// versionTables is what the server's own schema tool makes before it lays a schema.
const versionTables = `
CREATE TABLE IF NOT EXISTS schema_version (version_partition INT NOT NULL, db_name VARCHAR(255) NOT NULL, creation_time TIMESTAMP,
	curr_version VARCHAR(64), min_compatible_version VARCHAR(64), PRIMARY KEY (version_partition, db_name));
CREATE TABLE IF NOT EXISTS schema_update_history (version_partition INT NOT NULL, year INT NOT NULL, month INT NOT NULL, update_time TIMESTAMP NOT NULL,
	description VARCHAR(255), manifest_md5 VARCHAR(64), new_version VARCHAR(64), old_version VARCHAR(64),
	PRIMARY KEY (version_partition, year, month, update_time));
`

func upgrade(cfg *config.SQL, schemaName string) error {
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: "warn"}))
	conn, err := toolsql.NewConnection(cfg, logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	return toolschema.NewUpdateSchemaTask(conn, &toolschema.UpdateConfig{SchemaName: schemaName}, logger).Run()
}
