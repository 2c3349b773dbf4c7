package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Config of a Target.
type Config struct {
	// Folder has connector.yaml and, for a connector with a program, the program.
	Folder string
	// Recipes is the program that carries out manifests; needed for those only.
	Recipes string
	// Hosts are names that the played package answers to, beside the plain ones of
	// the manifest.
	Hosts []string
	// Network sends requests out, to the hosts themselves or to the base URLs of
	// Base, instead of to a played package. App is our registration there.
	Network bool
	Base    map[string]string
	App     token.App
	// Tap is told of every exchange, when set.
	Tap func(broker.Seen)
	// Silence is how long a pull may do nothing, 10 s when zero.
	Silence time.Duration
	Log     *slog.Logger // discarded when nil
}

// Target is a connector under test. It implements conformance.Target.
type Target struct {
	host     *connect.Host
	manifest *manifest.Manifest
	stages   *stages
	dir      string
}

// Open gets a connector ready. Close it.
func Open(c Config) (*Target, error) {
	m, err := manifest.Load(c.Folder)
	if err != nil {
		return nil, err
	}
	t := &Target{manifest: m, stages: newStages(m)}
	if t.dir, err = os.MkdirTemp("", "conform"); err != nil {
		return nil, err
	}
	if err := t.install(c.Folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(t.dir))
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Silence == 0 {
		c.Silence = 10 * time.Second
	}
	config := connect.Config{
		Catalog: t.dir, Recipes: c.Recipes, Store: token.NewMemory(), Sealer: unsealed{}, Log: c.Log,
		App:    func(context.Context, string) (token.App, error) { return c.App, nil },
		Egress: broker.EgressConfig{Overrides: c.Base},
		Limits: connect.Limits{Silence: c.Silence, Grace: 2 * time.Second},
	}
	if c.Tap != nil {
		config.Tap = func(_ broker.Connection, seen broker.Seen) { c.Tap(seen) }
	}
	if !c.Network {
		c.App = token.App{ClientID: conformance.ClientID, ClientSecret: conformance.ClientSecret, Values: map[string]string{}}
		for _, a := range m.Auth {
			for _, name := range a.AppValues {
				c.App.Values[name] = conformance.ClientSecret
			}
		}
		config.Budget, config.Egress = &patience{}, broker.EgressConfig{Local: map[string]http.Handler{}}
		for _, name := range append(Hosts(m), c.Hosts...) {
			config.Egress.Local[strings.ToLower(name)] = t.stages
		}
	}
	t.host, err = connect.Open(config)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(t.dir))
	}
	if _, err := t.host.Catalog().Get(m.Name, ""); err != nil {
		problems := t.host.Catalog().Problems()
		t.Close()
		if len(problems) > 0 {
			err = problems[0].Err
		}
		return nil, fmt.Errorf("%s cannot be started: %w", m.Name, err)
	}
	return t, nil
}

// install copies what runs to a catalogue of its own.
func (t *Target) install(folder string) error {
	to := filepath.Join(t.dir, t.manifest.Name)
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(t.dir, 0o755); err != nil {
		return err
	}
	names := []string{manifest.FileName}
	if t.manifest.Program != "" {
		names = append(names, t.manifest.Program)
	}
	for _, name := range names {
		if err := copyFile(filepath.Join(folder, name), filepath.Join(to, name)); err != nil {
			return fmt.Errorf("take %s from %s: %w", name, folder, err)
		}
	}
	return catalog.Lock(t.dir)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Hosts returns the plain names that a manifest speaks of.
func Hosts(m *manifest.Manifest) (out []string) {
	for _, h := range append(slices.Clone(m.Hosts), m.Downloads...) {
		if !strings.ContainsAny(h, "*{") {
			out = append(out, h)
		}
	}
	for _, a := range m.Auth {
		for _, address := range []string{a.TokenURL, a.RevokeURL} {
			if u, err := url.Parse(address); err == nil && u.Host != "" {
				out = append(out, u.Hostname())
			}
		}
	}
	return out
}

// Close stops the connector.
func (t *Target) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = t.host.Close(ctx)
	_ = os.RemoveAll(t.dir)
}

// Manifest implements conformance.Target.
func (t *Target) Manifest() *manifest.Manifest { return t.manifest }

// Connect implements conformance.Target.
func (t *Target) Connect(ctx context.Context, a conformance.Access, answer http.Handler) (conformance.Session, error) {
	c := connect.Connection{ID: uuid.New(), Tenant: uuid.New(), Connector: t.manifest.Name, Config: a.Config}
	credentials := token.Credentials{Method: a.Method, Access: a.Token, Refresh: a.Refresh, Fields: a.Secrets, Kept: a.Config}
	ref := token.Ref{Tenant: c.Tenant, Connection: c.ID}
	if err := t.host.Tokens().Put(ctx, ref, credentials); err != nil {
		return nil, err
	}
	if answer != nil {
		t.stages.open(c.ID, a.Refresh, answer)
	}
	if m, ok := t.manifest.Method(a.Method); ok && m.Type == manifest.Session {
		// As the hub does when a person connects: what signing in keeps belongs to the
		// settings. What is wrong with it shows in the check.
		if g, err := t.host.Tokens().Get(ctx, ref, t.manifest); err == nil {
			c.Config = g.Config
		}
	}
	return &session{t: t, c: c}, nil
}

