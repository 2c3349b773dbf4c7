package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

var taskTitles = map[string]string{
	"document_missing": "The PDF of invoice %s is missing", "small_difference": "A small difference remains on invoice %s",
	"unread_message": "The debtor of invoice %s wrote; read it", "apply_credit": "Credit covers invoice %s; apply it",
	"no_address": "Call the debtor of invoice %s: no address reaches them", "uncertain": "Find out whether a message about invoice %s arrived",
	UnfitFile:     "Invoice %s did not go over Peppol: its electronic file is not right",
	rateMissing:   "Give the exchange rate of invoice %s",
	"not_written": "A message about invoice %s could not be written", "approval": "A step of invoice %s waits for your approval", "provisional_figure": "A message about invoice %s states a figure to approve",
}

func taskTitle(kind, number string) string {
	if format, ok := taskTitles[kind]; ok {
		return fmt.Sprintf(format, number)
	}
	return "Look at invoice " + number
}

// Alerts about the sources of an administration: one of each, however many of its
// reminders wait for them (R5).
const (
	staleBooks = "stale_books"
	staleBank  = "stale_bank"
)

var alertTitles = map[string]string{
	staleBooks: "The books of %s are not up to date; its reminders wait",
	staleBank:  "The bank statements of %s are not up to date; its reminders wait",
}

// addVerdictTask asks a person for what the gate asks for about an invoice, or
// about its administration.
func addVerdictTask(ctx context.Context, tx store.Tx, l *ledger, it *item, v policy.Verdict, now time.Time) error {
	if title, ok := alertTitles[v.Task]; ok {
		return addTask(ctx, tx, l, v.Task, l.adm.ID, fmt.Sprintf(title, l.adm.Name), v.Why, now)
	}
	return addTask(ctx, tx, l, v.Task, it.invoice.ID, taskTitle(v.Task, it.invoice.Number), v.Why, now)
}

// addTask asks a person for something, once until it is done.
func addTask(ctx context.Context, tx store.Tx, l *ledger, kind string, subject uuid.UUID, title, detail string, now time.Time) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(l.adm.ID), Kind: kind, SubjectID: subject, Title: title, Detail: detail, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}
