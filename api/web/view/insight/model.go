// Package insight shows by which figures a creditor judges the collection: of any
// day, for one administration or all.
package insight

import (
	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
)

// Model is GET /insight?on=&administration=&currency=&known=.
type Model struct {
	Frame           component.Frame
	On              string // the day, ISO
	Day             string // in words
	Today           string // the last day that may be chosen, ISO
	Administrations []component.Option
	Currencies      []component.Option // more than one, or none
	Known           bool
	CSV             string // where the table is to download
	Headline        []Tile // four
	Aging           []chart.Bar
	AgingRows       []AgingRow
	Trend           []chart.Bar
	Weeks           []Week
	Forecast        []chart.Bar
	Error           string // of the forecast, in words
	Steps           []Step
	Trial           Trial
	Groups          []Group
	Empty           bool
}

// Tile is one headline figure.
type Tile struct {
	Label, Value, Note string
	Bad                bool
}

// AgingRow is one column of the aging, written as a row.
type AgingRow struct {
	Label, Invoices, Open, Disputed string
	Sum                             bool
}

// Week is one week of the past: what was forecast four weeks before, and what came.
type Week struct{ Label, Expected, Cash, Off string }

// Step is what one step brought in.
type Step struct {
	Title, Sent, Demanded, Paid, HeldBack, Lift string
	Note                                        string // of the comparison, may be ""
}

// Trial is how friendly reminders are measured; it posts share and days to
// /insight/trial.
type Trial struct {
	Look, On    bool
	Share, Days component.TextInput
}

// Group is a card of figures.
type Group struct {
	ID, Title string
	Rows      []Figure
}

// Figure is one figure with how it is counted.
type Figure struct{ Label, Value, How string }