// unsealed keeps credentials as they are: they are those of a played package.
type unsealed struct{}

func (unsealed) Seal(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }
func (unsealed) Open(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }

// session implements conformance.Session.
type session struct {
	t *Target
	c connect.Connection
}

func (s *session) Check(ctx context.Context) error { return classify(s.t.host.Check(ctx, s.c)) }

func (s *session) Administrations(ctx context.Context) ([]sdk.Administration, error) {
	list, err := s.t.host.Administrations(ctx, s.c)
	return list, classify(err)
}

func (s *session) Pull(ctx context.Context, r sdk.PullRequest, sink sdk.Sink) error {
	return classify(s.t.host.Pull(ctx, s.c, r, batches{sink}))
}

func (s *session) Document(ctx context.Context, r sdk.DocumentRequest) (sdk.Document, error) {
	d, err := s.t.host.Document(ctx, s.c, r)
	return d, classify(err)
}

func (s *session) Push(ctx context.Context, w sdk.Write) (sdk.Outcome, error) {
	o, err := s.t.host.Push(ctx, s.c, w)
	return o, classify(err)
}

func (s *session) Find(ctx context.Context, w sdk.Write) (sdk.Outcome, error) {
	o, err := s.t.host.Find(ctx, s.c, w)
	return o, classify(err)
}

func (s *session) Report(ctx context.Context, r sdk.ReportRequest) (sdk.DeliveryReport, error) {
	out, err := s.t.host.Report(ctx, s.c, r)
	return out, classify(err)
}

func (s *session) Companies(ctx context.Context, q sdk.CompanyQuery) ([]sdk.Company, error) {
	list, err := s.t.host.Companies(ctx, s.c, q)
	return list, classify(err)
}

func (s *session) CreditReport(ctx context.Context, r sdk.CreditRequest) (sdk.CreditReport, error) {
	out, _, err := s.t.host.CreditReport(ctx, s.c, r)
	return out, classify(err)
}

func (s *session) Webhook(ctx context.Context, call sdk.WebhookCall, secret []byte) (conformance.Heard, error) {
	if secret == nil {
		secret = []byte{}
	}
	h, err := s.t.host.Webhook(ctx, s.c, call, secret)
	return conformance.Heard{Hints: h.Hints, Greeting: h.Greeting, Reply: h.Reply}, classify(err)
}

func (s *session) Subscribe(ctx context.Context, r sdk.SubscribeRequest) (sdk.Subscription, error) {
	got, err := s.t.host.Subscribe(ctx, s.c, r)
	return got, classify(err)
}

func (s *session) Unsubscribe(ctx context.Context, administration, id string) error {
	return classify(s.t.host.Unsubscribe(ctx, s.c, administration, id))
}

func (s *session) Close() { s.t.stages.close(s.c.ID) }

// classify names the failures that only the host can see.
func classify(err error) error {
	if err == nil {
		return nil
	}
	class := conformance.Class("")
	switch fault.Of(err).Code {
	case "connector_hung":
		class = conformance.Hang
	case "connector_denied":
		class = conformance.Denied
	case "connector_start", "connector_crashed", "connector_flood", "connector_failed", "connector_protocol", "connector_quarantined", "connector_capability":
		class = conformance.Crash
	default:
		return err
	}
	return &conformance.Failure{Class: class, Err: spoken(err)}
}

// spoken adds the cause, which a fault keeps from users.
func spoken(err error) error {
	if cause := errors.Unwrap(err); cause != nil && !strings.Contains(err.Error(), cause.Error()) {
		return fmt.Errorf("%w (%v)", err, cause)
	}
	return err
}

// batches gives a sdk.Sink what comes in batches.
type batches struct{ sink sdk.Sink }

// Batch implements connect.BatchSink.
func (b batches) Batch(_ context.Context, x *connect.Batch) error {
	for _, p := range x.Parties {
		if err := b.sink.Party(p); err != nil {
			return err
		}
	}
	for _, v := range x.Invoices {
		if err := b.sink.Invoice(v); err != nil {
			return err
		}
	}
	for _, p := range x.Payments {
		if err := b.sink.Payment(p); err != nil {
			return err
		}
	}
	for _, u := range x.Unreadable {
		if err := b.sink.Unreadable(u.Stream, u.ID, u.Reason); err != nil {
			return err
		}
	}
	for _, g := range x.Gone {
		if err := b.sink.Gone(g.Stream, g.ID); err != nil {
			return err
		}
	}
	for _, s := range x.Complete {
		if err := b.sink.Complete(s); err != nil {
			return err
		}
	}
	for s, n := range x.Expected {
		if err := b.sink.Progress(s, n); err != nil {
			return err
		}
	}
	if x.Checkpoint != nil {
		return b.sink.Checkpoint(x.Checkpoint)
	}
	return nil
}

// Compare implements connect.BatchSink.
func (b batches) Compare(_ context.Context, s sdk.Stream, list []sdk.Revision) ([]string, error) {
	return b.sink.Compare(s, list)
}
