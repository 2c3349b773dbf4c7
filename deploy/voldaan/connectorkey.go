package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/sdk/pack"
)

func connectorKeygen() *cobra.Command {
	var missing bool
	cmd := &cobra.Command{
		Use: "keygen FILE", Short: "Make a key to sign packages with", Args: cobra.ExactArgs(1),
		Long: "Makes an ed25519 key in a file that only you can read, and prints its public half: give that to the operator\nof a hub, and keep the file where you keep passwords. Who has it can publish in your name.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(args[0]); missing && err == nil {
				return nil
			} else if missing && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			key, err := pack.GenerateKey()
			if err != nil {
				return err
			}
			if err := key.Save(args[0]); err != nil {
				return err
			}
			return showKey(cmd.OutOrStdout(), key.Public())
		},
	}
	cmd.Flags().BoolVar(&missing, "if-missing", false, "leave a key that is there as it is")
	return cmd
}

func showKey(w io.Writer, key pack.PublicKey) error {
	text, err := key.MarshalText()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id           %s\nfingerprint  %s\npublic key   %s\n", key.ID(), key.Fingerprint(), text)
	return err
}

// keyFlag adds --key, the file with the publisher's key.
func keyFlag(cmd *cobra.Command) *string {
	file := cmd.Flags().String("key", os.Getenv("VOLDAAN_PUBLISHER_KEY"), "file with your key, else $VOLDAAN_PUBLISHER_KEY")
	return file
}

func loadKey(file string) (pack.PrivateKey, error) {
	if file == "" {
		return pack.PrivateKey{}, errors.New("say with which key, by --key FILE; make one with: voldaan connector keygen FILE")
	}
	return pack.LoadKey(file)
}

func connectorTrust() *cobra.Command {
	var names []string
	cmd := &cobra.Command{
		Use: "trust CATALOGUE PUBLISHER", Short: "Trust a publisher's key for a catalogue", Args: cobra.ExactArgs(2),
		Long: "Packages that PUBLISHER signed with this key are offered from now on. With --name, only this publisher\nmay offer a connector of that name.",
	}
	key := keyFlag(cmd)
	public := cmd.Flags().String("public", "", "public key, as keygen printed it, when you do not have the file")
	cmd.Flags().StringSliceVar(&names, "name", nil, "connector whose name is this publisher's alone")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		var k pack.PublicKey
		if *public != "" {
			if err := k.UnmarshalText([]byte(*public)); err != nil {
				return err
			}
		} else {
			private, err := loadKey(*key)
			if err != nil {
				return err
			}
			k = private.Public()
		}
		_, err := catalog.Learn(args[0], catalog.Publisher{Name: args[1], Keys: []pack.TrustedKey{{Public: k}}, Connectors: names})
		return err
	}
	return cmd
}
