package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"golang.org/x/sync/errgroup"
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "The hub: pages, REST API, webhooks, incoming mail", GroupID: "run", Args: cobra.NoArgs,
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
			return a.serve(cmd.Context())
		},
	}
}

func (a *app) serve(ctx context.Context) error {
	if a.services.Demo = len(a.config.Overrides) > 0; a.services.Demo {
		a.services.DemoEmail, a.services.DemoPassword = demoEmail, demoPassword
	}
	pages, err := web.New(a.services, a.log)
	if err != nil {
		return err
	}
	mail, err := inbound.New(inbound.Config{
		Domains: []string{a.config.Domain}, Keys: a.post.Keys, Logger: a.log.With("part", "inbound"),
		Handler: casework.Letterbox{Desk: a.services.Cases, Next: dunning.Inbound{Store: a.services.Store, Planner: a.services.Planner}},
	})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", a.config.Inbound)
	if err != nil {
		return fmt.Errorf("take mail on %s: %w", a.config.Inbound, err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.keepConnectors(ctx) })
	g.Go(func() error { return mail.Serve(l) })
	g.Go(func() error { <-ctx.Done(); return mail.Close() })
	g.Go(func() error { return serveHTTP(ctx, a.config.Listen, pages) })
	return g.Wait()
}
