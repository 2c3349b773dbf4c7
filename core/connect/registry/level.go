package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/voldaan/voldaan/core/fault"
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
	// Short says that not all was tried that there is; such a report proves no level.
	Short bool `json:"short"`
	// Tested has what the run was on.
	Tested struct {
		// Manifest is the SHA-256 of connector.yaml, in hex; "" in reports of old kits.
		Manifest string `json:"manifest"`
	} `json:"tested"`
}

// proof reads a report as proof for the level of a version. The fault is of kind
// Invalid and says what to do instead.
func proof(raw, source []byte, name, version string) (*Report, error) {
	r := about(raw, name, version)
	hash := sha256.Sum256(source)
	switch {
	case r == nil:
		return nil, fault.New(fault.Invalid, "report_of_another", "The conformance report is not one on version %s of %s. Run the conformance kit on it again.", version, name)
	case r.Short:
		return nil, fault.New(fault.Invalid, "report_short", "The conformance report is of a short run, which proves no level. Run the conformance kit without --short.")
	case r.Tested.Manifest != "" && r.Tested.Manifest != hex.EncodeToString(hash[:]):
		return nil, fault.New(fault.Invalid, "report_stale", "The conformance report is on another connector.yaml than that of version %s. Run the conformance kit on it again.", version)
	}
	return r, nil
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
// publisher's report and from ours; either may be nil. A short report counts as
// none.
func LevelOf(publisherVerified bool, own, attested *Report) Level {
	clean := func(r *Report) bool { return r != nil && !r.Short && r.Passed > 0 && r.Failed == 0 }
	switch {
	case !publisherVerified || !clean(own) && !clean(attested):
		return Community
	case clean(attested) && attested.Skipped == 0:
		return Certified
	default:
		return Verified
	}
}
