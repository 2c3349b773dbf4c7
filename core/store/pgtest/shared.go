// Package pgtest gives every test a fresh database on one fast Postgres that all test binaries share.
//
// The server starts on demand in a directory of the user under os.TempDir(), without fsync. It
// stops by itself a few minutes after the last test binary ended, where util-linux' flock exists;
// elsewhere it stays, and the next run uses it again. VOLDAAN_TEST_PG names another server, whose
// user must be allowed to create databases and, where migrations need it, roles.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/voldaan/voldaan/core/process"
	"github.com/voldaan/voldaan/core/store/pgserver"
)

// URLVariable names a server to use instead of the shared one.
const URLVariable = "VOLDAAN_TEST_PG"

// startLimit bounds finding or starting the shared server, a first download included.
const startLimit = 5 * time.Minute

// Instance is the server that all tests of this user share.
type Instance struct {
	server *pgserver.Server
	lease  *process.Lock // nil for a server named by VOLDAAN_TEST_PG
}

// Admin is the URL of the maintenance database as superuser.
func (i *Instance) Admin() string { return i.server.Admin() }

// DSN is the URL of the named database.
func (i *Instance) DSN(database string) string { return i.server.DSN(database) }

// Lease is a file that keeps the server running for as long as any process has it open: give it to
// a child that needs the database after this process has ended. It is nil when the server is not ours.
func (i *Instance) Lease() *os.File {
	if i.lease == nil {
		return nil
	}
	return i.lease.File()
}

// Shared returns the shared server, started when it does not run yet. It is the same for the whole
// life of the process.
func Shared() (*Instance, error) { return shared() }

var shared = sync.OnceValues(func() (*Instance, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if url := os.Getenv(URLVariable); url != "" {
		server, err := pgserver.Open(ctx, pgserver.Config{URL: url})
		if err != nil {
			return nil, fmt.Errorf("use %s: %w", URLVariable, err)
		}
		return &Instance{server: server}, nil
	}
	dir, err := Dir()
	if err != nil {
		return nil, err
	}
	// Taken before the server is looked at: the watchdog stops it only when nobody holds the lease.
	lease, err := process.Share(filepath.Join(dir, "users.lock"))
	if err != nil {
		return nil, err
	}
	note := func(line string) { fmt.Fprintln(os.Stderr, "pgtest:", line) }
	server, err := pgserver.Open(ctx, pgserver.Config{Dir: filepath.Join(dir, "pg"), Fast: true, Shared: true, Note: note})
	if err != nil {
		lease.Unlock()
		return nil, err
	}
	if err := watch(dir, server.Dir()); err != nil {
		note(err.Error())
	}
	return &Instance{server: server, lease: lease}, nil
})

// Dir is the directory under os.TempDir() in which this user's shared test servers lie.
func Dir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("voldaan-test-%d", os.Getuid()))
	// Others may pass through: root runs Postgres as another user.
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make room for the test servers: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("make room for the test servers: %w", err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; !info.IsDir() || int(owner) != os.Getuid() {
		return "", fmt.Errorf("%s belongs to somebody else: remove it or set TMPDIR", dir)
	}
	return dir, nil
}

// watchdog stops the server once nobody holds the lease. While it stops the server it holds the
// lease alone, so a new user waits and then starts a new server.
const watchdog = `
exec 9>"$1/watchdog.lock"
flock -n 9 || exit 0
while sleep 150; do
	exec 8<>"$1/users.lock"
	if flock -n -x 8; then
		pid=$(head -n 1 "$2/data/postmaster.pid" 2>/dev/null) || exit 0
		kill -INT "$pid" 2>/dev/null
		for i in $(seq 200); do kill -0 "$pid" 2>/dev/null || exit 0; sleep 0.1; done
		kill -QUIT "$pid" 2>/dev/null
		exit 0
	fi
	exec 8>&-
done
`

// watch makes sure that a watchdog runs, where there is flock(1) to write one with.
func watch(dir, cluster string) error {
	if _, err := exec.LookPath("flock"); err != nil {
		return nil
	}
	cmd := exec.Command("sh", "-c", watchdog, "voldaan-test-watchdog", dir, cluster)
	cmd.Dir = dir
	if _, err := process.Start(cmd, process.Options{Detached: true}); err != nil {
		return fmt.Errorf("start the watchdog of the test database: %w", err)
	}
	return nil
}
