package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Connections lets a tenant connect packages and choose what is read from them.
type Connections struct {
	Store  *store.Store
	Host   *connect.Host
	Runner *Runner
	// Boxes keep the files of connections that are fed with files.
	Boxes pginbox.Boxes
	// Patience is how long an upload waits to be read before that goes on by
	// itself, 20 seconds when zero.
	Patience time.Duration
	// Folders is where watched folders lie, by tenant and name; with "" none is
	// watched.
	Folders string
	// Schedule makes an administration be mirrored regularly, and once at once.
	Schedule func(ctx context.Context, tenant, administration uuid.UUID, every time.Duration, title string) error
	// SyncNow makes an administration be mirrored soon.
	SyncNow func(ctx context.Context, tenant, administration uuid.UUID) error
}

// Begin makes a connection that is not authorised yet.
func (c *Connections) Begin(ctx context.Context, tenant uuid.UUID, connector, method string, form map[string]string) (uuid.UUID, error) {
	pkg, err := c.Host.Package(ctx, connect.Connection{Tenant: tenant, Connector: connector})
	if err != nil {
		return uuid.Nil, err
	}
	if _, ok := pkg.Manifest.Method(method); !ok {
		return uuid.Nil, fault.New(fault.Invalid, "sign_in_unknown", "%s cannot be connected by %q.", pkg.Manifest.Title, method)
	}
	open, err := answers(pkg.Manifest, method, form)
	if err != nil {
		return uuid.Nil, err
	}
	config, err := json.Marshal(open)
	if err != nil {
		return uuid.Nil, err
	}
	id := uuid.New()
	return id, c.Store.In(ctx, tenant, func(tx store.Tx) error {
		if err := tx.AddConnection(ctx, db.AddConnectionParams{
			ID: id, TenantID: tenant, Connector: connector, Version: pkg.Manifest.Version, Title: pkg.Manifest.Title, Config: config, Auth: method, State: "new",
		}); err != nil {
			return fmt.Errorf("add the connection: %w", err)
		}
		return c.keepSources(ctx, tx, id, pkg.Manifest, open)
	})
}

// AuthorizeURL is the page of the package where a person gives access.
func (c *Connections) AuthorizeURL(ctx context.Context, tenant, connection uuid.UUID, redirect, state, verifier string) (string, error) {
	m, method, err := c.manifest(ctx, tenant, connection)
	if err != nil {
		return "", err
	}
	conn, _, err := c.load(ctx, tenant, connection)
	if err != nil {
		return "", err
	}
	u, err := c.Host.Tokens().AuthorizeURL(ctx, m, token.SignIn{Method: method, Redirect: redirect, State: state, Verifier: verifier, Config: conn.Config})
	if err != nil {
		return "", err
	}
	return c.Host.Browser(u), nil
}

// Authorize turns what a person came back with, the parameters of the address
// with the code, into credentials and checks that they work.
func (c *Connections) Authorize(ctx context.Context, tenant, connection uuid.UUID, redirect string, back url.Values, verifier string) error {
	m, method, err := c.manifest(ctx, tenant, connection)
	if err != nil {
		return err
	}
	conn, _, err := c.load(ctx, tenant, connection)
	if err != nil {
		return err
	}
	cred, err := c.Host.Tokens().Exchange(ctx, m, token.SignIn{
		Method: method, Redirect: redirect, Verifier: verifier, Config: conn.Config, Code: back.Get("code"), Back: back,
	})
	if err != nil {
		return fault.New(fault.Unavailable, "authorisation_failed", "%s did not accept the authorisation. Nothing was connected; please try again.", m.Title).Because(err)
	}
	return c.keep(ctx, tenant, connection, cred)
}

// Use takes secrets that a person pasted, such as a personal token.
func (c *Connections) Use(ctx context.Context, tenant, connection uuid.UUID, form map[string]string) error {
	m, method, err := c.manifest(ctx, tenant, connection)
	if err != nil {
		return err
	}
	cred := token.Credentials{Method: method, Fields: map[string]string{}}
	for _, f := range m.Form {
		if f.Secret {
			cred.Fields[f.Name] = form[f.Name]
		}
	}
	return c.keep(ctx, tenant, connection, cred)
}

