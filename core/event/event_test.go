package event_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// receiver is a program of somebody else. It answers as it is told to and keeps
// what it took.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(n int, e event.Event) int
	calls  int
	got    []event.Event
	secret []string
	t      testing.TB
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	var e event.Event
	if err := json.Unmarshal(body, &e); err != nil {
		r.t.Errorf("a body that is no event: %v", err)
	}
	r.mu.Lock()
	r.calls++
	n, answer, secrets := r.calls, r.answer, r.secret
	r.mu.Unlock()
	// As a receiver checks it, by the documented form only.
	parts := strings.Split(q.Header.Get("Voldaan-Signature"), ",")
	stamp, _ := strings.CutPrefix(parts[0], "t=")
	for _, s := range secrets {
		mac := hmac.New(sha256.New, []byte(s))
		fmt.Fprintf(mac, "%s.%s", stamp, body)
		if !slices.Contains(parts[1:], "v1="+hex.EncodeToString(mac.Sum(nil))) {
			r.t.Errorf("call %d is not signed with a secret that should sign", n)
		}
	}
	if len(secrets) > 0 && len(parts) != len(secrets)+1 {
		r.t.Errorf("call %d has %d signatures, want %d", n, len(parts)-1, len(secrets))
	}
	if q.Header.Get("Voldaan-Event-Id") != e.ID || q.Header.Get("Voldaan-Event-Type") != e.Type {
		r.t.Errorf("headers of call %d differ from its body", n)
	}
	status := http.StatusNoContent
	if answer != nil {
		status = answer(n, e)
	}
	if status < 300 {
		r.mu.Lock()
		r.got = append(r.got, e)
		r.mu.Unlock()
	}
	w.WriteHeader(status)
}

func (r *receiver) answers(f func(n int, e event.Event) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func (r *receiver) types() (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.got {
		out = append(out, e.Type)
	}
	return out
}

type rig struct {
	*dunningtest.World
	worker *event.Worker
	// ahead moves the machine's clock of the worker.
	ahead atomic.Int64
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{World: dunningtest.New(t, "2026-03-02 10:00")}
	box, err := secret.Open(filepath.Join(t.TempDir(), "master.json"))
	if err != nil {
		t.Fatal(err)
	}
	egress, err := broker.NewEgress(broker.EgressConfig{Inside: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	r.worker = &event.Worker{
		Endpoints: event.Endpoints{
			Store: r.Store, Sealer: box, Plain: true,
			Real: clock.Func(func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }),
		},
		Transport: egress, Log: slog.New(slog.DiscardHandler), Timeout: 2 * time.Second,
	}
	return r
}

func (r *rig) later(d time.Duration) { r.ahead.Add(int64(d)) }

// run works until nothing is due.
func (r *rig) run() {
	r.T.Helper()
	for more := true; more; {
		var err error
		if more, err = r.worker.Once(context.Background()); err != nil {
			r.T.Fatal(err)
		}
	}
}

func (r *rig) add(url string, types ...string) (id uuid.UUID, secret string) {
	r.T.Helper()
	r.In(func(tx store.Tx) (err error) {
		id, secret, err = r.worker.Add(context.Background(), tx, event.Wish{Name: "ERP", URL: url, Types: types}, "Sanne")
		return err
	})
	return id, secret
}

func (r *rig) decide(subject uuid.UUID, outcome string) {
	r.T.Helper()
	r.In(func(tx store.Tx) error {
		return tx.AddDecision(context.Background(), db.AddDecisionParams{
			TenantID: tx.Tenant, InvoiceID: subject, DebtorID: uuid.New(), Step: "reminder_1", Outcome: outcome, Rule: "R10", Reason: "Jan de Vries said so.", At: r.Clock.Now(), Facts: []byte("{}"),
		})
	})
}

func (r *rig) events() (out []event.Event) {
	r.T.Helper()
	r.In(func(tx store.Tx) error {
		rows, err := tx.EventsPage(context.Background(), db.EventsPageParams{Most: 1000})
		for _, row := range rows {
			out = append(out, event.Of(row))
		}
		return err
	})
	return out
}

func TestTheLifeOfAnInvoiceIsToldInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	to := newReceiver(t)
	_, s := r.add(to.URL + "/hook")
	to.secret = []string{s}
	party := dunningtest.Debtor("d1", sdk.Business)
	r.Books.Put(party, dunningtest.Invoice("i1", "d1", "2026-02-15", "2026-03-01", 121000))
	r.Books.Sync()
	r.In(func(tx store.Tx) error {
		_, err := r.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: r.ID("i1"), Reason: receivable.Paused, By: "Sanne"})
		return err
	})
	r.Books.Pay("i1", 121000, date.New(2026, 3, 2))
	r.Books.Sync()
	r.run()
	all := r.events()
	for i, e := range all {
		if e.Seq != int64(i+1) || len(e.ID) != 26 || i > 0 && e.ID[:10] < all[i-1].ID[:10] {
			t.Errorf("event %d has seq %d and id %s", i, e.Seq, e.ID)
		}
	}
	var told []string
	for _, e := range all {
		if e.Subject.ID == r.ID("i1") {
			told = append(told, e.Type)
		}
	}
	for _, want := range []string{"invoice.sent", "hold.set", "invoice.paid"} {
		if !slices.Contains(told, want) {
			t.Errorf("no %s in %v", want, told)
		}
	}
	paid := all[slices.IndexFunc(all, func(e event.Event) bool { return e.Type == "invoice.paid" })]
	if paid.Amount == nil || paid.Amount.Text != "1210.00" || paid.Debtor == nil || *paid.Debtor != r.DebtorID("d1") || *paid.Invoice != r.ID("i1") {
		t.Errorf("invoice.paid is %+v", paid)
	}
	var got []string
	to.mu.Lock()
	for _, e := range to.got {
		if e.Subject.ID == r.ID("i1") {
			got = append(got, e.Type)
		}
	}
	to.mu.Unlock()
	if !slices.Equal(got, told) {
		t.Errorf("the receiver got %v of the invoice; what happened is %v", got, told)
	}
	raw, _ := json.Marshal(all)
	for _, secret := range []string{party.Name, party.Email, "Sanne", "i1\""} {
		if secret != "" && strings.Contains(string(raw), secret) {
			t.Errorf("events say %q, which is personal", secret)
		}
	}
}

