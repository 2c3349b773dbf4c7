// Package deals shows what a creditor and its debtors agree or do not agree:
// plans, promises, disputes, claims of payment, and the page of a debtor.
package deals

import (
	"slices"
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ListModel is GET /plans, /promises, /disputes, /paid-claims and /legal-stops.
type ListModel struct {
	Frame    component.Frame
	Kind     string // plans, promises, disputes, paid or stops
	Sections []component.Tab
	Tabs     []component.Tab // the first is the list without a tab in its address
	Find     component.Finder
	Rows     []Row
	Pager    component.Pager
}

// acts says that a row has something to press.
func (m ListModel) acts() bool { return actsIn(m.Rows) }

func actsIn(rows []Row) bool {
	return slices.ContainsFunc(rows, func(r Row) bool { return r.Yes != "" || r.Undo != "" })
}

// elsewhere says that rows may stand under another tab than the one that is open.
func (m ListModel) elsewhere() bool {
	all := m.all()
	return slices.ContainsFunc(m.Tabs, func(t component.Tab) bool { return t.Active && t.Href != all })
}

// all is the address of the tab with everything.
func (m ListModel) all() string {
	for _, t := range m.Tabs {
		if t.Label == "All" {
			return t.Href
		}
	}
	return m.Find.Path
}

// Row is one arrangement of a list.
type Row struct {
	Href     string // of its page, "" when it has none
	Debtor   string
	DebtorID string
	Number   string // of the invoice, or of instalments
	Invoice  string // URL of the invoice, "" for a plan
	Amount   money.Amount
	State    string
	Tone     component.Tone
	Note     string
	On       date.Date // due, deadline or made
	Late     bool
	Owner    string
	Undo     string // path to post to, "" when it is over
	UndoWord string
	Yes      string // path to post to for "found", "" when it is over
}

// PlanModel is GET /plans/{id}; it posts to /accept, /reject (text), /cancel
// (text) and /break.
type PlanModel struct {
	Frame       component.Frame
	ID          string
	Debtor      string
	DebtorID    string
	State       string
	Title       string
	Tone        component.Tone
	Facts       []Fact
	Invoices    []component.Link
	Instalments []Instalment
	Covered     money.Amount
	Rest        money.Amount
	Note        string
	Warning     string
	May         bool
}

// Fact is a label with its words.
type Fact struct{ Label, Text string }

// Instalment is one line of a plan.
type Instalment struct {
	Number                                       int
	Due                                          date.Date
	Amount, Paid, Principal, Costs, InterestPart money.Amount
	State                                        string
	Tone                                         component.Tone
}

// DisputeModel is GET /disputes/{id}; it posts to /decide (decision, credit,
// text), /assign (owner, deadline), /credited and /withdraw.
type DisputeModel struct {
	Frame    component.Frame
	ID       string
	Number   string
	Invoice  string
	Debtor   string
	DebtorID string
	State    string
	Title    string
	Tone     component.Tone
	Amount   money.Amount
	Open     money.Amount
	Facts    []Fact
	Note     string
	Files    []component.Link
	Owners   []component.Option
	Deadline string
	Late     bool
	Decision string // as it was decided, ""
	Credit   component.TextInput
	Text     component.TextInput
	Awaiting bool // the credit note
	May      bool
}

// DebtorModel is GET /debtors/{id}; it posts to /promise, /plan, /pause, /stop
// and to /legal-stops/{id}/lift.
type DebtorModel struct {
	Frame    component.Frame
	ID       string
	Name     string
	Kind     string
	Facts    []Fact
	Total    money.Amount
	Invoices []Owed
	Deals    []Row
	Holds    []Hold
	Said     []Said
	Wishes   []Wish
	Stops    []Stop
	Stopped  bool
	Kinds    []component.Option // of legal stops
	Problem  string
	Day      string // today, the least of a promised day
	Last     string // the last day that may be promised
	First    string // the first day of a plan
	May      bool
	Owner    bool // may lift a legal stop
	Erasure  Erasure
	Profile  Profile
}

// Said is what the debtor wrote or said, the newest first.
type Said struct {
	How, Text string
	At        time.Time
	Unread    bool // nobody answered yet, so that the flow waits
}

// Wish is a channel that the debtor does not want to be reached by.
type Wish struct {
	Title, Why string
	At         time.Time
	Channel    string
}

// Erasure is what a debtor asked to have erased; without a State, nothing.
type Erasure struct {
	State string // restricted, anonymised
	Until date.Date
	Why   string
	Kept  [][2]string // what is kept, and why
}

// Owed is an open invoice of a debtor.
type Owed struct {
	ID, Number string
	Due        date.Date
	Late       bool
	Open, Ask  money.Amount
	Held       string
}

// Hold is a pause of the debtor or of the whole administration.
type Hold struct {
	Title, Note, By string
	At              time.Time
	Until           string
	Undo            string
}

// Stop is a legal stop.
type Stop struct {
	ID, Title   string
	EffectiveOn date.Date
	Facts       []Fact
	Todo        string
	Lifted      string
	Files       []component.Link
	Undo        string // token for POST /undo while it may be taken back, ""
	UndoUntil   string // in words
}
