package hubspot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/plugins/hubspot/emulator"
	"github.com/voldaan/voldaan/sdk"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

const host = "api.hubapi.com"

// books is an emulated HubSpot that the recipe reads into a database.
type books struct {
	*synctest.Bench
	emu *emulator.Server
	url string
	now time.Time
}

func open(t *testing.T) *books {
	t.Helper()
	b := &books{now: synctest.Start}
	var err error
	if b.emu, err = emulator.New(emulator.Config{
		Now: func() time.Time { return b.now }, PublicURL: "https://" + host, TenSecondly: -1, Daily: -1, Searches: -1, WebhookSecret: "s3cret",
		Clients: map[string]kit.OAuthClient{"hub": {Name: "Hub", Secret: "s3cret", RedirectURIs: []string{synctest.Back}}},
	}); err != nil {
		t.Fatal(err)
	}
	must(b.emu.SeedAdministration(ledger.AdministrationSeed{ID: "4711", Name: "Studio Noord"}))(t)
	srv := httptest.NewServer(b.emu)
	t.Cleanup(func() { srv.Close(); b.emu.Close() })
	b.url = srv.URL
	dir, runtime := synctest.Recipe(t, ".")
	b.Bench = synctest.New(t, dir, "hubspot", func(c *connect.Config) {
		c.Recipes = runtime
		c.Egress = broker.EgressConfig{Overrides: map[string]string{host: srv.URL}}
		c.App = func(context.Context, string) (token.App, error) {
			return token.App{ClientID: "hub", ClientSecret: "s3cret"}, nil
		}
	})
	b.ConnectByPage("hubspot", "oauth", map[string]string{"sign_in": "app-eu1", "country": "NL"}, srv.URL)
	return b
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// company plants a company with a person.
func (b *books) company(name, email string) string {
	b.T.Helper()
	id, _, err := b.emu.SeedContact(ledger.ContactSeed{CompanyName: name, FirstName: "Noor", LastName: "de Wit", Email: email, City: "Ede", Country: "NL"})
	if err != nil {
		b.T.Fatal(err)
	}
	return id
}

// asked counts the requests since the last time.
func (b *books) asked() int {
	n := len(b.emu.Kit().Requests())
	b.emu.Kit().ForgetRequests()
	return n
}

func TestParties(t *testing.T) {
	t.Parallel()
	b := open(t)
	var ids []string
	for i := range 230 {
		ids = append(ids, b.company(fmt.Sprint("Hotel ", i), fmt.Sprintf("noor%d@hotel.example", i)))
	}
	if run := b.Must(); !run.FullLoad || run.Added != 460 {
		t.Fatalf("%+v %v", run, b.Problems())
	}
	if n := b.Count("debtor where external_id = '" + ids[7] + "' and name = 'Hotel 7' and email = 'noor7@hotel.example' and city = 'Ede' and kind = 'business'"); n != 1 {
		t.Error("the company did not come with the address of its person")
	}
	rows := b.Rows()
	if run := b.Must(); run.Gone != 0 || b.Rows() != rows {
		t.Errorf("unchanged records are a change: %+v", run)
	}
	t.Run("R5 a CRM has no books that must be fresh", func(t *testing.T) {
		if n := b.Count("invoice") + b.Count("collection"); n != 0 {
			t.Errorf("%d invoices", n)
		}
		b.In(func(tx store.Tx) error {
			adm, err := tx.Administration(t.Context(), b.Adm)
			if adm.ConfirmedAt == nil {
				t.Error("a pull without invoices leaves the administration unconfirmed")
			}
			return err
		})
	})
	t.Run("changed", func(t *testing.T) {
		for _, id := range ids[3:5] {
			b.now = b.now.Add(time.Hour)
			if err := b.emu.ChangeContact(id, ledger.ContactSeed{CompanyName: "Hotel Zeezicht"}); err != nil {
				t.Fatal(err)
			}
			b.asked()
			b.Must()
		}
		if n := b.asked(); n > 10 {
			t.Errorf("one change took %d requests", n)
		}
		if n := b.Count("debtor where name = 'Hotel Zeezicht'"); n != 2 {
			t.Error("the change did not come")
		}
	})
	t.Run("R25 deleted at the source", func(t *testing.T) {
		req := must(http.NewRequest(http.MethodDelete, b.url+"/_control/administrations/4711/contacts/"+ids[5], nil))(t)
		resp := must(http.DefaultClient.Do(req))(t)
		_ = resp.Body.Close()
		b.Must()
		if n := b.Count("debtor where external_id = '" + ids[5] + "' and gone_at is not null"); n != 1 {
			t.Error("a deleted company is still there")
		}
	})
}

func TestHiccups(t *testing.T) {
	t.Parallel()
	const search = "/crm/v3/objects/companies/search"
	for name, fault := range map[string]kit.Fault{
		"an expired token in mid-page": {Path: search, Skip: 1, Do: kit.ExpireToken},
		"too many requests":            {Path: search, Skip: 1, Do: kit.Status, Status: 429, RetryAfter: "1"},
		"out of order for a moment":    {Path: search, Do: kit.Status, Status: 503, Times: 2},
		"an answer that breaks off":    {Path: search, Skip: 1, Do: kit.Truncate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			for i := range 230 {
				b.company(fmt.Sprint("Hotel ", i), fmt.Sprintf("noor%d@hotel.example", i))
			}
			b.emu.Kit().MustInject(fault)
			run, err := b.Sync()
			for range 2 {
				if err != nil {
					if run.Problem == "" || run.NextTryAt == nil {
						t.Errorf("the run is silent: %+v", run)
					}
					run, err = b.Sync()
				}
			}
			if err != nil || b.Count("debtor where gone_at is null") != 460 {
				t.Errorf("%d debtors: %v", b.Count("debtor"), err)
			}
			if state, why := b.State(); state != "connected" {
				t.Errorf("the connection is %s: %s", state, why)
			}
		})
	}
}

