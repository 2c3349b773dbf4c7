package conformance

import (
	"cmp"
	"slices"
	"time"
)

// Area is what a scenario is about.
type Area string

// The areas, in the order of a report.
const (
	Contract  Area = "contract"
	Reading   Area = "reading"
	Changes   Area = "changes"
	Documents Area = "documents"
	Writing   Area = "writing"
	Messages  Area = "messages"
	// CreditReports are what an agency says of companies.
	CreditReports Area = "credit reports"
	Webhooks      Area = "webhooks"
	Manners       Area = "manners" // what it costs others
	FirstLoad     Area = "faults in a first load"
	NextLoad      Area = "faults in a later pull"
)

var areas = []Area{Contract, Reading, Changes, Documents, Writing, Messages, CreditReports, Webhooks, Manners, FirstLoad, NextLoad}

// State is how a scenario ended.
type State string

// The states. A scenario that does not concern a connector is not in a report;
// one that does and could not be tried is skipped.
const (
	Passed  State = "passed"
	Failed  State = "failed"
	Skipped State = "skipped"
)

// Result is what came of one scenario.
type Result struct {
	Area     Area   `json:"area"`
	Name     string `json:"name"`
	Sentence string `json:"sentence"`
	State    State  `json:"state"`
	// Note says what was found.
	Note string `json:"note,omitempty"`
	// Tried is how many requests were spoilt, Absorbed after how many of them the
	// books were the same without further ado.
	Tried    int   `json:"tried,omitempty"`
	Absorbed int   `json:"absorbed,omitempty"`
	TookMS   int64 `json:"tookMs"`
}

// Report is what a run found. The level of a connector follows from it.
type Report struct {
	Connector string    `json:"connector"`
	Version   string    `json:"version"`
	Kit       int       `json:"kit"` // version of the scenarios
	Tested    Tested    `json:"tested"`
	At        time.Time `json:"at"`
	On        string    `json:"on"` // what played the package
	Short     bool      `json:"short,omitempty"`
	Passed    int       `json:"passed"`
	Failed    int       `json:"failed"`
	Skipped   int       `json:"skipped"`
	// Score is passed of applicable, in percent, rounded down.
	Score int             `json:"score"`
	Areas map[Area]*Tally `json:"areas"`
	// CallsPer10k is how many requests 10,000 invoices would take in a first load,
	// reckoned from two loads of different size; 0 when unknown. CallsIdle is how
	// many a pull takes when nothing has changed.
	CallsPer10k int      `json:"callsPer10k,omitempty"`
	CallsIdle   int      `json:"callsIdle,omitempty"`
	Results     []Result `json:"results"`
}

// Tally counts the scenarios of an area.
type Tally struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

// Kit is the version of the scenarios: a report of another version cannot be
// compared.
const Kit = 1

func (r *Report) finish() {
	slices.SortStableFunc(r.Results, func(a, b Result) int {
		return cmp.Compare(slices.Index(areas, a.Area), slices.Index(areas, b.Area))
	})
	r.Areas = map[Area]*Tally{}
	r.Passed, r.Failed, r.Skipped = 0, 0, 0
	for _, x := range r.Results {
		t := r.Areas[x.Area]
		if t == nil {
			t = &Tally{}
			r.Areas[x.Area] = t
		}
		switch x.State {
		case Passed:
			t.Passed, r.Passed = t.Passed+1, r.Passed+1
		case Failed:
			t.Failed, r.Failed = t.Failed+1, r.Failed+1
		default:
			t.Skipped, r.Skipped = t.Skipped+1, r.Skipped+1
		}
	}
	if n := r.Passed + r.Failed + r.Skipped; n > 0 {
		r.Score = r.Passed * 100 / n
	}
}

// Result returns the result of a scenario by name, the first that failed where
// areas share it.
func (r *Report) Result(name string) (found Result, ok bool) {
	for _, x := range r.Results {
		if x.Name == name && (!ok || found.State != Failed) {
			found, ok = x, true
		}
	}
	return found, ok
}
