package acmebooks

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Host is where Acme Books would live.
const Host = "api.acmebooks.example"

// Key is the API key of a demonstration.
const Key = "demo"

// Config sets up an Acme Books. The zero value is an empty one on the real clock
// that takes the API key "demo".
type Config struct {
	// Now is the time of the books; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// Keys are the API keys that are good.
	Keys []string
	// Page is the most records of a page. Default: 50.
	Page int
	// Rate limits the requests of a key. Default: no limit.
	Rate emulator.Rate
	// Retry are the waits after a failed webhook call. Default: a second, a minute.
	Retry []time.Duration
}

// Server is an emulated Acme Books, an [http.Handler].
type Server struct {
	*ledger.Store
	cfg     Config
	kit     *emulator.Kit
	limit   *emulator.Limiter
	hooks   *emulator.State[hooks]
	calls   *emulator.Deliveries
	handler http.Handler
}

// New opens an Acme Books, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	if cfg.Keys == nil {
		cfg.Keys = []string{Key}
	}
	if cfg.Page == 0 {
		cfg.Page = 50
	}
	if cfg.Retry == nil {
		cfg.Retry = []time.Duration{time.Second, time.Minute}
	}
	s := &Server{cfg: cfg, limit: emulator.NewLimiter(cfg.Rate)}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})
	var err error
	if s.Store, err = ledger.Open(s.kit, ledger.Config{OnEvent: s.tell}); err != nil {
		return nil, err
	}
	if s.hooks, err = emulator.OpenState(s.kit, "hooks", &hooks{}); err != nil {
		return nil, err
	}
	if s.calls, err = s.kit.Deliveries("calls", emulator.DeliveryConfig{Retry: cfg.Retry, Timeout: 5 * time.Second, Prepare: s.sign}); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.routes(mux)
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Acme Books, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// Webhooks returns the queue of webhook calls: to hold, double or drop them.
func (s *Server) Webhooks() *emulator.Deliveries { return s.calls }

// Close stops webhook calls.
func (s *Server) Close() { s.calls.Close() }

func (s *Server) routes(mux *http.ServeMux) {
	on := func(pattern string, fn func(*call) error) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /v1/companies"+path, func(w http.ResponseWriter, r *http.Request) {
			c := &call{s: s, w: w, r: r, company: r.PathValue("company")}
			err := c.enter()
			if err == nil {
				err = fn(c)
			}
			if err != nil {
				c.fail(err)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { (&call{w: w}).fail(errNotHere) })
	on("GET ", (*call).companies)
	on("GET /{company}/customers", (*call).customers)
	on("GET /{company}/invoices", (*call).invoices)
	on("GET /{company}/invoices/{id}", (*call).invoice)
	on("GET /{company}/invoices/{id}/pdf", (*call).pdf)
	on("POST /{company}/invoices/{id}/payments", (*call).pay)
	on("GET /{company}/deletions", (*call).deletions)
	on("GET /{company}/webhooks", (*call).webhooks)
	on("POST /{company}/webhooks", (*call).subscribe)
	on("DELETE /{company}/webhooks/{id}", (*call).unsubscribe)
}

// call is a request.
type call struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	company string
}

type object = map[string]any

// refusal is an answer that refuses.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

var errNotHere = &refusal{http.StatusNotFound, "There is no such thing here."}

func problem(status int) (string, []byte) {
	return "application/json", []byte(`{"error":{"message":` + strconv.Quote(http.StatusText(status)) + `}}`)
}

// enter lets good keys in, as often as they may.
func (c *call) enter() error {
	key := c.r.Header.Get("X-Api-Key")
	if !slices.Contains(c.s.cfg.Keys, key) {
		return &refusal{http.StatusUnauthorized, "The API key is not valid."}
	}
	if q := c.s.limit.Take(key, c.s.kit.Wall()); !q.OK {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(time.Until(q.Reset).Seconds())+1))
		return &refusal{http.StatusTooManyRequests, "Too many requests."}
	}
	return nil
}

func (c *call) fail(err error) {
	r, ok := errors.AsType[*refusal](err)
	switch {
	case ok:
	case errors.Is(err, ledger.ErrNoAdministration), errors.Is(err, ledger.ErrNotFound):
		r = errNotHere
	case errors.Is(err, ledger.ErrRefused):
		r = &refusal{http.StatusUnprocessableEntity, err.Error()}
	default:
		r = &refusal{http.StatusInternalServerError, err.Error()}
	}
	emulator.WriteJSON(c.w, r.status, object{"error": object{"message": r.message}})
}

func (c *call) answer(status int, body any) error {
	emulator.WriteJSON(c.w, status, body)
	return nil
}

// id reads the number of a record of a kind, as in "inv_12".
func (c *call) id(prefix string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(c.r.PathValue("id"), prefix), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
