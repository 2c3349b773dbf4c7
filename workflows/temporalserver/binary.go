package temporalserver

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/voldaan/voldaan/core/process"
)

// The environment says where things are when the usual places will not do.
const (
	// BinaryVariable names a voldaan-temporal to use as it is.
	BinaryVariable = "VOLDAAN_TEMPORAL"
	// CacheVariable names the directory under which "voldaan" is the cache.
	CacheVariable = "VOLDAAN_CACHE"
)

// keptBuilds is how many builds stay in the cache; each is about 150 MB.
const keptBuilds = 2

// Binary returns the path of voldaan-temporal: the one named by VOLDAAN_TEMPORAL, else one built
// from this checkout and kept in the cache, else one installed beside this program or on the PATH.
// A missing build is made, which takes minutes; note, which may be nil, is told so. Any number of
// processes may ask at once: one builds, the others wait.
func Binary(ctx context.Context, note func(string)) (string, error) {
	if note == nil {
		note = func(string) {}
	}
	if path := os.Getenv(BinaryVariable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s names no program: %w", BinaryVariable, err)
		}
		return path, nil
	}
	source, found := sourceDir()
	if !found {
		return installed()
	}
	hash, err := hashSources(source)
	if err != nil {
		return "", err
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "temporal-"+hash)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	lock, err := process.TryLock(filepath.Join(cache, "temporal.lock"))
	if errors.Is(err, process.ErrLocked) {
		note("Waiting for another process that builds Temporal...")
		lock, err = process.WaitLock(ctx, filepath.Join(cache, "temporal.lock"))
	}
	if err != nil {
		return "", fmt.Errorf("wait for the build of Temporal: %w", err)
	}
	defer lock.Unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := build(ctx, source, path, note); err != nil {
		return "", err
	}
	dropOldBuilds(cache, path)
	return path, nil
}

// CacheDir is the directory for what is built or downloaded once, made when missing.
func CacheDir() (string, error) {
	base := os.Getenv(CacheVariable)
	if base == "" {
		var err error
		if base, err = os.UserCacheDir(); err != nil {
			base = filepath.Join(os.TempDir(), fmt.Sprintf("voldaan-cache-%d", os.Getuid()))
		}
	}
	dir := filepath.Join(base, "voldaan")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache directory (set %s to use another): %w", CacheVariable, err)
	}
	return dir, nil
}

// sourceDir looks for deploy/temporal upwards from the working directory and from this program.
func sourceDir() (string, bool) {
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, dir := range starts {
		for {
			source := filepath.Join(dir, "deploy", "temporal")
			raw, err := os.ReadFile(filepath.Join(source, "go.mod"))
			if err == nil && strings.HasPrefix(string(raw), "module github.com/voldaan/voldaan/deploy/temporal\n") {
				return source, true
			}
			if dir == filepath.Dir(dir) {
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	return "", false
}

func installed() (string, error) {
	if exe, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(exe), "voldaan-temporal")
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	if path, err := exec.LookPath("voldaan-temporal"); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("no Temporal server: set TEMPORAL_ADDRESS to one that runs, %s to the program voldaan-temporal, or start in a checkout to have it built", BinaryVariable)
}

// hashSources is short and changes with every file that goes into the build.
func hashSources(source string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.GOOS, runtime.GOARCH)
	files, err := filepath.Glob(filepath.Join(source, "*.go"))
	if err != nil {
		return "", err
	}
	for _, file := range append(files, filepath.Join(source, "go.mod"), filepath.Join(source, "go.sum")) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read the sources of voldaan-temporal: %w", err)
		}
		fmt.Fprintln(sum, filepath.Base(file), len(raw))
		sum.Write(raw)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

func build(ctx context.Context, source, path string, note func(string)) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("building Temporal needs Go: install it from https://go.dev/dl, or set TEMPORAL_ADDRESS to a server that runs: %w", err)
	}
	note("Building Temporal, once, about 4 minutes...")
	began := time.Now()
	part := fmt.Sprintf("%s.part-%d", path, os.Getpid())
	defer os.Remove(part)
	cmd := exec.CommandContext(ctx, goTool, "build", "-trimpath", "-ldflags=-s -w", "-o", part, ".")
	cmd.Dir = source
	// A workspace or flags of the caller would build something else than go.sum says.
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly -buildvcs=false")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	child, err := process.Start(cmd, process.Options{DeathSignal: syscall.SIGTERM})
	if err != nil {
		return fmt.Errorf("build Temporal: %w", err)
	}
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for running := true; running; {
		select {
		case <-child.Done():
			running = false
		case <-ticker.C:
			note(fmt.Sprintf("Still building Temporal (%s)", time.Since(began).Round(time.Second)))
		}
	}
	if err := child.Err(); err != nil {
		return fmt.Errorf("build Temporal in %s: %w\n%s", source, cmp.Or(ctx.Err(), err), lastLines(out.String(), 8))
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("keep the built Temporal: %w", err)
	}
	note(fmt.Sprintf("Temporal is built and kept in %s", path))
	return nil
}

// dropOldBuilds keeps the newest builds. A running one may go too: its process keeps the file.
func dropOldBuilds(cache, current string) {
	builds, _ := filepath.Glob(filepath.Join(cache, "temporal-*"))
	age := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	slices.SortFunc(builds, func(a, b string) int { return cmp.Compare(age(b), age(a)) })
	for i, path := range builds {
		if i >= keptBuilds && path != current {
			_ = os.Remove(path)
		}
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
