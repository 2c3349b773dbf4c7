package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNoLogin says that the owner of the schema may not make a user for the
// application.
var ErrNoLogin = errors.New("the user of the database may not make users; give it the right CREATEROLE, or make one that is a member of voldaan_app only")

const insufficientPrivilege = "42501"

// EnsureLogin makes a user that can act as the application and as nobody else,
// and returns dsn with that user. Whoever made the application run SQL of his
// own would otherwise be one "reset role" away from the owner of the schema. It
// returns ErrNoLogin when the user of dsn, who owns the schema, may not do so.
func EnsureLogin(ctx context.Context, dsn, name, password string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("the database address is not of the form postgres://user:password@host/database")
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", name).Scan(&exists); err != nil {
		return "", fmt.Errorf("look for the user %s: %w", name, err)
	}
	verb := "create"
	if exists {
		verb = "alter"
	}
	// A statement that makes a user takes no parameters.
	var set, grant string
	if err := conn.QueryRow(ctx, "select format('%s role %I login noinherit password %L', $1::text, $2::text, $3::text), format('grant voldaan_app to %I', $2::text)",
		verb, name, password).Scan(&set, &grant); err != nil {
		return "", err
	}
	for _, do := range []string{set, grant} {
		if _, err := conn.Exec(ctx, do); err != nil {
			var pgErr *pgconn.PgError
			if errors.As(err, &pgErr) && pgErr.Code == insufficientPrivilege {
				return "", ErrNoLogin
			}
			return "", fmt.Errorf("make the user %s: %w", name, err)
		}
	}
	u.User = url.UserPassword(name, password)
	return u.String(), nil
}

// Privileged reports whether the user of the store could do more than the
// application may: an owner or superuser, who is not held by row-level security.
func (s *Store) Privileged(ctx context.Context) (bool, error) {
	var more bool
	err := s.pool.QueryRow(ctx, `
		select r.rolsuper or r.rolbypassrls or r.rolcreaterole or pg_has_role(session_user, 'voldaan_door', 'member')
		from pg_roles r where r.rolname = session_user`).Scan(&more)
	if err != nil {
		return false, fmt.Errorf("look what the database user may do: %w", err)
	}
	return more, nil
}