func (c *Connections) keep(ctx context.Context, tenant, connection uuid.UUID, cred token.Credentials) error {
	ref := token.Ref{Tenant: tenant, Connection: connection}
	if err := c.Host.Tokens().Put(ctx, ref, cred); err != nil {
		return fmt.Errorf("keep the credentials: %w", err)
	}
	if m, _, err := c.manifest(ctx, tenant, connection); err == nil {
		// Opens a session where there is such a thing, so that the connection knows
		// what comes with it. What is wrong with it shows in the check.
		_, _ = c.Host.Tokens().Get(ctx, ref, m)
	}
	conn, title, err := c.load(ctx, tenant, connection)
	if err != nil {
		return err
	}
	state, reason := "connected", ""
	cause := c.Host.Check(ctx, conn)
	if cause != nil {
		state, reason = "broken", fmt.Sprintf("%s answers, but refuses the access that was given.", title)
	}
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) error {
		return tx.SetConnectionState(ctx, db.SetConnectionStateParams{ID: connection, State: state, StateReason: reason})
	}); err != nil {
		return err
	}
	if errors.Is(cause, sdk.ErrInvalid) {
		return fault.New(fault.Invalid, "settings_refused", "%s", fault.Of(cause).Message).Because(cause)
	}
	if errors.Is(cause, sdk.ErrAuth) {
		return fault.New(fault.Invalid, "access_refused", "%s refuses this access. Check that the token belongs to the right account and is not revoked.", title).Because(cause)
	}
	if cause != nil {
		return fault.New(fault.Unavailable, "check_failed", "%s could not be asked whether the access works. The connection is kept; try again in a minute.", title).Because(cause)
	}
	return nil
}

// Administrations lists what can be read through a connection.
func (c *Connections) Administrations(ctx context.Context, tenant, connection uuid.UUID) ([]sdk.Administration, error) {
	conn, _, err := c.load(ctx, tenant, connection)
	if err != nil {
		return nil, err
	}
	list, err := c.Host.Administrations(ctx, conn)
	if err != nil {
		return nil, err
	}
	return list, c.Runner.learn(ctx, tenant, conn, list)
}

// Choose takes an administration into use: it is mirrored at once and from then
// on regularly. Nothing is sent before a go-live date is set (R16).
func (c *Connections) Choose(ctx context.Context, tenant, connection uuid.UUID, a sdk.Administration) (uuid.UUID, error) {
	id := derive(connection, "administration/", a.ID)
	var every time.Duration
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) error {
		if err := tx.AddAdministration(ctx, db.AddAdministrationParams{
			ID: id, TenantID: tenant, ConnectionID: uuid.NullUUID{UUID: connection, Valid: true}, ExternalID: a.ID, Name: a.Name,
			Country: or(a.Country, "NL"), Currency: or(a.Currency, "EUR"), TimeZone: or(a.TimeZone, "Europe/Amsterdam"), Language: or(a.Language, "nl"), LegalName: a.Name,
		}); err != nil {
			return fmt.Errorf("add the administration: %w", err)
		}
		adm, err := tx.Administration(ctx, id)
		every = adm.SyncEvery
		return err
	}); err != nil {
		return id, err
	}
	return id, c.Schedule(ctx, tenant, id, every, "Sync of "+a.Name)
}

func or[T comparable](v, other T) T {
	var zero T
	if v == zero {
		return other
	}
	return v
}

// GoLive is when the first message may go out, and where older invoices enter.
type GoLive struct {
	On    date.Date
	Entry policy.StepID
	// Before is done first, in the transaction that switches the administration on
	// and before anything is planned; nil for nothing.
	Before func(ctx context.Context, tx store.Tx) error
}

// SetGoLive switches an administration on: every open invoice is planned.
func (c *Connections) SetGoLive(ctx context.Context, tenant, administration uuid.UUID, g GoLive) error {
	if step, ok := policy.Flows()["b2b-nl"].Step(g.Entry); !ok || step.Phase.Beyond(receivable.Reminding) {
		return fault.New(fault.Invalid, "entry_step", "Older invoices may enter at a reminder, not at a final notice or a case.")
	}
	var after uuid.UUID
	for {
		left := 0
		if err := c.Store.In(ctx, tenant, func(tx store.Tx) error {
			if err := tx.SetGoLive(ctx, db.SetGoLiveParams{ID: administration, GoLiveOn: g.On, EntryStep: string(g.Entry)}); err != nil {
				return err
			}
			if g.Before != nil {
				if err := g.Before(ctx, tx); err != nil {
					return err
				}
				g.Before = nil
			}
			open, err := tx.UnplannedInvoices(ctx, db.UnplannedInvoicesParams{AdministrationID: administration, After: after, Most: goLiveBatch})
			if err != nil {
				return err
			}
			if left = len(open); left > 0 {
				after = open[left-1]
			}
			return c.Runner.Observer.InvoicesChanged(ctx, tx, administration, open)
		}); err != nil {
			return err
		}
		if left < goLiveBatch {
			return nil
		}
	}
}

