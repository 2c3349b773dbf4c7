package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/voldaan/voldaan/deploy/stack"
)

// TestStoryStandsStill stops a machine for an hour in the middle of the story.
func TestStoryStandsStill(t *testing.T) {
	t.Parallel()
	s, err := stack.New(stack.Config{Dir: filepath.Join(t.TempDir(), "home")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m := &machine{stack: s}
	if err := m.hold(); err != nil || !m.begins() {
		t.Fatalf("a story that has not begun: %v", err)
	}
	// It began two hours ago and the machine stopped an hour ago, on day 10.
	const day = 6 * time.Minute
	now := time.Now()
	if _, err := keepScale(m.clock(), storyScale(now.Add(-2*time.Hour), day)); err != nil {
		t.Fatal(err)
	}
	stopped := now.Add(-time.Hour)
	if err := os.WriteFile(m.alive(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(m.alive(), stopped, stopped); err != nil {
		t.Fatal(err)
	}
	clock := &fileClock{path: m.clock()}
	near := func(want time.Duration) {
		t.Helper()
		if got := clock.Now().Sub(storyOrigin); got < want-time.Hour || got > want+time.Hour {
			t.Errorf("the story is at %s, want %s", got, want)
		}
	}
	near(20 * 24 * time.Hour)
	for range 2 { // a machine that is stopped while it starts holds what was held
		if err := m.hold(); err != nil {
			t.Fatal(err)
		}
		near(10 * 24 * time.Hour)
	}
	// Nothing stands still once the fast part is over: its time is real.
	over := storyScale(now.Add(-24*time.Hour), day)
	if err := writeClock(m.clock(), storyClock{Scale: over}); err != nil {
		t.Fatal(err)
	}
	if err := m.hold(); err != nil {
		t.Fatal(err)
	}
	if c, err := readClock(m.clock()); err != nil || !c.Held.IsZero() {
		t.Errorf("held at %s, %v", c.Held, err)
	}
}
