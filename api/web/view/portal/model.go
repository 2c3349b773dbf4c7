// Package portal is what a debtor sees: the creditor's own page, in the
// debtor's language, without an account.
//
// Opening a link changes nothing, and before the e-mailed code was given only
// the creditor and the reference are shown (R112). The texts are data in texts/.
package portal

import (
	"time"

	"github.com/voldaan/voldaan/api/web/locale"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Shell is what every page of a debtor needs.
type Shell struct {
	Creditor Creditor
	Base     string // "/p/<token>", without a slash at the end
	Lang     string // "nl", "en", "de", "fr"
	Formal   bool   // the form of address the creditor chose
	Now      time.Time
	Genuine  string // URL of the page that tells whether a message is genuine
}

// Creditor is whose page it is.
type Creditor struct {
	Name    string
	Colour  string // "#1f6f4a"; "" for Voldaan's green
	Logo    string // URL, "" draws a monogram
	Contact string // "mailto:" or a page of theirs, may be ""
}

// T returns a text of the debtor's language in the creditor's form of address.
func (s Shell) T(key string, args ...any) string { return say(s.Lang, s.Formal, key, args...) }

func (s Shell) locale() *locale.Locale { return locale.For(s.Lang) }

// Money writes an amount in the debtor's language.
func (s Shell) Money(a money.Amount) string { return s.locale().Amount(a) }

// Date writes a full date in the debtor's language.
func (s Shell) Date(d date.Date) string { return s.locale().Date(d) }

// DoorModel is GET /p/{token} before the code was given. Sending a code posts
// to …/code, the code itself to …/verify (code).
type DoorModel struct {
	Shell
	Reference string // of the message, the only thing shown beside the creditor
	Sent      bool   // a code is on its way
	Problem   string // "", "wrong", "expired" or "locked"
}

// OverviewModel is GET /p/{token} after the code: all invoices of this creditor.
type OverviewModel struct {
	Shell
	Name     string // of the debtor
	Total    money.Amount
	Claims   []Claim
	Paid     []Claim // settled ones, newest first
	Credit   money.Amount
	Consumer bool   // shows where to find help with debts
	Help     string // who helps with debts in the debtor's country
	Mandate  bool   // there is a mandate, or one may be given
	Note     string
	Deals    []Deal // what was agreed, asked or objected to
	Stopped  bool   // a legal stop: nothing is asked (R97)
	Bailiffs []Bailiff
}

// Bailiff has a case of the debtor.
type Bailiff struct {
	Name, Case   string
	Reference    string // to mention there
	Email, Phone string
	There        bool // the debtor pays them, and not the creditor
}

// ClaimState is what can be done with an invoice.
type ClaimState string

// The states of a claim.
const (
	Open      ClaimState = "open"
	Disputed  ClaimState = "disputed"
	Pending   ClaimState = "pending"   // a payment is under way
	Elsewhere ClaimState = "elsewhere" // paid to the bailiff who has it
	Settled   ClaimState = "settled"
	// Collected is one that will be debited; it may be paid before that.
	Collected ClaimState = "collected"
	Promised  ClaimState = "promised"
	OnPlan    ClaimState = "plan"
	Claimed   ClaimState = "claimed" // the debtor says it was paid
)

// Claim is one invoice as the debtor sees it.
type Claim struct {
	ID        string
	Number    string
	Amount    money.Amount // still to pay
	Due       date.Date
	Late      bool
	State     ClaimState
	PDF       string     // URL, "" hides the link
	Specified bool       // the PDF is a statement of costs and interest
	Lines     []ClaimRow // how the amount is made up, when there is more to it
	Settled   date.Date
	Collect   date.Date // the day of its direct debit
	Until     date.Date // of a promise
	Bailiff   string    // who is paid, where that is Elsewhere
}

// ClaimRow is one figure of a claim.
type ClaimRow struct {
	Label  string
	Amount money.Amount
}

// PayModel is GET /p/{token}/pay?invoice=…; it posts invoice (repeated) and
// method to /p/{token}/pay, and is sent on to the payment provider.
type PayModel struct {
	Shell
	Claims   []Claim
	Total    money.Amount
	Methods  []Method
	Transfer *Transfer
	Error    string
	Offer    *Offer // a mandate that may be given with this payment
	Agreed   bool   // the box beside it is ticked
}

// Method is a way to pay: ideal, creditcard, paypal, banktransfer, bancontact.
type Method string

// Transfer is what is needed to transfer the amount oneself.
type Transfer struct {
	Name, IBAN, Reference string
	QR                    string // URL of the EPC QR code as an image, may be ""
}

// AskModel is GET /p/{token}/ask?about=…&topic=…; it posts invoice, topic and
// text to /p/{token}/ask.
type AskModel struct {
	Shell
	Topic    string // "question" or "paid"
	Invoices []component.Option
	Text     string
	Errors   component.Errors // "text"
}

// DisputeModel is GET /p/{token}/dispute?invoice=…; it posts invoice, reason,
// amount and text to /p/{token}/dispute.
type DisputeModel struct {
	Shell
	Invoices []component.Option
	Reason   string
	Amount   string
	Lines    string // which lines it is about
	Text     string
	Errors   component.Errors // "reason", "amount", "text", "files"
}

// Reasons are the values of the field reason of a dispute.
var Reasons = []string{"delivery", "quality", "price", "unknown", "other"}

// ThanksModel confirms that a question or a dispute has arrived.
type ThanksModel struct {
	Shell
	Kind string // ask, dispute, promise, plan, proposal or paid
}

// ResultModel is GET /p/{token}/payments/{payment}, where the payment provider
// sends the debtor back to.
type ResultModel struct {
	Shell
	State  ResultState
	Amount money.Amount
	On     date.Date
	Again  string // URL to try once more
}

// ResultState is how a payment ended so far.
type ResultState string

// The states of a payment.
const (
	PaidNow    ResultState = "paid"
	PendingNow ResultState = "pending"
	FailedNow  ResultState = "failed"
)

// GenuineModel is GET /genuine?reference=…, a page of Voldaan itself.
type GenuineModel struct {
	Lang      string
	Host      string // that the pages to pay on start with, "https://betaal.example"
	Reference string // as typed
	Checked   bool
	Found     bool
	Creditor  string // only when found
	Domain    string // of the creditor's sender address
}

// GoneModel is a link that no longer works; it tells nothing about anyone.
type GoneModel struct {
	Lang    string
	Genuine string
}

// Offer is a mandate that may be given. Its reference is posted as mandate.
type Offer struct {
	Reference string
	Text      []string // paragraphs
}

// MandateModel is GET /p/{token}/mandate: the debtor's direct debits. It posts
// mandate (the reference) and agreed to the same address, and to …/mandate/revoke.
type MandateModel struct {
	Shell
	Given *Given // nil without a mandate
	Offer *Offer // nil when none may be given
	Error string
	Note  string
	Cost  money.Amount // of confirming one
}

// Given is a mandate of the debtor.
type Given struct {
	State      string // pending, valid or suspended
	Reference  string
	CreditorID string
	Account    string // last four characters
	Since      date.Date
	Text       []string
	Coming     []Coming
}

// Coming is a debit to come.
type Coming struct {
	On      date.Date
	Amount  money.Amount
	Numbers string
}
