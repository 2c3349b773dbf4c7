package sync

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Courier hands messages to the providers that tenants connected.
type Courier struct {
	Store *store.Store
	Host  *connect.Host
}

func (c Courier) connection(ctx context.Context, tenant, connection uuid.UUID, account string) (conn connect.Connection, err error) {
	err = c.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, err := tx.Connection(ctx, connection)
		if err != nil {
			return fmt.Errorf("load connection %s: %w", connection, err)
		}
		if row.State == "removed" || row.State == "paused" {
			return fault.New(fault.Denied, "connection_off", "The connection to %s was removed or paused. Choose another for this channel.", row.Title)
		}
		conn, err = connectionOf(row)
		return err
	})
	conn.Priority, conn.Administration = budget.Urgent, account
	return conn, err
}

// Deliver implements dunning.Courier.
func (c Courier) Deliver(ctx context.Context, tenant, connection uuid.UUID, w sdk.Write) (sdk.Outcome, error) {
	conn, err := c.connection(ctx, tenant, connection, w.Administration)
	if err != nil {
		return sdk.Outcome{}, err
	}
	return c.Host.Push(ctx, conn, w)
}

// Recall implements dunning.Courier.
func (c Courier) Recall(ctx context.Context, tenant, connection uuid.UUID, w sdk.Write) (sdk.Outcome, error) {
	conn, err := c.connection(ctx, tenant, connection, w.Administration)
	if err != nil {
		return sdk.Outcome{}, err
	}
	return c.Host.Find(ctx, conn, w)
}

// Report implements dunning.Courier.
func (c Courier) Report(ctx context.Context, tenant, connection uuid.UUID, r sdk.ReportRequest) (sdk.DeliveryReport, error) {
	conn, err := c.connection(ctx, tenant, connection, r.Administration)
	if err != nil {
		return sdk.DeliveryReport{}, err
	}
	return c.Host.Report(ctx, conn, r)
}

// Delivers lists the forms of message that a connection's connector delivers.
func (c Courier) Delivers(ctx context.Context, row db.Connection) ([]sdk.MessageKind, error) {
	conn, err := connectionOf(row)
	if err != nil {
		return nil, err
	}
	pkg, err := c.Host.Package(ctx, conn)
	if err != nil || pkg.Manifest.Kind != manifest.Messaging {
		return nil, err
	}
	return pkg.Manifest.Delivers(), nil
}

// heardOf asks at once about messages that a provider called about.
func (c *Connections) heardOf(ctx context.Context, tenant, connection uuid.UUID, hints []sdk.Hint) error {
	return c.Store.In(ctx, tenant, func(tx store.Tx) error {
		for _, h := range hints {
			if h.Stream != sdk.Messages {
				continue
			}
			id, err := tx.MessageByExternal(ctx, db.MessageByExternalParams{ConnectionID: uuid.NullUUID{UUID: connection, Valid: true}, ExternalID: h.ID})
			if err != nil {
				continue // of another account, or from before its answer was on record
			}
			now, err := tx.Now(ctx, c.Runner.Real)
			if err != nil {
				return err
			}
			if err := matter.Set(ctx, tx, matter.Item{Kind: dunning.Delivery, ID: id, At: now, Why: "Its provider called about it"}); err != nil {
				return err
			}
		}
		return nil
	})
}
