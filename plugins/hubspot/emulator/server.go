package emulator

import (
	"cmp"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// Config sets up a HubSpot. The zero value is an empty one on the real clock
// with HubSpot's own limits, and no application registered.
type Config struct {
	// Now is the time of the records; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// PublicURL is what links begin with. Default: the address of each request.
	PublicURL string
	// Clients are the registered applications, by client id.
	Clients map[string]emulator.OAuthClient
	// WebhookSecret is the client secret that signs webhooks. Default: "webhook".
	WebhookSecret string
	// WebhookRetry are the waits between attempts. Default: ten, from 1 s.
	WebhookRetry []time.Duration
	// TenSecondly, Daily and Searches limit the calls of a token in ten seconds
	// and in a day, and its searches in a second. Default: 110, 250,000 and 5;
	// below zero does not limit.
	TenSecondly, Daily, Searches int
	// SearchLag is how long a change stays hidden from searches.
	SearchLag time.Duration
}

// Server is an emulated HubSpot, an [http.Handler].
type Server struct {
	cfg               Config
	kit               *emulator.Kit
	oauth             *emulator.OAuth
	hooks             *emulator.Deliveries
	crm               *emulator.State[crm]
	ten, day, searchs *emulator.Limiter
	handler           http.Handler
}

// New opens a HubSpot, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.WebhookSecret = cmp.Or(cfg.WebhookSecret, "webhook")
	cfg.TenSecondly, cfg.Daily, cfg.Searches = cmp.Or(cfg.TenSecondly, 110), cmp.Or(cfg.Daily, 250_000), cmp.Or(cfg.Searches, 5)
	if cfg.WebhookRetry == nil {
		for d := time.Second; len(cfg.WebhookRetry) < 10; d *= 2 {
			cfg.WebhookRetry = append(cfg.WebhookRetry, d)
		}
	}
	s := &Server{
		cfg:     cfg,
		ten:     emulator.NewLimiter(emulator.Rate{Limit: cfg.TenSecondly, Window: 10 * time.Second}),
		day:     emulator.NewLimiter(emulator.Rate{Limit: cfg.Daily, Window: 24 * time.Hour}),
		searchs: emulator.NewLimiter(emulator.Rate{Limit: cfg.Searches, Window: time.Second}),
	}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})
	var err error
	if s.crm, err = emulator.OpenState(s.kit, "crm", newCRM()); err != nil {
		return nil, err
	}
	s.oauth, err = s.kit.OAuth(emulator.OAuthConfig{
		Vendor: "HubSpot", Clients: cfg.Clients, AuthorizePath: "/oauth/authorize", TokenPath: "/oauth/v1/token", ExpiresIn: 30 * time.Minute,
		DefaultScope: allScopes, Answer: func(a map[string]any) { delete(a, "scope"); delete(a, "created_at") },
	})
	if err != nil {
		return nil, err
	}
	s.oauth.Controls()
	s.hooks, err = s.kit.Deliveries("webhooks", emulator.DeliveryConfig{Retry: cfg.WebhookRetry, Timeout: 5 * time.Second, Prepare: s.sign})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.oauth.Register(mux)
	s.routes(mux)
	s.controls()
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as HubSpot, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// OAuth returns the authorization server: to expire or revoke tokens.
func (s *Server) OAuth() *emulator.OAuth { return s.oauth }

// Webhooks returns the queue of webhook calls: to hold, double or drop them.
func (s *Server) Webhooks() *emulator.Deliveries { return s.hooks }

// Close stops deliveries.
func (s *Server) Close() { s.hooks.Close() }

func (s *Server) routes(mux *http.ServeMux) {
	on := func(pattern string, fn func(*call) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			c := &call{s: s, w: w, r: r, kind: r.PathValue("kind")}
			err := c.enter()
			if err == nil {
				err = fn(c)
			}
			if err != nil {
				c.fail(err)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		(&call{s: s, w: w, r: r}).fail(refuse(http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found"))
	})
	mux.HandleFunc("GET /oauth/v1/access-tokens/{token}", s.tokenInfo)
	on("GET /account-info/v3/details", (*call).account)
	const objects = "/crm/v3/objects/{kind}"
	on("GET "+objects, (*call).list)
	on("POST "+objects, (*call).create)
	on("GET "+objects+"/{id}", (*call).get)
	on("PATCH "+objects+"/{id}", (*call).update)
	on("DELETE "+objects+"/{id}", (*call).archive)
	on("POST "+objects+"/search", (*call).search)
	on("POST "+objects+"/merge", (*call).merge)
	on("POST "+objects+"/batch/{what}", (*call).batch)
	on("GET "+objects+"/{id}/associations/{to}", (*call).associationsV3)
	on("GET /crm/v4/objects/{kind}/{id}/associations/{to}", (*call).associationsV4)
	on("PUT /crm/v4/objects/{kind}/{id}/associations/default/{to}/{other}", (*call).associate)
	on("POST /crm/v4/associations/{kind}/{to}/batch/read", (*call).associationsBatch)
	on("GET /crm/v3/owners", (*call).listOwners)
	on("GET /crm/v3/owners/{id}", (*call).getOwner)
	on("GET /crm/v3/properties/{kind}", (*call).listProperties)
	on("POST /crm/v3/properties/{kind}", (*call).createProperty)
}
