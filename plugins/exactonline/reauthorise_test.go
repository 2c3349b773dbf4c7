package exactonline_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/synctest"
)

// Access that was taken back at the package is given again to the same connection.
func TestReauthorise(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.seed(3)
	b.Must()
	generation := func() (n int64) {
		b.In(func(tx store.Tx) error {
			c, err := tx.Connection(t.Context(), b.Connection)
			n = c.TokenGeneration
			return err
		})
		return n
	}
	before := generation()
	resp := must(http.DefaultClient.Do(must(http.NewRequest(http.MethodDelete, b.url+"/_control/tokens", nil))(t)))(t)
	_ = resp.Body.Close()
	b.pass(9*60*1e9 + 45*1e9) // the package takes a refresh from here on
	if run, err := b.Sync(); err == nil {
		t.Fatalf("read without access: %+v", run)
	}
	if state, why := b.State(); state != "broken" || why == "" {
		t.Fatalf("%s: %s", state, why)
	}
	c := b.Connections()
	t.Run("not by another tenant", func(t *testing.T) {
		other := uuid.New()
		if err := b.Store.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: other, Slug: "other", Name: "Other", TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		_, err := c.AuthorizeURL(t.Context(), other, b.Connection, synctest.Back, "state", "verifier")
		if fault.Of(err).Kind != fault.NotFound {
			t.Errorf("a page for the connection of another tenant: %v", err)
		}
		if err := c.Authorize(t.Context(), other, b.Connection, synctest.Back, url.Values{"code": {"x"}}, "verifier"); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("access for the connection of another tenant: %v", err)
		}
	})
	t.Run("not with a code that the package did not give", func(t *testing.T) {
		if err := c.Authorize(t.Context(), b.Tenant, b.Connection, synctest.Back, url.Values{"code": {"guess"}}, "verifier"); err == nil {
			t.Error("a guessed code gives access")
		}
		if state, _ := b.State(); state != "broken" {
			t.Errorf("the connection is %s", state)
		}
	})
	dead := generation()
	b.Authorize(c, b.Connection, b.url)
	if state, why := b.State(); state != "connected" || why != "" {
		t.Errorf("%s: %s", state, why)
	}
	if n := generation(); n <= dead || dead < before {
		t.Errorf("generation %d after %d and %d", n, dead, before)
	}
	b.seed(1)
	if run := b.Must(); run.Added != 1 {
		t.Errorf("%+v", run)
	}
	if n := b.Count("connection where connector = 'exactonline' and state <> 'new' and sealed_credentials is not null"); n != 1 {
		t.Errorf("%d connections", n)
	}
}
