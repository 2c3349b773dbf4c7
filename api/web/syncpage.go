package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// heldShown is how many held records a report lists.
const heldShown = 20

func (v *visit) sync() error {
	m, err := v.syncModel()
	if err != nil {
		return err
	}
	return v.show(market.Sync(m))
}

func (v *visit) syncStatus() error {
	m, err := v.syncModel()
	if err != nil {
		return err
	}
	return v.show(market.SyncStatus(m))
}

// syncModel is the sync of a connection that matters most now: one that runs,
// else one that failed, else the last.
func (v *visit) syncModel() (m market.SyncModel, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		row, err := v.connection(ctx, tx)
		if err != nil {
			return err
		}
		if m.Frame, err = v.frame(tx, component.Marketplace, "Sync of "+row.Title); err != nil {
			return err
		}
		m.ID, m.Connector, m.Phase, m.Doing, m.StartedAt = row.ID.String(), row.Title, market.Running, "Waiting to begin", m.Frame.Now
		adms, err := tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: row.ID, Valid: true})
		if err != nil {
			return fmt.Errorf("list administrations: %w", err)
		}
		if len(adms) == 0 {
			m.Doing = "Choose an administration first"
		}
		return v.latestRun(ctx, tx, &m, adms)
	})
	return m, err
}

var runRank = map[string]int{"done": 1, "failed": 2, "waiting": 2, "running": 3}

func (v *visit) latestRun(ctx context.Context, tx store.Tx, m *market.SyncModel, adms []db.Administration) error {
	var best db.SyncRun
	var of db.Administration
	for _, a := range adms {
		m.First = m.First || a.GoLiveOn.IsZero()
		run, err := tx.LatestSyncRun(ctx, a.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("load the sync: %w", err)
		}
		if runRank[run.State] > runRank[best.State] {
			best, of = run, a
		}
	}
	if best.State == "" {
		return nil
	}
	m.Doing, m.Done, m.Total, m.Held, m.StartedAt = "Reading "+of.Name, int(best.Read), int(best.Expected), int(best.Held), best.StartedAt
	switch best.State {
	case "running":
		m.Left = left(best, m.Frame.Now)
	case "failed", "waiting":
		m.Phase, m.Failure = market.Failed, failureOf(m.Frame, best)
	default:
		m.Phase = market.Finished
		return reportOf(ctx, tx, m, best)
	}
	return nil
}

// left guesses how long a sync still takes.
func left(r db.SyncRun, now time.Time) string {
	spent := now.Sub(r.StartedAt)
	if r.Expected <= r.Read || r.Read == 0 || spent < 3*time.Second {
		return ""
	}
	rest := time.Duration(float64(spent) * float64(r.Expected-r.Read) / float64(r.Read))
	if rest < time.Minute {
		return "less than a minute left"
	}
	n := int(rest.Minutes() + 0.5)
	return fmt.Sprintf("about %d %s left", n, plural(n, "minute", "minutes"))
}

func failureOf(f component.Frame, r db.SyncRun) *market.SyncFailure {
	out := &market.SyncFailure{
		What: cmp.Or(r.Problem, "The sync ended before its end"), Next: "Reminders of this administration wait until it has been read.",
		Kept: fmt.Sprintf("%s records were read and are kept.", f.Number(int(r.Read))),
	}
	if r.NextTryAt != nil {
		out.Next = "We try again " + f.Moment(*r.NextTryAt) + ", by ourselves. " + out.Next
	}
	return out
}

func reportOf(ctx context.Context, tx store.Tx, m *market.SyncModel, r db.SyncRun) error {
	rep := &market.SyncReport{Read: int(r.Read), New: int(r.Added), Changed: int(r.Changed), Gone: int(r.Gone), Unchanged: max(0, int(r.Read-r.Added-r.Changed))}
	if r.FinishedAt != nil {
		rep.Took = took(r.FinishedAt.Sub(r.StartedAt))
	}
	problems, err := tx.SyncProblems(ctx, r.AdministrationID)
	if err != nil {
		return fmt.Errorf("list held records: %w", err)
	}
	for _, p := range problems[:min(len(problems), heldShown)] {
		rep.Held = append(rep.Held, market.HeldRecord{Reference: p.ExternalID, Reason: p.Message, Fix: "Correct it in " + m.Connector + "; it comes in at the next sync."})
	}
	rep.HeldMore = len(problems) - len(rep.Held)
	m.Report = rep
	return nil
}

// took writes a stretch of time as a person would.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// syncNow asks for a sync at once.
func (v *visit) syncNow() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.syncAll(v.r.Context(), id); err != nil {
		return err
	}
	return v.done("/connections/"+id.String()+"/sync", component.Flash{})
}

func (v *visit) syncAll(ctx context.Context, connection uuid.UUID) error {
	var adms []db.Administration
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if _, err = tx.Connection(ctx, connection); err != nil {
			return err
		}
		adms, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: connection, Valid: true})
		return err
	}); err != nil {
		return err
	}
	for _, a := range adms {
		if err := v.SyncNow(ctx, v.member.Tenant, a.ID); err != nil {
			return fmt.Errorf("ask for a sync: %w", err)
		}
	}
	return nil
}
