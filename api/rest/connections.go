package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Connection is the access to a package.
type Connection struct {
	ID        uuid.UUID `json:"id" format:"uuid"`
	Connector string    `json:"connector" example:"moneybird"`
	Version   string    `json:"version" doc:"It was connected with; the one in use is mine.version of the connector"`
	Title     string    `json:"title"`
	State     string    `json:"state" enum:"new,connected,broken,paused,removed"`
	Reason    string    `json:"reason,omitempty" doc:"Why it does not work, or is paused"`
}

// ConnectionHealth is how a connection does.
type ConnectionHealth struct {
	State     string            `json:"state" enum:"new,connected,broken,paused,removed"`
	Reason    string            `json:"reason,omitempty"`
	Troubles  []string          `json:"troubles,omitempty" doc:"What the package does not do although the connection works, in words: it does not call, or its access may end"`
	Books     []BookFreshness   `json:"books"`
	Runs      []SyncRun         `json:"runs" doc:"The latest ones, the last first"`
	Failed    int               `json:"failed" doc:"Of the syncs in the last 30 days"`
	Total     int               `json:"total" doc:"Syncs in the last 30 days"`
	NextTryAt *time.Time        `json:"next_try_at,omitempty" doc:"When a sync that failed is tried again"`
	Process   *ConnectorProcess `json:"process,omitempty" doc:"Of this hub; absent when it did not call the connector yet"`
}

// BookFreshness is how fresh an administration is.
type BookFreshness struct {
	Administration uuid.UUID  `json:"administration" format:"uuid"`
	Name           string     `json:"name"`
	ConfirmedAt    *time.Time `json:"confirmed_at,omitempty"`
	Within         int        `json:"within_seconds" doc:"How old it may be before reminders wait"`
	Fresh          bool       `json:"fresh"`
}

// ConnectorProcess is the process that carries out a connector.
type ConnectorProcess struct {
	State   string     `json:"state" enum:"verified,starting,ready,draining,idle,backoff,quarantined"`
	Version string     `json:"version"`
	Crashes int        `json:"crashes" doc:"Lately"`
	Cause   string     `json:"cause,omitempty" doc:"Of the last crash"`
	Until   *time.Time `json:"until,omitempty" doc:"It is not started before then"`
}

// ConnectionEvent is something that was done to a connection or its connector.
type ConnectionEvent struct {
	At     time.Time `json:"at"`
	By     string    `json:"by" doc:"A member, a program as api:<name of its key>, or voldaan"`
	Action string    `json:"action" enum:"connection.connected,connection.reauthorised,connection.changed,connection.paused,connection.resumed,connection.removed,connector.installed,connector.uninstalled,connector.held,connector.released,connector.moved"`
	From   string    `json:"from,omitempty" doc:"The version before"`
	To     string    `json:"to,omitempty" doc:"The version after"`
	Why    string    `json:"why,omitempty"`
}

type connectionList struct {
	Body struct {
		Items []Connection `json:"items"`
	}
}

type oneConnection struct{ Body Connection }

type connectionHealth struct{ Body ConnectionHealth }

type connectionHistory struct {
	Body struct {
		Items      []ConnectionEvent `json:"items"`
		NextCursor string            `json:"next_cursor,omitempty"`
	}
}

type pauseConnection struct {
	ByID
	Repeatable
	Body struct {
		Why string `json:"why,omitempty" maxLength:"300" doc:"For people"`
	}
}

type removedConnection struct {
	Body struct {
		Left bool `json:"left" doc:"The package did not confirm that our access has ended there: take it back in the package too. Here it is destroyed."`
	}
}

type authorizeConnection struct {
	ByID
	Repeatable
	Body struct {
		Fields map[string]string `json:"fields,omitempty" doc:"The secret answers of the connection's form, for packages without a sign-in page"`
	}
}

type authorizedConnection struct {
	Body struct {
		Done bool   `json:"done" doc:"The new access works"`
		Page string `json:"page,omitempty" doc:"Where a person signs in again, when the package has a page of its own for that"`
	}
}

func (h *hub) connections() {
	const tag = "Connections"
	notFound, conflict := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "list-connections", method: http.MethodGet, path: "/connections", tag: tag, scope: tenant.Read, summary: "List connections"}, h.listConnections)
	register(h, operation{id: "get-connection", method: http.MethodGet, path: "/connections/{id}", tag: tag, scope: tenant.Read, summary: "Get a connection", errors: notFound}, h.getConnection)
	register(h, operation{id: "get-connection-health", method: http.MethodGet, path: "/connections/{id}/health", tag: tag, scope: tenant.Read, summary: "How a connection does", errors: notFound}, h.getConnectionHealth)
	register(h, operation{id: "list-connection-events", method: http.MethodGet, path: "/connections/{id}/history", tag: tag, scope: tenant.Read, summary: "What was done to a connection, by whom and when", errors: notFound}, h.listConnectionEvents)
	register(h, operation{id: "pause-connection", method: http.MethodPost, path: "/connections/{id}/pause", tag: tag, scope: tenant.Write, settings: true, summary: "Pause a connection",
		description: "Nothing is read or written, and reminders of its books wait.", errors: conflict}, h.pauseConnection)
	register(h, operation{id: "resume-connection", method: http.MethodPost, path: "/connections/{id}/resume", tag: tag, scope: tenant.Write, settings: true, summary: "Resume a connection", errors: conflict}, h.resumeConnection)
	register(h, operation{id: "authorize-connection", method: http.MethodPost, path: "/connections/{id}/authorize", tag: tag, scope: tenant.Write, settings: true, summary: "Give a connection new access",
		errors: append(conflict, http.StatusServiceUnavailable)}, h.authorizeConnection)
	register(h, operation{id: "remove-connection", method: http.MethodDelete, path: "/connections/{id}", tag: tag, scope: tenant.Write, settings: true, summary: "Remove a connection",
		description: "Our access is ended at the package and destroyed here. What was read stays; its reminders do not go on.", errors: conflict}, h.removeConnection)
}

