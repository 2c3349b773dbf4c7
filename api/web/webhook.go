package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
)

// webhooks are called by other systems: they prove themselves, or are no more
// than a hint to look (R113).
const webhooks = "/webhooks/"

const (
	webhookBytes    = 1 << 20
	webhookPatience = 20 * time.Second
)

func (s *site) webhookRoutes() {
	s.mux.HandleFunc("POST "+webhooks+"mollie", s.mollieCalls)
	s.mux.HandleFunc("POST "+webhooks+"app/{connector}", s.commonCalls)
	s.mux.HandleFunc("GET "+webhooks+"app/{connector}", s.commonCalls)
	s.mux.HandleFunc("POST "+webhooks+"connect/{connection}", s.packageCalls)
	s.mux.HandleFunc("POST "+webhooks+"connect/{connection}/{administration}", s.packageCalls)
	s.mux.HandleFunc("GET "+webhooks+"connect/{connection}/{administration}", s.packageCalls)
}

// mollieCalls takes the id of a payment that changed; what changed is fetched.
// An id that is not ours is answered like one that is, so that nobody learns
// which exist. Only when we could not look is the caller asked to come again.
func (s *site) mollieCalls(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, webhookBytes)
	id := r.PostFormValue("id")
	if !paymentID(id) {
		w.WriteHeader(http.StatusOK)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), webhookPatience)
	defer cancel()
	if err := s.Checkouts.Webhook(ctx, id); err != nil {
		s.log.WarnContext(ctx, "payment webhook not followed up", "request", traceOf(ctx).id, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// paymentID reports whether it looks like an id of a payment at Mollie.
func paymentID(id string) bool {
	rest, ok := strings.CutPrefix(id, "tr_")
	return ok && rest != "" && len(rest) <= 64 && !strings.ContainsFunc(rest, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// packageCalls lets the connector verify a call of its package, and reads again
// what changed.
func (s *site) packageCalls(w http.ResponseWriter, r *http.Request) {
	connection, err := uuid.Parse(r.PathValue("connection"))
	var administration uuid.UUID
	if one := r.PathValue("administration"); one != "" && err == nil {
		administration, err = uuid.Parse(one)
	}
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.hear(w, r, "connection", connection.String(), func(ctx context.Context, call sdk.WebhookCall) (string, error) {
		return s.followUp(ctx, connection, administration, call)
	})
}

// commonCalls hears what a package has to say to all users of our registration at
// once: it has one address for them.
func (s *site) commonCalls(w http.ResponseWriter, r *http.Request) {
	connector := r.PathValue("connector")
	s.hear(w, r, "connector", connector, func(ctx context.Context, call sdk.WebhookCall) (string, error) {
		return s.Connections.CalledInCommon(ctx, connector, call)
	})
}

// hear answers a call of a package with what became of it.
func (s *site) hear(w http.ResponseWriter, r *http.Request, kind, subject string, follow func(context.Context, sdk.WebhookCall) (string, error)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookBytes))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), webhookPatience)
	defer cancel()
	call := sdk.WebhookCall{Method: r.Method, URL: s.Public + r.URL.RequestURI(), Header: r.Header, Body: body}
	reply, err := follow(ctx, call)
	switch {
	case err == nil:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if strings.HasPrefix(reply, "<?xml") {
			w.Header().Set("Content-Type", "text/xml; charset=utf-8") // words for a call
		}
		_, _ = io.WriteString(w, reply)
	case errors.Is(err, sdk.ErrAuth):
		w.WriteHeader(http.StatusUnauthorized)
	case fault.Of(err).Kind == fault.NotFound:
		w.WriteHeader(http.StatusNotFound)
	default:
		s.log.WarnContext(ctx, "webhook not followed up", "request", traceOf(ctx).id, kind, subject, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (s *site) followUp(ctx context.Context, connection, administration uuid.UUID, call sdk.WebhookCall) (reply string, _ error) {
	tenant, err := s.Store.Door().DoorConnection(ctx, connection)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && tenant == uuid.Nil {
		return "", fault.New(fault.NotFound, "connection_not_found", "This connection does not exist.")
	}
	if err != nil {
		return "", err
	}
	traceOf(ctx).tenant = tenant
	return s.Connections.Called(ctx, tenant, connection, administration, call)
}
