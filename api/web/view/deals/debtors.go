package deals

import (
	"net/url"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/money"
)

// DebtorsModel is GET /debtors, with tab, q, segment and risk in its address; the
// same address with .csv is the list as a file.
type DebtorsModel struct {
	Frame    component.Frame
	Tabs     []component.Tab
	Tab      string // "" for who owes, "all"
	Query    string
	Segments []component.Option
	Risks    []component.Option
	Rows     []DebtorRow
	Pager    component.Pager
	CSV      string // address of the file
	New      bool   // there are no books yet
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

func (m DebtorsModel) filtered() bool {
	for _, list := range [][]component.Option{m.Segments, m.Risks} {
		for _, o := range list {
			if o.Selected && o.Value != "" {
				return true
			}
		}
	}
	return m.Query != ""
}

// all is the list without what is searched for.
func (m DebtorsModel) all() string {
	if m.Tab == "" {
		return "/debtors"
	}
	return "/debtors?" + url.Values{"tab": {m.Tab}}.Encode()
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
