package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/portal"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/workflows"
	"go.temporal.io/sdk/client"
	tlog "go.temporal.io/sdk/log"
)

// app is everything that hub and worker share.
type app struct {
	config   config
	log      *slog.Logger
	temporal client.Client
	services api.Services
	runner   *sync.Runner
	budget   *budget.Shared
	// subscriptions makes packages call the hub.
	subscriptions *sync.Subscriptions
	post          *dunning.Post
	register      *registry.Registry // of connectors that partners publish
}

// open connects to everything and wires it up. Close undoes it.
func open(ctx context.Context, c config, log *slog.Logger) (*app, error) {
	a := &app{config: c, log: log}
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	if more, err := db.Privileged(ctx); err != nil {
		db.Close()
		return nil, err
	} else if more {
		log.Warn("the database user may do more than the application needs; make one for it with `voldaan migrate --login`")
	}
	a.services = api.Services{Store: db, Real: clock.Real, Public: c.Public, Proxies: c.Proxies, WorkflowURL: c.workflowURL}
	for _, step := range []func(context.Context) error{a.dialTemporal, a.openRegister, a.openHost, a.openPost, a.wire} {
		if err := step(ctx); err != nil {
			a.close()
			return nil, err
		}
	}
	return a, nil
}

func (a *app) close() {
	if a.services.Host != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.services.Host.Close(ctx); err != nil {
			a.log.Warn("stop connectors", "error", err)
		}
	}
	if a.budget != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.budget.Close(ctx); err != nil {
			a.log.Warn("give back to the rate limits", "error", err)
		}
	}
	if a.temporal != nil {
		a.temporal.Close()
	}
	a.services.Store.Close()
}

func (a *app) dialTemporal(ctx context.Context) error {
	c, err := client.DialContext(ctx, client.Options{
		HostPort: a.config.Temporal, Namespace: a.config.Namespace, Logger: tlog.NewStructuredLogger(a.log.With("part", "temporal")),
	})
	if err != nil {
		return fmt.Errorf("reach Temporal at %s: %w", a.config.Temporal, err)
	}
	a.temporal = c
	return nil
}

func (a *app) openHost(context.Context) error {
	box, err := secret.Open(filepath.Join(a.config.Keys, "master.json"))
	if err != nil {
		return err
	}
	a.subscriptions = &sync.Subscriptions{URL: a.config.Public + "/webhooks/connect", Sealer: sync.Sealer{Box: box}}
	foreign := &strangers{versions: a.register.Versions, log: a.log.With("part", "connect")}
	cfg := connect.Config{
		Catalog: a.config.Packages, Recipes: a.config.Recipes, Versions: a.register, Needs: foreign.needs, Apart: foreign.stranger,
		Store: sync.Credentials{Store: a.services.Store}, Sealer: sync.Sealer{Box: box}, Log: a.log.With("part", "connect"),
		App: func(_ context.Context, connector string) (token.App, error) {
			c, ok := a.config.Clients[connector]
			values := a.config.Partner[connector]
			if !ok && len(values) == 0 {
				return token.App{}, fmt.Errorf("there is no OAuth application for %s; set VOLDAAN_OAUTH_CLIENTS", connector)
			}
			return token.App{ClientID: c.ID, ClientSecret: c.Secret, Values: values}, nil
		},
		Egress: a.config.egress(map[string]http.Handler{filebox.Host: a.boxes().Handler()}),
	}
	limits := budget.Config{}
	if len(a.config.Overrides) > 0 {
		// An emulator has its own limits; those of the real package would slow a
		// fast clock down.
		limits.Speed = 1000
	}
	if a.budget, err = budget.NewShared(limits, sync.Ledger{Store: a.services.Store}); err != nil {
		return err
	}
	cfg.Budget = a.budget
	a.services.Host, err = connect.Open(cfg)
	return err
}

// egress is where connectors may go.
func (c config) egress(local map[string]http.Handler) broker.EgressConfig {
	return broker.EgressConfig{Overrides: c.Overrides, Inside: c.Inside, Local: local}
}

func (a *app) openPost(context.Context) error {
	keys, err := mailKeys(a.config.Keys)
	if err != nil {
		return err
	}
	key, err := dkimKey(a.config.Keys)
	if err != nil {
		return err
	}
	signer, err := email.NewSigner(a.config.Domain, "voldaan", key)
	if err != nil {
		return err
	}
	a.post = &dunning.Post{
		Server: email.Server{Address: a.config.SMTP, Security: email.OfferTLS, Name: a.config.Domain, FinalTimeout: time.Minute, CommandTimeout: time.Minute},
		Keys:   keys, Domain: a.config.Domain, Signer: signer,
	}
	if a.config.MailLog != "" {
		a.post.Log = mailsink.Log{URL: a.config.MailLog}
	}
	return nil
}

