package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// buildLock serialises the building of templates over all test binaries, because migrations also
// make roles, which belong to the whole server.
const buildLock = 0x766f6c746573

// keptTemplates is how many templates stay; older ones belong to migrations that have changed since.
const keptTemplates = 6

var (
	templatesMu sync.Mutex
	templates   = map[string]string{} // key to database, those known to exist
)

// ensureTemplate returns the template for key, built when it is missing. It is built under another
// name and renamed when whole, so a kill in the middle leaves nothing that looks finished.
func ensureTemplate(ctx context.Context, pool *pgxpool.Pool, migrate func(context.Context, string) error, key string) (string, error) {
	templatesMu.Lock()
	defer templatesMu.Unlock()
	if name, ok := templates[key]; ok {
		return name, nil
	}
	sum := sha256.Sum256([]byte(key))
	name := "tpl_" + hex.EncodeToString(sum[:8])
	if err := withBuildLock(ctx, pool, func(conn *pgx.Conn) error {
		var exists bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
			return err
		}
		return build(ctx, conn, migrate, name)
	}); err != nil {
		return "", err
	}
	templates[key] = name
	return name, nil
}

// withBuildLock runs do on a connection of its own: the lock goes with the connection, also after kill -9.
func withBuildLock(ctx context.Context, pool *pgxpool.Pool, do func(*pgx.Conn) error) error {
	pooled, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(buildLock)); err != nil {
		return err
	}
	return do(conn)
}

func build(ctx context.Context, conn *pgx.Conn, migrate func(context.Context, string) error, name string) error {
	instance, err := Shared()
	if err != nil {
		return err
	}
	raw := name + "_building"
	if err := dropOld(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(raw)+" WITH (FORCE)"); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+quote(raw)); err != nil {
		return err
	}
	if err := migrate(ctx, instance.DSN(raw)); err != nil {
		_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(raw)+" WITH (FORCE)")
		return fmt.Errorf("migrate: %w", err)
	}
	// A connection that migrate left open would block the rename and every copy.
	if _, err := conn.Exec(ctx, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", raw); err != nil {
		return err
	}
	for patience := 50; ; patience-- {
		_, err := conn.Exec(ctx, "ALTER DATABASE "+quote(raw)+" RENAME TO "+quote(name))
		if err == nil {
			break
		}
		if patience == 0 {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+quote(name)+" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return err
}

// dropOld removes all but the newest templates. One that is being copied right now cannot be dropped
// and stays.
func dropOld(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname ~ '^tpl_[0-9a-f]{16}$' ORDER BY oid DESC OFFSET $1", keptTemplates-1)
	if err != nil {
		return err
	}
	old, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range old {
		if _, err := conn.Exec(ctx, "ALTER DATABASE "+quote(name)+" WITH IS_TEMPLATE false"); err == nil {
			_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name))
		}
	}
	return nil
}

// keepFailed is how long the database of a failed test stays.
const keepFailed = 24 * time.Hour

// sweep drops databases of test binaries that were killed and of failures long ago. It does what it
// can: whatever it misses only takes room.
func sweep(ctx context.Context, pool *pgxpool.Pool) {
	rows, err := pool.Query(ctx, `SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname ~ '^test_[0-9]+_'`)
	if err != nil {
		return
	}
	type database struct{ Name, Comment string }
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[database])
	if err != nil {
		return
	}
	for _, d := range found {
		if stamp, kept := strings.CutPrefix(d.Comment, "kept "); kept {
			at, err := strconv.ParseInt(stamp, 10, 64)
			if err != nil || time.Since(time.Unix(at, 0)) < keepFailed {
				continue
			}
		} else if pid, _ := strconv.Atoi(strings.Split(d.Name, "_")[1]); pid == os.Getpid() || syscall.Kill(pid, 0) == nil {
			continue
		}
		_, _ = pool.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(d.Name)+" WITH (FORCE)")
	}
}