const goLiveBatch = 1000

// KindUnschedule is the outbox entry of an administration that is not to be
// mirrored any more; its subject is the administration.
const KindUnschedule = "sync.unschedule"

// revokeWithin bounds how long a package is asked to end our access.
const revokeWithin = 10 * time.Second

// Remove ends a connection: its access is ended at the package where that can be
// done, its credentials are destroyed, and nothing is read or sent through it any
// more.
func (c *Connections) Remove(ctx context.Context, tenant, connection uuid.UUID) error {
	_, err := c.End(ctx, tenant, connection)
	return err
}

// End is Remove, and says what the package did not do: the access is gone here in
// any case, but when left is not nil it may live on there until somebody takes it
// back.
func (c *Connections) End(ctx context.Context, tenant, connection uuid.UUID) (left, err error) {
	if conn, _, err := c.load(ctx, tenant, connection); err != nil {
		return nil, err
	} else if err := c.Runner.unsubscribe(ctx, tenant, conn); err != nil {
		c.Runner.Log.WarnContext(ctx, "the package may go on calling us", "connection", connection, "error", err)
	}
	if m, _, err := c.manifest(ctx, tenant, connection); err == nil {
		asking, cancel := context.WithTimeout(ctx, revokeWithin)
		defer cancel()
		if left = c.Host.Tokens().Revoke(asking, token.Ref{Tenant: tenant, Connection: connection}, m); left != nil {
			c.Runner.Log.WarnContext(ctx, "the access could not be ended at the package", "connection", connection, "error", left)
		}
	}
	return left, c.Store.In(ctx, tenant, func(tx store.Tx) error {
		if err := tx.DropInboxSources(ctx, db.DropInboxSourcesParams{ConnectionID: connection, Keep: []string{}}); err != nil {
			return fmt.Errorf("stop fetching files: %w", err)
		}
		if err := unschedule(ctx, tx, connection); err != nil {
			return fmt.Errorf("stop the regular syncs: %w", err)
		}
		if err := tx.ForgetAccounts(ctx, connection); err != nil {
			return fmt.Errorf("forget its accounts: %w", err)
		}
		return tx.ForgetCredentials(ctx, connection)
	})
}

// unschedule asks for the end of the regular syncs of a connection. It is carried
// out from the outbox, so that it happens although what runs them is down now.
func unschedule(ctx context.Context, tx store.Tx, connection uuid.UUID) error {
	adms, err := tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: connection, Valid: true})
	if err != nil {
		return err
	}
	for _, adm := range adms {
		if err := tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: tx.Tenant, Kind: KindUnschedule, SubjectID: adm.ID, Payload: []byte("{}")}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Connections) load(ctx context.Context, tenant, connection uuid.UUID) (conn connect.Connection, title string, err error) {
	err = c.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, err := tx.Connection(ctx, connection)
		if err != nil {
			return fault.New(fault.NotFound, "connection_not_found", "This connection does not exist.").Because(err)
		}
		title = row.Title
		conn, err = connectionOf(row)
		return err
	})
	conn.Priority = budget.Urgent
	return conn, title, err
}

func (c *Connections) manifest(ctx context.Context, tenant, connection uuid.UUID) (m *manifest.Manifest, method string, err error) {
	var name string
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, err := tx.Connection(ctx, connection)
		name, method = row.Connector, row.Auth
		return err
	}); err != nil {
		return nil, "", fault.New(fault.NotFound, "connection_not_found", "This connection does not exist.").Because(err)
	}
	pkg, err := c.Host.Package(ctx, connect.Connection{ID: connection, Tenant: tenant, Connector: name})
	if err != nil {
		return nil, "", err
	}
	return pkg.Manifest, method, nil
}