func TestAFailureWaitsAndKeepsTheOrderOfItsSubject(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	to := newReceiver(t)
	r.add(to.URL, "step.*", "invoice.held")
	one, two := uuid.New(), uuid.New()
	down := true
	to.answers(func(_ int, e event.Event) int {
		if down && e.Subject.ID == one {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	r.decide(one, "held")
	r.decide(one, "sent")
	r.decide(two, "sent")
	r.run()
	if got := to.types(); !slices.Equal(got, []string{"step.taken"}) {
		t.Fatalf("while one subject fails, got %v; want the event of the other one", got)
	}
	r.later(9 * time.Second)
	r.run()
	if to.calls != 2 {
		t.Errorf("%d calls before the wait is over, want 2", to.calls)
	}
	r.later(2 * time.Second)
	r.run()
	if to.calls != 3 {
		t.Errorf("%d calls after the wait, want 3", to.calls)
	}
	down = false
	r.later(25 * time.Second)
	r.run()
	if got := to.types(); !slices.Equal(got, []string{"step.taken", "invoice.held", "step.taken"}) {
		t.Errorf("got %v", got)
	}
	r.run()
	if to.calls != 5 {
		t.Errorf("%d calls, want 5: nothing is sent again after it was taken", to.calls)
	}
}

func TestSlowReceiversAreTriedAgainWithTheSameID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.worker.Timeout = 200 * time.Millisecond
	to := newReceiver(t)
	id, _ := r.add(to.URL)
	var ids []string
	release := make(chan struct{})
	to.answers(func(n int, e event.Event) int {
		to.mu.Lock()
		ids = append(ids, e.ID)
		to.mu.Unlock()
		if n == 1 {
			<-release // it took the event, and its answer comes too late
		}
		return http.StatusOK
	})
	r.decide(uuid.New(), "sent")
	r.run()
	close(release)
	r.later(time.Minute)
	r.run()
	to.mu.Lock()
	defer to.mu.Unlock()
	if len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("a receiver that was slow got the ids %v; want the same one twice", ids)
	}
	r.In(func(tx store.Tx) error {
		rows, err := tx.DeliveriesPage(context.Background(), db.DeliveriesPageParams{Endpoint: id, Most: 10})
		if err != nil || len(rows) != 1 || rows[0].State != "delivered" || rows[0].Attempts != 2 || rows[0].Status != 200 {
			t.Errorf("the log is %+v, %v", rows, err)
			return err
		}
		tries, err := tx.Attempts(context.Background(), rows[0].ID)
		if err != nil || len(tries) != 2 || tries[0].Status != 0 || !strings.Contains(tries[0].Problem, "did not answer") {
			t.Errorf("the attempts are %+v, %v", tries, err)
		}
		return err
	})
}

func (r *rig) webhook(id uuid.UUID) (w db.WebhookEndpoint) {
	r.T.Helper()
	r.In(func(tx store.Tx) (err error) {
		w, err = tx.Webhook(context.Background(), id)
		return err
	})
	return w
}

func (r *rig) tasks() (n int) {
	r.T.Helper()
	r.In(func(tx store.Tx) error {
		return tx.QueryRow(context.Background(), `select count(*) from task where kind = 'webhook_disabled' and done_at is null`).Scan(&n)
	})
	return n
}

func TestAnAddressThatIsGoneIsSwitchedOffWithATask(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		waits  []time.Duration
	}{
		{"gone", http.StatusGone, nil},
		{"days of failure", http.StatusBadGateway, []time.Duration{time.Hour, 24 * time.Hour, 48 * time.Hour}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			to := newReceiver(t)
			id, _ := r.add(to.URL, "step.*")
			to.answers(func(int, event.Event) int { return c.status })
			start := time.Now()
			r.decide(uuid.New(), "sent")
			r.run()
			for _, d := range c.waits {
				if w := r.webhook(id); w.State != "active" {
					t.Fatalf("switched off too early, after %s", time.Duration(r.ahead.Load()))
				}
				r.later(d)
				r.run()
			}
			if w := r.webhook(id); w.State != "disabled" || w.Why == "" || r.tasks() != 1 {
				t.Fatalf("the endpoint is %s (%s) with %d tasks", w.State, w.Why, r.tasks())
			}
			calls := to.calls
			r.decide(uuid.New(), "sent")
			r.later(time.Hour)
			r.run()
			if to.calls != calls {
				t.Error("an address that is switched off was called")
			}
			// A person mends it, switches it on and has it all sent again.
			to.answers(nil)
			r.In(func(tx store.Tx) error {
				if err := r.worker.Change(context.Background(), tx, id, event.Wish{Name: "ERP", URL: to.URL, Types: []string{"step.*"}}, true, "Sanne"); err != nil {
					return err
				}
				_, err := r.worker.Replay(context.Background(), tx, id, start.Add(-time.Minute), "", "Sanne")
				return err
			})
			r.run()
			if got := to.types(); len(got) != 2 || r.tasks() != 0 {
				t.Errorf("after a replay %v came and %d tasks are open; want both events and none", got, r.tasks())
			}
		})
	}
}

