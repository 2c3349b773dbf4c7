package stack_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voldaan/voldaan/deploy/stack"
)

// TestMain lets the test binary play the parts of a stack and a whole stack.
func TestMain(m *testing.M) {
	switch os.Getenv("STACK_TEST_ROLE") {
	case "":
		os.Exit(m.Run())
	case "server":
		serve()
	case "broken":
		fmt.Println("reading the settings")
		fmt.Println("the settings make no sense")
		os.Exit(3)
	case "fragile":
		if _, err := os.Stat(os.Getenv("ONCE")); err != nil {
			_ = os.WriteFile(os.Getenv("ONCE"), nil, 0o600)
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		serve()
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		serve()
	case "stack":
		if err := wholeStack(); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
}

// serve answers on PORT with its process id and leaves a line in ENDED when it is asked to stop.
func serve() {
	stop := make(chan os.Signal, 1)
	if os.Getenv("STACK_TEST_ROLE") != "deaf" {
		signal.Notify(stop, syscall.SIGTERM)
	}
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, os.Getpid())
	})}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			fmt.Println(err)
			os.Exit(1)
		}
	}()
	<-stop
	if path := os.Getenv("ENDED"); path != "" {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			fmt.Fprintln(file, os.Getenv("NAME"))
			file.Close()
		}
	}
	_ = server.Close()
}

func role(role string, env ...string) func(stack.Env) (*exec.Cmd, error) {
	return func(stack.Env) (*exec.Cmd, error) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(append(os.Environ(), "STACK_TEST_ROLE="+role), env...)
		return cmd, nil
	}
}

func server(name string, port int, env ...string) stack.Part {
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	return stack.Part{
		Name: name, Address: address, Ready: stack.Answers(address), ReadyIn: 10 * time.Second, StopIn: 5 * time.Second,
		Command: role("server", append(env, "PORT="+strconv.Itoa(port), "NAME="+name)...),
	}
}

func wholeStack() error {
	s, err := stack.New(stack.Config{Dir: os.Getenv("STACK_TEST_DIR")})
	if err != nil {
		return err
	}
	defer s.Close()
	for _, name := range []string{"alpha", "beta"} {
		port, err := s.Port(name)
		if err != nil {
			return err
		}
		s.Add(server(name, port))
	}
	return s.Run(context.Background(), func() { s.Box("up", stack.Row{Label: "Stop", Value: "Ctrl-C"}) })
}

// buffer is a screen that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newStack(t *testing.T) (*stack.Stack, *buffer) {
	t.Helper()
	out := &buffer{}
	s, err := stack.New(stack.Config{Dir: filepath.Join(t.TempDir(), ".voldaan"), Out: out})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	t.Cleanup(func() { s.Down(nil) })
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(out.String())
		}
	})
	return s, out
}

