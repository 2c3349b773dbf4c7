// Package flows shows the flows of a tenant: the list, a flow with its timeline,
// the editor, versions, who follows what, rehearsals and approvals.
package flows

import (
	"time"

	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
)

// ListModel is the page GET /flows.
type ListModel struct {
	Frame   component.Frame
	Look    bool // the reader may not change flows
	Own     []Card
	Shipped []Card
	Waiting int // steps that wait for approval
}

// Card is a flow in the list.
type Card struct {
	ID, Title, Description string
	Badges                 []string
	Version                int
	Draft                  bool
	Invoices               int
	Dots                   []Dot
}

// Dot is a step on a timeline. Places are shares of the whole, as "42.5%".
type Dot struct {
	X     string
	Tier  int    // the row of its label, 0 above to 3 below
	Day   string // "D+10"
	Title string
	Phase string
	Task  bool
}

// ShowModel is the page GET /flows/{id}.
type ShowModel struct {
	Frame       component.Frame
	ID          string
	Title       string
	Description string
	Provisional string
	Badges      []string
	Shipped     bool
	Draft       bool
	Version     int
	Invoices    int
	Look        bool
	Dots        []Dot
	Axis        []Tick
	Steps       []StepLine
	Problems    []string
	Sending     []string
	Copy        component.TextInput
	CopyTitle   component.TextInput
	Error       string
}

// Tick marks a day on the axis of a timeline.
type Tick struct{ X, Label string }

// StepLine is one step in words.
type StepLine struct {
	Day, When   string
	Title       string
	Channels    []Channel
	Else        string
	Tone, Phase string
	Conditions  []string
	Approval    bool
	Statutory   bool
	Term        int
}

// Channel is a way with its icon.
type Channel struct{ Icon, Label string }

// EditModel is the page GET /flows/{id}/edit.
type EditModel struct {
	Frame    component.Frame
	ID       string
	Title    component.TextInput
	About    component.TextInput
	Debtors  []component.Option
	Country  component.TextInput
	Interval component.TextInput
	Problems []Problem
	Steps    []EditStep
	Adds     []component.Option
	Dots     []Dot
	Axis     []Tick
	Version  int
	Draft    bool
	Open     string // the step that is open
}

// Problem is what keeps a flow from being published.
type Problem struct{ Step, Message string }

// EditStep is a step in the editor.
type EditStep struct {
	Index       int
	ID, Title   string
	Day         string
	From        []component.Option
	Offset      string
	Channels    []component.Option
	Else        []component.Option
	Tones       []component.Option
	Texts       []component.Option // none for a step with words of its own
	Term        string
	Asks        bool
	Fixed       bool // it cannot be removed without another step
	Approval    bool
	Phase       string
	Phases      []component.Option
	Conditions  []EditCondition
	Problems    []string
	First, Last bool
	Icons       []Channel
}

// EditCondition is one condition in the editor; the last one is empty, to add.
type EditCondition struct {
	Index                int
	Min, Max             string
	RiskFrom, RiskTo     []component.Option
	Segments, NotSegment []component.Option
	Debtors              []component.Option
	Countries            string
	Empty                bool
}

// HistoryModel is the page GET /flows/{id}/versions.
type HistoryModel struct {
	Frame     component.Frame
	ID, Title string
	Versions  []Version
}

// Version is a published version with what changed since the one before.
type Version struct {
	Number  int
	By      string
	At      time.Time
	Note    string
	Changes []Change
	Current bool
}

// Change is one difference between two versions.
type Change struct {
	Kind          string // added, removed or changed
	Step, Field   string
	Before, After string
}

// UseModel is the page GET /flows/use.
type UseModel struct {
	Frame    component.Frame
	Look     bool
	Books    []Books
	Segments []SegmentRow
	Choices  []ChoiceRow
	Flows    []component.Option
	New      NewSegment
	Error    string
}

// Books are the settings of one administration.
type Books struct {
	ID, Name           string
	Business, Consumer []component.Option
	Interval           component.TextInput
	Approve            component.TextInput
	Entry              []component.Option
	Days               []component.Option
	Hours              []component.TextInput
	OwnHolidaysOnly    bool
	GoLive             date.Date
	GoLiveHref         string // where its first day is chosen, "" without a connection
}

// SegmentRow is a segment with its flow.
type SegmentRow struct {
	Name, Title, Rule string
	Rank              int
	Members           int
	Flows             []component.Option
}

// ChoiceRow is a choice for one debtor or invoice.
type ChoiceRow struct {
	Scope, Subject, Name, Href, Flow, By string
	At                                   time.Time
}

// NewSegment is the form of a segment.
type NewSegment struct {
	Name, Title, Min, Max component.TextInput
	Debtors, Risk         []component.Option
	Countries             component.TextInput
}

// RehearseModel is the page GET /flows/rehearse.
type RehearseModel struct {
	Frame   component.Frame
	Flows   []component.Option
	Books   []component.Option
	Over    []component.Option
	Recent  []Recent
	Error   string
	NoBooks bool
}

// Recent is an earlier rehearsal.
type Recent struct {
	ID, Flow, By, State string
	At                  time.Time
}

// ReportModel is the page GET /rehearsals/{id}.
type ReportModel struct {
	Frame       component.Frame
	ID          string
	Running     bool
	Done, Total int
	Problem     string
	Title       string
	Flow        string
	Over        string
	Tiles       []Tile
	Months      []chart.Bar
	Steps       []CompareRow
	Channels    []CompareRow
	Lines       []ReportLine
	More        int
	Notes       []string
	Wrong       int
}

// Tile is one figure of a report beside the present one.
type Tile struct{ Label, Value, Present string }

// CompareRow compares how often something happens.
type CompareRow struct {
	Label            string
	Now, Then, Delta string
	Cost             string
}

// ReportLine is one message of a report.
type ReportLine struct {
	At                          time.Time
	Debtor, Step, How, Invoices string
	Asks, Cost                  string
}

// ApprovalsModel is the page GET /approvals.
type ApprovalsModel struct {
	Frame   component.Frame
	Look    bool
	Waiting int // in all
	Tabs    []component.Tab
	Given   bool // the rows are approvals that can be taken back
	Find    component.Finder
	Rows    []ApprovalRow
	Pager   component.Pager
	Error   string
}

// ApprovalRow is a step that waits.
type ApprovalRow struct {
	ID, Number, Debtor, Step, Why string
	Open                          string
	Due                           date.Date
	Late                          bool
	Until                         string // when the step is taken, of an approval that was given
}

// progress is how far a rehearsal is, in percent.
func (m ReportModel) progress() int {
	if m.Total == 0 {
		return 0
	}
	return min(100, 100*m.Done/m.Total)
}
