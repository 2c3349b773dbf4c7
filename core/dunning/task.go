package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

var taskTitles = map[string]string{
	"document_missing": "The PDF of invoice %s is missing", "stale_books": "The books are not up to date for invoice %s",
	"stale_bank": "The bank statements are not up to date for invoice %s", "small_difference": "A small difference remains on invoice %s",
	"unread_message": "The debtor of invoice %s wrote; read it", "apply_credit": "Credit covers invoice %s; apply it",
	"no_address": "No address to reach the debtor of invoice %s", "uncertain": "Find out whether a message about invoice %s arrived",
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

// addTask asks a person for something, once until it is done.
func addTask(ctx context.Context, tx store.Tx, l *ledger, kind string, subject uuid.UUID, title, detail string, now time.Time) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(l.adm.ID), Kind: kind, SubjectID: subject, Title: title, Detail: detail, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}
