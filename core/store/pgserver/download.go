package pgserver

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"

	"github.com/voldaan/voldaan/core/process"
)

// embedded is the version to download for each major version that data may have been made with.
var embedded = map[int]embeddedpostgres.PostgresVersion{
	15: embeddedpostgres.V15, 16: embeddedpostgres.V16, 17: embeddedpostgres.V17, 18: embeddedpostgres.V18,
}

// embeddedDefault is the major version for new data: the oldest that every part was measured with.
const embeddedDefault = 17

// downloadLimit bounds a download of about 15 MB.
const downloadLimit = 3 * time.Minute

// download fetches the embedded-postgres binaries once and keeps them.
func download(ctx context.Context, c Config, h home, want int) (binaries, error) {
	if want == 0 {
		want = embeddedDefault
	}
	version, ok := embedded[want]
	if !ok {
		return binaries{}, fmt.Errorf("there is no download of PostgreSQL %d", want)
	}
	cache, err := downloadCache(c, h)
	if err != nil {
		return binaries{}, err
	}
	kept := filepath.Join(cache, "embedded-postgres-"+string(version))
	done := binaries{dir: filepath.Join(kept, "bin"), major: want, origin: "downloaded to " + kept}
	lock, err := process.WaitLock(ctx, filepath.Join(cache, "embedded-postgres.lock"))
	if err != nil {
		return binaries{}, err
	}
	defer lock.Unlock()
	if majorOf(done.dir) == want {
		return done, nil
	}
	c.note("Downloading PostgreSQL %s, once, about 15 MB...", version)
	part, err := os.MkdirTemp(cache, "embedded-postgres-part-")
	if err != nil {
		return binaries{}, fmt.Errorf("make room for the download: %w", err)
	}
	defer os.RemoveAll(part)
	if err := os.Chmod(part, 0o755); err != nil {
		return binaries{}, fmt.Errorf("make room for the download: %w", err)
	}
	if err := fetch(ctx, c, version, part); err != nil {
		return binaries{}, err
	}
	if err := os.RemoveAll(kept); err != nil {
		return binaries{}, fmt.Errorf("replace an unusable download: %w", err)
	}
	if err := os.Rename(filepath.Join(part, "bin-tree"), kept); err != nil {
		return binaries{}, fmt.Errorf("keep the download: %w", err)
	}
	if majorOf(done.dir) != want {
		return binaries{}, fmt.Errorf("the downloaded PostgreSQL in %s does not run on this machine", kept)
	}
	return done, nil
}

// fetch leaves the binaries in part/bin-tree. The library offers no download by itself, only a whole
// start; its start is stopped again at once, and as root it ends after unpacking because initdb refuses root.
func fetch(ctx context.Context, c Config, version embeddedpostgres.PostgresVersion, part string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	var log bytes.Buffer
	config := embeddedpostgres.DefaultConfig().Version(version).Port(uint32(port)).Logger(&log).
		CachePath(filepath.Join(part, "archive")).RuntimePath(filepath.Join(part, "run")).
		DataPath(filepath.Join(part, "data")).BinariesPath(filepath.Join(part, "bin-tree")).
		StartParameters(map[string]string{"unix_socket_directories": "", "listen_addresses": "127.0.0.1"})
	if c.DownloadURL != "" {
		config = config.BinaryRepositoryURL(c.DownloadURL)
	}
	started := make(chan error, 1)
	go func() {
		server := embeddedpostgres.NewDatabase(config)
		err := server.Start()
		if err == nil {
			err = server.Stop()
		}
		started <- err
	}()
	select {
	case err = <-started:
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(downloadLimit):
		return fmt.Errorf("the download of PostgreSQL %s took longer than %s", version, downloadLimit)
	}
	if _, statErr := os.Stat(filepath.Join(part, "bin-tree", "bin", "initdb")); statErr != nil {
		first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
		return fmt.Errorf("PostgreSQL cannot be downloaded: %s", first)
	}
	return nil
}

// downloadCache is a directory that the user of the cluster can enter.
func downloadCache(c Config, h home) (string, error) {
	dir := c.Cache
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			base = filepath.Join(os.TempDir(), "voldaan-cache-"+strconv.Itoa(os.Getuid()))
		}
		dir = filepath.Join(base, "voldaan")
	}
	if h.drop && h.barrier(filepath.Join(dir, "x")) != "" {
		dir = filepath.Join("/var/lib", "voldaan-postgres")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make room for the download: %w", err)
	}
	return dir, nil
}

// freePort asks the kernel for a port nobody uses now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
