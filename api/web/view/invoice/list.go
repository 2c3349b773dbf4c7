package invoice

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ListModel is one page of the list of invoices.
type ListModel struct {
	Frame component.Frame
	Tabs  []component.Tab // the saved filters, one of them active
	Tab   string          // the active filter's value in the URL, "" for all
	Find  component.Finder
	Sort  string // "due", "open", "debtor", "number"; "-" in front turns it
	Rows  []Row
	Pager component.Pager
	New   bool // nothing was ever imported: the empty state teaches to connect
}

// Row is one invoice of the list.
type Row struct {
	ID             string
	Number         string
	Debtor         string
	Administration string // "" when the tenant has only one
	Due            date.Date
	DaysLate       int // above zero when overdue
	Open           money.Amount
	Total          money.Amount // shown when it differs from what is open
	Phase          component.Phase
	Held           string // the reason in two or three words, "" when not held
	Attention      string // why it needs a person, "" when it does not
	Unread         bool   // the debtor wrote and nobody answered
	Next           string // "Reminder 2", "" when nothing is planned
	NextOn         date.Date
}

// PauseReasons are the values of the field reason, and what they are called.
var PauseReasons = []component.Option{
	{Value: "agreed", Label: "Agreed with the debtor"},
	{Value: "checking", Label: "We are checking something"},
	{Value: "promise", Label: "Debtor promised to pay"},
	{Value: "dispute", Label: "Debtor disagrees"},
	{Value: "other", Label: "Another reason"},
}

// sortHref is the list sorted by a column, the other way round when it is
// sorted by it already.
func (m ListModel) sortHref(key string) string {
	if m.Sort == key {
		return m.Find.With("sort", "-"+key)
	}
	return m.Find.With("sort", key)
}

// sorted returns the value of aria-sort for a column.
func (m ListModel) sorted(key string) string {
	switch {
	case m.Sort == key:
		return "ascending"
	case m.Sort == "-"+key:
		return "descending"
	default:
		return "none"
	}
}

func (m ListModel) empty() (icon, title, text string, links []component.Link) {
	switch {
	case m.New:
		return "receipt-text", "No invoices yet", "Voldaan reads them from your books. Connect your accounting package, or upload a file with open invoices; nothing is sent to anyone before you say so.",
			[]component.Link{{Label: "Connect your books", Href: "/marketplace", Icon: "plug"}, {Label: "Upload a file", Href: "/marketplace/files", Icon: "file-up"}}
	case m.Tab == "attention":
		return "check-check", "Nothing needs you", "Every open invoice goes its own way. We say here when one cannot go on without you.", nil
	default:
		return "filter", "No invoices here", "Invoices appear under this filter as soon as they get there.",
			[]component.Link{{Label: "See all invoices", Href: "/invoices"}}
	}
}

func (r Row) href() string { return "/invoices/" + r.ID }