func TestRotationReplayAndTest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	to, other := newReceiver(t), newReceiver(t)
	id, first := r.add(to.URL, "step.taken")
	r.add(other.URL)
	to.secret = []string{first}
	r.decide(uuid.New(), "sent")
	r.decide(uuid.New(), "held") // not asked for
	r.run()
	if got := to.types(); !slices.Equal(got, []string{"step.taken"}) {
		t.Fatalf("got %v", got)
	}
	var second string
	r.In(func(tx store.Tx) (err error) {
		second, err = r.worker.Rotate(context.Background(), tx, id, "Sanne")
		return err
	})
	to.mu.Lock()
	to.secret = []string{second, first}
	key := to.got[0].ID
	to.mu.Unlock()
	replay := func() {
		r.In(func(tx store.Tx) error {
			_, err := r.worker.Replay(context.Background(), tx, id, time.Time{}, key, "Sanne")
			return err
		})
		r.run()
	}
	replay()
	r.later(25 * time.Hour)
	to.mu.Lock()
	to.secret = []string{second}
	to.mu.Unlock()
	replay()
	to.mu.Lock()
	if len(to.got) != 3 || to.got[1].ID != key || to.got[2].ID != key {
		t.Errorf("replays brought %+v", to.got)
	}
	to.mu.Unlock()
	before := len(other.types())
	r.In(func(tx store.Tx) error { return r.worker.Try(context.Background(), tx, id, "Sanne") })
	r.run()
	if got := to.types(); got[len(got)-1] != event.Test {
		t.Errorf("the last event is %s, want the test", got[len(got)-1])
	}
	if slices.Contains(other.types()[before:], event.Test) {
		t.Error("the test went to another address too")
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range []struct {
		url   string
		types []string
		plain bool
		ok    bool
	}{
		{url: "https://erp.example/hook", ok: true},
		{url: "http://erp.example/hook"},
		{url: "http://erp.example/hook", plain: true, ok: true},
		{url: "https://10.0.0.8/hook", plain: true},
		{url: "https://127.0.0.1/hook"},
		{url: "https://[::1]/hook"},
		{url: "https://localhost/hook"},
		{url: "https://metadata.internal/"},
		{url: "https://user:pass@erp.example/"},
		{url: "file:///etc/passwd", plain: true},
		{url: "https://erp.example/", types: []string{"invoice.eaten"}},
		{url: "https://erp.example/", types: []string{"invoice.*", "plan.broken"}, ok: true},
	} {
		r.worker.Plain = c.plain
		err := r.Store.In(context.Background(), r.Tenant, func(tx store.Tx) error {
			_, _, err := r.worker.Add(context.Background(), tx, event.Wish{Name: "x", URL: c.url, Types: c.types}, "Sanne")
			return err
		})
		if c.ok != (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s %v (plain %v): %v", c.url, c.types, c.plain, err)
		}
	}
	// A name that leads inside is refused when it is called.
	outside, err := broker.NewEgress(broker.EgressConfig{})
	if err != nil {
		t.Fatal(err)
	}
	to := newReceiver(t)
	r.worker.Plain, r.worker.Transport = true, outside
	id, _ := r.add(to.URL, "step.*")
	r.decide(uuid.New(), "sent")
	r.run()
	if to.calls != 0 {
		t.Error("an address of this machine was called")
	}
	r.In(func(tx store.Tx) error {
		rows, err := tx.DeliveriesPage(context.Background(), db.DeliveriesPageParams{Endpoint: id, Most: 10})
		if len(rows) != 1 || !strings.Contains(rows[0].Problem, "not on the public internet") {
			t.Errorf("the log says %+v", rows)
		}
		return err
	})
}

