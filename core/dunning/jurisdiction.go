package dunning

import (
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
)

// practised are the countries whose law the process follows in full: it finds out
// for itself from when a debtor is in default there, which elsewhere takes a notice
// or an agreement that it does not know of.
var practised = map[string]bool{"NL": true}

// jurisdiction returns the law by which a creditor's costs and interest are
// demanded. It returns a fault of kind Invalid for a country whose law is not
// followed in full: then nothing beyond the principal may be demanded.
func jurisdiction(country string) (*law.Country, error) {
	if !practised[country] {
		return nil, fault.New(fault.Invalid, "law_unknown",
			"The law of %q on collection costs is not followed by this process yet, so nothing beyond the principal can be demanded.", country)
	}
	return law.Pack(country)
}
