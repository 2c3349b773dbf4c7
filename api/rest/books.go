package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Administration is a set of books that is read.
type Administration struct {
	ID         uuid.UUID  `json:"id" format:"uuid"`
	Connection *uuid.UUID `json:"connection,omitempty" format:"uuid"`
	ExternalID string     `json:"external_id"`
	Name       string     `json:"name"`
	Country    string     `json:"country"`
	Currency   string     `json:"currency"`
	TimeZone   string     `json:"time_zone"`
	GoLiveOn   *string    `json:"go_live_on,omitempty" format:"date" doc:"Nothing is sent before this day, nor without one"`
	Confirmed  *time.Time `json:"confirmed_at,omitempty" doc:"All of it was so at this moment"`
}

// SyncRun is one reading of an administration.
type SyncRun struct {
	ID             uuid.UUID  `json:"id" format:"uuid"`
	Administration uuid.UUID  `json:"administration" format:"uuid"`
	State          string     `json:"state" enum:"running,done,failed,waiting"`
	Full           bool       `json:"full" doc:"Everything was read, not only what changed"`
	StartedAt      time.Time  `json:"started_at"`
	FinishedAt     *time.Time `json:"finished_at,omitempty"`
	Expected       int        `json:"expected" doc:"How many records the package said there are, 0 when it did not"`
	Read           int        `json:"read"`
	Added          int        `json:"added"`
	Changed        int        `json:"changed"`
	Gone           int        `json:"gone"`
	Held           int        `json:"held" doc:"Records that could not be taken as they are"`
	Problem        string     `json:"problem,omitempty"`
	NextTryAt      *time.Time `json:"next_try_at,omitempty"`
}

type administrationList struct {
	Body struct {
		Items []Administration `json:"items"`
	}
}

type syncRunList struct {
	Body struct {
		Items []SyncRun `json:"items"`
	}
}

func (h *hub) books() {
	register(h, operation{id: "list-administrations", method: http.MethodGet, path: "/administrations", tag: "Books", scope: tenant.Read, summary: "List administrations"}, h.listAdministrations)
	register(h, operation{id: "sync-administration", method: http.MethodPost, path: "/administrations/{id}/sync", tag: "Books", scope: tenant.Write, status: http.StatusAccepted, summary: "Read an administration now",
		description: "Follow it with list-sync-runs.", errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable}}, h.syncAdministration)
	register(h, operation{id: "list-sync-runs", method: http.MethodGet, path: "/sync-runs", tag: "Books", scope: tenant.Read, summary: "List the latest readings"}, h.listSyncRuns)
}

func (h *hub) listAdministrations(ctx context.Context, who actor, _ *struct{}) (*administrationList, error) {
	out := &administrationList{}
	out.Body.Items = []Administration{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.Administrations(ctx)
		for _, a := range rows {
			out.Body.Items = append(out.Body.Items, Administration{
				ID: a.ID, Connection: optional(a.ConnectionID), ExternalID: a.ExternalID, Name: a.Name, Country: a.Country, Currency: string(a.Currency), TimeZone: a.TimeZone,
				GoLiveOn: day(a.GoLiveOn), Confirmed: moment(a.ConfirmedAt),
			})
		}
		return err
	})
}

type syncAdministration struct {
	ByID
	Repeatable
}

func (h *hub) syncAdministration(ctx context.Context, who actor, in *syncAdministration) (*struct{}, error) {
	if err := h.read(ctx, who, func(tx store.Tx) error {
		a, err := tx.Administration(ctx, in.ID)
		if err == nil && !a.ConnectionID.Valid {
			err = fault.New(fault.Conflict, "no_connection", "This administration has no connection to read from.")
		}
		return err
	}); err != nil {
		return nil, err
	}
	if err := h.SyncNow(ctx, who.tenant, in.ID); err != nil {
		return nil, fmt.Errorf("ask for a sync: %w", err)
	}
	return nil, nil
}

type listSyncRuns struct {
	Administration uuid.UUID `query:"administration" format:"uuid"`
	Limit          int       `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (h *hub) listSyncRuns(ctx context.Context, who actor, in *listSyncRuns) (*syncRunList, error) {
	out := &syncRunList{}
	out.Body.Items = []SyncRun{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.RecentSyncRuns(ctx, db.RecentSyncRunsParams{Administration: uuid.NullUUID{UUID: in.Administration, Valid: in.Administration != uuid.Nil}, Most: int32(in.Limit)})
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, syncRunOf(r))
		}
		return err
	})
}

func syncRunOf(r db.SyncRun) SyncRun {
	return SyncRun{
		ID: r.ID, Administration: r.AdministrationID, State: r.State, Full: r.FullLoad, StartedAt: r.StartedAt.UTC(), FinishedAt: moment(r.FinishedAt), Expected: int(r.Expected), Read: int(r.Read),
		Added: int(r.Added), Changed: int(r.Changed), Gone: int(r.Gone), Held: int(r.Held), Problem: r.Problem, NextTryAt: moment(r.NextTryAt),
	}
}
