package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/deploy/stack"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

func importCommand() *cobra.Command {
	var slug, administration string
	cmd := &cobra.Command{
		Use: "import FILE...", Short: "Read invoice files and bank statements", GroupID: "run", Args: cobra.MinimumNArgs(1),
		Long: `Reads UBL invoices and lists of open items (CSV, Excel) as if they were uploaded,
and bank statements (CAMT, MT940); which of the two a file is, its content says.
Beside a running "voldaan dev" it finds that installation by itself.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := besideDev(); err != nil {
				return err
			}
			c, err := loadConfig()
			if err != nil {
				return err
			}
			a, err := open(cmd.Context(), c, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer a.close()
			a.services.Connections.Patience = math.MaxInt64 // this process is the one that reads
			im := &importer{app: a, out: cmd.OutOrStdout()}
			if err := im.aim(cmd.Context(), slug, administration); err != nil {
				return err
			}
			return im.files(cmd.Context(), args)
		},
	}
	cmd.Flags().StringVar(&slug, "tenant", "", "slug of the tenant; not needed when there is one")
	cmd.Flags().StringVar(&administration, "administration", "", "id of the administration; not needed when there is one that it can be")
	return cmd
}

// besideDev takes the settings of a "voldaan dev" in this directory, unless a
// database is named.
func besideDev() error {
	if os.Getenv("VOLDAAN_DATABASE_URL") != "" {
		return nil
	}
	home, err := stack.Home()
	if err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(home, environmentFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil // what is missing is said by name
	}
	for line := range strings.Lines(string(b)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok || os.Getenv(name) != "" {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return err
}

// importer reads files for one tenant.
type importer struct {
	app    *app
	out    io.Writer
	tenant uuid.UUID
	books  []db.Administration // to choose from
	named  bool                // by --administration
	box    uuid.UUID           // connection for invoice files, once it is known
}

// aim finds the tenant and its books.
func (im *importer) aim(ctx context.Context, slug, administration string) error {
	tenants, err := im.app.services.Store.Door().DoorTenants(ctx)
	if err != nil {
		return err
	}
	var slugs []string
	for _, t := range tenants {
		slugs = append(slugs, t.Slug)
		if t.Slug == slug || slug == "" && len(tenants) == 1 {
			im.tenant = t.ID
		}
	}
	if im.tenant == uuid.Nil {
		if slug == "" {
			return fmt.Errorf("there are several tenants; name one with --tenant: %s", strings.Join(slugs, ", "))
		}
		return fmt.Errorf("there is no tenant %q; there are: %s", slug, strings.Join(slugs, ", "))
	}
	if err := im.app.services.Store.In(ctx, im.tenant, func(tx store.Tx) error {
		im.books, err = tx.Administrations(ctx)
		return err
	}); err != nil {
		return err
	}
	if administration == "" {
		return nil
	}
	im.books = slices.DeleteFunc(im.books, func(b db.Administration) bool { return b.ID.String() != administration })
	if im.named = true; len(im.books) == 0 {
		return fmt.Errorf("this tenant has no administration %s", administration)
	}
	return nil
}

// files reads one file after the other and goes on past one that is not good.
func (im *importer) files(ctx context.Context, paths []string) error {
	bad := 0
	for _, path := range paths {
		whole, err := im.file(ctx, path)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintf(im.out, "%s: %s\n", filepath.Base(path), reason(err))
		}
		if err != nil || !whole {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("of %d files %d were not taken, or not as a whole", len(paths), bad)
	}
	return nil
}

// reason is the sentence of a fault, or the error itself: whoever sees this
// runs the installation.
func reason(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return err.Error()
}

func (im *importer) file(ctx context.Context, path string) (whole bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	bank, err := statement.Sniff(f)
	if err != nil {
		return false, err
	}
	if bank {
		return true, im.statement(ctx, filepath.Base(path), f)
	}
	return im.invoices(ctx, filepath.Base(path), f)
}

func (im *importer) statement(ctx context.Context, name string, r io.Reader) error {
	b, err := im.choose("a bank statement", im.books)
	if err != nil {
		return err
	}
	rep, err := im.app.services.Bank.Import(ctx, im.tenant, b.ID, name, r)
	if err != nil {
		return err
	}
	fmt.Fprintf(im.out, "%s: %d statements, of which %d were known; of %d new lines %d are matched, %d are proposed and %d are not matched.\n",
		name, rep.Statements, rep.Known, rep.Lines, rep.Matched, rep.Suggested, rep.Unmatched)
	return nil
}

func (im *importer) invoices(ctx context.Context, name string, r io.Reader) (whole bool, err error) {
	if im.box == uuid.Nil {
		if im.box, err = im.connection(ctx); err != nil {
			return false, err
		}
	}
	receipt, err := im.app.services.Connections.Upload(ctx, im.tenant, im.box, name, r)
	if err != nil {
		return false, err
	}
	for i, s := range receipt.Sentences() {
		if i > 0 {
			s = "  " + s
		}
		fmt.Fprintln(im.out, s)
	}
	return receipt.Known || receipt.State == filebox.Taken && len(receipt.Held) == 0, nil
}

// connection finds the tenant's connection of invoice files, or makes one.
func (im *importer) connection(ctx context.Context) (uuid.UUID, error) {
	var mine []db.Administration
	if err := im.app.services.Store.In(ctx, im.tenant, func(tx store.Tx) error {
		for _, b := range im.books {
			if !b.ConnectionID.Valid {
				continue
			}
			c, err := tx.Connection(ctx, b.ConnectionID.UUID)
			if err != nil {
				return err
			}
			if c.Connector == "files" && c.State != "removed" {
				mine = append(mine, b)
			}
		}
		return nil
	}); err != nil {
		return uuid.Nil, err
	}
	if len(mine) > 0 {
		b, err := im.choose("an invoice file", mine)
		return b.ConnectionID.UUID, err
	}
	if im.named {
		return uuid.Nil, fmt.Errorf("the administration %s is read by itself and takes no invoice files", im.books[0].Name)
	}
	c := im.app.services.Connections
	id, err := c.Begin(ctx, im.tenant, "files", "none", nil)
	if err != nil {
		return id, err
	}
	if err := c.Use(ctx, im.tenant, id, nil); err != nil {
		return id, err
	}
	list, err := c.Administrations(ctx, im.tenant, id)
	if err != nil {
		return id, err
	}
	if _, err := c.Choose(ctx, im.tenant, id, list[0]); err != nil {
		return id, err
	}
	fmt.Fprintln(im.out, "A connection of invoice files was made. Choose on its page from which day messages may go out.")
	return id, nil
}

// choose returns the only administration, or says between which to choose.
func (im *importer) choose(what string, books []db.Administration) (db.Administration, error) {
	if len(books) == 1 {
		return books[0], nil
	}
	var names []string
	for _, b := range books {
		names = append(names, b.ID.String()+" ("+b.Name+")")
	}
	if len(names) == 0 {
		return db.Administration{}, fmt.Errorf("there is no administration yet for %s; connect one first", what)
	}
	return db.Administration{}, fmt.Errorf("%s could belong to several; name one with --administration: %s", what, strings.Join(names, ", "))
}
