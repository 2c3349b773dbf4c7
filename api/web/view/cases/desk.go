package cases

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Desk is what a person can do with a case, and what was said about it.
type Desk struct {
	State     string
	Total     money.Amount // owed today
	Principal money.Amount
	Costs     money.Amount
	Interest  money.Amount
	Exchange  string    // costs and interest in the currency of the law, and the rate; "" in that currency
	Lapses    date.Date // limitation
	// Acknowledged is by what limitation began anew.
	Acknowledged []Acknowledged
	LetterHelps  bool     // by the law of the case a letter interrupts it
	Missing      []string // what the dossier lacks
	Versions     []Version
	Changed      []Changed // invoices that the books changed (R24)
	Invoices     []Choice  // that may be taken out
	Bailiffs     []Office
	Bailiff      string // who has the case
	Terms        string // that were agreed on with them
	Reference    string
	Trouble      string
	Unknown      bool // nobody can tell whether the hand-over left
	Fetched      time.Time
	Until        []Conditional
	Notes        []Note
	Events       []Event
	Paused       bool
}

// Version is a dossier that was made.
type Version struct {
	Number   int
	AsOf     date.Date
	Complete bool
	PDF, ZIP string
}

// Changed is an invoice that the books changed.
type Changed struct{ ID, Text string }

// Choice is something to pick.
type Choice struct{ ID, Label string }

// Office is a bailiff or collector to choose, with what was agreed on.
type Office struct {
	ID, Label, Terms string
	Chosen           bool
}

// Conditional is what is waived as long as the rest is paid by a day.
type Conditional struct {
	Amount, Pay money.Amount
	Until       date.Date
}

// Note is a word between the creditor and the bailiff.
type Note struct {
	At        time.Time
	ID        string
	In        bool
	Kind      string // as people say it
	Text      string
	Amount    string // with its day, "" for none
	Day       string // 2026-05-20, to confirm
	Minor     string // 250.00, to confirm
	Delivered bool
	Booking   string // "", booked, waiting or refused
	Why       string
}

// Event is something that happened with the case.
type Event struct {
	At        time.Time
	Who, Text string
}

// BailiffsModel is GET /cases/bailiffs.
type BailiffsModel struct {
	Frame   component.Frame
	Rows    []BailiffRow
	Adm     string // id of the administration that the policy is of
	AdmName string
	Adms    []Choice // when there are several
	Policy  Policy
}

// BailiffRow is a bailiff or collector.
type BailiffRow struct {
	ID, Name, Kind, Way, Register string
	Terms, PaysTo, Key            string
	Valid, Standard, NoCure       bool
}

// Policy is how cases are handled.
type Policy struct {
	Ordering, CostsLeft        string
	WaiveAfter, Grace, Monitor int
	Automatic, WatchAfter      bool
	Bailiff                    string
}

// OneOffModel is GET /cases/new.
type OneOffModel struct {
	Frame component.Frame
	Error string
	// Laws, Currencies, Countries and Languages are to choose from; Typed is what a
	// refused form held, without its files.
	Laws, Currencies, Countries, Languages [][2]string
	Typed                                  map[string]string
}

// who are the bailiffs that cases of the books may go to.
func who(m BailiffsModel) [][2]string {
	list := [][2]string{{"", "The standard bailiff"}}
	for _, b := range m.Rows {
		list = append(list, [2]string{b.ID, b.Name})
	}
	return list
}

func after(watch bool) string {
	if watch {
		return "watch"
	}
	return "ask"
}

// Acknowledged is something by which the debtor acknowledged the debt.
type Acknowledged struct {
	On  date.Date
	Why string
}
