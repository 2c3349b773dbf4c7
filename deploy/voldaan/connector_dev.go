package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

func connectorDev() *cobra.Command {
	d := &workbench{}
	var listen string
	cmd := &cobra.Command{
		Use: "dev [FOLDER]", Short: "Run a connector while you write it: its records beside what the package sent", Args: cobra.MaximumNArgs(1),
		Long: "Builds the connector, starts it as a hub does, reads the books once, and shows each record beside the answer\n" +
			"that it was made of, here and on a page. Does so again whenever a file changes. How to reach the package is in\n" +
			accessFile + ": an emulator, a sandbox, or hosts that stand in. Ctrl-C ends it.",
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8790", "address of the page")
	cmd.Flags().BoolVar(&d.once, "once", false, "read once, and fail when there is a problem")
	cmd.Flags().IntVar(&d.show, "records", 2, "records of each kind to print")
	d.given.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d.dir, d.out = ".", cmd.OutOrStdout()
		if len(args) > 0 {
			d.dir = args[0]
		}
		var err error
		if d.scratch, err = os.MkdirTemp("", "voldaan-dev"); err != nil {
			return err
		}
		defer os.RemoveAll(d.scratch)
		if d.once {
			return d.read(cmd.Context()).failure()
		}
		l, err := net.Listen("tcp", listen)
		if err != nil {
			return fmt.Errorf("show the page on %s: %w", listen, err)
		}
		srv := &http.Server{Handler: &d.page, ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = srv.Serve(l) }()
		defer srv.Close()
		fmt.Fprintf(d.out, "The records are also on http://%s. Ctrl-C ends this.\n\n", l.Addr())
		return d.watch(cmd.Context())
	}
	return cmd
}

// workbench is a connector that is being written.
type workbench struct {
	dir, scratch string
	given        connectorAccess // by the command line
	out          io.Writer
	once         bool
	show         int
	page         devPage
}

// watch reads the books now and after every change, until ctx ends.
func (d *workbench) watch(ctx context.Context) error {
	seen := ""
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		if now := fingerprint(d.dir); now != seen {
			seen = now
			if r := d.read(ctx); ctx.Err() == nil {
				d.page.set(r)
				if err := r.failure(); err != nil {
					fmt.Fprintln(d.out, err)
				}
				fmt.Fprintf(d.out, "\nWaiting for a change in %s ...\n\n", d.dir)
			}
		}
		select {
		case <-ctx.Done():
			fmt.Fprintln(d.out, "Ended.")
			return nil
		case <-tick.C:
		}
	}
}

// made are folders that tools fill.
var made = map[string]bool{"node_modules": true, "build": true, "program": true, "testdata": true, "bin": true}

// fingerprint changes when a source file does.
func fingerprint(dir string) string {
	var b strings.Builder
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // it has just gone
		}
		if e.IsDir() && path != dir && (made[e.Name()] || strings.HasPrefix(e.Name(), ".")) {
			return fs.SkipDir
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && !strings.HasSuffix(e.Name(), pack.Extension) {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}

// read builds the connector, starts it and reads the books.
func (d *workbench) read(ctx context.Context) *reading {
	r := &reading{began: time.Now()}
	if err := d.into(ctx, r); err != nil {
		r.Problems = append(r.Problems, problemLines(err)...)
	}
	r.Took = time.Since(r.began).Round(time.Millisecond)
	r.match()
	if ctx.Err() == nil {
		r.print(d.out, d.show)
	}
	return r
}

func (d *workbench) into(ctx context.Context, r *reading) error {
	folder, err := os.MkdirTemp(d.scratch, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	m, err := buildConnector(ctx, d.dir, folder)
	if err != nil {
		return err
	}
	r.Title, r.Version = m.Title, m.Version
	access := d.given
	access.Secrets, access.Config, access.Hosts = cloned(access.Secrets), cloned(access.Config), cloned(access.Hosts)
	if err := access.load(d.dir); err != nil {
		return err
	}
	if err := access.fill(m); err != nil {
		return err
	}
	stop, err := access.play(m)
	if err != nil {
		return err
	}
	defer stop()
	c := conform.Config{
		Folder: folder, Network: true, Base: access.Hosts, Tap: r.saw, Silence: time.Minute,
		App: token.App{ClientID: access.ClientID, ClientSecret: access.ClientSecret},
	}
	if m.Program == "" {
		if c.Recipes, err = recipesProgram(ctx, d.scratch); err != nil {
			return err
		}
	}
	return d.pull(ctx, c, m, &access, r)
}

func (d *workbench) pull(ctx context.Context, c conform.Config, m *manifest.Manifest, access *connectorAccess, r *reading) error {
	target, err := conform.Open(c)
	if err != nil {
		return err
	}
	defer target.Close()
	s, err := target.Connect(ctx, access.Access, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Check(ctx); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	list, err := s.Administrations(ctx)
	if err != nil {
		return fmt.Errorf("administrations: %w", err)
	}
	for _, a := range list {
		if access.Administration == "" || a.ID == access.Administration {
			r.Books = fmt.Sprintf("%s (%s)", a.Name, a.ID)
			if err := s.Pull(ctx, sdk.PullRequest{Administration: a.ID}, r); err != nil {
				return fmt.Errorf("pull: %w", err)
			}
			return nil
		}
	}
	if len(list) == 0 {
		return errors.New("administrations: there is none")
	}
	return fmt.Errorf("administrations: there is no %q; the first is %q", access.Administration, list[0].ID)
}

func cloned(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}
