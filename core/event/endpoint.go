package event

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Sealer keeps secrets of endpoints.
type Sealer interface {
	Seal(plain []byte, purpose string) ([]byte, error)
	Open(sealed []byte, purpose string) ([]byte, error)
}

// Endpoints are the addresses of organisations that events are sent to.
type Endpoints struct {
	Store  *store.Store
	Sealer Sealer
	Real   clock.Clock
	// Plain permits http and addresses of this machine, for demos.
	Plain bool
}

// Wish is what somebody asks of an endpoint.
type Wish struct {
	Name string
	URL  string
	// Types are "thing.verb" or "thing.*"; none asks for all.
	Types []string
}

const (
	mostEndpoints = 20
	// Both secrets sign for this long after a rotation.
	rotation = 24 * time.Hour
	// A replay goes back no further.
	furthest = 30 * 24 * time.Hour
)

func (w *Wish) tidy() {
	w.Name, w.URL = strings.TrimSpace(w.Name), strings.TrimSpace(w.URL)
	slices.Sort(w.Types)
	w.Types = slices.Compact(w.Types)
	if w.Types == nil {
		w.Types = []string{}
	}
}

func (e *Endpoints) check(w Wish) error {
	invalid := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "webhook_invalid", format, args...)
	}
	u, err := url.Parse(w.URL)
	switch {
	case w.Name == "" || len(w.Name) > 80:
		return invalid("Give the address a name of at most 80 characters.")
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || len(w.URL) > 500:
		return invalid("This is not a web address that events can be sent to.")
	case u.Scheme != "https" && !(e.Plain && u.Scheme == "http"):
		return invalid("Events are sent over https only. Use an address that begins with https://.")
	}
	// A name is looked at when it is called, see broker.Egress.
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !broker.Public(a) && !(e.Plain && a.IsLoopback()) || !e.Plain && isLocal(u.Hostname()) {
		return invalid("This address is not on the public internet.")
	}
	for _, t := range w.Types {
		if !valid(t) {
			return invalid("There are no events of type %q. The list is with the operation list-event-types.", t)
		}
	}
	return nil
}

func isLocal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal")
}

func purpose(tenant, id uuid.UUID) string {
	return "webhook/" + tenant.String() + "/" + id.String()
}

// Add makes an endpoint. The secret is shown now and never again.
func (e *Endpoints) Add(ctx context.Context, tx store.Tx, w Wish, by string) (id uuid.UUID, secret string, err error) {
	w.tidy()
	if err := e.check(w); err != nil {
		return id, "", err
	}
	all, err := tx.Webhooks(ctx)
	if err != nil {
		return id, "", fmt.Errorf("list endpoints: %w", err)
	}
	if len(all) >= mostEndpoints {
		return id, "", fault.New(fault.Conflict, "too_many_webhooks", "There are %d addresses already. Remove one first.", mostEndpoints)
	}
	id, secret = uuid.New(), newSecret()
	sealed, err := e.Sealer.Seal([]byte(secret), purpose(tx.Tenant, id))
	if err != nil {
		return id, "", err
	}
	if err := tx.AddWebhook(ctx, db.AddWebhookParams{
		ID: id, TenantID: tx.Tenant, Url: w.URL, Name: w.Name, Types: w.Types, SealedSecret: sealed, CreatedBy: by, CreatedAt: e.Real.Now(),
	}); err != nil {
		return id, "", fmt.Errorf("add the endpoint: %w", err)
	}
	return id, secret, e.note(ctx, tx, by, "webhook.added", id)
}

// Change sets what an endpoint gets and where. Active false stops deliveries,
// and true begins them again: what waited goes out, and what happened in between
// is replayed when asked.
func (e *Endpoints) Change(ctx context.Context, tx store.Tx, id uuid.UUID, w Wish, active bool, by string) error {
	w.tidy()
	if err := e.check(w); err != nil {
		return err
	}
	row, err := tx.LockWebhook(ctx, id)
	if err != nil {
		return fmt.Errorf("find the endpoint: %w", err)
	}
	row.Url, row.Name, row.Types = w.URL, w.Name, w.Types
	now := e.Real.Now()
	switch {
	case active && row.State != "active":
		row.State, row.Why, row.FailingSince, row.DisabledAt = "active", "", nil, nil
		if err := finishTask(ctx, tx, id, now, by); err != nil {
			return err
		}
	case !active && row.State == "active":
		row.State, row.Why, row.DisabledAt = "disabled", "Switched off by a person.", &now
	}
	if err := put(ctx, tx, row); err != nil {
		return err
	}
	return e.note(ctx, tx, by, "webhook.changed", id)
}