func port(t *testing.T, s *stack.Stack, name string) int {
	t.Helper()
	p, err := s.Port(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pid(port int) int {
	res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d", port))
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	n, _ := strconv.Atoi(string(raw))
	return n
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestStartsInOrderAndStopsInReverse(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	ended := filepath.Join(t.TempDir(), "ended")
	one, two := port(t, s, "one"), port(t, s, "two")
	s.Add(server("first", one, "ENDED="+ended), server("second", two, "ENDED="+ended))
	if err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(fmt.Sprintf(`^  ✓ first   http://127\.0\.0\.1:%d +\d+\.\ds\n  ✓ second  http://127\.0\.0\.1:%d +\d+\.\ds\n$`, one, two))
	if !want.MatchString(out.String()) {
		t.Errorf("screen:\n%q\nwant %s", out.String(), want)
	}
	s.Down(nil)
	raw, err := os.ReadFile(ended)
	if err != nil || string(raw) != "second\nfirst\n" {
		t.Errorf("stopped in the order %q, %v", raw, err)
	}
}

func TestKilledPartIsStartedAgain(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	p := port(t, s, "hub")
	s.Add(server("hub", p))
	if err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := pid(p)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another process answers", func() bool { n := pid(p); return n != 0 && n != first })
	eventually(t, "the screen says so", func() bool { return strings.Contains(out.String(), "started again") })
	if !strings.Contains(out.String(), "! hub  ended (signal: killed), starting it again in 0.5s") {
		t.Error("the end is not on the screen")
	}
}

func TestFailureShowsLogAndHint(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	part := stack.Part{Name: "hub", Command: role("broken"), Ready: stack.Dials("127.0.0.1:1"), Hint: "Try: voldaan dev --reset"}
	s.Add(server("first", port(t, s, "first")), part)
	err := s.Run(t.Context(), func() { t.Error("up although a part failed") })
	if !errors.Is(err, stack.ErrPartFailed) {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{
		"✗ hub    ended while starting: exit status 3", "| reading the settings", "| the settings make no sense",
		s.Dir("log", "hub.log"), "Try: voldaan dev --reset", "Stopped in",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the screen lacks %q", want)
		}
	}
}

// TestKilledWhileStarting tells a part that somebody killed from one that failed.
func TestKilledWhileStarting(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	p := port(t, s, "fragile")
	part := server("fragile", p)
	part.Command = role("fragile", "PORT="+strconv.Itoa(p), "ONCE="+filepath.Join(t.TempDir(), "once"))
	s.Add(part)
	if err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "! fragile  was killed while it started, starting it again") {
		t.Errorf("the screen does not say so:\n%s", out)
	}
}

func TestStartsAgainAfterTheFallOfAnother(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	p := port(t, s, "database")
	starts := 0
	s.Add(server("database", p), stack.Part{Name: "needy", Start: func(context.Context, stack.Env) (stack.Running, error) {
		if starts++; starts == 1 {
			if err := syscall.Kill(pid(p), syscall.SIGKILL); err != nil {
				return nil, err
			}
			return nil, errors.New("the database went away")
		}
		if pid(p) == 0 {
			return nil, errors.New("the database is still away")
		}
		return stack.Elsewhere(), nil
	}})
	if err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if starts != 2 || !strings.Contains(out.String(), "! needy     could not start while another part was down, starting it again") {
		t.Errorf("%d starts, and the screen says\n%s", starts, out)
	}
}

func TestNotReadyInTime(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	part := server("slow", port(t, s, "slow"))
	part.Ready, part.ReadyIn = func(context.Context) error { return errors.New("still thinking") }, 300*time.Millisecond
	s.Add(part)
	if err := s.Up(t.Context()); !errors.Is(err, stack.ErrPartFailed) {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(out.String(), "not ready after 300ms: still thinking") {
		t.Error("the screen does not say why")
	}
}

func TestDeafPartIsKilled(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		stopIn    time.Duration
		impatient bool
	}{{"after its limit", 300 * time.Millisecond, false}, {"on a second signal", time.Minute, true}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, _ := newStack(t)
			p := port(t, s, "deaf")
			part := server("deaf", p)
			part.Command, part.StopIn = role("deaf", "PORT="+strconv.Itoa(p)), tc.stopIn
			s.Add(part)
			if err := s.Up(t.Context()); err != nil {
				t.Fatal(err)
			}
			impatient := make(chan struct{})
			if tc.impatient {
				time.AfterFunc(200*time.Millisecond, func() { close(impatient) })
			}
			began := time.Now()
			s.Down(impatient)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("stopping took %s", took)
			}
			if pid(p) != 0 {
				t.Error("the part still answers")
			}
		})
	}
}

func TestPartThatRunsOnceEndsTheStack(t *testing.T) {
	t.Parallel()
	s, _ := newStack(t)
	s.Add(stack.Part{Name: "job", Once: true, Start: func(context.Context, stack.Env) (stack.Running, error) {
		return stack.Go(func(context.Context) error { return errors.New("out of paper") }), nil
	}})
	if err := s.Run(t.Context(), nil); err == nil || err.Error() != "job ended: out of paper" {
		t.Errorf("error %v", err)
	}
}

