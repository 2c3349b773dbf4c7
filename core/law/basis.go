package law

import (
	"fmt"
	"slices"
	"strings"
)

// Status says how well a figure is known.
type Status string

// The statuses, from best to worst known.
const (
	ConfirmedPrimary         Status = "confirmed-primary"
	ConfirmedSecondary       Status = "confirmed-secondary"
	ConfirmedSingleSecondary Status = "confirmed-single-secondary"
	Derived                  Status = "derived"
	Likely                   Status = "likely"
	Unconfirmed              Status = "unconfirmed"
)

var statuses = []Status{ConfirmedPrimary, ConfirmedSecondary, ConfirmedSingleSecondary, Derived, Likely, Unconfirmed}

// Confirmed reports whether some source states the figure itself. A derived or
// likely figure is not confirmed.
func (s Status) Confirmed() bool { return strings.HasPrefix(string(s), "confirmed-") }

// Provenance is where a rule of a pack comes from.
type Provenance struct {
	Art    string   `yaml:"art,omitempty" json:"article,omitempty"`
	Status Status   `yaml:"status" json:"status"`
	Src    []string `yaml:"src" json:"-"`
}

// Citation names the article that a result rests on and the sources read.
type Citation struct {
	Article string   `json:"article"`
	Status  Status   `json:"status"`
	Sources []string `json:"sources"`
}

// Basis is what every result carries: whether a person must approve it before
// a debtor sees it, why, on what it rests, and how it came about in words.
type Basis struct {
	Provisional bool       `json:"provisional"`
	Caveats     []string   `json:"caveats,omitempty"`
	Citations   []Citation `json:"citations"`
	Explanation string     `json:"explanation"`
}

// caveat marks the result as provisional, with the reason once.
func (b *Basis) caveat(format string, args ...any) {
	b.Provisional = true
	if why := fmt.Sprintf(format, args...); !slices.Contains(b.Caveats, why) {
		b.Caveats = append(b.Caveats, why)
	}
}

// merge takes over the reservations and citations of a part of the result.
func (b *Basis) merge(part Basis) {
	b.Provisional = b.Provisional || part.Provisional
	for _, why := range part.Caveats {
		if !slices.Contains(b.Caveats, why) {
			b.Caveats = append(b.Caveats, why)
		}
	}
	for _, c := range part.Citations {
		b.addCitation(c)
	}
}

func (b *Basis) addCitation(c Citation) {
	if !slices.ContainsFunc(b.Citations, func(have Citation) bool { return have.Article == c.Article && have.Status == c.Status }) {
		b.Citations = append(b.Citations, c)
	}
}

// rest cites a rule and takes over its reservation.
func (c *Country) rest(b *Basis, p Provenance, what string) {
	cite := Citation{Article: p.Art, Status: p.Status}
	for _, key := range p.Src {
		cite.Sources = append(cite.Sources, c.file.Sources[key])
	}
	b.addCitation(cite)
	if !p.Status.Confirmed() {
		b.caveat("%s is %s: have it checked before a debtor reads it", what, p.Status)
	}
}
