package pgtest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voldaan/voldaan/core/store/pgtest"
)

var migrations atomic.Int64

// key differs per run, so that every run builds its template once.
var key = fmt.Sprintf("pgtest %d %d", os.Getpid(), time.Now().UnixNano())

func migrate(ctx context.Context, dsn string) error {
	migrations.Add(1)
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	// Left open on purpose: a careless migrate must not block the template.
	_, err = conn.Exec(ctx, "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item SELECT generate_series(1, 5)")
	return err
}

func TestMain(m *testing.M) {
	switch os.Getenv("PGTEST_CHILD") {
	case "die":
		if err := dieWithDatabase(); err != nil {
			fmt.Println("error", err)
		}
		os.Exit(1)
	case "migrate":
		os.Exit(m.Run())
	}
	code := m.Run()
	if n := migrations.Load(); code == 0 && n != 1 {
		fmt.Printf("the template was built %d times, want 1\n", n)
		code = 1
	}
	os.Exit(code)
}

func TestEveryTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprintf("test %d", i), func(t *testing.T) {
			t.Parallel()
			conn, err := pgx.Connect(t.Context(), pgtest.New(t, migrate, key))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			if _, err := conn.Exec(t.Context(), "INSERT INTO item VALUES (6)"); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM item").Scan(&n); err != nil || n != 6 {
				t.Errorf("%d rows, %v; want 6", n, err)
			}
		})
	}
}

func databases(t *testing.T, like string) (names []string) {
	t.Helper()
	shared, err := pgtest.Shared()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), shared.Admin())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "SELECT datname FROM pg_database WHERE datname LIKE $1", like)
	if err != nil {
		t.Fatal(err)
	}
	names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) {
		dsn := pgtest.New(t, migrate, key)
		name = strings.Split(dsn[strings.LastIndex(dsn, "/")+1:], "?")[0]
		if got := databases(t, name); len(got) != 1 {
			t.Fatalf("database %s is not there during its test", name)
		}
	})
	if got := databases(t, name); len(got) != 0 {
		t.Errorf("database %s outlived its test", name)
	}
}

// recorder is a test that failed, as seen by pgtest.
type recorder struct {
	testing.TB
	cleanup []func()
	logged  string
}

func (r *recorder) Failed() bool               { return true }
func (r *recorder) Name() string               { return "TestFailed" }
func (r *recorder) Cleanup(f func())           { r.cleanup = append(r.cleanup, f) }
func (r *recorder) Logf(f string, args ...any) { r.logged += fmt.Sprintf(f, args...) }

func TestDatabaseOfAFailedTestIsKept(t *testing.T) {
	t.Parallel()
	failed := &recorder{TB: t}
	dsn := pgtest.New(failed, migrate, key)
	for _, f := range failed.cleanup {
		f()
	}
	if !strings.Contains(failed.logged, "psql '"+dsn+"'") {
		t.Errorf("log %q has no psql line", failed.logged)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatalf("the database of a failed test is gone: %v", err)
	}
	conn.Close(t.Context())
	drop(t, dsn)
}

func drop(t *testing.T, dsn string) {
	t.Helper()
	shared, err := pgtest.Shared()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), shared.Admin())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	name := strings.Split(dsn[strings.LastIndex(dsn, "/")+1:], "?")[0]
	if _, err := conn.Exec(t.Context(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
		t.Fatal(err)
	}
}

// dieWithDatabase makes a database and dies without any cleanup, like a killed test binary.
func dieWithDatabase() error {
	shared, err := pgtest.Shared()
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(context.Background(), shared.Admin())
	if err != nil {
		return err
	}
	name := fmt.Sprintf("test_%d_1_killed", os.Getpid())
	if _, err := conn.Exec(context.Background(), "CREATE DATABASE "+name); err != nil {
		return err
	}
	fmt.Println(name)
	return nil
}

func TestDatabasesOfKilledBinariesAreSwept(t *testing.T) {
	t.Parallel()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "PGTEST_CHILD=die")
	out, _ := child.Output()
	name := strings.TrimSpace(string(out))
	if len(databases(t, name)) != 1 {
		t.Fatalf("the child left no database: %q", out)
	}
	next := exec.Command(os.Args[0], "-test.run=TestDatabaseGoesWithItsTest")
	next.Env = append(os.Environ(), "PGTEST_CHILD=migrate")
	if out, err := next.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(databases(t, name)) != 0 {
		t.Errorf("database %s of a dead process is still there", name)
	}
}
