// Package examplestest builds the examples for tests.
package examplestest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Dir returns the folder of an example, such as "node-acme".
func Dir(name string) string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, "sdk", "examples", name)
}

// Go builds a program of this module and returns its file.
func Go(t testing.TB, pkg string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "github.com/voldaan/voldaan/"+pkg)
	cmd.Dir, cmd.Env = Dir("."), append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, b)
	}
	return out
}

// NeedNode skips a test on a machine without Node 18 or newer.
func NeedNode(t testing.TB) {
	t.Helper()
	b, err := exec.Command("node", "--version").Output()
	if err != nil {
		t.Skip("node is not installed: it takes Node 18 or newer and npm to build the connector in TypeScript")
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(b)), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < 18 {
		t.Skipf("node is %s: it takes Node 18 or newer", strings.TrimSpace(string(b)))
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed: it takes npm to build the connector in TypeScript")
	}
}

// Node builds the example in TypeScript and returns its program. Libraries are
// fetched once; test programs that run at the same time wait for each other.
func Node(t testing.TB) string {
	t.Helper()
	NeedNode(t)
	dir := Dir("node-acme")
	lock, err := os.Open(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if stale(filepath.Join(dir, "node_modules", ".package-lock.json"), lock) {
		run(t, dir, "npm", "ci", "--no-audit", "--no-fund")
	}
	run(t, dir, "npm", "run", "build")
	program, err := os.ReadFile(filepath.Join(dir, "program", "any", "acme"))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "acme")
	if err := os.WriteFile(out, program, 0o755); err != nil {
		t.Fatal(err)
	}
	return out
}

// stale reports whether what is installed is older than what is asked for.
func stale(installed string, asked *os.File) bool {
	a, err := os.Stat(installed)
	b, askedErr := asked.Stat()
	return err != nil || askedErr != nil || a.ModTime().Before(b.ModTime())
}

func run(t testing.TB, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, b)
	}
}
