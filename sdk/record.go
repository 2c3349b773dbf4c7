package sdk

import (
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Party is someone who owes or may owe: a debtor.
type Party struct {
	ID       string
	Revision string
	Name     string
	Kind     PartyKind
	// Attention is the person or department that post is addressed to.
	Attention string
	Email     string
	Phone     string // as at the source; the host normalises it
	Address   Address
	Language  string // BCP 47; empty when unknown
	IBAN      string
	VATNumber string
	// Registration is the number in the trade register (KvK in the Netherlands).
	Registration string
	URL          string // page of the party at the source
	// Owner is our side's person for this party, such as an account manager.
	Owner Person
}

// Person is somebody who works with the package.
type Person struct {
	ID    string
	Name  string
	Email string
}

// PartyKind tells a business from a consumer; the law differs. Say Unknown
// rather than guess: the host then protects the party as a consumer.
type PartyKind string

// The kinds of party.
const (
	Business PartyKind = "business"
	Consumer PartyKind = "consumer"
	Unknown  PartyKind = "unknown"
)

// Address is a postal address.
type Address struct {
	Line1      string
	Line2      string
	PostalCode string
	City       string
	Country    string // ISO 3166-1 alpha-2
}

// Invoice is a sales invoice or a credit note.
type Invoice struct {
	ID       string
	Revision string
	PartyID  string
	// Number is what the debtor sees on the paper.
	Number string
	Kind   InvoiceKind
	Status InvoiceStatus
	Issued date.Date
	Due    date.Date
	// Total includes tax and is positive for an invoice. For a credit note it is
	// positive as well: Kind carries the sign.
	Total money.Amount
	// Open is what the books still expect, with the sign of Total.
	Open money.Amount
	// Reference is the debtor's own, such as an order number.
	Reference string
	// PaymentReference is a structured one: RF, OGM or betalingskenmerk.
	PaymentReference string
	// Sent is when the source itself sent the invoice; zero when it did not.
	Sent time.Time
	// Credits is the id of the invoice that a credit note corrects.
	Credits string
	// Document says that the source can hand out the PDF.
	Document bool
	URL      string // page of the invoice at the source
	// Hold is why nothing should be asked for now, as the source knows it.
	Hold InvoiceHold
}

// InvoiceHold is why the source itself waits for the money.
type InvoiceHold string

// The reasons.
const (
	NoHold         InvoiceHold = ""
	Paused         InvoiceHold = "paused"          // somebody paused its reminders there
	PaymentPending InvoiceHold = "payment_pending" // a payment is under way there
	Disputed       InvoiceHold = "disputed"
)

// InvoiceKind tells an invoice from a credit note.
type InvoiceKind string

// The kinds of invoice.
const (
	SalesInvoice InvoiceKind = "invoice"
	CreditNote   InvoiceKind = "credit_note"
)

// InvoiceStatus is the state in the books.
type InvoiceStatus string

// The states. Open holds for every invoice that is neither settled nor
// withdrawn, late or not.
const (
	Draft         InvoiceStatus = "draft"
	Open          InvoiceStatus = "open"
	Paid          InvoiceStatus = "paid"
	Void          InvoiceStatus = "void"
	Uncollectible InvoiceStatus = "uncollectible"
)

// Payment is money received, as the books know it.
type Payment struct {
	ID        string
	Revision  string
	PartyID   string
	InvoiceID string // the invoice it is booked on; empty when unallocated
	Amount    money.Amount
	ValueDate date.Date
	// Reference is the transaction's text or id, such as a provider's payment id.
	Reference string
	// CreditNote says that the payment settles with a credit note, so that no
	// money moved; it is the id of the credit note.
	CreditNote string
}
