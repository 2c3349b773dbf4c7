// Package bank shows bank statements and what their lines were matched with.
package bank

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Model is GET /bank: statements, the lines of one of them or of all, and the
// form to upload one.
type Model struct {
	Frame      component.Frame
	Statements []Statement
	Tabs       []component.Tab // suggested, unmatched, matched
	Lines      []Line
	Pager      component.Pager
	Upload     Upload
}

// Upload is the form POST /bank/statements (multipart: file).
type Upload struct {
	Error  string // why the last file was refused, and what to do
	Detail string // the file's name and the place of the mistake
	Report *UploadReport
}

// UploadReport is what came of the last upload.
type UploadReport struct {
	File                          string
	Lines                         int
	Matched, Suggested, Unmatched int
	Known                         int // lines that were there already
}

// Statement is one statement of an account.
type Statement struct {
	ID       string
	Bank     string
	Account  string // IBAN in groups of four
	Number   string
	From, To date.Date
	Opening  money.Amount
	Closing  money.Amount
	Lines    int
	Waiting  int // lines that need a person
	Gap      string
	ReadAt   time.Time
	Selected bool
}

// Match is how sure a line belongs to an invoice.
type Match string

// The states of a line.
const (
	Matched   Match = "matched"
	Suggested Match = "suggested"
	Unmatched Match = "unmatched"
	Ignored   Match = "ignored"
)

// Line is one entry of a statement that came in.
type Line struct {
	ID      string
	On      date.Date
	Payer   string
	Account string
	Text    string // the remittance information
	Amount  money.Amount
	State   Match
	Why     string // "invoice number and amount", for matched and suggested
	Invoice []Candidate
}

// Candidate is an invoice that a line was or may be matched with.
type Candidate struct {
	InvoiceID, Number, Debtor string
	Open                      money.Amount
}
