package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// binaries is one installation of Postgres.
type binaries struct {
	dir    string // with postgres and initdb
	major  int
	origin string
}

// findBinaries walks through the ways to get Postgres, cheapest first, and stops at the first that works.
func findBinaries(ctx context.Context, c Config, h home) (binaries, error) {
	want, err := h.major()
	if err != nil {
		return binaries{}, err
	}
	if b, ok := installed(c, want); ok {
		return b, nil
	}
	var tried []error
	if !c.Offline {
		for _, way := range []func(context.Context, Config, home, int) (binaries, error){download, install} {
			b, err := way(ctx, c, h, want)
			if err == nil {
				return b, nil
			}
			tried = append(tried, err)
			c.note("%s", err)
		}
	}
	if want != 0 {
		return binaries{}, fmt.Errorf("the data in %s was made by PostgreSQL %d, which is not installed: install postgresql-%d, or remove the directory to start over", h.dir, want, want)
	}
	return binaries{}, errors.Join(append([]error{fmt.Errorf("no PostgreSQL %d or newer on this machine: install it (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17) or set DATABASE_URL", MinMajor)}, tried...)...)
}

// major is the version of the data already there, 0 for none.
func (h home) major() (int, error) {
	raw, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the data: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return 0, fmt.Errorf("the data in %s was made by version %q, too old to use: move it away", h.dir, raw)
	}
	return major, nil
}

// installed picks the newest installation, or the one of major version want. Only a server older
// than its own initdb would fail later, so both must be there.
func installed(c Config, want int) (binaries, bool) {
	dirs := c.SearchPath
	if dirs == nil {
		dirs = searchPath()
	}
	var found []binaries
	for _, dir := range dirs {
		major := majorOf(dir)
		if major < MinMajor || want != 0 && major != want {
			continue
		}
		found = append(found, binaries{dir: dir, major: major, origin: "installed in " + dir})
	}
	if len(found) == 0 {
		return binaries{}, false
	}
	return slices.MaxFunc(found, func(a, b binaries) int { return cmp.Compare(a.major, b.major) }), true
}

func searchPath() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// A link such as /usr/local/bin/postgres leads to the directory where initdb is, too.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	patterns := []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin"}
	if runtime.GOOS == "darwin" {
		patterns = append(patterns, "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin")
	}
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(pattern)
		dirs = append(dirs, matches...)
	}
	return dirs
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf asks the server in dir for its version; 0 when dir holds no complete installation.
func majorOf(dir string) int {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}