func TestEventsOfOthersAreNotSeen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	to := newReceiver(t)
	r.add(to.URL)
	stranger := uuid.New()
	if err := r.Store.Door().DoorCreateTenant(context.Background(), db.DoorCreateTenantParams{ID: stranger, Slug: "other", Name: "Other", TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.In(context.Background(), stranger, func(tx store.Tx) error {
		return tx.AddDecision(context.Background(), db.AddDecisionParams{
			TenantID: stranger, InvoiceID: uuid.New(), DebtorID: uuid.New(), Step: "reminder_1", Outcome: "sent", Rule: "R10", Reason: "x", At: r.Clock.Now(), Facts: []byte("{}"),
		})
	}); err != nil {
		t.Fatal(err)
	}
	r.run()
	for _, e := range r.events() {
		if e.Type == "step.taken" {
			t.Error("an event of another organisation is listed")
		}
	}
	if slices.Contains(to.types(), "step.taken") {
		t.Error("an event of another organisation was sent")
	}
	// What was rolled back did not happen.
	before := len(r.events())
	_ = r.Store.In(context.Background(), r.Tenant, func(tx store.Tx) error {
		_ = tx.AddAudit(context.Background(), db.AddAuditParams{TenantID: tx.Tenant, At: r.Clock.Now(), Actor: "x", Action: "plan.accepted", Subject: "plan/" + uuid.NewString(), Detail: []byte("{}")})
		return context.Canceled
	})
	r.run()
	if n := len(r.events()); n != before {
		t.Errorf("%d events after a rollback, want %d", n, before)
	}
	// Nobody rewrites what happened.
	if err := r.Store.In(context.Background(), r.Tenant, func(tx store.Tx) error {
		_, err := tx.Exec(context.Background(), "update event set type = 'x'")
		return err
	}); err == nil {
		t.Error("an event could be changed")
	}
}
