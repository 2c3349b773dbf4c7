package budget

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk/manifest"
)

const (
	// largest is how many requests a process takes for background work at once at
	// most, and smallestPart the part of a window that it may be.
	largest      = 20
	smallestPart = 20
	// idle is how long a process keeps requests and slots that nobody asks for.
	idle = 2 * time.Second
	// lookAgain is how soon a process asks again that was told to wait: the package
	// may have said more since.
	lookAgain = 10 * time.Second
	// slotLife is how long a slot outlives a process that died.
	slotLife = time.Minute
	// patience of a statement that tells the ledger something.
	tellWithin = 3 * time.Second
)

// Shared is the budget of many processes over one Ledger. Background work takes a
// handful of requests in one statement and spends them here; what is urgent
// takes its own, and never waits for that.
type Shared struct {
	config Config
	ledger Ledger

	mu     sync.Mutex // protects what follows
	purses map[string]*purse
	halls  map[string]*hall
	known  map[string]known
	closed bool
	stop   chan struct{}
}

// NewShared returns a budget over a ledger. Close it, so that others get what it
// did not spend.
func NewShared(c Config, l Ledger) (*Shared, error) {
	if l == nil {
		return nil, errors.New("budget: a shared budget needs a Ledger")
	}
	c.Patience = cmp.Or(c.Patience, 6*time.Minute)
	c.Reserve = cmp.Or(c.Reserve, 20)
	c.Speed = cmp.Or(c.Speed, 1)
	return &Shared{config: c, ledger: l, purses: map[string]*purse{}, halls: map[string]*hall{}, known: map[string]known{}, stop: make(chan struct{})}, nil
}

// Close gives back what was taken and not spent.
func (s *Shared) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.stop)
	var purses []*purse
	for _, p := range s.purses {
		purses = append(purses, p)
	}
	var halls []*hall
	for _, h := range s.halls {
		halls = append(halls, h)
	}
	s.mu.Unlock()
	var errs []error
	for _, p := range purses {
		errs = append(errs, p.giveBack(ctx))
	}
	for _, h := range halls {
		errs = append(errs, h.empty(ctx))
	}
	return errors.Join(errs...)
}

// Acquire implements Budget.
func (s *Shared) Acquire(ctx context.Context, who Spender, limits []manifest.Limit, method, path string) (Permit, error) {
	p := &sharedPermit{budget: s, who: who}
	windows := []Window{{Key: blockKey(who)}}
	bulk := largest
	var keys []string
	var sizes []int
	for _, l := range limits {
		switch {
		case !l.Concerns(method, path):
		case l.Concurrent > 0:
			keys, sizes = append(keys, key(who, l.Scope, &l)), append(sizes, share(l.Concurrent, who.Priority, s.config.Reserve))
		default:
			windows = append(windows, Window{Key: key(who, l.Scope, &l), Size: l.Requests, Per: l.Per / time.Duration(s.config.Speed)})
			p.limits = append(p.limits, l)
			bulk = max(1, min(bulk, l.Requests/smallestPart))
		}
	}
	began := time.Now()
	purse := s.purse(windows, bulk)
	if err := purse.spend(ctx, who, began); err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		var err error
		if p.slot, p.hall, err = s.enter(ctx, who, keys, sizes, began); err != nil {
			purse.put(1)
			return nil, err
		}
	}
	return p, nil
}

func blockKey(who Spender) string { return key(who, manifest.PerConnection, nil) + "/wait" }

// share returns how much of a limit a priority may use.
func share(limit int, p Priority, reserve int) int {
	if p == Urgent || limit < 2 {
		return limit
	}
	return limit - max(1, limit*reserve/100)
}

// pause waits a while of a longer wait, or returns *sdk.RetryAfter when all of
// it would be too long.
func (s *Shared) pause(ctx context.Context, who Spender, began time.Time, wait, while time.Duration, wake <-chan struct{}) error {
	deadline, bounded := ctx.Deadline()
	if time.Since(began)+wait > s.config.Patience || bounded && time.Until(deadline) < wait {
		return Spent(who.Connector, wait)
	}
	t := time.NewTimer(min(wait, while))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wake:
	case <-t.C:
	}
	return nil
}

type sharedPermit struct {
	budget *Shared
	who    Spender
	limits []manifest.Limit
	slot   uuid.UUID
	hall   *hall
	once   sync.Once
}

// Done implements Permit.
func (p *sharedPermit) Done(status int, header http.Header) {
	p.once.Do(func() {
		s := p.budget
		if p.hall != nil {
			p.hall.leave(p.slot, p.who.Priority)
		}
		now := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
		defer cancel()
		if wait, ok := RetryAfter(status, header, now); ok {
			wait /= time.Duration(s.config.Speed)
			s.block(blockKey(p.who), now.Add(wait))
			_ = s.ledger.Block(ctx, blockKey(p.who), wait) // the next answer says it again
		}
		for i, t := range read(p.limits, header, now) {
			s.learn(ctx, key(p.who, p.limits[i].Scope, &p.limits[i]), p.limits[i], t)
		}
	})
}

// known is what this process last knew of a window.
type known struct {
	used  int
	size  int
	ends  time.Time
	wrote time.Time
}

// learnEvery is how often a process tells the ledger of requests that somebody
// else must have made.
const learnEvery = time.Second

// note remembers what the ledger said.
func (s *Shared) note(windows []Window, states []State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range windows {
		if w.Size > 0 && i < len(states) {
			k := s.known[w.Key]
			k.used, k.size, k.ends = states[i].Used, states[i].Size, time.Now().Add(states[i].Lasts)
			s.known[w.Key] = k
		}
	}
}

// learn tells the ledger what an answer says, when that is news.
func (s *Shared) learn(ctx context.Context, k string, l manifest.Limit, t told) {
	now := time.Now()
	per := l.Per / time.Duration(s.config.Speed)
	reset := min(t.reset/time.Duration(s.config.Speed), per)
	s.mu.Lock()
	w := s.known[k]
	size := cmp.Or(t.limit, w.size, l.Requests)
	used := size - t.remaining
	if reset == 0 && !w.ends.After(now) {
		used = 0 // it may speak of a window that is over
	}
	moved := reset > 0 && now.Add(reset).Sub(w.ends).Abs() > max(time.Second, per/20)
	news := size != w.size || moved || used > w.used && now.Sub(w.wrote) > learnEvery
	if news {
		w.size, w.used, w.wrote = size, max(used, w.used), now
		if reset > 0 {
			w.ends = now.Add(reset)
		}
		s.known[k] = w
	}
	s.mu.Unlock()
	if !news {
		return
	}
	state := State{Used: max(used, 0), Lasts: reset}
	if t.limit > 0 {
		state.Size = t.limit
	}
	_ = s.ledger.Learn(ctx, k, state) // the next answer says it again
}
