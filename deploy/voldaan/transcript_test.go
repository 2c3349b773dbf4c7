package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
)

// transcript is what the demonstration says, over all of its starts.
type transcript struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// today is the day of the story, counted from 0 and with a fraction; false while
// its clock does not run.
func (s *story) today() (float64, bool) {
	raw, err := os.ReadFile(filepath.Join(s.home, "demo", "clock.json"))
	if err != nil {
		return 0, false
	}
	var c struct {
		clock.Scale
		Held time.Time `json:"held"`
	}
	if err := json.Unmarshal(raw, &c); err != nil || !c.Held.IsZero() {
		return 0, false
	}
	return c.Tenant(time.Now()).Sub(c.Origin).Hours() / 24, true
}

// keepLogs shows the ends of the logs of a story that went wrong, and keeps its
// folder where VOLDAAN_KEEP says.
func (s *story) keepLogs() {
	if dir := os.Getenv("VOLDAAN_KEEP"); dir != "" {
		to := filepath.Join(dir, filepath.Base(s.home)+time.Now().Format("-150405"))
		if err := os.CopyFS(to, os.DirFS(filepath.Join(s.home, "demo", "log"))); err == nil {
			s.Log("logs are kept in " + to)
		}
	}
	logs, _ := filepath.Glob(filepath.Join(s.home, "demo", "log", "*.log"))
	for _, path := range logs {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		s.Logf("--- %s\n%s", filepath.Base(path), raw[max(0, len(raw)-3000):])
	}
}
