package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/store"
)

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database schema up to date", GroupID: "run", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dsn := os.Getenv("VOLDAAN_DATABASE_URL")
			if dsn == "" {
				return errors.New("VOLDAAN_DATABASE_URL is not set; it names the database, as postgres://user@host/voldaan")
			}
			return store.Migrate(cmd.Context(), dsn)
		},
	}
}
