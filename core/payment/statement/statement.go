// Package statement reads bank statements (CAMT.053, .052 and .054, and MT940)
// into booked lines with signed amounts.
package statement

import (
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Statement is what a bank reports on one account for one period, or one page
// of it.
type Statement struct {
	Format string // "CAMT.053.001.02", "MT940"
	// IBAN of the account without spaces, or the bank's own account number where
	// the file gives no IBAN.
	IBAN     string
	Currency money.Currency
	ID       string
	Sequence string // electronic sequence number, or "statement/page" in MT940
	// Opening and Closing are the booked balances. They are unknown in
	// notifications (CAMT.054) and most intraday reports (CAMT.052).
	Opening, Closing Balance
	Lines            []Line
}

// Balance is the money on the account at a day; below zero is overdrawn.
type Balance struct {
	Amount money.Amount
	Date   date.Date
}

// Known reports whether the file gives the balance.
func (b Balance) Known() bool { return b.Amount.Currency != "" }

// Line is one booked movement of money. A batch of which the bank gives the
// parts is one line a part.
type Line struct {
	// ID is the same whenever the bank reports the movement again, also in
	// another statement when the bank gives it a reference of its own.
	ID          string
	ValueDate   date.Date
	BookingDate date.Date
	// Amount is positive for money that came in.
	Amount           money.Amount
	CounterpartyName string
	CounterpartyIBAN string
	// EndToEndID and MandateID are those of the payer's or our own instruction;
	// "NOTPROVIDED" and the like are left out.
	EndToEndID string
	MandateID  string
	// StructuredReference is a creditor reference in its own field: RF, OGM,
	// betalingskenmerk. Its check digits are not judged here.
	StructuredReference string
	// Text is what the payer wrote and what the bank added.
	Text string
	// BankReference is the bank's own of the booking.
	BankReference string
	// Reversal marks the correction of an earlier booking. Amount has the
	// direction of this booking, so a reversed credit is negative.
	Reversal bool
	// ReturnReason is the ISO 20022 code of a returned or refused payment (AM04,
	// MD06), or the bank's own where it gives no other.
	ReturnReason string
	// Doubt says, when not empty, why a person should look before the line is
	// matched to anything.
	Doubt string
}

// Verify checks that the opening balance and the lines make the closing
// balance. It returns a fault that names the difference; nothing of such a
// statement may be booked. A statement without both balances passes.
func (s Statement) Verify() error {
	if !s.Opening.Known() || !s.Closing.Known() {
		return nil
	}
	sum := s.Opening.Amount
	for _, l := range s.Lines {
		var err error
		if sum, err = sum.Add(l.Amount); err != nil {
			return fault.New(fault.Invalid, "statement_currencies",
				"Statement %s of %s mixes currencies (%s and %s), so its balances cannot be checked. Nothing of it was booked; ask the bank for a statement in the currency of the account.",
				s.name(), s.IBAN, s.Opening.Amount.Currency, l.Amount.Currency).Because(err)
		}
	}
	difference, err := s.Closing.Amount.Sub(sum)
	if err != nil {
		return fault.New(fault.Invalid, "statement_currencies",
			"Statement %s of %s opens in %s and closes in %s, so its balances cannot be checked. Nothing of it was booked; ask the bank for a statement in the currency of the account.",
			s.name(), s.IBAN, sum.Currency, s.Closing.Amount.Currency).Because(err)
	}
	if !difference.IsZero() {
		return fault.New(fault.Invalid, "statement_balance",
			"Statement %s of %s does not add up: it opens with %s and its %d lines lead to %s, but it closes with %s, a difference of %s. Nothing of it was booked; download the statement from the bank again.",
			s.name(), s.IBAN, s.Opening.Amount, len(s.Lines), sum, s.Closing.Amount, difference)
	}
	return nil
}

// Follows checks that s opens with what previous closed with. It returns a fault
// when statements between the two are missing. Unknown balances pass.
func (s Statement) Follows(previous Statement) error {
	if !previous.Closing.Known() || !s.Opening.Known() || previous.Closing.Amount == s.Opening.Amount {
		return nil
	}
	return fault.New(fault.Invalid, "statement_gap",
		"Statement %s of %s opens with %s, but the one before it (%s) closed with %s. A statement in between is missing; bring that one in first.",
		s.name(), s.IBAN, s.Opening.Amount, previous.name(), previous.Closing.Amount)
}

// Key identifies the statement, so that the same one brought in twice is
// recognised. Some banks number nothing, so the balances take part.
func (s Statement) Key() string {
	return key(s.IBAN, s.ID, s.Sequence, s.Opening.Date.String(), s.Opening.Amount.String(),
		s.Closing.Date.String(), s.Closing.Amount.String())
}

func (s Statement) name() string {
	if s.ID == "" {
		return s.Sequence
	}
	if s.Sequence == "" || s.Sequence == s.ID {
		return s.ID
	}
	return s.ID + " (" + s.Sequence + ")"
}
