package marketplace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	books "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Service answers for pages and operations. It is safe for concurrent use.
type Service struct {
	Store *store.Store
	Host  *connect.Host
	// Register is nil where nobody publishes.
	Register    *registry.Registry
	Connections *books.Connections
	// SyncNow reads an administration soon.
	SyncNow func(ctx context.Context, tenant, administration uuid.UUID) error
	Real    clock.Clock
	// Own is the publisher of the connectors that come with the program: the reports
	// in their packages are our own runs.
	Own string
	// Packages is the folder of the catalogue, into which Refresh brings what was
	// published; "" when another process does.
	Packages string

	refresh sync.Mutex
	mu      sync.Mutex // protects what follows
	kept    *shelf
	until   time.Time
	reports map[pack.Hash]*Score // of packages that came with the installation
}

// Refresh brings what was published into the catalogue of this process at once.
func (s *Service) Refresh(ctx context.Context) error {
	s.refresh.Lock()
	defer s.refresh.Unlock()
	defer s.Changed()
	if s.Register == nil || s.Packages == "" {
		return nil
	}
	changed, err := s.Register.Mirror(ctx, s.Packages)
	if changed {
		err = errors.Join(err, s.Host.Catalog().Scan())
	}
	return err
}

// Actor is who does something, for the record: a member's name, or a program.
type Actor struct {
	Tenant uuid.UUID
	By     string
}

// subjects of the record.
func ofConnection(id uuid.UUID) string { return "connection/" + id.String() }
func ofConnector(name string) string   { return "connector/" + name }

// What is written down of connections and connectors.
const (
	Connected    = "connection.connected"
	Reauthorised = "connection.reauthorised"
	Changed      = "connection.changed"
	Paused       = "connection.paused"
	Resumed      = "connection.resumed"
	Removed      = "connection.removed"
	Installed    = "connector.installed"
	Uninstalled  = "connector.uninstalled"
	Held         = "connector.held" // on to a version
	Released     = "connector.released"
	Moved        = "connector.moved" // from one version to another
)

// Note writes down what somebody did with a connection.
func (s *Service) Note(ctx context.Context, who Actor, connection uuid.UUID, action string) error {
	return s.Store.In(ctx, who.Tenant, func(tx store.Tx) error {
		return s.note(ctx, tx, who.By, action, ofConnection(connection), nil)
	})
}

func (s *Service) note(ctx context.Context, tx store.Tx, by, action, subject string, detail map[string]string) error {
	at, err := tx.Now(ctx, s.Real)
	if err != nil {
		return err
	}
	return note(ctx, tx, at, by, action, subject, detail)
}

func note(ctx context.Context, tx store.Tx, at time.Time, by, action, subject string, detail map[string]string) error {
	if detail == nil {
		detail = map[string]string{}
	}
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: by, Action: action, Subject: subject, Detail: b}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// NoteMove returns what writes down that a tenant went to another version, for
// registry.Config.
func NoteMove(real clock.Clock) func(context.Context, store.Tx, string, string, registry.Choice) error {
	return func(ctx context.Context, tx store.Tx, connector, from string, to registry.Choice) error {
		at, err := tx.Now(ctx, real)
		if err != nil {
			return err
		}
		return note(ctx, tx, at, "voldaan", Moved, ofConnector(connector), map[string]string{"from": from, "to": to.Version, "why": to.Why})
	}
}
