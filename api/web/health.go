package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
)

// health tells a load balancer whether the hub can serve: it can reach its
// database.
func (s *site) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := s.Store.Door().DoorSession(ctx, nil); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		http.Error(w, "database out of reach", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}
