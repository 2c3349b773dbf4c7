package settings

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/sdk/date"
)

// RatesModel is GET /settings/rates?invoice=: what claims in another currency than
// the law's are converted by. It posts base, quote, units, on, source and invoice
// to the same address, and file to /settings/rates/file.
type RatesModel struct {
	Frame   component.Frame
	Look    bool
	Error   string // why the form was refused
	Waiting []RateWait
	// Invoice is whose own rate is given, nil for a rate of all.
	Invoice                        *RateWait
	Base, Quote, Units, On, Source component.TextInput
	FileError                      string
	Rates                          []Rate // the newest first
}

// RateWait is an invoice that needs a rate.
type RateWait struct{ ID, Number, Currency, Law string }

// Rate is a reference rate.
type Rate struct {
	On         date.Date
	Text       string // "EUR 1 = USD 1.0835"
	Source, By string
}
