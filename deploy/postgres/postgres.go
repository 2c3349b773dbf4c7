// Package postgres gives the one-machine stack its database: DATABASE_URL, else a private cluster.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/voldaan/voldaan/core/store/pgserver"
)

// URLVariable names an existing server to use instead of a private one.
const URLVariable = "DATABASE_URL"

// Config says where a private cluster may be made; see pgserver.Config. Its URL defaults to DATABASE_URL.
type Config = pgserver.Config

// Server is a running Postgres; see pgserver.Server.
type Server = pgserver.Server

// Open returns a running server: DATABASE_URL, else installed binaries, else embedded-postgres, else
// the distribution's package when root, else one sentence that says what to install.
func Open(ctx context.Context, c Config) (*Server, error) {
	if c.URL == "" {
		c.URL = os.Getenv(URLVariable)
	}
	return pgserver.Open(ctx, c)
}

const duplicateDatabase = "42P04"

// EnsureDatabase creates the named database when it is missing and returns its URL. For a server
// given by DATABASE_URL whose URL names that database already, the URL is returned as it is, so the
// user needs no right to create databases.
func EnsureDatabase(ctx context.Context, s *Server, name string) (string, error) {
	if u, err := url.Parse(s.Admin()); err == nil && u.Path == "/"+name {
		return s.Admin(), nil
	}
	dsn := s.DSN(name)
	conn, err := pgx.Connect(ctx, s.Admin())
	if err != nil {
		return "", fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return "", fmt.Errorf("look for database %s: %w", name, err)
	}
	if exists {
		return dsn, nil
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var pgErr *pgconn.PgError
	if err != nil && !(errors.As(err, &pgErr) && pgErr.Code == duplicateDatabase) {
		return "", fmt.Errorf("create database %s; the user of %s needs the right CREATEDB: %w", name, URLVariable, err)
	}
	return dsn, nil
}

// Remove deletes the private cluster of Config.Dir, wherever it really lies, to start over. The
// server must have been stopped.
func Remove(dir string) error { return pgserver.Remove(dir) }
