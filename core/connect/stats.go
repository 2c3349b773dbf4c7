package connect

import (
	"maps"
	"sync/atomic"

	"github.com/voldaan/voldaan/core/connect/catalog"
)

// Version names one version of a connector.
type Version struct{ Connector, Version string }

type counters struct{ calls, failures, faults, records, bytes atomic.Int64 }

func (h *Host) counters(pkg *catalog.Package) *counters {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := Version{pkg.Name(), pkg.Manifest.Version}
	c := h.stats[key]
	if c == nil {
		c = &counters{}
		h.stats[key] = c
	}
	return c
}

// Stats counts since the start.
type Stats struct {
	Calls    int64
	Failures int64
	Faults   int64 // failures that are the connector's own doing
	Records  int64
	Bytes    int64 // of records, on the wire
}

// Stats returns the counts by connector.
func (h *Host) Stats() map[string]Stats {
	out := map[string]Stats{}
	for v, n := range h.VersionStats() {
		s := out[v.Connector]
		s.Calls, s.Failures, s.Faults = s.Calls+n.Calls, s.Failures+n.Failures, s.Faults+n.Faults
		s.Records, s.Bytes = s.Records+n.Records, s.Bytes+n.Bytes
		out[v.Connector] = s
	}
	return out
}

// VersionStats returns the counts by version, to tell a good one from a bad one.
func (h *Host) VersionStats() map[Version]Stats {
	h.mu.Lock()
	all := maps.Clone(h.stats)
	h.mu.Unlock()
	out := make(map[Version]Stats, len(all))
	for v, c := range all {
		out[v] = Stats{
			Calls: c.calls.Load(), Failures: c.failures.Load(), Faults: c.faults.Load(), Records: c.records.Load(), Bytes: c.bytes.Load(),
		}
	}
	return out
}
