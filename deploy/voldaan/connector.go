package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/contain"
)

func connectorCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "connector", Short: "Write, test, sign and publish connectors", GroupID: "part"}
	cmd.AddCommand(
		connectorNew(), connectorDev(),
		connectorKeygen(), connectorPack(), connectorSign(), connectorVerify(), connectorDiff(), connectorPublish(), connectorYank(),
		connectorPush(), connectorPull(), connectorTrust(), connectorList(), connectorRecord(), connectorTest(),
	)
	return cmd
}

func connectorList() *cobra.Command {
	return &cobra.Command{
		Use: "list CATALOGUE", Short: "List the packages of a catalogue without running them", Args: cobra.ExactArgs(1),
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
			fmt.Fprintln(cmd.ErrOrStderr(), "\nHow this machine contains connectors:")
			for _, l := range contain.Here().Lines() {
				mark := "in force"
				if !l.InForce {
					mark = "MISSING"
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "%-8s  %-26s %s\n", mark, l.Measure, l.Text)
				if l.Todo != "" {
					fmt.Fprintf(cmd.ErrOrStderr(), "%38sTo get there, %s.\n", "", l.Todo)
				}
			}
			return nil
		},
	}
}
