package conform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/cassette"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Recording is what to record. Target's Tap, Hosts and the like come from the
// Config.
type Recording struct {
	Config Config
	Access conformance.Access
	// Administration is the set of books to read; the first when empty.
	Administration string
	// On says what is recorded: sandbox, emulator or production.
	On string
	// Write books a cent on an invoice, and looks it up. Never in books that matter.
	Write bool
	// Ignore names fields of requests that differ each time.
	Ignore []string
	// Done is told of each phase, when set.
	Done func(Covered)
	// Now is the moment of the recording; the real one when zero.
	Now time.Time
}

// Covered is what came of one phase.
type Covered struct {
	Phase    string
	Requests int
	Note     string
	Err      error // why it is not covered
}

// Record calls a connector and returns what was exchanged, with nobody's name in
// it.
func Record(ctx context.Context, r Recording) ([]byte, []Covered, error) {
	t := &tapper{}
	r.Config.Tap = t.take
	target, err := Open(r.Config)
	if err != nil {
		return nil, nil, err
	}
	defer target.Close()
	s, err := target.Connect(ctx, r.Access, nil)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	c := &cassette.Cassette{
		Connector: target.manifest.Name, Version: target.manifest.Version, Recorded: r.Now.UTC().Truncate(time.Second), On: r.On, Ignore: r.Ignore,
		Config: maps.Clone(r.Access.Config),
	}
	run := &recorder{Recording: r, target: target, s: s, tapper: t, c: c}
	covered := run.all(ctx)
	c.Exchanges = t.seen
	if len(c.Exchanges) == 0 {
		return nil, covered, errors.New("nothing was exchanged: " + reasons(covered))
	}
	secrets := []string{r.Access.Token, r.Access.Refresh, r.Config.App.ClientSecret}
	red := cassette.NewRedactor(append(secrets, slices.Collect(maps.Values(r.Access.Secrets))...)...)
	red.Redact(c)
	c.Administration = run.administrationIn(c)
	data, err := cassette.Format(c)
	if err != nil {
		return nil, covered, err
	}
	if n := red.Leaks(data); n > 0 {
		return nil, covered, fmt.Errorf("%d names, numbers or secrets would still be in the cassette, so it is not written; tell which field holds them", n)
	}
	return data, covered, nil
}

func reasons(list []Covered) string {
	for _, c := range list {
		if c.Err != nil {
			return c.Err.Error()
		}
	}
	return "the connector asked nothing"
}

// tapper collects exchanges by phase.
type tapper struct {
	mu    sync.Mutex // protects what follows
	phase string
	seen  []cassette.Exchange
}

func (t *tapper) take(x broker.Seen) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = append(t.seen, cassette.Exchange{
		Phase: t.phase, Method: x.Method, URL: x.URL, Header: x.Header, Body: x.Body, Status: x.Status, AnswerHeader: x.AnswerHeader, Answer: x.Answer,
	})
}

func (t *tapper) begin(phase string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = phase
	return len(t.seen)
}

func (t *tapper) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.seen)
}

type recorder struct {
	Recording
	*tapper
	target *Target
	s      conformance.Session
	c      *cassette.Cassette
	books  *conformance.Books
	adm    string
}

// errNot says that a phase does not concern the connector, or was not asked for.
var errNot = errors.New("not")

