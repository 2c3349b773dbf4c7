package portal

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Deal is something that was agreed, asked or objected to, as it stands.
type Deal struct {
	Kind   string // promise, plan, proposal, dispute, credit or paid
	Number string // of the invoice, "" for a plan
	Amount money.Amount
	On     date.Date // promised day, next instalment, or until when it is looked into
	Href   string    // page of a plan, "" for none
	Undo   string    // path to post to for taking it back, "" when that is over
}

// PromiseModel is GET /p/{token}/promise; it posts invoice, day and amount.
type PromiseModel struct {
	Shell
	Invoices    []component.Option
	First, Last date.Date // of the days that may be chosen
	Day         string
	Amount      string
	Problem     string
	Errors      component.Errors // "day", "amount"
}

// PlanModel is GET /p/{token}/plan?invoice=…&n=…&every=…&first=…: the calculator.
// With a quote it posts the same fields back to propose that plan.
type PlanModel struct {
	Shell
	Invoices []PlanInvoice
	Total    money.Amount // of what is chosen
	Choices  []PlanChoice
	Number   string
	Every    string // week or month
	First    string
	Note     string
	From, To date.Date // of the first day
	Quote    *PlanQuote
	Problem  string
}

// PlanInvoice is an invoice that may be in the plan.
type PlanInvoice struct {
	ID, Number string
	Amount     money.Amount
	Chosen     bool
}

// PlanChoice is a number of instalments with what each would be.
type PlanChoice struct {
	Number   int
	Each     money.Amount
	Selected bool
}

// PlanQuote is a plan before it is proposed.
type PlanQuote struct {
	Instalments []PlanLine
	Total       money.Amount
	Automatic   bool // it starts at once
}

// PlanLine is one instalment.
type PlanLine struct {
	Number int
	Due    date.Date
	Amount money.Amount
	Left   money.Amount
	Paid   bool
	Late   bool
}

// PlanPageModel is GET /p/{token}/plan/{id}; it posts to …/pay.
type PlanPageModel struct {
	Shell
	ID       string
	Invoices string // their numbers
	Lines    []PlanLine
	Rest     money.Amount
	Next     *PlanLine // what is to pay now
	State    string    // proposed, active, completed, broken, cancelled or rejected
	Cure     date.Date // of a warning
	Waived   money.Amount
	Methods  []Method
	Transfer *Transfer
	Problem  string
}

// PaidModel is GET /p/{token}/paid; it posts invoice, day, amount, text and
// files.
type PaidModel struct {
	Shell
	Invoices []component.Option
	Day      string
	Today    date.Date
	Amount   string
	Text     string
	Problem  string
	Errors   component.Errors // "day", "amount", "files"
}
