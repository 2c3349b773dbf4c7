// Package credit shows how far debtors can be trusted: alerts, chronic late
// payers, and one debtor's score, limits and reports.
package credit

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ListModel is GET /credit?tab=: alerts, or chronic late payers.
type ListModel struct {
	Frame  component.Frame
	Tabs   []component.Tab
	Late   bool
	CSV    string
	Alerts []Alert
	Payers []Payer
}

// Alert is a limit that was passed.
type Alert struct {
	DebtorID, Debtor string
	Exposure, Limit  money.Amount
	Kind             string // whose limit, in words
	Raised           date.Date
	Ended            date.Date // none while it lasts
}

// Payer is one chronic late payer.
type Payer struct {
	DebtorID, Debtor, City string
	Days                   string
	Score                  string
	Tone                   component.Tone
	Open, Overdue          money.Amount
	Invoices               int
	Oldest                 int
}

// Model is GET /debtors/{id}/credit. It posts kind (own, manual, unbilled), amount
// and note to the same address, and nothing to …/credit/report.
type Model struct {
	Frame     component.Frame
	Look      bool
	ID, Name  string
	Score     string // "72 of 100"
	Band      string
	Tone      component.Tone
	Parts     []Part
	Total     money.Amount
	Open      money.Amount
	Unbilled  money.Amount
	Unapplied money.Amount
	Limit     string // that counts, in words
	Over      bool
	Limits    []Limit
	Reports   []Report
	Agency    string // the name of the one that is connected, "" for none
	NoReport  string // why none can be fetched
	Own       component.TextInput
	Manual    component.TextInput
	NotBilled component.TextInput
}

// Part is one reason for the score.
type Part struct{ Text, Points string }

// Limit is one limit.
type Limit struct{ Label, Amount, Note string }

// Report is one of an agency.
type Report struct {
	Source, Grade, Score, Limit, Advice, Status string
	On                                          date.Date
	Fetched                                     string
}
