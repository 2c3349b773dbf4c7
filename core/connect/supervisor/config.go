package supervisor

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/contain"
)

// Config of a Supervisor. Zero durations and limits take the defaults that the
// fields name.
type Config struct {
	Broker *broker.Broker
	Log    *slog.Logger
	// RunDir holds sockets while processes run, a fresh folder in the temporary
	// directory when empty. Connectors that run as another user must be able to
	// pass through its parents.
	RunDir string
	// SameUser keeps connectors under our own user even when we are root.
	SameUser bool
	// Without leaves measures of containment out, for machines where one is in the
	// way and for tests of the others.
	Without []contain.Measure

	StartTimeout time.Duration // 15 s
	Idle         time.Duration // stop after this long without a call, 5 min
	Drain        time.Duration // time for calls under way at a stop, 30 s
	Backoff      time.Duration // wait before the second restart, doubled after, 1 s
	CrashLimit   int           // crashes within CrashWindow to quarantine, 5
	CrashWindow  time.Duration // 10 min
	Limits       Limits
}

// Limits of one process.
type Limits struct {
	Memory uint64 // bytes of private data, 1 GiB
	Files  uint64 // open files, 256
	Disk   uint64 // bytes of one written file, 64 MiB
	Folder int64  // bytes of all files it has written, 256 MiB
	Output int64  // bytes printed within 10 s, 16 MiB
	// Threads of all processes of a connector, 256; where it runs as a user of its
	// own, or in a cgroup.
	Threads uint64
}

func (c *Config) complete() error {
	if c.Broker == nil || c.Log == nil {
		return errors.New("supervisor: Broker and Log must be set")
	}
	c.StartTimeout = cmp.Or(c.StartTimeout, 15*time.Second)
	c.Idle = cmp.Or(c.Idle, 5*time.Minute)
	c.Drain = cmp.Or(c.Drain, 30*time.Second)
	c.Backoff = cmp.Or(c.Backoff, time.Second)
	c.CrashLimit = cmp.Or(c.CrashLimit, 5)
	c.CrashWindow = cmp.Or(c.CrashWindow, 10*time.Minute)
	c.Limits.Memory = cmp.Or(c.Limits.Memory, 1<<30)
	c.Limits.Files = cmp.Or(c.Limits.Files, 256)
	c.Limits.Disk = cmp.Or(c.Limits.Disk, 64<<20)
	c.Limits.Threads = cmp.Or(c.Limits.Threads, 256)
	c.Limits.Folder = cmp.Or(c.Limits.Folder, 256<<20)
	c.Limits.Output = cmp.Or(c.Limits.Output, 16<<20)
	return nil
}
