package sync

import (
	"context"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Bureau asks the agency that a tenant connected about companies; it implements
// credit.Agency.
type Bureau struct {
	Store *store.Store
	Host  *connect.Host
}

// Connection is the first connection to an agency that is in use.
func (b Bureau) Connection(ctx context.Context, tenant uuid.UUID) (id uuid.UUID, title string, ok bool, err error) {
	var rows []db.Connection
	if err := b.Store.In(ctx, tenant, func(tx store.Tx) (err error) { rows, err = tx.CreditConnections(ctx); return err }); err != nil {
		return uuid.Nil, "", false, err
	}
	for _, row := range rows {
		if row.State == "paused" || row.State == "new" {
			continue
		}
		conn, err := connectionOf(row)
		if err != nil {
			return uuid.Nil, "", false, err
		}
		pkg, err := b.Host.Package(ctx, conn)
		if err != nil {
			continue // its connector is not here any more
		}
		if pkg.Manifest.Kind == manifest.CreditReport && pkg.Manifest.Has(manifest.CreditReports) {
			return row.ID, row.Title, true, nil
		}
	}
	return uuid.Nil, "", false, nil
}

// Companies asks it for companies.
func (b Bureau) Companies(ctx context.Context, tenant, connection uuid.UUID, q sdk.CompanyQuery) ([]sdk.Company, error) {
	conn, err := Courier(b).connection(ctx, tenant, connection, q.Administration)
	if err != nil {
		return nil, err
	}
	return b.Host.Companies(ctx, conn, q)
}

// CreditReport asks it for a report.
func (b Bureau) CreditReport(ctx context.Context, tenant, connection uuid.UUID, r sdk.CreditRequest) (out sdk.CreditReport, asked bool, err error) {
	conn, err := Courier(b).connection(ctx, tenant, connection, r.Administration)
	if err != nil {
		return out, false, err
	}
	return b.Host.CreditReport(ctx, conn, r)
}
