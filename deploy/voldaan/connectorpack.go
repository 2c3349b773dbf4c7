package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

func connectorPack() *cobra.Command {
	var programs []string
	var out string
	var fast bool
	cmd := &cobra.Command{
		Use: "pack FOLDER", Short: "Make a package of a connector's folder", Args: cobra.ExactArgs(1),
		Long: "Takes connector.yaml, README.md, CHANGELOG.md, LICENSE, icon.svg and conformance.json, and programs from\nprogram/<platform>/ or from where --program says. A conformance.json that is not about the folder as it is now, or\nof a short run, proves nothing and is left out. With --key it signs the package as well.",
	}
	cmd.Flags().StringArrayVar(&programs, "program", nil, "program that lies elsewhere, as linux-amd64=FILE")
	cmd.Flags().StringVarP(&out, "out", "o", "", "the package's file, else NAME-VERSION.vpkg here")
	cmd.Flags().BoolVar(&fast, "fast", false, "do not compress")
	key := keyFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		elsewhere := map[pack.Platform]string{}
		for _, p := range programs {
			platform, file, ok := strings.Cut(p, "=")
			if !ok {
				return fmt.Errorf("--program %q is not of the form linux-amd64=FILE", p)
			}
			elsewhere[pack.Platform(platform)] = file
		}
		source, err := pack.FromFolder(args[0], elsewhere)
		if err != nil {
			return err
		}
		source.Fast = fast
		if why, err := useless(args[0], source.Files[pack.Report]); err != nil {
			return err
		} else if why != "" {
			delete(source.Files, pack.Report)
			fmt.Fprintf(cmd.ErrOrStderr(), "%s is left out: %s; write another with: voldaan connector test %s --save\n", filepath.Join(args[0], pack.Report), why, args[0])
		}
		data, err := pack.Build(source)
		if err != nil {
			return err
		}
		if *key != "" {
			k, err := loadKey(*key)
			if err != nil {
				return err
			}
			if data, err = pack.Sign(data, k, time.Now()); err != nil {
				return err
			}
		}
		p, err := pack.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return err
		}
		if out == "" {
			out = p.Index().Name + "-" + p.Index().Version + pack.Extension
		}
		return writePackage(cmd.OutOrStdout(), out, data, p)
	}
	return cmd
}

// useless says why a report proves nothing about the connector in a folder, "" when
// it does or when there is none.
func useless(folder string, report []byte) (why string, err error) {
	if report == nil {
		return "", nil
	}
	var r conformance.Report
	if err := json.Unmarshal(report, &r); err != nil {
		return "it is not a report of the conformance kit", nil
	}
	now, err := conformance.TestedIn(folder)
	switch {
	case err != nil:
		return "", err
	case r.Short:
		return "it is of a short run", nil
	case r.Kit != conformance.Kit:
		return "it is of another version of the conformance kit", nil
	case r.Tested != now:
		return "the connector has changed since", nil
	}
	return "", nil
}

// writePackage writes a package so that others see it whole, and says what it is.
func writePackage(w io.Writer, file string, data []byte, p *pack.Package) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := catalog.Install(filepath.Dir(file), filepath.Base(file), data); err != nil {
		return err
	}
	signed := "not signed; sign it with: voldaan connector sign " + file
	if s := p.Signature(); s != nil {
		signed = "signed by " + s.Publisher + " with " + s.Key
	}
	_, err := fmt.Fprintf(w, "%s: %s, %d KiB, %s\n", file, p.Index().ID(), (len(data)+1023)/1024, signed)
	return err
}

func connectorSign() *cobra.Command {
	cmd := &cobra.Command{Use: "sign PACKAGE", Short: "Sign a package", Args: cobra.ExactArgs(1)}
	key := keyFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		k, err := loadKey(*key)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		if data, err = pack.Sign(data, k, time.Now()); err != nil {
			return fmt.Errorf("sign %s: %w", args[0], err)
		}
		p, err := pack.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return err
		}
		return writePackage(cmd.OutOrStdout(), args[0], data, p)
	}
	return cmd
}

func connectorVerify() *cobra.Command {
	var public, folder string
	cmd := &cobra.Command{
		Use: "verify PACKAGE", Short: "Check a package's signature and every file in it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, f, err := pack.OpenFile(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			ring := pack.Ring{}
			switch {
			case public != "":
				var k pack.PublicKey
				if err := k.UnmarshalText([]byte(public)); err != nil {
					return err
				}
				ring[p.Index().Publisher] = []pack.TrustedKey{{Public: k}}
			case folder != "":
				if ring, err = catalog.Keys(folder); err != nil {
					return err
				}
			default:
				return errors.New("say whom to trust, by --public KEY or --catalogue FOLDER")
			}
			v, err := p.Verify(ring, pack.Moment{Now: time.Now()})
			if err != nil {
				return err
			}
			for _, e := range v.Index().Files {
				if err := v.Copy(io.Discard, e.Path); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %9d  %s\n", e.SHA256, e.Size, e.Path)
			}
			s := v.Signature()
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is in order: signed by %s with %s on %s\n", v.Index().ID(), s.Publisher, s.Key, s.SignedAt.Format(time.DateOnly))
			return err
		},
	}
	cmd.Flags().StringVar(&public, "public", "", "public key of its publisher, as keygen printed it")
	cmd.Flags().StringVar(&folder, "catalogue", "", "catalogue whose publishers are trusted")
	return cmd
}

func connectorDiff() *cobra.Command {
	return &cobra.Command{
		Use: "diff OLD NEW", Short: "Say what differs between two versions, and which number that asks for", Args: cobra.ExactArgs(2),
		Long: "OLD and NEW are packages, connector folders or manifests.",
		RunE: func(cmd *cobra.Command, args []string) error {
			var sources [2][]byte
			var numbers [2]registry.Version
			for i, file := range args {
				var err error
				if sources[i], err = readManifest(file); err != nil {
					return err
				}
				m, err := manifest.Parse(file, sources[i])
				if err != nil {
					return err
				}
				if numbers[i], err = registry.ParseVersion(m.Version); err != nil {
					return err
				}
			}
			changes, err := registry.Diff(sources[0], sources[1])
			if err != nil {
				return err
			}
			for _, c := range changes {
				fmt.Fprintf(cmd.OutOrStdout(), "%-6s %s\n", c.Weight, c.Sentence)
			}
			if len(changes) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "nothing differs but the programs, if those do")
			}
			return registry.Declared(numbers[0], numbers[1], changes)
		},
	}
}

// readManifest returns the manifest of a package, a folder or a file. Nobody
// vouches for it: it is only looked at.
func readManifest(file string) ([]byte, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, manifest.FileName)
	}
	if !strings.HasSuffix(file, pack.Extension) {
		return os.ReadFile(file)
	}
	p, f, err := pack.OpenFile(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return p.Manifest()
}
