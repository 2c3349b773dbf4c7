package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/core/sync/inbox/inboxplay"
	birdemu "github.com/voldaan/voldaan/plugins/bird/emulator"
	creditsafeemu "github.com/voldaan/voldaan/plugins/creditsafe/emulator"
	eboekhoudenemu "github.com/voldaan/voldaan/plugins/eboekhouden/emulator"
	exactonlineemu "github.com/voldaan/voldaan/plugins/exactonline/emulator"
	hubspotemu "github.com/voldaan/voldaan/plugins/hubspot/emulator"
	moneybirdemu "github.com/voldaan/voldaan/plugins/moneybird/emulator"
	odooemu "github.com/voldaan/voldaan/plugins/odoo/emulator"
	pingenemu "github.com/voldaan/voldaan/plugins/pingen/emulator"
	spryngemu "github.com/voldaan/voldaan/plugins/spryng/emulator"
	storecoveemu "github.com/voldaan/voldaan/plugins/storecove/emulator"
	twilioemu "github.com/voldaan/voldaan/plugins/twilio/emulator"
	twinfieldemu "github.com/voldaan/voldaan/plugins/twinfield/emulator"
	"github.com/voldaan/voldaan/sdk/cassette"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

// plays are the packages that the conformance kit can play with books of its own,
// by the name of the connector.
var plays = map[string]conformance.Opener{
	"eboekhouden": eboekhoudenemu.Conformance,
	"exactonline": exactonlineemu.Conformance,
	"files":       inboxplay.Open,
	"hubspot":     hubspotemu.Conformance,
	"twilio":      twilioemu.Conformance,
	"bird":        birdemu.Conformance,
	"spryng":      spryngemu.Conformance,
	"pingen":      pingenemu.Conformance,
	"storecove":   storecoveemu.Conformance,
	"creditsafe":  creditsafeemu.Conformance,
	"moneybird":   moneybirdemu.Conformance,
	"odoo":        odooemu.Conformance,
	"twinfield":   twinfieldemu.Conformance,
}

// errNotConformant ends the program with a failure after a report was printed.
var errNotConformant = errors.New("not all scenarios passed")

// trial is what "connector test" was asked.
type trial struct {
	short, verbose, all, save, table bool
	plugins, write, out              string
	cassettes                        []string
}

func connectorTest() *cobra.Command {
	var t trial
	cmd := &cobra.Command{
		Use: "test [FOLDER|NAME]...", Short: "Try connectors with the conformance kit",
		Long: "Runs a connector as the hub does, with its package played by an emulator, where there is one, and by the\n" +
			"cassettes in its folder. Every answer is spoilt in every way that packages have; the score is what passed.\n" +
			"FOLDER has a connector.yaml and its program, built or as Go source. NAME is a folder below --plugins.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if t.all == (len(args) > 0) {
				return errors.New("name a connector's folder, or --all")
			}
			if t.write != "" && !t.all {
				return errors.New("--write is for the table of --all; with a few connectors in it the others would be gone")
			}
			if t.all {
				var err error
				if args, err = connectorFolders(t.plugins); err != nil {
					return err
				}
			}
			return t.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&t.all, "all", false, "try every connector below --plugins, and print one table")
	f.BoolVar(&t.short, "short", false, "fewer mutations")
	f.BoolVar(&t.table, "table", false, "print and write the table without trying anything, with the scores of the reports that --save wrote")
	f.BoolVarP(&t.verbose, "verbose", "v", false, "print what passed, too, and the logs of the host")
	f.BoolVar(&t.save, "save", false, "write conformance.json into the connector's folder, from where it is packed")
	f.StringVar(&t.plugins, "plugins", "plugins", "folder with connectors")
	f.StringVar(&t.write, "write", "", "file in which to write the table anew, such as plugins/README.md")
	f.StringVar(&t.out, "out", "", "folder for the reports, as JSON and as pages")
	f.StringArrayVar(&t.cassettes, "cassette", nil, "cassette to play; else those in the connector's folder")
	return cmd
}

// connectorFolders returns the folders with a connector.yaml below another, by name.
func connectorFolders(plugins string) (out []string, err error) {
	files, err := filepath.Glob(filepath.Join(plugins, "*", manifest.FileName))
	for _, f := range files {
		out = append(out, filepath.Dir(f))
	}
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("there is no connector below %s", plugins)
	}
	return out, err
}

func (t *trial) run(ctx context.Context, out, progress io.Writer, folders []string) error {
	var rows []conform.Row
	good := true
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, manifest.FileName)); err != nil {
			folder = filepath.Join(t.plugins, folder)
		}
		m, err := manifest.Load(folder)
		if err != nil {
			return err
		}
		var reports []*conformance.Report
		if !t.table {
			tested, err := conformance.TestedIn(folder) // before, lest it changes meanwhile
			if err != nil {
				return err
			}
			if reports, err = t.try(ctx, progress, folder, m); err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			for _, r := range reports {
				r.Tested = tested
			}
		}
		row := conform.Row{Manifest: m}
		if t.table {
			row.Report = savedReport(folder)
		}
		for i, r := range reports {
			if i == 0 {
				row.Report = r
			}
			good = good && r.Failed == 0
			if err := t.keep(folder, i, r); err != nil {
				return err
			}
		}
		rows = append(rows, row)
	}
	if err := conform.Print(out, rows); err != nil {
		return err
	}
	if t.write != "" {
		old, err := os.ReadFile(t.write)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.WriteFile(t.write, []byte(conform.Markdown(string(old), rows)), 0o644); err != nil {
			return err
		}
	}
	if !good {
		return errNotConformant
	}
	return nil
}

