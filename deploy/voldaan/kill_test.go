package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programs tell the parts of a running demonstration by their command line, the
// supervisor apart.
var programs = map[string]func(line string) bool{
	"postgres":  has("/postgres -D "),
	"temporal":  has("/temporal-", "--ui-port"),
	"mail":      has(" emulate mail "),
	"moneybird": has(" emulate moneybird "),
	"mollie":    has(" emulate mollie "),
	"bailiff":   has(" emulate bailiff "),
	"hub":       has("voldaan serve"),
	"worker":    has("voldaan worker"),
	"play":      has("voldaan play"),
	"connector": func(line string) bool { return line == "recipes" },
}

func has(words ...string) func(string) bool {
	return func(line string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line+" ", w) })
	}
}

// supervisor is `voldaan demo` itself, which is started again by hand.
const supervisor = "supervisor"

// kill is a kill -9 of a part on a day of the story.
type kill struct {
	day  float64
	part string
}

func (k kill) String() string { return fmt.Sprintf("%s on day %.1f", k.part, k.day) }

// TestStorySurvivesKills kills every process once, around the moments at which
// the story is busiest, and expects the story to end as it always does.
func TestStorySurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("plays the whole demonstration, for about a minute and a half")
	}
	t.Parallel()
	s := newStory(t, time.Second)
	s.survive([]kill{
		{1.2, "mail"}, {3, "connector"}, {6.5, "play"}, {11.2, "hub"}, {17.2, "worker"}, {18.5, "mollie"},
		{24.2, "moneybird"}, {31.2, "postgres"}, {40, "temporal"}, {50, supervisor}, {74, "bailiff"},
	})
}

// TestChaos plays stories with kills at random, for as long as VOLDAAN_CHAOS says.
func TestChaos(t *testing.T) {
	limit, err := time.ParseDuration(os.Getenv("VOLDAAN_CHAOS"))
	if err != nil {
		t.Skip("runs for as long as VOLDAAN_CHAOS says, such as 10m; make chaos sets it")
	}
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("VOLDAAN_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("VOLDAAN_SEED=%d repeats these stories", seed)
	const story = 3 * time.Minute
	for began, n := time.Now(), uint64(0); time.Since(began)+story < limit || n == 0; n += 2 {
		t.Run(fmt.Sprint("stories ", n, " and ", n+1), func(t *testing.T) {
			for i := range uint64(2) {
				t.Run(fmt.Sprint(n+i), func(t *testing.T) {
					t.Parallel() // two at once, which find ports of their own
					newStory(t, 1200*time.Millisecond).survive(randomKills(rand.New(rand.NewPCG(seed, n+i))))
				})
			}
		})
	}
}

// randomKills are some a story, on any days, the supervisor among them now and
// then.
func randomKills(r *rand.Rand) []kill {
	names := []string{supervisor}
	for name := range programs {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []kill
	for range 5 + r.IntN(4) {
		out = append(out, kill{r.Float64() * 78, names[r.IntN(len(names))]})
	}
	slices.SortFunc(out, func(a, b kill) int { return int(1000 * (a.day - b.day)) })
	return out
}

// story is a demonstration that runs in a folder of its own.
type story struct {
	*testing.T
	binary string
	home   string
	day    time.Duration
	cmd    *exec.Cmd
	ended  chan error
	out    *transcript
}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "voldaan-kill-")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("make", "-s", "-C", "../..", "build", "BIN="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return filepath.Join(dir, "voldaan"), os.Chmod(dir, 0o755)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built {
		if binary, err := build(); err == nil {
			_ = os.RemoveAll(filepath.Dir(binary))
		}
	}
	os.Exit(code)
}

// built says that there is something to remove; it is set before any test ends.
var built bool

func newStory(t *testing.T, day time.Duration) *story {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("finds the processes to kill in /proc, which this machine does not have")
	}
	built = true
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// Root runs Postgres as another user, who has to get in.
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &story{T: t, binary: binary, home: dir, day: day, out: &transcript{}}
}

// survive plays the story, kills what it is told to, and judges the end.
func (s *story) survive(kills []kill) {
	s.Logf("kills: %v", kills)
	s.start()
	defer func() { _ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) }()
	for _, k := range kills {
		s.await(k)
		s.kill(k)
	}
	select {
	case err := <-s.ended:
		if err != nil {
			s.Errorf("the story ended with %v", err)
		}
	case <-time.After(8 * time.Minute):
		s.Error("the story does not end")
	}
	if s.Failed() {
		s.keepLogs()
		s.Log("\n" + s.out.String())
	}
}

func (s *story) start() {
	s.cmd = exec.Command(s.binary, "demo", "--day", s.day.String())
	s.cmd.Env = append(os.Environ(), "VOLDAAN_HOME="+s.home, "DATABASE_URL=", "TEMPORAL_ADDRESS=")
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.WaitDelay = time.Second
	if err := s.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	ended, cmd := make(chan error, 1), s.cmd
	go func() { ended <- cmd.Wait() }()
	s.ended = ended
}

// await waits for the moment of a kill.
func (s *story) await(k kill) {
	s.Helper()
	for end := time.Now().Add(4 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if now, ok := s.today(); ok && now >= k.day {
			return
		}
		select {
		case err := <-s.ended:
			s.keepLogs()
			s.Fatalf("the story ended before the kill of %s: %v\n%s", k, err, s.out)
		default:
		}
	}
	s.keepLogs()
	s.Fatalf("the day to kill %s did not come\n%s", k, s.out)
}

func (s *story) kill(k kill) {
	s.Helper()
	if k.part == supervisor {
		_ = s.cmd.Process.Kill()
		<-s.ended
		fmt.Fprintf(s.out, "--- killed the supervisor on day %.1f\n", k.day)
		s.start()
		return
	}
	// A part that is just starting again is waited for; a connector runs only
	// while it is used.
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		killed := false
		for _, pid := range find(s.cmd.Process.Pid, programs[k.part]) {
			killed = syscall.Kill(pid, syscall.SIGKILL) == nil || killed
		}
		if killed {
			now, _ := s.today()
			fmt.Fprintf(s.out, "--- killed %s on day %.1f\n", k.part, now)
			return
		}
	}
	s.Errorf("%s is not running", k.part)
}

// find returns the descendants of a process whose command line is as asked.
func find(ancestor int, is func(string) bool) (pids []int) {
	parents, lines := map[int]int{}, map[int]string{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[0] != "Z" {
			parents[pid], _ = strconv.Atoi(f[1])
		}
		line, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		lines[pid] = strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
	}
	for pid := range parents {
		for up := parents[pid]; up > 1 && is(lines[pid]); up = parents[up] {
			if up == ancestor {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}
