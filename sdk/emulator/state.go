package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// State keeps one value behind a lock and, in a kit with a StateDir, in a JSON
// file. A change is in the file before Update returns, so a killed process
// loses nothing; a power cut may lose the last changes.
type State[T any] struct {
	mu   sync.RWMutex
	v    *T
	path string
}

// OpenState reads the value called name from the kit's folder, or starts with
// the fresh one. It returns an error when the file is there and unreadable: an
// emulator that lost its memory must not pretend to be new.
func OpenState[T any](k *Kit, name string, fresh *T) (*State[T], error) {
	s := &State[T]{v: fresh}
	if k.cfg.StateDir == "" {
		return s, nil
	}
	if err := os.MkdirAll(k.cfg.StateDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state folder: %w", err)
	}
	s.path = filepath.Join(k.cfg.StateDir, name+".json")
	raw, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	if err := json.Unmarshal(raw, s.v); err != nil {
		return nil, fmt.Errorf("read state %s (delete it to start afresh): %w", s.path, err)
	}
	return s, nil
}

// View calls fn with the value; fn must not change it or keep it.
func (s *State[T]) View(fn func(*T)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	fn(s.v)
}

// Update calls fn with the value and saves it. When fn returns an error it must
// have changed nothing; the error is returned and nothing is saved.
func (s *State[T]) Update(fn func(*T) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := fn(s.v); err != nil {
		return err
	}
	return s.save()
}

func (s *State[T]) save() error {
	if s.path == "" {
		return nil
	}
	raw, err := json.Marshal(s.v)
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	tmp := s.path + ".new"
	if err := os.WriteFile(tmp, raw, 0o600); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := os.Rename(tmp, s.path); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}
