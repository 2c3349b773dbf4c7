package board

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Rows is what the store has of an organisation, or of one administration.
type Rows struct {
	Invoices    []db.InsightInvoicesRow
	Changes     []db.InsightChangesRow
	Allocations []db.InsightAllocationsRow
	Credit      []db.InsightCreditRow
	Disputes    []db.InsightDisputesRow
	Promises    []db.InsightPromisesRow
	Plans       []db.InsightPlansRow
	Instalments []db.InsightInstalmentsRow
	Debits      []db.InsightDebitsRow
	Messages    []db.InsightMessagesRow
	Demands     []db.InsightDemandsRow
	Ages        []db.InsightAgesRow
	Waiting     []time.Time
	Costs       []db.InsightCostsRow
	HeldBack    []db.InsightHeldBackRow
}

// Read loads the rows; no administration is all of them. Costs and the ages of
// data are those until a moment, the ages of the year before it.
func Read(ctx context.Context, tx store.Tx, administration uuid.NullUUID, until time.Time) (r Rows, err error) {
	for _, load := range []func() error{
		func() error { r.Invoices, err = tx.InsightInvoices(ctx, administration); return err },
		func() error { r.Changes, err = tx.InsightChanges(ctx, administration); return err },
		func() error { r.Allocations, err = tx.InsightAllocations(ctx, administration); return err },
		func() error { r.Credit, err = tx.InsightCredit(ctx, administration); return err },
		func() error { r.Disputes, err = tx.InsightDisputes(ctx, administration); return err },
		func() error { r.Promises, err = tx.InsightPromises(ctx, administration); return err },
		func() error { r.Plans, err = tx.InsightPlans(ctx, administration); return err },
		func() error { r.Instalments, err = tx.InsightInstalments(ctx, administration); return err },
		func() error { r.Debits, err = tx.InsightDebits(ctx, administration); return err },
		func() error { r.Messages, err = tx.InsightMessages(ctx, administration); return err },
		func() error { r.Demands, err = tx.InsightDemands(ctx, administration); return err },
		func() error { r.HeldBack, err = tx.InsightHeldBack(ctx, administration); return err },
		func() error { r.Waiting, err = tx.InsightWaiting(ctx, administration); return err },
		func() error {
			r.Ages, err = tx.InsightAges(ctx, db.InsightAgesParams{Since: until.AddDate(-1, 0, 0), Until: until, Administration: administration})
			return err
		},
		func() error {
			r.Costs, err = tx.InsightCosts(ctx, db.InsightCostsParams{Until: until, Administration: administration})
			return err
		},
	} {
		if err := load(); err != nil {
			return Rows{}, fmt.Errorf("read what the figures are made of: %w", err)
		}
	}
	return r, nil
}

// CountWrong counts the reminders of the year until a moment that went to who had
// paid, as the board of that day does.
func CountWrong(ctx context.Context, tx store.Tx, now time.Time, zone *time.Location) (insight.WrongReminders, error) {
	var r Rows
	var err error
	for _, load := range []func() error{
		func() error { r.Invoices, err = tx.InsightInvoices(ctx, uuid.NullUUID{}); return err },
		func() error { r.Changes, err = tx.InsightChanges(ctx, uuid.NullUUID{}); return err },
		func() error { r.Allocations, err = tx.InsightAllocations(ctx, uuid.NullUUID{}); return err },
		func() error { r.Credit, err = tx.InsightCredit(ctx, uuid.NullUUID{}); return err },
		func() error { r.Messages, err = tx.InsightMessages(ctx, uuid.NullUUID{}); return err },
		func() error { r.Demands, err = tx.InsightDemands(ctx, uuid.NullUUID{}); return err },
	} {
		if err := load(); err != nil {
			return insight.WrongReminders{}, fmt.Errorf("read the reminders: %w", err)
		}
	}
	b := Board{paid: settlements(Events(r, zone))}
	return b.wrong(r, Ask{On: date.Of(now.In(zone)), Now: now, Zone: zone}), nil
}
