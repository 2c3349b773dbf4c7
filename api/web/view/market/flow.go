package market

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ChooseModel is GET /connections/{id}/administrations: which books to read. It
// posts administration (repeated), flow_b2b and flow_b2c.
type ChooseModel struct {
	Frame           component.Frame
	ID, Connector   string
	Administrations []component.Option
	FlowsB2B        []component.Option
	FlowsB2C        []component.Option
	Error           string
}

// SyncModel is GET /connections/{id}/sync: live while it runs, and the report
// once it has ended. Its part #sync asks for itself again every second while it
// runs.
type SyncModel struct {
	Frame         component.Frame
	ID, Connector string
	First         bool // leads on to the go-live page
	Phase         SyncPhase
	Doing         string // "Reading invoices"
	Done, Total   int    // total is 0 while it is not known
	Held          int
	StartedAt     time.Time
	Left          string // "about 2 minutes", "" when it cannot be said
	Waiting       string // "Moneybird asks us to wait until 14:07", "" when not
	Report        *SyncReport
	Failure       *SyncFailure
}

// SyncPhase is how far a sync is.
type SyncPhase string

// The phases of a sync.
const (
	Running  SyncPhase = "running"
	Finished SyncPhase = "finished"
	Failed   SyncPhase = "failed"
)

// SyncReport is what a sync did.
type SyncReport struct {
	Read, New, Changed, Unchanged, Gone int
	Held                                []HeldRecord
	HeldMore                            int // further held ones that are not listed
	Took                                string
}

// HeldRecord is a record that did not come in, and why.
type HeldRecord struct {
	Reference string
	Reason    string
	Fix       string // what to do about it
}

// SyncFailure is a sync that ended before its end.
type SyncFailure struct {
	What string // "We could not reach Moneybird at 14:02."
	Next string // "We try again at 14:07. Reminders of this administration wait until we have."
	Kept string // "1,240 invoices were read and are kept."
}

// GoLiveModel is GET /connections/{id}/go-live: from which day Voldaan sends,
// and what would go out then (R16). It posts date, entry, and who is left out of
// it: out (debtors, repeated) and segment.
type GoLiveModel struct {
	Frame         component.Frame
	ID, Connector string
	Date          string // ISO, as chosen
	Earliest      string
	Entry         string // how old items enter
	Entries       []component.Option
	Error         string
	Preview       []PreviewDay
	OldItems      int
	OldAmount     money.Amount
	Live          date.Date // set when it is live already
	Segments      []component.Option
	Out           []LeftOut
	All           bool // the preview has every line
}

// LeftOut is a debtor who gets no reminder before somebody resumes it.
type LeftOut struct {
	ID, Name string
	Invoices int
	Amount   money.Amount
	Segment  bool // by its segment, not by hand
}

func (o LeftOut) words(f component.Frame) string {
	out := f.Number(o.Invoices) + " invoices"
	if o.Invoices == 1 {
		out = "1 invoice"
	}
	if o.Segment {
		out += ", by its segment"
	}
	return out
}

func (m GoLiveModel) cut() bool {
	for _, d := range m.Preview {
		if d.More > 0 {
			return true
		}
	}
	return false
}

// PreviewDay is what would be sent on one day.
type PreviewDay struct {
	On    date.Date
	Lines []PreviewLine
	More  int
}

// PreviewLine is one message that would be sent.
type PreviewLine struct {
	DebtorID     string
	Debtor, Step string
	Invoices     string // "2026-0412 and 2 more"
	Amount       money.Amount
	Href         string // the exact text, "" when there is none yet
}
