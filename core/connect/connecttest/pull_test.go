package connecttest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/sdk"
)

func lock(t *testing.T, dir string) {
	t.Helper()
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
}

// sink keeps copies of what it is given.
type sink struct {
	parties    []sdk.Party
	invoices   []sdk.Invoice
	payments   []sdk.Payment
	gone       []connect.Gone
	unreadable []connect.Unreadable
	complete   []sdk.Stream
	cursors    []string
	order      []string
	expected   map[sdk.Stream]int
	have       map[string]bool
	fail       error
	hold       chan struct{} // closed at the first batch
	wait       time.Duration
}

func (s *sink) Batch(_ context.Context, b *connect.Batch) error {
	if s.hold != nil {
		close(s.hold)
		s.hold = nil
		time.Sleep(s.wait)
	}
	if s.fail != nil {
		return s.fail
	}
	s.parties, s.invoices, s.payments = append(s.parties, b.Parties...), append(s.invoices, b.Invoices...), append(s.payments, b.Payments...)
	s.gone, s.unreadable, s.complete = append(s.gone, b.Gone...), append(s.unreadable, b.Unreadable...), append(s.complete, b.Complete...)
	if b.Checkpoint != nil {
		s.cursors = append(s.cursors, string(b.Checkpoint))
	}
	for k, v := range b.Expected {
		s.expected = map[sdk.Stream]int{k: v}
	}
	for _, v := range b.Invoices {
		s.order = append(s.order, v.ID)
	}
	for _, g := range b.Gone {
		s.order = append(s.order, "-"+g.ID)
	}
	return nil
}

func (s *sink) Compare(_ context.Context, _ sdk.Stream, list []sdk.Revision) ([]string, error) {
	var wanted []string
	for _, r := range list {
		if !s.have[r.ID] {
			wanted = append(wanted, r.ID)
		}
	}
	return wanted, s.fail
}

func pull(t *testing.T, h *connect.Host, c config, r sdk.PullRequest) (*sink, error) {
	t.Helper()
	s := &sink{}
	return s, h.Pull(t.Context(), connecttest.Connection(c), r, s)
}

func TestPull(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	s, err := pull(t, h, config{"pull": "synthetic", "n": "2345", "checkpoint": "100"}, sdk.PullRequest{})
	if err != nil || len(s.parties) != 235 || len(s.invoices) != 2345 || len(s.payments) != 782 {
		t.Fatalf("%d parties, %d invoices, %d payments: %v", len(s.parties), len(s.invoices), len(s.payments), err)
	}
	for i, v := range s.invoices {
		if v.ID != fmt.Sprint("i", i) || v.Total.Minor != int64(10_000+i) || v.Due.DaysSince(v.Issued) != 14 {
			t.Fatalf("invoice %d: %+v", i, v)
		}
	}
	if p := s.parties[7]; p.Address.City != "Ons Dorp" || p.Kind != sdk.Business || p.Email != "administratie7@bakkerij.example" {
		t.Errorf("party: %+v", p)
	}
	if len(s.complete) != 1 || s.complete[0] != sdk.Invoices || s.cursors[len(s.cursors)-1] != "2300" {
		t.Errorf("complete %v, cursors %v", s.complete, s.cursors)
	}
	if st := h.Stats()[connecttest.Name]; st.Records != 2345+235+782 || st.Calls != 1 || st.Failures != 0 {
		t.Errorf("stats %+v", st)
	}
}

// A checkpoint may only cover records that came before it: resuming at any of
// them must lose nothing.
func TestCheckpointCoversWhatItSays(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	seen := 0
	err := h.Pull(t.Context(), connecttest.Connection(config{"pull": "synthetic", "n": "5000", "checkpoint": "70"}), sdk.PullRequest{},
		sinkFunc(func(b *connect.Batch) error {
			seen += len(b.Invoices)
			var covered int
			if b.Checkpoint != nil {
				if _, err := fmt.Sscan(string(b.Checkpoint), &covered); err != nil {
					return err
				}
			}
			if covered > seen {
				t.Errorf("the checkpoint says %d, seen %d", covered, seen)
			}
			return nil
		}))
	if err != nil || seen != 5000 {
		t.Errorf("%d invoices, %v", seen, err)
	}
}

type sinkFunc func(*connect.Batch) error

func (f sinkFunc) Batch(_ context.Context, b *connect.Batch) error { return f(b) }
func (sinkFunc) Compare(context.Context, sdk.Stream, []sdk.Revision) ([]string, error) {
	return nil, nil
}

