package tryton_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const (
	python   = "/usr/bin/python3"
	database = "books"
	admin    = "geheim"
)

// server is a real Tryton with books of its own, and a clerk who works there with
// Tryton's own client library.
type server struct {
	t    *testing.T
	url  string
	file string // the database
	in   io.Writer
	out  *bufio.Scanner
}

// begin sets up a Tryton in a folder of the test and starts it.
func begin(t *testing.T) *server {
	t.Helper()
	if testing.Short() {
		t.Skip("a Tryton server takes half a minute to set up")
	}
	for _, program := range []string{"trytond", "trytond-admin", python} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed; on Debian: apt-get install tryton-server tryton-modules-account-invoice tryton-proteus", program)
		}
	}
	for _, module := range []string{"trytond.modules.account_invoice", "proteus"} {
		if err := exec.Command(python, "-c", "import importlib.util, sys; sys.exit(not importlib.util.find_spec('"+module+"'))").Run(); err != nil {
			t.Skipf("Python has no %s; on Debian: apt-get install tryton-modules-account-invoice tryton-proteus", module)
		}
	}
	dir, address := t.TempDir(), free(t)
	for name, content := range map[string]string{
		database + ".sqlite": "",
		"password":           admin + "\n",
		// Passwords that are slow to check are for servers that keep something.
		"passlib.ini":  "[passlib]\nschemes = pbkdf2_sha512\npbkdf2_sha512__rounds = 1000\n",
		"trytond.conf": fmt.Sprintf("[database]\nuri = sqlite://\npath = %[1]s\n[web]\nlisten = %[2]s\n[password]\npasslib = %[1]s/passlib.ini\n", dir, address),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	conf := filepath.Join(dir, "trytond.conf")
	setup := exec.Command("trytond-admin", "-c", conf, "-d", database, "-u", "account_invoice", "--activate-dependencies", "--email", "a@studio.example", "-p")
	setup.Env = append(os.Environ(), "TRYTONPASSFILE="+filepath.Join(dir, "password"))
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("set up Tryton: %v\n%s", err, out)
	}
	log := &bytes.Buffer{}
	run := exec.Command("trytond", "-c", conf, "-d", database)
	run.Stdout, run.Stderr = log, log
	start(t, run)
	s := &server{t: t, url: "http://" + address, file: filepath.Join(dir, database+".sqlite")}
	s.wait(log)
	s.clerk(filepath.Join(dir, "clerk.log"))
	return s
}

// free is an address on this machine where nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a program until the end of the test.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func (s *server) wait(log *bytes.Buffer) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(s.url)
		if err == nil {
			_ = resp.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("Tryton does not answer: %v\n%s", err, log)
		}
	}
}

func (s *server) clerk(log string) {
	s.t.Helper()
	cmd := exec.Command(python, "-W", "ignore", filepath.Join("testdata", "clerk.py"), s.url+"/"+database+"/", "admin", admin)
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	f, err := os.Create(log)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	cmd.Stderr = f
	start(s.t, cmd)
	s.in, s.out = in, bufio.NewScanner(out)
}

// invoice is how the clerk sees one.
type invoice struct {
	State, Number, Total, Open, Format string
	Payments                           []struct{ Amount, Date, Text string }
}

type args map[string]any

// do has the clerk do something, and returns what came of it.
func do[T any](s *server, what string, with args) (answer T) {
	s.t.Helper()
	if with == nil {
		with = args{}
	}
	with["do"] = what
	line, err := json.Marshal(with)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		s.t.Fatal(err)
	}
	if !s.out.Scan() {
		s.t.Fatalf("the clerk left over %q: %v", what, s.out.Err())
	}
	var failed struct{ Error string }
	if _ = json.Unmarshal(s.out.Bytes(), &failed); failed.Error != "" {
		s.t.Fatalf("%s: %s", what, failed.Error)
	}
	if err := json.Unmarshal(s.out.Bytes(), &answer); err != nil {
		s.t.Fatalf("%s: %v in %s", what, err, s.out.Bytes())
	}
	return answer
}
