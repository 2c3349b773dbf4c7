package pgserver_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voldaan/voldaan/core/store/pgserver"
)

// TestMain lets the test binary play a supervisor that gets killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PGSERVER_TEST_SUPERVISOR"); dir != "" {
		s, err := pgserver.Open(context.Background(), pgserver.Config{Dir: dir})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(s.PID(), s.Admin())
		select {}
	}
	os.Exit(m.Run())
}

// room is a directory that any user may enter, unlike what t.TempDir makes.
func room(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "pg")
}

func open(t *testing.T, c pgserver.Config) *pgserver.Server {
	t.Helper()
	c.Offline = true
	c.Note = func(s string) { t.Log(s) }
	s, err := pgserver.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(10 * time.Second) })
	return s
}

func exec1(t *testing.T, dsn, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, dsn, table string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWarmStartKeepsDataAndPort(t *testing.T) {
	t.Parallel()
	dir := room(t)
	s := open(t, pgserver.Config{Dir: dir, Fast: true})
	exec1(t, s.Admin(), "CREATE TABLE kept AS SELECT generate_series(1, 10)")
	info, err := os.Stat(filepath.Join(s.Dir(), "password"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("password file has mode %o, want 600", info.Mode().Perm())
	}
	s.Close(10 * time.Second)
	again := open(t, pgserver.Config{Dir: dir, Fast: true})
	if again.Address() != s.Address() {
		t.Errorf("second start listens on %s, the first on %s", again.Address(), s.Address())
	}
	if n := count(t, again.Admin(), "kept"); n != 10 {
		t.Errorf("%d rows after a restart, want 10", n)
	}
	if again.Socket() != "" {
		u := strings.Replace(again.Admin(), again.Address(), "", 1) + "&host=" + again.Socket() + "&port=" + strings.TrimPrefix(again.Address(), "127.0.0.1:")
		if n := count(t, u, "kept"); n != 10 {
			t.Errorf("%d rows through the socket, want 10", n)
		}
	}
}

func TestRecoversFromKilledPostmaster(t *testing.T) {
	t.Parallel()
	dir := room(t)
	s := open(t, pgserver.Config{Dir: dir})
	exec1(t, s.Admin(), "CREATE TABLE kept AS SELECT generate_series(1, 10)")
	// A backend in the middle of something outlives its postmaster for a moment and holds its memory.
	busy, err := pgx.Connect(t.Context(), s.Admin())
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close(context.Background())
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	s.Close(time.Second)
	again := open(t, pgserver.Config{Dir: dir})
	if n := count(t, again.Admin(), "kept"); n != 10 {
		t.Errorf("%d rows after kill -9 of the server, want 10", n)
	}
}

func TestRecoversFromKilledSupervisor(t *testing.T) {
	t.Parallel()
	dir := room(t)
	for round := range 2 {
		supervisor := exec.Command(os.Args[0])
		supervisor.Env = append(os.Environ(), "PGSERVER_TEST_SUPERVISOR="+dir)
		out, err := supervisor.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := supervisor.Start(); err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(out).ReadString('\n')
		pid, dsn, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || pid == "error" {
			t.Fatalf("supervisor said %q", line)
		}
		exec1(t, dsn, "CREATE TABLE round"+strconv.Itoa(round)+" AS SELECT generate_series(1, 10)")
		if round == 1 {
			// Both at once: the worst case.
			n, _ := strconv.Atoi(pid)
			_ = syscall.Kill(n, syscall.SIGKILL)
		}
		_ = supervisor.Process.Kill()
		_ = supervisor.Wait()
	}
	s := open(t, pgserver.Config{Dir: dir})
	for _, table := range []string{"round0", "round1"} {
		if n := count(t, s.Admin(), table); n != 10 {
			t.Errorf("%d rows in %s after kill -9, want 10", n, table)
		}
	}
}

func TestSecondUserIsRefused(t *testing.T) {
	t.Parallel()
	dir := room(t)
	open(t, pgserver.Config{Dir: dir, Fast: true})
	_, err := pgserver.Open(t.Context(), pgserver.Config{Dir: dir, Offline: true})
	if err == nil || !strings.Contains(err.Error(), "in use by another running voldaan") {
		t.Errorf("second Open: %v", err)
	}
}

func TestSharedServerIsAdoptedAndReplaced(t *testing.T) {
	t.Parallel()
	dir := room(t)
	first := open(t, pgserver.Config{Dir: dir, Fast: true, Shared: true})
	second := open(t, pgserver.Config{Dir: dir, Fast: true, Shared: true})
	if first.PID() != second.PID() || first.Address() != second.Address() {
		t.Errorf("two shared opens gave processes %d and %d", first.PID(), second.PID())
	}
	exec1(t, first.Admin(), "CREATE TABLE kept AS SELECT 1")
	// A supervisor that finds a server it did not start replaces it by one it can watch.
	owned := open(t, pgserver.Config{Dir: dir})
	if owned.PID() == first.PID() {
		t.Error("the server was adopted, want it replaced")
	}
	if n := count(t, owned.Admin(), "kept"); n != 1 {
		t.Errorf("%d rows after taking over, want 1", n)
	}
}

func TestStalePidFileOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := room(t)
	s := open(t, pgserver.Config{Dir: dir, Fast: true})
	s.Close(10 * time.Second)
	bystander := exec.Command("sleep", "60")
	info, err := os.Stat(filepath.Join(s.Dir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if os.Getuid() == 0 {
		bystander.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bystander.Process.Kill(); _ = bystander.Wait() }()
	pidFile := filepath.Join(s.Dir(), "data", "postmaster.pid")
	if err := os.WriteFile(pidFile, fmt.Appendf(nil, "%d\n%s/data\n", bystander.Process.Pid, s.Dir()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(pidFile, int(owner.Uid), int(owner.Gid)); err != nil {
		t.Fatal(err)
	}
	open(t, pgserver.Config{Dir: dir, Fast: true})
	if err := bystander.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the bystander was touched: %v", err)
	}
}

func TestHalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := room(t)
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, pgserver.Config{Dir: dir, Fast: true})
}

func TestRootLeavesADirectoryThatOthersCannotEnter(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root has to run Postgres as another user")
	}
	t.Parallel()
	closed := filepath.Join(filepath.Dir(room(t)), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "pg")
	var notes []string
	again := func() *pgserver.Server {
		t.Helper()
		notes = nil
		s, err := pgserver.Open(t.Context(), pgserver.Config{
			Dir: dir, Fast: true, Offline: true, Note: func(n string) { notes = append(notes, n) },
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := again()
	if strings.HasPrefix(s.Dir(), closed) {
		t.Errorf("the database lies in %s, which user postgres cannot enter", s.Dir())
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "so the database lies in "+s.Dir()) {
		t.Errorf("notes %q do not tell where the database lies", notes)
	}
	exec1(t, s.Admin(), "CREATE TABLE kept AS SELECT 1")
	s.Close(10 * time.Second)
	s = again()
	if n := count(t, s.Admin(), "kept"); n != 1 {
		t.Errorf("%d rows after a restart, want 1", n)
	}
	s.Close(10 * time.Second)

	// Removing the wanted directory means starting over, although the data is elsewhere.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s = again()
	defer os.RemoveAll(s.Dir() + ".old")
	exec1(t, s.Admin(), "CREATE TABLE kept AS SELECT 1")
	s.Close(10 * time.Second)
	if err := pgserver.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Dir()); !os.IsNotExist(err) {
		t.Errorf("the data in %s outlived Remove: %v", s.Dir(), err)
	}
}

func TestTakenPortIsReplaced(t *testing.T) {
	t.Parallel()
	other := open(t, pgserver.Config{Dir: room(t), Fast: true})
	_, port, _ := strings.Cut(other.Address(), ":")
	taken, _ := strconv.Atoi(port)
	s := open(t, pgserver.Config{Dir: room(t), Fast: true, Port: taken})
	if s.Address() == other.Address() {
		t.Errorf("both servers claim %s", s.Address())
	}
}

func TestGivenURL(t *testing.T) {
	t.Parallel()
	private := open(t, pgserver.Config{Dir: room(t), Fast: true})
	s, err := pgserver.Open(t.Context(), pgserver.Config{URL: private.DSN("template1")})
	if err != nil {
		t.Fatal(err)
	}
	if s.Admin() != private.DSN("template1") || s.DSN("postgres") != private.DSN("postgres") {
		t.Errorf("DSNs %q and %q do not follow the given URL", s.Admin(), s.DSN("postgres"))
	}
	s.Close(time.Second)
	exec1(t, private.Admin(), "SELECT 1")
}

func TestNothingToRun(t *testing.T) {
	t.Parallel()
	_, err := pgserver.Open(t.Context(), pgserver.Config{Dir: room(t), Offline: true, SearchPath: []string{}})
	if err == nil || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("error %v does not say what to install", err)
	}
}
