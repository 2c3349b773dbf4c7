package emulator

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// Config sets up a Moneybird. The zero value is an empty one on the real clock
// with Moneybird's own limits, and no application registered.
type Config struct {
	// Now is the time of the books; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// PublicURL is how others reach the emulator ("http://127.0.0.1:4010").
	// Default: the address of each request.
	PublicURL string
	// DownloadURL is where links to files point ("https://storage.moneybird.dev").
	// Default: PublicURL.
	DownloadURL string

	// Clients are the registered applications, by client id.
	Clients map[string]emulator.OAuthClient
	// TokenLife is the life of an access token. Default: no expiry, as today.
	TokenLife time.Duration
	// RotateRefresh makes refresh tokens single-use.
	RotateRefresh bool
	// EarliestRefresh refuses refreshes earlier than this before the expiry.
	EarliestRefresh time.Duration

	// Rate limits the requests of a token. Default: 150 in 5 minutes; a limit
	// below zero does not limit.
	Rate emulator.Rate
	// DownloadLife is the life of a download link. Default: 30 s.
	DownloadLife time.Duration
	// WebhookRetry are the waits between the attempts to deliver a webhook.
	// Default: nine, from 1 s to 4 minutes.
	WebhookRetry []time.Duration
}

// Server is an emulated Moneybird. It is an [http.Handler]; Close stops what
// runs behind it.
type Server struct {
	cfg       Config
	kit       *emulator.Kit
	oauth     *emulator.OAuth
	hooks     *emulator.Deliveries
	books     *emulator.State[books]
	limit     *emulator.Limiter
	handler   http.Handler
	rendered  sync.Map // invoice id -> drawn
	downloads sync.Map // token -> download
	stop      context.CancelFunc
	done      sync.WaitGroup
}

var scopes = []string{"sales_invoices", "documents", "estimates", "bank", "time_entries", "settings"}

// New opens a Moneybird, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	if cfg.Rate == (emulator.Rate{}) {
		cfg.Rate = emulator.Rate{Limit: 150, Window: 5 * time.Minute}
	}
	cfg.DownloadLife = cmp.Or(cfg.DownloadLife, 30*time.Second)
	if cfg.WebhookRetry == nil {
		for d := time.Second; len(cfg.WebhookRetry) < 9; d *= 2 {
			cfg.WebhookRetry = append(cfg.WebhookRetry, d)
		}
	}
	s := &Server{cfg: cfg, limit: emulator.NewLimiter(cfg.Rate)}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})
	var err error
	if s.books, err = emulator.OpenState(s.kit, "books", &books{Administrations: map[string]*administration{}}); err != nil {
		return nil, err
	}
	s.oauth, err = s.kit.OAuth(emulator.OAuthConfig{
		Vendor: "Moneybird", Clients: cfg.Clients, Scopes: scopes, DefaultScope: "sales_invoices",
		AuthorizePath: "/oauth/authorize", TokenPath: "/oauth/token", RevokePath: "/oauth/revoke",
		ExpiresIn: cfg.TokenLife, RotateRefresh: cfg.RotateRefresh, EarliestRefresh: cfg.EarliestRefresh,
	})
	if err != nil {
		return nil, err
	}
	s.hooks, err = s.kit.Deliveries("webhooks", emulator.DeliveryConfig{Retry: cfg.WebhookRetry, Prepare: s.signHook, Done: s.noteHook})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.oauth.Register(mux)
	s.routes(mux)
	s.controls()
	s.handler = s.kit.Handler(formats(mux))

	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.live(ctx) })
	return s, nil
}

// ServeHTTP answers as Moneybird, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// OAuth returns the authorization server: to expire or revoke tokens.
func (s *Server) OAuth() *emulator.OAuth { return s.oauth }

// Webhooks returns the queue of webhook calls: to hold, double or drop them.
func (s *Server) Webhooks() *emulator.Deliveries { return s.hooks }

// Close stops deliveries and the calendar.
func (s *Server) Close() {
	s.stop()
	s.done.Wait()
	s.hooks.Close()
}

// live lets the calendar work when nobody asks for anything, so that webhooks
// tell of invoices that become late.
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

// formats takes the format off the path: .json, or nothing; .xml is not
// emulated.
func formats(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			if strings.HasSuffix(r.URL.Path, ".xml") {
				emulator.WriteJSON(w, http.StatusNotAcceptable, map[string]string{"error": "This emulator speaks JSON only."})
				return
			}
			if path, ok := strings.CutSuffix(r.URL.Path, ".json"); ok {
				u := *r.URL
				u.Path, u.RawPath = path, strings.TrimSuffix(r.URL.RawPath, ".json")
				r = r.WithContext(r.Context())
				r.URL = &u
			}
		}
		next.ServeHTTP(w, r)
	})
}

// problem is the body of an error that a fault asks for.
func problem(status int) (string, []byte) {
	const kind = "application/json; charset=utf-8"
	switch {
	case status == http.StatusTooManyRequests:
		return kind, []byte(`"Retry later"`)
	case status >= 500:
		return "text/html; charset=utf-8", []byte("<!doctype html><title>" + http.StatusText(status) + "</title>")
	}
	b, _ := json.Marshal(map[string]any{"error": http.StatusText(status), "symbolic": map[string]string{}})
	return kind, b
}
