package invoice

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Model is one invoice: what is owed, what happened, what is next, why it is
// held, and what can be done.
type Model struct {
	Frame          component.Frame
	ID             string
	Number         string
	Administration string
	Source         string // name of the package it came from, "Moneybird"
	Debtor         Debtor
	Phase          component.Phase
	Issued, Due    date.Date
	DaysLate       int
	Owed           Owed
	Next           *Next // nil when nothing is planned
	Holds          []Hold
	Done           *Done   // set once the invoice is closed
	Earlier        []Event // past events that start folded, oldest first
	Recent         []Event // the last past events, oldest first
	Planned        []Event // what is to come, soonest first
	Thread         []Message
	Reply          component.TextInput // value and error of a refused reply; may be zero
	Actions        Actions
	Why            *Why // nil before anything was planned
	Links          Links
	Fees           *Fees // nil when no reminder cost something
}

// Debtor is who owes the invoice.
type Debtor struct {
	ID         string // "" for one that was not read yet
	Name, Kind string // kind: "Company", "Consumer"
	Email      string
	Language   string // "Dutch, formal"
	Address    string // on one line, may be ""
	Flow       string // "B2B NL, version 3"
	OtherOpen  int    // further open invoices of this debtor
	Debits     string // URL of the debtor's mandates and collections
}

// Why says which flow an invoice follows, why that one, and what lies ahead.
type Why struct {
	// Rate is what costs are converted by from the currency of the law, and
	// RateHref where it is given; both "" in that currency.
	Rate, RateHref    string
	FlowID, Flow      string
	Because, Segments string
	Settings          string
	Path              []PathStep
	Flows, Scopes     []component.Option
	LeaveOut          bool // it goes into a message today
}

// PathStep is a step to come with why it comes then.
type PathStep struct{ Day, Step, Why, Rule, RuleText string }

// Owed is the amount and how it is made up.
type Owed struct {
	Open        money.Amount
	Lines       []OwedLine
	Provisional string    // why a figure is not certain yet, "" when all are
	AsOf        time.Time // when the books last confirmed it
}

// OwedLine is one figure of the build-up; payments and credits are below zero.
type OwedLine struct {
	Label  string
	Amount money.Amount
	Paid   bool // a payment or a credit
}

// Fees are what reminders cost the debtor, beside the invoice.
type Fees struct {
	Open           money.Amount
	Paid           int64
	PaidAmount     money.Amount // below zero
	Lines          []FeeLine
	Note           string
	Waive, Restore bool // what a person may do
}

// FeeLine is one entry of their ledger.
type FeeLine struct {
	Label   string
	On      date.Date
	Amount  money.Amount
	Text    string // why
	Rule    string // the article, of a charge
	Sources string
}

// Next is the first planned step and the rule that sets its moment.
type Next struct {
	Step     string // "Reminder 2 by e-mail"
	At       time.Time
	Rule     string // "R13", may be ""
	RuleText string // the rule's sentence
	Why      string // "10 days after the due date, moved from Sunday to the next sending day"
	To       string // masked or whole address
}

// Hold is one reason why nothing is sent.
type Hold struct {
	ID       string // for POST /invoices/{id}/resume; "" when a person cannot end it here
	Title    string // "Held: the debtor wrote"
	Why      string // what happened, with moments
	Ends     string // what ends it, and who
	Rule     string
	RuleText string
	NeedsYou bool
	// Sent asks on which day a person sent the invoice elsewhere; it posts step
	// and on to /invoices/{id}/by-hand. Its latest day, "" when it is not asked.
	Sent string
	// Figures wait for an approval; they post figure and value (repeated) to
	// /invoices/{id}/approve.
	Figures []Figure
	// Rate is the page where an exchange rate is given, "" when none is missing.
	Rate string
	// Approval asks to allow the step; it posts id, do and reason to /approvals.
	Approval bool
}

// Figure is one of the law that no source confirms.
type Figure struct{ Name, Value, Why, Source string }

// Done says how a closed invoice ended.
type Done struct {
	Title string // "Paid in full"
	Text  string
	On    date.Date
	Paid  bool // draws the stamp
}

// EventKind decides the icon of an event.
type EventKind string

