package registry

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Call names a version of a connector in counts of calls.
type Call struct{ Connector, Version string }

// Keeper keeps a process in step with the register: it brings new packages into
// its catalogue, counts its calls, and carries roll-outs on. Every process of an
// installation has one.
type Keeper struct {
	Registry *Registry
	Dir      string                // of the catalogue
	Scan     func() error          // reads the catalogue again
	Counts   func() map[Call]Tally // of this process, since it started
	Log      *slog.Logger
	Every    time.Duration // a minute when zero

	seen map[Call]Tally // what was counted before
}

// Run works until ctx ends. What fails is tried again the next time.
func (k *Keeper) Run(ctx context.Context) error {
	every := k.Every
	if every <= 0 {
		every = time.Minute
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := k.Once(ctx); err != nil && ctx.Err() == nil {
			k.Log.Warn("keep in step with the register of connectors", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once does it once. One part that fails does not keep the others.
func (k *Keeper) Once(ctx context.Context) error {
	changed, err := k.Registry.Mirror(ctx, k.Dir)
	if changed {
		err = errors.Join(err, k.Scan())
	}
	return errors.Join(err, k.count(ctx), k.Registry.Review(ctx))
}

func (k *Keeper) count(ctx context.Context) error {
	if k.seen == nil {
		k.seen = map[Call]Tally{}
	}
	for call, now := range k.Counts() {
		before := k.seen[call]
		if err := k.Registry.Observe(ctx, call.Connector, call.Version, Tally{Calls: now.Calls - before.Calls, Failures: now.Failures - before.Failures}); err != nil {
			return err // what was not counted is counted the next time
		}
		k.seen[call] = now
	}
	return nil
}
