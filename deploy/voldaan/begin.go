package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/voldaan/voldaan/core/store"
)

const (
	// startMargin lets the first sync finish before the first morning.
	startMargin = 4 * time.Second
	// lastMoment is how soon before the first morning it is put off.
	lastMoment = startMargin / 2
	// longestMargin is how long it is put off: books that cannot be read by then
	// are shown as such by a story that goes wrong.
	longestMargin = 3 * time.Minute
)

// begin puts the first morning off until the books have been read: on a busy
// machine the first days would otherwise be over before there is anything to send,
// and each invoice would go out on another one.
func (d *demonstration) begin(ctx context.Context) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(longestMargin); ctx.Err() == nil && time.Now().Before(end); {
		over, err := d.await(ctx)
		if over {
			return
		}
		if err != nil {
			slog.Warn("put the first morning off", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// await reports whether the story may go on: it has begun, or the books have been
// read.
func (d *demonstration) await(ctx context.Context) (over bool, err error) {
	c, err := readClock(d.clock)
	if err != nil {
		return false, err
	}
	left := time.Until(c.RealOrigin)
	if left <= 0 {
		return true, nil
	}
	read := false
	if err := d.player.store.In(ctx, d.player.tenant, func(tx store.Tx) error {
		adm, err := tx.Administration(ctx, d.player.adm)
		read = adm.ConfirmedAt != nil
		return err
	}); err != nil || read || left > lastMoment {
		return read, err
	}
	c.RealOrigin = time.Now().Add(startMargin)
	if err := writeClock(d.clock, c); err != nil {
		return false, err
	}
	return false, shiftTenant(ctx, d.player.store, d.player.tenant, c.Scale)
}
