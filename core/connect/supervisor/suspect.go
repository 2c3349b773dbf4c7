package supervisor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A runtime carries out many connectors in one process, and when that process
// ends, only those with a call under way can have ended it. They are suspects:
// from then on each runs in a process of its own, where a crash is its own doing
// and counts towards its own quarantine. Many suspects at once are first split
// into a few groups. Who behaves for a while comes back to the others. The
// runtime itself is put aside only when it crashes with nobody in it.

// aloneAtMost is how many suspects of one crash get a process of their own, and
// the number of groups that more are split into.
const aloneAtMost = 8

// suspect is a connector that may have ended a runtime.
type suspect struct {
	connector string
	since     time.Time
	key       string // of the unit that it runs in: its own, or that of a group
}

// route returns the unit that a call goes to and what runs there. s.mu is held.
func (s *Supervisor) route(p Program) (key string, runs Program) {
	if p.Runtime == "" && p.For != "" {
		return p.ID() + "/" + p.For, p
	}
	if p.Runtime == "" {
		return p.ID(), p
	}
	c, ok := s.suspects[p.ID()]
	switch {
	case ok && time.Since(c.since) > s.config.CrashWindow:
		delete(s.suspects, p.ID())
	case ok && c.key == p.ID():
		return c.key, p
	case ok:
		return c.key, p.shared(c.key)
	}
	return p.Runtime, p.shared(p.Runtime)
}

// accuse takes note of a crash of a runtime with these connectors in it. When it
// can only have been one, the crash is that one's. Units other than the runtime's
// must not be locked.
func (s *Supervisor) accuse(runtime string, in []Program, cause string, output []string) {
	slices.SortFunc(in, func(a, b Program) int { return strings.Compare(a.ID(), b.ID()) })
	s.mu.Lock()
	for i, p := range in {
		c := suspect{connector: p.Connector, since: time.Now(), key: p.ID()}
		if len(in) > aloneAtMost {
			c.key = fmt.Sprintf("%s~%d", runtime, i%aloneAtMost+1)
		}
		s.suspects[p.ID()] = c
	}
	var own *unit
	if len(in) == 1 {
		own = s.unit(in[0].ID(), in[0])
	}
	s.mu.Unlock()
	if own != nil {
		own.mu.Lock()
		own.crashed(cause, output)
		own.mu.Unlock()
	}
	s.config.Log.Warn("a runtime crashed; connectors that may have caused it run apart", "runtime", runtime, "connectors", len(in), "cause", cause)
}

// clear lifts the suspicion of a connector in all versions. s.mu is held.
func (s *Supervisor) clear(connector string) {
	maps.DeleteFunc(s.suspects, func(_ string, c suspect) bool { return c.connector == connector })
}
