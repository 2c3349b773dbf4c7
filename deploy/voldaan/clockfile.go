package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
)

// storyOrigin is when the demonstration begins: a Monday morning in Amsterdam,
// at a time whose interest rates and holidays are all known. Its dates are the
// same on every run, so its amounts are as well.
var storyOrigin = time.Date(2026, 3, 2, 7, 0, 0, 0, amsterdam())

const (
	// storyDays is how long the story takes when nothing comes in between.
	storyDays = 80
	// fastDays is how long the clock is fast; then the tenant's time goes on at
	// real pace. What is more than the story is for parts that were killed: steps
	// that their restart delayed still happen.
	fastDays = 150
)

func amsterdam() *time.Location {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // tzdata is linked in
	}
	return zone
}

// storyScale starts the demonstration's clock at a real moment.
func storyScale(start time.Time, day time.Duration) clock.Scale {
	return clock.Scale{RealOrigin: start, Origin: storyOrigin, DayLength: day, Until: storyOrigin.AddDate(0, 0, fastDays)}
}

// storyClock is the demonstration's clock as it is kept in a file. While Held is
// set it stands still there.
type storyClock struct {
	clock.Scale
	Held time.Time `json:"held,omitzero"`
}

// Now returns the tenant's time at a real moment.
func (s storyClock) at(real time.Time) time.Time {
	if !s.Held.IsZero() {
		return s.Held
	}
	return s.Tenant(real)
}

// fileClock lives on the clock in a file. Until the file is there it stands
// still at the beginning of the story.
type fileClock struct {
	path  string
	mu    sync.Mutex
	as    os.FileInfo // the file that was read; protected by mu
	clock storyClock
}

// Now returns the tenant's time.
func (f *fileClock) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if info, err := os.Stat(f.path); err == nil && (f.as == nil || !os.SameFile(info, f.as) || !info.ModTime().Equal(f.as.ModTime())) {
		if c, err := readClock(f.path); err == nil {
			f.clock, f.as = c, info
		}
	}
	if f.as == nil {
		return storyOrigin
	}
	return f.clock.at(time.Now())
}

func readClock(path string) (c storyClock, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read the clock %s: %w; remove its folder to start the story over", path, err)
	}
	return c, nil
}

func writeClock(path string, c storyClock) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return replaceFile(path, b)
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, b []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Clean(path))
}

// keepScale writes the scale once; a later start finds the first one.
func keepScale(path string, s clock.Scale) (clock.Scale, error) {
	old, err := readClock(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return old.Scale, err
	}
	return s, writeClock(path, storyClock{Scale: s})
}
