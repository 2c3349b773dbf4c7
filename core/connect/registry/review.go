package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store/db"
)

// Observe adds calls to a version, and those of them that failed by the
// connector's own doing. Versions that are not in the register are left out.
func (r *Registry) Observe(ctx context.Context, name, version string, t Tally) error {
	if t.Calls == 0 {
		return nil
	}
	versions, err := r.Versions(ctx, name)
	if err != nil {
		return err
	}
	for _, e := range versions {
		if e.Version.String() != version {
			continue
		}
		return r.store.Door().TallyConnector(ctx, db.TallyConnectorParams{
			Name: name, Version: version, Hour: r.clock.Now().UTC().Truncate(time.Hour), Calls: t.Calls, Failures: t.Failures,
		})
	}
	return nil
}

// Stage sets how many of a hundred tenants get a version, and takes back a halt.
func (r *Registry) Stage(ctx context.Context, name, version string, percent int) error {
	if percent < 0 || percent > 100 {
		return fault.New(fault.Invalid, "stage_percent", "%d is not a percentage.", percent)
	}
	n, err := r.store.Door().StageConnectorVersion(ctx, db.StageConnectorVersionParams{Name: name, Version: version, Percent: int32(percent), StageAt: r.clock.Now()})
	return one(n, err, "connector_version_unknown", "There is no version %s of %s that can roll out.", version, name)
}

// Halt takes a version back from all tenants that have not pinned it.
func (r *Registry) Halt(ctx context.Context, name, version, why string) error {
	now := r.clock.Now()
	n, err := r.store.Door().HaltConnectorVersion(ctx, db.HaltConnectorVersionParams{Name: name, Version: version, HaltedAt: &now, HaltedWhy: why})
	if err == nil && n > 0 {
		r.log.Warn("connector version halted", "connector", name, "version", version, "why", why)
	}
	return one(n, err, "connector_version_unknown", "There is no version %s of %s that can be halted.", version, name)
}

// Review looks at every version that rolls out and carries out the verdict of the
// plan. It is called every few minutes, by any number of processes.
func (r *Registry) Review(ctx context.Context) error {
	versions, err := r.Versions(ctx, "")
	if err != nil {
		return err
	}
	now := r.clock.Now()
	var failed []error
	for _, e := range versions {
		before := predecessor(versions, e)
		if !e.offered() || before == nil || e.Percent == 0 || e.Percent == 100 && now.Sub(e.StageAt) > r.plan.Pause {
			continue
		}
		// Calls are counted by the hour, so those of the hour before may be among them.
		tallies, err := r.tallies(ctx, e.StageAt.Truncate(time.Hour))
		if err != nil {
			return err
		}
		v := r.plan.Judge(e.Percent, e.StageAt, now, tallies[id(&e)], tallies[id(before)])
		switch {
		case v.Halt:
			err = r.Halt(ctx, e.Name, e.Version.String(), v.Why)
		case v.Percent != e.Percent:
			err = r.Stage(ctx, e.Name, e.Version.String(), v.Percent)
		}
		if err != nil && !fault.Is(err, fault.NotFound) { // another process was first
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func id(e *Entry) string { return e.Name + "@" + e.Version.String() }

// predecessor is what tenants go back to: the newest older version of the same
// line that all get.
func predecessor(versions []Entry, of Entry) *Entry {
	var best *Entry
	for i, e := range versions {
		if e.Name == of.Name && e.offered() && e.Percent == 100 && e.Version.line() == of.Version.line() && e.Version.Compare(of.Version) < 0 &&
			(best == nil || e.Version.Compare(best.Version) > 0) {
			best = &versions[i]
		}
	}
	return best
}

func (r *Registry) tallies(ctx context.Context, since time.Time) (map[string]Tally, error) {
	rows, err := r.store.Door().ConnectorTallies(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("read tallies: %w", err)
	}
	out := make(map[string]Tally, len(rows))
	for _, v := range rows {
		out[v.Name+"@"+v.Version] = Tally{Calls: v.Calls, Failures: v.Failures}
	}
	return out, nil
}
