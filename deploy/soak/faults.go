package main

import (
	"sync"
)

// trouble is something that goes wrong at a boundary of the hub.
type trouble string

// The faults, with where they strike.
const (
	lineLost trouble = "database: a statement never reached it"
	lineDeaf trouble = "database: a commit whose answer was lost"

	mailBusy  trouble = "mail: refused for now (451)"
	mailLost  trouble = "mail: hung up before it kept the message"
	mailKept  trouble = "mail: kept the message and hung up"
	mailDead  trouble = "mail: no such address (550)"
	mailMute  trouble = "mail: its delivery log was out of reach"
	booksDown trouble = "books: out of reach"
	booksLong trouble = "books: out of reach for hours"

	tillDown  trouble = "provider: out of reach"
	hookLost  trouble = "provider: a webhook that never came"
	hookLate  trouble = "provider: a webhook hours late"
	hookTwice trouble = "provider: a webhook that came twice"

	carrierDown trouble = "carrier: out of reach"
	carrierLost trouble = "carrier: took nothing and said nothing"
	carrierKept trouble = "carrier: took it and said nothing"
	carrierNo   trouble = "carrier: refused the message"
	carrierBad  trouble = "carrier: could not deliver it"

	bankNameless trouble = "bank: a line that names nothing"

	debitPoor    trouble = "debit: insufficient funds (AM04)"
	debitClosed  trouble = "debit: account closed (AC04)"
	debitRefused trouble = "debit: refused by the debtor (MS02)"
	debitBack    trouble = "debit: taken back after it was paid (MD06)"
	mandateGone  trouble = "debit: mandate withdrawn at the bank"
	checkoutBack trouble = "provider: a payment charged back"
	officeDown   trouble = "bailiff: out of reach"
	officeAnswer trouble = "bailiff: took the case and said nothing"
	agencyDown   trouble = "agency: out of reach"
	agencyLost   trouble = "agency: charged a report and said nothing"
)

// remedies are what the hub makes of each fault.
var remedies = []struct {
	trouble trouble
	what    string
}{
	{lineLost, "done again"},
	{lineDeaf, "done again, without doing it twice"},
	{mailBusy, "sent later"},
	{mailLost, "looked up, and sent again once"},
	{mailKept, "looked up, and not sent again"},
	{mailDead, "address blocked, another channel"},
	{mailMute, "asked again, or a person asked"},
	{booksDown, "waited; nobody was reminded meanwhile"},
	{booksLong, "waited; nobody was reminded meanwhile"},
	{tillDown, "waited, or another way offered"},
	{hookLost, "found by asking"},
	{hookLate, "found by asking, then ignored"},
	{hookTwice, "booked once"},
	{carrierDown, "tried again"},
	{carrierLost, "looked up, and handed over again once"},
	{carrierKept, "looked up, and not handed over again"},
	{carrierNo, "task, and another channel"},
	{carrierBad, "address blocked, or tried again"},
	{bankNameless, "a person said whose it was"},
	{debitPoor, "a second attempt on a better day"},
	{debitClosed, "mandate stopped, to be transferred"},
	{debitRefused, "a person asked why"},
	{debitBack, "open again, mandate stopped"},
	{mandateGone, "what was queued was cancelled"},
	{checkoutBack, "open again"},
	{officeDown, "tried again"},
	{officeAnswer, "asked again, taken once"},
	{agencyDown, "nothing asked; a person may ask again"},
	{agencyLost, "not asked again; a person looks whether it was charged"},
}

// faults counts what went wrong.
type faults struct {
	mu    sync.Mutex
	fired map[trouble]int
}

func newFaults() *faults { return &faults{fired: map[trouble]int{}} }

func (f *faults) fire(kind trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fired[kind]++
}

// luck reports whether something goes wrong, once in so many, and counts it.
func (y *year) luck(kind trouble, name string, one int) bool {
	if !y.Faults || dice(y.seed, name).IntN(max(2, one/max(1, y.Rough))) != 0 {
		return false
	}
	y.faults.fire(kind)
	return true
}
