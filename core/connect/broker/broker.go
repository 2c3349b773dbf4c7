package broker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Credentials gives access to the credentials of connections; token.Service is
// one.
type Credentials interface {
	// Get returns credentials that are good now.
	Get(ctx context.Context, ref token.Ref, m *manifest.Manifest) (token.Grant, error)
	// Renew returns newer ones than those of a generation that was refused.
	Renew(ctx context.Context, ref token.Ref, m *manifest.Manifest, refused int64) (token.Grant, error)
}

// Config of a Broker.
type Config struct {
	Egress      *Egress
	Credentials Credentials
	Budget      budget.Budget
	Log         *slog.Logger
	// MaxBody is the size of an answer in bytes, 64 MiB when zero.
	MaxBody int64
	// Timeout is how long one attempt may take, 2 minutes when zero.
	Timeout time.Duration
	// Attempts is how often a request is sent at most, 4 when zero.
	Attempts int
	// Backoff is the pause after the first failed attempt, doubled after each
	// further one; 250 ms when zero.
	Backoff time.Duration
	// Tap is told of every exchange, when set.
	Tap Tap
}

// Broker carries out the requests of all connectors.
type Broker struct {
	Config
	Stats Stats
}

// Stats counts since the start; the fields only grow.
type Stats struct {
	Exchanges atomic.Int64 // requests of connectors
	Attempts  atomic.Int64 // requests sent out, with repeats
	Denied    atomic.Int64 // refused by the allow-list
	Limited   atomic.Int64 // answers 429
	Failed    atomic.Int64 // exchanges without an answer
	Renewed   atomic.Int64 // tokens refreshed in the middle of a call
	BytesIn   atomic.Int64
}

// New checks the configuration.
func New(c Config) (*Broker, error) {
	if c.Egress == nil || c.Credentials == nil || c.Budget == nil || c.Log == nil {
		return nil, errors.New("broker: Egress, Credentials, Budget and Log must be set")
	}
	c.MaxBody = cmp.Or(c.MaxBody, 64<<20)
	c.Timeout = cmp.Or(c.Timeout, 2*time.Minute)
	c.Attempts = cmp.Or(c.Attempts, 4)
	c.Backoff = cmp.Or(c.Backoff, 250*time.Millisecond)
	return &Broker{Config: c}, nil
}
