package casework

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// voldaan is who acts when nobody asked.
const voldaan = "voldaan"

func addTask(ctx context.Context, tx store.Tx, kind string, subject, administration uuid.UUID, title, detail string, now time.Time) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(administration), Kind: kind, SubjectID: subject, Title: title, Detail: detail, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}

func finishTask(ctx context.Context, tx store.Tx, kind string, subject uuid.UUID, now time.Time, by string) error {
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: kind, SubjectID: subject, At: now, ByWhom: by}); err != nil {
		return fmt.Errorf("finish a task: %w", err)
	}
	return nil
}

func audit(ctx context.Context, tx store.Tx, at time.Time, actor, action string, id uuid.UUID) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: actor, Action: action, Subject: "case/" + id.String(), Detail: []byte("{}")}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
