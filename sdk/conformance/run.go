package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Options of a run. Target and Open must be set.
type Options struct {
	Target Target
	Open   Opener
	// Invoices is how many are planted in books that can be changed, 120 when zero:
	// more than a page of most packages.
	Invoices int
	// Short tries fewer mutations.
	Short bool
	// Parallel is how many mutations are tried at once, 6 when zero.
	Parallel int
	// Only limits the run to scenarios of these names.
	Only map[string]bool
	// Done is told of each result, when set; calls do not overlap.
	Done func(Result)
	// Limit is how long one call may take, 45 s when zero.
	Limit time.Duration
}

// Run tries all scenarios that concern a connector. The error is about the run;
// what is wrong with the connector is in the report.
func Run(ctx context.Context, o Options) (*Report, error) {
	o.Invoices, o.Parallel, o.Limit = cmp.Or(o.Invoices, 120), cmp.Or(o.Parallel, 6), cmp.Or(o.Limit, 45*time.Second)
	m := o.Target.Manifest()
	r := &run{Options: o, m: m, report: &Report{Connector: m.Name, Version: m.Version, Kit: Kit, At: time.Now().UTC().Truncate(time.Second), Short: o.Short}}
	s, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close()
	r.report.On = s.play.On
	for _, sc := range scenarios {
		if !sc.concerns(m) || o.Only != nil && !o.Only[sc.name] {
			continue
		}
		if err := r.try(ctx, s, sc); err != nil {
			return nil, err
		}
	}
	if r.base != nil {
		r.matrix(ctx, s)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.report.finish()
	return r.report, nil
}

// run is a run under way.
type run struct {
	Options
	m      *manifest.Manifest
	report *Report

	// Of the first load that went well; later scenarios start from it.
	base  *Books
	load  []asked
	again []asked

	mu sync.Mutex // protects report.Results
}

// stage is a connection at a play.
type stage struct {
	r     *run
	play  *Play
	clock *Clock
	desk  *desk
	s     Session
	adm   string
	owns  bool // the play
	// renews says that the host can get another access token by itself.
	renews bool
}

// open opens a play with planted books and connects to it.
func (r *run) open(ctx context.Context) (*stage, error) {
	clock := &Clock{}
	p, err := r.Open(clock)
	if err != nil {
		return nil, fmt.Errorf("open the played package: %w", err)
	}
	if p.Books != nil {
		if err := p.Books.Begin(r.Invoices); err != nil {
			return nil, fmt.Errorf("plant the books: %w", err)
		}
	}
	clock.Pass(10 * time.Minute)
	s, err := r.connect(ctx, p, clock)
	if err != nil {
		return nil, err
	}
	s.owns = true
	return s, nil
}

// connect opens one more connection at a play.
func (r *run) connect(ctx context.Context, p *Play, clock *Clock) (*stage, error) {
	s := &stage{r: r, play: p, clock: clock, desk: newDesk(p, r.m), adm: p.Administration}
	access, err := p.Grant()
	if err != nil {
		return nil, fmt.Errorf("get access to the played package: %w", err)
	}
	s.renews = access.Refresh != ""
	if s.s, err = r.Target.Connect(ctx, access, s.desk); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return s, nil
}

func (s *stage) close() {
	s.s.Close()
	if s.owns && s.play.Close != nil {
		s.play.Close()
	}
}

// phase tells a recording what comes next.
func (s *stage) phase(name string) {
	if t, ok := s.desk.answer.(Tape); ok {
		t.Phase(name)
	}
}

// unanswered returns a request that a recording had no answer to.
func (s *stage) unanswered() (string, bool) {
	if t, ok := s.desk.answer.(Tape); ok {
		if list := t.Unanswered(); len(list) > 0 {
			return list[len(list)-1], true
		}
	}
	return "", false
}

// pull reads into books, for as long as a call may take.
func (s *stage) pull(ctx context.Context, b *Books, invoices ...string) error {
	ctx, cancel := context.WithTimeout(ctx, s.r.Limit)
	defer cancel()
	b.Sent, b.gone, b.ends, b.seen, b.cursor = 0, nil, false, map[string]bool{}, nil
	q := sdk.PullRequest{Administration: s.adm, Cursor: b.Cursor, Invoices: invoices}
	if len(invoices) > 0 {
		q.Cursor = nil
	}
	return s.s.Pull(ctx, q, b.Sink())
}

// books returns the books as a first load gives them.
func (s *stage) books(ctx context.Context) (*Books, error) {
	b := NewBooks()
	return b, s.pull(ctx, b)
}

// skip says why a scenario could not be tried.
type skip string

// Error says why.
func (s skip) Error() string { return string(s) }

// errAbsent says that a scenario turned out not to concern the connector.
var errAbsent = errors.New("it does not concern this connector")

// wrong is what a scenario found.
func wrong(format string, args ...any) error { return fmt.Errorf(format, args...) }

// broken is an error of the kit, not of the connector.
type broken struct{ error }

// scenario is a named check.
type scenario struct {
	area     Area
	name     string
	sentence string
	// needs is the capability without which it does not concern a connector.
	needs manifest.Capability
	reads manifest.Data
	// fresh scenarios change the books and get their own.
	fresh bool
	do    func(ctx context.Context, s *stage) (note string, err error)
}

func (sc scenario) concerns(m *manifest.Manifest) bool {
	if sc.needs != "" && !m.Has(sc.needs) {
		return false
	}
	pulls := sc.area == Reading || sc.area == Changes || sc.area == Manners && sc.needs == ""
	if pulls && !slices.ContainsFunc(m.Reads, func(d manifest.Data) bool {
		return d != manifest.DataAdministrations && d != manifest.DataCreditReports
	}) {
		return false // it has no records
	}
	for _, d := range m.Reads {
		if sc.reads == "" || sc.reads == d {
			return true
		}
	}
	return false
}

func (r *run) try(ctx context.Context, shared *stage, sc scenario) error {
	began := time.Now()
	res := Result{Area: sc.area, Name: sc.name, Sentence: sc.sentence, State: Passed}
	s := shared
	_, taped := shared.desk.answer.(Tape)
	switch {
	case taped && !sc.fresh: // an answer of its own, so that nothing is left over
		var err error
		if s, err = r.connect(ctx, shared.play, shared.clock); err != nil {
			return err
		}
		s.adm = cmp.Or(shared.adm, shared.play.Administration)
		defer func() { shared.adm = s.adm; s.close() }()
	case sc.fresh:
		if shared.play.Books == nil && shared.play.Outbox == nil && shared.play.Agency == nil {
			res.State, res.Note = Skipped, "The books that are played cannot be changed; name an emulator."
			r.add(res)
			return nil
		}
		var err error
		if s, err = r.open(ctx); err != nil {
			return err
		}
		defer s.close()
		s.adm = shared.adm
	}
	note, err := sc.do(ctx, s)
	res.Note, res.TookMS = note, time.Since(began).Milliseconds()
	var skipped skip
	var b broken
	switch {
	case err == nil:
	case errors.As(err, &b):
		return fmt.Errorf("%s: %w", sc.name, err)
	case errors.Is(err, errAbsent):
		return ctx.Err()
	case errors.As(err, &skipped):
		res.State, res.Note = Skipped, err.Error()
	default:
		res.State, res.Note = Failed, err.Error()
		if q, ok := s.unanswered(); ok {
			res.State, res.Note = Skipped, "The recording has no answer to "+q
		}
	}
	r.add(res)
	return ctx.Err()
}

func (r *run) add(x Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Results = append(r.report.Results, x)
	if r.Done != nil {
		r.Done(x)
	}
}
