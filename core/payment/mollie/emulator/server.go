package emulator

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// Config sets up a Mollie. The zero value is an empty one on the real clock.
type Config struct {
	// Now is the time of the books; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// PublicURL is how others, among them debtors' browsers, reach the emulator.
	// Default: the address of each request.
	PublicURL string
	// Keys are the API keys that exist; none accepts every well-formed one.
	Keys []string
	// RefuseLocalWebhooks refuses webhook addresses that Mollie could not reach
	// from the internet, as the real one does.
	RefuseLocalWebhooks bool
	// Rate limits the requests of a key. Default: no limit.
	Rate emulator.Rate
	// WebhookRetry are the waits between the attempts to deliver a webhook.
	// Default: nine, from 1 s to 4 minutes. Mollie's own go from one minute to
	// hours.
	WebhookRetry []time.Duration
}

// Server is an emulated Mollie. It is an [http.Handler]; Close stops what runs
// behind it.
type Server struct {
	cfg     Config
	kit     *emulator.Kit
	hooks   *emulator.Deliveries
	till    *emulator.State[till]
	limit   *emulator.Limiter
	handler http.Handler
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// New opens a Mollie, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	if cfg.WebhookRetry == nil {
		for d := time.Second; len(cfg.WebhookRetry) < 9; d *= 2 {
			cfg.WebhookRetry = append(cfg.WebhookRetry, d)
		}
	}
	s := &Server{cfg: cfg, limit: emulator.NewLimiter(cfg.Rate)}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: func(status int) (string, []byte) {
		return hal, problemBody(&problem{status: status, detail: faultDetail(status)})
	}})
	var err error
	if s.till, err = emulator.OpenState(s.kit, "till", &till{Payments: map[string]*payment{}, Replays: map[string]replay{}}); err != nil {
		return nil, err
	}
	if s.hooks, err = s.kit.Deliveries("webhooks", emulator.DeliveryConfig{Retry: cfg.WebhookRetry}); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.routes(mux)
	s.controls()
	s.handler = s.kit.Handler(mux)
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.live(ctx) })
	return s, nil
}

// ServeHTTP answers as Mollie's API and checkout, and below /_control/ as the
// emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// Webhooks returns the queue of webhook calls: to hold, double or drop them.
func (s *Server) Webhooks() *emulator.Deliveries { return s.hooks }

// Close stops deliveries and expiry.
func (s *Server) Close() {
	s.stop()
	s.done.Wait()
	s.hooks.Close()
}

func (s *Server) live(ctx context.Context) {
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			s.tick()
		}
	}
}

// refundDays is how long a refund takes.
const refundDays = 1

// tick expires payments and completes refunds whose time has come.
func (s *Server) tick() {
	now, wall := s.kit.Now(), s.kit.Wall()
	work := false
	s.till.View(func(t *till) {
		for _, p := range t.Payments {
			work = work || p.over(now, wall) || p.collected(now)
		}
		for _, r := range t.Refunds {
			work = work || r.through(now)
		}
	})
	if !work {
		return
	}
	_ = s.change(func(c *change) error {
		for _, p := range c.t.Payments {
			if p.over(now, wall) {
				c.finish(p, "expired")
			}
			if p.collected(now) {
				c.outcome(p)
			}
		}
		for _, r := range c.t.Refunds {
			if r.through(now) {
				r.Status = "refunded"
				c.call(c.t.Payments[r.Payment])
			}
		}
		return nil
	})
}

func (p *payment) over(now, wall time.Time) bool {
	switch {
	case p.final() || p.Status == "pending":
		return false
	case p.Deadline.IsZero():
		return !p.ExpiresAt.IsZero() && now.After(p.ExpiresAt)
	}
	return wall.After(p.Deadline)
}

func (r *refund) through(now time.Time) bool {
	return (r.Status == "pending" || r.Status == "queued" || r.Status == "processing") && now.After(r.CreatedAt.AddDate(0, 0, refundDays))
}

// change is one transaction; the webhooks it calls for go out when it is done.
type change struct {
	s     *Server
	t     *till
	now   time.Time
	calls []*payment
}

// change runs fn on the till; when fn returns an error it must have changed
// nothing.
func (s *Server) change(fn func(*change) error) error {
	c := &change{s: s, now: s.kit.Now().UTC().Truncate(time.Second)}
	var calls []payment
	err := s.till.Update(func(t *till) error {
		c.t = t
		if err := fn(c); err != nil {
			return err
		}
		for _, p := range c.calls {
			calls = append(calls, *p)
		}
		return nil
	})
	if err == nil {
		for _, p := range calls {
			s.tell(p)
		}
	}
	return err
}

func (c *change) call(p *payment) { c.calls = append(c.calls, p) }

// tell queues the webhook of a payment.
func (s *Server) tell(p payment) {
	if p.WebhookURL != "" {
		s.hooks.Enqueue(p.ID, p.WebhookURL, "application/x-www-form-urlencoded", "id="+p.ID)
	}
}

// public is the address that others reach the emulator by.
func (s *Server) public(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return strings.TrimRight(s.cfg.PublicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