// The kinds of events on a timeline.
const (
	Imported  EventKind = "imported"
	Mailed    EventKind = "mailed"
	Letter    EventKind = "letter"
	Payment   EventKind = "payment"
	Credit    EventKind = "credit"
	Held      EventKind = "held"
	Dropped   EventKind = "dropped"
	Resumed   EventKind = "resumed"
	Received  EventKind = "received" // the debtor wrote
	Answered  EventKind = "answered"
	Disputed  EventKind = "disputed"
	Changed   EventKind = "changed"
	Bounced   EventKind = "bounced"
	CaseStep  EventKind = "case"
	TaskEvent EventKind = "task"
)

var eventLooks = map[EventKind]struct {
	icon string
	tone component.Tone
}{
	Imported: {"book-open", component.Plain}, Mailed: {"mail-check", component.Plain}, Letter: {"file-text", component.Plain},
	Payment: {"euro", component.Green}, Credit: {"receipt", component.Green}, Held: {"pause", component.Plain},
	Dropped: {"ban", component.Plain}, Resumed: {"play", component.Plain}, Received: {"message-circle", component.Amber},
	Answered: {"reply", component.Plain}, Disputed: {"circle-help", component.Amber}, Changed: {"pen-line", component.Plain},
	Bounced: {"mail-warning", component.Red}, CaseStep: {"scale", component.Red}, TaskEvent: {"user", component.Amber},
}

// Event is one entry of the timeline, past or planned.
type Event struct {
	Kind     EventKind
	At       time.Time
	DayOnly  bool // the hour is not known or does not matter
	Title    string
	Text     string
	Rule     string
	RuleText string
	Quote    string // words of the debtor or of ours, shown as a bubble
	Ours     bool   // the quote is ours
	CopyHref string // the exact copy of a message, "" when there is none
	Delivery string // "Delivered 09:00:12", "Opened the portal 10:41"
}

// Message is one part of the conversation with the debtor.
type Message struct {
	Who  string
	Ours bool
	At   time.Time
	Via  string // "e-mail", "portal"
	Text string
}

// Actions says what can be done now; a reason explains what cannot.
type Actions struct {
	Pause, Resume, Step, Reply bool
	StepName                   string // "reminder 2"
	StepWhyNot                 string // shown when Step is false
	Approve                    bool   // the reader may approve figures
}

// Links lead out of the page; "" hides one.
type Links struct {
	Books    string // the invoice in its package
	PDF      string
	Workflow string // in the Temporal UI
	Case     string
}

// PauseModel is the form of a pause as a page of its own, also after a refusal.
type PauseModel struct {
	Frame  component.Frame
	ID     string
	Number string
	Reason string
	Note   string
	Until  string
	Errors component.Errors // "reason", "until"
}

// StepModel shows exactly what a step will send, before it is sent.
type StepModel struct {
	Frame       component.Frame
	ID, Number  string
	Step        string // "Reminder 2"
	Key         string // posted back, so that only what was shown is sent
	Channel     string // "E-mail"
	From, To    string
	Peppol      string // where the electronic invoice of the books goes, "" when it does not
	Subject     string
	Text        string // the plain text, as it will be sent
	HTMLHref    string // the HTML part in a frame, "" when there is none
	Attachments []Attachment
	Checks      []Check // what the gate found just now
	Refused     string  // why it cannot be sent now, "" when it can
	PlannedAt   time.Time
	// ByHand lets a person say that they did the step elsewhere; it posts step and
	// on to /invoices/{id}/by-hand. Its latest day, "" when they may not.
	ByHand, StepID string
}

// Attachment is a file that goes along.
type Attachment struct{ Name, Href, Size string }

// Check is one thing the gate looked at.
type Check struct {
	OK             bool
	Text           string
	Rule, RuleText string
}

// CopyModel is the exact copy of a message that was sent, kept forever.
type CopyModel struct {
	Frame       component.Frame
	ID, Number  string
	Title       string // "Reminder 1"
	SentAt      time.Time
	From, To    string
	Subject     string
	Template    string // "reminder-1 nl formal, version 4"
	MessageID   string
	Delivery    []Delivery
	Text        string
	HTMLHref    string // GET …/html, served with assets.CopyPolicy
	Attachments []Attachment
	Returned    string // where it is told that this letter came back; "" when it cannot
}

// Delivery is one thing that is known about the way of a message.
type Delivery struct {
	At   time.Time
	Text string
	Bad  bool
}
