package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"golang.org/x/sync/errgroup"
)

// followedAbreast is how many connections one call is followed up for at a time.
const followedAbreast = 8

// CalledInCommon follows up a call to the one address that a package calls for all
// users of our registration. The connector verifies it with the registration's
// secret; each event is followed up for the connections that read its account, and
// an account that nobody connected changes nothing but a count. What the caller is
// told does not depend on whether an account is known. The error wraps sdk.ErrAuth
// for a call that does not prove itself, and is a fault of kind NotFound for a
// connector that has no such address.
func (c *Connections) CalledInCommon(ctx context.Context, connector string, call sdk.WebhookCall) (reply string, _ error) {
	heard, err := c.Host.CalledInCommon(ctx, connector, call)
	switch {
	case errors.Is(err, sdk.ErrAuth):
		return "", errors.Join(err, c.count(ctx, db.CountCallsParams{Connector: connector, Calls: 1, Refused: 1}))
	case err != nil:
		return "", err
	case heard.Greeting:
		return heard.Reply, nil
	case call.Method == http.MethodGet:
		return "", fault.New(fault.NotFound, "webhook_get", "Only a question whether we are there may come by GET.")
	}
	events := map[string][]sdk.Hint{}
	accounts := []string{}
	for _, h := range heard.Hints {
		if events[h.Account] == nil {
			accounts = append(accounts, h.Account)
		}
		events[h.Account] = append(events[h.Account], h)
	}
	rows, err := c.Store.Door().DoorAccounts(ctx, db.DoorAccountsParams{Connector: connector, Accounts: accounts})
	if err != nil {
		return "", fmt.Errorf("find whom a call is for: %w", err)
	}
	unknown := len(heard.Hints)
	var g errgroup.Group
	g.SetLimit(followedAbreast)
	counted := map[string]bool{}
	for _, row := range rows {
		if !counted[row.Account] {
			counted[row.Account] = true
			unknown -= len(events[row.Account])
		}
		if !row.Reads {
			continue // paused: what changed is read when it is resumed
		}
		g.Go(func() error { return c.followUpAll(ctx, row.TenantID, row.ConnectionID, events[row.Account]) })
	}
	return "", errors.Join(g.Wait(), c.count(ctx, db.CountCallsParams{
		Connector: connector, Calls: 1, Events: int64(len(heard.Hints)), Unknown: int64(unknown),
	}))
}

func (c *Connections) count(ctx context.Context, p db.CountCallsParams) error {
	if err := c.Store.Door().CountCalls(ctx, p); err != nil {
		return fmt.Errorf("count a call: %w", err)
	}
	return nil
}

// followUpAll reads what hints are about in all books of a connection. What cannot
// be read now is read by a sync, which tries again by itself: others must not be
// called again because one of them does not answer.
func (c *Connections) followUpAll(ctx context.Context, tenant, connection uuid.UUID, hints []sdk.Hint) error {
	var adms []db.Administration
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		adms, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: connection, Valid: true})
		return err
	}); err != nil {
		return err
	}
	for _, adm := range adms {
		err := c.followUp(ctx, tenant, adm, hints)
		if err == nil {
			continue
		}
		c.Runner.Log.WarnContext(ctx, "a call is followed up by a sync", "connection", connection, "administration", adm.ID, "error", err)
		if err := c.SyncNow(ctx, tenant, adm.ID); err != nil {
			return err
		}
	}
	return nil
}
