package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// filesConnection is a connection that is fed with files, with one set of books.
func filesConnection(t *testing.T, ten *apitest.Tenant) (id, books uuid.UUID) {
	t.Helper()
	id, err := ten.Services.Connections.Begin(t.Context(), ten.ID, "files", "none", map[string]string{"name": "Van Dijk", "preset": "twinfield"})
	if err != nil {
		t.Fatal(err)
	}
	books = uuid.New()
	ten.In(ten.ID, func(tx store.Tx) error {
		if err := tx.SetConnectionState(t.Context(), db.SetConnectionStateParams{ID: id, State: "connected"}); err != nil {
			return err
		}
		return tx.AddAdministration(t.Context(), db.AddAdministrationParams{
			ID: books, TenantID: ten.ID, ConnectionID: uuid.NullUUID{UUID: id, Valid: true}, ExternalID: "files", Name: "Van Dijk files", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl",
		})
	})
	return id, books
}

func TestConnectionOfFiles(t *testing.T) {
	t.Parallel()
	ten := open(t)
	id, books := filesConnection(t, ten)
	page := "/connections/" + id.String()
	c := ten.SignIn(ten.Email)
	c.Get("/marketplace").Has(t, 200, `href="`+page+`"`)
	c.Get(page).Has(t, 200, "No file yet", "Van Dijk files", "Not read yet", "not live yet")
	box := ten.Services.Connections.Boxes.Of(ten.ID, id)
	_, _, err := box.Put(t.Context(), "open items.csv", strings.NewReader("number;total\n1;2\n"))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("files show their state and what was wrong", func(t *testing.T) {
		c.Get(page).Has(t, 200, "open items.csv", "Waits to be read")
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := tx.Exec(t.Context(), `update inbox_file set state = 'partly', kind = 'list', documents = 3, problems = '[{"row": 4, "code": "amount", "sentence": "12,x is no amount"}]'`)
			return err
		})
		c.Get(page).Has(t, 200, "Taken in part", "3 invoices", "12,x is no amount")
	})
	t.Run("an upload that cannot be read now is kept and says so", func(t *testing.T) {
		upload(t, c, page+"/files", "new.csv", "number;total\n9;9\n").Has(t, 422, "new.csv is kept and will be read later", "new.csv")
		upload(t, c, page+"/files", "photo.csv", "\x89PNG\r\n\x1a\n....").Has(t, 422, "photo.csv")
	})
	t.Run("the form is changed, and what is refused is said", func(t *testing.T) {
		c.Get(page).Has(t, 200, "Layout of the lists", "Twinfield", "Leave it empty to keep what is there")
		form := url.Values{"name": {"Van Dijk"}, "preset": {"afas"}, "complete": {"true"}, "folder": {"invoices"}}
		c.Post(page+"/settings", form).Has(t, 422, "This installation watches no folders")
		form.Set("folder", "")
		form.Set("sftp_address", "sftp.vandijk.example")
		c.Post(page+"/settings", form).Has(t, 422, "Fill in the user on the SFTP server")
		form.Set("sftp_user", "voldaan")
		form.Set("sftp_password", "a secret of the server")
		saved := c.Post(page+"/settings", form)
		saved.Has(t, 200, "Saved. The next sync goes by it", "SFTP server", "sftp.vandijk.example", "Not looked at yet")
		saved.Lacks(t, "a secret of the server")
	})
	t.Run("a problem that nothing hangs on is dismissed, one of the books stays", func(t *testing.T) {
		ten.In(ten.ID, func(tx store.Tx) error {
			for adm, record := range map[uuid.UUID]string{books: "lost.csv#4", ten.Administration: "1"} {
				if _, err := tx.NoteSyncProblem(t.Context(), db.NoteSyncProblemParams{AdministrationID: adm, Stream: "invoices", ExternalID: record, TenantID: ten.ID, Code: "total", Message: "No total was read.", At: ten.Now()}); err != nil {
					return err
				}
			}
			return nil
		})
		c.Get(page).Has(t, 200, "lost.csv#4", "No total was read")
		c.Post(page+"/problems/dismiss", url.Values{"administration": {ten.Administration.String()}, "problem": {"1"}}).Has(t, 200, "invoice that is in the books")
		a := c.Post(page+"/problems/dismiss", url.Values{"administration": {books.String()}, "problem": {"lost.csv#4"}})
		a.Has(t, 200, "Dismissed")
		a.Lacks(t, "lost.csv#4")
	})
	t.Run("roles and tenants", func(t *testing.T) {
		ten.Member("viewer@vandijk.example", tenant.Viewer)
		ten.Member("collector@vandijk.example", tenant.Collector)
		viewer, collector := ten.SignIn("viewer@vandijk.example"), ten.SignIn("collector@vandijk.example")
		shown := viewer.Get(page)
		shown.Has(t, 200, "open items.csv")
		shown.Lacks(t, "Upload and read", "Save the settings")
		viewer.Post(page+"/problems/dismiss", nil).Has(t, 403)
		collector.Post(page+"/settings", nil).Has(t, 403)
		other := ten.Tenant("other")
		other.SignIn(other.Email).Get(page).Has(t, 404)
	})
}
