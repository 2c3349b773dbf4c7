package dossier

import (
	"time"

	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Format names the manifest and its version; whoever reads one looks at it first.
const Format = "voldaan-dossier/1"

// Manifest is what an archive says about itself, as manifest.json. Amounts are
// whole minor units with a currency; moments are in UTC.
type Manifest struct {
	Format   string       `json:"format"`
	Case     CaseFacts    `json:"case"`
	Creditor Party        `json:"creditor"`
	Debtor   Party        `json:"debtor"`
	Invoices []Invoice    `json:"invoices"`
	Notices  []Notice     `json:"notices"`
	Messages []Message    `json:"messages"`
	Payments []Payment    `json:"payments"`
	Sum      Sum          `json:"sum"`
	Lines    []Line       `json:"calculation"`
	Disputes []Dispute    `json:"disputes"`
	Evidence []Evidence   `json:"evidence"`
	Missing  []Missing    `json:"missing"` // what a bailiff needs and is not there (R107)
	Files    []FileOfCase `json:"files"`
}

// CaseFacts say which case it is and of which day the amounts are.
type CaseFacts struct {
	Number   string         `json:"number"`
	Opened   time.Time      `json:"opened"`
	AsOf     date.Date      `json:"as_of"`
	Currency money.Currency `json:"currency"`
	// Exchange is what costs were converted by from the currency of the law, and
	// CostsByLaw and InterestByLaw what is open of them in that (R123).
	Exchange      *exchange.Rate `json:"exchange,omitempty"`
	CostsByLaw    *money.Amount  `json:"costs_by_law,omitempty"`
	InterestByLaw *money.Amount  `json:"interest_by_law,omitempty"`
}

// Party is the creditor or the debtor.
type Party struct {
	Name         string   `json:"name"`
	Kind         string   `json:"kind,omitempty"`
	Attention    string   `json:"attention,omitempty"`
	Address      []string `json:"address"`
	Country      string   `json:"country,omitempty"`
	Email        string   `json:"email,omitempty"`
	Phone        string   `json:"phone,omitempty"`
	Registration string   `json:"registration,omitempty"`
	IBAN         string   `json:"iban,omitempty"`
}

// Invoice is a claim of the case.
type Invoice struct {
	Number    string       `json:"number"`
	Issued    date.Date    `json:"issued"`
	Due       date.Date    `json:"due"`
	Total     money.Amount `json:"total"`
	Open      money.Amount `json:"open"`
	File      string       `json:"file,omitempty"`
	Delivered string       `json:"delivered,omitempty"` // how we know that the debtor has it
}

// Notice is the statutory notice with the proof of its receipt.
type Notice struct {
	Posted    date.Date    `json:"posted"`
	Received  date.Date    `json:"received"`
	LastDay   date.Date    `json:"last_day"`
	CostsFrom date.Date    `json:"costs_from"`
	Costs     money.Amount `json:"costs"`
	Invoices  []string     `json:"invoices"`
	Valid     bool         `json:"valid"`
	File      string       `json:"file,omitempty"`
}

// Message is what went to the debtor, or came from them.
type Message struct {
	At        time.Time `json:"at"`
	Direction string    `json:"direction"`
	Step      string    `json:"step,omitempty"`
	Channel   string    `json:"channel"`
	Recipient string    `json:"recipient,omitempty"`
	Subject   string    `json:"subject"`
	Delivery  string    `json:"delivery,omitempty"`
	Evidence  any       `json:"evidence,omitempty"`
	Files     []string  `json:"files"`
}

// Payment is money received and where the law put it.
type Payment struct {
	On        date.Date    `json:"on"`
	Amount    money.Amount `json:"amount"`
	Costs     money.Amount `json:"costs"`
	Interest  money.Amount `json:"interest"`
	Principal money.Amount `json:"principal"`
	Left      money.Amount `json:"left"`
	Order     string       `json:"order"`
}

// Sum is what is open.
type Sum struct {
	Principal money.Amount `json:"principal"`
	Costs     money.Amount `json:"costs"`
	Interest  money.Amount `json:"interest"`
	Total     money.Amount `json:"total"`
	PerDay    money.Amount `json:"interest_per_day"`
}

// Line is a line of the calculation.
type Line struct {
	On      date.Date    `json:"on"`
	Kind    string       `json:"kind"`
	Invoice string       `json:"invoice,omitempty"`
	Amount  money.Amount `json:"amount"`
	Runs    []Run        `json:"runs,omitempty"`
}

// Run is a period in which interest ran at one rate over one base.
type Run struct {
	From    date.Date    `json:"from"`
	Through date.Date    `json:"through"`
	Days    int          `json:"days"`
	Rate    string       `json:"rate_percent"`
	Base    money.Amount `json:"base"`
}

// Dispute is what the debtor did not agree with.
type Dispute struct {
	Invoice    string       `json:"invoice"`
	Opened     time.Time    `json:"opened"`
	Reason     string       `json:"reason"`
	Note       string       `json:"note,omitempty"`
	Amount     money.Amount `json:"amount"`
	State      string       `json:"state"`
	Resolution string       `json:"resolution,omitempty"`
}

// Evidence is a file that a person added.
type Evidence struct {
	Kind string `json:"kind"`
	Note string `json:"note,omitempty"`
	File string `json:"file"`
}

// Missing is something that a bailiff needs and that is not there.
type Missing struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// FileOfCase is a file of the archive.
type FileOfCase struct {
	Path   string `json:"path"`
	Media  string `json:"media_type"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}