func TestPartOfThisProcess(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	stopped := make(chan struct{})
	s.Add(stack.Part{Name: "sink", Start: func(_ context.Context, env stack.Env) (stack.Running, error) {
		env.Note("Warming up, once")
		env.Show("127.0.0.1:25")
		return stack.Go(func(ctx context.Context) error {
			<-ctx.Done()
			fmt.Fprintln(env.Log, "bye")
			close(stopped)
			return nil
		}), nil
	}}, stack.Part{Name: "elsewhere", Address: "db.example", Start: func(context.Context, stack.Env) (stack.Running, error) {
		return stack.Elsewhere(), nil
	}})
	if err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Down(nil)
	<-stopped
	if log, _ := os.ReadFile(s.Dir("log", "sink.log")); string(log) != "bye\n" {
		t.Errorf("log %q", log)
	}
	if !regexp.MustCompile(`(?s)Warming up, once\n.*✓ sink +127\.0\.0\.1:25 .*✓ elsewhere  db\.example`).MatchString(out.String()) {
		t.Error("the screen lacks the note or an address")
	}
}

// run starts a whole stack in another process and returns it with the ports it uses.
func run(t *testing.T, dir string) (*exec.Cmd, map[string]int, func() string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "STACK_TEST_ROLE=stack", "STACK_TEST_DIR="+dir)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		seen.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Ctrl-C") {
			break
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "ports.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, seen.String())
	}
	var ports map[string]int
	if err := json.Unmarshal(raw, &ports); err != nil {
		t.Fatal(err)
	}
	return cmd, ports, func() string {
		for lines.Scan() {
			seen.WriteString(lines.Text() + "\n")
		}
		return seen.String()
	}
}

func TestStackSurvivesKillWithTheSameAddresses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), ".voldaan")
	first, ports, _ := run(t, dir)
	alpha := pid(ports["alpha"])
	if alpha == 0 {
		t.Fatal("alpha does not answer")
	}

	// Another stack in the same directory is refused while this one runs.
	if _, err := stack.New(stack.Config{Dir: dir, Out: io.Discard}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("already runs in %s (process %d)", dir, first.Process.Pid)) {
		t.Errorf("a second stack in the same directory: %v", err)
	}

	_ = first.Process.Kill()
	_ = first.Wait()
	second, again, rest := run(t, dir)
	for name, p := range ports {
		if again[name] != p {
			t.Errorf("%s moved from port %d to %d", name, p, again[name])
		}
	}
	if n := pid(ports["alpha"]); n == 0 || n == alpha {
		t.Errorf("process %d answers, before the kill it was %d", n, alpha)
	}
	if err := second.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	screen := rest()
	if err := second.Wait(); err != nil {
		t.Errorf("an interrupted stack ended with %v\n%s", err, screen)
	}
	if !strings.Contains(screen, "Stopped in") {
		t.Errorf("the screen does not tell that it stopped:\n%s", screen)
	}
	if pid(ports["alpha"]) != 0 || pid(ports["beta"]) != 0 {
		t.Error("a part outlived its stack")
	}
}

// TestPortsOfTwoStacks starts two at the same moment: neither has taken its ports
// yet, and still they choose different ones.
func TestPortsOfTwoStacks(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("ports are reserved through a kind of socket that only Linux has")
	}
	one, _ := newStack(t)
	two, _ := newStack(t)
	wish := port(t, one, "hub")
	other, err := two.Port("hub", wish)
	if err != nil || other == wish {
		t.Errorf("both stacks have port %d, %v", wish, err)
	}
	one.Close()
	three, _ := newStack(t)
	if again, err := three.Port("hub", wish); err != nil || again != wish {
		t.Errorf("a port given back is not given out again: %d, %v", again, err)
	}
}

func TestPortTakenByAnotherProgram(t *testing.T) {
	t.Parallel()
	s, out := newStack(t)
	first := port(t, s, "hub")
	if again := port(t, s, "hub"); again != first {
		t.Errorf("asked twice: %d and %d", first, again)
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	other := port(t, s, "hub")
	if other == first {
		t.Errorf("port %d is given out although it is taken", first)
	}
	if !strings.Contains(out.String(), "is taken by another program") {
		t.Error("the move is not on the screen")
	}
	wished, err := s.Port("page", other, first)
	if err != nil || wished == other || wished == first {
		t.Errorf("a wish for a port given to another part or taken: %d, %v", wished, err)
	}
}
