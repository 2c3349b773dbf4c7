package sepa

// Code is the reason of a bank, by ISO 20022.
type Code string

// The codes that decide something of their own.
const (
	WrongAccount   Code = "AC01"
	AccountClosed  Code = "AC04"
	AccountBlocked Code = "AC06"
	ConsumerOnly   Code = "AC13" // a B2B debit on a consumer's account
	NotAllowed     Code = "AG01"
	NoFunds        Code = "AM04"
	Duplicate      Code = "AM05"
	CreditorID     Code = "BE05"
	NoCreditorBank Code = "CNOR"
	NoDebtorBank   Code = "DNOR"
	BadFile        Code = "FF01"
	NoMandate      Code = "MD01"
	Refunded       Code = "MD06"
	Deceased       Code = "MD07"
	Refused        Code = "MS02"
	Unspecified    Code = "MS03"
	WrongBank      Code = "RC01"
	DebtorsList    Code = "SL01"
)

// Refusal is a collection that did not stand.
type Refusal struct {
	Code Code
	// Settled says that the money had been received and was taken back.
	Settled bool
	// Attempt is 1 for the first try.
	Attempt int
}

// Reaction is what follows from a refusal. The invoice is open again in every
// case; what differs is what becomes of it and of the mandate.
type Reaction struct {
	Rule string
	// Retry collects once more on a better day; reminders wait for it.
	Retry bool
	// Suspend stops the mandate: nothing is collected by it until a person or a
	// new mandate says so.
	Suspend bool
	// LegalStop ends all pressure on the debtor.
	LegalStop bool
	// Ask puts a question before a person, and the invoice waits for the answer.
	Ask bool
	// Tell writes to the debtor that the amount is to be transferred.
	Tell bool
	// Task is the kind of the task for a person, "" for none.
	Task string
	// Why says it in words.
	Why string
}

// React decides about a refusal (R85 to R88).
func React(r Refusal, rule RetryRule) Reaction {
	switch r.Code {
	case NoFunds:
		if rule.On && r.Attempt < MaxAttempts {
			return Reaction{Rule: "R85", Retry: true, Why: "There was not enough money on the account; it is tried once more on a better day."}
		}
		return Reaction{Rule: "R85", Tell: true, Why: "There was not enough money on the account, and it is not tried again."}
	case Deceased:
		return Reaction{Rule: "R86", Suspend: true, LegalStop: true, Task: "legal_stop", Why: "The bank says that the debtor has died. Everything stops until a person has looked at it."}
	case WrongAccount, AccountClosed, AccountBlocked, NotAllowed, WrongBank, NoDebtorBank, ConsumerOnly:
		return Reaction{Rule: "R86", Suspend: true, Tell: true, Why: "The account cannot be debited any more; a new mandate is needed."}
	case NoMandate:
		return Reaction{Rule: "R86", Suspend: true, Tell: true, Task: "debit_unauthorised", Why: "The bank knows of no mandate; nothing is collected before a person has looked at it."}
	case Refunded:
		return Reaction{Rule: "R87", Suspend: true, Tell: true, Task: "debit_refunded", Why: "The debtor had the amount refunded."}
	case Refused:
		return Reaction{Rule: "R88", Ask: true, Task: "debit_refused", Why: "The debtor refused the debit. Is it a dispute?"}
	case DebtorsList:
		return Reaction{Rule: "R88", Suspend: true, Ask: true, Task: "debit_refused", Why: "The debtor blocked debits by this creditor. Is it a dispute?"}
	case CreditorID, BadFile, NoCreditorBank:
		return Reaction{Rule: "R86", Suspend: true, Tell: true, Task: "debit_fault", Why: "The bank refuses our details, which is not the debtor's doing. Correct them before the next collection."}
	default: // MS03, AM05 and what a bank may yet invent
		return Reaction{Rule: "R88", Tell: true, Task: "debit_unexplained", Why: "The bank gave no reason, so it is not tried again by itself."}
	}
}
