package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/core/connect/token"
)

// Connection is a tenant's access to one package.
type Connection struct {
	ID        uuid.UUID
	Tenant    uuid.UUID
	Connector string
	Version   string            // empty for the one that the tenant uses
	Config    map[string]string // answers to the form, without the secret ones
	// Run is the sync that calls belong to, for those who answer requests in this
	// process; the zero UUID when there is none.
	Run uuid.UUID
	// Priority decides who may use the reserved share of the rate limits:
	// budget.Urgent for the gate, for writes and for a waiting user.
	Priority budget.Priority
	// Administration is the package's name for the books that the call is about:
	// some limits count by it.
	Administration string
}

// Config of a Host. Catalog, Store, Sealer, App and Log must be set.
type Config struct {
	// Catalog is the folder with connectors.
	Catalog string
	// Recipes is the program that carries out connectors that are a manifest and
	// nothing else; without it, those cannot be called.
	Recipes string
	// Versions says which version a tenant uses; the newest when nil.
	Versions Versions
	// Needs says what must be in force before the program of a package is started
	// here, such as for what nobody has looked at; nothing when nil. Manifests are
	// carried out by a program of ours.
	Needs func(*catalog.Package) []contain.Feature
	// Apart says that the program of a package has a process for each tenant, so
	// that it never holds the data of two; one serves all when nil.
	Apart  func(*catalog.Package) bool
	Store  token.Store
	Sealer token.Sealer
	// App returns our registration at the package of a connector.
	App func(ctx context.Context, connector string) (token.App, error)
	// Budget is kept in memory when nil.
	Budget budget.Budget
	Egress broker.EgressConfig
	// Tap is told of every exchange of every connector, for recordings; nil for none.
	Tap   broker.Tap
	Log   *slog.Logger
	Clock clock.Clock // real time when nil
	// Supervisor's Broker and Log are filled in.
	Supervisor supervisor.Config
	Limits     Limits
}

// Limits of calls. Zero values take the defaults that the fields name.
type Limits struct {
	Check    time.Duration // Check and Administrations, 45 s
	Targeted time.Duration // Pull of named invoices, 45 s
	Document time.Duration // 2 min
	Write    time.Duration // Push and Find, 1 min
	Webhook  time.Duration // 10 s
	// Silence is how long a pull may neither send nor ask the host for anything,
	// 2 min.
	Silence time.Duration
	// Grace is how long after its deadline a call may end, 3 s.
	Grace time.Duration
	// Records and Bytes are what one pull may send, 10 million and 8 GiB; a pull
	// of named invoices 20,000 records.
	Records         int64
	Bytes           int64
	TargetedRecords int64
}

func (l *Limits) complete() {
	l.Check = cmp.Or(l.Check, 45*time.Second)
	l.Targeted = cmp.Or(l.Targeted, 45*time.Second)
	l.Document = cmp.Or(l.Document, 2*time.Minute)
	l.Write = cmp.Or(l.Write, time.Minute)
	l.Webhook = cmp.Or(l.Webhook, 10*time.Second)
	l.Silence = cmp.Or(l.Silence, 2*time.Minute)
	l.Grace = cmp.Or(l.Grace, 3*time.Second)
	l.Records = cmp.Or(l.Records, 10_000_000)
	l.Bytes = cmp.Or(l.Bytes, 8<<30)
	l.TargetedRecords = cmp.Or(l.TargetedRecords, 20_000)
}

// Host calls connectors. It is safe for concurrent use.
type Host struct {
	catalog    *catalog.Catalog
	tokens     *token.Service
	broker     *broker.Broker
	egress     *broker.Egress
	supervisor *supervisor.Supervisor
	versions   Versions
	needs      func(*catalog.Package) []contain.Feature
	apart      func(*catalog.Package) bool
	recipes    *runtime // nil when there is none
	log        *slog.Logger
	limits     Limits

	mu    sync.Mutex
	stats map[Version]*counters // protected by mu
}

// Open reads the catalogue and gets everything ready. No connector is started
// before it is called.
func Open(c Config) (*Host, error) {
	if c.Log == nil {
		return nil, errors.New("connect: Log must be set")
	}
	c.Limits.complete()
	cat, err := catalog.Open(c.Catalog)
	if err != nil {
		return nil, err
	}
	for _, p := range cat.Problems() {
		c.Log.Warn("connector not offered", "folder", p.Folder, "error", p.Err)
	}
	egress, err := broker.NewEgress(c.Egress)
	if err != nil {
		return nil, err
	}
	tokens, err := token.New(token.Config{Store: c.Store, Sealer: c.Sealer, App: c.App, HTTP: egress, Clock: c.Clock})
	if err != nil {
		return nil, err
	}
	if c.Budget == nil {
		c.Budget = budget.NewMemory(budget.Config{})
	}
	b, err := broker.New(broker.Config{Egress: egress, Credentials: tokens, Budget: c.Budget, Log: c.Log, Tap: c.Tap})
	if err != nil {
		return nil, err
	}
	var recipes *runtime
	if c.Recipes != "" {
		if recipes, err = pin(c.Recipes); err != nil {
			return nil, err
		}
	}
	c.Supervisor.Broker, c.Supervisor.Log = b, c.Log
	sup, err := supervisor.New(c.Supervisor)
	if err != nil {
		return nil, err
	}
	return &Host{
		catalog: cat, tokens: tokens, broker: b, egress: egress, supervisor: sup, log: c.Log, limits: c.Limits,
		versions: c.Versions, needs: c.Needs, apart: c.Apart, recipes: recipes, stats: map[Version]*counters{},
	}, nil
}

// Catalog returns what connectors there are.
func (h *Host) Catalog() *catalog.Catalog { return h.catalog }

// Tokens returns the service that signs connections in and out.
func (h *Host) Tokens() *token.Service { return h.tokens }

// Supervisor returns what runs the processes, for an operator.
func (h *Host) Supervisor() *supervisor.Supervisor { return h.supervisor }

// Browser returns a page of a package as a browser of this installation opens
// it; it differs where an emulator stands in for the package.
func (h *Host) Browser(address string) string { return h.egress.Browser(address) }

// Close lets calls under way end and stops all processes.
func (h *Host) Close(ctx context.Context) error {
	if err := h.supervisor.Close(ctx); err != nil {
		return fmt.Errorf("stop connectors: %w", err)
	}
	return nil
}

// Egress returns the counts of requests that went out.
func (h *Host) Egress() *broker.Stats { return &h.broker.Stats }
