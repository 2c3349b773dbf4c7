package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/store"
)

func migrateCommand() *cobra.Command {
	var login string
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the database schema up to date", GroupID: "run", Args: cobra.NoArgs,
		Long: "Brings the schema of VOLDAAN_DATABASE_URL up to date, as its owner. With --login it also makes the user for\nhub and worker, with the password in VOLDAAN_LOGIN_PASSWORD: a user who is held to the application's role,\nso that nothing they run reaches beyond one tenant's rows.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			dsn := os.Getenv("VOLDAAN_DATABASE_URL")
			if dsn == "" {
				return errors.New("VOLDAAN_DATABASE_URL is not set; it names the database, as postgres://user@host/voldaan")
			}
			if err := store.Migrate(cmd.Context(), dsn); err != nil || login == "" {
				return err
			}
			password := os.Getenv("VOLDAAN_LOGIN_PASSWORD")
			if password == "" {
				return errors.New("VOLDAAN_LOGIN_PASSWORD is not set; it is the password of the user to make")
			}
			_, err := store.EnsureLogin(cmd.Context(), dsn, login, password)
			return err
		},
	}
	cmd.Flags().StringVar(&login, "login", "", "make this user for hub and worker")
	return cmd
}
