// Package cases shows collection cases: how the claim is made up, whether the
// statutory notice was valid, and the dossier.
package cases

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ListModel is GET /cases.
type ListModel struct {
	Frame component.Frame
	Tabs  []component.Tab
	Find  component.Finder
	Rows  []Row
	Pager component.Pager
}

// Row is one case of the list.
type Row struct {
	ID, Number string
	Debtor     string
	Kind       string // "Consumer", "Company"
	Opened     date.Date
	Total      money.Amount
	Stage      string // "Waiting for approval", "Summons 1 sent"
	Tone       component.Tone
	Next       string
	NextOn     date.Date
}

// Model is GET /cases/{id}.
type Model struct {
	Frame       component.Frame
	ID, Number  string
	Debtor      string
	Kind        string
	Opened      date.Date
	Stage       string
	Tone        component.Tone
	Claim       Claim
	Notice      *Notice // the statutory 14-day letter; nil when none is needed
	NoNotice    string  // why none is needed
	Steps       []Step
	Dossier     []DossierItem
	Missing     int // items of the dossier that are not there
	Approve     *Approval
	DossierHref string // the download, "" while it is being made
	Desk        *Desk
}

// Claim is what is asked, with how each figure was computed.
type Claim struct {
	AsOf      date.Date
	Principal []Claimed // one per invoice
	Payments  []Claimed // below zero
	Costs     Figure
	Interest  []Period
	InterestT Figure
	Total     money.Amount
	PerDay    money.Amount // interest that each further day adds
}

// Claimed is one line of the principal or one payment.
type Claimed struct {
	Label  string
	Href   string
	Note   string
	Amount money.Amount
}

// Figure is a computed amount and where it comes from.
type Figure struct {
	Amount      money.Amount
	How         string // "15% of €1,210.00, at least €40.00"
	Source      string // "Decree on collection costs, art. 2"
	Provisional string // why the figure needs approval before it is used, "" when confirmed
}

// Period is one stretch of interest at one rate.
type Period struct {
	From, To date.Date
	Days     int
	Base     money.Amount
	Rate     string // "4%"
	Amount   money.Amount
}

// Notice is the statutory letter and when its term runs out.
type Notice struct {
	Posted    date.Date
	Delivered date.Date // presumed, or proven
	Proof     string    // "presumed: second day after posting, Sundays, Mondays and holidays not counted"
	LastDay   date.Date // of the 14 days
	CostsFrom date.Date
	Valid     bool
	Why       string // what makes it valid or not
	Stated    money.Amount
	Href      string // the exact letter
	Rule      string
	RuleText  string
}

// Step is one step of the case, done or planned.
type Step struct {
	Title  string
	At     time.Time
	Done   bool
	Legal  bool
	Text   string
	Letter string // URL of the document, ""
}

// DossierItem is one thing a bailiff needs.
type DossierItem struct {
	Title   string
	Note    string
	Present bool
	Href    string
}

// Approval is a decision that a person must take; it posts decision (approve or
// hold) to /cases/{id}/approve.
type Approval struct {
	Title, Text, Yes, No string
}