// connection is the bench's, as the host knows it.
func (b *books) connection() connect.Connection {
	return connect.Connection{ID: b.Connection, Tenant: b.Tenant, Connector: "hubspot", Config: map[string]string{"sign_in": "app-eu1", "country": "NL"}}
}

func TestNoteOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]kit.Fault{
		"502 after it took effect": {Method: "POST", Path: "/crm/v3/objects/notes", Do: kit.Status, After: true, Status: 502},
		"cut after it took effect": {Method: "POST", Path: "/crm/v3/objects/notes", Do: kit.Reset, After: true},
		"503 before":               {Method: "POST", Path: "/crm/v3/objects/notes", Do: kit.Status, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			id := b.company("Hotel", "noor@hotel.example")
			b.Must()
			w := sdk.Write{Key: uuid.NewString(), Administration: "4711", Note: &sdk.NoteWrite{Party: id, Text: "First reminder sent.\nBy <e-mail> & post.", Moment: b.now}}
			b.emu.Kit().MustInject(fault)
			first, err := b.Host.Push(t.Context(), b.connection(), w)
			if err != nil || first.State != sdk.Uncertain {
				t.Errorf("%+v %v", first, err)
			}
			for range 2 {
				if o, err := b.Host.Push(t.Context(), b.connection(), w); err != nil || o.State != sdk.Applied {
					t.Errorf("%+v %v", o, err)
				}
			}
			if o, err := b.Host.Find(t.Context(), b.connection(), w); err != nil || o.State != sdk.Applied {
				t.Errorf("%+v %v", o, err)
			}
			resp := must(http.Get(b.url + "/_control/administrations/4711/notes"))(t)
			var notes []struct{ Properties map[string]string }
			must(0, json.NewDecoder(resp.Body).Decode(&notes))(t)
			_ = resp.Body.Close()
			if len(notes) != 1 || !strings.HasPrefix(notes[0].Properties["hs_note_body"], "First reminder sent.<br>By &lt;e-mail> &amp; post.<br>vd") {
				t.Errorf("%+v", notes)
			}
		})
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	b := open(t)
	const url, body = "https://hub.example/hooks/1?x=1", `[{"eventId":1,"portalId":4711,"subscriptionType":"company.propertyChange","objectId":512},{"eventId":2,"portalId":4711,"subscriptionType":"object.deletion","objectTypeId":"0-1","objectId":513},{"eventId":3,"portalId":4711,"subscriptionType":"deal.creation","objectId":9}]`
	at := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).UnixMilli(), 10) }
	for name, tt := range map[string]struct {
		at, secret, body string
		good             bool
	}{
		"genuine":      {at(0), "s3cret", body, true},
		"another key":  {at(0), "guess", body, false},
		"old":          {at(-6 * time.Minute), "s3cret", body, false},
		"body changed": {at(0), "s3cret", strings.Replace(body, "512", "514", 1), false},
	} {
		call := sdk.WebhookCall{Method: "POST", URL: url, Header: http.Header{}, Body: []byte(tt.body)}
		call.Header.Set("X-HubSpot-Request-Timestamp", tt.at)
		call.Header.Set("X-HubSpot-Signature-v3", emulator.Signature("POST", url, body, tt.at, tt.secret))
		heard, err := b.Host.Webhook(t.Context(), b.connection(), call, nil)
		if (err == nil) != tt.good {
			t.Errorf("%s: %v", name, err)
		}
		if s := fmt.Sprint(heard.Hints); tt.good && s != "[{4711 parties 512 1 4711} {4711 parties contact-513 2 4711}]" {
			t.Errorf("%s: %s", name, s)
		}
	}
}

// A search shows 10,000 records and no more; the ones after them come by another
// search.
func TestMoreThanASearchShows(t *testing.T) {
	if os.Getenv("VOLDAAN_COST") == "" {
		t.Skip("set VOLDAAN_COST=1 to read 10,500 contacts; it takes minutes")
	}
	b := open(t)
	for from := 0; from < 10_500; from += 100 {
		b.now = b.now.Add(time.Second)
		var inputs []any
		for i := range 100 {
			inputs = append(inputs, map[string]any{"properties": map[string]string{"email": fmt.Sprintf("p%d@x.example", from+i), "lastname": "Vries"}})
		}
		b.post("/crm/v3/objects/contacts/batch/create", map[string]any{"inputs": inputs})
	}
	b.asked()
	b.Must()
	t.Logf("first load of 10,500 contacts: %d requests", b.asked())
	if n := b.Count("debtor"); n != 10_500 {
		t.Errorf("%d contacts", n)
	}
	b.now = b.now.Add(time.Hour)
	b.Must()
	t.Logf("unchanged: %d requests", b.asked())
}

func (b *books) post(path string, body any) {
	b.T.Helper()
	key := must(b.emu.SeedToken("", ""))(b.T.(*testing.T))
	raw := must(json.Marshal(body))(b.T.(*testing.T))
	req := must(http.NewRequest(http.MethodPost, b.url+path, bytes.NewReader(raw)))(b.T.(*testing.T))
	req.Header.Set("Authorization", "Bearer "+key)
	resp := must(http.DefaultClient.Do(req))(b.T.(*testing.T))
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		b.T.Fatalf("%s answers %s", path, resp.Status)
	}
}
