package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/store"
)

// The story stands still while the machine does not run, so that it goes on where
// it was after Ctrl-C, a night's sleep or a kill of everything. While a single
// part restarts it goes on, as life does.

const (
	// pulse is how often a running machine leaves a sign of life.
	pulse = 200 * time.Millisecond
	// lastBreath is how long parts may have acted after the last sign: the story
	// never goes back behind what they did.
	lastBreath = time.Second
)

func (m *machine) alive() string { return m.dir("clock.alive") }

// hold stops a clock that was left running when the machine went down.
func (m *machine) hold() error {
	c, err := readClock(m.clock())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || !c.Held.IsZero() {
		return err
	}
	info, err := os.Stat(m.alive())
	if err != nil {
		info, err = os.Stat(m.clock())
	}
	if err != nil {
		return err
	}
	held := c.Tenant(info.ModTime().Add(lastBreath))
	if now := time.Now(); c.Tenant(now).Before(held) {
		held = c.Tenant(now)
	}
	if !held.Before(c.Until) {
		return nil
	}
	return writeClock(m.clock(), storyClock{Scale: c.Scale, Held: held})
}

// release lets the clock go on from where it was held, for the emulators by its
// file and for the tenant in the database, whose plans move along.
func (m *machine) release(ctx context.Context) error {
	c, err := readClock(m.clock())
	if errors.Is(err, os.ErrNotExist) || err == nil && c.Held.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	s := c.Scale
	s.RealOrigin = s.RealOrigin.Add(time.Since(s.Real(c.Held)))
	if err := m.shift(ctx, s); err != nil {
		return fmt.Errorf("let the story go on: %w", err)
	}
	m.stack.Note("The story goes on at " + c.Held.In(amsterdam()).Format("Monday 2 January 2006"))
	return writeClock(m.clock(), storyClock{Scale: s})
}

// shift gives the demonstration's tenants the scale. It may be called again with
// another one: what counts is how far it is from the one they have.
func (m *machine) shift(ctx context.Context, s clock.Scale) error {
	db, err := store.Open(ctx, m.database)
	if err != nil {
		return err
	}
	defer db.Close()
	tenants, err := db.Door().DoorTenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := shiftTenant(ctx, db, t.ID, s); err != nil {
			return err
		}
	}
	return nil
}

func shiftTenant(ctx context.Context, db *store.Store, id uuid.UUID, s clock.Scale) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return db.In(ctx, id, func(tx store.Tx) error {
		t, err := tx.Queries.Tenant(ctx)
		if err != nil || !t.Demo {
			return err
		}
		var old clock.Scale
		if err := json.Unmarshal(t.Clock, &old); err != nil || old.RealOrigin.Equal(s.RealOrigin) {
			return err
		}
		if err := tx.SetTenantClock(ctx, b); err != nil {
			return err
		}
		// A workflow that wakes at the old moment sees a newer plan and waits on.
		_, err = tx.Exec(ctx, "update collection set wake_at = wake_at + $1::interval, plan_version = plan_version + 1 where wake_at is not null and phase <> 'closed'",
			s.RealOrigin.Sub(old.RealOrigin))
		return err
	})
}

// live leaves signs of life until stop is called.
func (m *machine) live() (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(pulse)
		defer tick.Stop()
		for {
			now := time.Now()
			if err := os.Chtimes(m.alive(), now, now); errors.Is(err, os.ErrNotExist) {
				_ = os.WriteFile(m.alive(), nil, 0o644)
			}
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() { close(done); ended.Wait() }
}
