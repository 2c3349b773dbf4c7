package deals

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/money"
)

// DebtorsModel is GET /debtors, with tab, q, segment and risk in its address; the
// same address with .csv is the list as a file.
type DebtorsModel struct {
	Frame component.Frame
	Tabs  []component.Tab
	Find  component.Finder
	Rows  []DebtorRow
	Pager component.Pager
	New   bool // there are no books yet
}

// DebtorRow is a debtor of the list.
type DebtorRow struct {
	ID, Name, Kind string
	Administration string // "" when there is one only
	Open           money.Amount
	Invoices, Late string // in words, "" for none
	Others         bool   // also owes in another currency
	Risk           string // as chosen by hand, "" when it was not
	RiskTone       component.Tone
	Segments       string
}

// Profile is how a debtor is treated and why. The form posts risk, segment
// (repeated), flow, language and form to /debtors/{id}/profile.
type Profile struct {
	Facts     []Fact
	Risks     []component.Option
	Segments  []component.Option // to put it in by hand
	Flows     []component.Option
	Languages []component.Option
	Forms     []component.Option
}
