package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/catalog"
)

func connectorCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "connector", Short: "Look at connector packages", GroupID: "part"}
	cmd.AddCommand(
		&cobra.Command{
			Use: "lock FOLDER", Short: "Note the hash of every program in a folder of packages", Args: cobra.ExactArgs(1),
			Long: "The host runs a program only while it has the hash that was noted here, at install.",
			RunE: func(_ *cobra.Command, args []string) error { return catalog.Lock(args[0]) },
		},
		&cobra.Command{
			Use: "list FOLDER", Short: "List the packages in a folder without running them", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				c, err := catalog.Open(args[0])
				if err != nil {
					return err
				}
				for _, p := range c.List() {
					fmt.Fprintf(cmd.OutOrStdout(), "%-14s %-8s %-12s %-4s %s\n", p.Manifest.Name, p.Manifest.Version, p.Manifest.Kind, strings.Join(p.Manifest.Countries, ","), p.Manifest.Summary)
				}
				for _, p := range c.Problems() {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s: %v\n", p.Folder, p.Err)
				}
				return nil
			},
		},
	)
	return cmd
}
