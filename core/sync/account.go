package sync

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// learn keeps by which accounts calls to the common address of a package mean a
// connection.
func (r *Runner) learn(ctx context.Context, tenant uuid.UUID, conn connect.Connection, list []sdk.Administration) error {
	accounts := []string{}
	for _, a := range list {
		accounts = append(accounts, cmp.Or(a.Account, a.ID))
	}
	slices.Sort(accounts)
	return r.Store.In(ctx, tenant, func(tx store.Tx) error {
		return tx.KnowAccounts(ctx, db.KnowAccountsParams{Connection: conn.ID, TenantID: tenant, Connector: conn.Connector, Accounts: slices.Compact(accounts)})
	})
}

// learnOnce asks a package for the accounts of a connection of which none is known,
// such as one that was made before its connector listened at a common address.
func (r *Runner) learnOnce(ctx context.Context, tenant uuid.UUID, conn connect.Connection) error {
	pkg, err := r.Host.Package(ctx, conn)
	if err != nil || !pkg.Manifest.Has(manifest.Webhooks) {
		return err
	}
	var known bool
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) error {
		known, err = tx.KnowsAccounts(ctx, conn.ID)
		return err
	}); err != nil || known {
		return err
	}
	list, err := r.Host.Administrations(ctx, conn)
	if err != nil {
		return err
	}
	return r.learn(ctx, tenant, conn, list)
}
