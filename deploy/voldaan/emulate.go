package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	molliemu "github.com/voldaan/voldaan/core/payment/mollie/emulator"
	moneybirdemu "github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk/emulator"
)

func emulateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "emulate", Short: "Play an accounting or CRM package, a payment provider or a mail server", GroupID: "part"}
	cmd.AddCommand(emulateMoneybird(), emulateMollie(), emulateMail())
	cmd.AddCommand(emulateCommands()...)
	return cmd
}

// served are the flags that every emulator has.
type served struct {
	listen, public, state, scale string
}

func (s *served) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.listen, "listen", "127.0.0.1:0", "address to serve on")
	cmd.Flags().StringVar(&s.public, "public", "", "URL that others reach it at")
	cmd.Flags().StringVar(&s.state, "state", "", "folder that keeps its state; in memory without")
	cmd.Flags().StringVar(&s.scale, "clock", "", "file with the clock of the tenant it plays for; real time without")
}

func (s *served) clock() clock.Clock {
	if s.scale == "" {
		return clock.Real
	}
	return &fileClock{path: s.scale}
}

func emulateMoneybird() *cobra.Command {
	var s served
	cmd := &cobra.Command{Use: "moneybird", Short: "Moneybird after its published contract", Args: cobra.NoArgs}
	s.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c := s.clock()
		srv, err := moneybirdemu.New(moneybirdemu.Config{
			Now: c.Now, StateDir: s.state, PublicURL: s.public, DownloadURL: "https://storage.moneybird.dev", Rate: emulator.Rate{Limit: -1},
			Clients: map[string]emulator.OAuthClient{demoClient.ID: {Secret: demoClient.Secret, Name: "Voldaan"}},
		})
		if err != nil {
			return err
		}
		defer srv.Close()
		if s.state == "" {
			return serveHTTP(cmd.Context(), s.listen, srv)
		}
		d, err := newDiary(filepath.Join(s.state, "appointments.json"), c, srv)
		if err != nil {
			return err
		}
		return serveHTTP(cmd.Context(), s.listen, d)
	}
	return cmd
}

func emulateMollie() *cobra.Command {
	var s served
	cmd := &cobra.Command{Use: "mollie", Short: "Mollie after its published contract, with a checkout page", Args: cobra.NoArgs}
	s.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c := s.clock()
		srv, err := molliemu.New(molliemu.Config{Now: c.Now, StateDir: s.state, PublicURL: s.public, Keys: []string{demoMollieKey}})
		if err != nil {
			return err
		}
		defer srv.Close()
		return serveHTTP(cmd.Context(), s.listen, srv)
	}
	return cmd
}

func emulateMail() *cobra.Command {
	var s served
	var smtp, inbound string
	cmd := &cobra.Command{Use: "mail", Short: "A mail server that keeps and shows what it gets", Args: cobra.NoArgs}
	s.flags(cmd)
	cmd.Flags().StringVar(&smtp, "smtp", "127.0.0.1:0", "address to take mail on")
	cmd.Flags().StringVar(&inbound, "inbound", "", "address that replies and bounces go to")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c := s.clock()
		sink, err := mailsink.New(mailsink.Config{
			Dir: s.state, Inbound: inbound, Clock: c,
			Rules: []mailsink.Rule{{Recipient: "*@moved.example", Do: mailsink.Bounce}},
		})
		if err != nil {
			return err
		}
		defer sink.Close()
		l, err := net.Listen("tcp", smtp)
		if err != nil {
			return fmt.Errorf("take mail on %s: %w", smtp, err)
		}
		go func() {
			if err := sink.ServeSMTP(l); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}()
		return serveHTTP(cmd.Context(), s.listen, sink)
	}
	return cmd
}

// serveHTTP serves until ctx ends and lets open requests finish.
func serveHTTP(ctx context.Context, listen string, h http.Handler) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("serve on %s: %w", listen, err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	stop := context.AfterFunc(ctx, func() {
		done, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = srv.Shutdown(done)
	})
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
