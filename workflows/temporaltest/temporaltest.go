// Package temporaltest gives tests a real Temporal server, shared by all test binaries of a run.
//
// The server runs on the database server of pgtest, starts on demand, builds its program when that
// is missing (once, some minutes) and stops by itself a few minutes after the last test binary
// ended. VOLDAAN_TEST_TEMPORAL=host:port names another server.
package temporaltest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/voldaan/voldaan/core/process"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/workflows/temporalserver"
)

// AddressVariable names a server to use instead of the shared one.
const AddressVariable = "VOLDAAN_TEST_TEMPORAL"

// Limits on building the program and on starting the server.
const (
	buildLimit = 20 * time.Minute
	startLimit = 2 * time.Minute
)

// Refresh is how soon a search attribute added by a test can be used.
const Refresh = time.Second

// Start returns host:port of the shared server, started when it does not run yet.
func Start(t testing.TB) string {
	t.Helper()
	ready, err := shared()
	if err != nil {
		t.Fatalf("start Temporal for tests: %v", err)
	}
	return ready.Address
}

// UI is the address of the shared server's web UI, to look at what a failed test left; empty for a
// server named by VOLDAAN_TEST_TEMPORAL.
func UI(t testing.TB) string {
	t.Helper()
	Start(t)
	ready, _ := shared()
	return ready.UI
}

var (
	sequence atomic.Int64
	unsafe   = regexp.MustCompile(`[^a-z0-9]+`)
)

// Namespace registers a namespace for this test alone and returns its name. It can be used at once.
// It stays after the test, so that its workflows can be looked at; namespaces cost next to nothing.
func Namespace(t testing.TB) string {
	t.Helper()
	address := Start(t)
	slug := strings.Trim(unsafe.ReplaceAllString(strings.ToLower(t.Name()), "-"), "-")
	name := fmt.Sprintf("%s-%d-%d-%d", slug[:min(len(slug), 60)], os.Getpid(), sequence.Add(1), time.Now().UnixMilli())
	namespaces, err := client.NewNamespaceClient(client.Options{HostPort: address, Logger: quiet{}})
	if err != nil {
		t.Fatalf("reach Temporal at %s: %v", address, err)
	}
	defer namespaces.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	err = namespaces.Register(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	var exists *serviceerror.NamespaceAlreadyExists
	if err != nil && !errors.As(err, &exists) {
		t.Fatalf("register namespace %s: %v", name, err)
	}
	return name
}

// lease is held until this process ends: the server stops once nobody holds one.
//
//lint:ignore U1000 nobody reads it; what counts is that it is held
var lease *process.Lock

var shared = sync.OnceValues(func() (temporalserver.Ready, error) {
	if address := os.Getenv(AddressVariable); address != "" {
		return temporalserver.Ready{Address: address}, nil
	}
	note := func(line string) { fmt.Fprintln(os.Stderr, "temporaltest:", line) }
	building, cancel := context.WithTimeout(context.Background(), buildLimit)
	defer cancel()
	binary, err := temporalserver.Binary(building, note)
	if err != nil {
		return temporalserver.Ready{}, err
	}
	database, err := pgtest.Shared()
	if err != nil {
		return temporalserver.Ready{}, err
	}
	dir, err := pgtest.Dir()
	if err != nil {
		return temporalserver.Ready{}, err
	}
	// Another program or another database means another server: a running one is never pulled away.
	sum := sha256.Sum256([]byte(binary + "\n" + database.Admin()))
	id := hex.EncodeToString(sum[:4])
	dir = filepath.Join(dir, "temporal-"+id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return temporalserver.Ready{}, err
	}
	if lease, err = process.Share(filepath.Join(dir, "users.lock")); err != nil {
		return temporalserver.Ready{}, err
	}
	ctx, cancelStart := context.WithTimeout(context.Background(), startLimit)
	defer cancelStart()
	starting, err := process.WaitLock(ctx, filepath.Join(dir, "start.lock"))
	if err != nil {
		return temporalserver.Ready{}, err
	}
	defer starting.Unlock()
	state := filepath.Join(dir, "server.json")
	if ready, ok := running(ctx, state); ok {
		return ready, nil
	}
	ready, err := start(ctx, binary, id, dir, database)
	if err != nil {
		return ready, err
	}
	raw, err := json.Marshal(ready)
	if err != nil {
		return ready, err
	}
	return ready, os.WriteFile(state, raw, 0o600)
})

// running returns the server that an earlier test binary started, if it still answers.
func running(ctx context.Context, state string) (temporalserver.Ready, bool) {
	var ready temporalserver.Ready
	raw, err := os.ReadFile(state)
	if err != nil || json.Unmarshal(raw, &ready) != nil {
		return ready, false
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: ready.Address, Logger: quiet{}})
	if err != nil {
		return ready, false
	}
	c.Close()
	return ready, true
}

func start(ctx context.Context, binary, id, dir string, database *pgtest.Instance) (temporalserver.Ready, error) {
	ports, err := freePorts(2)
	if err != nil {
		return temporalserver.Ready{}, err
	}
	path := filepath.Join(dir, "temporal.log")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return temporalserver.Ready{}, err
	}
	defer file.Close()
	config := temporalserver.Config{
		Postgres: database.Admin(), Database: "temporal_" + id, Visibility: "temporal_" + id + "_visibility",
		Port: ports[0], UIPort: ports[1], Refresh: Refresh, Log: file, Detached: true,
		WhileUsed: filepath.Join(dir, "users.lock"),
	}
	// The database must not stop under the server once this process is gone.
	if lease := database.Lease(); lease != nil {
		config.Inherit = []*os.File{lease}
	}
	server, err := temporalserver.Start(ctx, binary, config)
	if err != nil {
		return temporalserver.Ready{}, fmt.Errorf("%w (see %s)", err, path)
	}
	return server.Ready, nil
}

func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close() // all stay taken until all are picked
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// quiet drops what the SDK logs while it looks for a server.
type quiet struct{}

var _ log.Logger = quiet{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
