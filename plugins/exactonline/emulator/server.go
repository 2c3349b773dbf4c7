package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Config sets up an Exact Online. The zero value is an empty one on the real
// clock with Exact's own limits, and no application registered.
type Config struct {
	// Now is the time of the books; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// PublicURL is what links begin with. Default: the address of each request.
	PublicURL string
	// Clients are the registered applications, by client id.
	Clients map[string]emulator.OAuthClient
	// WebhookSecret signs the webhooks of every application. Default: "webhook".
	WebhookSecret string
	// WebhookRetry are the waits between attempts. Default: five, from 1 s.
	WebhookRetry []time.Duration
	// Minutely and Daily limit the calls of an application per division.
	// Default: 60 and 5,000; below zero does not limit.
	Minutely, Daily int
	// Errors is how many an endpoint takes in an hour. Default: 10; below zero
	// takes any number.
	Errors int
	// EarlyRefresh lets access be renewed at any time, for those who cannot wait ten
	// minutes.
	EarlyRefresh bool
}

// Server is an emulated Exact Online, an [http.Handler].
type Server struct {
	*ledger.Store
	cfg         Config
	kit         *emulator.Kit
	oauth       *emulator.OAuth
	hooks       *emulator.Deliveries
	extra       *emulator.State[extra]
	minute, day *emulator.Limiter
	errors      *emulator.Limiter
	blockedLock sync.Mutex
	blocked     map[string]time.Time
	handler     http.Handler
	resources   map[string]*resource
	drawn       sync.Map // of drawn
}

// New opens an Exact Online, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.WebhookSecret = cmp.Or(cfg.WebhookSecret, "webhook")
	cfg.Minutely, cfg.Daily, cfg.Errors = cmp.Or(cfg.Minutely, 60), cmp.Or(cfg.Daily, 5000), cmp.Or(cfg.Errors, 10)
	if cfg.WebhookRetry == nil {
		for d := time.Second; len(cfg.WebhookRetry) < 5; d *= 4 {
			cfg.WebhookRetry = append(cfg.WebhookRetry, d)
		}
	}
	s := &Server{
		cfg: cfg, blocked: map[string]time.Time{},
		minute: emulator.NewLimiter(emulator.Rate{Limit: cfg.Minutely, Window: time.Minute}),
		day:    emulator.NewLimiter(emulator.Rate{Limit: cfg.Daily, Window: 24 * time.Hour}),
		errors: emulator.NewLimiter(emulator.Rate{Limit: cfg.Errors, Window: time.Hour}),
	}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})
	var err error
	s.Store, err = ledger.Open(s.kit, ledger.Config{
		Number:  func(year, n int) string { return fmt.Sprintf("%02d%s%04d", year%100, salesJournal, n) },
		Code:    func(no int64) string { return fmt.Sprint(1000 + no) },
		OnEvent: s.tell,
	})
	if err != nil {
		return nil, err
	}
	if s.extra, err = emulator.OpenState(s.kit, "exact", &extra{Denied: map[string]bool{}}); err != nil {
		return nil, err
	}
	earliest := 30 * time.Second
	if cfg.EarlyRefresh {
		earliest = 0
	}
	s.oauth, err = s.kit.OAuth(emulator.OAuthConfig{
		Vendor: "Exact Online", Clients: cfg.Clients, AuthorizePath: "/api/oauth2/auth", TokenPath: "/api/oauth2/token",
		ExpiresIn: 10 * time.Minute, RotateRefresh: true, EarliestRefresh: earliest, RefreshLife: 30 * 24 * time.Hour,
		EarlyError: emulator.TokenError{Status: http.StatusBadRequest, Code: "access_denied", Description: "Rate limit exceeded: access_token not expired"},
		Answer: func(a map[string]any) {
			a["expires_in"] = fmt.Sprint(a["expires_in"])
			delete(a, "scope")
			delete(a, "created_at")
		},
	})
	if err != nil {
		return nil, err
	}
	s.oauth.Controls()
	s.hooks, err = s.kit.Deliveries("webhooks", emulator.DeliveryConfig{Retry: cfg.WebhookRetry, Prepare: s.wanted})
	if err != nil {
		return nil, err
	}
	s.describe()
	mux := http.NewServeMux()
	s.oauth.Register(mux)
	mux.HandleFunc("/api/v1/{division}/{resource...}", s.serve)
	mux.HandleFunc("GET /docs/SysAttachment.aspx", s.attachment)
	mux.HandleFunc("POST /docs/XMLUpload.aspx", s.upload)
	s.controls()
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Exact Online, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// OAuth returns the authorization server: to expire or revoke tokens.
func (s *Server) OAuth() *emulator.OAuth { return s.oauth }

// Webhooks returns the queue of webhook calls: to hold, double or drop them.
func (s *Server) Webhooks() *emulator.Deliveries { return s.hooks }

// Close stops deliveries.
func (s *Server) Close() { s.hooks.Close() }

// extra is what Exact keeps beside the books.
type extra struct {
	Seq           int                 `json:"seq"`
	Subscriptions []subscription      `json:"subscriptions"`
	Uploads       map[string][]upload `json:"uploads"` // by division
	Denied        map[string]bool     `json:"denied"`  // divisions that the user lost
}

func (s *Server) controls() {
	s.kit.Control("POST /_control/administrations/{adm}/access", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Denied bool `json:"denied"`
		}
		if emulator.ReadControl(w, r, &in) {
			_ = s.extra.Update(func(e *extra) error { e.Denied[r.PathValue("adm")] = in.Denied; return nil })
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

func (s *Server) base(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return strings.TrimSuffix(s.cfg.PublicURL, "/")
	}
	return "http://" + r.Host
}

// problem is the body of an error that a fault asks for.
func problem(status int) (string, []byte) {
	b, _ := json.Marshal(errorBody(http.StatusText(status)))
	return "application/json; charset=utf-8", b
}

func errorBody(text string) map[string]any {
	return map[string]any{"error": map[string]any{"code": "", "message": map[string]any{"lang": "", "value": text}}}
}
