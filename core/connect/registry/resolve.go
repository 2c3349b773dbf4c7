package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
)

// Candidate is a version that tenants may get.
type Candidate struct {
	Version Version
	Percent int  // of tenants that get it
	Halted  bool // rolled back
	Yanked  bool
	Why     string // it was yanked
	Revoked bool   // its key was
}

// State is what decides which version a tenant gets.
type State struct {
	Candidates []Candidate
	Pin        string // the version that the tenant holds on to
	Installed  string // the version that the tenant has
}

// Choice is the version that a tenant gets and why.
type Choice struct {
	Version string
	Why     string
}

// The reasons of a choice.
const (
	Pinned  = "the tenant holds on to it"
	Staged  = "the tenant is among the first to get it"
	Newest  = "it is the newest"
	Settled = "newer versions are not for this tenant yet"
)

// Resolve says which version of a connector a tenant gets. It always says the same
// for the same state. A pin is obeyed, also for a version that was rolled back,
// but never for one that was yanked or whose key was revoked: that is a fault of
// kind Conflict, since going another way unasked is what a pin is there to
// prevent. Without a pin it is the newest version of the line that the tenant has
// which is meant for it; newer lines wait for the tenant to agree.
func Resolve(tenant uuid.UUID, connector string, s State) (Choice, error) {
	if s.Pin != "" {
		return pinned(connector, s)
	}
	candidates := slices.DeleteFunc(slices.Clone(s.Candidates), func(c Candidate) bool { return c.Halted || c.Yanked || c.Revoked })
	if installed, err := ParseVersion(s.Installed); err == nil {
		same := slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool { return c.Version.line() != installed.line() })
		if len(same) == 0 {
			return Choice{}, gone(connector, s.Installed)
		}
		candidates = same
	}
	slices.SortFunc(candidates, func(a, b Candidate) int { return b.Version.Compare(a.Version) })
	for i, c := range candidates {
		if bucket(tenant, connector, c.Version) >= c.Percent {
			continue
		}
		switch {
		case c.Percent < 100:
			return Choice{Version: c.Version.String(), Why: Staged}, nil
		case i == 0:
			return Choice{Version: c.Version.String(), Why: Newest}, nil
		}
		return Choice{Version: c.Version.String(), Why: Settled}, nil
	}
	// What a tenant has is not taken away because nothing else is meant for it.
	for _, c := range candidates {
		if c.Version.String() == s.Installed {
			return Choice{Version: s.Installed, Why: Settled}, nil
		}
	}
	return Choice{}, fault.New(fault.NotFound, "connector_not_offered", "No version of the connector %s is offered to you yet.", connector)
}

func pinned(connector string, s State) (Choice, error) {
	for _, c := range s.Candidates {
		switch {
		case c.Version.String() != s.Pin:
		case c.Yanked:
			return Choice{}, fault.New(fault.Conflict, "connector_yanked", "Version %s of the connector %s was withdrawn by its publisher (%s). Let go of it to get another version.", s.Pin, connector, c.Why)
		case c.Revoked:
			return Choice{}, fault.New(fault.Conflict, "connector_revoked", "The key that signed version %s of the connector %s is not trusted any more. Let go of it to get another version.", s.Pin, connector)
		default:
			return Choice{Version: s.Pin, Why: Pinned}, nil
		}
	}
	return Choice{}, fault.New(fault.Conflict, "connector_version_unknown", "There is no version %s of the connector %s. Let go of it to get another version.", s.Pin, connector)
}

func gone(connector, installed string) error {
	return fault.New(fault.Conflict, "connector_line_ended", "There is nothing left of the connector %s that replaces version %s without a change for you. Choose a newer version.", connector, installed)
}

// bucket puts a tenant into one of a hundred groups, other ones for each version,
// so that it is not always the same tenants who go first.
func bucket(tenant uuid.UUID, connector string, v Version) int {
	h := sha256.New()
	h.Write(tenant[:])
	h.Write([]byte(connector + "@" + v.String()))
	return int(binary.BigEndian.Uint64(h.Sum(nil)) % 100)
}