// Remove ends an endpoint for good.
func (e *Endpoints) Remove(ctx context.Context, tx store.Tx, id uuid.UUID, by string) error {
	row, err := tx.LockWebhook(ctx, id)
	if err != nil {
		return fmt.Errorf("find the endpoint: %w", err)
	}
	now := e.Real.Now()
	row.State, row.DisabledAt, row.SealedPrevious, row.PreviousUntil = "removed", &now, nil, nil
	if err := put(ctx, tx, row); err != nil {
		return err
	}
	if err := tx.DropDeliveries(ctx, db.DropDeliveriesParams{EndpointID: id, EndedAt: &now}); err != nil {
		return fmt.Errorf("drop what waited: %w", err)
	}
	if err := finishTask(ctx, tx, id, now, by); err != nil {
		return err
	}
	return e.note(ctx, tx, by, "webhook.removed", id)
}

// Rotate gives an endpoint a new secret. The old one signs too for a day.
func (e *Endpoints) Rotate(ctx context.Context, tx store.Tx, id uuid.UUID, by string) (secret string, err error) {
	row, err := tx.LockWebhook(ctx, id)
	if err != nil {
		return "", fmt.Errorf("find the endpoint: %w", err)
	}
	secret = newSecret()
	until := e.Real.Now().Add(rotation)
	row.SealedPrevious, row.PreviousUntil = row.SealedSecret, &until
	if row.SealedSecret, err = e.Sealer.Seal([]byte(secret), purpose(tx.Tenant, id)); err != nil {
		return "", err
	}
	if err := put(ctx, tx, row); err != nil {
		return "", err
	}
	return secret, e.note(ctx, tx, by, "webhook.rotated", id)
}

// Try sends an event of type Test to one endpoint.
func (e *Endpoints) Try(ctx context.Context, tx store.Tx, id uuid.UUID, by string) error {
	row, err := tx.Webhook(ctx, id)
	if err != nil {
		return fmt.Errorf("find the endpoint: %w", err)
	}
	if row.State != "active" {
		return errOff
	}
	now, err := tx.Now(ctx, e.Real)
	if err != nil {
		return err
	}
	if err := tx.EmitEvent(ctx, db.EmitEventParams{Tenant: tx.Tenant, Type: Test, SubjectKind: "webhook", SubjectID: id, At: now}); err != nil {
		return fmt.Errorf("make the test event: %w", err)
	}
	return e.note(ctx, tx, by, "webhook.tested", id)
}

var errOff = fault.New(fault.Conflict, "webhook_off", "This address is switched off. Switch it on first.")

// Replay sends again what an endpoint asks for and what was recorded since a
// moment of the machine's clock, or one event when key names it. It reports how
// many it queued.
func (e *Endpoints) Replay(ctx context.Context, tx store.Tx, id uuid.UUID, since time.Time, key, by string) (n int64, err error) {
	row, err := tx.LockWebhook(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("find the endpoint: %w", err)
	}
	now := e.Real.Now()
	switch {
	case row.State != "active":
		return 0, errOff
	case key != "":
		if n, err = tx.ReplayEvent(ctx, db.ReplayEventParams{Endpoint: id, Moment: now, Key: key}); err == nil && n == 0 {
			return 0, fault.New(fault.NotFound, "no_event", "There is no event with this id.")
		}
	case since.IsZero() || since.After(now) || now.Sub(since) > furthest:
		return 0, fault.New(fault.Invalid, "replay_moment", "Name an event, or a moment within the last 30 days.")
	default:
		n, err = tx.ReplayEvents(ctx, db.ReplayEventsParams{Endpoint: id, Moment: now, Since: since})
	}
	if err != nil {
		return 0, fmt.Errorf("queue a replay: %w", err)
	}
	return n, e.note(ctx, tx, by, "webhook.replayed", id)
}

func put(ctx context.Context, tx store.Tx, w db.WebhookEndpoint) error {
	if err := tx.SetWebhook(ctx, db.SetWebhookParams{
		ID: w.ID, Url: w.Url, Name: w.Name, Types: w.Types, State: w.State, Why: w.Why, SealedSecret: w.SealedSecret, SealedPrevious: w.SealedPrevious,
		PreviousUntil: w.PreviousUntil, FailingSince: w.FailingSince, DisabledAt: w.DisabledAt,
	}); err != nil {
		return fmt.Errorf("keep the endpoint: %w", err)
	}
	return nil
}

func (e *Endpoints) note(ctx context.Context, tx store.Tx, by, action string, id uuid.UUID) error {
	now, err := tx.Now(ctx, e.Real)
	if err != nil {
		return err
	}
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: by, Action: action, Subject: "webhook/" + id.String(), Detail: []byte("{}")}); err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// taskKind asks a person to look at an endpoint that was switched off.
const taskKind = "webhook_disabled"

func finishTask(ctx context.Context, tx store.Tx, id uuid.UUID, at time.Time, by string) error {
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: taskKind, SubjectID: id, At: at, ByWhom: by}); err != nil {
		return fmt.Errorf("finish the task of endpoint %s: %w", id, err)
	}
	return nil
}
