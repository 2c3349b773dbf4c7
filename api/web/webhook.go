package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
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
	s.mux.HandleFunc("POST "+webhooks+"connect/{connection}", s.packageCalls)
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
	id, err := uuid.Parse(r.PathValue("connection"))
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookBytes))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), webhookPatience)
	defer cancel()
	switch err := s.followUp(ctx, id, sdk.WebhookCall{Header: r.Header, Body: body}); {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, pgx.ErrNoRows):
		w.WriteHeader(http.StatusNotFound)
	case errors.Is(err, sdk.ErrAuth):
		w.WriteHeader(http.StatusUnauthorized)
	default:
		s.log.WarnContext(ctx, "webhook not followed up", "request", traceOf(ctx).id, "connection", id, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (s *site) followUp(ctx context.Context, connection uuid.UUID, call sdk.WebhookCall) error {
	tenant, err := s.Store.Door().DoorConnection(ctx, connection)
	if err != nil {
		return err
	}
	if tenant == uuid.Nil {
		return pgx.ErrNoRows
	}
	traceOf(ctx).tenant = tenant
	var row db.Connection
	var adms []db.Administration
	if err := s.read(ctx, tenant, func(ctx context.Context, tx store.Tx) (err error) {
		if row, err = tx.Connection(ctx, connection); err != nil {
			return err
		}
		adms, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: connection, Valid: true})
		return err
	}); err != nil {
		return err
	}
	hints, err := s.Host.Webhook(ctx, connect.Connection{ID: connection, Tenant: tenant, Connector: row.Connector, Version: row.Version, Config: config(row)}, call)
	if err != nil || len(hints) == 0 {
		return err
	}
	for _, adm := range adms {
		if !hinted(hints, adm.ExternalID) {
			continue
		}
		if err := s.SyncNow(ctx, tenant, adm.ID); err != nil {
			return err
		}
	}
	return nil
}

// hinted reports whether a hint is about an administration, or about all.
func hinted(hints []sdk.Hint, administration string) bool {
	return slices.ContainsFunc(hints, func(h sdk.Hint) bool { return h.Administration == "" || h.Administration == administration })
}

// config are the answers to a connection's form, without the secret ones.
func config(row db.Connection) map[string]string {
	answers := map[string]string{}
	if json.Unmarshal(row.Config, &answers) != nil {
		return map[string]string{}
	}
	return answers
}
