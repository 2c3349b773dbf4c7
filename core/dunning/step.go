package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Books looks at the source at this moment.
type Books interface {
	// Confirm reads invoices of one administration at their source and writes
	// what it finds to the mirror. A fault of kind Unavailable means that the
	// source cannot be asked now.
	Confirm(ctx context.Context, tenant, administration uuid.UUID, invoices []uuid.UUID) error
	// FetchDocument makes sure that the invoice's PDF is stored, or returns a
	// fault of kind NotFound when the source has none.
	FetchDocument(ctx context.Context, tenant, invoice uuid.UUID) error
	// FetchElectronic makes sure that the invoice's UBL is stored as a document of
	// the kind Electronic. It returns a fault of kind NotFound when the source has
	// none of it, and one of kind Invalid, with what to do, when its file must not
	// reach an access point.
	FetchElectronic(ctx context.Context, tenant, invoice uuid.UUID) error
}

// Checkouts looks at the payment provider at this moment.
type Checkouts interface {
	// Refresh fetches the state of every payment under way for the invoices.
	Refresh(ctx context.Context, tenant uuid.UUID, invoices []uuid.UUID) error
}

// Steps takes one step of one invoice at a time.
type Steps struct {
	Store     *store.Store
	Real      clock.Clock
	Books     Books
	Checkouts Checkouts
	Post      *Post
	Links     Links
}

// ErrLater is a step that could not be finished for a passing reason: nothing
// was sent, and the same call may be made again after Wait.
type ErrLater struct {
	Wait time.Duration
	Why  error
}

// Error says why.
func (e *ErrLater) Error() string { return e.Why.Error() }

// Unwrap returns the cause.
func (e *ErrLater) Unwrap() error { return e.Why }

// Take takes the step that is planned for an invoice, if its moment has come,
// and returns what comes next. It may be called any number of times, also at
// once: a step that is behind the invoice is not taken again (R10).
func (s *Steps) Take(ctx context.Context, tenant, invoice uuid.UUID) (Plan, error) {
	// Also of an invoice that was paid since: what left is put on record.
	if err := s.settleOpen(ctx, woken{tenant: tenant, invoice: invoice, asks: true}); err != nil {
		return Plan{}, err
	}
	w, err := s.look(ctx, tenant, invoice)
	if err != nil || w.done {
		return w.plan, err
	}
	if err := s.ask(ctx, &w); err != nil {
		return Plan{}, err
	}
	return s.fenced(ctx, w)
}

// woken is what a wake-up is about.
type woken struct {
	tenant   uuid.UUID
	adm      uuid.UUID
	invoice  uuid.UUID   // none for a word outside the flow
	debtor   uuid.UUID   // of the invoice, known once the fence is entered
	siblings []uuid.UUID // the debtor's open invoices, this one among them
	peppol   bool        // the step may go over Peppol
	unfit    string      // why the electronic invoice of the books must not
	step     policy.Step
	plan     Plan
	asks     bool      // its workflow waits for the plan that comes of it
	done     bool      // nothing to do at this moment
	asked    time.Time // when the sources were asked about the siblings
}

func (s *Steps) look(ctx context.Context, tenant, invoice uuid.UUID) (woken, error) {
	w := woken{tenant: tenant, invoice: invoice, asks: true}
	err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, err := tx.Collection(ctx, invoice)
		if err != nil {
			return fmt.Errorf("load the plan of invoice %s: %w", invoice, err)
		}
		w.adm, w.done = row.AdministrationID, !s.due(row)
		if w.plan, err = planOf(ctx, tx, row); err != nil {
			return err
		}
		if w.step, _, err = stepOf(ctx, tx, row); err != nil {
			return err
		}
		if w.done {
			return nil
		}
		if w.peppol, err = overPeppol(ctx, tx, w.adm, w.step); err != nil {
			return err
		}
		open, err := tx.OpenInvoicesOf(ctx, db.OpenInvoicesOfParams{AdministrationID: row.AdministrationID, DebtorID: row.DebtorID, First: invoice})
		for _, o := range open {
			w.siblings = append(w.siblings, o.ID)
		}
		return err
	})
	return w, err
}

// early is how much sooner than planned a step may be taken: a timer that fires
// a moment early on another machine's clock need not wait again.
const early = 50 * time.Millisecond

// due reports whether the planned moment of a step has come.
func (s *Steps) due(row db.Collection) bool {
	return row.NextStep != "" && row.ClosedAt == nil && row.WakeAt != nil && !row.WakeAt.After(s.Real.Now().Add(early))
}
