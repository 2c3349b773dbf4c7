package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/sdk/emulator"
)

// appointment is a control request that an emulator carries out by itself at a
// moment of the story: nobody has to be there then, and whoever looks at the
// emulator after the moment sees that it happened.
type appointment struct {
	Key    string          `json:"key"` // a later one with the same key replaces it
	At     time.Time       `json:"at"`
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
}

// diary keeps the appointments of an emulator in a file.
type diary struct {
	path  string
	clock clock.Clock
	next  http.Handler

	mu   sync.Mutex
	open []appointment // protected by mu
}

func newDiary(path string, c clock.Clock, next http.Handler) (*diary, error) {
	d := &diary{path: path, clock: c, next: next}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &d.open)
	}
	if err != nil {
		return nil, fmt.Errorf("read the appointments: %w", err)
	}
	return d, nil
}

// ServeHTTP makes appointments, and keeps those whose moment has come before
// anything else is answered.
func (d *diary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.keep()
	if r.Method != http.MethodPost || r.URL.Path != "/_control/appointments" {
		d.next.ServeHTTP(w, r)
		return
	}
	var a appointment
	if !emulator.ReadControl(w, r, &a) {
		return
	}
	if err := d.make(a); err != nil {
		emulator.WriteJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	emulator.WriteJSON(w, http.StatusCreated, a)
}

func (d *diary) make(a appointment) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	open := []appointment{a}
	for _, o := range d.open {
		if o.Key != a.Key {
			open = append(open, o)
		}
	}
	return d.write(open)
}

func (d *diary) keep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, open := d.clock.Now(), []appointment{}
	for _, a := range d.open {
		if now.Before(a.At) {
			open = append(open, a)
		} else if err := d.carryOut(a); err != nil {
			slog.Warn("an appointment came to nothing", "path", a.Path, "error", err)
		}
	}
	if len(open) == len(d.open) {
		return
	}
	if err := d.write(open); err != nil {
		slog.Warn("keep the appointments", "error", err)
	}
}

func (d *diary) carryOut(a appointment) error {
	r, err := http.NewRequest(a.Method, a.Path, bytes.NewReader(a.Body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	w := &witness{header: http.Header{}, status: http.StatusOK}
	if d.next.ServeHTTP(w, r); w.status >= 400 {
		return fmt.Errorf("%d %s", w.status, w.body.String())
	}
	return nil
}

func (d *diary) write(open []appointment) error {
	b, err := json.Marshal(open)
	if err != nil {
		return err
	}
	if err := replaceFile(d.path, b); err != nil {
		return err
	}
	d.open = open
	return nil
}

// witness keeps an answer that nobody waits for.
type witness struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *witness) Header() http.Header         { return w.header }
func (w *witness) WriteHeader(status int)      { w.status = status }
func (w *witness) Write(b []byte) (int, error) { return w.body.Write(b) }
