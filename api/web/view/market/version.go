package market

import (
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
)

// Version is one version of a connector.
type Version struct {
	Number    string
	Published time.Time // zero when it came with the installation
	Level     Level
	Score     string
	Changelog []string // its lines
	Changes   []Change // since the version before
	// Gone is why nobody gets it any more, "" when it is offered.
	Gone   string
	Using  bool
	Choose bool // it may be chosen now
}

// Change is a difference in a sentence; Ask says that users must agree or act.
type Change struct {
	Sentence string
	Ask      bool
}

// Using is which version the reader's organisation has, and what could be done
// about it. It posts to /marketplace/{connector}/version and …/release.
type Using struct {
	Connector string // its name
	Version   string
	Why       string
	Registered, Owner,
	Installed bool
	Held    string // who holds on to it, and since when: "Sanne, 3 Nov 2026"; "" when nobody does
	HeldWhy string
	Problem string
	Update  *Update
	Back    string // where the forms return to
}

// Update is a newer version, and what it changes.
type Update struct {
	Version string
	Ask     bool
	Changes []Change
}

// Report is a report of the conformance kit.
type Report struct {
	Percent                 int
	Passed, Failed, Skipped int
	Short                   bool   // not all was tried, so that no level follows
	By                      string // "us", or the publisher's title
	At                      time.Time
	On                      string // what played the package
	Cost                    string // requests that it takes, "" when unknown
	Areas                   []Area
}

// Area is what some scenarios are about.
type Area struct {
	Name                    string
	Passed, Failed, Skipped int
	Results                 []Result
}

// Result is one scenario.
type Result struct {
	State, Name, Sentence, Note string
}

func (r Result) icon() string {
	switch r.State {
	case "passed":
		return "circle-check"
	case "failed":
		return "circle-alert"
	}
	return "circle-dashed"
}

func (a Area) counts() string {
	out := []string{strconv.Itoa(a.Passed) + " passed"}
	if a.Failed > 0 {
		out = append(out, strconv.Itoa(a.Failed)+" failed")
	}
	if a.Skipped > 0 {
		out = append(out, strconv.Itoa(a.Skipped)+" not tried")
	}
	return strings.Join(out, ", ")
}

// paragraphs are those of a text; a line break within one is none.
func paragraphs(s string) (out []string) {
	for p := range strings.SplitSeq(s, "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (m ShelfModel) pager() component.Pager {
	p := component.Pager{Shown: strconv.Itoa(len(m.Tiles)) + " of " + m.Frame.Number(m.Found) + " found, " + m.Frame.Number(m.Total) + " in all"}
	if m.Next != "" {
		p.Next = m.href(m.Kind, m.Next)
	}
	if m.After != "" {
		p.Previous = m.href(m.Kind, "")
	}
	return p
}
