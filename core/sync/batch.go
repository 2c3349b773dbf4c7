package sync

import (
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Batch is a run of records that is written in one transaction with its cursor.
type Batch struct {
	Parties  []sdk.Party
	Invoices []sdk.Invoice
	Payments []sdk.Payment
	Gone     map[sdk.Stream][]string
	Problems []Problem // records that could not be told at all
	Cursor   []byte    // nil when the batch ends without a checkpoint

	novel bool // see prepared
}

// Problem is a record that cannot be taken as it is. Its reminders wait until a
// later sync brings it right (R7).
type Problem struct {
	Stream  sdk.Stream
	ID      string
	Code    string
	Message string
}

// problemOf returns what is wrong with an invoice, in a sentence for the user,
// or nothing. Storable says whether the mirror can hold it all the same.
func problemOf(i *sdk.Invoice) (p Problem, storable bool) {
	bad := func(code, message string) Problem {
		return Problem{Stream: sdk.Invoices, ID: i.ID, Code: code, Message: message}
	}
	name := "Invoice " + strings.TrimSpace(i.Number)
	if _, err := money.ParseCurrency(string(i.Total.Currency)); err != nil {
		return bad("unknown_currency", name+" has the currency "+strconv.Quote(string(i.Total.Currency))+", which ISO 4217 does not know. Correct it in the books."), false
	}
	switch {
	case i.Issued.IsZero() || i.Due.IsZero():
		return bad("date_missing", name+" has no invoice date or no due date. Fill it in in the books."), false
	case i.Open.Currency != i.Total.Currency:
		return bad("mixed_currency", name+" has a total in "+string(i.Total.Currency)+" and an open amount in "+string(i.Open.Currency)+"."), false
	case i.Due.Before(i.Issued):
		return bad("due_before_issue", name+" is due on "+i.Due.String()+", before its date "+i.Issued.String()+". Correct one of them in the books."), true
	case i.Kind == sdk.SalesInvoice && i.Total.Minor < 0:
		return bad("negative_total", name+" has a negative total of "+i.Total.String()+". Make it a credit note in the books."), true
	case i.Kind == sdk.SalesInvoice && i.Open.Minor > i.Total.Minor:
		return bad("open_above_total", name+" has more open ("+i.Open.String()+") than its total ("+i.Total.String()+")."), true
	case i.Number == "" && i.Status != sdk.Draft:
		return bad("number_missing", "An invoice of "+i.Issued.String()+" has no number."), true
	}
	return Problem{}, true
}
