package synctest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	mirror "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/emulator"
)

// A subscription that ends after three days is prolonged a day before.
func TestSubscriptionIsRenewed(t *testing.T) {
	t.Parallel()
	b, c := openCentral(t)
	pass := func(d time.Duration) { c.later(d); b.Elapse(d) }
	upkeep := &mirror.Upkeep{Connections: b.Connections()}
	once := func() {
		t.Helper()
		if err := upkeep.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	asked := func() (n int) {
		for _, r := range c.kit.Requests() {
			if strings.HasPrefix(r.Path, "/subscriptions") {
				n++
			}
		}
		c.kit.ForgetRequests()
		return n
	}
	row := func() (s db.Subscription) {
		b.In(func(tx store.Tx) (err error) { s, err = tx.Subscription(t.Context(), b.Adm); return err })
		return s
	}
	called := func(secret string) error {
		_, err := b.Connections().Called(t.Context(), b.Tenant, b.Connection, b.Adm, sdk.WebhookCall{
			Method: http.MethodPost, URL: "https://hub.example/", Body: []byte(`{"value":[{"clientState":"` + secret + `","company":"other","id":"7"}]}`),
		})
		return err
	}
	b.Must()
	if s := row(); s.ExternalID != "sub-1" || s.ExpiresAt == nil || len(c.standing()) != 1 {
		t.Fatalf("%+v, %v", s, c.standing())
	}
	asked()
	once()
	if n := asked(); n != 0 {
		t.Errorf("%d requests although it is good for three days", n)
	}

	pass(50 * time.Hour)
	once()
	if s := row(); asked() != 1 || s.ExternalID != "sub-1" || time.Until(*s.ExpiresAt) < 60*time.Hour {
		t.Errorf("not prolonged: %+v", s)
	}
	if err := called("secret of sub-1"); err != nil {
		t.Errorf("the secret was lost: %v", err)
	}

	t.Run("a failure is shown and tried again", func(t *testing.T) {
		c.kit.MustInject(emulator.Fault{Method: "PATCH", Path: "/subscriptions/*", Do: emulator.Status, Status: 400})
		pass(50 * time.Hour)
		once()
		once() // not at once
		if n := asked(); n != 1 || len(b.Troubles()) != 1 || !strings.Contains(b.Troubles()[0], "regular syncs") {
			t.Errorf("%d requests, and the page says %q", n, b.Troubles())
		}
		if state, _ := b.State(); state != "connected" {
			t.Errorf("the connection is %s", state)
		}
		pass(10 * time.Minute)
		once()
		if asked() != 1 || len(b.Troubles()) != 0 || len(c.standing()) != 1 {
			t.Errorf("%v stand, and the page says %q", c.standing(), b.Troubles())
		}
	})
	t.Run("one that has ended all the same is made anew", func(t *testing.T) {
		pass(80 * time.Hour)
		once()
		if s := row(); s.ExternalID != "sub-2" || len(c.standing()) != 1 {
			t.Errorf("%+v, %v", s, c.standing())
		}
		if err := called("secret of sub-2"); err != nil {
			t.Errorf("the new secret is not known: %v", err)
		}
		if err := called("secret of sub-1"); !errors.Is(err, sdk.ErrAuth) {
			t.Errorf("the old secret is still good: %v", err)
		}
	})
	t.Run("two hosts renew it once", func(t *testing.T) {
		asked()
		pass(60 * time.Hour)
		errs := make(chan error)
		for range 2 {
			go func() { errs <- upkeep.Once(t.Context()) }()
		}
		if err := errors.Join(<-errs, <-errs); err != nil {
			t.Fatal(err)
		}
		if n := asked(); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
	t.Run("a removed connection ends it", func(t *testing.T) {
		if err := b.Connections().Remove(t.Context(), b.Tenant, b.Connection); err != nil {
			t.Fatal(err)
		}
		if left := c.standing(); len(left) != 0 {
			t.Errorf("%v are left", left)
		}
		if n := b.Count("connection where sealed_credentials is not null") + b.Count("subscription"); n != 0 {
			t.Errorf("%d credentials and subscriptions are left", n)
		}
		if n := b.Count("outbox where kind = 'sync.unschedule'"); n != 1 {
			t.Errorf("%d schedules are to end", n)
		}
	})
}