func connectionOf(c db.Connection) Connection {
	return Connection{ID: c.ID, Connector: c.Connector, Version: c.Version, Title: c.Title, State: c.State, Reason: c.StateReason}
}

func (h *hub) listConnections(ctx context.Context, who actor, _ *struct{}) (*connectionList, error) {
	out := &connectionList{}
	out.Body.Items = []Connection{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.Connections(ctx)
		for _, c := range rows {
			out.Body.Items = append(out.Body.Items, connectionOf(c))
		}
		return err
	})
}

func (h *hub) connection(ctx context.Context, who actor, id uuid.UUID) (row db.Connection, err error) {
	return row, h.read(ctx, who, func(tx store.Tx) error {
		row, err = marketplace.Connection(ctx, tx, id)
		return err
	})
}

func (h *hub) getConnection(ctx context.Context, who actor, in *ByID) (*oneConnection, error) {
	row, err := h.connection(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	return &oneConnection{Body: connectionOf(row)}, nil
}

func (h *hub) getConnectionHealth(ctx context.Context, who actor, in *ByID) (*connectionHealth, error) {
	s, err := h.Market.Health(ctx, who.tenant, in.ID)
	if err != nil {
		return nil, err
	}
	out := &connectionHealth{Body: ConnectionHealth{
		State: s.State, Reason: s.Reason, Troubles: s.Troubles, Books: []BookFreshness{}, Runs: []SyncRun{}, Failed: s.Failed, Total: s.All, NextTryAt: moment(s.NextTry),
	}}
	for _, b := range s.Books {
		out.Body.Books = append(out.Body.Books, BookFreshness{Administration: b.ID, Name: b.Name, ConfirmedAt: moment(b.Confirmed), Within: int(b.Within.Seconds()), Fresh: b.Fresh})
	}
	for _, r := range s.Runs {
		out.Body.Runs = append(out.Body.Runs, syncRunOf(r.SyncRun))
	}
	if p := s.Process; p != nil {
		out.Body.Process = &ConnectorProcess{State: string(p.State), Version: p.Version, Crashes: p.Crashes, Cause: p.Cause, Until: moment(&p.Until)}
	}
	return out, nil
}

func (h *hub) listConnectionEvents(ctx context.Context, who actor, in *struct {
	ByID
	Paged
},
) (*connectionHistory, error) {
	var before int64
	if _, err := in.unseal(&before); err != nil {
		return nil, err
	}
	events, err := h.Market.Events(ctx, who.tenant, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &connectionHistory{}
	out.Body.Items = []ConnectionEvent{}
	if len(events) > in.Limit {
		events = events[:in.Limit]
		out.Body.NextCursor = seal(events[in.Limit-1].ID)
	}
	for _, e := range events {
		out.Body.Items = append(out.Body.Items, ConnectionEvent{At: e.At.UTC(), By: e.By, Action: e.Action, From: e.Detail["from"], To: e.Detail["to"], Why: e.Detail["why"]})
	}
	return out, nil
}

func (h *hub) pauseConnection(ctx context.Context, who actor, in *pauseConnection) (*oneConnection, error) {
	if err := h.Market.Pause(ctx, by(who), in.ID, in.Body.Why); err != nil {
		return nil, err
	}
	return h.getConnection(ctx, who, &in.ByID)
}

func (h *hub) resumeConnection(ctx context.Context, who actor, in *struct {
	ByID
	Repeatable
},
) (*oneConnection, error) {
	if err := h.Market.Resume(ctx, by(who), in.ID); err != nil {
		return nil, err
	}
	return h.getConnection(ctx, who, &in.ByID)
}

func (h *hub) removeConnection(ctx context.Context, who actor, in *ByID) (*removedConnection, error) {
	ended, err := h.Market.Remove(ctx, by(who), in.ID)
	if err != nil {
		return nil, err
	}
	out := &removedConnection{}
	out.Body.Left = ended.Left
	return out, nil
}

func (h *hub) authorizeConnection(ctx context.Context, who actor, in *authorizeConnection) (*authorizedConnection, error) {
	row, err := h.connection(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	if row.State == "removed" {
		return nil, fault.New(fault.Conflict, "connection_removed", "This connection was removed. Connect %s again.", row.Title)
	}
	p, err := h.Host.Package(ctx, connect.Connection{ID: row.ID, Tenant: who.tenant, Connector: row.Connector})
	if err != nil {
		return nil, err
	}
	out := &authorizedConnection{}
	if a, ok := p.Manifest.Method(row.Auth); ok && a.Type == manifest.OAuth2 {
		out.Body.Page = h.Public + "/connections/" + row.ID.String() + "#access"
		return out, nil
	}
	if err := h.Connections.Use(ctx, who.tenant, row.ID, in.Body.Fields); err != nil {
		return nil, err
	}
	out.Body.Done = true
	return out, h.Market.Note(ctx, by(who), row.ID, marketplace.Reauthorised)
}
