package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Task is work that waits for a person. It ends when what it asks for is done.
type Task struct {
	ID             uuid.UUID  `json:"id" format:"uuid"`
	Kind           string     `json:"kind" example:"plan_proposed"`
	About          uuid.UUID  `json:"about" format:"uuid" doc:"What it is about: the plan, dispute, case, invoice or debtor that the kind is of"`
	Administration *uuid.UUID `json:"administration,omitempty" format:"uuid"`
	Title          string     `json:"title"`
	Detail         string     `json:"detail"`
	CreatedAt      time.Time  `json:"created_at"`
}

type taskQuery struct {
	Paged
	Kind string `query:"kind" maxLength:"40" doc:"Of this kind only"`
}

type taskList struct {
	Body struct {
		Items      []Task `json:"items"`
		NextCursor string `json:"next_cursor,omitempty"`
	}
}

func (h *hub) tasks() {
	register(h, operation{id: "list-tasks", method: http.MethodGet, path: "/tasks", tag: "Tasks", scope: tenant.Read, summary: "List the work that waits for a person, the newest first",
		description: "The events task.created and task.done tell of changes."}, h.listTasks)
}

func (h *hub) listTasks(ctx context.Context, who actor, in *taskQuery) (*taskList, error) {
	out := &taskList{}
	out.Body.Items = []Task{}
	var from struct {
		At time.Time
		ID uuid.UUID
	}
	q := db.TasksPageParams{Kind: in.Kind, Most: int32(in.Limit) + 1}
	if some, err := in.unseal(&from); err != nil {
		return nil, err
	} else if some {
		q.BeforeAt, q.BeforeID = &from.At, from.ID
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.TasksPage(ctx, q)
		if err != nil {
			return fmt.Errorf("list tasks: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			from.At, from.ID = rows[in.Limit-1].CreatedAt, rows[in.Limit-1].ID
			out.Body.NextCursor = seal(from)
		}
		for _, r := range rows {
			one := Task{ID: r.ID, Kind: r.Kind, About: r.SubjectID, Title: r.Title, Detail: r.Detail, CreatedAt: r.CreatedAt.UTC()}
			if r.AdministrationID.Valid {
				one.Administration = &r.AdministrationID.UUID
			}
			out.Body.Items = append(out.Body.Items, one)
		}
		return nil
	})
}
