package registry

import (
	"encoding/json"
)

// Level is the badge of a version. It follows from facts and is stored nowhere.
type Level string

// The levels, from least to most.
const (
	// Community: anyone who has a key.
	Community Level = "community"
	// Verified: we know who the publisher is, and their own run of the conformance
	// kit failed nothing.
	Verified Level = "verified"
	// Certified: verified, and our run of the kit failed nothing and left out
	// nothing.
	Certified Level = "certified"
)

// Report is what counts of a report of the conformance kit, whatever more it has.
type Report struct {
	Connector string `json:"connector"`
	Version   string `json:"version"`
	Passed    int    `json:"passed"`
	Failed    int    `json:"failed"`
	Skipped   int    `json:"skipped"`
}

// about reads a report on a version of a connector; nil when it is none, or on
// something else.
func about(raw []byte, name, version string) *Report {
	var r Report
	if len(raw) == 0 || json.Unmarshal(raw, &r) != nil || r.Connector != name || r.Version != version {
		return nil
	}
	return &r
}

// LevelOf derives the level from whether the publisher is known, from the
// publisher's report and from ours; either may be nil.
func LevelOf(publisherVerified bool, own, attested *Report) Level {
	clean := func(r *Report) bool { return r != nil && r.Passed > 0 && r.Failed == 0 }
	switch {
	case !publisherVerified || !clean(own) && !clean(attested):
		return Community
	case clean(attested) && attested.Skipped == 0:
		return Certified
	default:
		return Verified
	}
}
