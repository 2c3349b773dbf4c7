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

// storyDays is how long the fast part lasts; then the tenant's time goes on at
// real pace.
const storyDays = 66

func amsterdam() *time.Location {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // tzdata is linked in
	}
	return zone
}

// storyScale starts the demonstration's clock at a real moment.
func storyScale(start time.Time, day time.Duration) clock.Scale {
	return clock.Scale{RealOrigin: start, Origin: storyOrigin, DayLength: day, Until: storyOrigin.AddDate(0, 0, storyDays)}
}

// fileClock lives on the scale in a file. Until the file is there it stands
// still at the beginning of the story.
type fileClock struct {
	path  string
	mu    sync.Mutex
	scale clock.Scale // protected by mu
}

// Now returns the tenant's time.
func (f *fileClock) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.scale.IsReal() {
		scale, err := readScale(f.path)
		if err != nil {
			return storyOrigin
		}
		f.scale = scale
	}
	return f.scale.Tenant(time.Now())
}

func readScale(path string) (s clock.Scale, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("read the clock %s: %w", path, err)
	}
	return s, nil
}

// keepScale writes the scale once; a later start finds the first one.
func keepScale(path string, s clock.Scale) (clock.Scale, error) {
	old, err := readScale(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return old, err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return s, err
	}
	return s, os.Rename(tmp, filepath.Clean(path))
}
