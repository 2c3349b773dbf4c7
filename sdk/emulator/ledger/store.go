package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator"
)

// Errors of the store; test with errors.Is.
var (
	ErrNoAdministration = errors.New("there is no such administration")
	ErrNotFound         = errors.New("there is no such record")
	ErrRefused          = errors.New("the books refuse it")
)

// Config says how a package keeps its books.
type Config struct {
	// Number makes the n-th invoice number of a year. Default: "2026-0001".
	Number func(year, n int) string
	// Code makes a debtor's code from its number. Default: the number.
	Code func(no int64) string
	// OnEvent is told of each change, after it is kept; "" as Kind is never sent.
	OnEvent func(Event)
}

// Event is a change of a record.
type Event struct {
	Administration string
	Kind           string
	Action         string // "create", "update" or "delete"
	No             int64
	UUID           string
	At             time.Time
}

// Store keeps books; its methods may be called from any goroutine.
type Store struct {
	kit   *emulator.Kit
	cfg   Config
	state *emulator.State[Data]
}

// Open opens the books of a kit's folder, or new ones, and adds their control
// routes to the kit.
func Open(k *emulator.Kit, cfg Config) (*Store, error) {
	if cfg.Number == nil {
		cfg.Number = func(year, n int) string { return fmt.Sprintf("%d-%04d", year, n) }
	}
	if cfg.Code == nil {
		cfg.Code = func(no int64) string { return fmt.Sprint(no) }
	}
	state, err := emulator.OpenState(k, "ledger", &Data{Administrations: map[string]*Administration{}})
	if err != nil {
		return nil, err
	}
	s := &Store{kit: k, cfg: cfg, state: state}
	s.controls()
	return s, nil
}

// All calls fn with each administration, in order of creation. fn must change
// nothing and keep nothing.
func (s *Store) All(fn func(*Administration)) {
	s.state.View(func(d *Data) {
		for _, id := range d.Order {
			fn(d.Administrations[id])
		}
	})
}

// Read calls fn once with all administrations, as they stand together. fn must
// change nothing and keep nothing.
func (s *Store) Read(fn func([]*Administration)) {
	s.state.View(func(d *Data) {
		all := make([]*Administration, len(d.Order))
		for i, id := range d.Order {
			all[i] = d.Administrations[id]
		}
		fn(all)
	})
}

// View calls fn with an administration and returns its error, or
// ErrNoAdministration. fn must change nothing and keep nothing.
func (s *Store) View(adm string, fn func(*Administration) error) error {
	err := ErrNoAdministration
	s.state.View(func(d *Data) {
		if a := d.Administrations[adm]; a != nil {
			err = fn(a)
		}
	})
	return err
}

// Change calls fn with a transaction. When fn returns an error it must have
// changed nothing.
func (s *Store) Change(adm string, fn func(*Tx) error) error {
	tx := &Tx{s: s, Now: s.kit.Now().UTC().Truncate(time.Millisecond)}
	err := s.state.Update(func(d *Data) error {
		if tx.A = d.Administrations[adm]; tx.A == nil {
			return ErrNoAdministration
		}
		return fn(tx)
	})
	if err == nil && s.cfg.OnEvent != nil {
		for _, e := range tx.events {
			s.cfg.OnEvent(e)
		}
	}
	return err
}

// Today is the date in the administration's time zone.
func (s *Store) Today(a *Administration) date.Date { return date.Of(s.kit.Now().In(a.Location())) }
