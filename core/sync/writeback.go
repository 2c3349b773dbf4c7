package sync

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// WriteBack registers a payment of ours in the books, once: an attempt whose
// outcome is not known is looked up before it is made again.
func (r *Runner) WriteBack(ctx context.Context, tenant, id uuid.UUID) error {
	var row db.WriteBack
	var conn connect.Connection
	var w sdk.Write
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if row, err = tx.WriteBack(ctx, id); err != nil {
			return fmt.Errorf("load write-back %s: %w", id, err)
		}
		inv, err := tx.Invoice(ctx, row.InvoiceID)
		if err != nil {
			return err
		}
		adm, c, err := r.connection(ctx, tx, row.AdministrationID)
		conn = c
		w = sdk.Write{Key: row.ID.String(), Administration: adm.ExternalID, Payment: &sdk.PaymentWrite{
			Invoice: inv.ExternalID, Amount: money.Of(row.AmountMinor, row.Currency), ValueDate: row.ValueDate, Reference: row.Reference,
		}}
		return err
	}); err != nil {
		return err
	}
	if row.State == "applied" || row.State == "rejected" || conn.Connector == "" {
		return nil
	}
	out, err := r.attempt(ctx, tenant, row, conn, w)
	if err != nil {
		return err
	}
	if err := r.note(ctx, tenant, row, out); err != nil {
		return err
	}
	if out.State == sdk.Uncertain {
		return fmt.Errorf("the books did not say whether they took payment %s; it is looked up before another attempt", row.ID)
	}
	return nil
}

func (r *Runner) attempt(ctx context.Context, tenant uuid.UUID, row db.WriteBack, conn connect.Connection, w sdk.Write) (sdk.Outcome, error) {
	if row.State != "planned" {
		found, err := r.Host.Find(ctx, conn, w)
		if err != nil || found.State == sdk.Applied {
			return found, err
		}
	}
	if err := r.note(ctx, tenant, row, sdk.Outcome{State: "sending"}); err != nil {
		return sdk.Outcome{}, err
	}
	return r.Host.Push(ctx, conn, w)
}

func (r *Runner) note(ctx context.Context, tenant uuid.UUID, row db.WriteBack, out sdk.Outcome) error {
	return r.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, r.Real)
		if err != nil {
			return err
		}
		if err := tx.SetWriteBack(ctx, db.SetWriteBackParams{ID: row.ID, State: string(out.State), ExternalID: out.ExternalID, LastError: out.Message, UpdatedAt: now}); err != nil {
			return err
		}
		if out.State != sdk.Rejected {
			return nil
		}
		return tx.AddTask(ctx, db.AddTaskParams{
			ID: uuid.New(), TenantID: tenant, AdministrationID: uuid.NullUUID{UUID: row.AdministrationID, Valid: true}, Kind: "write_back", SubjectID: row.ID,
			Title: "The books refused a payment", Detail: out.Message, CreatedAt: now,
		})
	})
}
