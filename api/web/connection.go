package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// problemsShown is how many problems of one file are listed.
const problemsShown = 8

func (v *visit) connectionPage() error {
	m, _, err := v.connectionModel()
	if err != nil {
		return err
	}
	return v.showConnection(http.StatusOK, m)
}

// connectionModel shows one connection, whatever feeds it.
func (v *visit) connectionModel() (m market.ConnectionModel, row db.Connection, err error) {
	if v.Host == nil || v.Connections == nil {
		return m, row, errNoConnectors
	}
	if err = v.read(func(ctx context.Context, tx store.Tx) error {
		if row, err = v.connection(ctx, tx); err != nil {
			return err
		}
		if m.Frame, err = v.frame(tx, component.Marketplace, row.Title); err != nil {
			return err
		}
		m.ID, m.Title, m.Owner, m.May = row.ID.String(), row.Title, v.owner(), v.member.Role.May()
		return booksAndProblems(ctx, tx, &m, row)
	}); err != nil {
		return m, row, err
	}
	if err := v.careOf(&m, row); err != nil || m.Care.Removed {
		return m, row, err
	}
	p, err := v.Host.Package(v.r.Context(), connect.Connection{ID: row.ID, Tenant: row.TenantID, Connector: row.Connector})
	if err != nil {
		// What is wrong with its version shows on the page, where it can be changed.
		if p, err = v.Host.Catalog().Get(row.Connector, ""); err != nil {
			return m, row, err
		}
	}
	if err := v.versionOf(&m, row); err != nil {
		return m, row, err
	}
	accessForm(&m.Care, p.Manifest, row.Auth)
	m.Form = fieldsOf(p.Manifest, row)
	if !sync.TakesFiles(p.Manifest) {
		return m, row, nil
	}
	m.Upload = &market.FileForm{Accept: ".xml,.csv,.xlsx,.txt,.zip", Hint: "UBL invoices, or open items as CSV or Excel."}
	return m, row, v.filesOf(&m, row.ID)
}

// versionOf fills in which version a connection uses.
func (v *visit) versionOf(m *market.ConnectionModel, row db.Connection) error {
	item, err := v.Market.Item(v.r.Context(), row.Connector)
	if err != nil || !item.Registered {
		return err
	}
	versions, err := v.Market.Versions(v.r.Context(), item)
	if err != nil {
		return err
	}
	return v.read(func(ctx context.Context, tx store.Tx) error {
		mine, err := v.Market.Of(ctx, tx, item, versions)
		m.Care.Using = usingOf(m.Frame, item, mine, m.Owner, "/connections/"+m.ID)
		return err
	})
}

func booksAndProblems(ctx context.Context, tx store.Tx, m *market.ConnectionModel, row db.Connection) error {
	adms, err := tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: row.ID, Valid: true})
	if err != nil {
		return fmt.Errorf("list administrations: %w", err)
	}
	for _, a := range adms {
		b := market.Book{Name: a.Name, State: "Not read yet", Live: "not live yet"}
		if a.ConfirmedAt != nil {
			b.State = "Read " + m.Frame.Ago(*a.ConfirmedAt)
		}
		if !a.GoLiveOn.IsZero() {
			b.Live = "live since " + m.Frame.Date(a.GoLiveOn)
		}
		m.Books = append(m.Books, b)
		problems, err := tx.SyncProblems(ctx, a.ID)
		if err != nil {
			return fmt.Errorf("list problems: %w", err)
		}
		for _, p := range problems {
			m.Problems = append(m.Problems, market.Problem{Administration: a.ID.String(), ID: p.ExternalID, Reference: p.ExternalID, Text: p.Message, At: p.At})
		}
	}
	return nil
}

var fileLooks = map[filebox.State]struct {
	words, icon string
	tone        component.Tone
}{
	filebox.Waiting: {"Waits to be read", "clock", component.Planned}, filebox.Taken: {"Taken", "circle-check", component.Green},
	filebox.Partly: {"Taken in part", "circle-alert", component.Amber}, filebox.Refused: {"Refused", "ban", component.Red},
}

var sourceKinds = map[string]string{sync.FolderSource: "Folder on this machine", sync.SFTPSource: "SFTP server"}