func (r *recorder) all(ctx context.Context) (out []Covered) {
	m := r.target.manifest
	for _, p := range []struct {
		phase string
		do    func(context.Context) (string, error)
	}{
		{cassette.Check, func(ctx context.Context) (string, error) { return "", r.s.Check(ctx) }},
		{cassette.Administrations, r.administrations},
		{cassette.Full, r.full},
		{cassette.Incremental, func(ctx context.Context) (string, error) {
			err := r.s.Pull(ctx, sdk.PullRequest{Administration: r.adm, Cursor: r.books.Cursor}, r.books.Sink())
			return "", err
		}},
		{cassette.Targeted, r.targeted},
		{cassette.Document, func(ctx context.Context) (string, error) {
			if !m.Has("documents") {
				return "", fmt.Errorf("%w something that this connector does", errNot)
			}
			return r.document(ctx)
		}},
		{cassette.Push, func(ctx context.Context) (string, error) {
			if !m.Has("write_payments") {
				return "", fmt.Errorf("%w something that this connector does", errNot)
			}
			if !r.Write {
				return "", fmt.Errorf("%w asked for: --write books a cent", errNot)
			}
			return r.push(ctx)
		}},
	} {
		from := r.begin(p.phase)
		c := Covered{Phase: p.phase}
		if r.books == nil && !slices.Contains([]string{cassette.Check, cassette.Administrations, cassette.Full}, p.phase) {
			c.Err = errors.New("there was no full pull")
		} else {
			c.Note, c.Err = p.do(ctx)
		}
		c.Requests = r.count() - from
		if c.Err == nil {
			r.c.Covers = append(r.c.Covers, p.phase)
			if p.phase == cassette.Push {
				r.c.Covers = append(r.c.Covers, cassette.Find)
			}
		}
		out = append(out, c)
		if r.Done != nil {
			r.Done(c)
		}
	}
	return out
}

func (r *recorder) administrations(ctx context.Context) (string, error) {
	list, err := r.s.Administrations(ctx)
	if err != nil {
		return "", err
	}
	for _, a := range list {
		if r.Administration == "" || r.Administration == a.ID {
			r.adm = a.ID
			return fmt.Sprintf("%d", len(list)), nil
		}
	}
	return "", fmt.Errorf("there is no administration %q", r.Administration)
}

func (r *recorder) full(ctx context.Context) (string, error) {
	b := conformance.NewBooks()
	if err := r.s.Pull(ctx, sdk.PullRequest{Administration: r.adm}, b.Sink()); err != nil {
		return "", err
	}
	r.books = b
	return fmt.Sprintf("%d parties, %d invoices, %d payments", len(b.Parties), len(b.Invoices), len(b.Payments)), nil
}

func (r *recorder) targeted(ctx context.Context) (string, error) {
	if len(r.books.Invoices) == 0 {
		return "", errors.New("there are no invoices")
	}
	for _, ids := range r.books.Named() {
		if err := r.s.Pull(ctx, sdk.PullRequest{Administration: r.adm, Invoices: ids}, conformance.NewBooks().Sink()); err != nil {
			return "", err
		}
	}
	return "", nil
}

func (r *recorder) document(ctx context.Context) (string, error) {
	for _, id := range slices.Sorted(maps.Keys(r.books.Invoices)) {
		if r.books.Invoices[id].Document {
			d, err := r.s.Document(ctx, sdk.DocumentRequest{Administration: r.adm, Invoice: id, Format: sdk.PDF})
			return fmt.Sprintf("%d KiB", len(d.Content)>>10), err
		}
	}
	return "", errors.New("no invoice has a document")
}

func (r *recorder) push(ctx context.Context) (string, error) {
	for _, id := range slices.Sorted(maps.Keys(r.books.Invoices)) {
		v := r.books.Invoices[id]
		if v.Kind != sdk.SalesInvoice || v.Open.Minor < 2 {
			continue
		}
		w := sdk.Write{Key: "recording-1", Administration: r.adm, Payment: &sdk.PaymentWrite{
			Invoice: id, Amount: money.Of(1, v.Open.Currency), ValueDate: date.Of(r.Now), Reference: "recording",
		}}
		o, err := r.s.Push(ctx, w)
		if err != nil || o.State != sdk.Applied {
			return "", fmt.Errorf("the payment of a cent is %s (%s): %w", o.State, o.Message, cmpErr(err))
		}
		r.begin(cassette.Find)
		o, err = r.s.Find(ctx, w)
		return string(o.State), err
	}
	return "", errors.New("no invoice has anything open")
}

func cmpErr(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

// administrationIn returns the administration as it is in the cassette: its id
// stays, unless it was somebody's number.
func (r *recorder) administrationIn(c *cassette.Cassette) string {
	if c.Administration != "" {
		return c.Administration
	}
	for _, e := range c.Exchanges {
		if strings.Contains(e.URL, r.adm) || strings.Contains(string(e.Answer), r.adm) {
			return r.adm
		}
	}
	return ""
}
