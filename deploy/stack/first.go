package stack

import (
	"context"
	"time"
)

const (
	// moreStarts is how often a part is started again that did not fail by itself.
	moreStarts = 3
	// noticed is how long after a part its dependants can fail before it is known to have ended.
	noticed = 500 * time.Millisecond
	// recovery is how long the parts that fell get to come back.
	recovery = time.Minute
)

// startFirst starts a part while the stack comes up, and again when it was not to blame: somebody
// killed it, or a part that it may need fell meanwhile.
func (s *Stack) startFirst(ctx context.Context, sup *supervised) (Running, error) {
	for tries := 0; ; tries++ {
		before := s.falls.Load()
		running, err := sup.start(ctx)
		if err == nil || tries == moreStarts || ctx.Err() != nil {
			return running, err
		}
		why := "was killed while it started"
		if !killed(err) {
			if !s.fell(ctx, before) {
				return nil, err
			}
			why = "could not start while another part was down"
		}
		s.screen.line("%s %s  %s, starting it again", s.screen.paint(yellow, "!"), s.screen.pad(sup.part.Name, s.screen.width), why)
	}
}

// fell reports whether any of the parts that had started ended since their falls were counted, and
// waits for those that are down.
func (s *Stack) fell(ctx context.Context, before int64) bool {
	ctx, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()
	down := false
	for began := time.Now(); ; {
		whole := s.whole()
		down = down || !whole || s.falls.Load() != before
		if down && whole || !down && time.Since(began) > noticed {
			return down
		}
		select {
		case <-ctx.Done():
			return down
		case <-s.ended:
			return false // a part that runs once is over, and so is all of it
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// whole reports whether every part that has started runs.
func (s *Stack) whole() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sup := range s.started {
		sup.mu.Lock()
		up := sup.current != nil
		sup.mu.Unlock()
		if !up {
			return false
		}
	}
	return true
}
