package contain_test

import (
	"crypto/sha256"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/connect/contain"
)

const nobody = 61184

// run starts a program in a box and returns what it prints.
func run(t *testing.T, b *contain.Box, file string, user uint32) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Open(f, sha256.Sum256(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	dir, err := os.MkdirTemp("/tmp", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if user != 0 {
		if err := os.Chown(dir, int(user), int(user)); err != nil {
			t.Fatal(err)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	process, err := b.Start(contain.Start{
		Name: filepath.Base(file), Program: p, Dir: dir, Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin", "TMPDIR=" + dir}, User: user,
		Limits: contain.Limits{Memory: 1 << 30, Files: 256, Disk: 1 << 20, Threads: 256}, Stdout: w, Stderr: w,
	})
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	_ = process.Wait()
	if err != nil || process.State().ExitCode() != 0 {
		t.Errorf("%v, %s: %s", err, process.Cause(), out)
	}
	return string(out)
}

func box(t *testing.T, without ...contain.Measure) (*contain.Box, uint32) {
	t.Helper()
	o := contain.Options{Scratch: "/tmp", Without: without}
	if os.Geteuid() == 0 && !slices.Contains(without, contain.OwnUser) {
		o.User = nobody
	}
	b := contain.New(o)
	t.Log(b.Report())
	return b, o.User
}

// TestNode runs a script by its interpreter: it has its libraries, its folder and
// its threads, and nothing else.
func TestNode(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node here")
	}
	script := filepath.Join(t.TempDir(), "connector")
	if err := os.WriteFile(script, []byte(`#!/usr/bin/env node
const fs = require('fs'), net = require('net'), cp = require('child_process'), path = require('path'), { Worker } = require('worker_threads');
const say = (what, f) => { try { console.log(what, f() ?? 'done') } catch (e) { console.log(what, 'refused', e.code) } };
say('read', () => { fs.readFileSync('/etc/passwd') });
say('temp', () => { fs.writeFileSync(path.join(process.env.TMPDIR, 'x'), 'x') });
say('spawn', () => { const r = cp.spawnSync('/bin/true'); if (r.error) throw r.error });
const socket = path.join(process.env.TMPDIR, 's');
new Worker("console.log('worker done')", { eval: true }).on('exit', () => {
  const s = net.createServer((c) => c.end()).listen(socket, () => {
    net.connect(socket, () => console.log('unix done')).on('close', () => {
      s.close();
      net.connect(9, '127.0.0.1').on('error', (e) => console.log('tcp refused', e.code === 'ECONNREFUSED' ? 'by a peer' : ''));
    });
  });
});
`), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, without := range map[string][]contain.Measure{
		"all": nil, "without its own root": {contain.OwnRoot}, "without landlock": {contain.Landlock}, "filter alone": {
			contain.NetworkNamespace, contain.ProcessNamespace, contain.OtherNamespaces, contain.OwnRoot, contain.Landlock},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, user := box(t, without...)
			out := run(t, b, script, user)
			want := []string{"temp done", "worker done", "unix done"}
			if b.Report().InForce(contain.Files) {
				want = append(want, "read refused")
			}
			if b.Report().Has(contain.CallFilter) {
				want = append(want, "spawn refused EPERM", "tcp refused \n")
			}
			for _, w := range want {
				if !strings.Contains(out, w) {
					t.Errorf("no %q in\n%s", w, out)
				}
			}
		})
	}
}

// TestLibraries runs a program that needs libraries, in a root folder of its own.
func TestLibraries(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(script, []byte("#!/bin/ls -1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	b, user := box(t, contain.Landlock)
	if !b.Report().Has(contain.OwnRoot) {
		t.Skip("this machine gives no root folder of its own")
	}
	if out := run(t, b, "/bin/pwd", user); !strings.HasPrefix(out, "/tmp/") {
		t.Errorf("%s", out)
	}
	if out := run(t, b, script, user); strings.TrimSpace(out) != "/program" {
		t.Errorf("%s", out)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := contain.Report{States: []contain.State{
		{Measure: contain.NetworkNamespace, Detail: "operation not permitted"}, {Measure: contain.CallFilter, Detail: "operation not permitted"},
		{Measure: contain.Landlock, InForce: true, Detail: "ABI 7"},
	}}
	if got := r.String(); got != "in force: landlock (ABI 7); not: network namespace (operation not permitted), seccomp filter (operation not permitted)" {
		t.Error(got)
	}
	if err := r.Check([]contain.Feature{contain.Files}); err != nil {
		t.Error(err)
	}
	err := r.Check([]contain.Feature{contain.Files, contain.Network})
	if err == nil || !strings.Contains(err.Error(), "the network of this machine; to get there, run Voldaan as root, or let users make namespaces") ||
		!strings.Contains(err.Error(), "seccomp filter: operation not permitted") {
		t.Error(err)
	}
}
