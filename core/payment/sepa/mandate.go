package sepa

import "github.com/voldaan/voldaan/sdk/date"

// State is where a mandate stands.
type State string

// The states of a mandate. Only a Valid one is collected by.
const (
	Pending   State = "pending"   // the first payment is under way
	Valid     State = "valid"     //
	Suspended State = "suspended" // a bank refused; a person decides
	Revoked   State = "revoked"   // by the debtor, the creditor or the provider
	NotGiven  State = "not_given" // the first payment came to nothing (R92)
	Expired   State = "expired"   // not used for 36 months
)

// Ended reports whether the state is for good.
func (s State) Ended() bool { return s == Revoked || s == NotGiven || s == Expired }

// FirstPayment is how the payment that gives a mandate ended.
type FirstPayment struct {
	Paid, Final bool
	// Confirmed says that the provider holds a valid mandate of it, Gone that it
	// says there is none.
	Confirmed, Gone bool
}

// AfterFirst is the state of a mandate after its first payment (R92).
func AfterFirst(f FirstPayment) State {
	switch {
	case f.Paid && f.Confirmed:
		return Valid
	case f.Final && !f.Paid, f.Paid && f.Gone:
		return NotGiven
	}
	return Pending
}

// Usable reports whether a collection on a day may go by a mandate, or says why
// not.
func Usable(s State, signed, lastUsed, on date.Date) (why string, ok bool) {
	switch {
	case s == Valid && Lapsed(signed, lastUsed, on):
		return "The mandate was not used for 36 months and has lapsed.", false
	case s == Valid:
		return "", true
	case s == Pending:
		return "The first payment of the mandate is not through yet.", false
	case s == Suspended:
		return "The mandate is suspended.", false
	}
	return "There is no mandate.", false
}
