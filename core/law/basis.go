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

// Figure is what a result rests on and no source confirms: a rate, a rule or a
// wording, with the value that it has in the pack. A person approves a value, so
// another value asks anew.
type Figure struct {
	Name    string   `json:"name"` // "NL: statutory interest (art. 6:119 BW), the rate after 2026-06-30"
	Value   string   `json:"value"`
	Why     string   `json:"why"` // what is not certain about it, in words
	Status  Status   `json:"status"`
	Sources []string `json:"sources,omitempty"`
}

// Basis is what every result carries: whether a person must approve it before
// a debtor sees it, why, on what it rests, and how it came about in words.
type Basis struct {
	Provisional bool       `json:"provisional"`
	Caveats     []string   `json:"caveats,omitempty"`
	Figures     []Figure   `json:"figures,omitempty"` // those to approve, one for each reservation
	Citations   []Citation `json:"citations"`
	Explanation string     `json:"explanation"`
}

// doubt marks the result as provisional because of a figure, once.
func (b *Basis) doubt(f Figure) {
	b.Provisional = true
	if !slices.Contains(b.Caveats, f.Why) {
		b.Caveats = append(b.Caveats, f.Why)
	}
	if !slices.ContainsFunc(b.Figures, func(have Figure) bool { return have.Name == f.Name && have.Value == f.Value }) {
		b.Figures = append(b.Figures, f)
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
	for _, f := range part.Figures {
		b.doubt(f)
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
func (c *Country) rest(b *Basis, p Provenance, what string) { c.restOn(b, p, what, what, p.Art) }

// restOn is rest for a rule that is approved under another name than the words
// of the reservation, or by its value.
func (c *Country) restOn(b *Basis, p Provenance, what, name, value string) {
	sources := c.sources(p.Src)
	b.addCitation(Citation{Article: p.Art, Status: p.Status, Sources: sources})
	if !p.Status.Confirmed() {
		b.doubt(Figure{
			Name: c.file.CountryCode + ": " + name, Value: value, Status: p.Status, Sources: sources,
			Why: fmt.Sprintf("%s is %s: have it checked before a debtor reads it", what, p.Status),
		})
	}
}

func (c *Country) sources(keys []string) (out []string) {
	for _, key := range keys {
		out = append(out, c.file.Sources[key])
	}
	return out
}
