package moneybird_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// hub takes calls of packages as the hub's own endpoint does.
type hub struct {
	*books
	connections *sync.Connections
	refused     atomic.Int64
	synced      atomic.Int64
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	body, _ := io.ReadAll(r.Body)
	_, err := h.connections.Called(r.Context(), h.Tenant, uuid.MustParse(parts[1]), uuid.MustParse(parts[2]), sdk.WebhookCall{Header: r.Header, Body: body})
	switch {
	case errors.Is(err, sdk.ErrAuth):
		h.refused.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
	case err != nil:
		h.T.Errorf("a call was not followed up: %v", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// TestMoneybirdCallsOnAPayment connects, and learns of a payment in the books
// without another run of the sync.
func TestMoneybirdCallsOnAPayment(t *testing.T) {
	t.Parallel()
	b := open(t)
	h := &hub{books: b}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	box, err := secret.Open(t.TempDir() + "/master.json")
	if err != nil {
		t.Fatal(err)
	}
	b.Runner.Subscriptions = &sync.Subscriptions{URL: srv.URL + "/calls", Sealer: sync.Sealer{Box: box}}
	h.connections = &sync.Connections{Store: b.Store, Host: b.Host, Runner: b.Runner, SyncNow: func(context.Context, uuid.UUID, uuid.UUID) error {
		h.synced.Add(1)
		return nil
	}}
	ids := b.seed(3)
	b.Must()
	b.Must() // a second run asks for nothing more
	if n := b.emu.Subscribed(b.adm); len(n) != 1 {
		t.Fatalf("%d webhooks, want 1: %v", len(n), n)
	}
	if _, err := b.emu.Pay(b.adm, ids[1], emulator.PaymentSeed{Price: "101.00", Date: date.MustParse("2026-03-09")}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for b.Invoice(ids[1]).Status != "paid" {
		if time.Now().After(deadline) {
			t.Fatalf("the payment never became known: %+v", b.Invoice(ids[1]))
		}
		time.Sleep(20 * time.Millisecond)
	}
	if inv := b.Invoice(ids[0]); inv.Status != "open" {
		t.Errorf("another invoice is %s", inv.Status)
	}

	resp, err := http.Post(b.emu.Subscribed(b.adm)[0], "application/json", strings.NewReader(`{"entity_type":"SalesInvoice","entity_id":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized || h.refused.Load() != 1 {
		t.Errorf("a forged call is answered with %s", resp.Status)
	}

	if err := h.connections.Remove(t.Context(), b.Tenant, b.Connection); err != nil {
		t.Fatal(err)
	}
	if n := b.emu.Subscribed(b.adm); len(n) != 0 {
		t.Errorf("after the connection is removed Moneybird still calls %v", n)
	}
	if n := b.Count("subscription"); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
	b.In(func(tx store.Tx) error { _, err := tx.Administration(t.Context(), b.Adm); return err })
}
