package emulator

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Config sets up an Odoo. The zero value is an empty database "odoo" of version
// 19 on the real clock that does not limit requests.
type Config struct {
	// Now is the time of the books; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// PublicURL is what addresses of invoices begin with. Default: relative ones.
	PublicURL string
	// Database is its name. Default: "odoo".
	Database string
	// Version is 14 to 19. Default: 19.
	Version int
	// Rate limits the requests of a user. Default: no limit.
	Rate emulator.Rate
}

// Server is an emulated Odoo, an [http.Handler].
type Server struct {
	*ledger.Store
	cfg     Config
	kit     *emulator.Kit
	hooks   *emulator.Deliveries
	extra   *emulator.State[extra]
	limit   *emulator.Limiter
	models  map[string]*model
	drawn   sync.Map // of drawn
	handler http.Handler
}

// extra is what Odoo keeps beside the books.
type extra struct {
	Keys    map[string]apiKey `json:"keys"`
	Rules   []rule            `json:"rules"`
	Seq     int64             `json:"seq"`
	Wizards map[int64]wizard  `json:"wizards"`
}

type apiKey struct {
	ReadOnly bool `json:"read_only,omitempty"`
	Revoked  bool `json:"revoked,omitempty"`
}

// The user of the database.
const (
	login = "bot"
	uid   = 2
)

// New opens an Odoo, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.Database, cfg.Version = cmp.Or(cfg.Database, "odoo"), cmp.Or(cfg.Version, 19)
	s := &Server{cfg: cfg, limit: emulator.NewLimiter(cfg.Rate)}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})
	var err error
	s.Store, err = ledger.Open(s.kit, ledger.Config{
		Number:  func(year, n int) string { return fmt.Sprintf("INV/%d/%05d", year, n) },
		OnEvent: s.tell,
	})
	if err != nil {
		return nil, err
	}
	if s.extra, err = emulator.OpenState(s.kit, "odoo", &extra{Keys: map[string]apiKey{}, Wizards: map[int64]wizard{}}); err != nil {
		return nil, err
	}
	if s.hooks, err = s.kit.Deliveries("webhooks", emulator.DeliveryConfig{Timeout: time.Second}); err != nil {
		return nil, err
	}
	s.kit.OnExpireToken(func(r *http.Request) {
		_ = s.extra.Update(func(e *extra) error {
			if key, ok := e.Keys[keyOf(r)]; ok {
				key.Revoked = true
				e.Keys[keyOf(r)] = key
			}
			return nil
		})
	})
	s.describe()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /jsonrpc", s.jsonRPC)
	mux.HandleFunc("GET /my/invoices/{id}", s.portal)
	if cfg.Version >= 19 {
		mux.HandleFunc("POST /json/2/{model}/{method}", s.json2)
		mux.HandleFunc("GET /web/version", func(w http.ResponseWriter, _ *http.Request) {
			emulator.WriteJSON(w, http.StatusOK, s.version())
		})
	}
	s.controls()
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Odoo, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// Webhooks returns the queue of webhook calls: to hold, double or drop them.
func (s *Server) Webhooks() *emulator.Deliveries { return s.hooks }

// Close stops deliveries.
func (s *Server) Close() { s.hooks.Close() }

// SeedKey makes an API key of the user; "" is given one.
func (s *Server) SeedKey(key string, readOnly bool) (string, error) {
	key = cmp.Or(key, rand.Text())
	return key, s.extra.Update(func(e *extra) error { e.Keys[key] = apiKey{ReadOnly: readOnly}; return nil })
}

func (s *Server) version() map[string]any {
	v := fmt.Sprintf("%d.0", s.cfg.Version)
	return map[string]any{"server_version": v, "version": v, "server_version_info": []any{s.cfg.Version, 0, 0, "final", 0, ""}, "version_info": []any{s.cfg.Version, 0, 0, "final", 0, ""}, "server_serie": v, "protocol_version": 1}
}

func (s *Server) controls() {
	s.kit.Control("POST /_control/tokens", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Key      string `json:"key"`
			ReadOnly bool   `json:"read_only"`
		}
		if !emulator.ReadControl(w, r, &in) {
			return
		}
		key, err := s.SeedKey(in.Key, in.ReadOnly)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		emulator.WriteJSON(w, http.StatusCreated, map[string]string{"key": key})
	})
	s.kit.Control("POST /_control/webhooks", func(w http.ResponseWriter, r *http.Request) {
		var in rule
		if emulator.ReadControl(w, r, &in) {
			_ = s.extra.Update(func(e *extra) error { e.Rules = append(e.Rules, in); return nil })
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

// problem is the body of an error that a fault asks for: that of a proxy before
// Odoo, as on odoo.com.
func problem(status int) (string, []byte) {
	return "text/html", []byte("<html><head><title>" + http.StatusText(status) + "</title></head><body></body></html>")
}
