package main

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/workflows"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"
)

func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Short: "The worker: takes steps, mirrors books, carries plans to workflows", GroupID: "run", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			a, err := open(cmd.Context(), c, slog.Default())
			if err != nil {
				return err
			}
			defer a.close()
			return a.work(cmd.Context())
		},
	}
}

func (a *app) work(ctx context.Context) error {
	if err := workflows.RegisterSearchAttributes(ctx, a.temporal, a.config.Namespace); err != nil {
		return err
	}
	w := worker.New(a.temporal, workflows.TaskQueue, workflows.Options())
	workflows.Register(w, &workflows.Activities{Steps: a.services.Steps, Sync: a.runner, Store: a.services.Store, Wakers: a.wakers()})
	if err := w.Start(); err != nil {
		return err
	}
	defer w.Stop()
	carrier := &workflows.Carrier{Store: a.services.Store, Temporal: a.temporal, Log: a.log, Every: 200 * time.Millisecond, Planner: a.services.Planner}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return carrier.Run(ctx) })
	g.Go(func() error { return a.writeBacks(ctx) })
	g.Go(func() error { return a.fetcher().Run(ctx) })
	g.Go(func() error { return a.keepConnectors(ctx) })
	g.Go(func() error { return a.tellEvents(ctx) })
	g.Go(func() error { return (&sync.Upkeep{Connections: a.services.Connections}).Run(ctx) })
	return g.Wait()
}

// wakers own what waits besides invoices.
func (a *app) wakers() map[matter.Kind]matter.Waker {
	all := map[matter.Kind]matter.Waker{
		erasure.Matter:     a.services.Erasure,
		dunning.CaseMatter: a.services.Cases,
		credit.Daily:       a.services.Credit,

		casework.LimitsMatter: casework.Limits{Desk: a.services.Cases},
		dunning.Delivery: dunning.Deliveries{
			Steps: a.services.Steps, Courier: sync.Courier{Store: a.services.Store, Host: a.services.Host},
			ReportURL: func(connection uuid.UUID) string { return a.config.Public + "/webhooks/connect/" + connection.String() },
		},
		payment.Dropped:     payment.Doubts{Checkouts: a.services.Checkouts},
		debit.DebitMatter:   debit.Debits{Service: a.services.Debits},
		debit.MandateMatter: debit.Mandates{Service: a.services.Debits},
		debit.EndMatter:     debit.Ends{Service: a.services.Debits},
	}
	maps.Copy(all, a.services.Desk.Wakers())
	return all
}

// fetcher takes in invoice files from folders and SFTP servers.
func (a *app) fetcher() *sync.Fetcher {
	return &sync.Fetcher{
		Connections: a.services.Connections, Networks: a.config.SFTPNetworks, Log: a.log.With("part", "files"),
		Sync: func(ctx context.Context, tenant, administration uuid.UUID) error {
			return workflows.SyncNow(ctx, a.temporal, workflows.SyncInput{Tenant: tenant, Administration: administration}, "Files came in")
		},
	}
}

// writeBacks registers payments in the books.
func (a *app) writeBacks(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	door := a.services.Store.Door()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		due, err := door.DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: []string{payment.KindWriteBack}, Most: 20, Lease: time.Minute})
		if err != nil {
			a.log.Warn("claim write-backs", "error", err)
			continue
		}
		for _, o := range due {
			err := a.runner.WriteBack(ctx, o.TenantID, o.SubjectID)
			if err != nil {
				a.log.Warn("register a payment in the books", "write_back", o.SubjectID, "error", err)
				err = door.DoorRetryOutbox(ctx, db.DoorRetryOutboxParams{Failed: o.ID, Again: time.Duration(min(o.Attempts*o.Attempts, 300)) * time.Second, Why: err.Error()})
			} else {
				err = door.DoorFinishOutbox(ctx, []int64{o.ID})
			}
			if err != nil {
				a.log.Warn("finish a write-back", "error", err)
			}
		}
	}
}