func TestDisorderComesThroughAsItWas(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	s, err := pull(t, h, config{"pull": "disorder"}, sdk.PullRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "[i0 i0 -i1 i1]"; fmt.Sprint(s.order) != want {
		t.Errorf("order %v, want %s", s.order, want)
	}
	if s.invoices[1].Status != sdk.Paid || s.invoices[1].Open.Minor != 0 {
		t.Errorf("the later version is %+v", s.invoices[1])
	}
	if len(s.unreadable) != 2 || s.unreadable[0] != (connect.Unreadable{Stream: sdk.Invoices, ID: "i2", Reason: `"XXX": unknown currency`}) || s.unreadable[1].Reason != "no date" {
		t.Errorf("unreadable: %+v", s.unreadable)
	}
	if s.expected[sdk.Invoices] != 4 || len(s.cursors) != 1 || s.cursors[0] != "" {
		t.Errorf("expected %v, cursors %q", s.expected, s.cursors)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	s := &sink{have: map[string]bool{}}
	for i := range 12_000 {
		if i%1000 != 0 {
			s.have[fmt.Sprint("i", i)] = true
		}
	}
	err := h.Pull(t.Context(), connecttest.Connection(config{"pull": "compare", "n": "12000"}), sdk.PullRequest{}, s)
	if err != nil || len(s.invoices) != 12 || s.invoices[11].ID != "i11000" {
		t.Errorf("%d invoices, %v", len(s.invoices), err)
	}
	all, err := pull(t, h, config{"pull": "compare", "n": "12000"}, sdk.PullRequest{})
	if err != nil || len(all.invoices) != 12_000 {
		t.Errorf("%d invoices, %v", len(all.invoices), err)
	}
	none, err := pull(t, h, config{"pull": "compare", "n": "0"}, sdk.PullRequest{})
	if err != nil || len(none.invoices) != 0 {
		t.Errorf("an empty list: %d invoices, %v", len(none.invoices), err)
	}
}

func TestSinkEndsThePull(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	enough := errors.New("the disk is full")
	for _, c := range []config{{"pull": "flood"}, {"pull": "compare", "n": "10"}} {
		if err := h.Pull(t.Context(), connecttest.Connection(c), sdk.PullRequest{}, &sink{fail: enough}); err != enough {
			t.Errorf("%v: %v", c, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := h.Pull(ctx, connecttest.Connection(config{"pull": "flood"}), sdk.PullRequest{}, &sink{}); err == nil {
		t.Error("the pull outlived its context")
	}
	if s := status(h); s.Starts != 1 || s.Crashes != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestCrashInMidPullKeepsWhatCame(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	s, err := pull(t, h, config{"pull": "crash", "n": "3000", "checkpoint": "500"}, sdk.PullRequest{})
	wantFault(t, "crash", err, "connector_crashed", "code 9")
	if len(s.invoices) < 2500 || len(s.cursors) == 0 {
		t.Errorf("only %d invoices and cursors %v came through", len(s.invoices), s.cursors)
	}
}

func TestTargetedPull(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	s, err := pull(t, h, config{"pull": "targeted"}, sdk.PullRequest{Invoices: []string{"i1", "i2"}})
	if err != nil || fmt.Sprint(s.order) != "[-i1 -i2]" {
		t.Errorf("%v, %v", s.order, err)
	}
}

// A pull that waits for a slow package is not a silent one.
func TestSlowPackageIsNotAHang(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		time.Sleep(2500 * time.Millisecond) // longer than the silence that counts as a hang
		if calls.Load() == 4 {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprint(w, "page")
	}))
	t.Cleanup(server.Close)
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) {
		c.Egress = broker.EgressConfig{Overrides: map[string]string{"api.misbehave.example": server.URL}}
		c.Limits.Silence = 2 * time.Second
	})
	_, err := pull(t, h, config{"pull": "slow", "url": "https://api.misbehave.example/", "want": "page"}, sdk.PullRequest{})
	if r, ok := errors.AsType[*sdk.RetryAfter](err); !ok || r.Wait < 23*time.Hour {
		t.Errorf("want the rate limit of the fourth page, got %v", err)
	}
}

func TestEgressOfARealProcess(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host, r.URL.Path) }))
	t.Cleanup(server.Close)
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) {
		c.Egress = broker.EgressConfig{Overrides: map[string]string{"api.misbehave.example": server.URL}}
		c.Supervisor.Backoff = time.Millisecond
	})
	url := "https://api.misbehave.example/v1"
	if err := check(t, h, config{"check": "get", "url": url, "want": "api.misbehave.example/v1"}); err != nil {
		t.Error(err)
	}
	wantFault(t, "other host", check(t, h, config{"check": "get", "url": "https://evil.example/"}), "connector_denied", "does not name https://evil.example")
	// A write that died after it had spoken to the package may have taken effect.
	o, err := h.Push(t.Context(), connecttest.Connection(config{"url": url}), sdk.Write{Key: "crash-after", Payment: &sdk.PaymentWrite{}})
	if err != nil || o.State != sdk.Uncertain {
		t.Errorf("a write that died: %+v, %v", o, err)
	}
	if n := h.Egress().Attempts.Load(); n != 2 {
		t.Errorf("%d requests went out, want 2", n)
	}
}
