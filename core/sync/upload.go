package sync

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Receipt is what came of a file that somebody sent.
type Receipt struct {
	File filebox.File
	// Known says that the same file was taken before, so that nothing was read.
	Known bool
	// Reading says that it takes long and goes on by itself.
	Reading bool
	// State is Waiting while nothing could be read yet; the file is kept.
	State     filebox.State
	Documents int // invoices and credit notes that were read
	// Problems are what was not read, and why.
	Problems []invoicefile.Problem
	// Held are invoices that were read but cannot be collected as they are.
	Held []string
}

// Sentences tells a person what was read and what was not, the sum first.
func (r Receipt) Sentences() []string {
	name := r.File.Name
	rows := 0
	for _, p := range r.Problems {
		if p.Row > 0 {
			rows++
		}
	}
	var out []string
	switch {
	case r.Known:
		out = append(out, fmt.Sprintf("%s came in before, on %s. Nothing was changed.", name, r.File.Received.Format("2 January 2006")))
	case r.Reading:
		out = append(out, fmt.Sprintf("%s is large and still being read. What came of it will be on the page of its connection.", name))
	case !r.State.Settled():
		out = append(out, fmt.Sprintf("%s is kept. It is read as soon as its books are chosen.", name))
	case r.State == filebox.Refused && r.Documents == 0:
		out = append(out, fmt.Sprintf("Nothing of %s was taken.", name))
	case rows > 0:
		out = append(out, fmt.Sprintf("%s read; %s not.", counted(r.Documents, "invoice of "+name, "invoices of "+name), counted(rows, "row", "rows")))
	default:
		out = append(out, counted(r.Documents, "invoice of "+name, "invoices of "+name)+" read.")
	}
	for i := range r.Problems {
		out = append(out, r.Problems[i].Error())
	}
	return append(out, r.Held...)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one + " was"
	}
	return fmt.Sprintf("%d %s were", n, many)
}

// Upload takes a file for a connection that reads files, and reads it at once.
// A fault of kind Invalid says what is wrong with the file; what is wrong inside
// it is in the receipt. Once the file is kept, an error means that it is read
// later, by itself.
func (c *Connections) Upload(ctx context.Context, tenant, connection uuid.UUID, name string, content io.Reader) (Receipt, error) {
	if err := c.takesFiles(ctx, tenant, connection); err != nil {
		return Receipt{}, err
	}
	box := c.Boxes.Of(tenant, connection)
	f, fresh, err := box.Put(ctx, name, content)
	if err != nil {
		return Receipt{}, err
	}
	if !fresh && f.Repeatable() {
		if f, err = box.Again(ctx, f.ID); err != nil {
			return Receipt{}, err
		}
	}
	if f.State.Settled() {
		return Receipt{File: f, Known: true, State: f.State}, nil
	}
	return c.wait(ctx, tenant, connection, f)
}

// uploadPatience is how long a person waits for a file to be read, unless
// Connections.Patience says otherwise.
const uploadPatience = 20 * time.Second

// wait has the file read, and leaves it to be read when that takes long or when
// the one who waits goes away.
func (c *Connections) wait(ctx context.Context, tenant, connection uuid.UUID, f filebox.File) (Receipt, error) {
	type answer struct {
		r   Receipt
		err error
	}
	done := make(chan answer, 1)
	go func() {
		r, err := c.receive(context.WithoutCancel(ctx), tenant, connection, f)
		done <- answer{r, err}
	}()
	late := time.NewTimer(cmp.Or(c.Patience, uploadPatience))
	defer late.Stop()
	select {
	case a := <-done:
		return a.r, a.err
	case <-late.C:
		return Receipt{File: f, Reading: true, State: filebox.Waiting}, nil
	case <-ctx.Done():
		return Receipt{File: f, Reading: true, State: filebox.Waiting}, ctx.Err()
	}
}

// tries is how often a sync of somebody else may be reading the same file.
const tries = 3

func (c *Connections) receive(ctx context.Context, tenant, connection uuid.UUID, f filebox.File) (Receipt, error) {
	r := Receipt{File: f, State: filebox.Waiting}
	var books []db.Administration
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		books, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: connection, Valid: true})
		return err
	}); err != nil || len(books) == 0 {
		return r, err
	}
	for range tries {
		for _, b := range books {
			if err := c.Runner.Run(ctx, tenant, b.ID, nil); err != nil {
				return r, fault.New(fault.Unavailable, "file_kept", "%s is kept and will be read later: %s", f.Name, fault.Of(err).Message).Because(err)
			}
		}
		o, err := c.Boxes.Of(tenant, connection).Outcome(ctx, f.ID)
		if err != nil {
			return r, err
		}
		if !o.State.Settled() {
			continue
		}
		r.File.State, r.File.Kind = o.State, o.Kind
		r.State, r.Documents, r.Problems = o.State, o.Documents, o.Problems
		r.Held, err = c.Boxes.Held(ctx, tenant, connection, f.ID)
		return r, err
	}
	return r, nil
}

// TakesFiles reports whether connections of a package are fed with files.
func TakesFiles(m *manifest.Manifest) bool { return slices.Contains(m.Hosts, filebox.Host) }

func (c *Connections) takesFiles(ctx context.Context, tenant, connection uuid.UUID) error {
	m, _, err := c.manifest(ctx, tenant, connection)
	if err != nil {
		return err
	}
	if !TakesFiles(m) {
		return fault.New(fault.Invalid, "files_not_taken", "%s is read by itself and takes no files. Add a connection of invoice files for them.", m.Title)
	}
	return nil
}

// Files lists the last files of a connection, the newest first.
func (c *Connections) Files(ctx context.Context, tenant, connection uuid.UUID) ([]pginbox.Recent, error) {
	return c.Boxes.Recent(ctx, tenant, connection)
}

// Dismiss takes a problem off the list that nothing hangs on any more, such as
// a file that will not come again. The problem of a record that is in the books
// stays until the books are right (R7).
func (c *Connections) Dismiss(ctx context.Context, tenant, administration uuid.UUID, problem string) error {
	return c.Store.In(ctx, tenant, func(tx store.Tx) error {
		n, err := tx.DismissSyncProblem(ctx, db.DismissSyncProblemParams{AdministrationID: administration, ExternalID: problem})
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "problem_stays", "This is about an invoice that is in the books. Correct it there; the problem goes away with the next sync.")
		}
		return err
	})
}
