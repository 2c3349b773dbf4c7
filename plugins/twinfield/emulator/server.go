package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Config sets up a Twinfield. The zero value is an empty one on the real clock
// that does not limit requests, and no application registered.
type Config struct {
	// Now is the time of the books; Wall that of the wire. Default: real time.
	Now, Wall func() time.Time
	// StateDir keeps everything in JSON files; "" keeps it in memory.
	StateDir string
	// ClusterURL is where the services are. Default: the address of each request.
	ClusterURL string
	// Clients are the registered applications, by client id.
	Clients map[string]emulator.OAuthClient
	// Rate limits the calls of an organisation. Default: no limit.
	Rate emulator.Rate
}

// Server is an emulated Twinfield, an [http.Handler].
type Server struct {
	*ledger.Store
	cfg     Config
	kit     *emulator.Kit
	oauth   *emulator.OAuth
	limit   *emulator.Limiter
	handler http.Handler
}

const connect = "/auth/authentication/connect/"

var scopes = []string{"openid", "twf.user", "twf.organisation", "twf.organisationUser", "offline_access"}

// New opens a Twinfield, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, limit: emulator.NewLimiter(cfg.Rate)}
	s.kit = emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})
	var err error
	s.Store, err = ledger.Open(s.kit, ledger.Config{
		Number: func(year, n int) string { return fmt.Sprintf("%d%04d", year, n) },
		Code:   func(no int64) string { return fmt.Sprint(1000 + no) },
	})
	if err != nil {
		return nil, err
	}
	s.oauth, err = s.kit.OAuth(emulator.OAuthConfig{
		Vendor: "Twinfield", Clients: cfg.Clients, AuthorizePath: connect + "authorize", TokenPath: connect + "token", ExpiresIn: time.Hour,
		DefaultScope: strings.Join(scopes, " "), Scopes: scopes,
		Answer: func(a map[string]any) {
			if scope, _ := a["scope"].(string); !strings.Contains(scope, "offline_access") {
				delete(a, "refresh_token")
			}
			a["token_type"] = "Bearer"
			delete(a, "scope")
			delete(a, "created_at")
		},
	})
	if err != nil {
		return nil, err
	}
	s.oauth.Controls()
	s.kit.OnExpireToken(func(r *http.Request) { s.oauth.Expire(tokenOf(r)) })
	mux := http.NewServeMux()
	s.oauth.Register(mux)
	mux.HandleFunc("GET "+connect+"accesstokenvalidation", s.validate)
	mux.HandleFunc("POST /webservices/processxml.asmx", s.soap((*call).processXML))
	mux.HandleFunc("POST /webservices/finder.asmx", s.soap((*call).find))
	mux.HandleFunc("POST /webservices/DeletedTransactionsService.svc", s.soap((*call).deleted))
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Twinfield, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// OAuth returns the authorization server: to expire or revoke tokens.
func (s *Server) OAuth() *emulator.OAuth { return s.oauth }

// Close stops nothing; it is there because other emulators need it.
func (s *Server) Close() {}

// validate tells an application, which proves who it is, what a token is good for
// and where its cluster is.
func (s *Server) validate(w http.ResponseWriter, r *http.Request) {
	client, ok := s.oauth.Client(r)
	g, err := s.oauth.Check(r.URL.Query().Get("token"))
	if !ok || err != nil || g.Client != client {
		emulator.WriteJSON(w, http.StatusBadRequest, map[string]string{"Message": "The token is not valid."})
		return
	}
	cluster := strings.TrimSuffix(s.cfg.ClusterURL, "/")
	if cluster == "" {
		cluster = "http://" + r.Host
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]any{
		"client_id": client, "scope": strings.Fields(g.Scope), "exp": fmt.Sprint(g.Expires.Unix()), "sub": "voldaan", "twf.clusterUrl": cluster,
		"twf.organisationCode": "KORENAAR", "twf.organisationId": ledger.Derived("organisation", "id"), "twf.organisationUserCode": "VOLDAAN",
	})
}

// problem is the body of an error that a fault asks for.
func problem(status int) (string, []byte) {
	return "text/html; charset=utf-8", []byte("<html><head><title>" + http.StatusText(status) + "</title></head></html>")
}
