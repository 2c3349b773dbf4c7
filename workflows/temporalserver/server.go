package temporalserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/voldaan/voldaan/core/process"
)

// Config is what voldaan-temporal is started with. Zero values leave its defaults, see --help.
type Config struct {
	// Postgres is the URL of the server, with a user that may create databases. Required.
	Postgres string
	// Database and Visibility are the names of its two databases.
	Database, Visibility string
	// Port is the frontend's port on 127.0.0.1. Required.
	Port int
	// UIPort is the web UI's port on 127.0.0.1; 0 leaves the UI out.
	UIPort int
	// Namespace is registered when missing.
	Namespace string
	// Retention is how long closed workflows stay readable, at least a day.
	Retention time.Duration
	// SearchAttributes of the namespace: name to type, such as "Keyword" or "Datetime".
	SearchAttributes map[string]string
	// CodecEndpoint lets the UI read encrypted payloads.
	CodecEndpoint string
	// Refresh is how soon a new namespace or search attribute is seen everywhere.
	Refresh time.Duration
	// WhileUsed is a file: the server stops when nobody holds a lock on it any more.
	WhileUsed string
	// Log receives the server's log. An *os.File is handed over as it is. Default: discarded.
	Log io.Writer
	// Detached lets the server outlive this process.
	Detached bool
	// Inherit are files that the server keeps open for as long as it runs.
	Inherit []*os.File
}

// Ready is what the server says about itself once it can be used.
type Ready struct {
	Address   string `json:"address"`      // host:port of the frontend
	UI        string `json:"ui,omitempty"` // URL of the web UI
	Namespace string `json:"namespace,omitempty"`
	Version   string `json:"version"`
	PID       int    `json:"pid"`
}

// Given returns the server named by TEMPORAL_ADDRESS, with its UI from TEMPORAL_UI, if there is one.
func Given() (Ready, bool) {
	address := os.Getenv("TEMPORAL_ADDRESS")
	return Ready{Address: address, UI: os.Getenv("TEMPORAL_UI")}, address != ""
}

// Server is a running voldaan-temporal.
type Server struct {
	Ready
	child *process.Child
}

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.child.Done() }

// Err is how the server ended. It waits for the end.
func (s *Server) Err() error { return s.child.Err() }

// Close stops the server; after limit it is killed, which its data survives.
func (s *Server) Close(limit time.Duration) { s.child.Stop(syscall.SIGTERM, limit) }

// Command is the command line for binary. The database URL goes through the environment, where
// other users cannot read it.
func (c Config) Command(binary string) *exec.Cmd {
	args := []string{"--port", strconv.Itoa(c.Port), "--ui-port", strconv.Itoa(c.UIPort)}
	for _, flag := range []struct{ name, value string }{
		{"database", c.Database}, {"visibility-database", c.Visibility}, {"namespace", c.Namespace},
		{"ui-codec-endpoint", c.CodecEndpoint}, {"while-used", c.WhileUsed},
	} {
		if flag.value != "" {
			args = append(args, "--"+flag.name, flag.value)
		}
	}
	if c.Retention > 0 {
		args = append(args, "--retention", c.Retention.String())
	}
	if c.Refresh > 0 {
		args = append(args, "--namespace-refresh", c.Refresh.String())
	}
	for _, name := range slices.Sorted(maps.Keys(c.SearchAttributes)) {
		args = append(args, "--search-attribute", name+"="+c.SearchAttributes[name])
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), "VOLDAAN_TEMPORAL_POSTGRES="+c.Postgres)
	cmd.Stderr = c.Log
	cmd.ExtraFiles = c.Inherit
	return cmd
}

// Start runs binary and returns when the server can be used. When ctx ends first the server is stopped.
func Start(ctx context.Context, binary string, c Config) (*Server, error) {
	cmd := c.Command(binary)
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for Temporal: %w", err)
	}
	defer read.Close()
	cmd.Stdout = write
	options := process.Options{DeathSignal: syscall.SIGTERM}
	if c.Detached {
		options = process.Options{Detached: true}
	}
	child, err := process.Start(cmd, options)
	write.Close()
	if err != nil {
		return nil, fmt.Errorf("start Temporal: %w", err)
	}
	lines := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(read).ReadString('\n')
		lines <- line
	}()
	s := &Server{child: child}
	select {
	case line := <-lines:
		if strings.TrimSpace(line) == "" {
			return nil, fmt.Errorf("start Temporal: it ended: %w", child.Err())
		}
		if err := json.Unmarshal([]byte(line), &s.Ready); err != nil {
			child.Stop(syscall.SIGTERM, 5*time.Second)
			return nil, fmt.Errorf("start Temporal: it said %q instead of that it is ready: %w", line, err)
		}
		return s, nil
	case <-ctx.Done():
		child.Stop(syscall.SIGTERM, 5*time.Second)
		return nil, fmt.Errorf("start Temporal: it was not ready in time: %w", errors.Join(ctx.Err(), context.Cause(ctx)))
	}
}
