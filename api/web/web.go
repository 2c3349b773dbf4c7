package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/api/web/assets"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/insight/board"
)

// site is what all handlers share.
type site struct {
	api.Services
	log    *slog.Logger
	mux    *http.ServeMux
	secure bool // browsers reach us by https
	doors  *attempts
	// reminders is how many went to who had paid, which the front page shows.
	reminders board.Memory
}

// New returns the hub's handler: pages, portal, webhooks and health. Public of
// the services must be an absolute URL.
func New(s api.Services, log *slog.Logger) (http.Handler, error) {
	public, err := url.Parse(s.Public)
	if err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return nil, fmt.Errorf("the public address %q is no absolute http or https URL", s.Public)
	}
	if s.Store == nil || s.Real == nil || log == nil {
		return nil, errors.New("web: Store, Real and a logger must be set")
	}
	w := &site{Services: s, log: log, mux: http.NewServeMux(), secure: public.Scheme == "https", doors: newAttempts(s.Real)}
	w.mux.Handle("GET "+assets.Prefix, assets.Handler())
	w.mux.HandleFunc("GET /healthz", w.health)
	w.mux.HandleFunc("GET /favicon.ico", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, assets.Path("favicon.svg"), http.StatusFound)
	})
	for _, routes := range []func(){
		w.signInRoutes,
		w.dashboardRoutes,
		w.invoiceRoutes,
		w.marketRoutes,
		w.inboxRoutes,
		w.bankRoutes,
		w.debitRoutes,
		w.caseRoutes,
		w.insightRoutes,
		w.creditRoutes,
		w.flowRoutes,
		w.settingRoutes,
		w.webhookSettingRoutes,
		w.lawRoutes,
		w.rateRoutes,
		w.messageRoutes,
		w.channelRoutes,
		w.letterRoutes,
		w.portalRoutes,
		w.arrangementRoutes,
		w.arrangementSettingRoutes,
		w.webhookRoutes,
	} {
		routes()
	}
	programs, _, err := rest.New(s, log.With("part", "rest"))
	if err != nil {
		return nil, err
	}
	w.mux.Handle(rest.Prefix+"/", programs)
	for _, path := range []string{registry.PublishPath, registry.PublishPath + "/"} {
		w.mux.Handle("POST "+path, programs)
	}
	w.mux.HandleFunc("/", w.nowhere)
	guard := http.NewCrossOriginProtection()
	if err := guard.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("trust the public address: %w", err)
	}
	guard.AddInsecureBypassPattern("POST " + webhooks)
	guard.SetDenyHandler(http.HandlerFunc(w.foreign))
	return w.observe(w.headers(guard.Handler(w.mux))), nil
}