func (v *visit) filesOf(m *market.ConnectionModel, connection uuid.UUID) error {
	ctx := v.r.Context()
	files, err := v.Connections.Files(ctx, v.member.Tenant, connection)
	if err != nil {
		return err
	}
	for _, r := range files {
		look := fileLooks[r.File.State]
		f := market.File{Name: r.File.Name, At: r.File.Received, Size: sizeOf(r.File.Size), State: look.words, Icon: cmp.Or(look.icon, "file-text"), Tone: look.tone}
		f.Text = fmt.Sprintf("%d %s", r.Outcome.Documents, plural(r.Outcome.Documents, "invoice", "invoices"))
		for i := range r.Outcome.Problems[:min(problemsShown, len(r.Outcome.Problems))] {
			f.Problems = append(f.Problems, r.Outcome.Problems[i].Error())
		}
		f.More = len(r.Outcome.Problems) - len(f.Problems)
		m.Files = append(m.Files, f)
	}
	sources, err := v.Connections.Sources(ctx, v.member.Tenant, connection)
	for _, s := range sources {
		m.Sources = append(m.Sources, market.Source{Kind: cmp.Or(sourceKinds[s.Kind], s.Kind), Place: s.Place, LookedAt: s.LookedAt, Problem: s.Problem})
	}
	return err
}

func sizeOf(n int64) string {
	if n < 10<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d kB", n>>10)
}

// fieldsOf is the form of a connection with its answers; secrets are not shown.
func fieldsOf(mf *manifest.Manifest, row db.Connection) (out []market.Field) {
	answers := map[string]string{}
	_ = json.Unmarshal(row.Config, &answers) // what cannot be read shows as the defaults
	for _, f := range mf.Form {
		if f.Auth != "" && f.Auth != row.Auth {
			continue
		}
		value, given := answers[f.Name]
		if !given {
			value = f.Default
		}
		in := fieldOf(f, value)
		if f.Secret {
			in.Text.Required, in.Text.Hint = false, joinNonEmpty(" ", f.Help, "Leave it empty to keep what is there.")
		}
		out = append(out, in)
	}
	return out
}

// addFile keeps a file of a connection and reads it at once.
func (v *visit) addFile() error {
	m, row, err := v.connectionModel()
	if err != nil {
		return err
	}
	name, content, err := v.file("file")
	if err == nil {
		var r sync.Receipt
		if r, err = v.Connections.Upload(v.r.Context(), v.member.Tenant, row.ID, name, bytes.NewReader(content)); err == nil {
			if m, _, err = v.connectionModel(); err != nil {
				return err
			}
			m.Receipt = r.Sentences()
			return v.site.show(v.w, v.r, http.StatusOK, market.Show(m))
		}
	}
	f := faultOf(err)
	if f.Kind == fault.Internal {
		return err
	}
	if m, _, err = v.connectionModel(); err != nil {
		return err
	}
	m.Refused = f.Message
	return v.again(market.Show(m))
}

// changeConnection keeps new answers to the form of a connection.
func (v *visit) changeConnection() error {
	m, row, err := v.connectionModel()
	if err != nil {
		return err
	}
	form := map[string]string{}
	for _, f := range m.Form {
		form[f.Text.Name] = cutText(v.r.FormValue(f.Text.Name), 8000)
		if f.Tick { // a box that is not ticked is not sent
			form[f.Text.Name] = cmp.Or(form[f.Text.Name], "false")
		}
	}
	err = v.Connections.Change(v.r.Context(), v.member.Tenant, row.ID, form)
	f := faultOf(err)
	switch {
	case err == nil:
		if err := v.Market.Note(v.r.Context(), v.actor(), row.ID, marketplace.Changed); err != nil {
			return err
		}
		return v.done("/connections/"+m.ID, component.Flash{Tone: component.Green, Text: "Saved. The next sync goes by it."})
	case f.Kind == fault.Internal:
		return err
	}
	for i := range m.Form {
		if in := &m.Form[i]; !in.Secret {
			in.Text.Value = form[in.Text.Name]
			for j := range in.Options {
				in.Options[j].Selected = in.Options[j].Value == in.Text.Value
			}
		}
	}
	m.FormError = f.Message
	return v.again(market.Show(m))
}

// dismiss takes a problem off the list that nothing hangs on any more.
func (v *visit) dismiss() error {
	m, _, err := v.connectionModel()
	if err != nil {
		return err
	}
	adm, err := uuid.Parse(v.r.FormValue("administration"))
	if err != nil {
		return errNotHere
	}
	f := component.Flash{Tone: component.Green, Text: "Dismissed. It comes back when it is read again."}
	if err := v.Connections.Dismiss(v.r.Context(), v.member.Tenant, adm, v.r.FormValue("problem")); err != nil {
		wrong := fault.Of(err)
		if wrong.Kind != fault.Conflict {
			return err
		}
		f = component.Flash{Tone: component.Amber, Text: wrong.Message}
	}
	return v.done("/connections/"+m.ID, f)
}
