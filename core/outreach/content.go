package outreach

import (
	"io/fs"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Language is the language of a message, as an ISO 639-1 code that has a folder
// in templates.
type Language string

// The languages that a debtor can be written to in.
const (
	Dutch   Language = "nl"
	English Language = "en"
	German  Language = "de"
	French  Language = "fr"
)

// Languages lists the languages. Dutch and English have every step; Has tells
// about the others.
func Languages() []Language { return []Language{Dutch, English, German, French} }

// Has reports whether a step has a template in a language.
func (l Language) Has(s Step) bool {
	_, err := fs.Stat(templates, "templates/"+string(l)+"/"+string(s)+".tmpl")
	return err == nil
}

// Form is how the creditor addresses the debtor.
type Form string

// The forms of address. The empty Form is Formal.
const (
	Formal   Form = "formal"
	Informal Form = "informal"
)

// Capacity says whether the debtor acts in a business. It decides which
// demands the law allows, so the empty Capacity is Consumer (R102).
type Capacity string

// The capacities of a debtor.
const (
	Consumer Capacity = "consumer"
	Business Capacity = "business"
)

// Channel is the form a message takes; some sentences differ.
type Channel string

// The channels with a rendering. The empty Channel is Email.
const (
	Email  Channel = "email"
	Letter Channel = "letter"
)

// Content is everything a message says. All texts are plain; control
// characters in them are dropped before use.
type Content struct {
	Step     Step
	Channel  Channel
	Language Language
	Form     Form
	Date     date.Date // day the message leaves, in the debtor's zone

	// Country is that of the law by which the creditor claims, as an ISO 3166-1
	// code; empty for NL.
	Country string

	Creditor Creditor
	Debtor   Debtor

	Demanded    []Item       // asked for by this message
	NotYetDue   []Item       // named apart, not asked for (R44)
	NotDemanded []Item       // left out with a Reason: disputed, plan, paused, direct debit (R46)
	Credits     []CreditNote // unmatched credit notes, taken off the demand (R38)
	Charges     []Charge     // costs and interest that are due now
	Fees        []Fee        // what reminders cost by the ledger; Charges state exactly these as fees
	Announced   []Charge     // costs and interest that a final reminder announces

	PayBy      date.Date // day by which payment is asked; zero where the step names none
	PayURL     string    // payment page with one button
	PortalURL  string    // all invoices, questions, disputes
	PlanURL    string    // page where a plan can be proposed; empty when none is offered
	GenuineURL string    // page that tells whether the message is genuine
	StopURL    string    // page that ends e-mail like this; empty for what is no service (R59)
	ReplyTo    string    // address a reply reaches the creditor at
	Reference  string    // payment reference the debtor should quote
	CaseNumber string    // number of the collection case
	Attached   []string  // names of attached files
	Exchange   *Exchange // what foreign amounts were converted by (R123)
	Notice     *Notice   // statutory block; required where Step.Statutory
	Law        []string  // protected sentences of the law pack, rendered as they are
	Interrupts bool      // for Interruption: by this law the letter itself interrupts limitation
	Bailiff    string    // name of the bailiff a pre-judicial message names
	CourtCosts money.Amount
	Payment    *Payment // for PaymentReceived; for PaymentReversed when it is known, with the day it was undone
	Code       *Code    // for PortalCode
	Debit      *Debit   // for the steps about direct debits
	Plan       *Plan    // for the words about a payment plan
	// Promise is what a debtor promised, or says to have paid; in a reminder, the
	// promise that was not kept (R69).
	Promise *Promise
	// Own is the creditor's own wording; nil for what Voldaan ships.
	Own *Own
	// Said are own words for what others may see, by TextMessage and Call.
	Said     map[Step]Own
	Decision *Decision // for DisputeAnswered; its Text also for PlanRefused
}

// Creditor is the party the message comes from.
type Creditor struct {
	Name    string
	Address []string // street, postcode and city, country
	Email   string
	Phone   string
	Website string
	Colour  string // "#1f5f46"; anything else falls back to Voldaan's green
	Logo    []byte // PNG or JPEG for letters; optional
	IBAN    string
	BIC     string
	Holder  string // account name when it differs from Name
	Number  string // chamber of commerce number, shown at the foot of letters
}

// Debtor is the party the message goes to.
type Debtor struct {
	Name      string
	Attention string   // contact person; optional
	Address   []string // as on the envelope, without the name
	Capacity  Capacity
	Number    string // the creditor's customer number; optional
	Country   string // ISO 3166-1; selects who helps with debts, empty for the law's country
}

// Item is an invoice as the message shows it.
type Item struct {
	Number   string
	Issued   date.Date
	Due      date.Date
	Original money.Amount
	Paid     money.Amount // what was paid or credited so far
	Open     money.Amount // that the message is about
	Disputed money.Amount // open as well, and not asked (R70)
	Phase    string       // sent, reminding, final, case, bailiff (R43)
	Reason   string       // disputed, plan, promise, paused, direct_debit; for NotDemanded
}

// CreditNote is credit of the debtor that is not matched with an invoice yet.
type CreditNote struct {
	Number string
	Issued date.Date
	Amount money.Amount // positive
}

// ChargeKind says what a charge is, because the law treats them apart.
type ChargeKind string

// The kinds of charge.
const (
	CollectionCosts ChargeKind = "costs"
	Interest        ChargeKind = "interest"
	ReminderFee     ChargeKind = "fee"
)

// Charge is one line of costs or interest. An empty Label takes the word of the
// language for its Kind.
type Charge struct {
	Kind   ChargeKind
	Label  string
	Detail string // "4% from 1 March to 24 November 2026"
	Amount money.Amount
	Law    money.Amount // the same in the currency of the law, where that is another one (R123)
	Fee    *Fee         // for ReminderFee, that of the ledger
}

// Fee is what reminders of one invoice cost by law, as the ledger of fees has it.
type Fee struct {
	Invoice string // number
	Amount  money.Amount
	Rule    string // the article that it rests on
	This    bool   // of this message; else what is open of earlier ones
}

// Notice is a protected statutory block: its text is rendered as it is, never
// wrapped, shortened or translated. Package law makes it.
type Notice struct {
	Heading    string
	Paragraphs []string
	Covers     []string     // numbers of the invoices it is about (R47)
	Principal  money.Amount // principal the costs were computed on
	Costs      money.Amount // exact costs that the text announces; it must name them (R95)
	// Enclosures are printed behind the letter, each on pages of its own.
	Enclosures []Enclosure
}

// Enclosure is a form or an information sheet that the law wants with a notice.
type Enclosure struct {
	Title      string
	Paragraphs []string
	// Fields are lines to fill in by hand.
	Fields []string
}

// Payment is a payment that a message reports.
type Payment struct {
	Amount money.Amount
	Date   date.Date
	Method string // "iDEAL", "bank transfer"; optional
}

// Code is a one-time code for the portal.
type Code struct {
	Value   string
	Minutes int // how long it is valid
}
