package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Subscriptions ask packages to call us on changes, so that a payment in the
// books is known before the next regular run.
type Subscriptions struct {
	// URL is where calls come in; the ids of connection and administration are
	// added to it.
	URL    string
	Sealer token.Sealer
}

func (s *Subscriptions) address(connection, administration uuid.UUID) string {
	return fmt.Sprintf("%s/%s/%s", s.URL, connection, administration)
}

// subscribe asks the package for calls on changes, once. What goes wrong is kept
// for the user to see and tried again later: without calls the regular runs go on.
func (r *Runner) subscribe(ctx context.Context, tenant uuid.UUID, adm db.Administration, conn connect.Connection) error {
	s := r.Subscriptions
	if s == nil || s.URL == "" {
		return nil
	}
	pkg, err := r.Host.Package(ctx, conn)
	if err != nil || !pkg.Manifest.Has(manifest.Subscriptions) {
		return err
	}
	address := s.address(conn.ID, adm.ID)
	var begun int64
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) error {
		begun, err = tx.BeginSubscription(ctx, db.BeginSubscriptionParams{AdministrationID: adm.ID, TenantID: tenant, Url: address})
		return err
	}); err != nil || begun == 0 {
		return err
	}
	keep := db.KeepSubscriptionParams{AdministrationID: adm.ID, SealedSecret: []byte{}}
	got, err := r.Host.Subscribe(ctx, conn, sdk.SubscribeRequest{Administration: adm.ExternalID, URL: address})
	if err != nil {
		keep.Problem = fault.Of(err).Message
	} else {
		keep.ExternalID, keep.ExpiresAt = got.ID, ending(got)
		if keep.SealedSecret, err = s.Sealer.Seal(ctx, token.Ref{Tenant: tenant, Connection: conn.ID}, got.Secret); err != nil {
			return fmt.Errorf("seal the secret of a subscription: %w", err)
		}
	}
	return errors.Join(err, r.Store.In(ctx, tenant, func(tx store.Tx) error { return tx.KeepSubscription(ctx, keep) }))
}

// unsubscribe ends the calls of a connection, as far as the package lets us.
func (r *Runner) unsubscribe(ctx context.Context, tenant uuid.UUID, conn connect.Connection) error {
	var rows []db.Subscription
	adms := map[uuid.UUID]string{}
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if rows, err = tx.SubscriptionsOf(ctx, uuid.NullUUID{UUID: conn.ID, Valid: true}); err != nil {
			return err
		}
		for _, row := range rows {
			adm, err := tx.Administration(ctx, row.AdministrationID)
			if err != nil {
				return err
			}
			adms[adm.ID] = adm.ExternalID
			if err := tx.DropSubscription(ctx, adm.ID); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	var all error
	for _, row := range rows {
		all = errors.Join(all, r.Host.Unsubscribe(ctx, conn, adms[row.AdministrationID], row.ExternalID))
	}
	return all
}

// Called follows up a call of a package: the connector verifies it, and what it
// hints at is read at the source. A call that only asks whether we are there, and
// one for a subscription that the package has not confirmed yet, changes nothing;
// reply is what the package wants to read. The error wraps sdk.ErrAuth for a call
// that does not prove itself.
func (c *Connections) Called(ctx context.Context, tenant, connection, administration uuid.UUID, call sdk.WebhookCall) (reply string, _ error) {
	conn, _, err := c.load(ctx, tenant, connection)
	if err != nil {
		return "", err
	}
	var secret []byte
	var adms []db.Administration
	pending := false
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) error {
		if adms, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: connection, Valid: true}); err != nil || administration == uuid.Nil {
			return err
		}
		row, err := tx.Subscription(ctx, administration)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "subscription_not_found", "Nobody asked for calls to this address.")
		}
		if err != nil {
			return err
		}
		if pending = row.ExternalID == ""; pending {
			return nil
		}
		secret, err = c.Runner.Subscriptions.Sealer.Open(ctx, token.Ref{Tenant: tenant, Connection: connection}, row.SealedSecret)
		return err
	}); err != nil {
		return "", err
	}
	heard, err := c.Host.Webhook(ctx, conn, call, secret)
	switch {
	case pending || heard.Greeting:
		return heard.Reply, nil // whether it is signed cannot be known yet, nor does it matter
	case err != nil:
		return "", err
	case call.Method == http.MethodGet:
		return "", fault.New(fault.NotFound, "webhook_get", "Only a question whether we are there may come by GET.")
	}
	if err := c.heardOf(ctx, tenant, connection, heard.Hints); err != nil {
		return "", err
	}
	for _, adm := range adms {
		if err := c.followUp(ctx, tenant, adm, heard.Hints); err != nil {
			return "", err
		}
	}
	return heard.Reply, nil
}

// mostTargeted is how many invoices are read one by one; for more, what changed
// is asked for.
const mostTargeted = 100

// followUp reads what hints are about.
func (c *Connections) followUp(ctx context.Context, tenant uuid.UUID, adm db.Administration, hints []sdk.Hint) error {
	var invoices []string
	more := false
	for _, h := range hints {
		switch {
		case h.Stream == sdk.Messages:
		case h.Administration != "" && h.Administration != adm.ExternalID:
		case h.Stream == sdk.Invoices && h.ID != "":
			invoices = append(invoices, h.ID)
		default:
			more = true
		}
	}
	if more || len(invoices) > mostTargeted {
		return c.SyncNow(ctx, tenant, adm.ID)
	}
	if len(invoices) == 0 {
		return nil
	}
	return c.Runner.look(ctx, tenant, adm.ID, func(store.Tx) ([]string, error) { return invoices, nil })
}
