package hubspot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/plugins/hubspot/emulator"
	"github.com/voldaan/voldaan/sdk"
)

// common is the hub's one address for HubSpot.
const common = "https://hub.example/webhooks/app/hubspot"

// signed is a call as HubSpot makes it.
func signed(method, body, secret string) sdk.WebhookCall {
	at := strconv.FormatInt(time.Now().UnixMilli(), 10)
	call := sdk.WebhookCall{Method: method, URL: common, Header: http.Header{}, Body: []byte(body)}
	call.Header.Set("X-HubSpot-Request-Timestamp", at)
	call.Header.Set("X-HubSpot-Signature-v3", emulator.Signature(method, common, body, at, secret))
	return call
}

// portal connects an account of HubSpot to a tenant, in a state.
func (b *books) portal(tenant uuid.UUID, account, state string) (adm uuid.UUID) {
	b.T.Helper()
	ctx, id := b.T.Context(), uuid.New()
	adm = uuid.New()
	if err := b.Store.In(ctx, tenant, func(tx store.Tx) error {
		return errors.Join(
			tx.AddConnection(ctx, db.AddConnectionParams{ID: id, TenantID: tenant, Connector: "hubspot", Title: "HubSpot", Config: []byte("{}"), State: state}),
			tx.AddAdministration(ctx, db.AddAdministrationParams{
				ID: adm, TenantID: tenant, ConnectionID: uuid.NullUUID{UUID: id, Valid: true}, ExternalID: account, Name: "Portal", Country: "NL", Currency: "EUR",
				TimeZone: "Europe/Amsterdam", Language: "nl", LegalName: "Portal",
			}),
			tx.KnowAccounts(ctx, db.KnowAccountsParams{Connection: id, TenantID: tenant, Connector: "hubspot", Accounts: []string{account}}))
	}); err != nil {
		b.T.Fatal(err)
	}
	return adm
}

func event(portal, kind string, object int) string {
	return fmt.Sprintf(`{"eventId":%d,"portalId":%s,"subscriptionType":"%s","objectId":%d}`, object, portal, kind, object)
}

// HubSpot calls one address for all users of the app.
func TestCallsForAllUsers(t *testing.T) {
	t.Parallel()
	b := open(t)
	other := uuid.New()
	if err := b.Store.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: other, Slug: "other", Name: "Other", TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	theirs, both := b.portal(other, "4712", "connected"), b.portal(other, "4711", "connected")
	b.portal(other, "4713", "paused")
	var mu sync.Mutex
	var synced []string
	down := false
	c := b.Connections()
	c.SyncNow = func(_ context.Context, tenant, adm uuid.UUID) error {
		mu.Lock()
		defer mu.Unlock()
		if down {
			return errors.New("nobody takes work")
		}
		synced = append(synced, tenant.String()+"/"+adm.String())
		return nil
	}
	ours := b.Tenant.String() + "/" + b.Adm.String()
	their := func(adm uuid.UUID) string { return other.String() + "/" + adm.String() }
	calls := func() (row db.ConnectorCall) {
		t.Helper()
		list, err := b.Store.Door().ConnectorCalls(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, row = range list {
			if row.Connector == "hubspot" {
				return row
			}
		}
		return db.ConnectorCall{}
	}
	company := func(portal string) string { return event(portal, "company.propertyChange", 512) }
	for _, tt := range []struct {
		name, body string
		secret     string
		want       []string
		refused    bool
		unknown    int64
	}{
		{name: "one account", body: "[" + company("4712") + "]", want: []string{their(theirs)}},
		{name: "an account of two tenants", body: "[" + company("4711") + "]", want: []string{ours, their(both)}},
		{name: "several accounts", body: "[" + company("4711") + "," + company("4712") + "," + event("4712", "contact.creation", 9) + "]", want: []string{ours, their(both), their(theirs)}},
		{name: "of no account here", body: "[" + company("9999") + "]", unknown: 1},
		{name: "a paused one", body: "[" + company("4713") + "]"},
		{name: "of no account here beside one that is", body: "[" + company("9999") + "," + company("4712") + "]", want: []string{their(theirs)}, unknown: 1},
		{name: "something that is not read", body: "[" + event("4712", "deal.creation", 5) + "]"},
		{name: "signed with another secret", body: "[" + company("4712") + "]", secret: "guess", refused: true},
	} {
		synced = nil
		before := calls()
		secret := tt.secret
		if secret == "" {
			secret = "s3cret"
		}
		reply, err := c.CalledInCommon(t.Context(), "hubspot", signed("POST", tt.body, secret))
		if tt.refused != errors.Is(err, sdk.ErrAuth) || !tt.refused && err != nil || reply != "" {
			t.Errorf("%s: answered %q, %v", tt.name, reply, err)
		}
		slices.Sort(synced)
		slices.Sort(tt.want)
		if !slices.Equal(synced, tt.want) {
			t.Errorf("%s: read %v, want %v", tt.name, synced, tt.want)
		}
		after := calls()
		if after.Calls != before.Calls+1 || after.Unknown != before.Unknown+tt.unknown || (after.Refused != before.Refused) != tt.refused {
			t.Errorf("%s: counted %+v after %+v", tt.name, after, before)
		}
	}
	t.Run("a call that cannot be followed up comes again", func(t *testing.T) {
		down = true
		defer func() { down = false }()
		if _, err := c.CalledInCommon(t.Context(), "hubspot", signed("POST", "["+company("4712")+"]", "s3cret")); err == nil || errors.Is(err, sdk.ErrAuth) {
			t.Errorf("%v", err)
		}
	})
	t.Run("no such address", func(t *testing.T) {
		if _, err := c.CalledInCommon(t.Context(), "nobody", signed("POST", "[]", "s3cret")); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
	t.Run("a connection from before learns its account by a sync", func(t *testing.T) {
		b.In(func(tx store.Tx) error { return tx.ForgetAccounts(t.Context(), b.Connection) })
		b.Must()
		synced = nil
		if _, err := c.CalledInCommon(t.Context(), "hubspot", signed("POST", "["+company("4711")+"]", "s3cret")); err != nil || !slices.Contains(synced, ours) {
			t.Errorf("read %v: %v", synced, err)
		}
	})
	t.Run("a removed connection hears no more", func(t *testing.T) {
		if err := c.Remove(t.Context(), b.Tenant, b.Connection); err != nil {
			t.Fatal(err)
		}
		synced = nil
		if _, err := c.CalledInCommon(t.Context(), "hubspot", signed("POST", "["+company("4711")+"]", "s3cret")); err != nil || slices.Contains(synced, ours) {
			t.Errorf("read %v: %v", synced, err)
		}
		if n := b.Count("connection_account"); n != 0 {
			t.Errorf("%d accounts are left", n)
		}
		if n := b.Count("outbox where kind = 'sync.unschedule'"); n != 1 {
			t.Errorf("%d schedules are to end", n)
		}
	})
}
