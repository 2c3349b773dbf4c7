package marketplace

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// lookBack is how far back failures are counted.
const lookBack = 30 * 24 * time.Hour

// Health is how a connection does.
type Health struct {
	State, Reason string
	// Troubles are sentences about what the package does not do for the connection
	// any more although it works: it does not call us, or its access may end.
	Troubles []string
	// Runs are the latest syncs, the last first.
	Runs []db.ConnectionRunsRow
	// Failed of All syncs in the last 30 days.
	Failed, All int
	// NextTry is when a sync that failed is tried again, nil when none waits.
	NextTry *time.Time
	Books   []Book
	// Process is nil when the connector was not called from this hub yet. Other
	// processes of the installation have their own.
	Process *Process
}

// Book is how fresh an administration is.
type Book struct {
	ID   uuid.UUID
	Name string
	// Confirmed is when all of it was as the books said; nil before the first sync.
	Confirmed *time.Time
	// Within is how old it may be before reminders wait.
	Within time.Duration
	Fresh  bool
}

// Process is the state of the process that carries out a connector, for users:
// without what it printed, which may be about others.
type Process struct {
	State   supervisor.State
	Version string
	Crashes int
	Cause   string
	Until   time.Time // a start waits until then
}

const runsShown = 10

// Health returns how a connection does.
func (s *Service) Health(ctx context.Context, tenant, id uuid.UUID) (*Health, error) {
	out := &Health{}
	var row db.Connection
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if row, err = Connection(ctx, tx, id); err != nil {
			return err
		}
		now, err := tx.Now(ctx, s.Real)
		if err != nil {
			return err
		}
		return out.read(ctx, tx, row, now)
	}); err != nil {
		return nil, err
	}
	if s.Host != nil && row.State != "removed" {
		out.Process = s.process(ctx, tenant, row.Connector)
	}
	return out, nil
}

func (h *Health) read(ctx context.Context, tx store.Tx, row db.Connection, now time.Time) (err error) {
	h.State, h.Reason = row.State, row.StateReason
	if h.Runs, err = tx.ConnectionRuns(ctx, db.ConnectionRunsParams{Connection: row.ID, Most: runsShown}); err != nil {
		return fmt.Errorf("list syncs: %w", err)
	}
	n, err := tx.ConnectionFailures(ctx, db.ConnectionFailuresParams{Connection: row.ID, Since: now.Add(-lookBack)})
	if err != nil {
		return fmt.Errorf("count failures: %w", err)
	}
	h.Failed, h.All = int(n.Failed), int(n.Runs)
	if row.State == "connected" && len(h.Runs) > 0 {
		h.NextTry = h.Runs[0].SyncRun.NextTryAt
	}
	if err := h.troubles(ctx, tx, row); err != nil {
		return err
	}
	books, err := tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: row.ID, Valid: true})
	if err != nil {
		return fmt.Errorf("list administrations: %w", err)
	}
	for _, a := range books {
		h.Books = append(h.Books, Book{
			ID: a.ID, Name: a.Name, Confirmed: a.ConfirmedAt, Within: a.Freshness, Fresh: a.ConfirmedAt != nil && now.Sub(*a.ConfirmedAt) <= a.Freshness,
		})
	}
	return nil
}

func (h *Health) troubles(ctx context.Context, tx store.Tx, row db.Connection) error {
	if row.State == "removed" {
		return nil
	}
	if row.AccessProblem != "" && row.AccessProblem != row.StateReason {
		h.Troubles = append(h.Troubles, row.AccessProblem)
	}
	silent, err := tx.SubscriptionTroubles(ctx, uuid.NullUUID{UUID: row.ID, Valid: true})
	if err != nil {
		return fmt.Errorf("list subscriptions that fail: %w", err)
	}
	for _, s := range silent {
		h.Troubles = append(h.Troubles, fmt.Sprintf("Changes in %s are not told at once; the regular syncs find them. %s This is tried again by itself.", s.Books, s.Problem))
	}
	return nil
}

// process finds the process of the version that the tenant uses; that of a
// manifest is one for all.
func (s *Service) process(ctx context.Context, tenant uuid.UUID, connector string) *Process {
	p, err := s.Host.Package(ctx, connect.Connection{Tenant: tenant, Connector: connector})
	if err != nil {
		return nil
	}
	var found *Process
	for _, st := range s.Host.Supervisor().Status() {
		own := st.Connector == connector && st.Version == p.Manifest.Version
		if !own && (p.Manifest.Program != "" || st.Version != "") {
			continue
		}
		found = &Process{State: st.State, Version: p.Manifest.Version, Crashes: st.Crashes, Cause: st.Cause, Until: st.Until}
	}
	return found
}
