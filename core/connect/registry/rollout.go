package registry

import (
	"cmp"
	"fmt"
	"time"
)

// Plan is how a version reaches all tenants. Zero values take the defaults that
// the fields name.
type Plan struct {
	// Stages are the percentages of tenants, one after the other: 10, 50, 100.
	Stages []int
	// Pause is how long a stage lasts, 24 h.
	Pause time.Duration
	// Calls are as many as a version must have had to be judged, 50.
	Calls int64
	// Limit is by how much more of its calls may fail than of the version before,
	// 0.05.
	Limit float64
}

func (p Plan) complete() Plan {
	if len(p.Stages) == 0 {
		p.Stages = []int{10, 50, 100}
	}
	p.Pause = cmp.Or(p.Pause, 24*time.Hour)
	p.Calls = cmp.Or(p.Calls, 50)
	p.Limit = cmp.Or(p.Limit, 0.05)
	return p
}

// Tally counts calls to a version.
type Tally struct{ Calls, Failures int64 }

func (t Tally) rate() float64 {
	if t.Calls == 0 {
		return 0
	}
	return float64(t.Failures) / float64(t.Calls)
}

// Verdict is what is to happen to a version that rolls out.
type Verdict struct {
	Halt    bool
	Why     string // it is halted
	Percent int    // of tenants from now on, when it is not halted
}

// Judge says how a version at a stage goes on: back when it fails more than the
// version before, on when its time is up and it has shown itself, else as it is.
// Without calls it goes on as well: a connector that nobody calls harms nobody.
func (p Plan) Judge(percent int, since, now time.Time, tally, before Tally) Verdict {
	p = p.complete()
	if tally.Calls >= p.Calls && tally.rate() > before.rate()+p.Limit {
		return Verdict{Halt: true, Percent: percent, Why: fmt.Sprintf("%.1f%% of %d calls failed; of the version before it was %.1f%%", 100*tally.rate(), tally.Calls, 100*before.rate())}
	}
	if now.Sub(since) < p.Pause || tally.Calls > 0 && tally.Calls < p.Calls && now.Sub(since) < 3*p.Pause {
		return Verdict{Percent: percent}
	}
	for _, s := range p.Stages {
		if s > percent {
			return Verdict{Percent: s}
		}
	}
	return Verdict{Percent: percent}
}
