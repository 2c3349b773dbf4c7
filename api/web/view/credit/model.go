// Package credit shows how far debtors can be trusted: alerts, chronic late
// payers, and one debtor's score, limits and reports.
package credit

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ListModel is GET /credit?tab=: alerts, chronic late payers, or the rules by which
// debtors are judged, which post persons, risk, high and low to /credit/rules.
type ListModel struct {
	Frame   component.Frame
	Tabs    []component.Tab
	Late    bool
	Rules   *Rules
	CSV     string
	Alerts  []Alert
	Changes []Change // of reports
	Payers  []Payer
}

// Change is a report that says something else than the one before.
type Change struct{ DebtorID, Debtor, Text, When string }

// Rules is how debtors are judged.
type Rules struct {
	Look          bool
	Persons, Risk bool
	High, Low     component.TextInput
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
// and note to the same address, risk to …/credit/risk, nothing to …/credit/company
// (looks the company up), and key, company and price to …/credit/report.
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
	NoReport  string // why none can be asked for
	Companies []Company
	Key       string // of the next report
	Questions []Question
	Risks     []component.Option
	RiskWhy   string   // in words
	Changed   []string // what a report says that nobody has seen yet; posts to …/credit/seen
	Own       component.TextInput
	Manual    component.TextInput
	NotBilled component.TextInput
}

// Part is one reason for the score.
type Part struct{ Text, Points string }

// Limit is one limit.
type Limit struct{ Label, Amount, Note string }

// Company is one that the agency takes the debtor for.
type Company struct {
	ID, Name, Detail string
	Price            string // as posted back, "EUR 4.50"; "" when the agency does not say
	Cost             string // in words
	Refused          string // why no report can be asked for on it
}

// Question is a report that was asked for and is not in.
type Question struct {
	Title, Text string
	Tone        component.Tone
}

// Report is one of an agency.
type Report struct {
	Facts                                       []string
	Insolvent                                   bool
	Source, Grade, Score, Limit, Advice, Status string
	On                                          date.Date
	Fetched                                     string
}
