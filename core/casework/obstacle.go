package casework

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
)

// obstacles say why a case does not go to a bailiff now, the gravest first, with
// the rule that says so and what to do about it.
var obstacles = []struct{ reason, rule, why string }{
	{string(receivable.LegalStop), "R97", "The law stops all pressure on this debtor. Lift the legal stop first, when it is over."},
	{string(receivable.Disputed), "R70", "The debtor disputes an invoice of this case. Decide the dispute first."},
	{string(receivable.CaseChanged), "R24", "The books changed an invoice of this case. Say first whether the case follows."},
	{string(receivable.OnPlan), "R75", "The debtor pays by instalments, or asked to. End the plan or decide the proposal first."},
	{string(receivable.Promised), "R67", "The debtor promised to pay, and the grace of the promise is not over."},
	{string(receivable.PaymentAsked), "R61", "The debtor says that it was paid. Find out first."},
	{string(receivable.PaymentOnItsWay), "R6", "A payment is under way. Wait for what becomes of it."},
	{string(receivable.DirectDebit), "R83", "It will be collected by direct debit. Wait for what becomes of that, or cancel the collection."},
	{string(receivable.PresumedPaid), "R25", "An invoice of this case is off the list of open invoices in the books, so it may be paid."},
	{string(receivable.CreditDue), "R39", "The debtor has credit that covers it. Apply that first."},
	{string(receivable.Replied), "R61", "The debtor wrote, and waits for an answer."},
	{unread, "R62", "The debtor wrote something that nobody has read. Read it first."},
	{string(receivable.Paused), "R64", "The case is paused."},
	{string(receivable.RemindersPaused), "R63", "Reminders are paused."},
}

// unread is a message of the debtor that nobody has read.
const unread = "unread"

// pauses keep a case from going on by itself; a person who hands it over has
// thought of them.
var pauses = []string{string(receivable.Paused), string(receivable.RemindersPaused)}

// held is the code of the fault that says what keeps a case here.
const held = "case_held"

// mayGo refuses to let a case leave while the debtor may not be pressed, or while
// something about the claim is not decided; automatic says that no person asked.
func (l *look) mayGo(automatic bool) error {
	scopes := []uuid.UUID{l.file.Case.DebtorID, l.file.Case.AdministrationID}
	for _, line := range l.state.Lines {
		scopes = append(scopes, line.Invoice)
	}
	rows, err := l.tx.HandoverObstacles(l.ctx, db.HandoverObstaclesParams{Scopes: scopes, At: l.now, Debtor: l.file.Case.DebtorID})
	if err != nil {
		return fmt.Errorf("look for what keeps the case here: %w", err)
	}
	for _, o := range obstacles {
		if !automatic && slices.Contains(pauses, o.reason) {
			continue
		}
		if slices.ContainsFunc(rows, func(r db.HandoverObstaclesRow) bool { return r.Reason == o.reason }) {
			return fault.New(fault.Conflict, held, "%s (%s)", o.why, o.rule)
		}
	}
	return nil
}
