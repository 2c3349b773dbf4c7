package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/pack"
)

// publisherCommand is how an operator lets partners publish to this hub.
func publisherCommand() *cobra.Command {
	var title, why, how string
	var expires time.Duration
	cmd := &cobra.Command{
		Use: "publisher", Short: "Say who may publish connectors to this hub", GroupID: "more",
		Long: "Works on the database of VOLDAAN_DATABASE_URL.",
	}
	add := &cobra.Command{
		Use: "add NAME", Short: "Make a publisher known", Args: cobra.ExactArgs(1),
		RunE: inRegister(func(ctx context.Context, r *registry.Registry, args []string) error {
			if title == "" {
				title = args[0]
			}
			return r.RegisterPublisher(ctx, args[0], title)
		}),
	}
	add.Flags().StringVar(&title, "title", "", "as people write the name")
	key := &cobra.Command{
		Use: "key NAME PUBLIC-KEY", Short: "Register a publisher's key, as keygen printed it", Args: cobra.ExactArgs(2),
		RunE: inRegister(func(ctx context.Context, r *registry.Registry, args []string) error {
			var k pack.PublicKey
			if err := k.UnmarshalText([]byte(args[1])); err != nil {
				return err
			}
			var until time.Time
			if expires > 0 {
				until = time.Now().Add(expires)
			}
			return r.AddKey(ctx, args[0], k, until)
		}),
	}
	key.Flags().DurationVar(&expires, "expires", 2*365*24*time.Hour, "how long it may sign; 0 for ever")
	revoke := &cobra.Command{
		Use: "revoke NAME KEY-ID", Short: "Take the trust out of all that a key signed", Args: cobra.ExactArgs(2),
		RunE: inRegister(func(ctx context.Context, r *registry.Registry, args []string) error {
			if why == "" {
				return errors.New("say why, by --why")
			}
			return r.RevokeKey(ctx, args[0], args[1], why)
		}),
	}
	revoke.Flags().StringVar(&why, "why", "", "what happened to it")
	verify := &cobra.Command{
		Use: "verify NAME", Short: "Note that you made sure who a publisher is", Args: cobra.ExactArgs(1),
		RunE: inRegister(func(ctx context.Context, r *registry.Registry, args []string) error {
			if how == "" {
				return errors.New("say how you made sure, by --how")
			}
			return r.VerifyPublisher(ctx, args[0], how)
		}),
	}
	verify.Flags().StringVar(&how, "how", "", "such as: extract of the chamber of commerce, called back")
	reserve := &cobra.Command{
		Use: "reserve NAME CONNECTOR", Short: "Give a connector's name to a publisher", Args: cobra.ExactArgs(2),
		RunE: inRegister(func(ctx context.Context, r *registry.Registry, args []string) error {
			return r.Reserve(ctx, args[0], args[1])
		}),
	}
	member := &cobra.Command{
		Use: "member NAME ORGANISATION", Short: "Let the members of an organisation here, by its short name, see how a publisher's connectors do", Args: cobra.ExactArgs(2),
		RunE: inRegister(func(ctx context.Context, r *registry.Registry, args []string) error {
			return r.Belong(ctx, args[0], tenant.IDOf(args[1]))
		}),
	}
	cmd.AddCommand(add, key, verify, reserve, revoke, member)
	return cmd
}

// inRegister runs f with the register of the database that is set.
func inRegister(f func(context.Context, *registry.Registry, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		dsn := os.Getenv("VOLDAAN_DATABASE_URL")
		if dsn == "" {
			return errors.New("VOLDAAN_DATABASE_URL is not set; it names the database, as postgres://user@host/voldaan")
		}
		s, err := store.Open(cmd.Context(), dsn)
		if err != nil {
			return err
		}
		defer s.Close()
		r, err := registry.New(registry.Config{Store: s, Blobs: noBlobs{}, Log: slog.Default()})
		if err != nil {
			return err
		}
		return f(cmd.Context(), r, args)
	}
}

// noBlobs keeps no packages: an operator's commands are about names and keys.
type noBlobs struct{}

func (noBlobs) Put(context.Context, []byte) (pack.Hash, error) { return pack.Hash{}, blob.ErrNotFound }
func (noBlobs) Get(context.Context, pack.Hash) ([]byte, error) { return nil, blob.ErrNotFound }
func (noBlobs) Has(context.Context, pack.Hash) (bool, error)   { return false, nil }
