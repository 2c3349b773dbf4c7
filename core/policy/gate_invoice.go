package policy

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// bankDays is how many business days the last statement holds good (R5).
const bankDays = 1

// pendingDays is how many business days a payment may be under way (R6).
const pendingDays = 3

func unreadable(m Moment) (Verdict, bool) {
	if m.Problem == "" {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R7", Why: "The books sent something that could not be read: " + m.Problem}, true
}

// settled closes what is not owed. Only an invoice over nothing at all goes out
// all the same (R20).
func settled(m Moment) (Verdict, bool) {
	zero := !m.Claim.Total.Positive()
	switch {
	case m.Status == sdk.Void, m.Status == sdk.Uncollectible, m.Status == sdk.Paid:
		return Verdict{Outcome: Close, Rule: "R1", Why: fmt.Sprintf("The books say that this invoice is %s.", m.Status)}, true
	case m.Claim.Open().Positive() && !zero, zero && m.Step.ID == SendInvoice:
		return Verdict{}, false
	case m.Claim.Received.Positive():
		return Verdict{Outcome: Close, Rule: "R2", Why: fmt.Sprintf("A payment of %s arrived before this could be sent.", m.Claim.Received)}, true
	case zero:
		return Verdict{Outcome: Close, Rule: "R20", Why: "Nothing was ever owed on this invoice, so it is never reminded."}, true
	}
	return Verdict{Outcome: Close, Rule: "R1", Why: "Nothing is open on this invoice."}, true
}

func draft(m Moment) (Verdict, bool) {
	if m.Status != sdk.Draft {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R1", Why: "The books call this invoice a draft again; nothing is sent until it is final."}, true
}

func notLive(m Moment) (Verdict, bool) {
	switch {
	case m.GoLive.IsZero():
		return Verdict{Outcome: Wait, Rule: "R16", Why: "Nothing is sent before a go-live date is chosen for this administration."}, true
	case m.today().Before(m.GoLive):
		return Verdict{Outcome: Wait, Rule: "R16", Until: m.slot(m.Step, m.GoLive), Why: fmt.Sprintf("Nothing is sent before %s, when this administration goes live.", m.GoLive)}, true
	}
	return Verdict{}, false
}

func withdrawn(m Moment) (Verdict, bool) {
	if !m.Gone {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R25", Why: "The invoice is no longer on the books' list: it may have been paid. Nothing is sent until the books say more."}, true
}

func neverSent(m Moment) (Verdict, bool) {
	if !m.chases() || m.HasInvoice() {
		return Verdict{}, false
	}
	return Verdict{Outcome: Drop, Rule: "R17", Why: "The debtor never got the invoice; it goes first."}, true
}

func documentMissing(m Moment) (Verdict, bool) {
	if m.Step.ID != SendInvoice || m.HasDocument {
		return Verdict{}, false
	}
	tomorrow := m.slot(m.Step, m.today().AddDays(1))
	return Verdict{Outcome: Wait, Rule: "R19", Task: "document_missing", Until: tomorrow, Why: "Document missing: the books have no PDF of this invoice, so it cannot be sent. Add the PDF in the books; or, if you sent the invoice yourself, say here on which day."}, true
}

// noNotice keeps a case shut while the statutory notice is missing, void or
// still running (R93).
func noNotice(m Moment) (Verdict, bool) {
	if m.Step.From != FromNotice {
		return Verdict{}, false
	}
	first, why := m.nominal(Flow{}, m.Step)
	switch {
	case first.IsZero():
		return Verdict{Outcome: Wait, Rule: "R93", Why: why}, true
	case m.today().Before(first):
		return Verdict{Outcome: Move, Rule: "R93", Until: m.slot(m.Step, first), Why: fmt.Sprintf("The term of the statutory notice has to be over; costs are due from %s.", m.CostsFrom)}, true
	}
	return Verdict{}, false
}

func notDue(m Moment) (Verdict, bool) {
	if !m.Step.Demand || m.Demandable() {
		return Verdict{}, false
	}
	if m.Due.IsZero() {
		return Verdict{Outcome: Wait, Rule: "R12", Why: "The invoice has no due date, so it is never overdue."}, true
	}
	v := Verdict{Outcome: Move, Rule: "R12", Why: fmt.Sprintf("The invoice is overdue from %s.", m.Due.AddDays(1))}
	if m.Overdue() {
		v.Rule, v.Why = "R17", fmt.Sprintf("The invoice went out late; the debtor has until %s.", m.dueForSteps())
	}
	first := m.dueForSteps().AddDays(1)
	if nominal, _ := m.nominal(Flow{}, m.Step); !nominal.IsZero() {
		first = date.Later(first, nominal)
	}
	v.Until = m.slot(m.Step, first)
	return v, true
}

// notBefore keeps the distance to a payment or a changed due date (R22, R34).
func notBefore(m Moment) (Verdict, bool) {
	if !m.chases() || m.Step.ID == PaymentReversed || !m.today().Before(m.NotBefore) {
		return Verdict{}, false
	}
	return Verdict{Outcome: Move, Rule: m.NotBeforeRule, Until: m.slot(m.Step, m.NotBefore), Why: m.notBeforeText()}, true
}

func staleBooks(m Moment) (Verdict, bool) {
	old := m.Now.Sub(m.Confirmed)
	if !m.Step.Reminds() || !m.Confirmed.IsZero() && old <= m.Freshness {
		return Verdict{}, false
	}
	why := "The books have never been read; reminders wait until they are."
	if !m.Confirmed.IsZero() {
		why = fmt.Sprintf("The books were last read %s ago; reminders wait when that is more than %s.", age(old), age(m.Freshness))
	}
	return Verdict{Outcome: Wait, Rule: "R5", Task: "stale_books", Until: m.again(), Why: why}, true
}

func staleBank(m Moment) (Verdict, bool) {
	if !m.Step.Reminds() || m.BankConfirmed.IsZero() {
		return Verdict{}, false
	}
	day := date.Of(m.BankConfirmed.In(m.Zone))
	if !m.today().After(m.Days.Add(day, bankDays)) {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R5", Task: "stale_bank", Until: m.again(), Why: fmt.Sprintf("The last bank statement is of %s; reminders wait until a newer one is in.", day)}, true
}

// again is when a step that waits for fresh data looks once more, in case nobody
// says that they are in: the next morning.
func (m Moment) again() time.Time { return m.opening(m.Step, m.today().AddDays(1).In(m.Zone)) }

// smallRest waits for a person: the rest is neither reminded nor forgotten.
func smallRest(m Moment) (Verdict, bool) {
	open := m.Claim.Ask()
	if !m.chases() || open.Minor > m.Tolerance.Minor || open.Minor >= m.Claim.Total.Minor {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R4", Task: "small_difference", Why: fmt.Sprintf("The rest of %s is too small for a reminder.", open)}, true
}

func paymentUnderWay(m Moment) (Verdict, bool) {
	if !m.chases() || m.PaymentPending.IsZero() {
		return Verdict{}, false
	}
	until := m.pendingUntil(m.PaymentPending)
	if !m.Now.Before(until) {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R6", Until: until, Why: "The payment provider is processing a payment of this debtor."}, true
}

// pendingUntil is how long a payment that is under way since a moment holds.
func (m Moment) pendingUntil(since time.Time) time.Time {
	return m.Days.Add(date.Of(since.In(m.Zone)), pendingDays).At(taskHour, 0, m.Zone)
}

// covered waits while the debtor has enough to their credit for all that is
// overdue (R32, R33, R39).
func covered(m Moment) (Verdict, bool) {
	open := m.Claim.Ask()
	owed := max(open.Minor, m.DebtorOverdue.Minor)
	if !m.chases() || !m.Credit.Positive() || m.Credit.Currency != open.Currency || m.Credit.Minor < owed {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R33", Task: "apply_credit", Why: fmt.Sprintf("The debtor has %s to their credit, which covers all that is overdue.", m.Credit)}, true
}

// creditFirst opens no case while any credit is not applied, or any credit note is
// open, in whatever currency (R40).
func creditFirst(m Moment) (Verdict, bool) {
	v := Verdict{Outcome: Wait, Rule: "R40", Task: "apply_credit"}
	switch {
	case m.Step.ID != OpenCase:
		return Verdict{}, false
	case m.Credit.Positive() && m.Credit.Currency == m.Claim.Open().Currency:
		v.Why = fmt.Sprintf("The debtor has %s to their credit; a case waits until that is applied.", m.Credit)
	case m.OpenCreditNote:
		v.Why = "The debtor has a credit note that is not applied; a case waits until it is."
	default:
		return Verdict{}, false
	}
	return v, true
}
