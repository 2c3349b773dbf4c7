package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Config sets up an e-Boekhouden. The zero value is an empty one on the real
// clock that does not limit requests.
type Config struct {
	// Now is the time of the books; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// PublicURL is where links to files point. Default: the address of each request.
	PublicURL string
	// SessionLife is the life of a session. Default: an hour.
	SessionLife time.Duration
	// Rate limits the requests of a session. Default: no limit.
	Rate emulator.Rate
}

// Server is an emulated e-Boekhouden, an [http.Handler].
type Server struct {
	*ledger.Store
	cfg      Config
	kit      *emulator.Kit
	sessions *emulator.State[sessions]
	limit    *emulator.Limiter
	handler  http.Handler
}

// New opens an e-Boekhouden, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.SessionLife = cmp.Or(cfg.SessionLife, time.Hour)
	s := &Server{cfg: cfg, limit: emulator.NewLimiter(cfg.Rate)}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})
	var err error
	s.Store, err = ledger.Open(s.kit, ledger.Config{
		Number: func(year, n int) string { return fmt.Sprintf("F%d-%04d", year, n) },
		Code:   func(no int64) string { return fmt.Sprintf("KLANT%d", no) },
	})
	if err != nil {
		return nil, err
	}
	s.sessions, err = emulator.OpenState(s.kit, "sessions", &sessions{Tokens: map[string]string{}, Open: map[string]session{}})
	if err != nil {
		return nil, err
	}
	s.kit.OnExpireToken(func(r *http.Request) { s.endSession(r.Header.Get("Authorization")) })
	mux := http.NewServeMux()
	s.routes(mux)
	s.sessionControls()
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as e-Boekhouden, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// Close stops nothing; it is there because other emulators need it.
func (s *Server) Close() {}

func (s *Server) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/session", s.startSession)
	mux.HandleFunc("GET /files/{adm}/{no}/{rest...}", s.file)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, &apiError{Status: http.StatusNotFound, Title: "Not Found"})
	})
	on := func(pattern string, fn func(*call) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			c := &call{s: s, w: w, r: r}
			err := c.enter()
			if err == nil {
				err = fn(c)
			}
			if err != nil {
				fail(w, err)
			}
		})
	}
	on("DELETE /v1/session", func(c *call) error {
		s.endSession(c.r.Header.Get("Authorization"))
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	})
	on("GET /v1/administration", (*call).listAdministrations)
	on("GET /v1/administration/linked", func(c *call) error { return c.list(nil, nil) })
	on("GET /v1/relation", (*call).listRelations)
	on("POST /v1/relation", (*call).createRelation)
	on("GET /v1/relation/{id}", (*call).getRelation)
	on("PATCH /v1/relation/{id}", (*call).patchRelation)
	on("DELETE /v1/relation/{id}", (*call).deleteRelation)
	on("GET /v1/invoice", (*call).listInvoices)
	on("POST /v1/invoice", (*call).createInvoice)
	on("GET /v1/invoice/{id}", (*call).getInvoice)
	on("GET /v1/invoicetemplate", (*call).listTemplates)
	on("GET /v1/mutation", (*call).listMutations)
	on("POST /v1/mutation", (*call).createMutation)
	on("GET /v1/mutation/{id}", (*call).getMutation)
	on("GET /v1/mutation/invoice/outstanding", (*call).listOutstanding)
	on("GET /v1/ledger", (*call).listLedgers)
	on("GET /v1/ledger/{id}", (*call).getLedger)
	on("GET /v1/ledger/{id}/balance", (*call).getBalance)
}

// problem is the body of an error that a fault asks for.
func problem(status int) (string, []byte) {
	b, _ := json.Marshal((&apiError{Status: status, Code: "ERR_001", Title: http.StatusText(status)}).body())
	return "application/json; charset=utf-8", b
}
