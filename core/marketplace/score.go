package marketplace

import (
	"encoding/json"
	"time"

	"github.com/voldaan/voldaan/core/connect/registry"
)

// Score is what a report of the conformance kit comes to.
type Score struct {
	// Percent of the scenarios that concern the connector and passed.
	Percent                 int
	Passed, Failed, Skipped int
	Kit                     int // version of the kit
	At                      time.Time
	// Short says that not all was tried that there is, so that no level follows.
	Short bool
	// Ours says that we ran the kit, rather than the publisher.
	Ours bool
}

// scoreOf reads a report on a version of a connector; nil when it is none, or on
// something else.
func scoreOf(raw []byte, name, version string, ours bool) *Score {
	var r struct {
		registry.Report
		Score int       `json:"score"`
		Kit   int       `json:"kit"`
		At    time.Time `json:"at"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &r) != nil || r.Connector != name || r.Version != version {
		return nil
	}
	s := &Score{Passed: r.Passed, Failed: r.Failed, Skipped: r.Skipped, Kit: r.Kit, At: r.At, Short: r.Short, Ours: ours}
	// Reckoned anew: what a report says of itself is a claim.
	if n := r.Passed + r.Failed + r.Skipped; n > 0 && r.Passed >= 0 && r.Failed >= 0 && r.Skipped >= 0 {
		s.Percent = r.Passed * 100 / n
	}
	return s
}

func (s *Score) report() *registry.Report {
	if s == nil {
		return nil
	}
	return &registry.Report{Passed: s.Passed, Failed: s.Failed, Skipped: s.Skipped, Short: s.Short}
}

// Badge is what is known of a version: never set by hand.
type Badge struct {
	Level registry.Level
	// Score is nil without a report.
	Score *Score
	// Known says that somebody made sure who the publisher is.
	Known bool
}

func badgeOf(known bool, theirs, ours *Score) Badge {
	b := Badge{Level: registry.LevelOf(known, theirs.report(), ours.report()), Score: theirs, Known: known}
	if ours != nil {
		b.Score = ours
	}
	return b
}

var rank = map[registry.Level]int{registry.Community: 0, registry.Verified: 1, registry.Certified: 2}