// savedReport is the report in a connector's folder, nil when it proves nothing.
func savedReport(folder string) *conformance.Report {
	data, err := os.ReadFile(filepath.Join(folder, pack.Report))
	if err != nil {
		return nil
	}
	var r conformance.Report
	if why, err := useless(folder, data); why != "" || err != nil || json.Unmarshal(data, &r) != nil {
		return nil
	}
	return &r
}

// try runs the kit on the emulator, if there is one, and then on each cassette.
func (t *trial) try(ctx context.Context, progress io.Writer, folder string, m *manifest.Manifest) ([]*conformance.Report, error) {
	var opens []conformance.Opener
	if o := plays[m.Name]; o != nil && len(t.cassettes) == 0 {
		opens = append(opens, o)
	}
	cassettes := t.cassettes
	if len(cassettes) == 0 {
		cassettes, _ = filepath.Glob(filepath.Join(folder, "cassettes", "*.cassette")) // the pattern is ours
	}
	for _, file := range cassettes {
		c, err := cassette.Load(file)
		if err != nil {
			return nil, err
		}
		if c.Connector != m.Name {
			return nil, fmt.Errorf("%s was recorded with the connector %s", file, c.Connector)
		}
		opens = append(opens, conformance.Cassette(strings.TrimSuffix(filepath.Base(file), ".cassette"), c, m))
	}
	if len(opens) == 0 {
		fmt.Fprintf(progress, "%s: nothing plays its package; record one with: voldaan connector record %s\n", m.Name, folder)
		return nil, nil
	}
	built, done, err := readyConnector(ctx, folder, m)
	if err != nil {
		return nil, err
	}
	defer done()
	var reports []*conformance.Report
	for _, open := range opens {
		r, err := t.one(ctx, progress, built, open)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

func (t *trial) one(ctx context.Context, progress io.Writer, c conform.Config, open conformance.Opener) (*conformance.Report, error) {
	p, err := open(&conformance.Clock{})
	if err != nil {
		return nil, err
	}
	if p.Close != nil {
		p.Close()
	}
	c.Hosts = p.Hosts
	if t.verbose {
		c.Log = slog.New(slog.NewTextHandler(progress, nil))
	}
	target, err := conform.Open(c)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	fmt.Fprintf(progress, "%s on %s\n", target.Manifest().Name, p.On)
	return conformance.Run(ctx, conformance.Options{Target: target, Open: open, Short: t.short, Parallel: 3 * runtime.GOMAXPROCS(0), Done: func(r conformance.Result) {
		// A recording cannot play everything; that is not worth a line each.
		if r.State == conformance.Passed && !t.verbose || r.State == conformance.Skipped && p.Books == nil && !t.verbose {
			return
		}
		fmt.Fprintf(progress, "  %-8s %s: %s: %s\n", r.State, r.Area, r.Name, r.Sentence)
		for l := range strings.Lines(r.Note) {
			fmt.Fprintf(progress, "             %s\n", strings.TrimRight(l, "\n"))
		}
	}})
}

// readyConnector returns a folder in which a connector can be started: its own when
// the program is there, else one in which it was built.
func readyConnector(ctx context.Context, folder string, m *manifest.Manifest) (c conform.Config, done func(), err error) {
	done = func() {}
	c.Folder = folder
	if m.Program != "" && isFile(filepath.Join(folder, m.Program)) {
		return c, done, nil
	}
	dir, err := os.MkdirTemp("", "voldaan-test")
	if err != nil {
		return c, done, err
	}
	done = func() { _ = os.RemoveAll(dir) }
	if m.Program == "" {
		c.Recipes, err = recipesProgram(ctx, dir)
	} else {
		c.Folder = filepath.Join(dir, m.Name)
		if err = os.Mkdir(c.Folder, 0o755); err == nil {
			_, err = buildConnector(ctx, folder, c.Folder)
		}
	}
	if err != nil {
		done()
		return c, func() {}, err
	}
	return c, done, nil
}

// keep writes a report to where it was asked for; the first of a connector is the
// one that counts.
func (t *trial) keep(folder string, i int, r *conformance.Report) error {
	data, err := r.JSON()
	if err != nil {
		return err
	}
	if t.save && i == 0 {
		if err := os.WriteFile(filepath.Join(folder, pack.Report), data, 0o644); err != nil {
			return err
		}
	}
	if t.out == "" {
		return nil
	}
	page, err := r.Page()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(t.out, 0o755); err != nil {
		return err
	}
	name := filepath.Join(t.out, r.Connector+"-"+strings.TrimPrefix(r.On, "cassette "))
	return errors.Join(os.WriteFile(name+".json", data, 0o644), os.WriteFile(name+".html", page, 0o644))
}
