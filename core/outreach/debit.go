package outreach

import (
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Debit is a direct debit that a message announces or reports.
type Debit struct {
	Amount     money.Amount
	On         date.Date // of the collection, or on which it failed or was taken back
	CreditorID string
	Mandate    string // its reference, as the debtor's bank shows it
	Account    string // last four characters of the account; optional
}

// checkDebit refuses an announcement that lacks what the scheme asks for: amount,
// day, creditor id and reference of the mandate (R84).
func (c Content) checkDebit() error {
	switch c.Step {
	case DebitNotice, DebitRetry:
		d := c.Debit
		if d == nil || !d.Amount.Positive() || d.On.IsZero() || d.CreditorID == "" || d.Mandate == "" {
			return fault.New(fault.Invalid, "message_invalid", "A direct debit is announced with its amount, day, creditor id and the reference of the mandate (R84). Fill in the creditor id under settings.")
		}
	case DebitFailed, DebitReversed:
		if c.Debit == nil || !c.Debit.Amount.Positive() || c.Debit.On.IsZero() {
			return fault.New(fault.Invalid, "message_invalid", "The message %s needs the direct debit it is about.", c.Step)
		}
	}
	return nil
}

// Debited is the amount of the direct debit.
func (v *view) Debited() string { return v.w.Amount(v.c.Debit.Amount) }

// DebitOn is its day.
func (v *view) DebitOn() string { return v.w.Date(v.c.Debit.On) }

// DebitMandate is the reference of the mandate that ended, or "".
func (v *view) DebitMandate() string {
	if v.c.Debit == nil {
		return ""
	}
	return v.c.Debit.Mandate
}

// debit are the facts of a collection.
func (v *view) debit() []Block {
	d := v.c.Debit
	rows := []Fact{{Label: v.w.Label("amount"), Value: v.Debited()}, {Label: v.w.Label("debit_on"), Value: v.DebitOn()}}
	if d.Account != "" {
		rows = append(rows, Fact{Label: v.w.Label("debit_account"), Value: "•••• " + d.Account})
	}
	for _, f := range []Fact{{Label: v.w.Label("debit_creditor"), Value: d.CreditorID}, {Label: v.w.Label("debit_mandate"), Value: d.Mandate}} {
		if f.Value != "" {
			rows = append(rows, f)
		}
	}
	return []Block{Facts{Title: v.w.Label("debit_title"), Rows: rows}}
}
