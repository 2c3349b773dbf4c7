package emulator

import (
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// books is everything Moneybird knows.
type books struct {
	Seq             int64                      `json:"seq"`
	Administrations map[string]*administration `json:"administrations"`
	Order           []string                   `json:"order"` // ids, oldest first
}

// nextID returns an id as Moneybird's: 18 digits, rising.
func (b *books) nextID() string {
	b.Seq++
	return itoa(458026356994737000 + b.Seq*41)
}

type administration struct {
	ID        string              `json:"id"`
	Seed      AdministrationSeed  `json:"seed"`
	Suspended bool                `json:"suspended"`
	CreatedAt time.Time           `json:"created_at"`
	Contacts  map[string]*contact `json:"contacts"`
	Invoices  map[string]*invoice `json:"invoices"`
	ContactNo []string            `json:"contact_order"`
	InvoiceNo []string            `json:"invoice_order"`
	Mutations []*mutation         `json:"mutations"`
	Webhooks  []*webhook          `json:"webhooks"`
	Rates     []taxRate           `json:"rates"`
	Numbers   map[int]int         `json:"numbers"` // last invoice number per year
	taken     map[string]bool     // numbers in use, built when first needed
	Customers int                 `json:"customers"`
	Drafts    int                 `json:"drafts"`
	Entries   int                 `json:"entries"`
	Ticked    date.Date           `json:"ticked"` // last day whose transitions were made
	Fixed     struct {            // ids of things there is one of
		User, Workflow, Style, Identity, Revenue, Settlement, Account, Statement string
	} `json:"fixed"`
}

type taxRate struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Percent string `json:"percent"`
}

type contact struct {
	ID        string        `json:"id"`
	Fields    contactFields `json:"fields"`
	People    []person      `json:"people"`
	Notes     []note        `json:"notes"`
	Events    []event       `json:"events"`
	Archived  bool          `json:"archived"`
	CreatedAt time.Time     `json:"created_at"`
	UpdatedAt time.Time     `json:"updated_at"`
	Version   int64         `json:"version"`
}

type person struct {
	ID, FirstName, LastName, Email, Phone, Department string
	At                                                time.Time
}

// invoice is a sales invoice or, when External, one made in another system.
type invoice struct {
	ID         string    `json:"id"`
	External   bool      `json:"external"`
	Source     string    `json:"source"`
	SourceURL  string    `json:"source_url"`
	Entry      int       `json:"entry"`
	Contact    string    `json:"contact"`
	Number     string    `json:"number"` // "" while a draft
	Draft      int       `json:"draft"`  // number of the draft
	State      string    `json:"state"`
	Date       date.Date `json:"date"`
	Due        date.Date `json:"due"`
	Interval   int       `json:"interval"` // days from date to due
	Conditions string    `json:"conditions"`
	Reference  string    `json:"reference"`
	Language   string    `json:"language"`
	Currency   string    `json:"currency"`
	Rate       string    `json:"rate"` // administration currency per unit
	InclTax    bool      `json:"incl_tax"`
	Discount   string    `json:"discount"` // percent
	Original   string    `json:"original"` // id of the invoice this one credits
	Paused     bool      `json:"paused"`
	PaidOn     date.Date `json:"paid_on"`
	SentOn     date.Date `json:"sent_on"`
	Dubious    date.Date `json:"dubious"`
	WrittenOff date.Date `json:"written_off"`
	Reminders  int       `json:"reminders"`
	NextRemind date.Date `json:"next_remind"`
	Lines      []line    `json:"lines"`
	Payments   []payment `json:"payments"`
	Notes      []note    `json:"notes"`
	Events     []event   `json:"events"`
	Sums       sums      `json:"sums"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Version    int64     `json:"version"`
}

type line struct {
	ID          string    `json:"id"`
	Description string    `json:"description"`
	Amount      string    `json:"amount"`   // as written: "2 x", "" for none
	Quantity    string    `json:"quantity"` // "2.0"
	Price       int64     `json:"price"`    // hundredths
	RateID      string    `json:"rate"`
	Period      string    `json:"period"`
	Excl        int64     `json:"excl"` // hundredths, with discount
	At          time.Time `json:"at"`
}

type payment struct {
	ID          string    `json:"id"`
	Price       int64     `json:"price"`
	Base        int64     `json:"base"`
	Date        date.Date `json:"date"`
	Account     string    `json:"account"`
	Mutation    string    `json:"mutation"`
	Transaction string    `json:"transaction"`
	Credit      string    `json:"credit"` // the credit invoice it settles with
	Linked      string    `json:"linked"`
	Action      string    `json:"action"`
	At          time.Time `json:"at"`
}

type note struct {
	ID       string    `json:"id"`
	Text     string    `json:"text"`
	Todo     bool      `json:"todo"`
	Assignee string    `json:"assignee"`
	At       time.Time `json:"at"`
}

type event struct {
	Action string            `json:"action"`
	Data   map[string]string `json:"data,omitempty"`
	At     time.Time         `json:"at"`
}

type mutation struct {
	ID        string    `json:"id"`
	Amount    int64     `json:"amount"`
	Date      date.Date `json:"date"`
	Message   string    `json:"message"`
	Name      string    `json:"name"`
	IBAN      string    `json:"iban"`
	Bookings  []booking `json:"bookings"` // on ledger accounts
	Processed time.Time `json:"processed"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Version   int64     `json:"version"`
}

type booking struct {
	ID, Ledger, Description string
	Price                   int64
	At                      time.Time
}

type webhook struct {
	ID          string    `json:"id"`
	URL         string    `json:"url"`
	Events      []string  `json:"events"`
	Token       string    `json:"token"`
	Secret      string    `json:"secret"`
	Status      int       `json:"status"` // of the last call; 0 before the first
	Body        string    `json:"body"`
	Deactivated time.Time `json:"deactivated"`
}

func (a *administration) zone() *time.Location {
	if loc, err := time.LoadLocation(a.Seed.TimeZone); err == nil {
		return loc
	}
	return time.UTC
}

// today is the day in the administration's time zone.
func (a *administration) today(now time.Time) date.Date { return date.Of(now.In(a.zone())) }

func (a *administration) rate(id string) *taxRate {
	for i := range a.Rates {
		if a.Rates[i].ID == id {
			return &a.Rates[i]
		}
	}
	return nil
}

// rateOf returns the id of a rate by its percentage ("21"), or "".
func (a *administration) rateOf(percent string) string {
	for _, r := range a.Rates {
		if sameNumber(r.Percent, percent) {
			return r.ID
		}
	}
	return ""
}