func (a *app) wire(context.Context) error {
	s := &a.services
	s.Credit = &credit.Office{Store: s.Store, Real: s.Real, Agency: sync.Bureau{Store: s.Store, Host: s.Host}}
	s.Planner = dunning.Planner{Real: s.Real, Watcher: s.Credit}
	s.Directory = tenant.Directory{Store: s.Store}
	a.runner = &sync.Runner{Store: s.Store, Host: s.Host, Observer: observers{a}, Real: s.Real, Log: a.log, Subscriptions: a.subscriptions}
	now := func(ctx context.Context, tx store.Tx) (time.Time, error) { return tx.Now(ctx, s.Real) }
	provider, err := a.provider()
	if err != nil {
		return err
	}
	s.Checkouts = &payment.Checkouts{Store: s.Store, Provider: provider, Planner: s.Planner, Clock: now, Real: s.Real, WebhookURL: a.config.Public + "/webhooks/mollie"}
	s.Bank = &payment.Bank{Store: s.Store, Planner: s.Planner, Clock: now}
	s.Steps = &dunning.Steps{Store: s.Store, Real: s.Real, Books: a.runner, Checkouts: s.Checkouts, Post: a.post, Links: links{a.config.Public}}
	box, err := secret.Open(filepath.Join(a.config.Keys, "master.json"))
	if err != nil {
		return err
	}
	s.Erasure = &erasure.Office{Store: s.Store, Real: s.Real}
	s.Events = &event.Endpoints{Store: s.Store, Sealer: box, Real: s.Real, Plain: a.config.demo()}
	a.cases(box)
	if err := a.wireDebits(provider); err != nil {
		return err
	}
	s.Desk = &arrangement.Desk{Store: s.Store, Real: s.Real, Planner: s.Planner, Teller: s.Steps}
	s.Portal = &portal.Gatekeeper{Store: s.Store, Real: s.Real, Courier: courier{s.Steps}}
	s.Connections = &sync.Connections{Store: s.Store, Host: s.Host, Runner: a.runner, Boxes: a.boxes(), Folders: a.config.Folders, Schedule: a.schedule}
	s.SyncNow = func(ctx context.Context, tenant, administration uuid.UUID) error {
		return workflows.SyncNow(ctx, a.temporal, workflows.SyncInput{Tenant: tenant, Administration: administration}, "Sync asked for by a person")
	}
	s.Connections.SyncNow = s.SyncNow
	s.Register = a.register
	s.Contained = contain.Here().Lines()
	s.Market = &marketplace.Service{
		Store: s.Store, Host: s.Host, Register: a.register, Connections: s.Connections, SyncNow: s.SyncNow, Real: s.Real, Packages: a.config.Packages, Own: own,
	}
	return nil
}

// boxes keep the files that were received for connections.
func (a *app) boxes() pginbox.Boxes {
	return pginbox.Boxes{Store: a.services.Store, Now: func(ctx context.Context, tx store.Tx) (time.Time, error) {
		return tx.Now(ctx, a.services.Real)
	}}
}

func (a *app) provider() (provider, error) {
	if a.config.MollieKey == "" {
		return noProvider{}, nil
	}
	key, err := mollie.ParseAPIKey(a.config.MollieKey)
	if err != nil {
		return nil, fmt.Errorf("VOLDAAN_MOLLIE_KEY: %w", err)
	}
	return mollie.New(mollie.Config{BaseURL: a.config.MollieURL, Key: key, HTTP: &http.Client{Timeout: 20 * time.Second}})
}

// schedule mirrors an administration at once and then regularly, in the
// tenant's time.
func (a *app) schedule(ctx context.Context, tenant, administration uuid.UUID, every time.Duration, title string) error {
	in := workflows.SyncInput{Tenant: tenant, Administration: administration}
	if err := a.services.Store.In(ctx, tenant, func(tx store.Tx) error {
		scale, err := tx.Scale(ctx)
		if err == nil && !scale.IsReal() && scale.Tenant(time.Now()).Before(scale.Until) {
			every = time.Duration(float64(every) * float64(scale.DayLength) / float64(clock.Day))
		}
		return err
	}); err != nil {
		return err
	}
	if err := workflows.ScheduleSync(ctx, a.temporal, in, every, title); err != nil {
		return fmt.Errorf("schedule the sync: %w", err)
	}
	return workflows.SyncNow(ctx, a.temporal, in, title)
}

func (c config) workflowURL(id string) string {
	if c.UI == "" {
		return ""
	}
	return fmt.Sprintf("%s/namespaces/%s/workflows/%s", c.UI, c.Namespace, escapeID(id))
}
