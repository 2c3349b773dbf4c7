package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/voldaan/voldaan/core/process"
)

// install asks the distribution for Postgres, which only root may.
func install(ctx context.Context, c Config, h home, want int) (binaries, error) {
	if os.Getuid() != 0 {
		return binaries{}, errors.New("PostgreSQL cannot be installed by this user, only by root")
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		return binaries{}, errors.New("there is no apt-get on this machine to install PostgreSQL with")
	}
	name := "postgresql"
	if want != 0 {
		name = fmt.Sprintf("postgresql-%d", want)
	}
	c.note("Installing %s with apt-get, once, about a minute...", name)
	var out []byte
	for _, args := range [][]string{{"update", "-q"}, {"install", "-q", "-y", "--no-install-recommends", name}} {
		if out, err = aptGet(ctx, apt, args); err != nil && args[0] == "install" {
			return binaries{}, fmt.Errorf("apt-get install %s failed: %s", name, lastLine(out))
		}
	}
	b, ok := installed(c, want)
	if !ok {
		return binaries{}, fmt.Errorf("apt-get installed a %s that is older than %d", name, MinMajor)
	}
	b.origin = "installed now with apt-get in " + b.dir
	return b, nil
}

func aptGet(ctx context.Context, apt string, args []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, apt, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	child, err := process.Start(cmd, process.Options{DeathSignal: syscall.SIGTERM})
	if err != nil {
		return nil, err
	}
	err = child.Err()
	return []byte(out.String()), err
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
