package market

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
)

// Care is how a connection does and what can be done with it. It posts to
// …/pause, …/resume, …/authorize and …/remove.
type Care struct {
	Connector string
	State     string // "Connected"
	Tone      component.Tone
	Paused    bool
	Removed   bool
	Broken    bool
	Reason    string
	SignIn    bool // at the package's own page
	Fields    []component.TextInput
	Error     string // why the new access was refused
	Runs      []Run
	Failed    int // of the syncs of the last 30 days
	Syncs     int
	NextTry   *time.Time
	Process   string   // in a sentence, "" when nothing is known
	Unwell    bool     // the process is
	Troubles  []string // sentences about what the package does not do
	Events    []Event
	More      string // address of earlier events, "" when there are none
	Using     Using
}

// Run is a sync.
type Run struct {
	Books, Text string
	At          time.Time
	State, Icon string
	Tone        component.Tone
	Problem     string
}

// Event is something that was done.
type Event struct {
	At       time.Time
	Text, By string
	Why      string
	Icon     string
}

// day is the day of a moment where the reader is.
func (m DetailModel) day(t time.Time) date.Date { return date.Of(t.In(m.Frame.Now.Location())) }
