package debit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Kinds of matters that this package owns.
const (
	MandateMatter matter.Kind = "mandate"
	DebitMatter   matter.Kind = "debit"
)

// Provider is the part of Mollie that mandates need.
type Provider interface {
	mollie.Mandates
	// CancelPayment takes back a collection that is not with the bank yet.
	CancelPayment(ctx context.Context, key, id string) (mollie.Payment, error)
	// CreateRefund gives back what confirmed a mandate.
	CreateRefund(ctx context.Context, key, paymentID string, r mollie.NewRefund) (mollie.Refund, error)
}

// Books read invoices at their source, so that nothing is collected that was
// paid since the last sync.
type Books interface {
	Confirm(ctx context.Context, tenant, administration uuid.UUID, invoices []uuid.UUID) error
}

// Teller sends a debtor one message outside the flow: dunning.Steps.
type Teller interface {
	Tell(ctx context.Context, tenant uuid.UUID, w dunning.Word) (uuid.UUID, error)
}

// Service keeps mandates and makes collections.
type Service struct {
	Store     *store.Store
	Real      clock.Clock
	Planner   dunning.Planner
	Checkouts *payment.Checkouts
	Provider  Provider
	Books     Books
	Teller    Teller
	// Box seals account numbers.
	Box *secret.Box
}

// voldaan is who acts when nobody asked.
const voldaan = "voldaan"

// scene is what most steps need to know of where they play.
type scene struct {
	now     time.Time // the tenant's
	today   date.Date
	zone    *time.Location
	days    calendar.Days
	adm     db.Administration
	setting db.DebitSetting
}

func (s *Service) scene(ctx context.Context, tx store.Tx, administration uuid.UUID) (sc scene, err error) {
	if sc.adm, err = tx.Administration(ctx, administration); err != nil {
		return sc, fmt.Errorf("load administration %s: %w", administration, err)
	}
	if sc.zone, err = time.LoadLocation(sc.adm.TimeZone); err != nil {
		return sc, fmt.Errorf("administration %s: %w", administration, err)
	}
	if sc.now, err = tx.Now(ctx, s.Real); err != nil {
		return sc, err
	}
	sc.today = date.Of(sc.now.In(sc.zone))
	if sc.days, err = calendar.SendingDays(sc.adm.Country); err != nil {
		if sc.days, err = calendar.SendingDays("NL"); err != nil {
			return sc, err
		}
	}
	sc.setting, err = Setting(ctx, tx, administration)
	return sc, err
}

// slot is the first moment from a day on, and not before now, at which a message
// may leave.
func (sc scene) slot(day date.Date) time.Time {
	from := day.In(sc.zone)
	if from.Before(sc.now) {
		from = sc.now
	}
	return sc.days.NextSlot(from, calendar.DefaultWindow(calendar.Email), sc.zone)
}

// submitHour is when collections of a day are handed to the provider, well before
// the banks' cut-off.
const submitHour = 9

func (sc scene) submitAt(day date.Date) time.Time { return day.At(submitHour, 0, sc.zone) }

// lockDebtor waits for what is on its way to a debtor (D4).
func lockDebtor(ctx context.Context, tx store.Tx, debtor uuid.UUID) error {
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	return nil
}

func audit(ctx context.Context, tx store.Tx, at time.Time, by, action, subject string, detail map[string]any) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	if detail == nil {
		raw = []byte("{}")
	}
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: by, Action: action, Subject: subject, Detail: raw}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

func task(ctx context.Context, tx store.Tx, sc scene, kind string, subject uuid.UUID, title, detail string) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: uuid.NullUUID{UUID: sc.adm.ID, Valid: true}, Kind: kind, SubjectID: subject, Title: title, Detail: detail, CreatedAt: sc.now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}

// mute reports whether a debtor cannot be told something, now or later: there is
// no address, the law forbids it, or it is no longer true.
func mute(err error) bool {
	return fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) || errors.Is(err, dunning.ErrMoot)
}

// none reports whether a query found no row.
func none(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
